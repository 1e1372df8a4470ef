/** A worker thread of `erbium statetest`: takes fixture files, gives reports. */

import { parentPort, workerData } from 'node:worker_threads';
import { StateTestRunner } from '../statetest/index.ts';
import { runFixture } from './run-fixture.ts';
import type { Job, WorkerOptions } from './workers.ts';

const { selection, bail } = workerData as WorkerOptions;
const runner = new StateTestRunner();

parentPort!.on('message', ({ bytes, file }: Job) => {
  parentPort!.postMessage(runFixture(bytes, file, selection, bail, runner));
});
