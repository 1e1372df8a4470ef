/** Arithmetic, comparison and bits through the machine: edge words against definitions written out here. */

import { describe, expect, it } from 'vitest';
import { code, push } from '../helpers/assembler.ts';
import { gasOf, haltOf, run, topOf } from '../helpers/run.ts';

const M = 2n ** 256n;
const MAX = M - 1n;
const MIN_SIGNED = 2n ** 255n;

const WORDS: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  31n,
  32n,
  127n,
  128n,
  255n,
  256n,
  0x8000n,
  2n ** 53n + 1n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 128n - 1n,
  2n ** 128n + 3n,
  MIN_SIGNED - 1n,
  MIN_SIGNED,
  MIN_SIGNED + 1n,
  MAX - 1n,
  MAX,
  0x8f3a_55cc_0123_4567_89ab_cdef_fedc_ba98_7654_3210_0f1e_2d3c_4b5a_6978_8796_a5b4n,
];

const u = (value: bigint): bigint => ((value % M) + M) % M;
const s = (word: bigint): bigint => (word >> 255n === 1n ? word - M : word);
const flag = (condition: boolean): bigint => (condition ? 1n : 0n);
/** Bits of a word, most significant first. */
const bits = (word: bigint): string => word.toString(2).padStart(256, '0');
const word = (text: string): bigint => BigInt(`0b${text}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % M;
    if (bit === '1') result = (result * base) % M;
  }
  return result;
}

/** The first operand is on top of the stack. */
const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  ADD: (a, b) => u(a + b),
  MUL: (a, b) => u(a * b),
  SUB: (a, b) => u(a - b),
  DIV: (a, b) => (b === 0n ? 0n : a / b),
  SDIV: (a, b) => (b === 0n ? 0n : u(s(a) / s(b))),
  MOD: (a, b) => (b === 0n ? 0n : a % b),
  SMOD: (a, b) => (b === 0n ? 0n : u(s(a) % s(b))),
  EXP: power,
  SIGNEXTEND: (index, value) => {
    if (index >= 31n) return value;
    const kept = bits(value).slice(-8 * (Number(index) + 1));
    return word(kept.padStart(256, kept[0]!));
  },
  LT: (a, b) => flag(a < b),
  GT: (a, b) => flag(a > b),
  SLT: (a, b) => flag(s(a) < s(b)),
  SGT: (a, b) => flag(s(a) > s(b)),
  EQ: (a, b) => flag(bits(a) === bits(b)),
  AND: (a, b) => word([...bits(a)].map((bit, i) => (bit === '1' && bits(b)[i] === '1' ? '1' : '0')).join('')),
  OR: (a, b) => word([...bits(a)].map((bit, i) => (bit === '1' || bits(b)[i] === '1' ? '1' : '0')).join('')),
  XOR: (a, b) => word([...bits(a)].map((bit, i) => (bit === bits(b)[i] ? '0' : '1')).join('')),
  BYTE: (index, value) =>
    index >= 32n ? 0n : word(bits(value).slice(8 * Number(index), 8 * Number(index) + 8)),
  SHL: (shift, value) => (shift >= 256n ? 0n : word(bits(value).slice(Number(shift)).padEnd(256, '0'))),
  SHR: (shift, value) => (shift >= 256n ? 0n : word(`0${bits(value).slice(0, 256 - Number(shift))}`)),
  SAR: (shift, value) => {
    const sign = bits(value)[0]!;
    const kept = shift >= 256n ? '' : bits(value).slice(0, 256 - Number(shift));
    return word(kept.padStart(256, sign));
  },
};

const UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  ISZERO: (a) => flag(a === 0n),
  NOT: (a) => word([...bits(a)].map((bit) => (bit === '1' ? '0' : '1')).join('')),
  CLZ: (a) => (a === 0n ? 256n : BigInt(bits(a).indexOf('1'))),
};

const TERNARY: Readonly<Record<string, (a: bigint, b: bigint, n: bigint) => bigint>> = {
  ADDMOD: (a, b, n) => (n === 0n ? 0n : (a + b) % n),
  MULMOD: (a, b, n) => (n === 0n ? 0n : (a * b) % n),
};

/** Runs many operand lists in a few programs: each leaves as many words as fit the stack. */
function results(name: string, operands: readonly (readonly bigint[])[]): bigint[] {
  const found: bigint[] = [];
  for (let at = 0; at < operands.length; at += 1_000) {
    const part = operands.slice(at, at + 1_000);
    const program = code(...part.map((list) => [...[...list].reverse().map((word) => push(word)), name]));
    const { stack } = run(program, { gas: 100_000_000 });
    expect(stack.length).toBe(part.length);
    found.push(...stack);
  }
  return found;
}

const show = (operands: readonly (readonly bigint[])[], words: readonly bigint[]): string[] =>
  operands.map(
    (list, i) => `${list.map((word) => word.toString(16)).join(' ')} -> ${words[i]!.toString(16)}`,
  );

describe('words', () => {
  const pairs = WORDS.flatMap((a) => WORDS.map((b) => [a, b] as const));

  it.each(Object.keys(BINARY))('%s of all pairs of edge words', (name) => {
    const expected = pairs.map(([a, b]) => BINARY[name]!(a, b));
    expect(show(pairs, results(name, pairs))).toEqual(show(pairs, expected));
  });

  it.each(Object.keys(UNARY))('%s of all edge words', (name) => {
    const operands = WORDS.map((a) => [a]);
    expect(show(operands, results(name, operands))).toEqual(
      show(
        operands,
        WORDS.map((a) => UNARY[name]!(a)),
      ),
    );
  });

  it.each(Object.keys(TERNARY))('%s of all triples of edge words', (name) => {
    const triples = WORDS.flatMap((a) => WORDS.flatMap((b) => WORDS.map((n) => [a, b, n] as const)));
    const expected = triples.map(([a, b, n]) => TERNARY[name]!(a, b, n));
    expect(show(triples, results(name, triples))).toEqual(show(triples, expected));
  });

  it.each(['SHL', 'SHR', 'SAR', 'BYTE', 'SIGNEXTEND'])('%s by every amount up to 260', (name) => {
    const value = 0x8f3a_55cc_0123_4567_89ab_cdef_fedc_ba98_7654_3210_0f1e_2d3c_4b5a_6978_8796_a5b4n;
    const operands = Array.from({ length: 261 }, (_, i) => [BigInt(i), value] as const);
    const expected = operands.map(([a, b]) => BINARY[name]!(a, b));
    expect(show(operands, results(name, operands))).toEqual(show(operands, expected));
  });

  it('CLZ of every power of two', () => {
    const operands = Array.from({ length: 256 }, (_, i) => [2n ** BigInt(i)]);
    expect(results('CLZ', operands)).toEqual(operands.map((_, i) => BigInt(255 - i)));
  });
});

describe('examples of the EIPs', () => {
  // EIP-145.
  it.each([
    ['SHL', 0xffn, MAX, MIN_SIGNED],
    ['SHL', 0x100n, MAX, 0n],
    ['SHL', 1n, MAX / 2n, MAX - 1n],
    ['SHR', 0xffn, MIN_SIGNED, 1n],
    ['SHR', 0x101n, MIN_SIGNED, 0n],
    ['SAR', 1n, MIN_SIGNED, 0xc0n << 248n],
    ['SAR', 0xffn, MIN_SIGNED, MAX],
    ['SAR', 0x101n, MIN_SIGNED, MAX],
    ['SAR', 0xfen, 0x40n << 248n, 1n],
    ['SAR', 0xf8n, MAX / 2n, 0x7fn],
    ['SAR', 0x100n, MAX / 2n, 0n],
  ])('%s %#x %#x (EIP-145)', (name, shift, value, expected) => {
    expect(topOf(code(push(value), push(shift), name))).toBe(expected);
  });

  it.each([
    [0n, 256n],
    [MIN_SIGNED, 0n],
    [MAX, 0n],
    [0x40n << 248n, 1n],
    [MAX / 2n, 1n],
    [1n, 255n],
  ])('CLZ of %d is %d (EIP-7939)', (value, expected) => {
    expect(topOf(code(push(value), 'CLZ'))).toBe(expected);
  });

  it('0 to the power of 0 is 1', () => expect(topOf(code(push(0), push(0), 'EXP'))).toBe(1n));
});

describe('the price of EXP', () => {
  // EIP-160: 50 per byte of the exponent, 10 before.
  it.each([
    [0n, 0],
    [1n, 1],
    [0xffn, 1],
    [0x100n, 2],
    [0xffffn, 2],
    [2n ** 248n - 1n, 31],
    [2n ** 248n, 32],
    [MAX, 32],
  ])('with the exponent %#x', (exponent, bytes) => {
    const program = code(push(exponent), push(3), 'EXP');
    expect(gasOf(program, { fork: 'TangerineWhistle' })).toBe(3 + 3 + 10 + 10 * bytes);
    expect(gasOf(program, { fork: 'SpuriousDragon' })).toBe(3 + 3 + 10 + 50 * bytes);
    expect(haltOf(program, { gas: 3 + 3 + 10 + 50 * bytes - 1 })).toBe('OutOfGas');
  });
});
