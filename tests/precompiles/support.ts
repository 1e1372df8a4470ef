/** Builders of precompile input, and the rules that the tests run under. */

import { expect } from 'vitest';
import { fastCrypto } from '../../precompiles/fast/index.ts';
import { nobleCrypto, type Precompile, precompilesOf } from '../../precompiles/index.ts';
import { type Rules, rulesOf } from '../../src/forks/rules.ts';
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes } from '../../src/primitives/bytes.ts';

export const OSAKA: Rules = rulesOf('Osaka');

/** The precompile at an address in the newest fork that has all of them. */
export function precompileAt(address: bigint, rules: Rules = OSAKA): Precompile {
  const found = precompilesOf(rules).get(address);
  if (found === undefined) throw new Error(`no precompile at ${address} in ${rules.fork}`);
  return found;
}

export const runAt = (address: bigint, input: Uint8Array, rules: Rules = OSAKA): Uint8Array | null =>
  precompileAt(address, rules).run(input, nobleCrypto, rules);

const fast = await fastCrypto();

/** Output in hex, 'failure' for null: the same with either cryptography. */
export function outcome(address: bigint, input: Uint8Array | string, rules: Rules = OSAKA): string {
  const bytes = typeof input === 'string' ? hexToBytes(input) : input;
  const output = runAt(address, bytes, rules);
  expect(precompileAt(address, rules).run(bytes, fast, rules)).toEqual(output);
  return output === null ? 'failure' : bytesToHex(output);
}

/** Big-endian bytes of a fixed length. */
export const be = (value: bigint | number, length = 32): Uint8Array =>
  length === 0 ? EMPTY_BYTES : hexToBytes(value.toString(16).padStart(2 * length, '0'));

/** A field element of EIP-2537. */
export const fp = (value: bigint): Uint8Array => be(value, 64);

export const join = (...parts: readonly Uint8Array[]): Uint8Array => concatBytes(...parts);

/** Input of MODEXP with true lengths. */
export const modexpInput = (base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array =>
  join(be(base.length), be(exponent.length), be(modulus.length), base, exponent, modulus);

export const TRUE = `0x${'00'.repeat(31)}01`;
export const FALSE = `0x${'00'.repeat(32)}`;
