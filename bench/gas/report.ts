/** What the gas bench prints. Gas is the message; microseconds belong to one machine on one day. */

import type { FirstCall } from './first-call.ts';
import { placeOf } from './operation.ts';
import { complaints, isBelow, LEAST_SHARE, MOST_TIMES, type Row, shareOf, timesOf } from './verdict.ts';

export interface Result {
  /** Microseconds. */
  readonly ecrecover: number;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly firstCalls: readonly FirstCall[];
}

const COLUMNS = [
  'operation',
  'input',
  'bytes',
  'price',
  'µs',
  'cost',
  '±',
  'price/cost',
  'hostile',
  '',
] as const;
const LEFT = 2;

const whole = (value: number): string => Math.round(value).toLocaleString('en');

const micros = (milliseconds: number): string => {
  const value = milliseconds * 1_000;
  return value < 100 ? value.toPrecision(3) : whole(value);
};

function cells(row: Row): string[] {
  const { name, label, bytes, price, milliseconds, cost, spread, hostile } = row;
  return [
    name,
    label,
    whole(bytes),
    whole(price),
    micros(milliseconds),
    whole(cost),
    `${Math.round(spread * 50)}%`,
    shareOf(row).toFixed(2),
    hostile === undefined ? '' : timesOf(hostile).toFixed(2),
    isBelow(row) ? `below ${LEAST_SHARE}` : '',
  ];
}

function table(rows: readonly Row[]): string[] {
  const lines = [[...COLUMNS], ...rows.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const last = COLUMNS.length - 1;
  return lines.map((line) =>
    line
      .map((cell, i) => (i < LEFT || i === last ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function section(title: string, rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : [title, '', ...table(rows), ''];
}

function firstCallLines(calls: readonly FirstCall[]): string[] {
  if (calls.length === 0) return [];
  const lines = calls.map(
    (call) =>
      `${placeOf(call)}: ${whole(call.cost)} gas, ${timesOf(call).toFixed(1)} times the price of ${whole(call.price)}`,
  );
  return [
    `First calls in a process, nothing compiled and no table made, that cost more than ${MOST_TIMES} times the price:`,
    ...lines,
    '',
  ];
}

export function toTable({ ecrecover, rounds, rows, firstCalls }: Result): string {
  const wrong = complaints(rows);
  const extensions = rows.filter(({ kind }) => kind === 'extension');
  const standard = rows.filter(({ kind }) => kind === 'standard');
  const right =
    extensions.length === 0
      ? 'No extension was measured.'
      : `Every extension is priced at ${LEAST_SHARE} of its cost or more, and no distorted input costs more than ` +
        `${MOST_TIMES} times its price.`;
  return [
    `Node ${process.version}, processor time, medians of ${rounds} rounds; ecrecover, ${whole(ecrecover)} µs, is 3,000 gas.`,
    'hostile: cost over price of the distorted input that costs most in terms of its price.',
    '',
    ...section('Standard precompiles, at the prices of Ethereum', standard),
    ...section('Extensions', extensions),
    ...firstCallLines(firstCalls),
    ...(wrong.length === 0 ? [right] : wrong),
  ].join('\n');
}

export const toJson = ({ ecrecover, rounds, rows, firstCalls }: Result): string =>
  JSON.stringify(
    {
      node: process.version,
      rounds,
      ecrecover,
      rows: rows.map((row) => ({ ...row, share: shareOf(row) })),
      firstCalls,
      complaints: complaints(rows),
    },
    null,
    2,
  );
