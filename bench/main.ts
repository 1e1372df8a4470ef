/**
 * `npm run bench`: how long Erbium takes for a set of workloads, and how long another EVM does. Every result is
 * checked before its time counts.
 *
 * Exit codes: 0 done, 1 a result is not as it must be, 2 unusable arguments or workloads.
 */

import { parseArgs } from 'node:util';
import { ErbiumError } from '../src/primitives/errors.ts';
import type { Contender, Runner } from './contender.ts';
import { ownWorkloads } from './contracts.ts';
import { erbium } from './erbium.ts';
import { compare } from './measure.ts';
import { difference, type Outcome } from './outcome.ts';
import { header, type Row, rowLine, summary, toJson } from './report.ts';
import { readWorkloads, type Workload } from './workload.ts';

const USAGE = `Usage: npm run bench -- [options]

  --vs ethereumjs    compare with @ethereumjs/evm
  --workloads DIR    workloads to run beside Erbium's own contracts
  --only REGEX       those workloads only whose name matches
  --rounds N         rounds of measuring (default 5; slow workloads get 3 at most)
  --json             print JSON
  --help             print this`;

const DEFAULT_ROUNDS = 5;

interface Options {
  readonly vs: string | undefined;
  readonly workloads: string | undefined;
  readonly only: RegExp;
  readonly rounds: number;
  readonly json: boolean;
}

/** Arguments that mean nothing. */
class UsageError extends Error {}

function parseOptions(args: string[]): Options | 'help' {
  const flags = parse(args);
  if (flags.help === true) return 'help';
  if (flags.vs !== undefined && flags.vs !== 'ethereumjs') {
    throw new UsageError(`--vs ${flags.vs}: known is only "ethereumjs"`);
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

function workloadsOf({ workloads, only }: Options): Workload[] {
  const all = [...(workloads === undefined ? [] : readWorkloads(workloads)), ...ownWorkloads()];
  const chosen = all.filter(({ name }) => only.test(name));
  if (chosen.length === 0) throw new UsageError(`--only ${only.source}: no workload has such a name`);
  return chosen;
}

async function contendersOf({ vs }: Options): Promise<Contender[]> {
  const contenders = [erbium()];
  if (vs !== undefined) contenders.push((await import('./ethereumjs.ts')).ethereumjs);
  return contenders;
}

/** Runners of all EVMs, each of which has shown the right result; or what is wrong. */
async function check(workload: Workload, contenders: readonly Contender[]): Promise<Runner[] | string> {
  const runners: Runner[] = [];
  let first: Outcome | null = null;
  for (const contender of contenders) {
    const runner = await contender.prepare(workload);
    await runner.reset();
    await runner.run();
    const outcome = runner.outcome();
    const wrong = difference(outcome, workload.expect);
    if (wrong !== null) return `${workload.name}: ${contender.name}: ${wrong}`;
    first ??= outcome;
    const unequal = difference(outcome, first);
    if (unequal !== null)
      return `${workload.name}: ${contender.name}: ${unequal} as ${contenders[0]!.name} has it`;
    runners.push(runner);
  }
  return runners;
}

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  const workloads = workloadsOf(options);
  const contenders = await contendersOf(options);
  const names = contenders.map(({ name }) => name);

  const ready: { name: string; runners: Runner[] }[] = [];
  const wrong: string[] = [];
  for (const workload of workloads) {
    const checked = await check(workload, contenders);
    if (typeof checked === 'string') wrong.push(checked);
    else ready.push({ name: workload.name, runners: checked });
  }
  if (wrong.length > 0) {
    for (const line of wrong) console.error(`wrong result: ${line}`);
    return 1;
  }

  if (!options.json) console.log(header(names));
  const rows: Row[] = [];
  for (const { name, runners } of ready) {
    const row = { name, ...(await compare(runners, options.rounds)) };
    rows.push(row);
    if (!options.json) console.log(rowLine(row));
  }
  console.log(options.json ? toJson(names, rows) : summary(names, rows));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof ErbiumError)) throw error;
  console.error(`${error.message}${error instanceof UsageError ? `\n\n${USAGE}` : ''}`);
  process.exitCode = 2;
}
