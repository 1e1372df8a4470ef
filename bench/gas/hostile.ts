/** The input near a valid one that takes longest for what it pays. */

import { nobleCrypto } from '../../precompiles/index.ts';
import { distorted, flipped } from '../../tests/precompiles/ext/mutations.ts';
import type { Sample } from '../../tests/precompiles/ext/samples/sample.ts';
import { glance } from './measure.ts';
import { RULES } from './operation.ts';

const SEED = 4;
/** Of each kind, beside those that `distorted` always makes. */
const EACH = 24;
/** As many of them are tried as this much gas pays for, within limits. */
const BUDGET = 500_000;
const LEAST = 4;
const MOST = 64;
/** Each is timed twice, for a moment of garbage collection must not count; of the slowest, some are timed again. */
const LOOKS = 2;
const FINALISTS = 4;
const FINAL_LOOKS = 3;

/** Some dozens of distorted inputs, always the same; fewer where each takes long. */
export function hostileInputs({ input }: Sample, price: number): Uint8Array[] {
  if (input.length === 0) return [];
  const all = [...distorted(input, SEED, EACH), ...flipped(input, EACH)];
  const count = Math.min(all.length, MOST, Math.max(LEAST, Math.floor(BUDGET / price)));
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}

export interface Suspect {
  readonly index: number;
  readonly count: number;
  readonly bytes: number;
  readonly price: number;
  run(): unknown;
}

/** Whichever takes longest for its price; undefined where there is none that gas can pay for. */
export function worstOf(sample: Sample, price: number): Suspect | undefined {
  const { row } = sample;
  const inputs = hostileInputs(sample, price);
  const suspects = inputs
    .map(
      (input, index): Suspect => ({
        index,
        count: inputs.length,
        bytes: input.length,
        price: row.gas(input, RULES),
        run: () => row.run(input, nobleCrypto, RULES),
      }),
    )
    .filter((suspect) => suspect.price !== Number.POSITIVE_INFINITY);
  // What takes so long is not told apart by a moment.
  if (price > BUDGET) return rank(suspects, 1)[0];
  return rank(rank(suspects, LOOKS).slice(0, FINALISTS), FINAL_LOOKS)[0];
}

const shortest = (run: () => unknown, looks: number): number =>
  Math.min(...Array.from({ length: looks }, () => glance(run)));

/** Most time for the price first. */
function rank(suspects: readonly Suspect[], looks: number): Suspect[] {
  return suspects
    .map((suspect) => ({ suspect, rate: shortest(suspect.run, looks) / suspect.price }))
    .sort((a, b) => b.rate - a.rate)
    .map(({ suspect }) => suspect);
}
