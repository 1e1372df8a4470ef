/**
 * Input to state: where a word that the contract compared stands in an input, the other word is put in its place. This
 * is what solves comparisons with numbers that chance never finds.
 */

import { toBytes32 } from '../../primitives/bytes.ts';
import { CALLERS } from './attacker.ts';
import type { Step } from './step.ts';
import type { Comparison } from './watch.ts';

/** Where in time and chain a step ran. */
export interface When {
  readonly number: bigint;
  readonly timestamp: bigint;
}

/** Calldata does not grow beyond this by being told that it is too short. */
const MAX_LENGTH = 1_024;
const SELECTOR = 4;
const MAX_U256 = (1n << 256n) - 1n;
/** Widths of what stands in calldata: a word, an address, halves and so on down to a selector. */
const WIDTHS = [32, 20, 16, 8, 4, 2, 1] as const;
/** Widths of what stands at the other end of a word: `bytes4` and the like, a single byte of `bytes`. */
const LEFT_WIDTHS = [1, 2, 4, 8, 16, 20] as const;
/** Bytes that stand in more places than these are no place to be told by. */
const MAX_PLACES = 4;
/** Steps of a hundred years say nothing about the contract. */
const MAX_SECONDS = 100n * 365n * 86_400n;
const MAX_BLOCKS = 10_000_000n;

/** Variants of a step in which a comparison that was made may come out otherwise. */
export function matches(step: Step, when: When, comparison: Comparison): Step[] {
  const { left, right } = comparison;
  return [...oneSided(step, when, left, right), ...oneSided(step, when, right, left)];
}

function oneSided(step: Step, when: When, from: bigint, to: bigint): Step[] {
  const found: Step[] = [];
  const targets = [to, to + 1n, to - 1n].filter((word) => word >= 0n && word <= MAX_U256);
  if (step.way !== 'force') {
    for (const data of inData(step.data, from, targets)) found.push({ ...step, data });
    const { length } = step.data;
    if ((from === BigInt(length) || from === BigInt(length - 4)) && to < BigInt(MAX_LENGTH)) {
      const wanted = Number(to) + (from === BigInt(length) ? 0 : 4);
      const data = new Uint8Array(wanted);
      data.set(step.data.subarray(0, wanted));
      found.push({ ...step, data });
    }
  }
  if (from === step.value) for (const value of targets) found.push({ ...step, value });
  if (from === step.caller) {
    for (const caller of CALLERS) if (caller === to) found.push({ ...step, caller });
  }
  for (const target of targets) {
    const seconds = step.seconds + target - when.timestamp;
    if (from === when.timestamp && seconds > 0n && seconds < MAX_SECONDS) found.push({ ...step, seconds });
    const blocks = step.blocks + target - when.number;
    if (from === when.number && blocks > 0n && blocks < MAX_BLOCKS) found.push({ ...step, blocks });
  }
  return found;
}

/** Calldata with each place where `from` stands taken by a target; all places of a width that has one. */
function inData(data: Uint8Array, from: bigint, targets: readonly bigint[]): Uint8Array[] {
  const pattern = toBytes32(from);
  for (const width of WIDTHS) {
    if (width < 32 && from >> BigInt(width * 8) !== 0n) break;
    const narrow = pattern.subarray(32 - width);
    const fitting = width === 32 ? targets : targets.filter((target) => target >> BigInt(width * 8) === 0n);
    const found = replaced(
      data,
      placesOf(data, narrow),
      fitting.map((target) => toBytes32(target).subarray(32 - width)),
    );
    // A narrower window of a word that stood as a whole is the same place again.
    if (found.length > 0) return found;
  }
  const [to] = targets;
  const width = LEFT_WIDTHS.find((size) => isLeft(from, size) && isLeft(to!, size));
  if (width === undefined || from === 0n) return [];
  const wanted = toBytes32(to!).subarray(0, width);
  return replaced(data, placesOf(data, pattern.subarray(0, width)), [wanted]);
}

/** Whether a word has nothing beyond its first bytes. */
const isLeft = (word: bigint, width: number): boolean => BigInt.asUintN(256 - width * 8, word) === 0n;

/** Where a pattern stands. Small numbers and zeros stand everywhere; of them whole words count, and what is rare. */
function placesOf(data: Uint8Array, pattern: Uint8Array): number[] {
  const width = pattern.length;
  const isTelling = pattern[0] !== 0 || (width > 1 && pattern[1] !== 0);
  const start = data.length >= SELECTOR && !(isTelling && width >= SELECTOR) ? SELECTOR : 0;
  const stride = width === 32 && !isTelling ? 32 : 1;
  const places: number[] = [];
  for (let at = start; at + width <= data.length; at += stride) {
    if (standsAt(data, pattern, at)) places.push(at);
  }
  const isRare = places.length <= MAX_PLACES && pattern.some((byte) => byte !== 0);
  return stride === 32 || (isTelling && width >= SELECTOR) || isRare ? places : [];
}

const replaced = (data: Uint8Array, places: readonly number[], parts: readonly Uint8Array[]): Uint8Array[] =>
  places.flatMap((at) =>
    parts.map((part) => {
      const copy = data.slice();
      copy.set(part, at);
      return copy;
    }),
  );

function standsAt(data: Uint8Array, pattern: Uint8Array, at: number): boolean {
  for (let i = 0; i < pattern.length; i++) if (data[at + i] !== pattern[i]) return false;
  return true;
}
