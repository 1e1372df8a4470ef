/** Threads that run files of tests, one at a time each. Owns what the program and its threads say to each other. */

import { parentPort, Worker, workerData } from 'node:worker_threads';
import { ErbiumError, type ErrorCode } from '../../primitives/errors.ts';
import { fromWorker } from '../workers.ts';
import { type Command, flagsOf } from './command.ts';
import type { TestFile } from './files.ts';
import { Flags } from './flags.ts';
import { writeErr } from './output.ts';
import type { TestReport } from './report.ts';
import type { TestCommand } from './test-runner.ts';

interface Setup {
  readonly name: TestCommand['name'];
  readonly words: readonly string[];
}

/** What came of a file. */
interface Answer {
  readonly reports: readonly TestReport[];
  /** What goes to standard error. */
  readonly written: string;
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

/**
 * The reports of all files, and what goes to standard error, both in the order of the files.
 * @param words the line, as the threads are to read it
 * @throws ErbiumError what a thread threw for the first file that cannot be run
 */
export async function runInThreads(
  name: TestCommand['name'],
  words: readonly string[],
  files: readonly TestFile[],
  size: number,
): Promise<TestReport[]> {
  const answers: (Answer | undefined)[] = files.map(() => undefined);
  const reports: TestReport[] = [];
  let handed = 0;
  let settled = 0;
  const settle = (): void => {
    for (let answer = answers[settled]; answer !== undefined; answer = answers[++settled]) {
      if (answer.failure !== null) throw new ErbiumError(answer.failure.code, answer.failure.message);
      writeErr(answer.written);
      reports.push(...answer.reports);
      answers[settled] = undefined;
    }
  };
  const threads = Array.from(
    { length: Math.min(size, files.length) },
    () => new Worker(new URL('./erbium-evm.js', import.meta.url), { workerData: { name, words } }),
  );
  try {
    await Promise.all(
      threads.map(
        (thread) =>
          new Promise<void>((resolve, reject) => {
            const hand = (): void => {
              const at = handed++;
              if (at >= files.length) {
                resolve();
                return;
              }
              thread.once('message', (answer: Answer) => {
                answers[at] = answer;
                try {
                  settle();
                  hand();
                } catch (error) {
                  reject(error);
                }
              });
              thread.postMessage(files[at]);
            };
            thread.once('error', (error) => reject(fromWorker(error)));
            hand();
          }),
      ),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return reports;
}

const MODULES: Readonly<Record<Setup['name'], () => Promise<{ command: Command; tests: TestCommand }>>> = {
  statetest: () => import('./statetest.ts'),
  blocktest: () => import('./blocktest.ts'),
};

/** The program in a thread: answers file after file. */
export async function answerFiles(): Promise<void> {
  const { name, words } = workerData as Setup;
  const { command, tests } = await MODULES[name]();
  let written = '';
  const runner = await tests.open(new Flags(words, flagsOf(command)), (text) => {
    written += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  });
  parentPort!.on('message', async (file: TestFile) => {
    const reports: TestReport[] = [];
    let failure: Answer['failure'] = null;
    written = '';
    try {
      for await (const report of runner.run(file)) reports.push(report);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      failure = { code: error.code, message: error.message };
    }
    parentPort!.postMessage({ reports, written, failure } satisfies Answer);
  });
}
