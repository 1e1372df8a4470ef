/** A worker thread of the commands that run fixtures: takes fixture files, gives reports. */

import { parentPort, threadId, workerData } from 'node:worker_threads';
import { loadCrypto } from './crypto-choice.ts';
import { type FileReport, openRunner, runFixture } from './run-fixture.ts';
import type { Job, WorkerOptions } from './workers.ts';

const { command, selection, bail, stateFolder, engine, crypto } = workerData as WorkerOptions;
const states =
  stateFolder === undefined
    ? undefined
    : await (await import('./case-states.ts')).openCaseStates(stateFolder, `thread-${threadId}`);
const runner = await openRunner(command, {
  engine,
  crypto: await loadCrypto(crypto, engine),
  stateOf: states?.stateOf,
});

/** null asks it to end. */
parentPort!.on('message', async (job: Job | null) => {
  if (job === null) {
    await states?.close();
    parentPort!.close();
    return;
  }
  const { bytes, file } = job;
  const run = (): FileReport => runFixture(bytes, file, selection, bail, runner);
  parentPort!.postMessage(states === undefined ? run() : states.counted(run));
});
