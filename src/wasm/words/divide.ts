/**
 * Quotient and remainder of unsigned numbers, on which DIV, MOD and their kin are built. Owns the cases that need no
 * long division: dividends less than the divisor, numbers of one limb, powers of two.
 */

import { type Code, get, i32, i64, leave, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type Locals, type ModuleBuilder } from '../assembler/module.ts';
import { emitDivideByLimb } from './divide-limb.ts';
import { divideLong, type Operands } from './divide-long.ts';
import {
  isNull,
  LIMB_BYTES,
  loadLimbs,
  newLimb,
  newLimbs,
  ONE,
  setEach,
  shiftLeft,
  shiftRight,
  storeLimbs,
  subtract,
  ZERO,
} from './limbs.ts';
import { emitReciprocalOfTwo } from './reciprocal.ts';
import { leadingZeros } from './shift.ts';

const { I32 } = ValueType;

/** Functions of the module; operands and results are in its memory, and what is given their addresses (i32). */
export interface Division {
  /** (a, b, to): the quotient of two words, 0 where b is 0. `to` may be one of them. */
  readonly divide: Func;
  /** (a, limbs, b, to): the remainder of a number of 4 to 8 limbs, 0 where b is 0. `to` may be one of them. */
  readonly reduce: Func;
  /** (d, a, to): the reciprocal of a word whose highest bit is set, as below; `a` is room for eight limbs. */
  readonly reciprocal: Func;
}

/** @param scratch address of 80 bytes */
export function emitDivision(module: ModuleBuilder, scratch: number): Division {
  const parts = {
    byLimb: emitDivideByLimb(module),
    reciprocalOfTwo: emitReciprocalOfTwo(module),
    scratch,
  };
  return {
    divide: emitDivide(module, parts),
    reduce: emitReduce(module, parts),
    reciprocal: emitReciprocalOfWord(module, parts),
  };
}

interface Parts {
  readonly byLimb: Func;
  readonly reciprocalOfTwo: Func;
  readonly scratch: number;
}

const WORD_LIMBS = i32.const(4);
const ONES = i64.const(-1);
const HIGHEST_BIT = i64.const(1n << 63n);
const less = (a: Code): Code => i64.sub(a, ONE);

/** Shifts the divisor. Where it is a power of two, which then shows, `power`, and nothing follows. */
const normalise = ({ d, shift }: Operands, t: number, power: Code): Code => [
  set(shift, leadingZeros(d)),
  shiftLeft(d, shift, t),
  when(i32.and(i64.eq(get(d[3]), HIGHEST_BIT), isNull(d[0], d[1], d[2])), [power, leave()]),
];

const operandsOf = (locals: Locals, a: number): Operands => ({
  d: newLimbs(locals),
  shift: newLimb(locals),
  r: newLimbs(locals),
  a,
  top: locals.local(I32),
  quotient: locals.local(I32),
});

function emitDivide(module: ModuleBuilder, { byLimb, reciprocalOfTwo, scratch }: Parts): Func {
  const func = module.begin([I32, I32, I32], []);
  const [a, b, to] = func.params;
  const operands = operandsOf(func, a);
  const { d, r, shift, top, quotient } = operands;
  const [t, borrow, first] = [newLimb(func), newLimb(func), newLimb(func)];
  const [d0, ...higher] = d;
  const store = (...values: Code[]): Code => storeLimbs(to, values);
  return func.end([
    [loadLimbs(r, a), loadLimbs(d, b)],
    when(isNull(...higher), [
      when(i64.eqz(get(d0)), [store(ZERO, ZERO, ZERO, ZERO), leave()]),
      when(isNull(r[1], r[2], r[3]), [store(i64.divU(get(r[0]), get(d0)), ZERO, ZERO, ZERO), leave()]),
      when(i64.eqz(i64.and(get(d0), less(get(d0)))), [
        set(shift, i64.ctz(get(d0))),
        [shiftRight(r, shift, t), store(...r.map(get)), leave()],
      ]),
      [set(t, call(byLimb, get(a), WORD_LIMBS, get(d0), get(to))), leave()],
    ]),
    subtract(null, r, d, borrow, [t, first]),
    when(i64.ne(get(borrow), ZERO), [store(ZERO, ZERO, ZERO, ZERO), leave()]),
    normalise(operands, t, [
      set(shift, i64.sub(i64.const(255), get(shift))),
      [shiftRight(r, shift, t), store(...r.map(get))],
    ]),
    set(top, get(a)),
    divideLong(operands, func, reciprocalOfTwo, scratch),
    [loadLimbs(r, quotient), store(...r.map(get))],
  ]);
}

