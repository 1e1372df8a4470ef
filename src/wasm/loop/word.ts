/** 0x01-0x1e: functions of words. */

import { get } from '../assembler/code.ts';
import { call } from '../assembler/module.ts';
import type { LongWords, Template, Words } from '../words/index.ts';
import * as inline from '../words/index.ts';
import { needLate } from './late.ts';
import { type EmissionRule, pop, spend } from './loop.ts';

/** A template that takes so many words and gives one. */
const short = (template: Template, takes: number): EmissionRule => ({
  emit: (loop) => [template(loop.sp, loop.temp), pop(loop, takes - 1)],
});

const long = (name: keyof Words, takes: number): EmissionRule => ({
  emit: (loop) => [call(loop.functions.words[name], get(loop.sp)), pop(loop, takes - 1)],
});

const late = (name: keyof LongWords, takes: number): EmissionRule => ({
  emit: (loop) => [needLate(loop), call(loop.functions.words[name], get(loop.sp)), pop(loop, takes - 1)],
});

export const wordRules: Readonly<Record<string, EmissionRule>> = {
  ADD: short(inline.add, 2),
  MUL: long('mul', 2),
  SUB: short(inline.sub, 2),
  DIV: late('div', 2),
  SDIV: late('sdiv', 2),
  MOD: late('mod', 2),
  SMOD: late('smod', 2),
  ADDMOD: late('addmod', 3),
  MULMOD: late('mulmod', 3),
  EXP: { emit: (loop) => [needLate(loop), spend(loop, loop.functions.exp), pop(loop, 1)] },
  SIGNEXTEND: long('signextend', 2),
  LT: short(inline.lt, 2),
  GT: short(inline.gt, 2),
  SLT: short(inline.slt, 2),
  SGT: short(inline.sgt, 2),
  EQ: short(inline.eq, 2),
  ISZERO: short(inline.iszero, 1),
  AND: short(inline.and, 2),
  OR: short(inline.or, 2),
  XOR: short(inline.xor, 2),
  NOT: short(inline.not, 1),
  BYTE: long('byte', 2),
  SHL: short(inline.shl, 2),
  SHR: short(inline.shr, 2),
  SAR: short(inline.sar, 2),
  CLZ: long('clz', 1),
};
