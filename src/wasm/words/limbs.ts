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

/** @param address of an i32 local */
export const loadLimbs = (to: Limbs, address: number, offset = 0): Code =>
  to.map((limb, i) => set(limb, i64.load(get(address), offset + LIMB_BYTES * i)));

export const storeLimbs = (address: number, values: readonly Code[], offset = 0): Code =>
  values.map((value, i) => i64.store(get(address), value, offset + LIMB_BYTES * i));

/** Any bit of the given limbs, in one limb. */
export const anyOf = (...limbs: number[]): Code => limbs.map(get).reduce((all, limb) => i64.or(all, limb));

export const isNull = (...limbs: number[]): Code => i64.eqz(anyOf(...limbs));

/** A comparison as a limb of 0 or 1. */
export const bit = (condition: Code): Code => i64.extendI32U(condition);

/** `a` less `b`, limb by limb, handed to `difference` unless that is null; at the end `borrow` is 1 where `a` < `b`. */
export const subtract = (
  difference: Limbs | null,
  a: Limbs,
  b: Limbs,
  borrow: number,
  [t, first]: readonly [number, number],
): Code =>
  a.map((limb, i) => {
    const other = b[i]!;
    const keep = (value: Code): Code => (difference === null ? [] : set(difference[i]!, value));
    if (i === 0)
      return [
        set(t, bit(i64.ltU(get(limb), get(other)))),
        keep(i64.sub(get(limb), get(other))),
        set(borrow, get(t)),
      ];
    return [
      set(first, bit(i64.ltU(get(limb), get(other)))),
      set(t, i64.sub(get(limb), get(other))),
      set(first, i64.or(get(first), bit(i64.ltU(get(t), get(borrow))))),
      keep(i64.sub(get(t), get(borrow))),
      set(borrow, get(first)),
    ];
  });

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

/** Sets the halves. */
export const split = ({ whole, low, high }: Split): Code => [
  set(low, lowHalf(whole)),
  set(high, i64.shrU(get(whole), i64.const(32))),
];

const sumOf = (...terms: Code[]): Code => terms.reduce((sum, term) => i64.add(sum, term));

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
  const [first, second] = terms;
  const highOf = (term: number | undefined): Code[] => (term === undefined ? [] : [highHalf(term)]);
  const across = low;
  return [
    set(t, sumOf(i64.mul(get(x.low), get(y.low)), ...terms.map(lowHalf))),
    set(high, sumOf(i64.mul(get(x.high), get(y.low)), highHalf(t), ...highOf(first))),
    set(across, sumOf(i64.mul(get(x.low), get(y.high)), lowHalf(high), ...highOf(second))),
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
  ys.forEach((y, j) => {
    const to = sum[at + j];
    if (to === undefined) return;
    const terms = [...(isFirst ? [] : [to]), ...(j === 0 ? [] : [carry])];
    if (at + j === sum.length - 1) {
      code.push(set(to, sumOf(i64.mul(get(x.whole), get(y.whole)), ...terms.map(get))));
      return;
    }
    code.push(multiplyAdd([high, low, t], x, y, ...terms));
    code.push(set(to, get(low)), set(carry, get(high)));
  });
  const top = sum[at + ys.length];
  if (top !== undefined) code.push(set(top, get(carry)));
  return code;
}

/** Shifts a word left in its locals; `count` is a local with 0 to 255, `complement` one to clobber. */
export const shiftLeft = (word: Limbs, count: number, complement: number): Code => {
  const [x0, x1, x2, x3] = word;
  return [
    ...moveLimbs([x3, x2, x1, x0], count),
    set(complement, i64.xor(get(count), i64.const(63))),
    ...[
      [x3, x2],
      [x2, x1],
      [x1, x0],
    ].map(([to, below]) =>
      set(to!, i64.or(i64.shl(get(to!), get(count)), spill(get(below!), i64.shrU, complement))),
    ),
    set(x0, i64.shl(get(x0), get(count))),
  ];
};

/** The same to the right; `fill` gives the limb that comes in from the left, all zeros or all ones. */
export const shiftRight = (word: Limbs, count: number, complement: number, fill: Code = ZERO): Code => {
  const [x0, x1, x2, x3] = word;
  return [
    ...moveLimbs([x0, x1, x2, x3], count, fill),
    set(complement, i64.xor(get(count), i64.const(63))),
    ...[
      [x0, x1],
      [x1, x2],
      [x2, x3],
    ].map(([to, above]) =>
      set(to!, i64.or(i64.shrU(get(to!), get(count)), spill(get(above!), i64.shl, complement))),
    ),
    set(x3, i64.or(i64.shrU(get(x3), get(count)), spill(fill, i64.shl, complement))),
  ];
};

/** Moves by two limbs, then by one, as bits 7 and 6 of the count say: towards the front of the list. */
function moveLimbs(limbs: Limbs, count: number, fill: Code = ZERO): Code[] {
  return [2, 1].map((step) =>
    limbs.map((limb, i) => {
      const source = limbs[i + step];
      const isMoved = i64.ne(i64.and(get(count), i64.const(64 * step)), ZERO);
      return set(limb, select(source === undefined ? fill : get(source), get(limb), isMoved));
    }),
  );
}

/** What crosses from the neighbour; in two steps, since a shift by 64 is one by 0. */
const spill = (neighbour: Code, shift: (a: Code, b: Code) => Code, complement: number): Code =>
  shift(shift(neighbour, ONE), get(complement));
