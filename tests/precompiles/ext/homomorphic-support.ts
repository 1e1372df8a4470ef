/** What the tests of BFV share. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'vitest';
import type { BfvScheme } from '../../../precompiles/ext/homomorphic.ts';
import { bytesToHexDigits } from '../../../src/primitives/bytes.ts';
import { answer, type BfvSetup, decryptInput, encryptInput } from './samples/homomorphic.ts';

/** The modulus of plaintext coefficients. */
export const T = 65_537;
/** Bytes of a ciphertext. */
export const LENGTH: Readonly<Record<BfvScheme, number>> = { 2: 81_922, 3: 393_218 };

export const encrypted = (
  setup: BfvSetup,
  scheme: BfvScheme,
  coefficients: readonly number[],
  byte = 1,
): Uint8Array => answer(setup.encrypt, encryptInput(setup, scheme, coefficients, byte));

/** All coefficients of a ciphertext. */
export function decrypted(setup: BfvSetup, scheme: BfvScheme, ciphertext: Uint8Array): number[] {
  const output = answer(setup.decrypt, decryptInput(setup, scheme, ciphertext));
  const view = new DataView(output.buffer, output.byteOffset, output.length);
  return Array.from({ length: output.length / 4 }, (_, i) => view.getUint32(4 * i));
}

/** Compares megabytes; the comparison of expect takes seconds for them. */
export const expectSame = (bytes: Uint8Array, expected: Uint8Array): void =>
  expect(Buffer.compare(bytes, expected)).toBe(0);

export const hashOf = (bytes: Uint8Array): string => bytesToHexDigits(keccak_256(bytes));

/** A copy with other bytes at a place. */
export function changed(input: Uint8Array, at: number, ...bytes: readonly number[]): Uint8Array {
  const copy = input.slice();
  copy.set(bytes, at);
  return copy;
}
