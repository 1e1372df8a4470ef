/** `erbium blocktest`: blockchain tests in, and what did not come out as they say. */

import { parseNetwork } from '../statetest/index.ts';
import { runSuite, type SuiteOptions } from './suite.ts';

export const blocktest = (paths: readonly string[], options: SuiteOptions): Promise<void> =>
  runSuite('blocktest', paths, options, (name) => parseNetwork(name, new Map()));
