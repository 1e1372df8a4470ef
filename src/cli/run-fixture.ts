/** All chosen cases of one fixture file, in the main thread or in a worker; the report is plain data. */

import { findFork, parseFork } from '../forks/fork.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { Difference } from '../statetest/compare.ts';
import { caseId, casesOf, type Mismatch, parseFixture, type StateTestRunner } from '../statetest/index.ts';

/** Which cases to run. */
export interface Selection {
  readonly fork: string | undefined;
  /** Source of a regular expression over case names. */
  readonly run: string | undefined;
}

export interface CaseReport {
  readonly id: string;
  readonly file: string;
  readonly fork: string;
  readonly pass: boolean;
  readonly ms: number;
  readonly gasUsed: string;
  readonly stateRoot: string;
  readonly mismatches: readonly Mismatch[];
  readonly differences: readonly Difference[];
}

export interface FileReport {
  readonly file: string;
  readonly cases: readonly CaseReport[];
  /** What could not be read or run, each naming file and field. */
  readonly errors: readonly string[];
  /** Of the database that held the states of the cases, where one did. */
  readonly commits?: number;
}

/**
 * @param bail stops after the first case that fails
 */
export function runFixture(
  bytes: Uint8Array,
  file: string,
  { fork, run }: Selection,
  bail: boolean,
  runner: StateTestRunner,
  afterCase?: (report: CaseReport) => void,
): FileReport {
  const cases: CaseReport[] = [];
  const errors: string[] = [];
  const report: FileReport = { file, cases, errors };
  const pattern = run === undefined ? undefined : new RegExp(run);
  const guarded = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      // An unknown fork is the same error in each of its cases.
      if (!errors.includes(error.message)) errors.push(error.message);
      return undefined;
    }
  };

  const tests = guarded(() => parseFixture(new TextDecoder().decode(bytes), file)) ?? [];
  for (const testCase of tests.flatMap(casesOf)) {
    const id = caseId(testCase);
    if (pattern !== undefined && !pattern.test(id)) continue;
    const result = guarded(() => {
      // A fork that nobody knows is left to the runner, which names it.
      const known = findFork(testCase.fork);
      if (fork !== undefined && known !== undefined && known !== parseFork(fork)) return undefined;
      const start = performance.now();
      const { mismatches, differences, pass, stateRoot, gasUsed } = runner.run(testCase);
      const ms = performance.now() - start;
      const numbers = { ms, gasUsed: gasUsed.toString(), stateRoot };
      return { id, file, fork: testCase.fork, pass, ...numbers, mismatches, differences };
    });
    if (result === undefined) continue;
    cases.push(result);
    afterCase?.(result);
    if (bail && !result.pass) break;
  }
  return report;
}
