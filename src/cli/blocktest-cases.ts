/** Blockchain tests, as the commands that run fixtures see them: each test is a case. */

import { findFork } from '../forks/fork.ts';
import { type BlockRun, type BlockTest, BlockTestRunner, parseBlockFixture } from '../statetest/index.ts';
import type { BlockReport, CaseRunner, RunnerOptions } from './run-fixture.ts';

export function blockTests(options: RunnerOptions): CaseRunner<BlockTest> {
  const runner = new BlockTestRunner({ ...options, now: () => performance.now() });
  return {
    command: 'blocktest',
    read: parseBlockFixture,
    // The names of fixtures tell the network already.
    idOf: ({ name }) => name,
    forkOf: ({ network }) => network,
    // A change of forks has one name only.
    knownFork: (name) => findFork(name) ?? name,
    run(test) {
      const { pass, gasUsed, stateRoot, mismatches, differences, blocks } = runner.run(test);
      const numbers = { gasUsed: gasUsed.toString(), stateRoot };
      return { pass, ...numbers, mismatches, differences, blocks: blocks.map(reportOf) };
    },
  };
}

const reportOf = ({ number, accepted, gasUsed, ms }: BlockRun): BlockReport => ({
  number: number === null ? null : `${number}`,
  accepted,
  gasUsed: `${gasUsed}`,
  ms,
});
