/**
 * MODEXP (EIP-198): power of a number modulo another.
 *
 * Input: lengths of base, exponent and modulus (32 bytes each), then base, exponent and modulus; padded with
 * zeros, what follows is ignored.
 * Output: the power, as long as the modulus; all zeros for the modulus 0.
 * Gas: by lengths and exponent, in the formula of EIP-198, EIP-2565 or EIP-7883. From EIP-7823 on, a length
 * above 1024 is a failure.
 */

import type { Rules } from '../src/forks/rules.ts';
import { bytesToBigInt, EMPTY_BYTES, hexToBytes, toMinimalBytes } from '../src/primitives/bytes.ts';
import { readPadded, wordAt } from './encoding.ts';
import { powerModulo } from './power-modulo.ts';
import type { Precompile } from './row.ts';

const HEADER_LENGTH = 96;

/** Lengths up to this keep the price an exact number all the way through. */
const MAX_SMALL_LENGTH = 4096n;

/** Longest modulus that can run, and most zeros read behind the end of the input; no block pays for more. */
const MAX_RUNNABLE_LENGTH = 1n << 26n;

function bitLength(word: bigint): number {
  return word === 0n ? 0 : word.toString(2).length;
}

/** The first 32 bytes of the exponent, or all of it when it is shorter, as a number. */
function exponentHead(input: Uint8Array, baseLength: bigint, exponentLength: bigint): bigint {
  if (BigInt(input.length - HEADER_LENGTH) <= baseLength) return 0n;
  const length = exponentLength < 32n ? Number(exponentLength) : 32;
  return bytesToBigInt(readPadded(input, HEADER_LENGTH + Number(baseLength), length));
}

/** Price of one multiplication for operands of a length in bytes. */
function multiplicationGas(length: number, pricing: Rules['modexpPricing']): number {
  const words = Math.ceil(length / 8);
  switch (pricing) {
    case 'quadratic':
      if (length <= 64) return length * length;
      if (length <= 1024) return Math.floor((length * length) / 4) + 96 * length - 3_072;
      return Math.floor((length * length) / 16) + 480 * length - 199_680;
    case 'words':
      return words * words;
    case 'doubled':
      return length <= 32 ? 16 : 2 * words * words;
  }
}

function multiplicationGasOfLarge(length: bigint, pricing: Rules['modexpPricing']): bigint {
  if (pricing === 'quadratic') return (length * length) / 16n + 480n * length - 199_680n;
  const words = (length + 7n) / 8n;
  return pricing === 'words' ? words * words : 2n * words * words;
}

const DIVISOR: Readonly<Record<Rules['modexpPricing'], number>> = { quadratic: 20, words: 3, doubled: 1 };

function gas(input: Uint8Array, rules: Rules): number {
  const baseLength = wordAt(input, 0);
  const exponentLength = wordAt(input, 32);
  const modulusLength = wordAt(input, 64);
  let longest = baseLength;
  if (modulusLength > longest) longest = modulusLength;
  const { modexpPricing: pricing, modexpMaxLength: limit } = rules;
  // Fails in any case; the price must only be one that a failure can burn.
  if (longest > limit || exponentLength > limit) return rules.modexpMinGas;

  const head = exponentHead(input, baseLength, exponentLength);
  const headBits = Math.max(bitLength(head) - 1, 0);
  const bitsPerByte = pricing === 'doubled' ? 16 : 8;
  if (longest <= MAX_SMALL_LENGTH && exponentLength <= MAX_SMALL_LENGTH) {
    const tail = exponentLength > 32n ? bitsPerByte * (Number(exponentLength) - 32) : 0;
    const product = multiplicationGas(Number(longest), pricing) * Math.max(tail + headBits, 1);
    return Math.max(Math.floor(product / DIVISOR[pricing]), rules.modexpMinGas);
  }
  const tail = exponentLength > 32n ? BigInt(bitsPerByte) * (exponentLength - 32n) : 0n;
  const iterations = tail + BigInt(headBits);
  const each =
    longest <= MAX_SMALL_LENGTH
      ? BigInt(multiplicationGas(Number(longest), pricing))
      : multiplicationGasOfLarge(longest, pricing);
  const product = (each * (iterations > 1n ? iterations : 1n)) / BigInt(DIVISOR[pricing]);
  return Math.max(Number(product), rules.modexpMinGas);
}

/** The part of an operand that lies inside of the input; the rest of it is zeros. */
function present(input: Uint8Array, start: bigint, length: bigint): Uint8Array {
  if (start >= BigInt(input.length)) return EMPTY_BYTES;
  const end = start + length;
  return input.subarray(Number(start), end < BigInt(input.length) ? Number(end) : input.length);
}

function run(input: Uint8Array, rules: Rules): Uint8Array | null {
  const baseLength = wordAt(input, 0);
  const exponentLength = wordAt(input, 32);
  const modulusLength = wordAt(input, 64);
  const limit = rules.modexpMaxLength;
  if (baseLength > limit || exponentLength > limit || modulusLength > limit) return null;
  if (modulusLength === 0n) return EMPTY_BYTES;
  if (modulusLength > MAX_RUNNABLE_LENGTH) return null;

  const baseStart = BigInt(HEADER_LENGTH);
  const exponentStart = baseStart + baseLength;
  const base = present(input, baseStart, baseLength);
  const exponent = present(input, exponentStart, exponentLength);
  const modulus = present(input, exponentStart + exponentLength, modulusLength);
  const length = Number(modulusLength);
  const m = bytesToBigInt(modulus) << BigInt(8 * (length - modulus.length));
  if (m === 0n) return new Uint8Array(length);

  // Zeros behind the input are never laid out in memory: their number is the caller's to choose.
  const baseZeros = baseLength - BigInt(base.length);
  let value = bytesToBigInt(base) % m;
  if (baseZeros > 0n && value !== 0n) {
    value = (value * powerModulo(256n, toMinimalBytes(baseZeros), m)) % m;
  }
  value = powerModulo(value, exponent, m);
  const exponentZeros = exponentLength - BigInt(exponent.length);
  // A power of 1 (to the exponent 0, too) stays 1.
  if (exponentZeros > 0n && value > 1n) {
    if (exponentZeros > MAX_RUNNABLE_LENGTH) return null;
    for (let bits = 8 * Number(exponentZeros); bits > 0 && value > 1n; bits--) value = (value * value) % m;
  }
  return hexToBytes(value.toString(16).padStart(2 * length, '0'));
}

export const modexp: Precompile = {
  address: 0x05n,
  name: 'MODEXP',
  since: 'Byzantium',
  gas,
  run: (input, _crypto, rules) => run(input, rules),
};
