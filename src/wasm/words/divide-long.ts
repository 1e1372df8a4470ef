/**
 * Division of a number of four limbs or more by one of two, three or four. The divisor is shifted left until it fills
 * four limbs, and the dividend with it, so that one loop serves all lengths.
 *
 * Source: N. Möller and T. Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60 (2011),
 * algorithm 5; D. Knuth, The Art of Computer Programming 2, section 4.3.1, algorithm D.
 */

import { branchIf, type Code, get, i32, i64, label, loop, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type Locals } from '../assembler/module.ts';
import {
  anyOf,
  bit,
  LIMB_BYTES,
  type Limbs,
  multiplyAdd,
  newLimb,
  newSplit,
  newSplits,
  ONE,
  type Split,
  split,
  storeLimbs,
  subtract,
  ZERO,
} from './limbs.ts';

/** What goes in, and what comes out. */
export interface Operands {
  /** The divisor, shifted: the highest bit is set. */
  readonly d: Limbs;
  /** By how much, 0 to 191. */
  readonly shift: number;
  /** Before: the four highest limbs of the dividend. After: the remainder, shifted like the divisor. */
  readonly r: Limbs;
  /** Addresses (i32) of the lowest limb of the dividend and of the lowest of the four highest. Clobbered. */
  readonly a: number;
  readonly top: number;
  /** After: the address (i32) of the quotient; four limbs are there even if it has less. */
  readonly quotient: number;
}

/** Zeros below the dividend, as many limbs as a divisor of two is moved up by. */
const MARGIN = 2 * LIMB_BYTES;

/** @param scratch address of 80 bytes */
export function divideLong(operands: Operands, locals: Locals, reciprocalOfTwo: Func, scratch: number): Code {
  const { d, shift, r, a, top, quotient } = operands;
  const [r0, r1, r2, r3] = r;
  const v = newSplit(locals);
  const place = locals.local(ValueType.I32);
  const [back, below, limb] = [newLimb(locals), newLimb(locals), newLimb(locals)];
  const [shifting, next] = [label(), label()];
  const [ds, qs] = [newSplits(locals, d), newSplit(locals)];
  const dividend = scratch + MARGIN;

  const spill = (x: number): Code => i64.shrU(i64.shrU(get(x), ONE), get(back));
  const shifted = (x: number, below: number): Code => i64.or(i64.shl(get(x), get(shift)), spill(below));
  const step = (local: number): Code => set(local, i32.add(get(local), i32.const(LIMB_BYTES)));
  return [
    set(back, i64.xor(get(shift), i64.const(63))),
    // The lower limbs of the shifted dividend go to memory, where the digits of the quotient take their place.
    set(place, i32.const(dividend)),
    set(below, ZERO),
    loop(
      shifting,
      set(limb, i64.load(get(a))),
      i64.store(get(place), shifted(limb, below)),
      set(below, get(limb)),
      [step(place), step(a)],
      branchIf(shifting, i32.leU(get(a), get(top))),
    ),
    set(quotient, i32.const(scratch)),
    storeLimbs(quotient, [ZERO, ZERO]),
    storeLimbs(place, [ZERO, ZERO, ZERO]),
    // Its four highest, of now five, stay in locals. They are less than the divisor.
    [set(r0, shifted(r1, r0)), set(r1, shifted(r2, r1)), set(r2, shifted(r3, r2)), set(r3, spill(r3))],
    ds.map(split),
    [set(v.whole, call(reciprocalOfTwo, get(d[3]), get(d[2]))), split(v)],
    set(
      quotient,
      i32.sub(
        i32.const(dividend),
        i32.mul(i32.wrap(i64.shrU(get(shift), i64.const(6))), i32.const(LIMB_BYTES)),
      ),
    ),
    loop(
      next,
      set(place, i32.sub(get(place), i32.const(LIMB_BYTES))),
      set(limb, i64.load(get(place))),
      digit({ q: qs, r, limb, ds, v }, locals),
      i64.store(get(place), get(qs.whole)),
      branchIf(next, i32.gtU(get(place), get(quotient))),
    ),
  ];
}

interface Step {
  /** After: the digit. */
  readonly q: Split;
  /** The remainder so far, less than the divisor, and after. */
  readonly r: Limbs;
  /** The next limb of the dividend. */
  readonly limb: number;
  readonly ds: readonly Split[];
  /** The reciprocal of the divisor's two highest limbs. */
  readonly v: Split;
}

