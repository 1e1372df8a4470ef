/**
 * Reductions of a product of two words by a modulus of a kind that comes again and again: those close to 2^256, and
 * whichever was used last. Each is code that works on locals.
 */

import { type Code, get, i64, select, set, when } from '../assembler/code.ts';
import type { Locals } from '../assembler/module.ts';
import {
  bit,
  type Limbs,
  multiplyAdd,
  newLimb,
  newLimbs,
  newSplit,
  ONE,
  type RowTemps,
  type Split,
  split,
  subtract,
  ZERO,
} from './limbs.ts';
import { multiplyRows } from './multiply.ts';

/** Eight limbs. */
export type Product = readonly [...Limbs, ...Limbs];

export const newProduct = (locals: Locals): Product => [...newLimbs(locals), ...newLimbs(locals)];
const lower = ([x0, x1, x2, x3]: Product): Limbs => [x0, x1, x2, x3];
export const upper = ([, , , , x4, x5, x6, x7]: Product): Limbs => [x4, x5, x6, x7];

/** Adds a limb, or one at every place, and leaves the carry. */
export const addAll = (sum: readonly number[], terms: readonly Code[], carry: number, t: number): Code => [
  set(carry, ZERO),
  sum.map((limb, i) => {
    const term = terms[i];
    if (term === undefined)
      return [set(limb, i64.add(get(limb), get(carry))), set(carry, bit(i64.ltU(get(limb), get(carry))))];
    return [
      set(t, i64.add(get(limb), get(carry))),
      set(carry, bit(i64.ltU(get(t), get(carry)))),
      set(limb, i64.add(get(t), term)),
      set(carry, i64.or(get(carry), bit(i64.ltU(get(limb), get(t))))),
    ];
  }),
];

/**
 * Reduces a number of eight limbs modulo 2^256 - c, c less than 2^64, where 2^256 is c: 2^256 - 1, by which contracts
 * get at the upper half of a product, and the field of secp256k1.
 */
export function fold(x: Product, m: Limbs, locals: Locals, [high, low, t, carry]: RowTemps): Code {
  const c: Split = newSplit(locals);
  const part: Split = newSplit(locals);
  const sum = lower(x);
  const difference = newLimbs(locals);
  return [
    [set(c.whole, i64.sub(ZERO, get(m[0]))), split(c)],
    set(carry, ZERO),
    sum.map((limb, i) => [
      [set(part.whole, get(x[4 + i]!)), split(part)],
      multiplyAdd([high, low, t], c, part, limb, carry),
      [set(limb, get(low)), set(carry, get(high))],
    ]),
    [set(part.whole, get(carry)), split(part), multiplyAdd([high, low, t], c, part)],
    addAll(sum, [get(low), get(high)], carry, t),
    // If that went past 2^256, what is left is less than 2^128.
    addAll(sum, [i64.mul(get(c.whole), get(carry))], t, low),
    addAllTo(difference, sum, get(c.whole), carry),
    sum.map((limb, i) => set(limb, select(get(difference[i]!), get(limb), i64.ne(get(carry), ZERO)))),
  ];
}

/** `sum` and `term` into `to`, and the carry. */
const addAllTo = (to: Limbs, sum: readonly number[], term: Code, carry: number): Code =>
  to.map((limb, i) => {
    const other = i === 0 ? term : get(carry);
    return [set(limb, i64.add(get(sum[i]!), other)), set(carry, bit(i64.ltU(get(limb), get(sum[i]!))))];
  });

/**
 * Reduces `x`, whose upper half is less than the modulus, by the reciprocal of the modulus: division of two digits by
 * one, where a digit is a word. Its steps wait less for one another than the digits of long division: 100 ns for a
 * MULMOD in the field of BN254, 123 by those.
 * @param d the modulus, its highest bit brought up to the top; clobbered
 * @param v its reciprocal, see `Division`
 * @param shift by how much it was brought up, 0 to 63
 * @returns code that leaves the remainder in `r`
 */
export function reduceBy(
  r: Limbs,
  x: Product,
  d: Limbs,
  v: Limbs,
  shift: number,
  locals: Locals,
  temps: RowTemps,
): Code {
  const [borrow, t, first, back] = [newLimb(locals), newLimb(locals), newLimb(locals), newLimb(locals)];
  const q = newProduct(locals);
  const qd = newLimbs(locals);
  const splits = (limbs: Limbs): Split[] => limbs.map((limb) => newSplit(locals, limb));
  const [xs, vs, ds, qs] = [splits(upper(x)), splits(v), splits(d), splits(upper(q))];
  return [
    set(back, i64.xor(get(shift), i64.const(63))),
    x
      .map((limb, i) => {
        const below = x[i - 1];
        const high = i64.shl(get(limb), get(shift));
        return set(
          limb,
          below === undefined ? high : i64.or(high, i64.shrU(i64.shrU(get(below), ONE), get(back))),
        );
      })
      .reverse(),
    [xs.map(split), vs.map(split), multiplyRows(q, xs, vs, temps)],
    addAll(q, x.map(get), borrow, t),
    addAll(upper(q), [ONE], borrow, t),
    [ds.map(split), qs.map(split), multiplyRows(qd, qs, ds, temps)],
    subtract(r, lower(x), qd, borrow, [t, first]),
    // Once too often, about as often as not: no branch.
    subtract(null, lower(q), r, borrow, [t, first]),
    set(first, i64.sub(ZERO, get(borrow))),
    addAll(
      r,
      d.map((limb) => i64.and(get(limb), get(first))),
      borrow,
      t,
    ),
    subtract(qd, r, d, borrow, [t, first]),
    when(
      i64.eqz(get(borrow)),
      r.map((limb, i) => set(limb, get(qd[i]!))),
    ),
    r.map((limb, i) => {
      const above = r[i + 1];
      const low = i64.shrU(get(limb), get(shift));
      return set(limb, above === undefined ? low : i64.or(low, i64.shl(i64.shl(get(above), ONE), get(back))));
    }),
  ];
}
