/**
 * The operations that are short enough to stand in the interpreter's loop themselves, without a call.
 *
 * `sp` is an i32 local with the address of the top of the stack, which grows down: a binary operation takes the word
 * there and the one at `sp` + 32 and writes to the latter, a unary one writes to `sp`. The caller moves `sp`. Nothing
 * branches: what a carry or a comparison gives is seldom foreseeable.
 *
 * All by 64 bits, nothing by 128: a processor hands what was just stored on to a load of the same place and size at
 * once, but to one of 128 bits that spans two stores of 64 only after both have reached the cache. DUP and ADD after an
 * ADD took 2.9 ns by 64 bits and 9.8 where the copy was by 128; AND after AND 1.2 and 2.7 (AMD EPYC).
 */

import { type Code, get, i64, set } from '../assembler/code.ts';
import { bit, LIMB_BYTES, storeLimbs, WORD_BYTES, ZERO } from './limbs.ts';

/** Numbers of locals that a template may clobber. */
export interface Temps {
  /** Seven. */
  readonly i64: readonly number[];
}

/** Code of one operation on the stack. */
export type Template = (sp: number, temps: Temps) => Code;

type Operator = (a: Code, b: Code) => Code;

const LIMBS = [0, 1, 2, 3];
const top = (sp: number, limb: number): Code => i64.load(get(sp), LIMB_BYTES * limb);
const second = (sp: number, limb: number): Code => i64.load(get(sp), WORD_BYTES + LIMB_BYTES * limb);
const storeSecond = (sp: number, limb: number, value: Code): Code =>
  i64.store(get(sp), value, WORD_BYTES + LIMB_BYTES * limb);

/** A limb of 0 or 1 as a word. */
const storeBit = (sp: number, value: Code, offset: number): Code =>
  storeLimbs(sp, [value, ZERO, ZERO, ZERO], offset);

export const add: Template = (sp, { i64: [a, sum, carry, next] }) =>
  LIMBS.map((limb) => {
    const begin = [
      set(a!, top(sp, limb)),
      set(sum!, i64.add(get(a!), second(sp, limb))),
      set(next!, bit(i64.ltU(get(sum!), get(a!)))),
    ];
    if (limb === 0) return [begin, storeSecond(sp, limb, get(sum!)), set(carry!, get(next!))];
    return [
      begin,
      set(sum!, i64.add(get(sum!), get(carry!))),
      set(carry!, i64.or(get(next!), bit(i64.ltU(get(sum!), get(carry!))))),
      storeSecond(sp, limb, get(sum!)),
    ];
  });

export const sub: Template = (sp, { i64: [a, b, borrow, next] }) =>
  LIMBS.map((limb) => {
    const begin = [
      set(a!, top(sp, limb)),
      set(b!, second(sp, limb)),
      set(next!, bit(i64.ltU(get(a!), get(b!)))),
      set(a!, i64.sub(get(a!), get(b!))),
    ];
    if (limb === 0) return [begin, storeSecond(sp, limb, get(a!)), set(borrow!, get(next!))];
    return [
      begin,
      storeSecond(sp, limb, i64.sub(get(a!), get(borrow!))),
      set(borrow!, i64.or(get(next!), bit(i64.ltU(get(a!), get(borrow!))))),
    ];
  });

type Operand = (sp: number, limb: number) => Code;

/** Whether `x` < `y`: the borrow of their difference. */
const less =
  (x: Operand, y: Operand, isSigned: boolean): Template =>
  (sp, { i64: [a, b, borrow] }) => [
    LIMBS.map((limb) => {
      const below = isSigned && limb === 3 ? i64.ltS : i64.ltU;
      return [
        set(a!, x(sp, limb)),
        set(b!, y(sp, limb)),
        set(
          borrow!,
          limb === 0
            ? bit(below(get(a!), get(b!)))
            : i64.or(bit(below(get(a!), get(b!))), i64.and(bit(i64.eq(get(a!), get(b!))), get(borrow!))),
        ),
      ];
    }),
    storeBit(sp, get(borrow!), WORD_BYTES),
  ];

export const lt: Template = less(top, second, false);
export const gt: Template = less(second, top, false);
export const slt: Template = less(top, second, true);
export const sgt: Template = less(second, top, true);

const all = (limb: (limb: number) => Code): Code => LIMBS.map(limb).reduce((any, next) => i64.or(any, next));

export const eq: Template = (sp) =>
  storeBit(sp, bit(i64.eqz(all((limb) => i64.xor(top(sp, limb), second(sp, limb))))), WORD_BYTES);

export const iszero: Template = (sp) => storeBit(sp, bit(i64.eqz(all((limb) => top(sp, limb)))), 0);

const bitwise =
  (operator: Operator): Template =>
  (sp) =>
    LIMBS.map((limb) => storeSecond(sp, limb, operator(top(sp, limb), second(sp, limb))));

export const and: Template = bitwise(i64.and);
export const or: Template = bitwise(i64.or);
export const xor: Template = bitwise(i64.xor);

export const not: Template = (sp) =>
  storeLimbs(
    sp,
    LIMBS.map((limb) => i64.xor(top(sp, limb), i64.const(-1))),
  );
