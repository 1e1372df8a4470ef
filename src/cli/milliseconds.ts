/** `--timeout`, as commands take it. */

import { InvalidArgumentError } from 'commander';

// What a timer of Node waits at most; it takes more for nothing.
const MAX_MILLISECONDS = 2 ** 31 - 1;

/** The argument of `--timeout`. */
export const milliseconds = (text: string): number => {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  if (value <= MAX_MILLISECONDS) return value;
  throw new InvalidArgumentError(`expected at most ${MAX_MILLISECONDS}, which is 24 days.`);
};
