import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { type Rules, rulesOf } from '../../src/forks/rules.ts';
import { be, join, modexpInput, OSAKA, precompileAt } from './support.ts';

const gasAt = (address: bigint, input: Uint8Array, rules: Rules = OSAKA): number =>
  precompileAt(address, rules).gas(input, rules);

describe('gas by length', () => {
  it.each([
    [0x02n, 0, 60],
    [0x02n, 1, 72],
    [0x02n, 32, 72],
    [0x02n, 33, 84],
    [0x03n, 0, 600],
    [0x03n, 32, 720],
    [0x03n, 33, 840],
    [0x04n, 0, 15],
    [0x04n, 32, 18],
    [0x04n, 33, 21],
    [0x01n, 0, 3000],
    [0x0an, 192, 50_000],
    [0x0bn, 256, 375],
    [0x0dn, 512, 600],
    [0x10n, 64, 5500],
    [0x11n, 128, 23_800],
    [0x100n, 160, 6900],
    // EIP-2537: k * price * discount / 1000
    [0x0cn, 0, 0],
    [0x0cn, 160, 12_000],
    [0x0cn, 320, 22_776],
    [0x0cn, 160 * 3, 30_528],
    [0x0cn, 160 * 128, 797_184],
    [0x0cn, 160 * 129, 803_412],
    [0x0cn, 160 * 300, 1_868_400],
    [0x0en, 288, 22_500],
    [0x0en, 288 * 2, 45_000],
    [0x0en, 288 * 3, 62_302],
    [0x0en, 288 * 128, 1_509_120],
    [0x0en, 288 * 129, 1_520_910],
    [0x0fn, 384, 70_300],
    [0x0fn, 768, 102_900],
  ])('at %i with %i bytes is %i', (address, length, expected) => {
    expect(gasAt(address, new Uint8Array(length))).toBe(expected);
  });
});

describe('gas by fork', () => {
  it.each<[bigint, number, ForkName, number]>([
    [0x06n, 128, 'Byzantium', 500],
    [0x06n, 128, 'Istanbul', 150],
    [0x07n, 96, 'Petersburg', 40_000],
    [0x07n, 96, 'Istanbul', 6000],
    [0x08n, 0, 'Byzantium', 100_000],
    [0x08n, 384, 'Byzantium', 260_000],
    [0x08n, 0, 'Istanbul', 45_000],
    [0x08n, 384, 'Osaka', 113_000],
  ])('at %i with %i bytes in %s is %i', (address, length, fork, expected) => {
    expect(gasAt(address, new Uint8Array(length), rulesOf(fork))).toBe(expected);
  });
});

describe('gas of BLAKE2F', () => {
  it('is the number of rounds', () => {
    const input = new Uint8Array(213);
    input.set([0xff, 0xff, 0xff, 0xff]);
    expect(gasAt(0x09n, input)).toBe(4_294_967_295);
    input.set([0, 0, 1, 2]);
    expect(gasAt(0x09n, input)).toBe(258);
  });
});

const HUGE = (1n << 256n) - 1n;

/** Header of MODEXP with an exponent whose first bytes are given. */
const header = (base: bigint, exponent: bigint, modulus: bigint, ...rest: readonly Uint8Array[]) =>
  join(be(base), be(exponent), be(modulus), ...rest);

describe('gas of MODEXP', () => {
  // 3 ** (2**256 - 2**32 - 978) % (2**256 - 2**32 - 977), the first example of EIP-198.
  const fermat = modexpInput(be(3, 1), be((1n << 256n) - (1n << 32n) - 978n), be(0));

  it.each<[ForkName, number]>([
    ['Byzantium', 13_056],
    ['Berlin', 1360],
    ['Osaka', 4080],
  ])('of the example of EIP-198 in %s is %i', (fork, expected) => {
    expect(gasAt(0x05n, fermat, rulesOf(fork))).toBe(expected);
  });

  it.each<[ForkName, string, Uint8Array, number]>([
    ['Byzantium', 'no input', new Uint8Array(0), 0],
    ['Berlin', 'no input', new Uint8Array(0), 200],
    ['Osaka', 'no input', new Uint8Array(0), 500],
    ['Byzantium', '64 bytes', header(64n, 1n, 1n), 204],
    ['Byzantium', '65 bytes', header(65n, 1n, 1n), 211],
    ['Byzantium', '1024 bytes', header(1n, 1n, 1024n), 17_868],
    ['Byzantium', '1025 bytes', header(1n, 1n, 1025n), 17_899],
    ['Berlin', '33 bytes of exponent, all zeros', header(1n, 33n, 8n), 200],
    // Words of 8 bytes: 32 * 32 * (8 * 992 + 255) / 3.
    [
      'Berlin',
      'a full exponent of 1024 bytes',
      header(0n, 1024n, 256n, new Uint8Array(32).fill(255)),
      2_795_861,
    ],
    // 2 * 32 * 32 * (16 * 992 + 255).
    [
      'Osaka',
      'a full exponent of 1024 bytes',
      header(0n, 1024n, 256n, new Uint8Array(32).fill(255)),
      33_028_096,
    ],
    ['Osaka', '32 bytes', header(32n, 32n, 32n, be(0), be(1n << 255n)), 4080],
    ['Osaka', '33 bytes', header(33n, 32n, 32n, be(0, 33), be(1n << 255n)), 12_750],
    ['Osaka', '1024 bytes', header(1024n, 0n, 1024n), 32_768],
    // No numbers to multiply: free of the length of the exponent.
    ['Byzantium', 'no base and modulus, endless exponent', header(0n, HUGE, 0n), 0],
    ['Berlin', 'no base and modulus, endless exponent', header(0n, HUGE, 0n), 200],
  ])('in %s of %s', (fork, _what, input, expected) => {
    expect(gasAt(0x05n, input, rulesOf(fork))).toBe(expected);
  });

  it('reads the exponent behind the base, and only its first 32 bytes', () => {
    const berlin = rulesOf('Berlin');
    const base = new Uint8Array(40).fill(255);
    const short = modexpInput(base, be(0x10, 1), be(7, 40));
    const long = modexpInput(base, join(be(1), be(HUGE)), be(7, 40));
    expect(gasAt(0x05n, short, berlin)).toBe(200);
    // 5 words squared, 8 * 32 + 0 iterations.
    expect(gasAt(0x05n, long, berlin)).toBe(2133);
  });

  it('stays exact above 2^32 and takes lengths that nobody can pay for', () => {
    const berlin = rulesOf('Berlin');
    // (2^20 / 8)^2 * (8 * (2^19 - 32)) / 3
    expect(gasAt(0x05n, header(1n, 1n << 19n, 1n << 20n), berlin)).toBe(
      Number(((1n << 34n) * 8n * ((1n << 19n) - 32n)) / 3n),
    );
    for (const input of [
      header(HUGE, 0n, 0n),
      header(0n, HUGE, 1n),
      header(0n, 1n, HUGE),
      header(HUGE, HUGE, HUGE),
    ]) {
      for (const fork of ['Byzantium', 'Berlin'] as const) {
        expect(gasAt(0x05n, input, rulesOf(fork))).toBeGreaterThan(2 ** 64);
      }
      // The length alone is a failure.
      expect(gasAt(0x05n, input, OSAKA)).toBeGreaterThanOrEqual(500);
      expect(precompileAt(0x05n).run(input, null as never, OSAKA)).toBeNull();
    }
  });
});
