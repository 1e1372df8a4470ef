/**
 * `npm run bench`: how long Erbium takes for a set of workloads, and how long another EVM does. Every result is
 * checked before its time counts.
 *
 * Exit codes: 0 done, 1 a result is not as it must be, 2 unusable arguments or workloads.
 */

import { ErbiumError } from '../src/primitives/errors.ts';
import type { Contender, Runner } from './contender.ts';
import { ownWorkloads } from './contracts.ts';
import { erbium, reference } from './erbium.ts';
import { compare } from './measure.ts';
import { type Options, parseOptions, USAGE, UsageError } from './options.ts';
import { difference, type Outcome } from './outcome.ts';
import { toJson, toTable } from './report.ts';
import { readWorkloads, type Workload } from './workload.ts';

function workloadsOf({ workloads, only }: Options): Workload[] {
  const all = [...(workloads === undefined ? [] : readWorkloads(workloads)), ...ownWorkloads()];
  const chosen = all.filter(({ name }) => only.test(name));
  if (chosen.length === 0) throw new UsageError(`--only ${only.source}: no workload has such a name`);
  return chosen;
}

async function contendersOf({ vs }: Options): Promise<Contender[]> {
  const contenders = [erbium(), reference()];
  if (vs === 'ethereumjs') contenders.push((await import('./ethereumjs.ts')).ethereumjs);
  if (vs === 'traced') contenders.push((await import('./traced.ts')).traced());
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

  const { rounds, json } = options;
  const comparisons = await compare(
    ready.map(({ runners }) => runners),
    rounds,
    (round) => console.error(`round ${round} of ${rounds}`),
  );
  const rows = comparisons.map((comparison, i) => ({ name: ready[i]!.name, ...comparison }));
  console.log(json ? toJson(names, rows) : toTable(names, rows));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof ErbiumError)) throw error;
  console.error(`${error.message}${error instanceof UsageError ? `\n\n${USAGE}` : ''}`);
  process.exitCode = 2;
}
