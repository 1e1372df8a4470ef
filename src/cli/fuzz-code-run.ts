/** `erbium fuzz code`: a contract in, and sequences of transactions that break it out. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Random } from '../fuzz/random.ts';
import { accountOf } from '../fuzz/search/account.ts';
import { Search, type SearchOptions } from '../fuzz/search/search.ts';
import type { Finding, Step } from '../fuzz/search/step.ts';
import { Tester } from '../fuzz/search/trial.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { EXIT } from './exit.ts';
import {
  findingText,
  idOf,
  readFinding,
  replayCommand,
  SequenceFolder,
  sequenceText,
  withGas,
  writeFinding,
} from './fuzz-code-files.ts';
import {
  type CodeJob,
  type CodeReport,
  type CodeRound,
  type FoundAt,
  type SearchWords,
  searchOptions,
} from './fuzz-code-job.ts';
import { FuzzLine } from './fuzz-line.ts';
import { readCode } from './input.ts';
import { printable } from './text.ts';

export interface FuzzCodeOptions extends Omit<SearchWords, 'code'> {
  readonly seed: string;
  readonly runs?: string;
  readonly time?: number;
  readonly untilFinding?: true;
  readonly workers?: number;
  readonly corpus?: string;
  readonly out: string;
  readonly replay?: string;
  readonly json?: true;
}

const DEFAULT_SECONDS = 60;
const MAX_RUNS = 2n ** 53n - 1n;
/** Transactions of a thread between two times that all of them meet: some tens of milliseconds. */
const ROUND = 250;

export async function fuzzCode(code: readonly string[], options: FuzzCodeOptions): Promise<void> {
  if (options.replay !== undefined) {
    replay(options.replay, code, options.json ?? false);
    return;
  }
  if (code.length === 0) throw new ErbiumError('INVALID_ARGUMENT', 'code: is missing: hex, @FILE or -');
  await new Owner(wordsOf(code, options), options).run();
}

function wordsOf(code: readonly string[], options: FuzzCodeOptions): SearchWords {
  const { create, assert, reach, drain, equivalent, depth, gas, balance, storage, fork } = options;
  if (code[0] === '-' && equivalent === '-') {
    throw new ErbiumError('INVALID_ARGUMENT', '--equivalent: standard input is the code already');
  }
  return {
    code: bytesToHex(readCode(code)),
    ...(create === undefined ? {} : { create }),
    ...(assert === undefined ? {} : { assert }),
    ...(reach === undefined ? {} : { reach }),
    ...(drain === undefined ? {} : { drain }),
    ...(equivalent === undefined ? {} : { equivalent: bytesToHex(readCode([equivalent])) }),
    depth,
    gas,
    ...(balance === undefined ? {} : { balance }),
    ...(storage === undefined ? {} : { storage }),
    ...(fork === undefined ? {} : { fork }),
  };
}

/** The threads of a search, and what they find. */
class Owner {
  private readonly words: SearchWords;
  private readonly options: FuzzCodeOptions;
  private readonly search: SearchOptions;
  private readonly contract: string;
  private readonly seed: bigint;
  private readonly runs: number;
  private readonly line: FuzzLine;
  private readonly folder: SequenceFolder | null;
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly causes = new Set<string>();
  /** Ids of sequences that some thread has kept. */
  private readonly kept = new Set<string>();
  private readonly started = performance.now();

  constructor(words: SearchWords, options: FuzzCodeOptions) {
    this.words = words;
    this.options = options;
    this.search = searchOptions(words);
    this.runs =
      options.runs === undefined
        ? Number.POSITIVE_INFINITY
        : Number(toWord(options.runs, '--runs', MAX_RUNS));
    this.seed = toWord(options.seed, '--seed', MAX_U64);
    // Here what is wrong with them is said before there is a thread.
    this.contract = addressToHex(new Search(this.search, new Random(this.seed)).target);
    this.line = new FuzzLine(options.json ?? false);
    const trouble = (what: string): void => this.line.say({ event: 'trouble', what });
    this.folder = options.corpus === undefined ? null : new SequenceFolder(options.corpus, trouble);
  }

  async run(): Promise<void> {
    const sequences = this.folder?.read() ?? [];
    const { contract } = this;
    const { time = this.options.runs === undefined ? DEFAULT_SECONDS : undefined } = this.options;
    this.line.say({
      event: 'start',
      mode: 'code',
      contract,
      seed: this.seed.toString(),
      corpus: sequences.length,
    });
    const stop = (): void => void Atomics.store(this.stop, 0, 1);
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const timer = time === undefined ? undefined : setTimeout(stop, time * 1_000);
    const count = this.options.workers ?? availableParallelism();
    const threads = Array.from({ length: count }, (_, stream) => new Thread(this.jobOf(stream)));
    let sum = { runs: 0, features: 0, kept: 0 };
    try {
      sum = await this.rounds(threads, sequences);
    } finally {
      clearTimeout(timer);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      await Promise.all(threads.map((thread) => thread.end()));
    }
    const seconds = this.seconds();
    const perSecond = sum.runs / seconds;
    this.line.say({ event: 'end', ...sum, findings: this.causes.size, seconds, perSecond });
    process.exitCode = this.causes.size > 0 ? EXIT.FAILURE : EXIT.OK;
  }

