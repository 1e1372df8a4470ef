/**
 * Moves of words in linear memory. Between stack slots by 64 bits throughout: a processor hands on what was just stored to a
 * load of the same width, while a load of 128 bits waits until both halves have left the store buffer (see words/inline.ts).
 */

import { type Code, get, i64, i64x2, set, v128 } from '../assembler/code.ts';
import { limbsAt, storeLimbs, ZERO } from '../words/limbs.ts';

/** Lanes of a vector, the last byte first. */
export const REVERSED = Array.from({ length: 16 }, (_, i) => 15 - i);

export const LIMBS = [0, 8, 16, 24] as const;

/** `from` and `to` are locals with addresses. */
export const copyWord = (to: number, toOffset: number, from: number, fromOffset: number): Code =>
  storeLimbs(to, limbsAt(from, fromOffset), toOffset);

/** A small number as a word. */
export const storeNumber = (to: number, value: Code): Code => storeLimbs(to, [value, ZERO, ZERO, ZERO]);

/** The 32 bytes at `from`, last byte first, to `to`. `vector` is a local that is lost. */
export const loadReversed = (to: number, from: Code, vector: number, address: number): Code => [
  set(address, from),
  set(vector, v128.load(get(address), 16)),
  v128.store(get(to), v128.shuffle(get(vector), get(vector), REVERSED)),
  set(vector, v128.load(get(address))),
  v128.store(get(to), v128.shuffle(get(vector), get(vector), REVERSED), 16),
];

const pair = (from: number, offset: number): Code =>
  i64x2.replace(i64x2.splat(i64.load(get(from), offset)), 1, i64.load(get(from), offset + 8));

/** The word at `from`, last byte first, to `to`. */
export const storeReversed = (to: number, from: number, fromOffset: number, vector: number): Code => [
  set(vector, pair(from, fromOffset + 16)),
  v128.store(get(to), v128.shuffle(get(vector), get(vector), REVERSED)),
  set(vector, pair(from, fromOffset)),
  v128.store(get(to), v128.shuffle(get(vector), get(vector), REVERSED), 16),
];
