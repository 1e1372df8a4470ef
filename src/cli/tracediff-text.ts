/** The first diverging step of two traces, for a terminal. Differences are marked with signs; colour only adds to them. */

import {
  differingItem,
  type TraceDifference,
  type TraceDiffResult,
  type TraceField,
} from '../fuzz/trace-diff.ts';
import type { TraceStep } from '../fuzz/trace-step.ts';
import { printable } from './text.ts';

/** How a difference is shown. */
export interface DiffTextOptions {
  /** Of the two traces. */
  readonly names: readonly [a: string, b: string];
  /** How many items of the stack were compared. */
  readonly stackItems: number;
  readonly colour: boolean;
}

const RED = '\x1b[31m';
const GREEN = '\x1b[32m';
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const PLAIN = '\x1b[0m';

const SHOWN_ITEMS = 4;
const WORD_DIGITS = 16;
const VALUE_DIGITS = 72;
const BEFORE_DIFFERENCE = 8;

const hex = (digits: string | null): string => (digits === null ? '-' : `0x${digits}`);

/** A word of the stack, its middle left out where it is long. */
const shortWord = (digits: string): string =>
  digits.length <= WORD_DIGITS ? `0x${digits}` : `0x${digits.slice(0, 8)}…${digits.slice(-6)}`;

interface Cell {
  readonly text: string;
  readonly marked: boolean;
}

type Row = { readonly label: string; readonly cells: readonly Cell[]; readonly colour: string };

const HEADS = ['step', 'line', 'depth', 'pc', 'op', 'gas', 'stack, top first'] as const;
const LEFT = new Set<string>(['op', 'stack, top first']);

