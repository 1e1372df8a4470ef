import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as u256 from '../../src/primitives/u256.ts';

/*
 * An independent definition of every word function, slow and literal: words are lists of bits where the
 * definition speaks of bits, and integers modulo 2^256 where it speaks of numbers.
 */

const N = 2n ** 256n;
const HALF = N / 2n;
const wrap = (x: bigint): bigint => ((x % N) + N) % N;
const signed = (x: bigint): bigint => (x < HALF ? x : x - N);
const abs = (x: bigint): bigint => (x < 0n ? -x : x);
const sign = (x: bigint): bigint => (x < 0n ? -1n : 1n);
const truth = (condition: boolean): bigint => (condition ? 1n : 0n);

/** Most significant bit first. */
const bits = (x: bigint): string[] => x.toString(2).padStart(256, '0').split('');
const fromBits = (list: readonly string[]): bigint => BigInt(`0b${list.join('')}`);
const bitwise = (a: bigint, b: bigint, f: (p: boolean, q: boolean) => boolean): bigint => {
  const right = bits(b);
  return fromBits(bits(a).map((bit, i) => (f(bit === '1', right[i] === '1') ? '1' : '0')));
};

/** From the most significant bit of the exponent down. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % N;
    if (bit === '1') result = (result * base) % N;
  }
  return result;
}

function shiftedRight(shift: bigint, value: bigint, fill: string): bigint {
  const count = shift > 256n ? 256 : Number(shift);
  return fromBits([...Array<string>(count).fill(fill), ...bits(value)].slice(0, 256));
}

const unary: Record<string, (a: bigint) => bigint> = {
  iszero: (a) => truth(a === 0n),
  not: (a) => fromBits(bits(a).map((bit) => (bit === '1' ? '0' : '1'))),
  clz: (a) => BigInt([...bits(a), '1'].indexOf('1')),
};

const binary: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => wrap(a + b),
  sub: (a, b) => wrap(a - b),
  mul: (a, b) => wrap(a * b),
  div: (a, b) => (b === 0n ? 0n : (a - (a % b)) / b),
  sdiv: (a, b) =>
    b === 0n ? 0n : wrap(sign(signed(a)) * sign(signed(b)) * (abs(signed(a)) / abs(signed(b)))),
  mod: (a, b) => (b === 0n ? 0n : a - b * (a / b)),
  smod: (a, b) => (b === 0n ? 0n : wrap(sign(signed(a)) * (abs(signed(a)) % abs(signed(b))))),
  exp: power,
  signextend: (index, value) => {
    if (index >= 32n) return value;
    const list = bits(value);
    const top = 255 - (8 * Number(index) + 7);
    return fromBits(list.map((bit, i) => (i < top ? list[top]! : bit)));
  },
  lt: (a, b) => truth(a < b),
  gt: (a, b) => truth(a > b),
  slt: (a, b) => truth(signed(a) < signed(b)),
  sgt: (a, b) => truth(signed(a) > signed(b)),
  eq: (a, b) => truth(a === b),
  and: (a, b) => bitwise(a, b, (p, q) => p && q),
  or: (a, b) => bitwise(a, b, (p, q) => p || q),
  xor: (a, b) => bitwise(a, b, (p, q) => p !== q),
  byte: (index, value) => {
    const digits = value.toString(16).padStart(64, '0');
    return index >= 32n ? 0n : BigInt(`0x${digits.slice(2 * Number(index), 2 * Number(index) + 2)}`);
  },
  shl: (shift, value) => {
    const count = shift > 256n ? 256 : Number(shift);
    return fromBits([...bits(value), ...Array<string>(count).fill('0')].slice(-256));
  },
  shr: (shift, value) => shiftedRight(shift, value, '0'),
  sar: (shift, value) => shiftedRight(shift, value, bits(value)[0]!),
};

const ternary: Record<string, (a: bigint, b: bigint, n: bigint) => bigint> = {
  addmod: (a, b, n) => (n === 0n ? 0n : (a + b) % n),
  mulmod: (a, b, n) => (n === 0n ? 0n : (a * b) % n),
};

const functions = u256 as unknown as Record<string, (...operands: bigint[]) => bigint>;

const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 29n, 30n, 31n, 32n, 33n, 63n, 64n, 127n, 128n, 129n, 200n],
  ...[247n, 248n, 254n, 255n, 256n, 257n, 511n, 512n, 0x7fffn, 0x8000n, 2n ** 32n, 2n ** 53n],
  ...[2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 127n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 255n - 1n],
  ...[2n ** 255n, 2n ** 255n + 1n, N - 2n ** 128n, N - 256n, N - 3n, N - 2n, N - 1n],
];

/** Small numbers, powers of 2 and their neighbours, and words of any size, on both sides of zero. */
const word = fc
  .tuple(
    fc.oneof(
      fc.bigInt({ min: 0n, max: 300n }),
      fc.integer({ min: 0, max: 255 }).map((k) => 2n ** BigInt(k)),
      fc.integer({ min: 1, max: 256 }).chain((k) => fc.bigInt({ min: 0n, max: 2n ** BigInt(k) - 1n })),
      fc.bigInt({ min: 0n, max: N - 1n }),
    ),
    fc.constantFrom(-1n, 0n, 0n, 1n),
    fc.boolean(),
  )
  .map(([magnitude, offset, negative]) => wrap((negative ? -magnitude : magnitude) + offset));

