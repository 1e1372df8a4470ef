/**
 * `erbium/crypto-fast`: the cryptography of Ethereum's precompiles and signatures in WebAssembly, by the optional
 * package mcl-wasm, for hosts that check many signatures or pairings. noble stays the default: it needs no package, and
 * none of the 60 to 100 ms that a curve takes to load here. Answers and refusals are the same.
 *
 * What it brings, in times as fast as the default (`npm run bench:crypto`, Node 20, x64):
 *
 *   ecrecover                         3.5     BLS12-381 additions               2.2 to 3.5
 *   BN254 addition, multiplication    4, 2.8  BLS12-381 sums of products        2 to 2.3
 *   BN254 pairings                    4.1     BLS12-381 pairings                3.2
 *   P-256 verification                2.3     BLS12-381 maps to G1, G2          9.9, 7
 *   point evaluation (KZG)            2.7
 *
 * Of mcl there is the arithmetic of fields and points, Miller loops, final exponentiations and the maps. Checks of
 * subgroups, splitting and sums are those of the default (../curve, ../noble) over that arithmetic: its own check on
 * BN254's twist takes 3 times as long, its multiplication on BN254 1.6 times, and its multi-scalar multiplication makes
 * the memory grow under our feet. Only for up to a hundred products in G2 of BLS12-381 would it be faster, by 1.6.
 *
 * noble's own it leaves: signing, which must not tell its secret by the time it takes; and hashes, which are no slower.
 * tiny-secp256k1 was measured and left out: a recovery took 0.41 ms, against 0.28 ms here and 0.77 ms by default (on a
 * busy machine); it throws for what is no signature, and in a browser it needs a bundler that imports WebAssembly.
 */

import { type Crypto, nobleCrypto } from '../crypto.ts';
import { loadBls12 } from './bls12-381.ts';
import { loadBn254 } from './bn254.ts';
import { loadP256 } from './p256.ts';
import { loadSecp256k1 } from './secp256k1.ts';

/** A curve that can be fast; point evaluation comes with `bls12`. */
export type FastCurve = 'secp256k1' | 'p256' | 'bn254' | 'bls12';

const LOADERS: Readonly<Record<FastCurve, () => Promise<Partial<Crypto>>>> = {
  secp256k1: loadSecp256k1,
  p256: loadP256,
  bn254: loadBn254,
  bls12: loadBls12,
};

const FAST_CURVES = Object.keys(LOADERS) as FastCurve[];

/** What is loaded, once a process: each curve takes memory of its own, and has no state between operations. */
const loaded = new Map<FastCurve, Promise<Partial<Crypto>>>();

function load(curve: FastCurve): Promise<Partial<Crypto>> {
  const known = loaded.get(curve);
  if (known !== undefined) return known;
  const started = LOADERS[curve]().catch((error: unknown) => {
    loaded.delete(curve);
    throw error;
  });
  loaded.set(curve, started);
  return started;
}

/**
 * Cryptography for `createEvm({ crypto })` that is synchronous as the default is, with the same answers.
 * @param curves those to be fast, all without it; the others stay noble's
 * @throws ErbiumError MISSING_PACKAGE without mcl-wasm; INVALID_STATE for a build of it that is not fit
 */
export async function fastCrypto(curves: readonly FastCurve[] = FAST_CURVES): Promise<Crypto> {
  return Object.assign({ ...nobleCrypto }, ...(await Promise.all(curves.map(load))));
}
