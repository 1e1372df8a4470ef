import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToBigInt, bytesToHexDigits } from '../../src/primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccak256, keccakWord } from '../../src/primitives/keccak.ts';

const hex = bytesToHexDigits;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('known hashes', () => {
  for (const [text, hash] of [
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    ['testing', '5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02'],
    [
      'The quick brown fox jumps over the lazy dog',
      '4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15',
    ],
    ['transfer(address,uint256)', 'a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b'],
  ] as const) {
    test(JSON.stringify(text), () => expect(hex(keccak256(ascii(text)))).toBe(hash));
  }

  test('the code hash of an account without code', () => {
    expect(EMPTY_CODE_HASH).toBe(0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n);
  });
});

test('every length from 0 to 600 agrees with @noble/hashes', () => {
  for (let length = 0; length <= 600; length++) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 31 + length * 17) & 255);
    expect(hex(keccak256(data)), `${length} bytes`).toBe(hex(keccak_256(data)));
  }
});

test('extreme bytes at block borders', () => {
  for (const fill of [0x00, 0x01, 0x80, 0xff]) {
    for (const length of [1, 7, 8, 9, 127, 128, 134, 135, 136, 137, 143, 271, 272, 273, 4096, 100_001]) {
      const data = new Uint8Array(length).fill(fill);
      expect(hex(keccak256(data)), `${length} bytes of ${fill}`).toBe(hex(keccak_256(data)));
    }
  }
});

test('random bytes agree with @noble/hashes, as bytes and as a word', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600, size: 'max' }), (data) => {
      const expected = keccak_256(data);
      expect(hex(keccak256(data))).toBe(hex(expected));
      expect(keccakWord(data)).toBe(bytesToBigInt(expected));
    }),
    { numRuns: 1000 },
  );
});

test('a range of the data', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400, size: 'max' }), fc.nat(400), fc.nat(400), (data, a, b) => {
      const start = Math.min(a, b, data.length);
      const end = Math.min(Math.max(a, b), data.length);
      const expected = keccak_256(data.slice(start, end));
      expect(hex(keccak256(data, start, end))).toBe(hex(expected));
      expect(hex(keccak256(data.subarray(start, end)))).toBe(hex(expected));
      expect(keccakWord(data, start, end)).toBe(bytesToBigInt(expected));
    }),
    { numRuns: 500 },
  );
});

test('a result is a fresh array, and the input stays as it was', () => {
  const data = Uint8Array.of(1, 2, 3);
  const first = keccak256(data);
  const copy = first.slice();
  keccak256(Uint8Array.of(4));
  keccakWord(Uint8Array.of(5));
  expect(first).toEqual(copy);
  expect(data).toEqual(Uint8Array.of(1, 2, 3));
});

test('hashes of hashes', () => {
  let ours: Uint8Array = new Uint8Array(0);
  let theirs: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < 1000; i++) {
    ours = keccak256(ours);
    theirs = keccak_256(theirs);
  }
  expect(hex(ours)).toBe(hex(theirs));
});