function check(name: string, expected: bigint, operands: readonly bigint[]): void {
  const result = functions[name]!(...operands);
  if (result !== expected) {
    const shown = operands.map((x) => `0x${x.toString(16)}`).join(', ');
    throw new Error(`${name}(${shown}) is 0x${result.toString(16)}, not 0x${expected.toString(16)}`);
  }
}

test('every function of the module is defined here too', () => {
  const known = ['toSigned', 'fromSigned', ...Object.keys({ ...unary, ...binary, ...ternary })];
  const exported = Object.keys(u256).filter((name) => typeof functions[name] === 'function');
  expect(exported.sort()).toEqual(known.sort());
});

describe('one operand', () => {
  for (const [name, definition] of Object.entries(unary)) {
    test(name, () => {
      for (const a of EDGES) check(name, definition(a), [a]);
      fc.assert(
        fc.property(word, (a) => check(name, definition(a), [a])),
        { numRuns: 1000 },
      );
    });
  }
});

describe('two operands', () => {
  for (const [name, definition] of Object.entries(binary)) {
    test(name, () => {
      for (const a of EDGES) for (const b of EDGES) check(name, definition(a, b), [a, b]);
      fc.assert(
        fc.property(word, word, (a, b) => check(name, definition(a, b), [a, b])),
        { numRuns: 1000 },
      );
    });
  }
});

describe('three operands', () => {
  const few = EDGES.filter((_, i) => i % 2 === 0 || i > EDGES.length - 8);
  for (const [name, definition] of Object.entries(ternary)) {
    test(name, () => {
      for (const a of few)
        for (const b of few) for (const n of few) check(name, definition(a, b, n), [a, b, n]);
      fc.assert(
        fc.property(word, word, word, (a, b, n) => check(name, definition(a, b, n), [a, b, n])),
        { numRuns: 1000 },
      );
    });
  }
});

test('two’s complement', () => {
  expect(u256.MAX_U256).toBe(N - 1n);
  for (const a of EDGES) {
    expect(u256.toSigned(a)).toBe(signed(a));
    expect(u256.fromSigned(u256.toSigned(a))).toBe(a);
  }
  expect(u256.fromSigned(HALF)).toBe(HALF);
});

describe('results known from the specifications', () => {
  test('-2^255 / -1 wraps', () => expect(u256.sdiv(HALF, N - 1n)).toBe(HALF));
  test('0^0 is 1', () => expect(u256.exp(0n, 0n)).toBe(1n));
  test('3^(2^256 - 1) is the inverse of 3', () => expect(u256.mul(u256.exp(3n, N - 1n), 3n)).toBe(1n));
  test('-8 smod -3 is -2', () => expect(u256.smod(N - 8n, N - 3n)).toBe(N - 2n));
  test('sar fills with the sign (EIP-145)', () => {
    expect(u256.sar(1n, HALF)).toBe(HALF + HALF / 2n);
    expect(u256.sar(255n, HALF)).toBe(N - 1n);
    expect(u256.sar(256n, HALF)).toBe(N - 1n);
    expect(u256.sar(255n, HALF - 1n)).toBe(0n);
  });
  test('clz (EIP-7939)', () => {
    expect(u256.clz(0n)).toBe(256n);
    expect(u256.clz(HALF)).toBe(0n);
    expect(u256.clz(HALF - 1n)).toBe(1n);
    expect(u256.clz(1n)).toBe(255n);
  });
});
