/**
 * `npm run bench:start`: what it costs to begin. In a fresh process: importing the library as it is published, and
 * making an EVM with each engine up to its first result. And in a process that is warm: what a call of ten
 * instructions costs beyond a call of a single STOP. Each round starts a process for each engine, in turn.
 *
 * Exit codes: 0 done, 1 a result is wrong, 2 unusable arguments.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENGINE_CHOICES } from '../src/evm/engine-choice.ts';
import { median } from './measure.ts';
import type { Cost, StartCosts } from './start-process.ts';

const USAGE = 'Usage: npm run bench:start -- [--rounds N] [--json]';
const DEFAULT_ROUNDS = 9;

const ROWS = [
  ['load', 'import of the library, ms'],
  ['first', 'createEvm to the first result, ms'],
  ['stop', 'a call of one STOP, warm, µs'],
  ['ten', 'ten instructions without output, beyond that, µs'],
  ['word', 'ten instructions that return a word, beyond that, µs'],
] as const satisfies readonly (readonly [keyof StartCosts, string])[];

type Key = (typeof ROWS)[number][0];

/** Costs by key, medians of all rounds. */
type Medians = Readonly<Record<Key, Cost>>;

function processOf(engine: string): StartCosts {
  const path = fileURLToPath(new URL('./start-process.js', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [path, engine], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return JSON.parse(stdout);
  process.exit(status === 1 ? 1 : 2);
}

const mediansOf = (costs: readonly StartCosts[]): Medians =>
  Object.fromEntries(
    ROWS.map(([key]) => [
      key,
      {
        wall: median(costs.map((cost) => cost[key].wall)),
        processor: median(costs.map((cost) => cost[key].processor)),
      },
    ]),
  ) as unknown as Medians;

function toTable(engines: readonly Medians[], rounds: number): string {
  const cell = ({ wall, processor }: Cost): string =>
    `${wall.toFixed(2)} (${processor.toFixed(2)})`.padStart(18);
  const [, wasm, bigint] = engines;
  const extra = (key: Key, from: Medians): string =>
    (['wall', 'processor'] as const)
      .map((what) => (from[key][what] - bigint![key][what]).toFixed(1))
      .join(' ms, ');
  return [
    `Node ${process.version}, medians of ${rounds} processes each: elapsed time (processor time)`,
    '',
    ' '.repeat(54) + ENGINE_CHOICES.map((name) => name.padStart(18)).join(''),
    ...ROWS.map(([key, label]) => label.padEnd(54) + engines.map((of) => cell(of[key])).join('')),
    '',
    `To its first result wasm takes ${extra('first', wasm!)} ms of processor time longer than bigint, auto ${extra('first', engines[0]!)} ms.`,
  ].join('\n');
}

function main(rounds: number, json: boolean): void {
  const costs: StartCosts[][] = ENGINE_CHOICES.map(() => []);
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${round + 1} of ${rounds}`);
    for (const [i, engine] of ENGINE_CHOICES.entries()) costs[i]!.push(processOf(engine));
  }
  const medians = costs.map(mediansOf);
  const named = Object.fromEntries(ENGINE_CHOICES.map((engine, i) => [engine, medians[i]]));
  console.log(
    json ? JSON.stringify({ node: process.version, rounds, ...named }, null, 2) : toTable(medians, rounds),
  );
}

function parse(args: string[]): { rounds: number; json: boolean } | null {
  try {
    const { values } = parseArgs({
      args,
      options: { rounds: { type: 'string' }, json: { type: 'boolean' } },
    });
    const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
    return Number.isSafeInteger(rounds) && rounds > 0 ? { rounds, json: values.json === true } : null;
  } catch {
    return null;
  }
}

const options = parse(process.argv.slice(2));
if (options === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else main(options.rounds, options.json);
