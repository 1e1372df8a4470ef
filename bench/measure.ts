/**
 * Measuring in interleaved rounds: in each round every EVM runs the workload for a while, one after the other,
 * so that whatever else the machine does hits all alike. What is reported is the median over the rounds, its
 * spread, and the median of the ratios within each round.
 */

import { measure } from 'mitata';
import type { Runner } from './contender.ts';

/** Milliseconds of one EVM: the median of its rounds, and how far apart they are as a share of it. */
export interface Timing {
  readonly median: number;
  readonly spread: number;
}

export interface Comparison {
  /** In the order of the runners. */
  readonly timings: readonly Timing[];
  /** How many times as long as the first runner each one took. */
  readonly ratios: readonly number[];
  readonly rounds: number;
}

/** Time for one EVM in one round; a single run may take longer. */
const ROUND_MS = 60;
/** Short workloads run this long beforehand, for the compiler's sake. */
const WARM_UP_MS = 200;
/** Where one run takes longer than this, few rounds must do. */
const SLOW_MS = 1_000;
const SLOW_ROUNDS = 3;

const NS_PER_MS = 1e6;

/** @param rounds how many at most; slow workloads get fewer */
export async function compare(runners: readonly Runner[], rounds: number): Promise<Comparison> {
  let slowest = 0;
  for (const runner of runners) slowest = Math.max(slowest, await warmUp(runner));
  const count = slowest > SLOW_MS ? Math.min(rounds, SLOW_ROUNDS) : rounds;

  const times: number[][] = runners.map(() => []);
  for (let round = 0; round < count; round++) {
    for (const [i, runner] of runners.entries()) times[i]!.push(await roundOf(runner));
  }
  return {
    timings: times.map((of) => ({
      median: median(of),
      spread: (Math.max(...of) - Math.min(...of)) / median(of),
    })),
    ratios: times.map((of) => median(of.map((time, round) => time / times[0]![round]!))),
    rounds: count,
  };
}

/** Runs for a while; returns the milliseconds of the last run. */
async function warmUp(runner: Runner): Promise<number> {
  const end = performance.now() + WARM_UP_MS;
  for (;;) {
    await runner.reset();
    const start = performance.now();
    await runner.run();
    const now = performance.now();
    if (now >= end) return now - start;
  }
}

/** Median milliseconds of one run. */
async function roundOf(runner: Runner): Promise<number> {
  // The typings of mitata lack the form whose first argument is prepared outside the measured time.
  const bench = function* () {
    yield { 0: () => runner.reset(), bench: (_ready: unknown) => runner.run() };
  } as unknown as () => unknown;
  const stats = await measure(bench, {
    min_cpu_time: ROUND_MS * NS_PER_MS,
    min_samples: 1,
    // No batches: they prepare all their runs beforehand, and a runner has but one state.
    warmup_threshold: 0,
  });
  return stats.p50 / NS_PER_MS;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
