/**
 * EXP: squares and products, from the highest bit of the exponent down. Powers of powers of two, by which contracts
 * pack and unpack words, are shifts.
 */

import {
  block,
  branch,
  branchIf,
  type Code,
  get,
  i32,
  i64,
  label,
  loop,
  select,
  set,
  ValueType,
  when,
} from '../assembler/code.ts';
import type { Func, ModuleBuilder } from '../assembler/module.ts';
import {
  anyOf,
  isNull,
  loadLimbs,
  multiplyRow,
  newLimb,
  newLimbs,
  newRowTemps,
  newSplits,
  ONE,
  setEach,
  split,
  storeLimbs,
  WORD_BYTES,
  ZERO,
} from './limbs.ts';
import { multiplyRows, squareRows } from './multiply.ts';
import { leadingZeros } from './shift.ts';

export function emitExp(module: ModuleBuilder): Func {
  const func = module.begin([ValueType.I32], []);
  const [sp] = func.params;
  const [base, power, product] = [newLimbs(func), newLimbs(func), newLimbs(func)];
  const [bases, powers] = [newSplits(func, base), newSplits(func, power)];
  const temps = newRowTemps(func);
  // Of the bit of the exponent: from the highest that is set down to 0.
  const place = newLimb(func);
  const lowExponent = newLimb(func);
  const [b0, ...higherBase] = base;
  const [p0, ...higherPower] = power;

  const keep = setEach(power, product.map(get));
  const square = when(
    isNull(...higherPower),
    [split(powers[0]!), multiplyRow(power.slice(0, 2), powers[0]!, [powers[0]!], 0, true, temps)],
    [powers.slice(0, 3).map(split), squareRows(product, powers, temps), keep],
  );
  const multiply = [
    powers.slice(0, 3).map(split),
    when(
      isNull(...higherBase),
      multiplyRow(product, bases[0]!, powers, 0, true, temps),
      multiplyRows(product, bases, powers, temps),
    ),
    keep,
  ];
  const limbOfPlace = i32.wrap(i64.shl(i64.shrU(get(place), i64.const(6)), i64.const(3)));
  const isSet = i64.ne(
    i64.and(i64.shrU(i64.load(i32.add(get(sp), limbOfPlace), WORD_BYTES), get(place)), ONE),
    ZERO,
  );
  const powerOfTwo: Code[] = [];
  for (let i = 0; i < 4; i++) {
    const isHere = i64.eq(i64.shrU(get(place), i64.const(6)), i64.const(i));
    powerOfTwo.push(select(i64.shl(ONE, get(place)), ZERO, isHere));
  }
  const [done, next] = [label(), label()];
  return func.end([
    // The exponent, for a moment.
    loadLimbs(power, sp, WORD_BYTES),
    loadLimbs(base, sp),
    set(place, i64.sub(i64.const(255), leadingZeros(power))),
    block(
      done,
      set(lowExponent, get(p0)),
      setEach(power, [ONE, ZERO, ZERO, ZERO]),
      branchIf(done, i64.ltS(get(place), ZERO)),
      // 0 and 1 are powers of themselves, and one of an even number is 0 from 2^256 on.
      when(isNull(...higherBase), [when(i64.leU(get(b0), ONE), [set(p0, get(b0)), branch(done)])]),
      when(i32.and(i64.eqz(i64.and(get(b0), ONE)), i64.gtU(get(place), i64.const(7))), [
        set(p0, ZERO),
        branch(done),
      ]),
      when(i64.eqz(i64.or(anyOf(...higherBase), i64.and(get(b0), i64.sub(get(b0), ONE)))), [
        set(place, i64.mul(i64.ctz(get(b0)), get(lowExponent))),
        setEach(power, powerOfTwo),
        branch(done),
      ]),
      bases.slice(0, 3).map(split),
      setEach(power, base.map(get)),
      loop(
        next,
        branchIf(done, i64.eqz(get(place))),
        set(place, i64.sub(get(place), ONE)),
        square,
        when(isSet, multiply),
        branch(next),
      ),
    ),
    storeLimbs(sp, power.map(get), WORD_BYTES),
  ]);
}
