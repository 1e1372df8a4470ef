/**
 * SHL, SHR, SAR, BYTE, SIGNEXTEND and CLZ: operations with a place in the word. All but CLZ take it from the top of the
 * stack, where any word may stand.
 */

import { type Code, get, i32, i64, select, set, ValueType, when } from '../assembler/code.ts';
import type { Func, ModuleBuilder } from '../assembler/module.ts';
import type { Template } from './inline.ts';
import {
  anyBit,
  LIMB_BYTES,
  type Limbs,
  limbsAt,
  loadLimbs,
  newLimb,
  newLimbs,
  shiftLeft,
  shiftRight,
  storeLimbs,
  WORD_BYTES,
  ZERO,
} from './limbs.ts';

const filled = (fill: Code): Code[] => [fill, fill, fill, fill];

/** Whether the word on top is a number below `limit`; leaves its lowest limb in `place`. */
const isTopBelow = (limit: number, place: number, sp: number): Code => {
  const higher = limbsAt(sp, LIMB_BYTES, 3);
  return [
    set(place, i64.load(get(sp))),
    i32.and(i64.ltU(get(place), i64.const(limit)), i64.eqz(anyBit(higher))),
  ];
};

/** What fills the place of bits that are shifted out, where all are; `shift` works on the word in its locals. */
const shifting =
  (
    isSigned: boolean,
    shift: (word: Limbs, count: number, complement: number, fill: Code) => Code,
  ): Template =>
  (sp, { i64: [x0, x1, x2, x3, count, complement, fill] }) => {
    const word: Limbs = [x0!, x1!, x2!, x3!];
    const rest = isSigned ? get(fill!) : ZERO;
    return [
      loadLimbs(word, sp, WORD_BYTES),
      isSigned ? set(fill!, i64.shrS(get(word[3]), i64.const(63))) : [],
      when(
        isTopBelow(256, count!, sp),
        [shift(word, count!, complement!, rest), storeLimbs(sp, word.map(get), WORD_BYTES)],
        storeLimbs(sp, filled(rest), WORD_BYTES),
      ),
    ];
  };

export const shl: Template = shifting(false, shiftLeft);
export const shr: Template = shifting(false, shiftRight);
export const sar: Template = shifting(true, shiftRight);

export function emitByte(module: ModuleBuilder): Func {
  const func = module.begin([ValueType.I32], []);
  const [sp] = func.params;
  const [index, byte] = [newLimb(func), newLimb(func)];
  return func.end([
    when(
      isTopBelow(WORD_BYTES, index, sp),
      // Byte 0 is the highest.
      set(
        byte,
        i64.load8u(i32.add(get(sp), i32.wrap(i64.xor(get(index), i64.const(WORD_BYTES - 1)))), WORD_BYTES),
      ),
    ),
    storeLimbs(sp, [get(byte), ZERO, ZERO, ZERO], WORD_BYTES),
  ]);
}

export function emitSignextend(module: ModuleBuilder): Func {
  const func = module.begin([ValueType.I32], []);
  const [sp] = func.params;
  const [index, count, limb, fill] = [newLimb(func), newLimb(func), newLimb(func), newLimb(func)];
  const place = func.local(ValueType.I32);
  const above: Code[] = [];
  for (let i = 1; i < 4; i++) {
    const isAbove = i64.ltU(get(index), i64.const(LIMB_BYTES * i));
    above.push(when(isAbove, i64.store(get(sp), get(fill), WORD_BYTES + LIMB_BYTES * i)));
  }
  return func.end(
    when(isTopBelow(WORD_BYTES - 1, index, sp), [
      // The limb with the sign, in its place; those below it stay as they are.
      set(place, i32.add(get(sp), i32.wrap(i64.and(get(index), i64.const(-LIMB_BYTES))))),
      set(count, i64.shl(i64.xor(get(index), i64.const(LIMB_BYTES - 1)), i64.const(3))),
      set(limb, i64.shl(i64.load(get(place), WORD_BYTES), get(count))),
      set(fill, i64.shrS(get(limb), i64.const(63))),
      i64.store(get(place), i64.shrS(get(limb), get(count)), WORD_BYTES),
      above,
    ]),
  );
}

export function emitClz(module: ModuleBuilder): Func {
  const func = module.begin([ValueType.I32], []);
  const [sp] = func.params;
  const word = newLimbs(func);
  const count = newLimb(func);
  return func.end([
    loadLimbs(word, sp),
    set(count, leadingZeros(word)),
    storeLimbs(sp, [get(count), ZERO, ZERO, ZERO]),
  ]);
}

/** From 0 to 256. */
export function leadingZeros(word: Limbs): Code {
  let zeros = ZERO;
  for (const limb of word)
    zeros = select(i64.add(zeros, i64.const(64)), i64.clz(get(limb)), i64.eqz(get(limb)));
  return zeros;
}
