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
const MAX_U256 = (1n << 256n) - 1n;
/** Widths of what stands in calldata: a word, an address, halves and so on down to a selector. */
const WIDTHS = [32, 20, 16, 8, 4] as const;
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
  const found: Uint8Array[] = [];
  const pattern = toBytes32(from);
  for (const width of WIDTHS) {
    if (width < 32 && from >> BigInt(width * 8) !== 0n) break;
    // Of small numbers and zeros every place is full; only whole words count.
    const isTelling = from >> BigInt(Math.max(0, width * 8 - 16)) !== 0n;
    const stride = isTelling ? 1 : width === 32 ? 32 : 0;
    if (stride === 0) continue;
    const narrow = pattern.subarray(32 - width);
    for (let at = stride === 1 ? 0 : data.length >= 4 ? 4 : 0; at + width <= data.length; at += stride) {
      if (!standsAt(data, narrow, at)) continue;
      for (const target of targets) {
        if (width < 32 && target >> BigInt(width * 8) !== 0n) continue;
        const copy = data.slice();
        copy.set(toBytes32(target).subarray(32 - width), at);
        found.push(copy);
      }
    }
    // A narrower window of a word that stood as a whole is the same place again.
    if (found.length > 0) break;
  }
  return found;
}

function standsAt(data: Uint8Array, pattern: Uint8Array, at: number): boolean {
  for (let i = 0; i < pattern.length; i++) if (data[at + i] !== pattern[i]) return false;
  return true;
}
