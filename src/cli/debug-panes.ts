/** What the debugger's screen is made of: each pane as rows of which only those that are seen are made. */

import { toQuantity } from '../primitives/bytes.ts';
import { hexPc, instructionText } from './debug-print.ts';
import { elide, type Line, type Piece, plain, type Style, tame, wrap } from './debug-text.ts';
import type { View, ViewedBytes } from './debug-view.ts';

export const PANES = ['code', 'source', 'calls', 'stack', 'data', 'storage'] as const;
export type PaneName = (typeof PANES)[number];

/** What the data pane shows. */
export const DATA = ['memory', 'input', 'return', 'logs'] as const;
export type DataName = (typeof DATA)[number];

export interface Pane {
  readonly title: string;
  readonly rows: number;
  row(i: number): Line;
  /** A row that is to be seen, wherever the pane was scrolled to. */
  readonly follow: number | null;
}

/** What of the screen's state panes depend on. */
export interface PaneOptions {
  readonly data: DataName;
  /** An instruction that is pointed at; null for the one that runs next. */
  readonly cursor: number | null;
  /** Whether long values go on in the next row, which takes the room of a whole screen. */
  readonly isWide: boolean;
}

const rowsOf = (title: string, lines: readonly Line[], follow: number | null = null): Pane => ({
  title,
  rows: lines.length,
  row: (i) => lines[i] ?? [],
  follow,
});

const note = (text: string): Line => [[text, 'dim']];

/** A name and a value: cut in the middle where there is no room, or in more rows. */
function valueLines(head: Line, value: string, width: number, isWide: boolean, tail: Line = []): Line[] {
  const used = [...head, ...tail].reduce((sum, [text]) => sum + text.length, 0);
  if (!isWide || used + value.length <= width) {
    return [[...head, [elide(value, Math.max(6, width - used)), 'plain'], ...tail]];
  }
  const lines = wrap(value, Math.max(8, width - 4)).map((text): Line => plain(`    ${text}`));
  return [[...head, ...tail], ...lines];
}

const ADDRESS_TAIL = 8;

/** An address in little room. */
export const shortAddress = (address: string): string => elide(address, 7 + ADDRESS_TAIL);

export function paneOf(name: PaneName, view: View, width: number, options: PaneOptions): Pane {
  switch (name) {
    case 'code':
      return view.frame === null ? resultPane(view, width) : codePane(view, options);
    case 'source':
      return sourcePane(view, width);
    case 'calls':
      return callsPane(view, options);
    case 'stack':
      return stackPane(view, width, options);
    case 'data':
      return dataPane(view, width, options);
    case 'storage':
      return storagePane(view, width, options);
  }
}

function codePane(view: View, { cursor }: PaneOptions): Pane {
  const { code, at, marks, frame, isRunning } = view;
  const { pc, codeAddress, address, contract } = frame!;
  const pointed = cursor ?? at;
  const row = (i: number): Line => {
    const one = code[i];
    if (one === undefined) return i === at ? [[`▶ ${hexPc(pc)}  STOP, behind the code`, 'reverse']] : [];
    const mark = marks.has(one.pc) ? '●' : ' ';
    const isHere = i === at;
    const text = `${hexPc(one.pc)}  ${instructionText(one)}`;
    const style: Style = isHere ? 'reverse' : 'plain';
    const arrow = isHere ? '▶' : i === pointed ? '>' : ' ';
    const pieces: Piece[] = [
      [mark, 'red'],
      [`${arrow} `, isHere ? 'green' : 'cyan'],
      [text, style],
    ];
    return pieces;
  };
  const own = codeAddress === address ? '' : `, as ${shortAddress(address)}`;
  return {
    title: `Code of ${contract ?? shortAddress(codeAddress)}${own}${isRunning ? '' : ', waiting'}`,
    rows: Math.max(code.length, at + 1),
    row,
    follow: pointed,
  };
}

