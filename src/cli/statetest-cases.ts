/** The cases of state tests, as the commands that run fixtures see them. */

import { findFork } from '../forks/fork.ts';
import { caseId, casesOf, parseFixture, type StateTestCase, StateTestRunner } from '../statetest/index.ts';
import type { CaseRunner, RunnerOptions } from './run-fixture.ts';

export function stateTests(options: RunnerOptions): CaseRunner<StateTestCase> {
  const runner = new StateTestRunner(options);
  return {
    command: 'statetest',
    read: (text, file) => parseFixture(text, file).flatMap(casesOf),
    idOf: caseId,
    forkOf: ({ fork }) => fork,
    knownFork: findFork,
    run(testCase) {
      const { pass, gasUsed, stateRoot, mismatches, differences } = runner.run(testCase);
      return { pass, gasUsed: gasUsed.toString(), stateRoot, mismatches, differences };
    },
  };
}
