/**
 * Division of a number of any length by one limb.
 *
 * Source: N. Möller and T. Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60 (2011),
 * algorithm 4.
 */

import { branchIf, get, i32, i64, label, loop, set, tee, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import { bit, LIMB_BYTES, multiplyAdd, newLimb, newSplit, ONE, split, ZERO } from './limbs.ts';
import { emitReciprocal } from './reciprocal.ts';

const { I32, I64 } = ValueType;

/**
 * (a, limbs, d, to): divides the number at `a` by `d`, which is not 0, from the highest limb down. Writes the quotient
 * to `to`, as many limbs as the dividend has, and gives the remainder.
 */
export function emitDivideByLimb(module: ModuleBuilder): Func {
  const reciprocal = emitReciprocal(module);
  const func = module.begin([I32, I32, I64, I32], [I64]);
  const [a, limbs, d, to] = func.params;
  const [v, rests] = [newSplit(func), newSplit(func)];
  const rest = rests.whole;
  const [shift, back, limb, below] = [newLimb(func), newLimb(func), newLimb(func), newLimb(func)];
  const [q, low, t] = [newLimb(func), newLimb(func), newLimb(func)];
  const place = func.local(I32);
  const next = label();
  const spill = i64.shrU(i64.shrU(get(below), ONE), get(back));
  return func.end([
    set(shift, i64.clz(get(d))),
    set(back, i64.xor(get(shift), i64.const(63))),
    set(d, i64.shl(get(d), get(shift))),
    [set(v.whole, call(reciprocal, get(d))), split(v)],
    set(place, i32.mul(i32.sub(get(limbs), i32.const(1)), i32.const(LIMB_BYTES))),
    set(below, i64.load(i32.add(get(a), get(place)))),
    set(rest, spill),
    loop(
      next,
      // The dividend is shifted as it is read.
      set(limb, i64.shl(get(below), get(shift))),
      when(get(place), [
        set(below, i64.load(i32.add(get(a), i32.sub(get(place), i32.const(LIMB_BYTES))))),
        set(limb, i64.or(get(limb), spill)),
      ]),
      when(
        i32.and(i64.eqz(get(rest)), i64.ltU(get(limb), get(d))),
        [set(q, ZERO), set(rest, get(limb))],
        [
          [split(rests), multiplyAdd([q, low, t], v, rests, limb)],
          set(q, i64.add(i64.add(get(q), get(rest)), ONE)),
          set(rest, i64.sub(get(limb), i64.mul(get(q), get(d)))),
          // One too many about as often as not, so no branch; the other way hardly ever.
          set(t, i64.sub(ZERO, bit(i64.gtU(get(rest), get(low))))),
          set(q, i64.add(get(q), get(t))),
          set(rest, i64.add(get(rest), i64.and(get(d), get(t)))),
          when(i64.geU(get(rest), get(d)), [
            set(q, i64.add(get(q), ONE)),
            set(rest, i64.sub(get(rest), get(d))),
          ]),
        ],
      ),
      i64.store(i32.add(get(to), get(place)), get(q)),
      branchIf(next, i32.geS(tee(place, i32.sub(get(place), i32.const(LIMB_BYTES))), i32.const(0))),
    ),
    i64.shrU(get(rest), get(shift)),
  ]);
}