function resultPane({ result, length }: View, width: number): Pane {
  if (result === null) return rowsOf('The end', [note('nothing runs here')]);
  const { status, reason, output, gasUsed, logs, created } = result;
  const isWell = status === 'success';
  const head = isWell ? status : `${status}: ${tame(reason)}`;
  const more = [
    `gas used  ${gasUsed}`,
    `output    ${output}`,
    ...(created === null ? [] : [`created   ${created}`]),
    ...logs.flatMap(({ address, topics, data, event }) => [
      `log       ${event?.name ?? ''} of ${address}`,
      ...topics.map((topic) => `  topic   ${topic}`),
      `  data    ${data}`,
    ]),
  ].flatMap((text) => wrap(text, width, 10));
  const hint =
    length === 0
      ? 'No instruction ran.'
      : isWell
        ? 'b goes back to the last instruction, < to the first.'
        : 'R goes back to the last failure, b to the last instruction.';
  const lines: Line[] = [
    ...wrap(head, width).map((text): Line => [[text, isWell ? 'green' : 'red']]),
    ...more.map(plain),
    [],
    ...wrap(hint, width).map(note),
  ];
  return rowsOf('The end', lines);
}

function sourcePane({ source, sourceProblem }: View, width: number): Pane {
  if (source === null) {
    const text = tame(sourceProblem ?? 'nothing runs at the end');
    return rowsOf('Source', wrap(text, width).map(note));
  }
  const { file, line, endLine, lines, first } = source;
  const digits = String(first + lines.length - 1).length;
  return {
    title: tame(`${file}:${line}`),
    rows: lines.length,
    row(i) {
      const number = first + i;
      const isHere = number === line;
      const text = `${String(number).padStart(digits)} ${tame(lines[i] ?? '')}`;
      if (isHere)
        return [
          ['▶', 'green'],
          [text, 'reverse'],
        ];
      return [
        [' ', 'plain'],
        [text, number > line && number <= endLine ? 'plain' : 'dim'],
      ];
    },
    follow: line - first,
  };
}

function callsPane({ frames, frame }: View, { isWide }: PaneOptions): Pane {
  if (frames.length === 0) return rowsOf('Calls', [note('none at the end')]);
  const lines = frames.map((one): Line => {
    const isHere = one.depth === frame?.depth;
    const address = isWide ? one.address : shortAddress(one.address);
    const name = one.contract === null ? address : `${one.contract}.${one.called ?? '?'}`;
    const more = [
      one.contract === null ? '' : address,
      one.codeAddress === one.address ? '' : `code of ${shortAddress(one.codeAddress)}`,
      one.value === 0n ? '' : `${one.value} wei`,
      `gas ${one.gas}`,
    ].filter((part) => part !== '');
    const text = `${one.depth} ${one.kind} ${name}  pc ${hexPc(one.pc)}  ${more.join('  ')}`;
    return [
      [isHere ? '▶' : ' ', 'green'],
      [text, isHere ? 'bold' : 'plain'],
    ];
  });
  return rowsOf(`Calls (${frames.length})`, lines, frame?.depth ?? 0);
}

/** What a number is that looks like an amount; above that hex is what one knows it by. */
const decimal = (value: bigint): Line => (value < 10n || value >= 1n << 96n ? [] : [[`  ${value}`, 'dim']]);

function stackPane({ stack, operands, frame }: View, width: number, { isWide }: PaneOptions): Pane {
  const digits = String(Math.max(0, stack.length - 1)).length;
  const room = operands.slice(0, stack.length).reduce((most, { length }) => Math.max(most, length), 0);
  const line = (i: number): Line[] => {
    const name = operands[i];
    const value = stack[i]!;
    const head: Piece[] = [[`${String(i).padStart(digits)}  `, 'dim']];
    if (room > 0 && name !== undefined) head.push([`${name.padEnd(room)}  `, 'yellow']);
    return valueLines(head, toQuantity(value), width, isWide, isWide ? decimal(value) : []);
  };
  const title = `Stack (${stack.length})`;
  if (stack.length === 0) return rowsOf(title, [note(frame === null ? 'none at the end' : 'empty')]);
  if (isWide)
    return rowsOf(
      title,
      stack.flatMap((_, i) => line(i)),
    );
  return { title, rows: stack.length, row: (i) => line(i)[0] ?? [], follow: null };
}

