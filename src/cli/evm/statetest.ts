/** `erbium-evm statetest`: state tests with the reports, the traces and the manners of geth's `evm statetest`. */

import { HALT_WORDS } from '../../machine/halt.ts';
import { bytesToHexDigits, equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { casesOf, type StateTestCase } from '../../statetest/case.ts';
import { parseFixture } from '../../statetest/fixture.ts';
import { type CaseOutcome, CaseRunner } from './case.ts';
import type { Command } from './command.ts';
import { readTestFile, type TestFile } from './files.ts';
import type { Flag, Flags } from './flags.ts';
import type { BenchStats, TestReport } from './report.ts';
import { ABOUT_NAMES, patternOf, TEST_FLAGS, TEST_USAGE } from './test-flags.ts';
import { runTests, type TestCommand, type TestRunner, type WriteErr } from './test-runner.ts';
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
  { name: 'bench', default: false, help: 'run each case again and tell how long it takes' },
  ...TRACE_FLAGS,
];

/** What stands for the root where there is none: a reader waits for one after each file. */
const NO_ROOT = `0x${'0'.repeat(64)}`;

const rootLine = (root: string): string => `{"stateRoot": "${root}"}\n`;

export const tests: TestCommand = {
  name: 'statetest',
  open: async (flags, write) => new StateTests(flags, write, new CaseRunner(await tracerOf(flags), write)),
  withoutTest: rootLine(NO_ROOT),
};

export const command: Command = {
  usage: TEST_USAGE,
  about: `Runs state tests. ${ABOUT_NAMES}`,
  flags: FLAGS,
  run: (flags) => runTests(tests, flags),
};

class StateTests implements TestRunner {
  private readonly flags: Flags;
  private readonly write: WriteErr;
  private readonly runner: CaseRunner;
  private readonly pattern: RegExp;

  constructor(flags: Flags, write: WriteErr, runner: CaseRunner) {
    this.flags = flags;
    this.write = write;
    this.runner = runner;
    this.pattern = patternOf(flags);
  }

  async *run(file: TestFile): AsyncGenerator<TestReport> {
    const index = this.flags.number('statetest.index');
    const fork = this.flags.string('statetest.fork');
    for (const test of parseFixture(readTestFile(file), file.name)) {
      if (!this.pattern.test(test.name)) continue;
      for (const [at, testCase] of casesOf(test).entries()) {
        if ((index === -1 || index === at) && (fork === '' || fork === testCase.fork)) {
          yield this.runCase(testCase);
        }
      }
    }
  }

  private async runCase(testCase: StateTestCase): Promise<TestReport> {
    const { test, fork } = testCase;
    const withoutRoot = (error: string): TestReport => {
      this.write(rootLine(NO_ROOT));
      return { name: test.name, pass: false, fork, error };
    };
    let outcome: CaseOutcome;
    try {
      outcome = await this.runner.run(testCase);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      return withoutRoot(
        error.code === 'UNKNOWN_FORK' ? `unsupported fork ${JSON.stringify(fork)}` : error.message,
      );
    }
    if (outcome.limit !== null) return withoutRoot(HALT_WORDS[outcome.limit]);
    const { stateRoot, state } = outcome;
    this.write(rootLine(stateRoot));
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
