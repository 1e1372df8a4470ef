/** `erbium fuzz diff` and `erbium fuzz crash`: a campaign on worker threads, from the line to the files. */

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { type ForkName, parseFork } from '../forks/fork.ts';
import type { FuzzCase } from '../fuzz/case.ts';
import { PROFILES, type Profile } from '../fuzz/generate/index.ts';
import { EXIT } from './exit.ts';
import { readCorpus } from './fuzz-files.ts';
import type { Finding, FuzzJob, FuzzMessage, FuzzMode } from './fuzz-job.ts';
import { FuzzLine } from './fuzz-line.ts';
import { FuzzStore } from './fuzz-store.ts';
import { misused } from './state.ts';

export interface FuzzOptions {
  readonly profile: string;
  readonly fork?: readonly string[];
  readonly opcodes?: number;
  /** Of `crash`; the other mode compares all. */
  readonly engine?: EngineChoice;
  readonly seed?: string;
  readonly runs?: number;
  readonly time?: number;
  readonly untilFinding?: true;
  readonly workers?: number;
  readonly corpus?: string;
  readonly out: string;
  readonly json?: true;
  readonly ethereumjs?: true;
  readonly against?: string;
  readonly batch?: string;
  readonly patience: number;
  readonly tries: number;
}

/**
 * Megabytes of each half of a thread's young generation, in which most of what a case makes dies. With those that V8 gives
 * by itself, a fifth of the time goes into what was moved to the old one too early.
 */
const SEMI_SPACE = 64;

/** What the threads have said so far. */
interface Totals {
  runs: number;
  steps: number;
  features: number;
  kept: number;
}

export async function fuzz(mode: FuzzMode, options: FuzzOptions): Promise<void> {
  const campaign = new Owner(mode, options);
  await campaign.run();
}

class Owner {
  private readonly mode: FuzzMode;
  private readonly options: FuzzOptions;
  private readonly profile: Profile;
  private readonly forks: readonly ForkName[] | undefined;
  private readonly seed: bigint;
  private readonly words: Int32Array;
  private readonly count: number;
  private readonly totals: Totals[] = [];
  private readonly causes = new Set<string>();
  private readonly told = new Set<string>();
  private readonly line: FuzzLine;
  private readonly store: FuzzStore;
  private readonly started = performance.now();

  constructor(mode: FuzzMode, options: FuzzOptions) {
    this.mode = mode;
    this.options = options;
    const profile = PROFILES.find((name) => name === options.profile);
    if (profile === undefined) {
      throw misused(
        `--profile: unknown profile ${JSON.stringify(options.profile)}; known are ${PROFILES.join(', ')}`,
      );
    }
    this.profile = profile;
    this.forks = options.fork?.map(parseFork);
    this.seed =
      options.seed === undefined ? BigInt(`0x${randomBytes(8).toString('hex')}`) : seedOf(options.seed);
    this.count = options.workers ?? availableParallelism();
    this.words = new Int32Array(new SharedArrayBuffer(4 * (1 + this.count)));
    this.line = new FuzzLine(options.json ?? false);
    this.store = new FuzzStore(options.out, options.corpus, this.line);
  }

  async run(): Promise<void> {
    const { time } = this.options;
    for (const end of ['min', 'max']) setFlagsFromString(`--${end}-semi-space-size=${SEMI_SPACE}`);
    const corpus = await this.readCorpus();
    this.line.say({
      event: 'start',
      mode: this.mode,
      profile: this.profile,
      seed: this.seed.toString(),
      corpus: corpus.length,
    });
    const stop = (): void => this.stop();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const timer = time === undefined ? undefined : setTimeout(stop, time * 1_000);
    const { count } = this;
    const ends = await Promise.allSettled(
      Array.from({ length: count }, (_, stream) => this.work(this.jobOf(stream, count, corpus))),
    );
    clearTimeout(timer);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    const isKept = this.store.close();
    // A thread that failed ends the campaign, and takes nothing with it that the others kept.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const { runs, steps } = this.sum();
    const seconds = (performance.now() - this.started) / 1_000;
    this.line.say({
      event: 'end',
      ...this.sum(),
      findings: this.causes.size,
      seconds,
      perSecond: runs / seconds,
      steps,
    });
    process.exitCode = this.causes.size > 0 ? EXIT.FAILURE : isKept ? EXIT.OK : EXIT.USAGE;
  }

