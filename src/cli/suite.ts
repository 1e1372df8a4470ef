/** What `erbium statetest` and `erbium blocktest` share: fixtures in, and what did not come out as they say. */

import { availableParallelism } from 'node:os';
import { engineHere } from '../evm/engine.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { CaseStates } from './case-states.ts';
import { type CryptoChoice, loadCrypto } from './crypto-choice.ts';
import { EXIT } from './exit.ts';
import { type Input, openInput, sourcesOf } from './fixtures.ts';
import { type Progress, showProgress } from './progress.ts';
import { blocksText, failureText, type Summary, summaryText, Tally } from './report.ts';
import {
  type CaseReport,
  type FileReport,
  openRunner,
  type RunnerOptions,
  runFixture,
  type Selection,
  type SuiteCommand,
} from './run-fixture.ts';
import type { Temporary } from './temporary.ts';
import { printable } from './text.ts';
import type { TraceOptions } from './trace.ts';
import { fromWorker, Workers } from './workers.ts';

export interface SuiteOptions extends TraceOptions {
  readonly fork?: string;
  readonly run?: string;
  readonly workers?: number;
  readonly json?: true;
  readonly bail?: true;
  readonly slowest?: number;
  readonly blocks?: true;
  readonly trace?: true;
  readonly state?: string;
  readonly engine: EngineChoice;
  readonly crypto: CryptoChoice;
}

/**
 * @param checkFork throws for a fork that the command does not know
 */
