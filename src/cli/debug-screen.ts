/**
 * The debugger's screen: from what is to be seen, what the user has chosen of it and the size of the terminal to lines.
 * Pure. What keys change: `debug-press.ts`; the terminal itself: `debug-terminal.ts`.
 */

import { type DataName, type Pane, type PaneName, paneOf } from './debug-panes.ts';
import { filled, type Line, type Piece, tame, widthOf, wrap } from './debug-text.ts';
import type { View } from './debug-view.ts';

/** What the user has chosen to see. */
export interface Ui {
  readonly focus: PaneName;
  /** The pane beside the code where there is room for two only. */
  readonly second: PaneName;
  readonly data: DataName;
  /** First row of each pane that was scrolled; the others show what is of interest. */
  readonly scroll: Readonly<Partial<Record<PaneName, number>>>;
  readonly cursor: number | null;
  readonly isZoomed: boolean;
  /** A text over the panes, such as help, and its first row. */
  readonly overlay: {
    readonly title: string;
    readonly lines: readonly string[];
    readonly top: number;
  } | null;
  /** What is typed at a prompt. */
  readonly prompt: { readonly label: string; readonly before: string; readonly text: string } | null;
  readonly message: string;
  readonly isError: boolean;
}

export const START: Ui = {
  focus: 'code',
  second: 'stack',
  data: 'memory',
  scroll: {},
  cursor: null,
  isZoomed: false,
  overlay: null,
  prompt: null,
  message: 'r runs to the first failure, s steps, ? tells all keys',
  isError: false,
};

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Slot {
  readonly name: PaneName;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** With the title. */
  readonly height: number;
}

/** From here on there is room for two columns of panes. */
const WIDE_COLUMNS = 76;
const WIDE_ROWS = 14;

/** Where which pane is, between the header and what is said below. */
export function layout(view: View, ui: Ui, columns: number, rows: number): readonly Slot[] {
  if (rows < 1) return [];
  const whole = { x: 0, width: columns };
  // At the end there is a result, and nothing else.
  if (view.frame === null) return [{ name: 'code', ...whole, y: 0, height: rows }];
  if (ui.isZoomed) return [{ name: ui.focus, ...whole, y: 0, height: rows }];
  if (columns < WIDE_COLUMNS || rows < WIDE_ROWS) {
    if (rows < 6) return [{ name: ui.focus, ...whole, y: 0, height: rows }];
    const first = Math.ceil(rows / 2);
    return [
      { name: 'code', ...whole, y: 0, height: first },
      { name: ui.second, ...whole, y: first, height: rows - first },
    ];
  }
  const left = Math.floor((columns - 1) * (columns > 120 ? 0.46 : 0.5));
  const right = { x: left + 1, width: columns - left - 1 };
  const calls = Math.min(Math.max(3, view.frames.length + 1), Math.floor(rows / 4));
  const source = view.hasSources ? Math.floor((rows - calls) / 2) : 0;
  const column = (panes: readonly (readonly [PaneName, number])[], place: { x: number; width: number }) => {
    let y = 0;
    return panes.flatMap(([name, height]): Slot[] => {
      const slot = { name, ...place, y, height };
      y += height;
      return height === 0 ? [] : [slot];
    });
  };
  const third = Math.floor(rows / 3);
  return [
    ...column(
      [
        ['code', rows - calls - source],
        ['source', source],
        ['calls', calls],
      ],
      { x: 0, width: left },
    ),
    ...column(
      [
        ['stack', rows - 2 * third],
        ['data', third],
        ['storage', third],
      ],
      right,
    ),
  ];
}

/** The first row of a pane that is shown. */
export function topOf({ rows, follow }: Pane, scroll: number | undefined, height: number): number {
  const most = Math.max(0, rows - height);
  // What comes next is of more interest than what was before.
  const wanted = scroll ?? (follow ?? 0) - Math.floor(height / 3);
  return Math.min(most, Math.max(0, wanted));
}

export const paneIn = ({ name, width }: Slot, view: View, ui: Ui): Pane =>
  paneOf(name, view, width, { data: ui.data, cursor: ui.cursor, isWide: ui.isZoomed });

function rowsOfSlot(slot: Slot, view: View, ui: Ui): Line[] {
  const { name, width, height } = slot;
  const pane = paneIn(slot, view, ui);
  const inside = height - 1;
  const top = topOf(pane, ui.scroll[name], inside);
  const isFocused = name === ui.focus;
  const more = pane.rows > inside ? ` ${top + 1}-${Math.min(pane.rows, top + inside)} of ${pane.rows} ` : '';
  const title = ` ${pane.title} `;
  const rule = '─'.repeat(Math.max(0, width - widthOf(title) - more.length - 2));
  const head: Line = [
    ['─', 'dim'],
    [title, isFocused ? 'reverse' : 'bold'],
    [`${rule}${more}─`, 'dim'],
  ];
  const body = Array.from({ length: inside }, (_, i) => (top + i < pane.rows ? pane.row(top + i) : []));
  return [head, ...body].map((line) => filled(line, width));
}

const keyRows = (rows: number): number => (rows >= 20 ? 2 : rows >= 5 ? 1 : 0);

