/**
 * HE_ENCRYPT: encryption whose ciphertexts can be computed with, deterministic from a seed.
 *
 * Input: scheme (1 byte), seed (32), then
 *   scheme 1, additive ElGamal on ristretto255: public key (32) and value (8, big-endian); 73 bytes.
 *   schemes 2 and 3, BFV of degree 4096 and 8192: name of a registered public key (32), a count (2, at most the
 *   degree) and as many coefficients (4 bytes each, below 65537); coefficients that are not given are zero.
 * Output: the ciphertext, 64, 81922 or 393218 bytes; failure when anything is not as above, a key is unknown, or
 * there is no library for BFV.
 * Gas: by scheme 8000, 10000 or 40000, with BFV 3 more for each word of input and output.
 * Source: ElGamal, IEEE IT-31 (1985), in the exponent; Fan and Vercauteren, ePrint 2012/144; RFC 9496.
 */

import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import type { Precompile } from '../row.ts';
import { encodeCiphertext, encrypt, readPublicKey } from './lib/elgamal.ts';
import { movingGas, SCHEME } from './lib/he-schemes.ts';
import type { Bfv } from './lib/seal.ts';
import { BFV_PARAMETERS, encodedLength, KIND } from './lib/seal-layout.ts';

const ELGAMAL_INPUT = 73;
const ELGAMAL_GAS = 8_000;
const BFV_GAS = { [SCHEME.bfv4096]: 10_000, [SCHEME.bfv8192]: 40_000 };
const BFV_PLAINTEXT = 65;

function encryptElGamal(input: Uint8Array): Uint8Array | null {
  if (input.length !== ELGAMAL_INPUT) return null;
  const key = readPublicKey(input, 33);
  if (key === null) return null;
  return encodeCiphertext(encrypt(key, bytesToBigInt(input.subarray(65)), input));
}

function encryptBfv(bfv: Bfv | null, scheme: 2 | 3, input: Uint8Array): Uint8Array | null {
  if (bfv === null || input.length < BFV_PLAINTEXT) return null;
  return bfv.encrypt(scheme, input.subarray(33, 65), input.subarray(BFV_PLAINTEXT), input);
}

/** HE_ENCRYPT with a library for BFV, or with ElGamal alone. */
export const heEncryptWith = (bfv: Bfv | null): Precompile => ({
  address: 0xe103n,
  name: 'HE_ENCRYPT',
  since: 'Frontier',
  opcode: 0xe5,
  gas(input) {
    const scheme = input[0];
    if (scheme !== SCHEME.bfv4096 && scheme !== SCHEME.bfv8192) return ELGAMAL_GAS;
    const output = encodedLength(KIND.ciphertext, BFV_PARAMETERS[scheme]);
    return BFV_GAS[scheme] + movingGas(input.length, output);
  },
  run(input) {
    const scheme = input[0];
    if (scheme === SCHEME.elGamal) return encryptElGamal(input);
    return scheme === SCHEME.bfv4096 || scheme === SCHEME.bfv8192 ? encryptBfv(bfv, scheme, input) : null;
  },
});

export const heEncrypt: Precompile = heEncryptWith(null);
