/** What `bench/opcodes.ts` prints. */

import { median } from '../measure.ts';
import { ENGINES, FORK, type Measured, type Nanoseconds } from './measure.ts';
import type { Sort } from './options.ts';

/** Less than this cannot be told from nothing: two programs differ by as much. */
export const LEAST_NS = 0.1;

export const perGas = ({ gas, times }: Measured, engine: number): number =>
  Math.max(times[engine]!.median, LEAST_NS) / gas;

/** In the order asked for; `rows` are in that of the opcodes. */
export function sorted(rows: readonly Measured[], sort: Sort): readonly Measured[] {
  if (sort === 'opcode') return rows;
  const engine = ENGINES.indexOf(sort);
  return [...rows].sort((a, b) => perGas(b, engine) - perGas(a, engine));
}

const COLUMNS = [16, 17, 8, ...ENGINES.flatMap(() => [11, 8]), 12, 12, 8];
const HEADER = [
  ...['opcode', '', 'gas', ...ENGINES.flatMap((engine) => [`${engine} ns`, '±'])],
  ...[...ENGINES.map((engine) => `${engine}/gas`), 'ratio'],
];

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i < 2 ? cell.padEnd(COLUMNS[i]!) : cell.padStart(COLUMNS[i]!)))
    .join('')
    .trimEnd();

function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

const cellsOf = ({ median: ns, spread }: Nanoseconds): string[] => [
  ns < LEAST_NS ? `<${LEAST_NS}` : digits(ns),
  digits(spread / 2),
];

function rowLine(row: Measured): string {
  const shares = ENGINES.map((_, engine) => perGas(row, engine));
  return line([
    ...[row.opcode, row.label, digits(row.gas).replace(/\.0+$/, ''), ...row.times.flatMap(cellsOf)],
    ...[...shares.map((share) => share.toPrecision(2)), (shares[1]! / shares[0]!).toFixed(1)],
  ]);
}

/** The dearest of each engine, as multiples of its median. */
function sentence(rows: readonly Measured[], engine: number): string {
  const middle = median(rows.map((row) => perGas(row, engine)));
  const dearest = [...rows].sort((a, b) => perGas(b, engine) - perGas(a, engine)).slice(0, 3);
  const told = dearest.map(
    (row) => `${`${row.opcode} ${row.label}`.trim()} ${(perGas(row, engine) / middle).toFixed(1)}`,
  );
  return `${ENGINES[engine]}: median ${middle.toPrecision(2)} ns per gas; most, as multiples of it: ${told.join(', ')}.`;
}

export const toTable = (rows: readonly Measured[], rounds: number): string =>
  [
    `Node ${process.version}, ${FORK}, nanoseconds of one use, medians of ${rounds} rounds`,
    '',
    line(HEADER),
    ...rows.map(rowLine),
    '',
    ...ENGINES.map((_, engine) => sentence(rows, engine)),
  ].join('\n');

export const toJson = (rows: readonly Measured[], rounds: number): string =>
  JSON.stringify(
    {
      node: process.version,
      fork: FORK,
      rounds,
      engines: ENGINES,
      opcodes: rows.map((row) => ({ ...row, perGas: ENGINES.map((_, engine) => perGas(row, engine)) })),
    },
    null,
    2,
  );
