/**
 * Timing against ecrecover. Each round goes through all works, with ecrecover before, between and after them; a work
 * relates to the two slices of ecrecover beside its own, so that what slows the machine down hits both. Time is that of
 * the processor, all threads of this process together: other processes would hit what runs long more than what runs
 * briefly. No collection of garbage is asked for: a full one makes V8 throw away compiled code, and what is cold then
 * takes up to 8 times as long.
 */

export interface Work {
  run(): unknown;
  /** Run for a while beforehand, for the compiler's sake; false where that has happened. */
  readonly warmUp: boolean;
}

/** Milliseconds of one run, and of one ecrecover at about the same time. */
export interface Times {
  readonly own: number;
  readonly ecrecover: number;
}

/** Time for one work in one round; a single run may take longer. */
const SLICE_MS = 8;
const WARM_UP_MS = 100;
/** What others left behind, such as their garbage and cold caches, is gone after this long. */
const SETTLE_MS = 4;
/** Works that take less are run several times between two looks at the clock. */
const BATCH_MS = 0.2;
/** Where one run takes longer than this, few rounds must do. */
const SLOW_MS = 100;
const SLOW_ROUNDS = 3;

/** Holds the last result, so that no compiler drops what makes it. */
export let sink: unknown;

/** Milliseconds that the processor has spent on this process. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Milliseconds of one run. */
export function glance(run: () => unknown): number {
  const start = clock();
  sink = run();
  return clock() - start;
}

/** Runs for `ms` milliseconds, and once at least; returns those of one run. */
function runFor(run: () => unknown, ms: number, batch: number): number {
  const start = clock();
  let runs = 0;
  let spent: number;
  do {
    for (let i = 0; i < batch; i++) sink = run();
    runs += batch;
    spent = clock() - start;
  } while (spent < ms);
  return spent / runs;
}

/**
 * The times of each work by round.
 * @param rounds how many at most; slow works get fewer
 * @param onProgress called with what comes next
 */
export function measureRounds(
  ecrecover: () => unknown,
  works: readonly Work[],
  rounds: number,
  onProgress: (what: string) => void = () => {},
): Times[][] {
  onProgress('warming up');
  runFor(ecrecover, WARM_UP_MS, 1);
  const plans = works.map(({ run, warmUp }) => {
    const ms = runFor(run, warmUp ? WARM_UP_MS : BATCH_MS, 1);
    return {
      run,
      batch: Math.max(1, Math.ceil(BATCH_MS / Math.max(ms, 1e-5))),
      settle: ms > SLOW_MS ? 0 : SETTLE_MS,
      rounds: ms > SLOW_MS ? Math.min(rounds, SLOW_ROUNDS) : rounds,
      times: [] as Times[],
    };
  });
  // Again: while the others ran, its code may have been thrown away.
  runFor(ecrecover, WARM_UP_MS, 1);
  for (let round = 0; round < rounds; round++) {
    onProgress(`round ${round + 1} of ${rounds}`);
    let before = runFor(ecrecover, SLICE_MS, 1);
    for (const plan of plans) {
      if (round >= plan.rounds) continue;
      if (plan.settle > 0) runFor(plan.run, plan.settle, 1);
      const own = runFor(plan.run, SLICE_MS, plan.batch);
      const after = runFor(ecrecover, SLICE_MS, 1);
      plan.times.push({ own, ecrecover: (before + after) / 2 });
      before = after;
    }
  }
  return plans.map(({ times }) => times);
}