export async function runSuite(
  command: SuiteCommand,
  paths: readonly string[],
  options: SuiteOptions,
  checkFork: (name: string) => void,
): Promise<void> {
  const selection = checkSelection(options, checkFork);
  const engine = options.trace ? 'traced' : engineHere(options.engine);
  const inputs = await Promise.all(paths.map(openInput));
  const folder = await stateFolder(options);
  const started = performance.now();
  const session = new Session(command, options, inputs, folder?.path);
  try {
    if (options.trace) await session.runTraced(selection);
    else await session.runAll(selection);
  } finally {
    session.stop();
    folder?.remove();
  }
  const summary = session.tally.summary((performance.now() - started) / 1000, engine, options.crypto);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...summary, cases: session.tally.cases })}\n`
      : printable(summaryText(summary, session.tally, options.slowest ?? 0)),
  );
  process.exitCode = exitCode(command, summary, selection);
}

/** Mistakes in the options are found before anything runs. */
export function checkSelection({ fork, run }: SuiteOptions, checkFork: (name: string) => void): Selection {
  if (fork !== undefined) checkFork(fork);
  try {
    if (run !== undefined) new RegExp(run);
  } catch (error) {
    throw new ErbiumError('INVALID_ARGUMENT', `--run: ${(error as Error).message}`);
  }
  return { fork, run };
}

/** The folder for the states of the cases, where they are not kept in memory. */
async function stateFolder({ state }: SuiteOptions): Promise<Temporary | undefined> {
  if (state === undefined) return undefined;
  const { parseSpec } = await import('./state.ts');
  const spec = parseSpec(state);
  if (spec.kind !== 'lmdb') {
    const problem =
      '--state: cases bring their own accounts, so only lmdb:DIR can be given, a folder to keep them in';
    throw new ErbiumError('INVALID_ARGUMENT', problem);
  }
  const { caseFolder } = await import('./case-states.ts');
  return caseFolder(spec.path);
}

const NOTHING_FOUND = { statetest: 'no state test found', blocktest: 'no blockchain test found' } as const;

function exitCode(command: SuiteCommand, { passed, failed, errors }: Summary, selection: Selection): number {
  if (errors.length > 0) return EXIT.USAGE;
  if (failed > 0) return EXIT.FAILURE;
  if (passed > 0) return EXIT.OK;
  const given = (['fork', 'run'] as const).flatMap((name) =>
    selection[name] === undefined ? [] : [`--${name} ${selection[name]}`],
  );
  const problem = given.length === 0 ? NOTHING_FOUND[command] : `no case matches ${given.join(' and ')}`;
  process.stderr.write(`erbium: ${problem}: nothing ran\n`);
  return EXIT.USAGE;
}

class Session {
  readonly tally = new Tally();
  private readonly command: SuiteCommand;
  private readonly options: SuiteOptions;
  private readonly inputs: readonly Input[];
  private readonly stateFolder: string | undefined;
  private readonly progress: Progress;
  private done = 0;
  private printed = 0;

  constructor(
    command: SuiteCommand,
    options: SuiteOptions,
    inputs: readonly Input[],
    stateFolder: string | undefined,
  ) {
    this.command = command;
    this.options = options;
    this.inputs = inputs;
    this.stateFolder = stateFolder;
    this.progress = showProgress(inputs.reduce((sum, input) => sum + input.size, 0));
  }

  /** In worker threads, or here when one thread is enough. */
  async runAll(selection: Selection): Promise<void> {
    const { command, options, stateFolder } = this;
    const { engine, crypto, bail = false } = options;
    const size = options.workers ?? availableParallelism();
    if (size === 1 || this.isSmall()) return this.runHere(selection);
    const shared = { command, selection, bail, engine, crypto, stateFolder };
    const workers = new Workers(size, shared, (report) => this.take(report));
    try {
      await this.each((bytes, file) => workers.submit({ bytes, file }));
      if (!this.enough()) await workers.drain();
    } catch (error) {
      throw fromWorker(error);
    } finally {
      await workers.stop();
    }
  }

  /** Here, one case after the other, each followed by its root, as other clients write it. */
  async runTraced(selection: Selection): Promise<void> {
    const { openCaseTracer } = await import('./trace.ts');
    const { tracer, finish } = await openCaseTracer(this.options);
    await this.runHere(selection, { tracer }, finish);
  }

  private async runHere(
    selection: Selection,
    traced: Pick<RunnerOptions, 'tracer'> = {},
    afterCase?: (report: CaseReport) => void,
  ): Promise<void> {
    const { engine, bail = false } = this.options;
    await this.withStates(async (stateOf, counted) => {
      const crypto = await loadCrypto(this.options.crypto, engine);
      const runner = await openRunner(this.command, { engine, crypto, stateOf, ...traced });
      await this.each(async (bytes, file) =>
        this.take(counted(() => runFixture(bytes, file, selection, bail, runner, afterCase))),
      );
    });
  }

  /** Work in this thread; the states are closed after it. */
  private async withStates(
    work: (stateOf: CaseStates['stateOf'] | undefined, counted: CaseStates['counted']) => Promise<void>,
  ): Promise<void> {
    if (this.stateFolder === undefined) return work(undefined, (run) => run());
    const { openCaseStates } = await import('./case-states.ts');
    const states = await openCaseStates(this.stateFolder, 'main');
    try {
      await work(states.stateOf, states.counted);
    } finally {
      await states.close();
    }
  }

  stop(): void {
    this.progress.stop();
  }

  /** A single file is not worth the start of a thread. */
  private isSmall(): boolean {
    return this.inputs.length === 1 && this.inputs[0]!.kind === 'file';
  }

  private enough(): boolean {
    return this.options.bail === true && this.tally.failed > 0;
  }

  private async each(work: (bytes: Uint8Array, file: string) => Promise<void>): Promise<void> {
    for (const input of this.inputs) {
      try {
        for await (const source of sourcesOf(input)) {
          if (this.enough()) return;
          if (source.kind === 'fixture') {
            await work(source.bytes, source.file);
            this.done += source.progress;
          } else if (source.kind === 'foreign') {
            this.tally.foreign.push(source.file);
          } else {
            this.report({ file: source.file, cases: [], errors: [source.problem] });
          }
          this.progress.update(this.done, this.tally.cases.length, this.tally.failed);
        }
      } catch (error) {
        // One damaged archive does not keep the other inputs from running.
        if (!(error instanceof ErbiumError)) throw error;
        this.report({ file: input.path, cases: [], errors: [error.message] });
      }
    }
  }

  private take(report: FileReport): void {
    if (!this.enough()) this.report(report);
  }

  private report(report: FileReport): void {
    this.tally.add(report);
    for (const error of report.errors) process.stderr.write(`erbium: ${printable(error)}\n`);
    if (this.options.json) return;
    if (this.options.blocks) process.stdout.write(printable(blocksText(report.cases)));
    for (const failed of report.cases.filter((result) => !result.pass)) {
      if (this.printed++ < MAX_PRINTED)
        process.stdout.write(printable(failureText(this.command, failed, this.options)));
      else if (this.printed === MAX_PRINTED + 1) process.stdout.write('more failures are only counted\n');
    }
  }
}

const MAX_PRINTED = 100;