  private jobOf(stream: number): CodeJob {
    return { options: this.search, seed: this.seed, stream, stop: this.stop };
  }

  /** Round after round until there is nothing more to do; how far the threads have come. */
  private async rounds(threads: readonly Thread[], sequences: readonly (readonly Step[])[]) {
    let causes: string[] = [];
    let fresh = sequences;
    for (let round = 1; ; round++) {
      const reports = await Promise.all(
        threads.map((thread, i) =>
          thread.round({
            until: Math.min(round * ROUND, this.share(i, threads.length)),
            causes,
            sequences: fresh,
          }),
        ),
      );
      causes = [];
      // By the thread's own count, so that it is the same however fast each of them was.
      const findings = reports.flatMap((report) => report.findings).sort((a, b) => a.run - b.run);
      for (const found of findings) {
        if (this.causes.has(found.finding.cause)) continue;
        if (this.options.untilFinding && this.causes.size > 0) break;
        this.causes.add(found.finding.cause);
        causes.push(found.finding.cause);
        this.keep(found);
      }
      fresh = this.keepSequences(reports);
      const sum = sumOf(reports, this.kept.size);
      this.line.show({ ...sum, findings: this.causes.size, seconds: this.seconds() });
      const isOver =
        Atomics.load(this.stop, 0) !== 0 ||
        (this.options.untilFinding && this.causes.size > 0) ||
        reports.every(
          ({ isDone, progress }, i) => isDone || progress.executions >= this.share(i, threads.length),
        );
      if (isOver) return sum;
    }
  }

  /** Transactions of a thread in all. */
  private share(stream: number, count: number): number {
    if (this.runs === Number.POSITIVE_INFINITY) return this.runs;
    return Math.floor(this.runs / count) + (stream < this.runs % count ? 1 : 0);
  }

  /** Those that nobody had before. */
  private keepSequences(reports: readonly CodeReport[]): (readonly Step[])[] {
    const fresh: (readonly Step[])[] = [];
    for (const steps of reports.flatMap(({ kept }) => kept)) {
      const text = sequenceText(steps);
      const id = idOf(text);
      if (this.kept.has(id)) continue;
      this.kept.add(id);
      this.folder?.keep(text);
      fresh.push(steps);
    }
    return fresh;
  }

  private keep({ finding, run }: FoundAt): void {
    const text = findingText(finding, this.search, this.words);
    const account = describe(finding, this.search);
    if (!this.options.json) process.stdout.write(`${account}\n`);
    const said = { event: 'finding', id: idOf(text), cause: finding.what, run, steps: finding.steps.length };
    try {
      const file = writeFinding(
        this.options.out,
        text,
        (command) => `${account}\nRun it again: ${command}\n`,
      );
      this.line.say({ ...said, file, command: replayCommand(file) });
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      // It would be lost.
      this.line.say({ ...said, problem: error.message, test: text });
    }
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1_000;
  }
}

const describe = (finding: Finding, search: SearchOptions): string =>
  printable(accountOf(finding, search.goals[finding.goal]!, withGas(search), search.equivalent));

const sumOf = (reports: readonly CodeReport[], kept: number) => ({
  runs: reports.reduce((sum, { progress }) => sum + progress.executions, 0),
  features: Math.max(...reports.map(({ progress }) => progress.edges)),
  kept,
});

/** A thread, which does one round after the other. */
class Thread {
  private readonly worker: Worker;
  private readonly exit: Promise<void>;
  private fail: (error: unknown) => void = () => {};

  constructor(job: CodeJob) {
    this.worker = new Worker(new URL('./fuzz-code-worker.js', import.meta.url), { workerData: job });
    this.worker.on('error', (error) => this.fail(error));
    this.exit = new Promise((resolve) => this.worker.once('exit', () => resolve()));
  }

  round(round: CodeRound): Promise<CodeReport> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.worker.once('message', resolve);
      this.worker.postMessage(round);
    });
  }

  async end(): Promise<void> {
    this.worker.postMessage(null);
    await this.exit;
  }
}

/** Runs the sequence of a finding again, on its own code or another, and says whether it still reaches the goal. */
function replay(file: string, code: readonly string[], json: boolean): void {
  const { words, goal, steps } = readFinding(file);
  const search = searchOptions(code.length === 0 ? words : { ...words, code: bytesToHex(readCode(code)) });
  if (search.goals[goal] === undefined) {
    throw new ErbiumError('INVALID_FIXTURE', `${file}: _info.search.goal: there is no goal ${goal}`);
  }
  const tester = new Tester(withGas(search), search.goals, search.equivalent);
  const finding = tester.replay(steps, (hit) => hit.goal === goal);
  if (json) {
    const what = finding === null ? {} : { what: finding.what };
    process.stdout.write(`${JSON.stringify({ file, found: finding !== null, ...what })}\n`);
  } else {
    process.stdout.write(
      finding === null ? `${printable(file)}: is not found any more\n` : describe(finding, search),
    );
  }
  process.exitCode = finding === null ? EXIT.OK : EXIT.FAILURE;
}
