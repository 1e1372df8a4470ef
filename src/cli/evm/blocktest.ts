/** `erbium-evm blocktest`: blockchain tests with the reports of geth's `evm blocktest`. */

import { ErbiumError } from '../../primitives/errors.ts';
import { MemoryState } from '../../state/readers/memory.ts';
import { parseBlockFixture } from '../../statetest/blocks/fixture.ts';
import { type BlockMismatch, type BlockTestResult, BlockTestRunner } from '../../statetest/blocks/run.ts';
import { printable } from '../text.ts';
import type { Command } from './command.ts';
import { dumpOf } from './dump.ts';
import { namesFromInput, readTestFile, testFiles } from './files.ts';
import type { Flags } from './flags.ts';
import { writeErr } from './output.ts';
import { printReports, type TestReport } from './report.ts';
import { patternOf, TEST_FLAGS } from './test-flags.ts';
import { TRACE_FLAGS, tracerOf } from './trace-flags.ts';

export const command: Command = {
  usage: '[options] [file or folder]',
  about:
    'Runs blockchain tests. Without a path, file names come from standard input, one a line; an empty line ends.',
  flags: [
    ...TEST_FLAGS,
    { name: 'fuzz', default: false, help: 'report each test as soon as it has run' },
    { name: 'cross-check', aliases: ['xc'], default: false, help: 'taken for the sake of those who give it' },
    ...TRACE_FLAGS,
  ],
  run: blocktest,
};

async function blocktest(flags: Flags): Promise<void> {
  const tracer = (await tracerOf(flags))?.(writeErr);
  const pattern = patternOf(flags);
  const isEach = flags.switch('fuzz');
  const isForPeople = flags.switch('human');
  let state = new MemoryState();
  const runner = new BlockTestRunner({
    tracer,
    stateOf: (pre, blockHash) => {
      state = new MemoryState(blockHash);
      for (const [address, account] of pre) state.put(address, account);
      return state;
    },
  });
  const runFile = (file: string): TestReport[] =>
    parseBlockFixture(readTestFile(file), file)
      .filter(({ name }) => pattern.test(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((test) => {
        const report = reportOf(test.name, test.network, () => runner.run(test));
        tracer?.flush();
        const full = flags.switch('dump') ? { ...report, state: dumpOf(state) } : report;
        if (isEach) printReports([full], isForPeople);
        return full;
      });
  const [path] = flags.args;
  if (path !== undefined) {
    const reports = testFiles(path).flatMap(runFile);
    if (!isEach) printReports(reports, isForPeople);
    return;
  }
  for await (const name of namesFromInput()) {
    let reports: TestReport[];
    try {
      reports = runFile(name);
      if (isEach) continue;
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      process.exitCode = 1;
      writeErr(`${printable(error.message)}\n`);
      reports = [{ name, pass: false, fork: '', error: error.message }];
    }
    printReports(reports, isForPeople);
  }
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
