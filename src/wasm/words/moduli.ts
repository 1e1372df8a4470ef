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
  newSplits,
  ONE,
  type RowTemps,
  type Split,
  setEach,
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
export function addAll(sum: readonly number[], terms: readonly Code[], carry: number, t: number): Code {
  const code: Code[] = [set(carry, ZERO)];
  for (let i = 0; i < sum.length; i++) {
    const [limb, term] = [sum[i]!, terms[i]];
    if (term === undefined)
      code.push(set(limb, i64.add(get(limb), get(carry))), set(carry, bit(i64.ltU(get(limb), get(carry)))));
    else
      code.push(
        set(t, i64.add(get(limb), get(carry))),
        set(carry, bit(i64.ltU(get(t), get(carry)))),
        set(limb, i64.add(get(t), term)),
        set(carry, i64.or(get(carry), bit(i64.ltU(get(limb), get(t))))),
      );
  }
  return code;
}

/** Where `condition` is not 0 the limbs of `then`, else those of `otherwise`. */
export function chooseEach(condition: Code, then: readonly number[], otherwise: readonly number[]): Code[] {
  const limbs: Code[] = [];
  for (let i = 0; i < then.length; i++)
    limbs.push(select(get(then[i]!), get(otherwise[i]!), i64.ne(condition, ZERO)));
  return limbs;
}

/**
 * Reduces a number of eight limbs modulo 2^256 - c, c less than 2^64, where 2^256 is c: 2^256 - 1, by which contracts
 * get at the upper half of a product, and the field of secp256k1.
 */
export function fold(x: Product, m: Limbs, locals: Locals, [high, low, t, carry]: RowTemps): Code {
  const c: Split = newSplit(locals);
  const part: Split = newSplit(locals);
  const sum = lower(x);
  const difference = newLimbs(locals);
  const products: Code[] = [];
  for (let i = 0; i < 4; i++)
    products.push(
      [set(part.whole, get(x[4 + i]!)), split(part)],
      multiplyAdd([high, low, t], c, part, sum[i]!, carry),
      [set(sum[i]!, get(low)), set(carry, get(high))],
    );
  return [
    [set(c.whole, i64.sub(ZERO, get(m[0]))), split(c)],
    [set(carry, ZERO), products],
    [set(part.whole, get(carry)), split(part), multiplyAdd([high, low, t], c, part)],
    addAll(sum, [get(low), get(high)], carry, t),
    // If that went past 2^256, what is left is less than 2^128.
    addAll(sum, [i64.mul(get(c.whole), get(carry))], t, low),
    addAllTo(difference, sum, get(c.whole), carry),
    setEach(sum, chooseEach(get(carry), difference, sum)),
  ];
}

/** `sum` and `term` into `to`, and the carry. */
function addAllTo(to: Limbs, sum: readonly number[], term: Code, carry: number): Code {
  const code: Code[] = [];
  for (let i = 0; i < 4; i++) {
    const [limb, other] = [to[i]!, i === 0 ? term : get(carry)];
    code.push(set(limb, i64.add(get(sum[i]!), other)), set(carry, bit(i64.ltU(get(limb), get(sum[i]!)))));
  }
  return code;
}

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
  const [xs, vs] = [newSplits(locals, upper(x)), newSplits(locals, v)];
  const [ds, qs] = [newSplits(locals, d), newSplits(locals, upper(q))];
  const [shifted, shiftedBack, divisor]: [Code[], Code[], Code[]] = [[], [], []];
  for (let i = 7; i > 0; i--) {
    const below = i64.shrU(i64.shrU(get(x[i - 1]!), ONE), get(back));
    shifted.push(set(x[i]!, i64.or(i64.shl(get(x[i]!), get(shift)), below)));
  }
  shifted.push(set(x[0], i64.shl(get(x[0]), get(shift))));
  for (let i = 0; i < 3; i++) {
    const above = i64.shl(i64.shl(get(r[i + 1]!), ONE), get(back));
    shiftedBack.push(set(r[i]!, i64.or(i64.shrU(get(r[i]!), get(shift)), above)));
  }
  shiftedBack.push(set(r[3], i64.shrU(get(r[3]), get(shift))));
  for (const limb of d) divisor.push(i64.and(get(limb), get(first)));
  return [
    set(back, i64.xor(get(shift), i64.const(63))),
    shifted,
    [xs.map(split), vs.map(split), multiplyRows(q, xs, vs, temps)],
    addAll(q, x.map(get), borrow, t),
    addAll(upper(q), [ONE], borrow, t),
    [ds.map(split), qs.map(split), multiplyRows(qd, qs, ds, temps)],
    subtract(r, lower(x), qd, borrow, [t, first]),
    // Once too often, about as often as not: no branch.
    subtract(null, lower(q), r, borrow, [t, first]),
    set(first, i64.sub(ZERO, get(borrow))),
    addAll(r, divisor, borrow, t),
    subtract(qd, r, d, borrow, [t, first]),
    when(i64.eqz(get(borrow)), setEach(r, qd.map(get))),
    shiftedBack,
  ];
}
