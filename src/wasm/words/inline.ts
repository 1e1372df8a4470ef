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
import { anyBit, areEqual, bit, LIMB_BYTES, limbsAt, storeLimbs, WORD_BYTES, ZERO } from './limbs.ts';

/** Numbers of locals that a template may clobber. */
export interface Temps {
  /** Seven. */
  readonly i64: readonly number[];
}

/** Code of one operation on the stack. */
export type Template = (sp: number, temps: Temps) => Code;

type Operator = (a: Code, b: Code) => Code;

const top = (sp: number, limb: number): Code => i64.load(get(sp), LIMB_BYTES * limb);
const second = (sp: number, limb: number): Code => i64.load(get(sp), WORD_BYTES + LIMB_BYTES * limb);
const storeSecond = (sp: number, limb: number, value: Code): Code =>
  i64.store(get(sp), value, WORD_BYTES + LIMB_BYTES * limb);

/** A limb of 0 or 1 as a word. */
const storeBit = (sp: number, value: Code, offset: number): Code =>
  storeLimbs(sp, [value, ZERO, ZERO, ZERO], offset);

export const add: Template = (sp, { i64: [a, sum, carry, next] }) => {
  const code: Code[] = [];
  for (let limb = 0; limb < 4; limb++) {
    code.push(
      set(a!, top(sp, limb)),
      set(sum!, i64.add(get(a!), second(sp, limb))),
      set(next!, bit(i64.ltU(get(sum!), get(a!)))),
    );
    if (limb === 0) code.push(storeSecond(sp, limb, get(sum!)), set(carry!, get(next!)));
    else
      code.push(
        set(sum!, i64.add(get(sum!), get(carry!))),
        set(carry!, i64.or(get(next!), bit(i64.ltU(get(sum!), get(carry!))))),
        storeSecond(sp, limb, get(sum!)),
      );
  }
  return code;
};

export const sub: Template = (sp, { i64: [a, b, borrow, next] }) => {
  const code: Code[] = [];
  for (let limb = 0; limb < 4; limb++) {
    code.push(
      set(a!, top(sp, limb)),
      set(b!, second(sp, limb)),
      set(next!, bit(i64.ltU(get(a!), get(b!)))),
      set(a!, i64.sub(get(a!), get(b!))),
    );
    if (limb === 0) code.push(storeSecond(sp, limb, get(a!)), set(borrow!, get(next!)));
    else
      code.push(
        storeSecond(sp, limb, i64.sub(get(a!), get(borrow!))),
        set(borrow!, i64.or(get(next!), bit(i64.ltU(get(a!), get(borrow!))))),
      );
  }
  return code;
};

type Operand = (sp: number, limb: number) => Code;

/** Whether `x` < `y`: the borrow of their difference. */
const less =
  (x: Operand, y: Operand, isSigned: boolean): Template =>
  (sp, { i64: [a, b, borrow] }) => {
    const code: Code[] = [];
    for (let limb = 0; limb < 4; limb++) {
      const isBelow = bit((isSigned && limb === 3 ? i64.ltS : i64.ltU)(get(a!), get(b!)));
      const borrows =
        limb === 0 ? isBelow : i64.or(isBelow, i64.and(bit(i64.eq(get(a!), get(b!))), get(borrow!)));
      code.push(set(a!, x(sp, limb)), set(b!, y(sp, limb)), set(borrow!, borrows));
    }
    code.push(storeBit(sp, get(borrow!), WORD_BYTES));
    return code;
  };

export const lt: Template = less(top, second, false);
export const gt: Template = less(second, top, false);
export const slt: Template = less(top, second, true);
export const sgt: Template = less(second, top, true);

export const eq: Template = (sp) =>
  storeBit(sp, bit(areEqual(limbsAt(sp), limbsAt(sp, WORD_BYTES))), WORD_BYTES);

export const iszero: Template = (sp) => storeBit(sp, bit(i64.eqz(anyBit(limbsAt(sp)))), 0);

const bitwise =
  (operator: Operator): Template =>
  (sp) => {
    const code: Code[] = [];
    for (let limb = 0; limb < 4; limb++)
      code.push(storeSecond(sp, limb, operator(top(sp, limb), second(sp, limb))));
    return code;
  };

export const and: Template = bitwise(i64.and);
export const or: Template = bitwise(i64.or);
export const xor: Template = bitwise(i64.xor);

export const not: Template = (sp) => {
  const code: Code[] = [];
  for (let limb = 0; limb < 4; limb++)
    code.push(i64.store(get(sp), i64.xor(top(sp, limb), i64.const(-1)), LIMB_BYTES * limb));
  return code;
};
