/** Worker threads that each work on one fixture file at a time. */

import { Worker } from 'node:worker_threads';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { CryptoChoice } from './crypto-choice.ts';
import type { FileReport, Selection, SuiteCommand } from './run-fixture.ts';

export interface WorkerOptions {
  readonly command: SuiteCommand;
  readonly selection: Selection;
  readonly bail: boolean;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
  /** Where the states of the cases are kept; in memory without it. */
  readonly stateFolder: string | undefined;
}

export interface Job {
  readonly bytes: Uint8Array;
  readonly file: string;
}

export class Workers {
  private readonly idle: Worker[] = [];
  private readonly all: Worker[] = [];
  private readonly size: number;
  private readonly options: WorkerOptions;
  private readonly onReport: (report: FileReport) => void;
  private busy = 0;
  private wake: (() => void) | null = null;
  private failure: Error | null = null;

  constructor(size: number, options: WorkerOptions, onReport: (report: FileReport) => void) {
    this.size = size;
    this.options = options;
    this.onReport = onReport;
  }

  /** Hands a job to a worker; waits while none is free. */
  async submit(job: Job): Promise<void> {
    while (this.idle.length === 0 && this.all.length === this.size) await this.change();
    this.throwFailure();
    const worker = this.idle.pop() ?? this.start();
    this.busy++;
    worker.postMessage(job);
  }

  /** Waits for all jobs. */
  async drain(): Promise<void> {
    while (this.busy > 0) await this.change();
    this.throwFailure();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((worker) => (this.isOnDisk ? ended(worker) : worker.terminate())));
  }

  private get isOnDisk(): boolean {
    return this.options.stateFolder !== undefined;
  }

  private start(): Worker {
    const worker = new Worker(new URL('./suite-worker.js', import.meta.url), {
      workerData: this.options,
    });
    worker.on('message', (report: FileReport) => {
      this.busy--;
      this.idle.push(worker);
      this.onReport(report);
      this.wake?.();
    });
    worker.on('error', (error) => {
      this.failure ??= error;
      this.busy = 0;
      this.wake?.();
    });
    this.all.push(worker);
    return worker;
  }

  private async change(): Promise<void> {
    this.throwFailure();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = null;
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }
}

/** As it was in the worker: between threads an error keeps its name and code, and loses its class. */
export function fromWorker(error: unknown): unknown {
  const { name, code, message } = error as ErbiumError;
  return name === 'ErbiumError' ? new ErbiumError(code, message) : error;
}

// What a case may take to its end.
const CLOSE_MS = 10_000;

/** Lets a worker close what it has open: a database must not lose its thread amid a transaction. */
async function ended(worker: Worker): Promise<void> {
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
  worker.postMessage(null);
  await Promise.race([exit, late]);
  await worker.terminate();
}
