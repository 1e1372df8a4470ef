/**
 * HE_COMPUTE: arithmetic with what ciphertexts hold, without any secret.
 *
 * Input: scheme (1 byte), operation (1), then
 *   scheme 1, additive ElGamal on ristretto255, values modulo the order of the group:
 *     1 add, 2 subtract: two ciphertexts (64 each);
 *     3 add a number, 4 multiply by a number: ciphertext (64) and number (8, big-endian);
 *     6 re-randomise: seed (32), public key (32), ciphertext (64).
 *   schemes 2 and 3, BFV of degree 4096 and 8192, polynomials modulo x^degree + 1 and 65537:
 *     1 add, 2 subtract: two ciphertexts (81922 or 393218 each);
 *     3 add a plaintext, 4 multiply by a plaintext: ciphertext, count (2) and coefficients (4 each), as in HE_ENCRYPT;
 *     5 multiply and relinearise: name of registered relinearisation keys (32) and two ciphertexts.
 * Output: a ciphertext, 64, 81922 or 393218 bytes; failure when anything is not as above, keys are unknown, or there
 * is no library for BFV.
 * Gas: by scheme and operation, see the page; with BFV 3 more for each word of input and output.
 * Source: as HE_ENCRYPT; relinearisation by hybrid key switching, as in Microsoft SEAL 4.1.
 */

import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import type { Precompile } from '../row.ts';
import {
  addCiphertexts,
  addNumber,
  ELGAMAL_LENGTH,
  type ElGamalCiphertext,
  encodeCiphertext,
  encrypt,
  multiplyByNumber,
  readCiphertext,
  readPublicKey,
  subtractCiphertexts,
} from './lib/elgamal.ts';
import { movingGas, OPERATION, SCHEME } from './lib/he-schemes.ts';
import type { Bfv } from './lib/seal.ts';
import { BFV_PARAMETERS, encodedLength, KIND } from './lib/seal-layout.ts';

const ELGAMAL_GAS: Readonly<Record<number, number>> = {
  [OPERATION.add]: 2_000,
  [OPERATION.subtract]: 2_000,
  [OPERATION.addPlain]: 2_000,
  [OPERATION.multiplyPlain]: 3_000,
  [OPERATION.rerandomise]: 8_000,
};
const BFV_GAS: Readonly<Record<2 | 3, Readonly<Record<number, number>>>> = {
  [SCHEME.bfv4096]: {
    [OPERATION.add]: 1_000,
    [OPERATION.subtract]: 1_000,
    [OPERATION.addPlain]: 1_000,
    [OPERATION.multiplyPlain]: 4_000,
    [OPERATION.multiply]: 35_000,
  },
  [SCHEME.bfv8192]: {
    [OPERATION.add]: 4_000,
    [OPERATION.subtract]: 4_000,
    [OPERATION.addPlain]: 4_000,
    [OPERATION.multiplyPlain]: 16_000,
    [OPERATION.multiply]: 140_000,
  },
};
const OPERANDS_AT = 2;
const NUMBER_LENGTH = 8;

function computeElGamal(input: Uint8Array): Uint8Array | null {
  const result = elGamalResult(input);
  return result === null ? null : encodeCiphertext(result);
}

function elGamalResult(input: Uint8Array): ElGamalCiphertext | null {
  const operation = input[1];
  const length = input.length - OPERANDS_AT;
  switch (operation) {
    case OPERATION.add:
    case OPERATION.subtract: {
      if (length !== 2 * ELGAMAL_LENGTH) return null;
      const a = readCiphertext(input, OPERANDS_AT);
      const b = a === null ? null : readCiphertext(input, OPERANDS_AT + ELGAMAL_LENGTH);
      if (a === null || b === null) return null;
      return operation === OPERATION.add ? addCiphertexts(a, b) : subtractCiphertexts(a, b);
    }
    case OPERATION.addPlain:
    case OPERATION.multiplyPlain: {
      if (length !== ELGAMAL_LENGTH + NUMBER_LENGTH) return null;
      const a = readCiphertext(input, OPERANDS_AT);
      if (a === null) return null;
      const number = bytesToBigInt(input.subarray(OPERANDS_AT + ELGAMAL_LENGTH));
      return operation === OPERATION.addPlain ? addNumber(a, number) : multiplyByNumber(a, number);
    }
    case OPERATION.rerandomise: {
      if (length !== 32 + 32 + ELGAMAL_LENGTH) return null;
      const key = readPublicKey(input, OPERANDS_AT + 32);
      const a = key === null ? null : readCiphertext(input, OPERANDS_AT + 64);
      return key === null || a === null ? null : addCiphertexts(a, encrypt(key, 0n, input));
    }
    default:
      return null;
  }
}

function computeBfv(bfv: Bfv | null, scheme: 2 | 3, input: Uint8Array): Uint8Array | null {
  const operation = input[1];
  if (bfv === null || operation === undefined) return null;
  const length = encodedLength(KIND.ciphertext, BFV_PARAMETERS[scheme]);
  const first = operation === OPERATION.multiply ? OPERANDS_AT + 32 : OPERANDS_AT;
  const a = input.subarray(first, first + length);
  const b = input.subarray(first + length);
  return operation === OPERATION.multiply
    ? bfv.multiply(scheme, input.subarray(OPERANDS_AT, first), a, b)
    : bfv.compute(scheme, operation, a, b);
}

/** HE_COMPUTE with a library for BFV, or with ElGamal alone. */
export const heComputeWith = (bfv: Bfv | null): Precompile => ({
  address: 0xe108n,
  name: 'HE_COMPUTE',
  since: 'Frontier',
  opcode: 0xe7,
  gas(input) {
    const scheme = input[0];
    const operation = input[1] ?? 0;
    if (scheme !== SCHEME.bfv4096 && scheme !== SCHEME.bfv8192) {
      return (scheme === SCHEME.elGamal ? ELGAMAL_GAS[operation] : undefined) ?? ELGAMAL_GAS[OPERATION.add]!;
    }
    const output = encodedLength(KIND.ciphertext, BFV_PARAMETERS[scheme]);
    const prices = BFV_GAS[scheme];
    return (prices[operation] ?? prices[OPERATION.add]!) + movingGas(input.length, output);
  },
  run(input) {
    const scheme = input[0];
    if (scheme === SCHEME.elGamal) return computeElGamal(input);
    return scheme === SCHEME.bfv4096 || scheme === SCHEME.bfv8192 ? computeBfv(bfv, scheme, input) : null;
  },
});

export const heCompute: Precompile = heComputeWith(null);
