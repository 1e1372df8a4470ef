import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powerModulo } from '../../precompiles/power-modulo.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { bytesToBigInt, bytesToHex } from '../../src/primitives/bytes.ts';
import { be, join, modexpInput, OSAKA, outcome } from './support.ts';

const BERLIN = rulesOf('Berlin');
const hex = (value: bigint, length: number) => bytesToHex(be(value, length));

/** One multiplication per bit, from the least significant bit on. */
function naivePower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let power = 1n % modulus;
  for (let square = base, e = exponent; e > 0n; e >>= 1n, square = (square * square) % modulus) {
    if (e % 2n === 1n) power = (power * square) % modulus;
  }
  return power;
}

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 0, maxLength });

describe('MODEXP', () => {
  it('has the values of plain exponentiation for small numbers', () => {
    for (let base = 0; base < 7; base++) {
      for (let exponent = 0; exponent < 70; exponent++) {
        for (let modulus = 1; modulus < 12; modulus++) {
          const expected = BigInt(base) ** BigInt(exponent) % BigInt(modulus);
          const input = modexpInput(be(base, 1), be(exponent, 1), be(modulus, 1));
          expect(outcome(0x05n, input)).toBe(hex(expected, 1));
        }
      }
    }
  });

  it.each([3, 9, 10, 29, 30, 83, 84, 128])(
    'agrees with a naive power, exponents up to %i bytes',
    (length) => {
      fc.assert(
        fc.property(bytes(80), bytes(length), bytes(80), (base, exponent, modulus) => {
          const m = bytesToBigInt(modulus);
          const expected = m === 0n ? 0n : naivePower(bytesToBigInt(base), bytesToBigInt(exponent), m);
          const want = modulus.length === 0 ? '0x' : hex(expected, modulus.length);
          expect(outcome(0x05n, modexpInput(base, exponent, modulus))).toBe(want);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('agrees with a naive power for full exponents of every window size', () => {
    for (const length of [1, 3, 4, 10, 11, 30, 31, 84, 85, 300]) {
      for (const fill of [0xff, 0x80, 0x01, 0xa5]) {
        const exponent = new Uint8Array(length).fill(fill);
        const modulus = (1n << 127n) + 45n;
        expect(powerModulo(3n, exponent, modulus)).toBe(naivePower(3n, bytesToBigInt(exponent), modulus));
      }
    }
  });

  it('computes the example of EIP-198', () => {
    const p = (1n << 256n) - (1n << 32n) - 977n;
    expect(outcome(0x05n, modexpInput(be(3, 1), be(p - 1n), be(p)))).toBe(hex(1n, 32));
    expect(outcome(0x05n, modexpInput(be(0, 0), be(p - 1n), be(p)))).toBe(hex(0n, 32));
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing at all', new Uint8Array(0), '0x'],
    ['0^0 mod 1', modexpInput(be(0, 1), be(0, 1), be(1, 1)), '0x00'],
    ['0^0 mod 2', modexpInput(be(0, 1), be(0, 1), be(2, 1)), '0x01'],
    ['an empty exponent', modexpInput(be(5, 1), be(0, 0), be(7, 2)), '0x0001'],
    ['modulus 0', modexpInput(be(5, 1), be(2, 1), be(0, 3)), '0x000000'],
    ['no modulus', modexpInput(be(5, 1), be(2, 1), be(0, 0)), '0x'],
    ['even modulus', modexpInput(be(5, 1), be(3, 1), be(100, 1)), '0x19'],
    ['bytes behind the modulus', join(modexpInput(be(5, 1), be(2, 1), be(7, 1)), be(255)), '0x04'],
  ])('of %s', (_what, input, expected) => {
    expect(outcome(0x05n, input)).toBe(expected);
  });

  it('reads zeros behind the end of the input', () => {
    // Base 0x0300, exponent and modulus missing.
    expect(outcome(0x05n, join(be(2), be(1), be(2), be(3, 1)))).toBe('0x0000');
    // Exponent 0x0200 = 512, modulus missing in part: 0x0700.
    const cut = join(be(1), be(1), be(2), be(3, 1), be(2, 1), be(7, 1));
    expect(outcome(0x05n, cut)).toBe(hex(9n % 0x700n, 2));
    fc.assert(
      fc.property(bytes(20), bytes(20), bytes(20), fc.nat(160), (base, exponent, modulus, length) => {
        const whole = modexpInput(base, exponent, modulus);
        const kept = whole.subarray(0, Math.max(96, Math.min(length, whole.length)));
        const padded = join(kept, new Uint8Array(whole.length - kept.length));
        expect(outcome(0x05n, kept)).toBe(outcome(0x05n, padded));
      }),
      { numRuns: 300 },
    );
  });

  it('takes an endless exponent when there is no base and no modulus', () => {
    const endless = join(be(0), be((1n << 256n) - 1n), be(0));
    expect(outcome(0x05n, endless, BERLIN)).toBe('0x');
    expect(outcome(0x05n, endless, OSAKA)).toBe('failure');
  });

  it('does not lay out a base of endless zeros', () => {
    // 1 followed by 2^40 - 1 zero bytes, to the power 1.
    const length = 1n << 40n;
    const input = join(be(length), be(0), be(1), be(1, 1));
    expect(outcome(0x05n, input, BERLIN)).toBe('0x00');
  });

  it('bounds the lengths in Osaka only (EIP-7823)', () => {
    for (const [lengths, ok] of [
      [[1024, 1, 1], true],
      [[1, 1024, 1], true],
      [[1, 1, 1024], true],
      [[1025, 1, 1], false],
      [[1, 1025, 1], false],
      [[1, 1, 1025], false],
      [[0, 1025, 0], false],
    ] as const) {
      const input = modexpInput(
        ...(lengths.map((length) => be(1, length)) as [Uint8Array, Uint8Array, Uint8Array]),
      );
      expect(outcome(0x05n, input, OSAKA) !== 'failure').toBe(ok);
      expect(outcome(0x05n, input, BERLIN)).not.toBe('failure');
    }
  });
});
