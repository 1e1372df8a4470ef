/** What callers may pass for bytes, words and addresses. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { toAddressWord, toBytes, toWord } from '../../src/primitives/input.ts';

const failure = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ErbiumError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing thrown';
};
const any = (value: unknown): never => value as never;

describe('toBytes', () => {
  it('takes hex with and without 0x, and bytes as they are', () => {
    const bytes = Uint8Array.of(1, 0xab);
    for (const text of ['0x01ab', '01ab', '0X01AB', ' 0x01ab\n'])
      expect(toBytes(text, 'data')).toEqual(bytes);
    expect(toBytes(bytes, 'data')).toBe(bytes);
    expect(toBytes('', 'data')).toEqual(new Uint8Array(0));
    expect(toBytes('0x', 'data')).toEqual(new Uint8Array(0));
  });

  it('names the field of what it cannot take', () => {
    expect(failure(() => toBytes('0x1', 'data'))).toBe(
      'INVALID_HEX data: hex string has an odd number of digits (1)',
    );
    expect(failure(() => toBytes('0x1g', 'data'))).toBe(
      'INVALID_HEX data: "g" at position 3 is not a hex digit',
    );
    const cyclic: Record<string, unknown> = { big: 1n };
    cyclic.self = cyclic;
    for (const [value, shown] of [
      [null, 'null'],
      [undefined, 'undefined'],
      [7, '7'],
      [7n, '7'],
      [true, 'true'],
      [[1, 2], 'a list'],
      [cyclic, 'an object'],
      [() => 1, 'a function'],
      [Symbol('s'), 'Symbol(s)'],
      [1n << 100_000n, 'a number of over 1,000 digits'],
    ]) {
      expect(failure(() => toBytes(any(value), 'data'))).toBe(
        `INVALID_ARGUMENT data: expected hex or bytes, got ${shown as string}`,
      );
    }
  });
});

describe('toWord', () => {
  it('takes every form of a number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        expect(toWord(value, 'v')).toBe(value);
        expect(toWord(`${value}`, 'v')).toBe(value);
        expect(toWord(`0x${value.toString(16)}`, 'v')).toBe(value);
        expect(toWord(`0X${value.toString(16).toUpperCase()}`, 'v')).toBe(value);
      }),
    );
    expect(toWord(Number.MAX_SAFE_INTEGER, 'v')).toBe(2n ** 53n - 1n);
    expect(toWord(' 12 ', 'v')).toBe(12n);
    expect(toWord(-0, 'v')).toBe(0n);
  });

  it('keeps to the maximum', () => {
    expect(toWord(10n, 'gas', 10n)).toBe(10n);
    expect(failure(() => toWord(11, 'gas', 10n))).toBe('INVALID_NUMBER gas: 11 is above the maximum of 10');
    expect(failure(() => toWord(2n ** 256n, 'value'))).toContain('INVALID_NUMBER value: 1157920892');
  });

  it.each([-1, -1n, '-1', '-0001'])('refuses %s as negative', (value) => {
    expect(failure(() => toWord(value, 'v'))).toMatch(/^INVALID_NUMBER v: "?-\d+"? is negative$/);
  });

  it.each([
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    '',
    ' ',
    '0x',
    '0xg',
    '1e3',
    '1_000',
    '-0x1',
    '+1',
    'ff',
    '1n',
    null,
    undefined,
    {},
    [],
    [5],
    true,
    new Date(0),
  ])('refuses %s', (value) => {
    expect(failure(() => toWord(any(value), 'v'))).toMatch(/^INVALID_NUMBER v: .* is no whole number$/);
  });

  // Five million decimal digits take minutes to convert: the test would run into its time limit.
  it('refuses numbers of any length at once', () => {
    for (const digits of ['9'.repeat(5_000_000), `0x${'f'.repeat(5_000_000)}`, 1n << 1_000_000n]) {
      const message = failure(() => toWord(digits, 'v'));
      expect(message).toMatch(/^INVALID_NUMBER v: .* is above the maximum of \d+$/);
      expect(message.length).toBeLessThan(250);
    }
    expect(failure(() => toWord(`-${'9'.repeat(5_000)}`, 'v'))).toContain('is negative');
  });
});

describe('toAddressWord', () => {
  it('takes digits, bytes and the number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const hex = bytesToHex(bytes);
        const value = BigInt(hex);
        for (const form of [bytes, hex, hex.slice(2), hex.toUpperCase().replace('X', 'x'), value]) {
          expect(toAddressWord(form, 'to')).toBe(value);
        }
      }),
    );
  });

  it('takes nothing else', () => {
    expect(failure(() => toAddressWord('0x12', 'to'))).toBe(
      'INVALID_ARGUMENT to: an address has 20 bytes, got 1',
    );
    expect(failure(() => toAddressWord('', 'to'))).toBe(
      'INVALID_ARGUMENT to: an address has 20 bytes, got 0',
    );
    expect(failure(() => toAddressWord(new Uint8Array(32), 'to'))).toContain('got 32');
    expect(failure(() => toAddressWord(-1n, 'to'))).toBe('INVALID_NUMBER to: -1 is negative');
    expect(failure(() => toAddressWord(1n << 160n, 'to'))).toContain('is above the maximum');
    expect(failure(() => toAddressWord(any(4), 'to'))).toBe(
      'INVALID_ARGUMENT to: expected an address, 20 bytes as hex or bytes, or a bigint, got 4',
    );
    expect(failure(() => toAddressWord('vitalik.eth!', 'to'))).toContain('INVALID_HEX to: "v" at position 0');
  });
});
