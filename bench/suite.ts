/**
 * `npm run bench:suite`: cases of a suite of state tests in a second, with each engine in turn, by the command itself:
 * files read, signatures recovered, roots computed, all checked. And some files in @ethereumjs/vm and in Erbium, case by case.
 *
 * Exit codes: 0 done, 1 a result is wrong, 2 unusable arguments or fixtures.
 */

import { parseArgs } from 'node:util';
import { median } from './measure.ts';
import { UsageError } from './options.ts';
import { runSuite, type SuiteEngine, type SuiteRun, WrongResult } from './suite/command.ts';
import type { Sample } from './suite/sample.ts';

const USAGE = `Usage: npm run bench:suite -- --fixtures PATH [options]

  --fixtures PATH     a folder of state tests, or a .tar.gz
  --workers N         threads (default 2)
  --rounds N          runs of the whole suite with each engine (default 3)
  --ethereumjs N      compare with @ethereumjs/vm on N files, spread over the folder
  --json              print JSON`;

const ENGINES: readonly SuiteEngine[] = ['wasm', 'bigint'];

interface Options {
  readonly fixtures: string;
  readonly workers: number;
  readonly rounds: number;
  readonly files: number;
  readonly json: boolean;
}

interface Rate {
  readonly engine: SuiteEngine;
  readonly cases: number;
  /** The median of the rounds, and the fastest and slowest of them. */
  readonly seconds: number;
  readonly range: readonly [number, number];
  readonly casesPerSecond: number;
}

function ratesOf({ fixtures, workers, rounds }: Options): Rate[] {
  const runs: SuiteRun[][] = ENGINES.map(() => []);
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${round + 1} of ${rounds}`);
    for (const [i, engine] of ENGINES.entries()) runs[i]!.push(runSuite(fixtures, engine, workers));
  }
  return ENGINES.map((engine, i) => {
    const all = runs[i]!.map((run) => run.seconds);
    const [{ cases }, seconds] = [runs[i]![0]!, median(all)];
    return {
      engine,
      cases,
      seconds,
      range: [Math.min(...all), Math.max(...all)],
      casesPerSecond: cases / seconds,
    };
  });
}

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function toTable(rates: readonly Rate[], sample: Sample | undefined, { workers, rounds }: Options): string {
  const lines = [
    `Node ${process.version}, ${number(rates[0]!.cases)} cases, ${workers} threads, medians of ${rounds} rounds`,
    '',
    ['engine'.padEnd(10), ...['seconds', 'range', 'cases/s'].map((name) => name.padStart(14))].join(''),
    ...rates.map(({ engine, seconds, range, casesPerSecond }) =>
      [
        engine.padEnd(10),
        number(seconds, 1).padStart(14),
        range
          .map((value) => number(value, 1))
          .join('–')
          .padStart(14),
        number(casesPerSecond).padStart(14),
      ].join(''),
    ),
  ];
  if (sample === undefined) return lines.join('\n');
  const { files, cases, notCompared, differing, erbium, ethereumjs, ratio } = sample;
  const [own, other] = [erbium, ethereumjs].map((ms) => (cases * 1_000) / ms) as [number, number];
  return [
    ...lines,
    '',
    `${number(cases)} cases of ${number(files)} files, in one process, without their signatures: auto ${number(own)} cases/s, ` +
      `@ethereumjs/vm ${number(other)}; case by case it takes ${number(ratio, 1)} times as long in the geometric mean. ` +
      `Beside them ${notCompared} not compared, ${differing} on which they differ.`,
  ].join('\n');
}

async function main(options: Options): Promise<void> {
  const { fixtures, files, json } = options;
  const sample =
    files === 0 ? undefined : await (await import('./suite/sample.ts')).compareSample(fixtures, files);
  const rates = ratesOf(options);
  const report = { node: process.version, ...options, engines: rates, sample };
  console.log(json ? JSON.stringify(report, null, 2) : toTable(rates, sample, options));
}

function optionsOf(args: string[]): Options {
  const { fixtures, workers = '2', rounds = '3', ethereumjs = '0', json = false } = parse(args);
  if (fixtures === undefined) throw new UsageError('--fixtures: is missing');
  const count = (text: string, name: string, least: number): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`--${name} ${text}: not a whole number of at least ${least}`);
  };
  return {
    fixtures,
    workers: count(workers, 'workers', 1),
    rounds: count(rounds, 'rounds', 1),
    files: count(ethereumjs, 'ethereumjs', 0),
    json,
  };
}

function parse(args: string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args,
      options: { fixtures: text, workers: text, rounds: text, ethereumjs: text, json: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

try {
  await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  if (error instanceof WrongResult) {
    console.error(`wrong result: ${error.message}`);
    process.exitCode = 1;
  } else if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else throw error;
}
