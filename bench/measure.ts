/**
 * Measuring in interleaved rounds: each round goes through all workloads, and in each workload every EVM runs
 * for a while, one after the other. So whatever else the machine does hits all EVMs alike, and a bad moment hits
 * only one round of a workload. What is reported is the median over the rounds, its spread, and the median of
 * the ratios within each round.
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

/** What is asked of a runner here. */
export type Timed = Pick<Runner, 'reset' | 'run'>;

export interface Pace {
  /** Time for one EVM in one round; a single run may take longer. */
  readonly roundMs: number;
  /** Short workloads run this long beforehand, for the compiler's sake. */
  readonly warmUpMs: number;
  /** Runs in a round at least. */
  readonly leastRuns: number;
  /** Which run stands for a round: the median, or the fastest where small differences of two programs matter. */
  readonly stands: 'p50' | 'min';
}

const PACE: Pace = { roundMs: 30, warmUpMs: 200, leastRuns: 1, stands: 'p50' };
/** Where one run takes longer than this, few rounds must do. */
const SLOW_MS = 1_000;
const SLOW_ROUNDS = 3;

const NS_PER_MS = 1e6;

/**
 * Measures workloads, each given by its runners on all EVMs.
 * @param rounds how many at most; slow workloads get fewer
 * @param onRound called before each round
 */
export async function compare(
  workloads: readonly (readonly Timed[])[],
  rounds: number,
  onRound: (round: number) => void = () => {},
): Promise<Comparison[]> {
  return (await timesOf(workloads, rounds, onRound, PACE)).map(summarize);
}

/** The milliseconds themselves, by workload, runner and round; as for `compare`. */
export async function timesOf(
  workloads: readonly (readonly Timed[])[],
  rounds: number,
  onRound: (round: number) => void,
  pace: Pace,
): Promise<number[][][]> {
  const times: number[][][] = workloads.map((runners) => runners.map(() => []));
  const counts: number[] = [];
  for (const runners of workloads) {
    let slowest = 0;
    for (const runner of runners) slowest = Math.max(slowest, await warmUp(runner, pace));
    counts.push(slowest > SLOW_MS ? Math.min(rounds, SLOW_ROUNDS) : rounds);
  }
  for (let round = 0; round < rounds; round++) {
    onRound(round + 1);
    for (const [w, runners] of workloads.entries()) {
      if (round >= counts[w]!) continue;
      for (const [r, runner] of runners.entries()) times[w]![r]!.push(await roundOf(runner, pace));
    }
  }
  return times;
}

/** @param times milliseconds by runner and round */
const summarize = (times: readonly number[][]): Comparison => ({
  timings: times.map((of) => ({
    median: median(of),
    spread: (Math.max(...of) - Math.min(...of)) / median(of),
  })),
  ratios: times.map((of) => median(of.map((time, round) => time / times[0]![round]!))),
  rounds: times[0]!.length,
});

/** Runs for a while; returns the milliseconds of the last run. */
async function warmUp(runner: Timed, { warmUpMs }: Pace): Promise<number> {
  const end = performance.now() + warmUpMs;
  for (;;) {
    await runner.reset();
    const start = performance.now();
    await runner.run();
    const now = performance.now();
    if (now >= end) return now - start;
  }
}

/** Milliseconds of the run that stands for a round. */
async function roundOf(runner: Timed, { roundMs, leastRuns, stands }: Pace): Promise<number> {
  // The typings of mitata lack the form whose first argument is prepared outside the measured time.
  const bench = function* () {
    yield { 0: () => runner.reset(), bench: (_ready: unknown) => runner.run() };
  } as unknown as () => unknown;
  const stats = await measure(bench, {
    min_cpu_time: roundMs * NS_PER_MS,
    min_samples: leastRuns,
    // Its stand-in, where there is none, is to allocate a gigabyte.
    gc: globalThis.gc ?? false,
    // No batches: they prepare all their runs beforehand, and a runner has but one state.
    warmup_threshold: 0,
  });
  return stats[stands] / NS_PER_MS;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
