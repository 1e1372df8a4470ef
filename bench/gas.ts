/**
 * `npm run bench:gas`: whether the price of each extension covers what it costs, and what Ethereum's own prices make of
 * its precompiles. Cost is processor time in terms of ecrecover, which is 3,000 gas; every answer is checked before it is timed.
 *
 * Exit codes: 0 the prices hold, 1 one does not or an answer is wrong, 2 unusable arguments.
 */

import { EXTENSION_BASE } from '../precompiles/ext/index.ts';
import { ErbiumError } from '../src/primitives/errors.ts';
import { allSamples } from '../tests/precompiles/ext/samples/index.ts';
import type { Sample } from '../tests/precompiles/ext/samples/sample.ts';
import { dearFirstCalls } from './gas/first-call.ts';
import { worstOf } from './gas/hostile.ts';
import { measureRounds, type Times, type Work } from './gas/measure.ts';
import { flawOf, type Kind, type Operation, operationOf } from './gas/operation.ts';
import { type Options, parseOptions, USAGE } from './gas/options.ts';
import { toJson, toTable } from './gas/report.ts';
import { standardSamples } from './gas/standard.ts';
import { complaints, costOf, type Row } from './gas/verdict.ts';
import { median } from './measure.ts';
import { UsageError } from './options.ts';

const tell = (what: string): void => console.error(what);

/** What an EIP prices, also a draft, has that price; the others are Erbium's own. */
const kindOf = ({ row }: Sample): Kind => (row.address < EXTENSION_BASE ? 'standard' : 'extension');

async function operationsOf({ only }: Options): Promise<Operation[]> {
  const all = [
    ...standardSamples().map((sample) => operationOf('standard', sample)),
    ...(await allSamples()).map((sample) => operationOf(kindOf(sample), sample)),
  ];
  const chosen = all.filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(only));
  if (chosen.length === 0) throw new UsageError(`--only ${only}: no operation has such a name or label`);
  return chosen;
}

function measure(operations: readonly Operation[], rounds: number): { rows: Row[]; ecrecover: number } {
  tell('looking for distorted inputs that cost much');
  const suspects = operations.map(({ kind, sample, price }) =>
    kind === 'extension' ? worstOf(sample, price) : undefined,
  );
  const works: Work[] = [];
  const add = (run: () => unknown, warmUp: boolean): number => works.push({ run, warmUp }) - 1;
  const places = operations.map(({ run }, i) => {
    const suspect = suspects[i];
    return { own: add(run, true), hostile: suspect === undefined ? undefined : add(suspect.run, false) };
  });

  const ecrecover = operationOf('standard', standardSamples(['ECRECOVER'])[0]!);
  const times = measureRounds(ecrecover.run, works, rounds, tell);
  const rows = operations.map(({ kind, name, label, bytes, price }, i): Row => {
    const { own, hostile } = places[i]!;
    const row: Row = { kind, name, label, bytes, price, ...costOf(times[own]!) };
    if (hostile === undefined) return row;
    const { run, ...suspect } = suspects[i]!;
    return { ...row, hostile: { ...suspect, ...costOf(times[hostile]!) } };
  });
  const of = (all: readonly Times[]): number[] => all.map((time) => time.ecrecover);
  return { rows, ecrecover: median(times.flatMap(of)) * 1_000 };
}

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  tell('making samples');
  const operations = await operationsOf(options);
  const flaws = operations.map(flawOf).filter((flaw) => flaw !== null);
  if (flaws.length > 0) {
    for (const flaw of flaws) console.error(`wrong answer: ${flaw}`);
    return 1;
  }
  const { rounds, json } = options;
  tell('first calls');
  const firstCalls = dearFirstCalls(operations.filter(({ kind }) => kind === 'extension'));
  const { rows, ecrecover } = measure(operations, rounds);
  const result = { ecrecover, rounds, rows, firstCalls };
  console.log(json ? toJson(result) : toTable(result));
  return complaints(rows).length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof ErbiumError)) throw error;
  console.error(`${error.message}${error instanceof UsageError ? `\n\n${USAGE}` : ''}`);
  process.exitCode = 2;
}
