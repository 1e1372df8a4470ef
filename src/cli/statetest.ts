/** `erbium statetest`: state tests in, and what did not come out as they say. */

import { fileURLToPath } from 'node:url';
import { parseFork } from '../forks/fork.ts';
import { runSuite, type SuiteOptions } from './suite.ts';

const SMOKE_TESTS = fileURLToPath(new URL('../../ethereum-tests/smoke', import.meta.url));

export const statetest = (paths: readonly string[], options: SuiteOptions): Promise<void> =>
  runSuite('statetest', paths.length === 0 ? [SMOKE_TESTS] : paths, options, parseFork);
