/** The flags that commands which run tests have in common. */

import { availableParallelism } from 'node:os';
import { type Flag, type Flags, misused } from './flags.ts';

export const TEST_FLAGS: readonly Flag[] = [
  { name: 'run', default: '.*', help: 'only tests whose name matches this regular expression' },
  { name: 'dump', default: false, help: 'show the state that each test leaves' },
  { name: 'human', default: false, help: 'report in words instead of JSON' },
  {
    name: 'workers',
    default: 1,
    help: 'threads for the files of the paths, 0 for one a processor; a trace, and names that standard input brings, take one',
  },
];

export const TEST_USAGE = '[options] [files and folders]';

export const ABOUT_NAMES =
  'Without a path, file names come from standard input, one a line; an empty line ends.';

/** @throws ErbiumError INVALID_ARGUMENT */
export function patternOf(flags: Flags): RegExp {
  try {
    return new RegExp(flags.string('run'));
  } catch (error) {
    throw misused(`invalid regex -run: ${(error as Error).message}`);
  }
}

/** @throws ErbiumError INVALID_ARGUMENT */
export function workersOf(flags: Flags): number {
  const workers = flags.number('workers');
  if (workers < 0) throw misused(`-workers: ${workers} is negative`);
  return workers === 0 ? availableParallelism() : workers;
}
