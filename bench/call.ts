/**
 * `npm run bench:call`: one call of some 36,000 gas, as a program makes it that embeds an EVM. The first in a fresh
 * process, and the thousandth; `evm.call` of Erbium with each of its engines beside `runCall` of @ethereumjs/evm. Each round
 * starts a process for each of them, in turn; their results must be equal before anything is told.
 *
 * Exit codes: 0 done, 1 the results differ, 2 unusable arguments.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENGINE_CHOICES } from '../src/evm/engine-choice.ts';
import type { CallTimes } from './call-process.ts';
import { makeClaim } from './claim.ts';
import { median } from './measure.ts';

const NAMES = [...ENGINE_CHOICES, '@ethereumjs/evm'] as const;
const DEFAULT_ROUNDS = 7;
const ROWS = [
  ['load', 'import, create, set up'],
  ['first', 'first call'],
  ['started', 'import to first result'],
  ['thousandth', 'thousandth call'],
] as const;

function processOf(name: string, call: string): CallTimes {
  const path = fileURLToPath(new URL('./call-process.js', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [path, name, call], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return JSON.parse(stdout);
}

function toTable(times: readonly (readonly CallTimes[])[], gas: string): string {
  const cell = (value: string): string => value.padStart(18);
  const lines = ROWS.map(([key, label]) => {
    const medians = times.map((of) => median(of.map((time) => time[key])));
    const ratios = times.slice(1).map((of) => median(of.map((time, i) => time[key] / times[0]![i]![key])));
    const cells = medians.map((value) => cell(value.toPrecision(3)));
    return label.padEnd(24) + cells.join('') + ratios.map((ratio) => ratio.toFixed(1).padStart(8)).join('');
  });
  return [
    `Node ${process.version}, a call of ${gas} gas, milliseconds, medians of ${times[0]!.length} rounds`,
    '',
    ' '.repeat(24) +
      NAMES.map(cell).join('') +
      NAMES.map((_, i) => (i > 0 ? 'ratio'.padStart(8) : '')).join(''),
    ...lines,
    '',
    `Ratios: how many times as long as ${NAMES[0]} each of the others takes.`,
  ].join('\n');
}

function main(rounds: number): number {
  const call = JSON.stringify(makeClaim());
  const times: CallTimes[][] = NAMES.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, name] of NAMES.entries()) times[i]!.push(processOf(name, call));
  }
  const outcomes = new Set(times.flat().map(({ outcome }) => outcome));
  const { status, gasUsed } = JSON.parse([...outcomes][0]!);
  if (outcomes.size > 1 || status !== 'success') {
    console.error(`wrong result:\n${[...outcomes].join('\n')}`);
    return 1;
  }
  console.log(toTable(times, Number(gasUsed).toLocaleString('en')));
  return 0;
}

const { values } = parseArgs({ options: { rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
if (Number.isSafeInteger(rounds) && rounds > 0) process.exitCode = main(rounds);
else {
  console.error('Usage: npm run bench:call -- [--rounds N]');
  process.exitCode = 2;
}