/** Rows for panes: all but those of header, message and keys. */
export const bodyHeight = (ui: Ui, size: Size): number =>
  Math.max(0, size.rows - 1 - messageLines(ui, size).length - keyRows(size.rows));

/** The screen, line by line, each as wide as it is. */
export function render(view: View, ui: Ui, size: Size): readonly Line[] {
  const { columns, rows } = size;
  const foot = [...messageLines(ui, size), ...keyLines(ui, columns, keyRows(rows))];
  const height = bodyHeight(ui, size);
  const body =
    ui.overlay === null ? bodyOf(view, ui, columns, height) : overlayOf(ui.overlay, columns, height);
  return [headLine(view, columns), ...body, ...foot].slice(0, rows).map((line) => filled(line, columns));
}

function bodyOf(view: View, ui: Ui, columns: number, height: number): Line[] {
  const slots = layout(view, ui, columns, height);
  const lines: Piece[][] = Array.from({ length: height }, () => []);
  // Left before right, so that each line grows from its beginning.
  for (const slot of slots) {
    for (const [i, line] of rowsOfSlot(slot, view, ui).entries()) {
      const target = lines[slot.y + i];
      if (target === undefined) continue;
      if (slot.x > 0) target.push(['│', 'dim']);
      target.push(...line);
    }
  }
  return lines;
}

/** An overlay's text at a width; names of commands and keys stand before what they do. */
export const overlayLines = (lines: readonly string[], columns: number): readonly string[] =>
  lines.flatMap((line) => wrap(line, columns, 19));

function overlayOf(
  { title, lines, top }: NonNullable<Ui['overlay']>,
  columns: number,
  height: number,
): Line[] {
  const wrapped = overlayLines(lines, columns);
  const inside = Math.max(0, height - 1);
  const from = Math.min(top, Math.max(0, wrapped.length - inside));
  const more = wrapped.length > inside ? `  ${from + 1}-${from + inside} of ${wrapped.length}` : '';
  const head: Line = [
    [` ${title} `, 'reverse'],
    [`${more}  (arrows scroll, Esc closes)`, 'dim'],
  ];
  const body = Array.from({ length: inside }, (_, i): Line => [[wrapped[from + i] ?? '', 'plain']]);
  return [head, ...body].slice(0, height);
}

const grouped = (value: number | bigint): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

function headLine({ title, position, length, frame }: View, columns: number): Line {
  const step = `step ${grouped(position)}${length === null ? '' : ` of ${grouped(length)}`}`;
  const right = frame === null ? `${step} ` : `${step}  gas ${grouped(frame.gas)}  depth ${frame.depth} `;
  const left = ` erbium debug  ${tame(title)}`;
  const room = columns - right.length;
  // Where it stands is what changes.
  if (room < 16) return [[` ${right}`, 'bold']];
  return [...filled([[left, 'bold']], room - 2), [`  ${right}`, 'bold']];
}

/** Rows that a message takes at most, where there are enough of them. */
const MESSAGE_ROWS = 4;

function messageLines({ prompt, message, isError }: Ui, { columns, rows }: Size): Line[] {
  if (prompt !== null) {
    // Of a long text the end, where one types.
    const room = Math.max(1, columns - prompt.label.length - 3);
    const text = tame(prompt.text);
    return [
      [
        [` ${prompt.label} `, 'bold'],
        [text.slice(-room), 'plain'],
        [' ', 'reverse'],
      ],
    ];
  }
  const most = Math.min(MESSAGE_ROWS, Math.max(1, Math.floor(rows / 6)));
  const lines = wrap(message, columns - 1, 2);
  const kept = lines.length > most ? [...lines.slice(0, most - 1), lines.slice(most - 1).join(' ')] : lines;
  return kept.map((text) => [[` ${text}`, isError ? 'red' : 'yellow']]);
}

/** By how much they are missed where there is no room. */
const HINTS = [
  '? help',
  'q quit',
  's step',
  'b back',
  'n over',
  'r failure',
  'c continue',
  'o out',
  '. breakpoint',
  'Tab pane',
  'z zoom',
  'm data',
  'l line',
  ': command',
  'S N O C R L backwards',
  'g go to',
  'u d calls',
];

function keyLines(ui: Ui, columns: number, most: number): Line[] {
  if (most === 0) return [];
  const hints = ui.prompt !== null ? ['Enter does it', 'Esc leaves it'] : HINTS;
  const lines: string[] = [''];
  for (const hint of hints) {
    const last = lines.length - 1;
    const longer = `${lines[last]} ${hint} `;
    if (longer.length <= columns) lines[last] = longer;
    else if (lines.length < most) lines.push(` ${hint} `);
    else break;
  }
  while (lines.length < most) lines.push('');
  return lines.map((text) => hintLine(text));
}

/** The keys stand out from what they do. */
const hintLine = (text: string): Line =>
  text.split(/(?<= ) (?=\S)/).flatMap((hint): Piece[] => {
    const [, space = '', key = '', rest = ''] = /^( *)(\S+)(.*)$/.exec(hint) ?? [];
    return [
      [space === '' ? ' ' : space, 'plain'],
      [key, 'bold'],
      [rest, 'dim'],
    ];
  });