/** One digit of the quotient: estimated from three limbs by two, which is right or one too large. */
function digit({ q: qs, r, limb, ds, v }: Step, locals: Locals): Code {
  const q = qs.whole;
  const [r0, r1, r2, r3] = r;
  const [d0, d1, d2, d3] = [ds[0]!.whole, ds[1]!.whole, ds[2]!.whole, ds[3]!.whole];
  const [s0, s1] = [newLimb(locals), newLimb(locals)];
  const [high, low, t] = [newLimb(locals), newLimb(locals), newLimb(locals)];
  const [carry, borrow, first] = [newLimb(locals), newLimb(locals), newLimb(locals)];
  const r3s = newSplit(locals, r3);
  const [l0, h0, l1] = [newLimb(locals), newLimb(locals), newLimb(locals)];
  const p: Limbs = [l0, l1, high, carry];
  const remainder: Limbs = [limb, r0, s0, s1];

  const estimate: Code = [
    [split(r3s), multiplyAdd([q, low, t], v, r3s, r2)],
    [set(q, i64.add(get(q), get(r3))), split(qs)],
    set(s1, i64.sub(get(r2), i64.mul(get(q), get(d3)))),
    // Less q d2, and less the divisor once.
    multiplyAdd([high, t, s0], ds[2]!, qs),
    set(s1, i64.sub(get(s1), i64.add(get(high), bit(i64.ltU(get(r1), get(t)))))),
    set(s0, i64.sub(get(r1), get(t))),
    set(s1, i64.sub(get(s1), i64.add(get(d3), bit(i64.ltU(get(s0), get(d2)))))),
    set(s0, i64.sub(get(s0), get(d2))),
    // Once too often, about as often as not: no branch.
    set(t, i64.sub(ZERO, bit(i64.geU(get(s1), get(low))))),
    set(q, i64.add(i64.add(get(q), ONE), get(t))),
    set(high, i64.and(get(d2), get(t))),
    set(s0, i64.add(get(s0), get(high))),
    set(s1, i64.add(get(s1), i64.add(i64.and(get(d3), get(t)), bit(i64.ltU(get(s0), get(high)))))),
    when(i32.or(i64.gtU(get(s1), get(d3)), i32.and(i64.eq(get(s1), get(d3)), i64.geU(get(s0), get(d2)))), [
      set(q, i64.add(get(q), ONE)),
      set(s1, i64.sub(get(s1), i64.add(get(d3), bit(i64.ltU(get(s0), get(d2)))))),
      set(s0, i64.sub(get(s0), get(d2))),
    ]),
    set(carry, ZERO),
  ];
  // Where the upper limbs are equal, the digit is 2^64 - 1 or one less; the remainder may take a third limb.
  const largest: Code = [
    set(q, i64.const(-1)),
    set(s0, i64.add(get(r1), get(d2))),
    set(t, bit(i64.ltU(get(s0), get(d2)))),
    set(s1, i64.add(get(d3), get(t))),
    set(carry, bit(i64.ltU(get(s1), get(t)))),
  ];
  // The product of the digit and the lower limbs, p0 to p2, comes off the remainder.
  const lower: Code = [
    split(qs),
    multiplyAdd([h0, l0, t], ds[0]!, qs),
    multiplyAdd([high, l1, t], ds[1]!, qs, h0),
    set(h0, get(carry)),
    set(carry, ZERO),
    subtract(remainder, remainder, p, borrow, [t, first]),
    // Not less than 0 if the third limb pays for it.
    when(i64.ne(get(borrow), get(h0)), [set(q, i64.sub(get(q), ONE)), addLimbs(remainder, ds, carry, t)]),
  ];
  return [
    when(
      i32.and(i64.eqz(get(r3)), i64.ltU(get(r2), get(d3))),
      // A digit of 0, of which short dividends have many.
      [set(q, ZERO), set(s1, get(r2)), set(s0, get(r1))],
      [
        when(i32.and(i64.eq(get(r3), get(d3)), i64.eq(get(r2), get(d2))), largest, estimate),
        when(i64.ne(anyOf(d1, d0), ZERO), lower),
      ],
    ),
    set(r3, get(s1)),
    set(r2, get(s0)),
    set(r1, get(r0)),
    set(r0, get(limb)),
  ];
}

/** Adds the divisor back. */
function addLimbs(sum: Limbs, ds: readonly Split[], carry: number, t: number): Code {
  const code: Code[] = [set(carry, ZERO)];
  for (let i = 0; i < 4; i++) {
    const limb = sum[i]!;
    code.push(
      set(t, i64.add(get(limb), get(carry))),
      set(carry, bit(i64.ltU(get(t), get(carry)))),
      set(limb, i64.add(get(t), get(ds[i]!.whole))),
      set(carry, i64.or(get(carry), bit(i64.ltU(get(limb), get(t))))),
    );
  }
  return code;
}
