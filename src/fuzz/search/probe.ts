/**
 * Solves comparisons of words that were computed from the input: a word of the input is changed by 1, and where both
 * sides then move by steady amounts, the word that makes them equal follows.
 */

import { bytesToBigInt, toBytes32 } from '../../primitives/bytes.ts';
import type { Step } from './step.ts';
import type { Comparison } from './watch.ts';

/** A word that was changed by 1, and what was compared before that. */
export interface Probe {
  /** 1 or -1: at the end of a type's range, one of them is refused. */
  readonly by: bigint;
  /** Offset of the word in the calldata; null for the value that is sent. */
  readonly at: number | null;
  readonly before: ReadonlyMap<number, Comparison>;
}

const SELECTOR = 4;
const WORD = 32;
const MAX_PROBES = 16;
const MAX_SOLUTIONS = 64;

/** The step with each of its words raised and lowered by 1. */
export function probes(step: Step, comparisons: readonly Comparison[]): { step: Step; probe: Probe }[] {
  if (step.way === 'force' || comparisons.length === 0) return [];
  const before = firsts(comparisons);
  const found: { step: Step; probe: Probe }[] = [];
  const add = (at: number | null): void => {
    for (const by of [1n, -1n]) {
      found.push({ step: withWord(step, at, wordAt(step, at) + by), probe: { at, by, before } });
    }
  };
  for (let at = SELECTOR; at + WORD <= step.data.length && found.length < MAX_PROBES; at += WORD) add(at);
  if (step.value > 0n) add(null);
  return found;
}

/** @param step the probe's own */
export function solutions({ at, by, before }: Probe, step: Step, comparisons: readonly Comparison[]): Step[] {
  const found: Step[] = [];
  const base = wordAt(step, at) - by;
  for (const [place, { left, right }] of firsts(comparisons)) {
    const was = before.get(place);
    if (was === undefined) continue;
    const apart = BigInt.asIntN(256, was.right - was.left);
    const pace = BigInt.asIntN(256, left - was.left - (right - was.right));
    if (pace === 0n || apart === 0n) continue;
    const steps = apart / pace;
    for (const more of [0n, 1n, -1n]) {
      if (found.length < MAX_SOLUTIONS) found.push(withWord(step, at, base + by * steps + more));
    }
  }
  return found;
}

/** The first comparison at each place; later ones of a loop need not be the same in both runs. */
function firsts(comparisons: readonly Comparison[]): Map<number, Comparison> {
  const found = new Map<number, Comparison>();
  for (const comparison of comparisons) {
    if (!found.has(comparison.place)) found.set(comparison.place, comparison);
  }
  return found;
}

const wordAt = (step: Step, at: number | null): bigint =>
  at === null ? step.value : bytesToBigInt(step.data.subarray(at, at + WORD));

function withWord(step: Step, at: number | null, value: bigint): Step {
  const word = BigInt.asUintN(256, value);
  if (at === null) return { ...step, value: word };
  const data = step.data.slice();
  data.set(toBytes32(word), at);
  return { ...step, data };
}