  private jobOf(stream: number, count: number, corpus: readonly FuzzCase[]): FuzzJob {
    const { runs, opcodes, engine = 'auto', ethereumjs, against, batch, patience, tries } = this.options;
    const keeps = this.options.corpus !== undefined;
    return {
      mode: this.mode,
      profile: this.profile,
      forks: this.forks,
      opcodes,
      engine,
      seed: this.seed,
      stream,
      runs: runs === undefined ? undefined : Math.floor(runs / count) + (stream < runs % count ? 1 : 0),
      corpus,
      keeps,
      rivals: { ethereumjs: ethereumjs ?? false, against, batch, patience },
      tries,
      words: this.words,
    };
  }

  /** One thread, to its end. */
  private work(job: FuzzJob): Promise<void> {
    const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { workerData: job });
    this.totals[job.stream] = { runs: 0, steps: 0, features: 0, kept: 0 };
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FuzzMessage) => this.hear(message, job.stream));
      worker.once('error', (error) => {
        this.stop();
        reject(error);
      });
      worker.once('exit', () => resolve());
    });
  }

  private hear(message: FuzzMessage, stream: number): void {
    switch (message.kind) {
      case 'progress':
        this.totals[stream] = message;
        this.store.keep(message.fresh);
        Atomics.store(this.words, 1 + stream, 0);
        this.line.show({
          ...this.sum(),
          findings: this.causes.size,
          seconds: (performance.now() - this.started) / 1_000,
        });
        break;
      case 'finding':
        this.keep(message.finding);
        break;
      case 'trouble':
        if (!this.told.has(message.what)) this.line.say({ event: 'trouble', what: message.what });
        this.told.add(message.what);
        break;
    }
  }

  private keep(finding: Finding): void {
    if (this.causes.has(finding.cause)) return;
    this.causes.add(finding.cause);
    this.store.finding(finding);
    if (this.options.untilFinding) this.stop();
  }

  private sum(): Totals {
    const sum = { runs: 0, steps: 0, features: 0, kept: 0 };
    for (const { runs, steps, features, kept } of this.totals) {
      sum.runs += runs;
      sum.steps += steps;
      sum.features = Math.max(sum.features, features);
      sum.kept += kept;
    }
    return sum;
  }

  private stop(): void {
    Atomics.store(this.words, 0, 1);
  }

  private async readCorpus(): Promise<FuzzCase[]> {
    const { corpus } = this.options;
    if (corpus === undefined) return [];
    const cases: FuzzCase[] = [];
    const leftOut: string[] = [];
    for await (const file of readCorpus(corpus)) {
      if (file.kind === 'cases') {
        cases.push(...file.cases);
        leftOut.push(...file.leftOut.map(({ id, reason }) => `${file.file}: ${id}: ${reason}`));
      } else this.line.say({ event: 'trouble', what: file.problem });
    }
    if (leftOut.length > 0) {
      const what = `${corpus}: ${leftOut.length} tests are no cases to fuzz; the first is ${leftOut[0]}`;
      this.line.say({ event: 'trouble', what });
    }
    const { forks } = this;
    return forks === undefined ? cases : cases.filter(({ fork }) => forks.includes(fork));
  }
}

function seedOf(text: string): bigint {
  if (/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return BigInt(text);
  throw misused(`--seed: expected a whole number, got ${JSON.stringify(text)}`);
}
