/**
 * Reciprocals of normalised divisors (the highest bit set), by which long division finds its digits without dividing.
 *
 * Source: N. Möller and T. Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60 (2011),
 * algorithms 3 and 6.
 *
 * The last divisor of either size and its reciprocal stay in globals: programs that divide, divide by the same number
 * again and again.
 */

import {
  type Code,
  get,
  getGlobal,
  i32,
  i64,
  leave,
  set,
  setGlobal,
  ValueType,
  when,
} from '../assembler/code.ts';
import type { Func, Locals, ModuleBuilder } from '../assembler/module.ts';
import { bit, multiplyAdd, newLimb, newSplit, ONE, split } from './limbs.ts';

const { I64 } = ValueType;
const of = i64.const;

/** `v`: floor((2^128 - 1) / d) - 2^64. */
function reciprocal(v: number, d: number, locals: Locals): Code {
  const [d40, v1, t] = [newLimb(locals), newLimb(locals), newLimb(locals)];
  const [high, low] = [newLimb(locals), newLimb(locals)];
  const [vs, es, ds] = [newSplit(locals), newSplit(locals), newSplit(locals, d)];
  const odd = i64.and(get(d), ONE);
  // 11, 21, 34 and 65 bits of it.
  return [
    set(d40, i64.add(i64.shrU(get(d), of(24)), ONE)),
    set(t, i64.extendI32U(i32.divU(i32.const(2 ** 19 - 3 * 2 ** 8), i32.wrap(i64.shrU(get(d), of(55)))))),
    set(
      v1,
      i64.sub(
        i64.sub(i64.shl(get(t), of(11)), i64.shrU(i64.mul(i64.mul(get(t), get(t)), get(d40)), of(40))),
        ONE,
      ),
    ),
    set(
      vs.whole,
      i64.add(
        i64.shl(get(v1), of(13)),
        i64.shrU(i64.mul(get(v1), i64.sub(of(1n << 60n), i64.mul(get(v1), get(d40)))), of(47)),
      ),
    ),
    set(
      es.whole,
      i64.sub(
        i64.and(i64.shrU(get(vs.whole), ONE), i64.sub(of(0), odd)),
        i64.mul(get(vs.whole), i64.add(i64.shrU(get(d), ONE), odd)),
      ),
    ),
    [split(vs), split(es), multiplyAdd([high, low, t], vs, es)],
    set(vs.whole, i64.add(i64.shl(get(vs.whole), of(31)), i64.shrU(get(high), ONE))),
    [split(vs), split(ds), multiplyAdd([high, low, t], vs, ds)],
    // The upper limb of (v + 2^64 + 1) d.
    set(t, i64.add(get(low), get(d))),
    set(v, i64.sub(i64.sub(get(vs.whole), get(high)), i64.add(get(d), bit(i64.ltU(get(t), get(d)))))),
  ];
}

/** (d): the reciprocal of one limb. */
export function emitReciprocal(module: ModuleBuilder): Func {
  const [divisor, known] = [module.global(I64), module.global(I64)];
  const func = module.begin([I64], [I64]);
  const [d] = func.params;
  const v = newLimb(func);
  return func.end([
    when(i64.eq(get(d), getGlobal(divisor)), leave(getGlobal(known))),
    reciprocal(v, d, func),
    setGlobal(divisor, get(d)),
    setGlobal(known, get(v)),
    get(v),
  ]);
}

/** (d1, d0): the reciprocal of two limbs, floor((2^192 - 1) / (2^64 d1 + d0)) - 2^64. */
export function emitReciprocalOfTwo(module: ModuleBuilder): Func {
  const [upper, lower, known] = [module.global(I64), module.global(I64), module.global(I64)];
  const func = module.begin([I64, I64], [I64]);
  const [d1, d0] = func.params;
  const [p, high, low, t] = [newLimb(func), newLimb(func), newLimb(func), newLimb(func)];
  const [vs, ds] = [newSplit(func), newSplit(func, d0)];
  const v = vs.whole;
  const decrement = set(v, i64.sub(get(v), ONE));
  const less = (limb: number): Code => set(p, i64.sub(get(p), get(limb)));
  return func.end([
    when(
      i32.and(i64.eq(get(d1), getGlobal(upper)), i64.eq(get(d0), getGlobal(lower))),
      leave(getGlobal(known)),
    ),
    reciprocal(v, d1, func),
    set(p, i64.add(i64.mul(get(d1), get(v)), get(d0))),
    when(i64.ltU(get(p), get(d0)), [
      decrement,
      when(i64.geU(get(p), get(d1)), [decrement, less(d1)]),
      less(d1),
    ]),
    [split(vs), split(ds), multiplyAdd([high, low, t], vs, ds)],
    set(p, i64.add(get(p), get(high))),
    when(i64.ltU(get(p), get(high)), [
      decrement,
      when(
        i32.or(i64.gtU(get(p), get(d1)), i32.and(i64.eq(get(p), get(d1)), i64.geU(get(low), get(d0)))),
        decrement,
      ),
    ]),
    setGlobal(upper, get(d1)),
    setGlobal(lower, get(d0)),
    setGlobal(known, get(v)),
    get(v),
  ]);
}
