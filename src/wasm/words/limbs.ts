/**
 * What the word functions are made of: a 256-bit word in four locals of 64 bits, the lowest first, as it lies in memory.
 * Owns loads and stores, carries, the product of two limbs, and shifts; no operation of the EVM.
 *
 * WebAssembly has neither a carry flag nor a product of 128 bits: a carry is a comparison, and a product of two limbs
 * is made of four, of their halves.
 */

import { type Code, get, i32, i64, select, set, ValueType } from '../assembler/code.ts';
import type { Locals } from '../assembler/module.ts';

/** The numbers of four i64 locals. */
export type Limbs = readonly [number, number, number, number];

export const LIMB_BYTES = 8;
export const WORD_BYTES = 32;

export const ZERO = i64.const(0);
export const ONE = i64.const(1);

export const newLimb = (locals: Locals): number => locals.local(ValueType.I64);
export const newLimbs = (locals: Locals): Limbs => [
  newLimb(locals),
  newLimb(locals),
  newLimb(locals),
  newLimb(locals),
];

// Loops, here and where words are worked on: each function within a function costs V8 some 20 µs before it runs once, and
// most of this runs once.

/** The limbs of a word in memory. @param address of an i32 local */
export function limbsAt(address: number, offset = 0, count = 4): Code[] {
  const limbs: Code[] = [];
  for (let i = 0; i < count; i++) limbs.push(i64.load(get(address), offset + LIMB_BYTES * i));
  return limbs;
}

/** Sets locals, one after the other. */
export function setEach(to: readonly number[], values: readonly Code[]): Code {
  const code: Code[] = [];
  for (let i = 0; i < to.length; i++) code.push(set(to[i]!, values[i]!));
  return code;
}

/** @param address of an i32 local */
export const loadLimbs = (to: Limbs, address: number, offset = 0): Code =>
  setEach(to, limbsAt(address, offset));

export function storeLimbs(address: number, values: readonly Code[], offset = 0): Code {
  const code: Code[] = [];
  for (let i = 0; i < values.length; i++)
    code.push(i64.store(get(address), values[i]!, offset + LIMB_BYTES * i));
  return code;
}

/** Any bit of the given limbs, in one limb. */
export const anyBit = (limbs: readonly Code[]): Code => limbs.reduce(i64.or);
export const anyOf = (...limbs: number[]): Code => anyBit(limbs.map(get));

/** Any bit in which two numbers differ, limb by limb. */
export function anyDifference(a: readonly Code[], b: readonly Code[]): Code {
  const differences: Code[] = [];
  for (let i = 0; i < a.length; i++) differences.push(i64.xor(a[i]!, b[i]!));
  return anyBit(differences);
}

export const areEqual = (a: readonly Code[], b: readonly Code[]): Code => i64.eqz(anyDifference(a, b));

export const isNull = (...limbs: number[]): Code => i64.eqz(anyOf(...limbs));

/** A comparison as a limb of 0 or 1. */
export const bit = (condition: Code): Code => i64.extendI32U(condition);

/** `a` less `b`, limb by limb, handed to `difference` unless that is null; at the end `borrow` is 1 where `a` < `b`. */
export function subtract(
  difference: Limbs | null,
  a: Limbs,
  b: Limbs,
  borrow: number,
  [t, first]: readonly [number, number],
): Code {
  const code: Code[] = [];
  for (let i = 0; i < 4; i++) {
    const [limb, other, to] = [a[i]!, b[i]!, difference?.[i]];
    if (i === 0) {
      code.push(set(t, bit(i64.ltU(get(limb), get(other)))));
      if (to !== undefined) code.push(set(to, i64.sub(get(limb), get(other))));
      code.push(set(borrow, get(t)));
    } else {
      code.push(
        set(first, bit(i64.ltU(get(limb), get(other)))),
        set(t, i64.sub(get(limb), get(other))),
        set(first, i64.or(get(first), bit(i64.ltU(get(t), get(borrow))))),
      );
      if (to !== undefined) code.push(set(to, i64.sub(get(t), get(borrow))));
      code.push(set(borrow, get(first)));
    }
  }
  return code;
}

const lowHalf = (x: number): Code => i64.extendI32U(i32.wrap(get(x)));
const highHalf = (x: number): Code => i64.shrU(get(x), i64.const(32));

/** A limb and its halves, in three locals. */
export interface Split {
  readonly whole: number;
  readonly low: number;
  readonly high: number;
}

export const newSplit = (locals: Locals, whole = newLimb(locals)): Split => ({
  whole,
  low: newLimb(locals),
  high: newLimb(locals),
});

export function newSplits(locals: Locals, limbs: readonly number[]): Split[] {
  const splits: Split[] = [];
  for (const limb of limbs) splits.push(newSplit(locals, limb));
  return splits;
}

/** Sets the halves. */
export const split = ({ whole, low, high }: Split): Code => [
  set(low, lowHalf(whole)),
  set(high, i64.shrU(get(whole), i64.const(32))),
];

const sumOf = (...terms: Code[]): Code => terms.reduce(i64.add);