/** What `erbium tracediff` prints, without control characters of the traces. */
export function traceDiffText(result: TraceDiffResult, options: DiffTextOptions): string {
  const { difference, equalSteps } = result;
  const steps = plural(equalSteps, 'step');
  const lines = [...legend(options)];
  if (difference === null)
    return [`The traces are equal: ${steps}.`, ...notes(result, options), ''].join('\n');
  lines.push('', headline(difference, steps, options), '');
  lines.push(...table(rowsOf(difference, options), options));
  if (difference.kind === 'step') lines.push('', ...valuesTable(difference, options));
  if (difference.roots !== null) {
    lines.push(`A  0x${printable(difference.roots[0])}`, `B  0x${printable(difference.roots[1])}`);
  }
  lines.push(...notes(result, options));
  return `${lines.join('\n')}\n`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const legend = ({ names: [a, b] }: DiffTextOptions): string[] => [`A  ${printable(a)}`, `B  ${printable(b)}`];

function headline(
  { kind, fields, a, culprit }: TraceDifference,
  steps: string,
  { colour }: DiffTextOptions,
): string {
  const after =
    culprit.opName === 'start'
      ? ''
      : ` after ${culprit.opName} in ${culprit.frame === 'inner' ? 'an inner' : 'the outermost'} frame`;
  const what: Readonly<Record<TraceDifference['kind'], string>> = {
    step: `then they differ in ${fields.join(', ')}${after}`,
    end: `then ${a === null ? 'A' : 'B'} ends and ${a === null ? 'B' : 'A'} goes on${after}`,
    root: 'then the state roots differ',
  };
  const text = `${steps} equal, ${what[kind]}`;
  return colour ? `${BOLD}${text}${PLAIN}` : text;
}

function rowsOf(difference: TraceDifference, options: DiffTextOptions): Row[] {
  const { context, a, b, equalSteps, fields } = difference;
  const rows = context.map((step, i): Row => {
    const number = equalSteps - context.length + i + 1;
    return { label: '', cells: cellsOf(step, number, [], options, null), colour: DIM };
  });
  if (difference.kind === 'root') return rows;
  const sides: readonly [string, TraceStep | null, TraceStep | null, string][] = [
    ['A', a, b, RED],
    ['B', b, a, GREEN],
  ];
  for (const [label, step, other, colour] of sides) {
    const cells =
      step === null
        ? [{ text: '(ends)', marked: true }]
        : cellsOf(step, equalSteps + 1, fields, options, other);
    rows.push({ label, cells, colour });
  }
  return rows;
}

function cellsOf(
  step: TraceStep,
  number: number,
  fields: readonly TraceField[],
  { stackItems }: DiffTextOptions,
  other: TraceStep | null,
): Cell[] {
  const cell = (text: string, ...of: TraceField[]): Cell => ({
    text: printable(text),
    marked: of.some((field) => fields.includes(field)),
  });
  return [
    cell(`${number}`),
    cell(`${step.line}`),
    cell(`${step.depth}`, 'depth'),
    cell(`${step.pc}`, 'pc'),
    cell(step.opName, 'op'),
    cell(hex(step.gas), 'gas'),
    cell(stackText(step, other, fields.includes('stack') ? stackItems : 0), 'stack'),
  ];
}

/** The topmost items, those around the first difference if it lies deeper. */
function stackText({ stack }: TraceStep, other: TraceStep | null, compared: number): string {
  if (stack === null) return '-';
  if (stack.length === 0) return '(empty)';
  const differs = differingItem(stack, other?.stack ?? [], compared);
  const first = Math.max(0, differs - SHOWN_ITEMS + 1);
  const items = Array.from({ length: Math.min(SHOWN_ITEMS, stack.length - first) }, (_, i) =>
    shortWord(stack[stack.length - 1 - first - i]!),
  );
  const more = stack.length - first - items.length;
  return `${first > 0 ? `…${first} ` : ''}${items.join(' ')}${more > 0 ? ` …${more}` : ''}`;
}

function table(rows: readonly Row[], { colour }: DiffTextOptions): string[] {
  const widths = HEADS.map((head, i) =>
    Math.max(head.length, ...rows.map(({ cells }) => (cells.length < HEADS.length ? 0 : width(cells[i]!)))),
  );
  const pad = (text: string, i: number): string => {
    if (i === HEADS.length - 1) return text;
    return LEFT.has(HEADS[i]!) ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  };
  const paint = (line: string, code: string): string => (colour ? `${code}${line}${PLAIN}` : line);
  const head = `   ${HEADS.map(pad).join('  ')}`;
  return [
    head.trimEnd(),
    ...rows.map(({ label, cells, colour: code }) =>
      paint(`${label.padEnd(3)}${cells.map((cell, i) => pad(marked(cell), i)).join('  ')}`.trimEnd(), code),
    ),
  ];
}

const marked = ({ text, marked }: Cell): string => (marked ? `*${text}` : text);
const width = (cell: Cell): number => marked(cell).length;

/** The differing fields with all that fits of their values. */
function valuesTable({ fields, a, b }: TraceDifference, { stackItems, colour }: DiffTextOptions): string[] {
  const lines: string[] = [];
  for (const field of fields) {
    const item = field === 'stack' ? differingItem(a!.stack!, b!.stack!, stackItems) : 0;
    const name = field === 'stack' ? `stack, ${item === 0 ? 'top' : `${item} below the top`}` : field;
    const [valueA, valueB] = [shownValue(a!, field, item), shownValue(b!, field, item)];
    const [shownA, shownB] = around(valueA, valueB);
    lines.push(`*${name}`);
    for (const [label, shown, code] of [['A', shownA, RED] as const, ['B', shownB, GREEN] as const]) {
      const text = `   ${label}  ${printable(shown)}`;
      lines.push(colour ? `${code}${text}${PLAIN}` : text);
    }
  }
  return lines;
}

function shownValue(step: TraceStep, field: TraceField, item: number): string {
  if (field === 'stack') {
    const { stack } = step;
    const word = stack![stack!.length - 1 - item];
    return word === undefined ? `(no such item: ${plural(stack!.length, 'item')})` : `0x${word}`;
  }
  if (field === 'op') return `0x${step.op.toString(16)} ${step.opName}`;
  if (field === 'depth' || field === 'pc') return `${step[field]}`;
  const digits = hex(step[field]);
  const decimal = field === 'gas' || field === 'gasCost' || field === 'refund' || field === 'memSize';
  return decimal && /^0x[0-9a-f]{1,64}$/.test(digits) ? `${digits} (${BigInt(digits)})` : digits;
}

/** Of two long values, what lies around their first difference. */
function around(a: string, b: string): [string, string] {
  if (a.length <= VALUE_DIGITS && b.length <= VALUE_DIGITS) return [a, b];
  let at = 0;
  while (a[at] === b[at]) at++;
  const start = Math.max(0, at - BEFORE_DIFFERENCE);
  const cut = (text: string): string => {
    const part = text.slice(start, start + VALUE_DIGITS);
    return `${start > 0 ? '…' : ''}${part}${start + VALUE_DIGITS < text.length ? '…' : ''}`;
  };
  const where = ` (byte ${Math.max(0, Math.floor((at - 2) / 2))})`;
  return [cut(a) + where, cut(b) + where];
}

function notes({ a, b }: TraceDiffResult, { names }: DiffTextOptions): string[] {
  const lines: string[] = [];
  for (const [counts, name] of [[a, names[0]] as const, [b, names[1]] as const]) {
    if (counts.garbage === 0) continue;
    const what = counts.garbage === 1 ? 'one line is' : `${counts.garbage} lines are`;
    lines.push(
      '',
      `${printable(name)}: ${what} no part of a trace, the first is line ${counts.firstGarbage}`,
    );
  }
  return lines;
}
