/** ADDMOD and MULMOD: sums and products longer than a word, and the moduli that need no division. */

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
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import type { Division } from './divide.ts';
import {
  areEqual,
  bit,
  isNull,
  loadLimbs,
  multiplyRow,
  newLimb,
  newLimbs,
  newRowTemps,
  newSplits,
  shiftLeft,
  split,
  storeLimbs,
  subtract,
  WORD_BYTES,
  ZERO,
} from './limbs.ts';
import { addAll, chooseEach, fold, newProduct, reduceBy, upper } from './moduli.ts';
import { multiplyRows } from './multiply.ts';

const { I32 } = ValueType;
const MODULUS = 2 * WORD_BYTES;
const modulusOf = (sp: number): Code => i32.add(get(sp), i32.const(MODULUS));

/** @param scratch address of 40 bytes */
export function emitAddmod(module: ModuleBuilder, { reduce }: Division, scratch: number): Func {
  const func = module.begin([I32], []);
  const [sp] = func.params;
  const [a, b, m, difference] = [newLimbs(func), newLimbs(func), newLimbs(func), newLimbs(func)];
  const [isLess, borrow, carry] = [newLimb(func), newLimb(func), newLimb(func)];
  const [t, u] = [newLimb(func), newLimb(func)];
  const place = func.local(I32);
  return func.end([
    [loadLimbs(a, sp), loadLimbs(b, sp, WORD_BYTES), loadLimbs(m, sp, MODULUS)],
    subtract(null, a, m, isLess, [t, u]),
    subtract(null, b, m, borrow, [t, u]),
    addAll(a, b.map(get), carry, t),
    // Two residues, as a rule: their sum exceeds the modulus at most once.
    when(i64.ne(i64.and(get(isLess), get(borrow)), ZERO), [
      subtract(difference, a, m, borrow, [t, u]),
      set(t, i64.or(get(carry), bit(i64.eqz(get(borrow))))),
      storeLimbs(sp, chooseEach(get(t), difference, a), MODULUS),
      leave(),
    ]),
    set(place, i32.const(scratch)),
    storeLimbs(place, [...a, carry].map(get)),
    call(reduce, get(place), i32.add(i32.const(4), i32.wrap(get(carry))), modulusOf(sp), modulusOf(sp)),
  ]);
}

/** What MULMOD knows of the last modulus: nothing, which it was, or its reciprocal too. */
const [NOTHING, SEEN, KNOWN] = [0, 1, 2];
/** Where: the modulus, the same with its highest bit at the top, and the reciprocal. */
const [SHIFTED, RECIPROCAL] = [WORD_BYTES, 2 * WORD_BYTES];

/**
 * @param scratch address of 64 bytes
 * @param last address of 96 bytes that nobody else may write to
 */
export function emitMulmod(module: ModuleBuilder, division: Division, scratch: number, last: number): Func {
  const knowledge = module.global(I32, NOTHING);
  const func = module.begin([I32], []);
  const [sp] = func.params;
  const [a, b, m] = [newLimbs(func), newLimbs(func), newLimbs(func)];
  const [d, v] = [newLimbs(func), newLimbs(func)];
  const [as, bs] = [newSplits(func, a), newSplits(func, b)];
  const product = newProduct(func);
  const temps = newRowTemps(func);
  const [shift, borrow, t, first] = [newLimb(func), newLimb(func), newLimb(func), newLimb(func)];
  const place = func.local(I32);
  const store = (word: readonly number[]): Code => [storeLimbs(sp, word.map(get), MODULUS), leave()];
  const reduced = (limbs: number): Code => [
    set(place, i32.const(scratch)),
    storeLimbs(place, product.slice(0, limbs).map(get)),
    call(division.reduce, get(place), i32.const(limbs), modulusOf(sp), modulusOf(sp)),
    leave(),
  ];
  const isLast = areEqual(m.map(get), d.map(get));
  return func.end([
    [loadLimbs(a, sp), loadLimbs(b, sp, WORD_BYTES)],
    [split(as![0]!), split(bs![0]!)],
    when(isNull(...a.slice(1), ...b.slice(1)), [
      multiplyRow(product.slice(0, 2), as![0]!, [bs![0]!], 0, true, temps),
      reduced(4),
    ]),
    [as!.slice(1).map(split), bs!.slice(1).map(split)],
    multiplyRows(product, as!, bs!, temps),
    when(isNull(...upper(product)), reduced(4)),
    loadLimbs(m, sp, MODULUS),
    when(
      i32.and(
        i64.eq(i64.and(i64.and(get(m[1]), get(m[2])), get(m[3])), i64.const(-1)),
        i64.ne(get(m[0]), ZERO),
      ),
      [fold(product, m, func, temps), store(product.slice(0, 4))],
    ),
    // Seen twice in a row, a modulus is worth a reciprocal, which costs two reductions.
    subtract(null, upper(product), m, borrow, [t, first]),
    when(i32.and(i64.ne(get(m[3]), ZERO), i64.ne(get(borrow), ZERO)), [
      set(place, i32.const(last)),
      loadLimbs(d, place),
      when(
        i32.and(isLast, i32.ne(getGlobal(knowledge), i32.const(NOTHING))),
        [
          set(shift, i64.clz(get(m[3]))),
          when(i32.eq(getGlobal(knowledge), i32.const(SEEN)), [
            shiftLeft(d, shift, t),
            storeLimbs(place, d.map(get), SHIFTED),
            call(
              division.reciprocal,
              i32.const(last + SHIFTED),
              i32.const(scratch),
              i32.const(last + RECIPROCAL),
            ),
            setGlobal(knowledge, i32.const(KNOWN)),
          ]),
          [loadLimbs(d, place, SHIFTED), loadLimbs(v, place, RECIPROCAL)],
          reduceBy(a, product, d, v, shift, func, temps),
          store(a),
        ],
        [storeLimbs(place, m.map(get)), setGlobal(knowledge, i32.const(SEEN))],
      ),
    ]),
    reduced(8),
  ]);
}
