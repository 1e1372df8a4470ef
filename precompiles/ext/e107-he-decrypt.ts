/**
 * HE_DECRYPT: decryption. It runs only where the embedder allows secrets.
 *
 * Input: scheme (1 byte), then
 *   scheme 1, additive ElGamal on ristretto255: secret key (32, little-endian), ciphertext (64) and how many bits the
 *   value has at most (1: 8, 16 or 32); 98 bytes.
 *   schemes 2 and 3, BFV of degree 4096 and 8192: name of a registered secret key (32) and ciphertext (81922 or 393218).
 * Output: scheme 1, the value (32 bytes); schemes 2 and 3, all coefficients (4 bytes each, 16384 or 32768 together).
 * Failure when anything is not as above, the value has more bits, a key is unknown, or there is no library for BFV.
 * Gas: scheme 1, by bits 4000, 10000 or 2200000; schemes 2 and 3, 3000 and 12000, and 3 for each word of input and
 * output.
 * Source: ElGamal, IEEE IT-31 (1985); Shanks, 1971; Fan and Vercauteren, ePrint 2012/144.
 */

import { toBytes32 } from '../../src/primitives/bytes.ts';
import type { Precompile } from '../row.ts';
import { discreteLogarithm, openElement, readCiphertext, readSecretKey } from './lib/elgamal.ts';
import { movingGas, SCHEME } from './lib/he-schemes.ts';
import type { Bfv } from './lib/seal.ts';
import { BFV_PARAMETERS, COEFFICIENT_LENGTH } from './lib/seal-layout.ts';

const ELGAMAL_INPUT = 98;
const BITS_AT = 97;
/** Price by the bits of the largest value. No two of these numbers differ in one bit only. */
const ELGAMAL_GAS: Readonly<Record<number, number>> = { 8: 4_000, 16: 10_000, 32: 2_200_000 };
const BFV_GAS = { [SCHEME.bfv4096]: 3_000, [SCHEME.bfv8192]: 12_000 };

function decryptElGamal(input: Uint8Array): Uint8Array | null {
  const bits = input[BITS_AT];
  if (input.length !== ELGAMAL_INPUT || bits === undefined || ELGAMAL_GAS[bits] === undefined) return null;
  const secretKey = readSecretKey(input, 1);
  const ciphertext = readCiphertext(input, 33);
  if (secretKey === null || ciphertext === null) return null;
  const value = discreteLogarithm(openElement(ciphertext, secretKey), 2 ** bits - 1);
  return value === null ? null : toBytes32(BigInt(value));
}

function decryptBfv(bfv: Bfv | null, scheme: 2 | 3, input: Uint8Array): Uint8Array | null {
  if (bfv === null || input.length < 33) return null;
  return bfv.decrypt(scheme, input.subarray(1, 33), input.subarray(33));
}

/** HE_DECRYPT with a library for BFV, or with ElGamal alone. */
export const heDecryptWith = (bfv: Bfv | null): Precompile => ({
  address: 0xe107n,
  name: 'HE_DECRYPT',
  since: 'Frontier',
  opcode: 0xe6,
  secret: true,
  gas(input) {
    const scheme = input[0];
    if (scheme !== SCHEME.bfv4096 && scheme !== SCHEME.bfv8192) {
      const isElGamal = scheme === SCHEME.elGamal && input.length === ELGAMAL_INPUT;
      return (isElGamal ? ELGAMAL_GAS[input[BITS_AT]!] : undefined) ?? ELGAMAL_GAS[8]!;
    }
    return BFV_GAS[scheme] + movingGas(input.length, COEFFICIENT_LENGTH * BFV_PARAMETERS[scheme].degree);
  },
  run(input) {
    const scheme = input[0];
    if (scheme === SCHEME.elGamal) return decryptElGamal(input);
    return scheme === SCHEME.bfv4096 || scheme === SCHEME.bfv8192 ? decryptBfv(bfv, scheme, input) : null;
  },
});

export const heDecrypt: Precompile = heDecryptWith(null);
