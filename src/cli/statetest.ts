/** `erbium statetest`: state tests in, and what did not come out as they say. */

import { fileURLToPath } from 'node:url';
import { parseFork } from '../forks/fork.ts';
import { checkSelection, runSuite, type SuiteOptions } from './suite.ts';

const SMOKE_TESTS = fileURLToPath(new URL('../../ethereum-tests/smoke', import.meta.url));

export interface StatetestOptions extends SuiteOptions {
  /** A file for the record of the case, which must be one. */
  readonly record?: string;
}

export async function statetest(paths: readonly string[], options: StatetestOptions): Promise<void> {
  const inputs = paths.length === 0 ? [SMOKE_TESTS] : paths;
  if (options.record !== undefined) {
    const selection = checkSelection(options, parseFork);
    await (await import('./record-case.ts')).recordCase(inputs, selection, options, options.record);
  }
  await runSuite('statetest', inputs, options, parseFork);
}
