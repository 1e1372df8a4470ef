/** POSEIDON against another implementation and by its limits. */

import fc from 'fast-check';
import * as other from 'poseidon-lite';
import { describe, expect, it } from 'vitest';
import { poseidonHash } from '../../../precompiles/ext/e111-poseidon.ts';
import { BN254_ORDER, poseidonConstants } from '../../../precompiles/ext/lib/poseidon-constants.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { OSAKA } from '../support.ts';
import { poseidonInput } from './samples/research.ts';

const run = (input: Uint8Array): Uint8Array | null => poseidonHash.run(input, nobleCrypto, OSAKA);
const words = (...numbers: readonly bigint[]): Uint8Array => concatBytes(...numbers.map(toBytes32));

function hashOf(...numbers: readonly bigint[]): bigint {
  const output = run(words(...numbers));
  expect(output).toHaveLength(32);
  return bytesToBigInt(output!);
}

type Hash = (inputs: bigint[]) => bigint;
const otherHashes: readonly Hash[] = [
  other.poseidon1,
  other.poseidon2,
  other.poseidon3,
  other.poseidon4,
  other.poseidon5,
  other.poseidon6,
  other.poseidon7,
  other.poseidon8,
  other.poseidon9,
  other.poseidon10,
  other.poseidon11,
  other.poseidon12,
  other.poseidon13,
  other.poseidon14,
  other.poseidon15,
  other.poseidon16,
];
const counts = otherHashes.map((_, i) => i + 1);

describe('the hash', () => {
  it('of 1 and 2 is the one that circomlib tests for', () => {
    expect(hashOf(1n, 2n)).toBe(
      7853200120776062878684798364095072458815029376092732009249414926327459813530n,
    );
  });

  it.each(counts)('of %d numbers is that of poseidon-lite', (count) => {
    const element = fc.bigInt({ min: 0n, max: BN254_ORDER - 1n });
    fc.assert(
      fc.property(fc.array(element, { minLength: count, maxLength: count }), (numbers) => {
        expect(hashOf(...numbers)).toBe(otherHashes[count - 1]!(numbers));
      }),
      { numRuns: 30 },
    );
  });

  it.each(counts)('of %d equal numbers at the limits is that of poseidon-lite', (count) => {
    for (const number of [0n, 1n, BN254_ORDER - 1n]) {
      const numbers = new Array<bigint>(count).fill(number);
      expect(hashOf(...numbers)).toBe(otherHashes[count - 1]!(numbers));
    }
  });

  it('depends on the number of inputs, not only on their digits', () => {
    expect(hashOf(1n)).not.toBe(hashOf(1n, 0n));
    expect(hashOf(1n, 2n)).not.toBe(hashOf(2n, 1n));
  });

  it('is below the order and fresh, and leaves the input alone', () => {
    const memory = new Uint8Array(160).fill(0xa5);
    memory.set(poseidonInput(3), 32);
    const before = memory.slice();
    const view = memory.subarray(32, 128);
    const output = run(view)!;
    expect(bytesToBigInt(output) < BN254_ORDER).toBe(true);
    expect(output.buffer).not.toBe(memory.buffer);
    expect(memory).toEqual(before);
    output.fill(0);
    expect(run(view)).not.toEqual(output);
  });
});

describe('the constants', () => {
  // A generator written as the paper words it, bit by bit.
  function* grain(width: number, partialRounds: number): Generator<number> {
    const bits = [
      [1, 2],
      [0, 4],
      [254, 12],
      [width, 12],
      [8, 10],
      [partialRounds, 10],
      [2 ** 30 - 1, 30],
    ].flatMap(([value, length]) => [...value!.toString(2).padStart(length!, '0')].map(Number));
    const next = (): number => {
      const bit = bits[62]! ^ bits[51]! ^ bits[38]! ^ bits[23]! ^ bits[13]! ^ bits[0]!;
      bits.push(bit);
      bits.shift();
      return bit;
    };
    for (let i = 0; i < 160; i++) next();
    for (;;) {
      const keep = next();
      const bit = next();
      if (keep === 1) yield bit;
    }
  }

  it.each([2, 3, 9, 17])('of width %d are those of the paper', (width) => {
    const { partialRounds, round, matrix } = poseidonConstants(width);
    const bits = grain(width, partialRounds);
    const number = (): bigint => {
      let value = 0n;
      for (let i = 0; i < 254; i++) value = 2n * value + BigInt(bits.next().value as number);
      return value;
    };
    const element = (): bigint => {
      const value = number();
      return value < BN254_ORDER ? value : element();
    };
    expect(round).toHaveLength(width * (8 + partialRounds));
    for (const constant of round) expect(constant).toBe(element());
    const numbers = Array.from({ length: 2 * width }, number);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        const product = matrix[i * width + j]! * (numbers[i]! + numbers[width + j]!);
        expect(product % BN254_ORDER).toBe(1n);
      }
    }
  });
});

describe('it refuses', () => {
  const valid = poseidonInput(16);

  it.each([0, 1, 31, 33, 63, 65, 511])('%d bytes', (length) => {
    expect(run(valid.subarray(0, length))).toBeNull();
  });

  it('more than 16 numbers', () => {
    expect(run(valid)).not.toBeNull();
    expect(run(concatBytes(valid, new Uint8Array(1)))).toBeNull();
    expect(run(concatBytes(valid, new Uint8Array(32)))).toBeNull();
    expect(run(new Uint8Array(1 << 20))).toBeNull();
  });

  it.each([0, 1, 2])('a number not below the order at place %d', (place) => {
    for (const number of [BN254_ORDER, BN254_ORDER + 1n, 2n ** 256n - 1n]) {
      const numbers = [1n, 2n, 3n];
      numbers[place] = number;
      expect(run(words(...numbers))).toBeNull();
    }
  });
});

describe('the price', () => {
  const price = (length: number): number => poseidonHash.gas(new Uint8Array(length), OSAKA);

  it.each(counts)('of %d numbers is 500 + 15 t^2', (count) => {
    expect(price(32 * count)).toBe(500 + 15 * (count + 1) ** 2);
  });

  it('of other lengths is that of the nearest valid one', () => {
    expect(price(0)).toBe(560);
    expect(price(33)).toBe(635);
    expect(price(513)).toBe(4_835);
    expect(price(1 << 20)).toBe(4_835);
  });
});
