/** `erbium-evm blocktest`: blockchain tests with the reports of geth's `evm blocktest`. */

import { ErbiumError } from '../../primitives/errors.ts';
import { MemoryState } from '../../state/readers/memory.ts';
import { parseBlockFixture } from '../../statetest/blocks/fixture.ts';
import { type BlockMismatch, type BlockTestResult, BlockTestRunner } from '../../statetest/blocks/run.ts';
import type { Command } from './command.ts';
import { dumpOf } from './dump.ts';
import { readTestFile, type TestFile } from './files.ts';
import type { Flags } from './flags.ts';
import type { TestReport } from './report.ts';
import { ABOUT_NAMES, patternOf, TEST_FLAGS, TEST_USAGE } from './test-flags.ts';
import { runTests, type TestCommand, type TestRunner } from './test-runner.ts';
import { TRACE_FLAGS, tracerOf, type WritingTracer } from './trace-flags.ts';

export const tests: TestCommand = {
  name: 'blocktest',
  open: async (flags, write) => blockTests(flags, (await tracerOf(flags))?.(write)),
  withoutTest: '',
  isEach: (flags) => flags.switch('fuzz'),
};

export const command: Command = {
  usage: TEST_USAGE,
  about: `Runs blockchain tests. ${ABOUT_NAMES}`,
  flags: [
    ...TEST_FLAGS,
    { name: 'fuzz', default: false, help: 'report each test as soon as it has run' },
    ...TRACE_FLAGS,
  ],
  run: (flags) => runTests(tests, flags),
};

function blockTests(flags: Flags, tracer: WritingTracer | undefined): TestRunner {
  const pattern = patternOf(flags);
  let state = new MemoryState();
  const runner = new BlockTestRunner({
    tracer,
    stateOf: (pre, blockHash) => {
      state = new MemoryState(blockHash);
      for (const [address, account] of pre) state.put(address, account);
      return state;
    },
  });
  return {
    async *run(file: TestFile) {
      const chosen = parseBlockFixture(readTestFile(file), file.name).filter(({ name }) =>
        pattern.test(name),
      );
      for (const test of chosen.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const report = reportOf(test.name, test.network, () => runner.run(test));
        tracer?.flush();
        yield flags.switch('dump') ? { ...report, state: dumpOf(state) } : report;
      }
    },
  };
}

function reportOf(name: string, fork: string, run: () => BlockTestResult): TestReport {
  try {
    const { pass, stateRoot, mismatches } = run();
    if (pass) return { name, pass, stateRoot, fork };
    return { name, pass, fork, error: mismatches.map(inWords).join('; ') };
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    return { name, pass: false, fork, error: error.message };
  }
}

const inWords = ({ what, block, expected, got }: BlockMismatch): string =>
  `${block === null ? what : `block ${block}: ${what}`} mismatch: got ${got}, want ${expected}`;