/**
 * The product of two limbs plus up to two limbs more, in two: never more than that, so nothing is compared. Sums half by
 * half took 101 ns for a MULMOD where carries by comparison took 116; MUL was as fast either way.
 * @param terms locals, none of them one of the others
 */
export function multiplyAdd(
  [high, low, t]: readonly [number, number, number],
  x: Split,
  y: Split,
  ...terms: number[]
): Code {
  const [ofFirst, ofSecond] = [terms.slice(0, 1).map(highHalf), terms.slice(1).map(highHalf)];
  const across = low;
  return [
    set(t, sumOf(i64.mul(get(x.low), get(y.low)), ...terms.map(lowHalf))),
    set(high, sumOf(i64.mul(get(x.high), get(y.low)), highHalf(t), ...ofFirst)),
    set(across, sumOf(i64.mul(get(x.low), get(y.high)), lowHalf(high), ...ofSecond)),
    set(high, sumOf(i64.mul(get(x.high), get(y.high)), highHalf(high), highHalf(across))),
    // The cheaper of two ways.
    set(
      low,
      terms.length < 2
        ? sumOf(i64.mul(get(x.whole), get(y.whole)), ...terms.map(get))
        : i64.or(i64.shl(get(across), i64.const(32)), lowHalf(t)),
    ),
  ];
}

/** Adds a limb to a number of two. */
export const addTo = (high: number, low: number, term: Code): Code => [
  set(low, i64.add(get(low), term)),
  set(high, i64.add(get(high), bit(i64.ltU(get(low), term)))),
];

/** The four locals that `multiplyRow` may clobber. */
export type RowTemps = readonly [high: number, low: number, t: number, carry: number];

export const newRowTemps = (locals: Locals): RowTemps => newLimbs(locals);

/**
 * One row of a product on paper: `sum` plus `x` times `ys`, `at` limbs up. Limbs past the end of `sum` are not computed.
 * @param isFirst whether `sum` has nothing in it yet
 */
export function multiplyRow(
  sum: readonly number[],
  x: Split,
  ys: readonly Split[],
  at: number,
  isFirst: boolean,
  [high, low, t, carry]: RowTemps,
): Code {
  const code: Code[] = [];
  for (let j = 0; j < ys.length && at + j < sum.length; j++) {
    const [to, y] = [sum[at + j]!, ys[j]!];
    const terms = [...(isFirst ? [] : [to]), ...(j === 0 ? [] : [carry])];
    if (at + j === sum.length - 1) {
      code.push(set(to, sumOf(i64.mul(get(x.whole), get(y.whole)), ...terms.map(get))));
    } else {
      code.push(multiplyAdd([high, low, t], x, y, ...terms));
      code.push(set(to, get(low)), set(carry, get(high)));
    }
  }
  const top = sum[at + ys.length];
  if (top !== undefined) code.push(set(top, get(carry)));
  return code;
}

/** Shifts a word left in its locals; `count` is a local with 0 to 255, `complement` one to clobber. */
export function shiftLeft(word: Limbs, count: number, complement: number): Code {
  const [x0, x1, x2, x3] = word;
  const code = moveLimbs([x3, x2, x1, x0], count);
  code.push(set(complement, i64.xor(get(count), i64.const(63))));
  for (let i = 3; i > 0; i--) {
    const [to, below] = [word[i]!, word[i - 1]!];
    code.push(set(to, i64.or(i64.shl(get(to), get(count)), spill(get(below), i64.shrU, complement))));
  }
  code.push(set(x0, i64.shl(get(x0), get(count))));
  return code;
}

/** The same to the right; `fill` gives the limb that comes in from the left, all zeros or all ones. */
export function shiftRight(word: Limbs, count: number, complement: number, fill: Code = ZERO): Code {
  const code = moveLimbs(word, count, fill);
  code.push(set(complement, i64.xor(get(count), i64.const(63))));
  for (let i = 0; i < 4; i++) {
    const [to, above] = [word[i]!, i === 3 ? fill : get(word[i + 1]!)];
    code.push(set(to, i64.or(i64.shrU(get(to), get(count)), spill(above, i64.shl, complement))));
  }
  return code;
}

/** Moves by two limbs, then by one, as bits 7 and 6 of the count say: towards the front of the list. */
function moveLimbs(limbs: Limbs, count: number, fill: Code = ZERO): Code[] {
  const code: Code[] = [];
  for (let step = 2; step > 0; step--) {
    const isMoved = i64.ne(i64.and(get(count), i64.const(64 * step)), ZERO);
    for (let i = 0; i < 4; i++) {
      const source = i + step < 4 ? get(limbs[i + step]!) : fill;
      code.push(set(limbs[i]!, select(source, get(limbs[i]!), isMoved)));
    }
  }
  return code;
}

/** What crosses from the neighbour; in two steps, since a shift by 64 is one by 0. */
const spill = (neighbour: Code, shift: (a: Code, b: Code) => Code, complement: number): Code =>
  shift(shift(neighbour, ONE), get(complement));
