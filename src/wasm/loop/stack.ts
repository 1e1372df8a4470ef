/** 0x50, 0x5f-0x9f: POP, PUSH, DUP, SWAP. */

import { type Code, get, i32, i64, set, v128 } from '../assembler/code.ts';
import { WORD } from '../layout.ts';
import { type EmissionRule, type Loop, pop, push } from './loop.ts';
import { copyWord, LIMBS, REVERSED, storeNumber, storeZero } from './words.ts';

/** Lanes that turn the first `count` bytes around, with zeros of a vector's upper half above them. */
const firstReversed = (count: number): number[] =>
  Array.from({ length: 16 }, (_, i) => (i < count ? count - 1 - i : 8));
const firstBytes = (count: number): number[] => Array.from({ length: 16 }, (_, i) => (i < count ? 0xff : 0));

/** The `count` bytes that end `end` bytes behind pc, the last byte first. */
function constant({ pc, temp }: Loop, count: number, end: number): Code {
  const { v128: vector } = temp;
  if (count <= 8 && end === count) {
    return [
      set(vector, v128.load64Zero(get(pc))),
      v128.shuffle(get(vector), get(vector), firstReversed(count)),
    ];
  }
  // What lies before the constant is code, or what comes before code in memory.
  const whole: Code = [
    set(vector, v128.load(i32.sub(get(pc), i32.const(16 - end)))),
    v128.shuffle(get(vector), get(vector), REVERSED),
  ];
  return count === 16 ? whole : v128.and(whole, v128.const(firstBytes(count)));
}

/** PUSH0 to PUSH32. */
export const pushConstant = (size: number): EmissionRule => ({
  emit: (loop) => {
    const { pc, sp } = loop;
    if (size === 0) return [push(loop), storeZero(get(sp))];
    if (size === 1) return [push(loop), storeNumber(sp, i64.load8u(get(pc))), skip(loop, 1)];
    return [
      push(loop),
      v128.store(get(sp), constant(loop, Math.min(size, 16), size)),
      v128.store(get(sp), size > 16 ? constant(loop, size - 16, size - 16) : v128.zero, 16),
      skip(loop, size),
    ];
  },
});

const skip = ({ pc }: Loop, bytes: number): Code => set(pc, i32.add(get(pc), i32.const(bytes)));

const dup = (depth: number): EmissionRule => ({
  emit: (loop) => [push(loop), copyWord(loop.sp, 0, loop.sp, depth * WORD)],
});

const swap = (depth: number): EmissionRule => ({
  emit: ({ sp, temp }) =>
    LIMBS.map((limb) => {
      const [a, b] = [temp.i64[0]!, temp.i64[1]!];
      return [
        set(a, i64.load(get(sp), limb)),
        set(b, i64.load(get(sp), depth * WORD + limb)),
        i64.store(get(sp), get(b), limb),
        i64.store(get(sp), get(a), depth * WORD + limb),
      ];
    }),
});

const series = (
  name: string,
  from: number,
  to: number,
  rule: (n: number) => EmissionRule,
): Record<string, EmissionRule> =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, i) => [`${name}${from + i}`, rule(from + i)]));

export const stackRules: Readonly<Record<string, EmissionRule>> = {
  POP: { emit: (loop) => pop(loop, 1) },
  ...series('PUSH', 0, 32, pushConstant),
  ...series('DUP', 1, 16, dup),
  ...series('SWAP', 1, 16, swap),
};
