/** A thread of `erbium fuzz`: runs its part of a campaign, and says what it finds. */

import { parentPort, workerData } from 'node:worker_threads';
import { Campaign } from '../fuzz/campaign.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import { Random } from '../fuzz/random.ts';
import { crashFinding, DiffCheck, hangFinding, openContenders, type Trouble } from './fuzz-check.ts';
import type { Finding, FuzzJob, FuzzMessage } from './fuzz-job.ts';

const job = workerData as FuzzJob;
const { mode, profile, forks, opcodes, engine, seed, stream, runs, corpus, keeps, rivals, tries, words } =
  job;

/** Between two words about progress. */
const SLICE_MS = 200;
/** A case takes milliseconds; one that takes so long hangs. */
const HANG_MS = 20_000;

const say = (message: FuzzMessage): void => parentPort!.postMessage(message);

const isStopped = (): boolean => Atomics.load(words, 0) !== 0;
const limits = { tries, stopped: isStopped };

const told = new Set<string>();
const trouble: Trouble = (kind, what) => {
  if (told.has(kind)) return;
  told.add(kind);
  say({ kind: 'trouble', what });
};

const contenders = mode === 'diff' ? await openContenders(rivals) : [];
const diff = mode === 'diff' ? new DiffCheck(contenders, limits, trouble) : null;

let started = 0;
const campaign = new Campaign(new Random(seed, stream), {
  profile,
  pace: mode === 'crash' ? 'many' : 'varied',
  corpus,
  engine,
  ...(forks === undefined ? {} : { forks }),
  ...(opcodes === undefined ? {} : { opcodes }),
  interrupted: () => performance.now() - started > HANG_MS,
});

/** Causes that this thread has reported. */
const causes = new Set<string>();
let steps = 0;
let done = 0;
/** Kept since the owner was told last. */
let fresh: FuzzCase[] = [];
let lastSlice = performance.now();

function sayProgress(): void {
  const { features, kept } = campaign;
  // Before it is said: the owner may take it at once.
  Atomics.store(words, 1 + stream, 1);
  say({ kind: 'progress', runs: done, steps, features, kept, fresh });
  fresh = [];
}

while (!isStopped() && (runs === undefined || done < runs)) {
  started = performance.now();
  let finding: Finding | null = null;
  try {
    const run = campaign.next();
    steps += run.steps;
    if (keeps && run.isKept) fresh.push(run.fuzzCase);
    const hangs = performance.now() - started > HANG_MS;
    finding = hangs ? hangFinding(run.fuzzCase, HANG_MS) : ((await diff?.check(run.fuzzCase)) ?? null);
  } catch (error) {
    finding = await crashFinding(campaign.current!, error, limits);
  }
  if (finding !== null && !causes.has(finding.cause)) {
    causes.add(finding.cause);
    say({ kind: 'finding', finding, run: done });
  }
  done++;
  if (performance.now() - lastSlice > SLICE_MS && Atomics.load(words, 1 + stream) === 0) {
    sayProgress();
    lastSlice = performance.now();
  }
}
sayProgress();
for (const contender of contenders) await contender.close?.();
