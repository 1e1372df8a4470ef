/** The command line of the bench. */

import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [options]

  --vs ethereumjs    compare with @ethereumjs/evm
  --vs traced        compare with Erbium itself, tracing to /dev/null
  --workloads DIR    workloads to run beside Erbium's own contracts
  --only REGEX       those workloads only whose name matches
  --rounds N         rounds of measuring (default 7; slow workloads get 3 at most)
  --json             print JSON
  --help             print this`;

const DEFAULT_ROUNDS = 7;

export interface Options {
  readonly vs: string | undefined;
  readonly workloads: string | undefined;
  readonly only: RegExp;
  readonly rounds: number;
  readonly json: boolean;
}

/** Arguments that mean nothing. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: string[]): Options | 'help' {
  const flags = parse(args);
  if (flags.help === true) return 'help';
  if (flags.vs !== undefined && flags.vs !== 'ethereumjs' && flags.vs !== 'traced') {
    throw new UsageError(`--vs ${flags.vs}: known are "ethereumjs" and "traced"`);
  }
  const rounds = flags.rounds === undefined ? DEFAULT_ROUNDS : Number(flags.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds ${flags.rounds}: not a whole number of at least 1`);
  }
  let only: RegExp;
  try {
    only = new RegExp(flags.only ?? '');
  } catch (error) {
    throw new UsageError(`--only: ${(error as Error).message}`);
  }
  return { vs: flags.vs, workloads: flags.workloads, only, rounds, json: flags.json === true };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        vs: { type: 'string' },
        workloads: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
