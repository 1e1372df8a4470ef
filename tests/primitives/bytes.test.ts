import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as b from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';

const WORD_MAX = 2n ** 256n - 1n;
const word = fc.oneof(
  fc.bigInt({ min: 0n, max: WORD_MAX }),
  fc.integer({ min: 0, max: 256 }).map((k) => 2n ** BigInt(k) - 1n),
  fc.integer({ min: 0, max: 255 }).map((k) => 2n ** BigInt(k)),
);

function failure(text: string, place?: string): ErbiumError {
  try {
    b.hexToBytes(text, place);
  } catch (error) {
    expect(error).toBeInstanceOf(ErbiumError);
    return error as ErbiumError;
  }
  throw new Error(`${text} was accepted`);
}

describe('hex', () => {
  test('with and without a prefix, in both cases', () => {
    const expected = Uint8Array.of(0, 1, 0xab, 0xff);
    for (const text of ['0x0001abff', '0001abff', '0X0001ABFF', '0001AbFf']) {
      expect(b.hexToBytes(text)).toEqual(expected);
    }
    for (const text of ['', '0x']) expect(b.hexToBytes(text)).toEqual(new Uint8Array(0));
    expect(b.bytesToHex(expected)).toBe('0x0001abff');
    expect(b.bytesToHexDigits(expected)).toBe('0001abff');
    expect(b.bytesToHex(new Uint8Array(0))).toBe('0x');
  });

  test('of many bytes are a text that is made in pieces', () => {
    for (const size of [4_095, 4_096, 4_097, 8_192, 100_001]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 8));
      expect(b.bytesToHexDigits(bytes)).toBe(Buffer.from(bytes).toString('hex'));
    }
  });

  test('agrees with Buffer and comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const hex = b.bytesToHex(bytes);
        expect(hex).toBe(`0x${Buffer.from(bytes).toString('hex')}`);
        expect(b.hexToBytes(hex)).toEqual(bytes);
        expect(b.hexToBytes(hex.slice(2).toUpperCase())).toEqual(bytes);
      }),
    );
  });

  test('an odd number of digits is an error that names the place', () => {
    expect(failure('0xabc', 'code of 0x12').code).toBe('INVALID_HEX');
    expect(failure('0xabc', 'code of 0x12').message).toBe(
      'code of 0x12: hex string has an odd number of digits (3)',
    );
    expect(failure('0').message).toMatch(/^value: /);
  });

  test('every character that is not a digit is an error that names its position', () => {
    for (let charCode = 0; charCode < 0x400; charCode++) {
      const character = String.fromCharCode(charCode);
      if (/[0-9a-fA-F]/.test(character)) continue;
      expect(failure(`0x00${character}0`).message).toMatch(/at position 4 is not a hex digit$/);
      expect(failure(`000${character}`).code).toBe('INVALID_HEX');
    }
    expect(failure('0x0x').code).toBe('INVALID_HEX');
    expect(failure('00 1').message).toContain('" " at position 2');
  });

  test('quantities and words', () => {
    expect(b.toQuantity(0n)).toBe('0x0');
    expect(b.toQuantity(1024)).toBe('0x400');
    expect(b.toHex32(0n)).toBe(`0x${'0'.repeat(64)}`);
    expect(b.toHex32(WORD_MAX)).toBe(`0x${'f'.repeat(64)}`);
  });
});

describe('numbers', () => {
  test('bytes of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70, size: 'max' }), (bytes) => {
        let expected = 0n;
        for (const byte of bytes) expected = expected * 256n + BigInt(byte);
        expect(b.bytesToBigInt(bytes)).toBe(expected);
        // A part of a larger buffer must not read its neighbours.
        const outer = new Uint8Array(bytes.length + 20).fill(0xee);
        outer.set(bytes, 10);
        expect(b.bytesToBigInt(outer.subarray(10, 10 + bytes.length))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
    for (let length = 0; length <= 40; length++) {
      expect(b.bytesToBigInt(new Uint8Array(length).fill(255))).toBe(2n ** BigInt(8 * length) - 1n);
    }
  });

  test('words to 32, 20 and the fewest bytes, and back', () => {
    fc.assert(
      fc.property(word, (value) => {
        const digits = value.toString(16).padStart(64, '0');
        expect(b.bytesToHexDigits(b.toBytes32(value))).toBe(digits);
        expect(b.bytesToHexDigits(b.toBytes20(value))).toBe(digits.slice(24));
        expect(b.bytesToBigInt(b.toBytes32(value))).toBe(value);
        const minimal = b.toMinimalBytes(value);
        expect(minimal[0]).not.toBe(0);
        expect(b.bytesToBigInt(minimal)).toBe(value);
      }),
      { numRuns: 1000 },
    );
    expect(b.toMinimalBytes(0n)).toHaveLength(0);
    expect(b.toMinimalBytes(0x100n)).toEqual(Uint8Array.of(1, 0));
    expect(b.toMinimalBytes(2n ** 300n)).toHaveLength(38);
  });

  test('words at an offset, over what was there before', () => {
    fc.assert(
      fc.property(word, fc.nat(40), (value, offset) => {
        const bytes = new Uint8Array(80).fill(0xcc);
        const view = new DataView(bytes.buffer, 4);
        b.writeWord(view, offset, value);
        expect(b.readWord(view, offset)).toBe(value);
        expect(b.wordAt(bytes, 4 + offset)).toBe(value);
        expect(bytes.subarray(4 + offset, 36 + offset)).toEqual(b.toBytes32(value));
        expect(bytes.subarray(0, 4 + offset).every((byte) => byte === 0xcc)).toBe(true);
        expect(bytes.subarray(36 + offset).every((byte) => byte === 0xcc)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a number is the one that JavaScript makes of it', () => {
  for (const value of [
    0n,
    1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n + 1n,
    2n ** 64n,
    2n ** 64n + 5n,
  ]) {
    for (const each of [value, -value, WORD_MAX - value]) expect(b.toNumber(each)).toBe(Number(each));
  }
});

describe('arrays', () => {
  test('joined', () => {
    expect(b.concatBytes()).toEqual(new Uint8Array(0));
    expect(b.concatBytes(Uint8Array.of(1, 2), b.EMPTY_BYTES, Uint8Array.of(3))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
    const only = Uint8Array.of(1);
    expect(b.concatBytes(only)).not.toBe(only);
  });

  test('compared', () => {
    expect(b.equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(b.equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(b.equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
    expect(b.equalBytes(b.EMPTY_BYTES, new Uint8Array(0))).toBe(true);
  });
});
