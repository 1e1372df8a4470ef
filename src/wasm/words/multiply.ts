/**
 * MUL, and the product of two words in full: rows of products of limbs, as on paper.
 */

import { type Code, get, i64, leave, set, ValueType, when } from '../assembler/code.ts';
import type { Func, ModuleBuilder } from '../assembler/module.ts';
import {
  addTo,
  bit,
  isNull,
  type Limbs,
  loadLimbs,
  multiplyAdd,
  multiplyRow,
  newLimbs,
  newRowTemps,
  newSplits,
  ONE,
  type RowTemps,
  type Split,
  split,
  storeLimbs,
  WORD_BYTES,
  ZERO,
} from './limbs.ts';

/** All rows; as many limbs of the product as `product` has locals. */
export function multiplyRows(
  product: readonly number[],
  xs: readonly Split[],
  ys: readonly Split[],
  temps: RowTemps,
): Code {
  const rows: Code[] = [];
  for (let i = 0; i < xs.length; i++) rows.push(multiplyRow(product, xs[i]!, ys, i, i === 0, temps));
  return rows;
}

/** The lower four limbs of a square, a quarter cheaper: the products of unlike limbs are doubled, not computed twice. */
export function squareRows(product: Limbs, xs: readonly Split[], temps: RowTemps): Code {
  const [p0, p1, p2, p3] = product;
  const [x0, x1, x2] = [xs[0]!, xs[1]!, xs[2]!];
  const [high, low, t, carry] = temps;
  const twice = (to: number, below: number): Code =>
    set(to, i64.or(i64.shl(get(to), ONE), i64.shrU(get(below), i64.const(63))));
  return [
    multiplyRow(product, x0, xs.slice(1), 1, true, temps),
    set(p3, i64.add(get(p3), i64.mul(get(x1.whole), get(x2.whole)))),
    [twice(p3, p2), twice(p2, p1), set(p1, i64.shl(get(p1), ONE))],
    multiplyAdd([carry, p0, t], x0, x0),
    multiplyAdd([high, low, t], x1, x1),
    addTo(p2, p1, get(carry)),
    // What p2 lost by a carry into it.
    set(p3, i64.add(get(p3), i64.and(bit(i64.ltU(get(p1), get(carry))), bit(i64.eqz(get(p2)))))),
    addTo(p3, p2, get(low)),
    set(p3, i64.add(get(p3), get(high))),
  ];
}

export function emitMul(module: ModuleBuilder): Func {
  const func = module.begin([ValueType.I32], []);
  const [sp] = func.params;
  const [a, b, product] = [newLimbs(func), newLimbs(func), newLimbs(func)];
  const [as, bs] = [newSplits(func, a), newSplits(func, b)];
  const temps = newRowTemps(func);
  const store = storeLimbs(sp, product.map(get), WORD_BYTES);
  const rowOf = (x: Split, ys: readonly Split[]): Code => [
    ys.map(split),
    multiplyRow(product, x, ys, 0, true, temps),
    store,
    leave(),
  ];
  const [a0, b0] = [as![0]!, bs![0]!];
  return func.end([
    loadLimbs(a, sp),
    loadLimbs(b, sp, WORD_BYTES),
    when(isNull(...a.slice(1)), [
      split(a0),
      when(isNull(...b.slice(1)), [
        split(b0),
        multiplyRow(product.slice(0, 2), a0, [b0], 0, true, temps),
        storeLimbs(sp, [get(product[0]), get(product[1]), ZERO, ZERO], WORD_BYTES),
        leave(),
      ]),
      rowOf(a0, bs!),
    ]),
    when(isNull(...b.slice(1)), [split(b0), rowOf(b0, as!)]),
    as!.slice(0, 3).map(split),
    bs!.slice(0, 3).map(split),
    multiplyRows(product, as!, bs!, temps),
    store,
  ]);
}