function emitReduce(module: ModuleBuilder, { byLimb, reciprocalOfTwo, scratch }: Parts): Func {
  const func = module.begin([I32, I32, I32, I32], []);
  const [a, limbs, b, to] = func.params;
  const operands = operandsOf(func, a);
  const { d, r, shift, top } = operands;
  const [t, borrow, first] = [newLimb(func), newLimb(func), newLimb(func)];
  const [d0, ...higher] = d;
  const store = (values: readonly Code[]): Code => storeLimbs(to, values);
  const storeLimb = (value: Code): Code => store([value, ZERO, ZERO, ZERO]);
  const isWord = i32.eq(get(limbs), WORD_LIMBS);
  return func.end([
    [loadLimbs(r, a), loadLimbs(d, b)],
    when(isNull(...higher), [
      when(i64.eqz(get(d0)), [storeLimb(ZERO), leave()]),
      when(i32.and(isWord, isNull(r[1], r[2], r[3])), [storeLimb(i64.remU(get(r[0]), get(d0))), leave()]),
      when(i64.eqz(i64.and(get(d0), less(get(d0)))), [storeLimb(i64.and(get(r[0]), less(get(d0)))), leave()]),
      [storeLimb(call(byLimb, get(a), get(limbs), get(d0), i32.const(scratch))), leave()],
    ]),
    when(isWord, [
      subtract(null, r, d, borrow, [t, first]),
      when(i64.ne(get(borrow), ZERO), [store(r.map(get)), leave()]),
    ]),
    normalise(operands, t, [
      // The bits below the only one of the divisor: its number is 255 - shift.
      setEach(d, [ONES, ONES, ONES, ONES]),
      set(shift, i64.add(get(shift), ONE)),
      shiftRight(d, shift, t),
      store([0, 1, 2, 3].map((i) => i64.and(get(d[i]!), get(r[i]!)))),
    ]),
    set(top, i32.add(get(a), i32.mul(i32.sub(get(limbs), WORD_LIMBS), i32.const(LIMB_BYTES)))),
    loadLimbs(r, top),
    divideLong(operands, func, reciprocalOfTwo, scratch),
    [shiftRight(r, shift, t), store(r.map(get))],
  ]);
}

/** floor((2^512 - 1) / d) - 2^256, which is the quotient of 2^512 - 1 - 2^256 d. */
function emitReciprocalOfWord(module: ModuleBuilder, { reciprocalOfTwo, scratch }: Parts): Func {
  const func = module.begin([I32, I32, I32], []);
  const [divisor, a, to] = func.params;
  const operands = operandsOf(func, a);
  const { d, r, top, quotient } = operands;
  return func.end([
    loadLimbs(d, divisor),
    setEach(
      r,
      [0, 1, 2, 3].map((i) => i64.xor(get(d[i]!), ONES)),
    ),
    storeLimbs(a, [ONES, ONES, ONES, ONES, ...r.map(get)]),
    set(top, i32.add(get(a), i32.const(4 * LIMB_BYTES))),
    divideLong(operands, func, reciprocalOfTwo, scratch),
    [loadLimbs(r, quotient), storeLimbs(to, r.map(get))],
  ]);
}