function dataPane(view: View, width: number, { data, isWide }: PaneOptions): Pane {
  switch (data) {
    case 'memory':
      return bytesPane('Memory', view.memory, width, memoryOffset(view));
    case 'input':
      return bytesPane('Call data', view.input, width);
    case 'return':
      return bytesPane('Return data', view.returnData, width);
    case 'logs': {
      const lines = view.logs.flatMap(({ address, topics, data, event }, i) => [
        [
          [`${i} `, 'dim'],
          [event === null ? 'log' : event.name, 'bold'],
          [` of ${address}`, 'plain'],
        ] as Line,
        ...topics.flatMap((topic) => valueLines([['  topic ', 'dim']], topic, width, isWide)),
        ...valueLines([['  data  ', 'dim']], data, width, isWide),
      ]);
      return rowsOf(`Logs (${view.logs.length})`, lines.length === 0 ? [note('none')] : lines);
    }
  }
}

const ROW_SIZES = [32, 16, 8, 4, 2];

/** What operands are called that point into memory. */
const MEMORY_OPERANDS = ['offset', 'in offset', 'to offset'];

/** Where the next instruction reads or writes memory. */
function memoryOffset({ operands, stack, memory }: View): number | undefined {
  const place = operands.findIndex((name) => MEMORY_OPERANDS.includes(name));
  const offset = stack[place];
  return offset === undefined || offset >= BigInt(memory.size) ? undefined : Number(offset);
}

function bytesPane(name: string, bytes: ViewedBytes, width: number, offset?: number): Pane {
  const digits = Math.max(4, bytes.size.toString(16).length);
  const cells = (size: number): number => digits + 1 + 3 * size + 1 + size;
  const size = ROW_SIZES.find((one) => cells(one) <= width) ?? 1;
  const title = `${name} (${bytes.size} bytes)`;
  if (bytes.size === 0) return rowsOf(title, [note('empty')]);
  return {
    title,
    rows: Math.ceil(bytes.size / size),
    row(i) {
      const part = bytes.read(i * size, size);
      const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const text = Array.from(part, (byte) =>
        byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
      );
      const isZero = part.every((byte) => byte === 0);
      return [
        [`${(i * size).toString(16).padStart(digits, '0')} `, 'dim'],
        [`${hex.padEnd(3 * size)} `, isZero ? 'dim' : 'plain'],
        [text.join(''), isZero ? 'dim' : 'cyan'],
      ];
    },
    follow: offset === undefined ? null : Math.floor(offset / size),
  };
}

function storagePane({ frame, slots, transient }: View, width: number, { isWide }: PaneOptions): Pane {
  if (frame === null) return rowsOf('Storage', [note('none at the end')]);
  const title = `Storage of ${shortAddress(frame.address)}`;
  // A key and its value share a row; a key is often a hash, and known by its ends.
  const room = Math.max(8, Math.floor((width - 3) / 2));
  const line = (key: bigint, value: bigint, tail: Line): Line[] => {
    const name = toQuantity(key);
    const head: Line = [
      [isWide ? name : elide(name, Math.min(room, 22)), 'yellow'],
      [' = ', 'dim'],
    ];
    return valueLines(head, toQuantity(value), width, isWide, tail);
  };
  const lines = slots.flatMap(({ key, value, original }) =>
    line(key, value, value === original ? [] : [[` was ${elide(toQuantity(original), 12)}`, 'dim']]),
  );
  if (transient.length > 0) lines.push([['transient', 'bold']]);
  lines.push(...transient.flatMap(({ key, value }) => line(key, value, [])));
  return rowsOf(title, lines.length === 0 ? [note('nothing was read or written')] : lines);
}
