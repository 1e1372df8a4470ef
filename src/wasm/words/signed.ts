/** DIV, MOD, SDIV and SMOD: the stack and the signs around divide.ts. */

import { type Code, get, i32, i64, leave, set, ValueType, when } from '../assembler/code.ts';
import { call, type Func, type ModuleBuilder } from '../assembler/module.ts';
import type { Division } from './divide.ts';
import { bit, type Limbs, loadLimbs, newLimb, newLimbs, ONE, storeLimbs, WORD_BYTES, ZERO } from './limbs.ts';

const { I32 } = ValueType;
const secondOf = (sp: number): Code => i32.add(get(sp), i32.const(WORD_BYTES));

/** (a, b): the quotient or the remainder of the words there, to the place of b. */
type Operation = (a: Code, b: Code, to: Code) => Code;

const quotient =
  ({ divide }: Division): Operation =>
  (a, b, to) =>
    call(divide, a, b, to);
const remainder =
  ({ reduce }: Division): Operation =>
  (a, b, to) =>
    call(reduce, a, i32.const(4), b, to);

function emitUnsigned(module: ModuleBuilder, operation: Operation): Func {
  const func = module.begin([I32], []);
  const [sp] = func.params;
  return func.end(operation(get(sp), secondOf(sp), secondOf(sp)));
}

export const emitDiv = (module: ModuleBuilder, division: Division): Func =>
  emitUnsigned(module, quotient(division));

export const emitMod = (module: ModuleBuilder, division: Division): Func =>
  emitUnsigned(module, remainder(division));

/** The word less than 0 where `sign` is all ones, as it is where `sign` is 0. */
function negateIf(sign: number, word: Limbs, carry: number): Code {
  const code: Code[] = [set(carry, i64.and(get(sign), ONE))];
  for (const limb of word)
    code.push(
      set(limb, i64.add(i64.xor(get(limb), get(sign)), get(carry))),
      set(carry, bit(i64.ltU(get(limb), get(carry)))),
    );
  return code;
}

/**
 * @param scratch address of 64 bytes
 * @param signOf the result's, from those of the operands
 */
function emitSigned(
  module: ModuleBuilder,
  operation: Operation,
  scratch: number,
  signOf: (a: Code, b: Code) => Code,
): Func {
  const func = module.begin([I32], []);
  const [sp] = func.params;
  const word = newLimbs(func);
  const [a, b, carry] = [newLimb(func), newLimb(func), newLimb(func)];
  const place = func.local(I32);
  const magnitude = (sign: number, offset: number): Code => [
    set(sign, i64.shrS(get(sign), i64.const(63))),
    loadLimbs(word, sp, offset),
    negateIf(sign, word, carry),
    storeLimbs(place, word.map(get), offset),
  ];
  return func.end([
    set(a, i64.load(get(sp), WORD_BYTES - 8)),
    set(b, i64.load(get(sp), 2 * WORD_BYTES - 8)),
    when(i64.geS(i64.or(get(a), get(b)), ZERO), [operation(get(sp), secondOf(sp), secondOf(sp)), leave()]),
    set(place, i32.const(scratch)),
    [magnitude(a, 0), magnitude(b, WORD_BYTES)],
    operation(get(place), secondOf(place), secondOf(sp)),
    set(a, signOf(get(a), get(b))),
    [loadLimbs(word, sp, WORD_BYTES), negateIf(a, word, carry)],
    storeLimbs(sp, word.map(get), WORD_BYTES),
  ]);
}

export const emitSdiv = (module: ModuleBuilder, division: Division, scratch: number): Func =>
  emitSigned(module, quotient(division), scratch, i64.xor);

export const emitSmod = (module: ModuleBuilder, division: Division, scratch: number): Func =>
  emitSigned(module, remainder(division), scratch, (a) => a);
