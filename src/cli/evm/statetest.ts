/** `erbium-evm statetest`: state tests with the reports, the traces and the manners of geth's `evm statetest`. */

import { bytesToHexDigits, equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { casesOf, type StateTestCase } from '../../statetest/case.ts';
import { parseFixture } from '../../statetest/fixture.ts';
import { printable } from '../text.ts';
import { type CaseOutcome, CaseRunner } from './case.ts';
import type { Command } from './command.ts';
import { namesFromInput, readTestFile, testFiles } from './files.ts';
import type { Flag, Flags } from './flags.ts';
import { writeErr } from './output.ts';
import { type BenchStats, printReports, type TestReport } from './report.ts';
import { patternOf, TEST_FLAGS } from './test-flags.ts';
import { TRACE_FLAGS, tracerOf } from './trace-flags.ts';
import { gethWords } from './words.ts';

const FLAGS: readonly Flag[] = [
  ...TEST_FLAGS,
  { name: 'statetest.fork', default: '', help: 'only cases of this fork, as the fixture writes it' },
  {
    name: 'statetest.index',
    default: -1,
    help: 'only the case with this number within its test; -1 for all',
  },
  { name: 'bench', default: false, help: 'run each case a second time and tell how long it takes' },
  ...TRACE_FLAGS,
];

export const command: Command = {
  usage: '[options] [file or folder]',
  about:
    'Runs state tests. Without a path, file names come from standard input, one a line; an empty line ends.',
  flags: FLAGS,
  run: statetest,
};

async function statetest(flags: Flags): Promise<void> {
  const session = new Session(flags, new CaseRunner(await tracerOf(flags), writeErr));
  const [path] = flags.args;
  if (path !== undefined) {
    const reports: TestReport[] = [];
    for (const file of testFiles(path)) reports.push(...(await session.run(file)));
    printReports(reports, flags.switch('human'));
    return;
  }
  for await (const name of namesFromInput()) {
    printReports(await session.runInBatch(name), flags.switch('human'));
  }
}

/** What stands for the root where there is none: a reader waits for one after each file. */
const NO_ROOT = `0x${'0'.repeat(64)}`;

const writeRoot = (root: string): void => writeErr(`{"stateRoot": "${root}"}\n`);

class Session {
  private readonly flags: Flags;
  private readonly runner: CaseRunner;
  private readonly pattern: RegExp;

  constructor(flags: Flags, runner: CaseRunner) {
    this.flags = flags;
    this.runner = runner;
    this.pattern = patternOf(flags);
  }

  /** A file that cannot be read is reported like a test that fails, and the next one is run. */
  async runInBatch(name: string): Promise<TestReport[]> {
    try {
      const reports = await this.run(name);
      if (reports.length === 0) writeRoot(NO_ROOT);
      return reports;
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      process.exitCode = 1;
      writeErr(`${printable(error.message)}\n`);
      writeRoot(NO_ROOT);
      return [{ name, pass: false, fork: '', error: error.message }];
    }
  }

  /** @throws ErbiumError INVALID_FIXTURE or UNREADABLE_FILE */
  async run(file: string): Promise<TestReport[]> {
    const index = this.flags.number('statetest.index');
    const fork = this.flags.string('statetest.fork');
    const reports: TestReport[] = [];
    for (const test of parseFixture(readTestFile(file), file)) {
      if (!this.pattern.test(test.name)) continue;
      for (const [at, testCase] of casesOf(test).entries()) {
        if ((index === -1 || index === at) && (fork === '' || fork === testCase.fork)) {
          reports.push(await this.runCase(testCase));
        }
      }
    }
    return reports;
  }

  private async runCase(testCase: StateTestCase): Promise<TestReport> {
    const { test, fork } = testCase;
    let outcome: CaseOutcome;
    try {
      outcome = await this.runner.run(testCase);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      writeRoot(NO_ROOT);
      const problem =
        error.code === 'UNKNOWN_FORK' ? `unsupported fork ${JSON.stringify(fork)}` : error.message;
      return { name: test.name, pass: false, fork, error: problem };
    }
    const { stateRoot, state } = outcome;
    writeRoot(stateRoot);
    const error = problemOf(testCase, outcome);
    return {
      name: test.name,
      pass: error === null,
      stateRoot,
      fork,
      ...(error === null ? {} : { error }),
      ...(this.flags.switch('dump') ? { state: (await import('./dump.ts')).dumpOf(state) } : {}),
      ...(this.flags.switch('bench') ? { benchStats: await bench(testCase) } : {}),
    };
  }
}

async function bench(testCase: StateTestCase): Promise<BenchStats> {
  const runner = new CaseRunner(null, () => {});
  // Loads what the case needs.
  await runner.run(testCase);
  const started = process.hrtime.bigint();
  const { gasUsed } = await runner.run(testCase);
  const time = Number(process.hrtime.bigint() - started);
  return { time, allocs: 0, bytesAllocated: 0, gasUsed: Number(gasUsed) };
}

/** What came out otherwise than the fixture says, in geth's words. */
function problemOf({ post }: StateTestCase, { invalid, stateRoot, logs }: CaseOutcome): string | null {
  const { expectException } = post;
  if (invalid === null && expectException !== undefined) {
    return `expected error ${JSON.stringify(expectException)}, got no error`;
  }
  if (invalid !== null && expectException === undefined) return `unexpected error: ${gethWords(invalid)}`;
  const root = hexToBytes(stateRoot);
  const against = (got: Uint8Array, want: Uint8Array): string =>
    `got ${bytesToHexDigits(got)}, want ${bytesToHexDigits(want)}`;
  if (!equalBytes(root, post.hash)) {
    const what =
      invalid === null
        ? 'post state root mismatch'
        : 'post-state root does not match the pre-state root, indicates an error in the test';
    return `${what}: ${against(root, post.hash)}`;
  }
  if (invalid === null && !equalBytes(logs, post.logs)) {
    return `post state logs hash mismatch: ${against(logs, post.logs)}`;
  }
  return null;
}
