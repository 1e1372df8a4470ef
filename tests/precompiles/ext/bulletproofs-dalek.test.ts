/** Both ways against the Rust library, compiled to WebAssembly by others, with their label. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  batch_range_proof,
  batch_verify_proof,
  initSync,
  range_proof,
  verify_proof,
} from '@aptos-labs/confidential-asset-wasm-bindings/range-proofs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bases } from '../../../precompiles/ext/lib/bulletproofs-format.ts';
import { PEDERSEN_BASES } from '../../../precompiles/ext/lib/bulletproofs-format.ts';
import { proveRange } from '../../../precompiles/ext/lib/bulletproofs-prove.ts';
import { verifyRangeProof } from '../../../precompiles/ext/lib/bulletproofs-verify.ts';
import { Transcript } from '../../../precompiles/ext/lib/merlin.ts';
import { encodePoint, encodeScalar, mulBase } from '../../../precompiles/ext/lib/ristretto.ts';
import { named, namedScalar, openingsOf } from './samples/commitments.ts';

const LABEL = 'AptosConfidentialAsset/BulletproofRangeProof';
const SIZES = [
  [8, 1],
  [16, 2],
  [32, 4],
  [64, 8],
  [64, 2],
] as const;
const OTHER_BASES: Bases = { value: mulBase(namedScalar('one')), blinding: mulBase(namedScalar('other')) };

const encoded = (bases: Bases): [Uint8Array, Uint8Array] => [
  encodePoint(bases.value),
  encodePoint(bases.blinding),
];

beforeAll(() => {
  const main = createRequire(import.meta.url).resolve(
    '@aptos-labs/confidential-asset-wasm-bindings/range-proofs',
  );
  initSync({ module: readFileSync(main.replace(/-(cjs|esm)\.js$/, '_bg.wasm')) });
});

describe.each([
  ['the bases of dalek', PEDERSEN_BASES],
  ['other bases', OTHER_BASES],
])('with %s', (_, bases) => {
  it.each([8, 16, 32, 64])('takes and gives proofs of one value of %i bits', (bits) => {
    const [opening] = openingsOf(bits, 1);
    const { value, blinding } = opening!;
    const theirs = range_proof(value, encodeScalar(blinding), ...encoded(bases), bits);
    expect(verifyRangeProof(new Transcript(LABEL), bits, [theirs.comm()], theirs.proof(), bases)).toBe(true);

    const ours = proveRange(new Transcript(LABEL), bits, [opening!], named('seed'), bases);
    expect(ours.commitments[0]).toEqual(theirs.comm());
    expect(verify_proof(ours.proof, ours.commitments[0]!, ...encoded(bases), bits)).toBe(true);

    const wrong = ours.proof.slice();
    wrong[ours.proof.length - 1]! ^= 1;
    expect(verify_proof(wrong, ours.commitments[0]!, ...encoded(bases), bits)).toBe(false);
    expect(verifyRangeProof(new Transcript(LABEL), bits, ours.commitments, wrong, bases)).toBe(false);
  });

  it.each(SIZES)('takes and gives proofs of %i bits for %i values', (bits, parties) => {
    const openings = openingsOf(bits, parties);
    const theirs = batch_range_proof(
      BigUint64Array.from(openings, ({ value }) => value),
      openings.map(({ blinding }) => encodeScalar(blinding)),
      ...encoded(bases),
      bits,
    );
    expect(verifyRangeProof(new Transcript(LABEL), bits, theirs.comms(), theirs.proof(), bases)).toBe(true);

    const ours = proveRange(new Transcript(LABEL), bits, openings, named('seed'), bases);
    expect(ours.commitments).toEqual(theirs.comms());
    expect(batch_verify_proof(ours.proof, [...ours.commitments], ...encoded(bases), bits)).toBe(true);
  });
});
