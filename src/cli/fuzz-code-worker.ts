/** A thread of `erbium fuzz code`: searches in rounds, as it is told. */

import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../fuzz/random.ts';
import { Search } from '../fuzz/search/search.ts';
import type { CodeJob, CodeReport, CodeRound, FoundAt } from './fuzz-code-job.ts';

const { options, seed, stream, stop } = workerData as CodeJob;

/** Transactions between two looks at whether to stop. */
const SLICE = 10;

const isStopped = (): boolean => Atomics.load(stop, 0) !== 0;
const search = new Search(options, new Random(seed, stream), isStopped);

function run({ until, causes, sequences }: CodeRound): CodeReport {
  for (const cause of causes) search.settle(cause);
  for (const steps of sequences) search.offer(steps);
  const findings: FoundAt[] = [];
  while (!isStopped() && !search.isDone && search.progress.executions < until) {
    const finding = search.advance(Math.min(SLICE, until - search.progress.executions));
    if (finding !== null) findings.push({ finding, run: search.progress.executions });
  }
  return { findings, kept: search.takeKept(), progress: search.progress, isDone: search.isDone };
}

parentPort!.on('message', (round: CodeRound | null) => {
  if (round === null) parentPort!.close();
  else parentPort!.postMessage(run(round));
});
