/** 0x50, 0x5f-0x9f: POP, PUSH, DUP, SWAP. */

import { type Code, get, i32, i64, set } from '../assembler/code.ts';
import { WORD } from '../layout.ts';
import { storeLimbs, ZERO } from '../words/limbs.ts';
import { type EmissionRule, type Loop, pop, push } from './loop.ts';
import { copyWord, LIMBS } from './words.ts';

/** `count` bytes of a constant, from offset `at` on: the lowest comes first, as `prepare` has turned them around. */
function limbOf(pc: number, at: number, count: number): Code {
  if (count <= 0) return ZERO;
  if (count === 1) return i64.load8u(get(pc), at);
  if (count === 2) return i64.load16u(get(pc), at);
  if (count === 4) return i64.load32u(get(pc), at);
  // Behind every code there are more bytes than this reads too much.
  const excess = i64.const(64 - 8 * count);
  return count >= 8 ? i64.load(get(pc), at) : i64.shrU(i64.shl(i64.load(get(pc), at), excess), excess);
}

/**
 * PUSH0 to PUSH32. Without vectors, whose constants V8 keeps in the frame of the whole loop: it stored each of them there
 * whenever a block began.
 */
export const pushConstant = (size: number): EmissionRule => ({
  emit: (loop) => [
    push(loop),
    storeLimbs(loop.sp, [
      limbOf(loop.pc, 0, size),
      limbOf(loop.pc, 8, size - 8),
      limbOf(loop.pc, 16, size - 16),
      limbOf(loop.pc, 24, size - 24),
    ]),
    skip(loop, size),
  ],
});

const skip = ({ pc }: Loop, bytes: number): Code =>
  bytes === 0 ? [] : set(pc, i32.add(get(pc), i32.const(bytes)));

const dup = (depth: number): EmissionRule => ({
  emit: (loop) => [push(loop), copyWord(loop.sp, 0, loop.sp, depth * WORD)],
});

const swap = (depth: number): EmissionRule => ({
  emit: ({ sp, temp }) => {
    const [a, b] = [temp.i64[0]!, temp.i64[1]!];
    const code: Code[] = [];
    for (const limb of LIMBS)
      code.push(
        set(a, i64.load(get(sp), limb)),
        set(b, i64.load(get(sp), depth * WORD + limb)),
        i64.store(get(sp), get(b), limb),
        i64.store(get(sp), get(a), depth * WORD + limb),
      );
    return code;
  },
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
