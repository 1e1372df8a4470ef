/** The command line of `npm run bench:opcodes`. */

import { parseArgs } from 'node:util';
import { UsageError } from '../options.ts';

export const USAGE = `Usage: npm run bench:opcodes -- [options]

  --only REGEX   those opcodes only whose name matches
  --sort KEY     order of the lines: opcode (default), wasm or bigint: nanoseconds per gas of that engine, most first
  --rounds N     rounds of measuring (default 5)
  --svg FILE     draw the nanoseconds per gas of both engines
  --json         print JSON
  --help         print this`;

const DEFAULT_ROUNDS = 5;
const SORTS = ['opcode', 'wasm', 'bigint'] as const;
export type Sort = (typeof SORTS)[number];

export interface Options {
  readonly only: RegExp;
  readonly sort: Sort;
  readonly rounds: number;
  readonly svg: string | undefined;
  readonly json: boolean;
}

/** @throws UsageError */
export function parseOptions(args: string[]): Options | 'help' {
  const flags = parse(args);
  if (flags.help === true) return 'help';
  const sort = SORTS.find((known) => known === (flags.sort ?? 'opcode'));
  if (sort === undefined) throw new UsageError(`--sort ${flags.sort}: known are ${SORTS.join(', ')}`);
  const rounds = flags.rounds === undefined ? DEFAULT_ROUNDS : Number(flags.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds ${flags.rounds}: not a whole number of at least 1`);
  }
  if (flags.svg?.trim() === '') throw new UsageError('--svg: no file to write to');
  let only: RegExp;
  try {
    only = new RegExp(flags.only ?? '');
  } catch (error) {
    throw new UsageError(`--only: ${(error as Error).message}`);
  }
  return { only, sort, rounds, svg: flags.svg, json: flags.json === true };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        sort: { type: 'string' },
        rounds: { type: 'string' },
        svg: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
