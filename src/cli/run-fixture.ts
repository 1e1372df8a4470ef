/**
 * All chosen cases of one fixture file, of whatever kind, in the main thread or in a worker; the report is plain data.
 * What a case is and how it runs, `statetest-cases.ts` and `blocktest-cases.ts` say.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import type { Tracer } from '../machine/tracer.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { Difference } from '../statetest/compare.ts';
import { isBlockFixture, type StateFactory } from '../statetest/index.ts';

/** The command that runs fixtures of one kind. */
export type SuiteCommand = 'statetest' | 'blocktest';

/** Which cases to run. */
export interface Selection {
  readonly fork: string | undefined;
  /** Source of a regular expression over case names. */
  readonly run: string | undefined;
}

/** Something that came out otherwise than the fixture says. */
export interface CaseMismatch {
  readonly what: string;
  /** Index of the block in a blockchain test; null or missing where it is about the whole. */
  readonly block?: number | null;
  readonly expected: string;
  readonly got: string;
}

/** A block of a blockchain test. */
export interface BlockReport {
  /** null where the bytes are no block. */
  readonly number: string | null;
  readonly accepted: boolean;
  readonly gasUsed: string;
  readonly ms: number;
}

/** How a case went. */
export interface Outcome {
  readonly pass: boolean;
  readonly gasUsed: string;
  readonly stateRoot: string;
  readonly mismatches: readonly CaseMismatch[];
  readonly differences: readonly Difference[];
  /** Of a blockchain test, in its order. */
  readonly blocks?: readonly BlockReport[];
}

export interface CaseReport extends Outcome {
  readonly id: string;
  readonly file: string;
  /** As the fixture writes it. */
  readonly fork: string;
  readonly ms: number;
}

export interface FileReport {
  readonly file: string;
  readonly cases: readonly CaseReport[];
  /** What could not be read or run, each naming file and field. */
  readonly errors: readonly string[];
  /** Of the database that held the states of the cases, where one did. */
  readonly commits?: number;
}

/** Reads and runs the cases of one kind of fixture. */
export interface CaseRunner<Case> {
  readonly command: SuiteCommand;
  /** @throws ErbiumError INVALID_FIXTURE */
  read(text: string, file: string): readonly Case[];
  /** What `--run` is matched against. */
  idOf(one: Case): string;
  forkOf(one: Case): string;
  /** One name for all names of a fork; undefined for one that nobody knows, which is left to `run` to name. */
  knownFork(name: string): string | undefined;
  /** @throws ErbiumError */
  run(one: Case): Outcome;
}

export interface RunnerOptions {
  readonly engine: EngineChoice;
  readonly crypto: Crypto;
  readonly stateOf: StateFactory | undefined;
  readonly tracer?: Tracer;
}

/** Loads what the command needs. */
export async function openRunner(
  command: SuiteCommand,
  options: RunnerOptions,
): Promise<CaseRunner<unknown>> {
  if (command === 'statetest') return (await import('./statetest-cases.ts')).stateTests(options);
  return (await import('./blocktest-cases.ts')).blockTests(options);
}

/**
 * @param bail stops after the first case that fails
 */
export function runFixture<Case>(
  bytes: Uint8Array,
  file: string,
  { fork, run }: Selection,
  bail: boolean,
  runner: CaseRunner<Case>,
  afterCase?: (report: CaseReport) => void,
): FileReport {
  const cases: CaseReport[] = [];
  const errors: string[] = [];
  const report: FileReport = { file, cases, errors };
  const pattern = run === undefined ? undefined : new RegExp(run);
  const wanted = fork === undefined ? undefined : runner.knownFork(fork);
  const guarded = <T>(work: () => T, hint: () => string = () => ''): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      const message = error.message + hint();
      // An unknown fork is the same error in each of its cases.
      if (!errors.includes(message)) errors.push(message);
      return undefined;
    }
  };

  const text = new TextDecoder().decode(bytes);
  const all = guarded(
    () => runner.read(text, file),
    () => otherCommand(text, runner.command),
  );
  for (const one of all ?? []) {
    const id = runner.idOf(one);
    if (pattern !== undefined && !pattern.test(id)) continue;
    const forkName = runner.forkOf(one);
    const known = runner.knownFork(forkName);
    if (wanted !== undefined && known !== undefined && known !== wanted) continue;
    const result = guarded(() => {
      const start = performance.now();
      const outcome = runner.run(one);
      return { id, file, fork: forkName, ms: performance.now() - start, ...outcome };
    });
    if (result === undefined) continue;
    cases.push(result);
    afterCase?.(result);
    if (bail && !result.pass) break;
  }
  return report;
}

function isStateFixture(value: object): boolean {
  const [first] = Object.values(value);
  return typeof first === 'object' && first !== null && 'post' in first && 'transaction' in first;
}

/** What to say of a file that is refused, and that another command takes. */
function otherCommand(text: string, command: SuiteCommand): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return '';
  }
  if (typeof value !== 'object' || value === null) return '';
  const other: SuiteCommand = command === 'statetest' ? 'blocktest' : 'statetest';
  const fits = other === 'blocktest' ? isBlockFixture(value) : isStateFixture(value);
  return fits ? `; erbium ${other} runs it` : '';
}
