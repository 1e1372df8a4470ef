/** The command line of `npm run bench:gas`. */

import { parseArgs } from 'node:util';
import { UsageError } from '../options.ts';

export const USAGE = `Usage: npm run bench:gas -- [options]

  --rounds N     rounds of measuring (default 5; slow operations get 3 at most)
  --only TEXT    those operations only whose name and label contain the text
  --json         print JSON
  --help         print this`;

const DEFAULT_ROUNDS = 5;

export interface Options {
  readonly rounds: number;
  /** In small letters; empty for all. */
  readonly only: string;
  readonly json: boolean;
}

/** @throws UsageError */
export function parseOptions(args: string[]): Options | 'help' {
  const flags = parse(args);
  if (flags.help === true) return 'help';
  const rounds = flags.rounds === undefined ? DEFAULT_ROUNDS : Number(flags.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds ${flags.rounds}: not a whole number of at least 1`);
  }
  if (flags.only?.trim() === '') throw new UsageError('--only: no text to look for');
  return { rounds, only: flags.only?.trim().toLowerCase() ?? '', json: flags.json === true };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
