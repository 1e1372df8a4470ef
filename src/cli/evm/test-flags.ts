/** The flags that commands which run tests have in common. */

import { type Flag, type Flags, misused } from './flags.ts';

export const TEST_FLAGS: readonly Flag[] = [
  { name: 'run', default: '.*', help: 'only tests whose name matches this regular expression' },
  { name: 'dump', default: false, help: 'show the state that each test leaves' },
  { name: 'human', default: false, help: 'report in words instead of JSON' },
  {
    name: 'workers',
    default: 1,
    help: 'taken for the sake of those who give it; tests run one after the other',
  },
];

/** @throws ErbiumError INVALID_ARGUMENT */
export function patternOf(flags: Flags): RegExp {
  try {
    return new RegExp(flags.string('run'));
  } catch (error) {
    throw misused(`invalid regex -run: ${(error as Error).message}`);
  }
}
