/** All cases of a file of state tests, on both engines. */

import { casesOf, parseFixture, StateTestRunner } from 'erbium/statetest';
import { ENGINES } from '../model/case.ts';
import type { Checked } from './protocol.ts';

const runners = new Map(ENGINES.map((engine) => [engine, new StateTestRunner({ engine })]));

/** @throws ErbiumError where the file is no file of state tests */
export function check(file: string, text: string): readonly Checked[] {
  const cases = parseFixture(text, file).flatMap(casesOf);
  return [...runners].map(([engine, runner]) => {
    const start = performance.now();
    const failures = cases.flatMap((testCase) => {
      const { id, pass, mismatches } = runner.run(testCase);
      const problem = mismatches
        .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`)
        .join('; ');
      return pass ? [] : [{ id, problem }];
    });
    return { engine, cases: cases.length, failures, milliseconds: performance.now() - start };
  });
}
