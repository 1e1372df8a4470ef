/**
 * Text in cells of a terminal: how wide it is, cut and wrapped to a width, styled, and as bytes to write. A line is a
 * list of pieces with a style each, so that nobody measures escape sequences.
 */

import { printable } from './text.ts';

export type Style = 'plain' | 'bold' | 'dim' | 'reverse' | 'red' | 'green' | 'yellow' | 'cyan';

export type Piece = readonly [text: string, style: Style];
export type Line = readonly Piece[];

/** What the terminal can show. */
export interface Looks {
  /** Off, only bold, dim and reverse are left (no-color.org). */
  readonly colours: boolean;
  /** Off, all is ASCII. */
  readonly unicode: boolean;
}

/** SGR parameters (ECMA-48). */
const CODES: Readonly<Record<Style, number>> = {
  plain: 0,
  bold: 1,
  dim: 2,
  reverse: 7,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};
const FIRST_COLOUR = 30;

export const plain = (text: string): Line => [[text, 'plain']];

// Scripts whose letters are two cells wide, and pictures; enough of Unicode's East Asian Width for comments in sources.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;
const ASCII = /^[ -~]*$/;

const cellsOf = (char: string): number => (/^\p{M}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1);

/** Cells that a text takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += cellsOf(char);
  return width;
}

/** As much of the beginning as fits. */
function headOf(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let head = '';
  for (const char of text) {
    used += cellsOf(char);
    if (used > width) break;
    head += char;
  }
  return head;
}

/** A text of one line for a terminal, whatever is in it. */
export const tame = (text: string): string => printable(text.replaceAll('\t', '    ').replaceAll('\n', ' '));

/** The text, or its beginning and an ellipsis. */
export const clip = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${headOf(text, width - 1)}${width > 0 ? '…' : ''}`;

/** The text, or its two ends and an ellipsis: what hex is known by. */
export function elide(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = Math.min(8, Math.max(0, (width - 1) >> 1));
  return `${text.slice(0, Math.max(0, width - 1 - tail))}…${tail === 0 ? '' : text.slice(-tail)}`;
}

/** A text over several lines, broken where it is full; all after the first are indented. */
export function wrap(text: string, width: number, indent = 2): string[] {
  const lines: string[] = [];
  let rest = text;
  let room = Math.max(1, width);
  const margin = ' '.repeat(Math.min(indent, room - 1));
  while (widthOf(rest) > room) {
    const head = headOf(rest, room) || rest.slice(0, 1);
    // At a space, unless that leaves most of the line empty.
    const space = rest[head.length] === ' ' ? head.length : head.lastIndexOf(' ');
    const at = space > head.length / 2 ? space : head.length;
    lines.push((lines.length === 0 ? '' : margin) + rest.slice(0, at));
    rest = rest.slice(at).replace(/^ /, '');
    room = Math.max(1, width - margin.length);
  }
  return [...lines, (lines.length === 0 ? '' : margin) + rest];
}

/** A line of just so many cells. */
export function filled(line: Line, width: number): Line {
  const cells: Piece[] = [];
  let left = width;
  for (const [text, style] of line) {
    const cut = clip(text, left);
    if (cut !== '') cells.push([cut, style]);
    left -= widthOf(cut);
    // More of the line behind what was cut would look as if nothing was missing.
    if (cut !== text) break;
  }
  return left > 0 ? [...cells, [' '.repeat(left), 'plain']] : cells;
}

export const textOf = (line: Line): string => line.map(([text]) => text).join('');

const IN_ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '▶': '>',
  '●': '*',
  '…': '~',
  '←': '<',
  '→': '>',
};

/** A line as it is written to a terminal. */
export const paint = (line: Line, { colours, unicode }: Looks): string =>
  line
    .map(([text, style]) => {
      const shown = unicode ? text : text.replaceAll(/[^ -~]/gu, (char) => IN_ASCII[char] ?? '?');
      const code = CODES[style];
      return code === 0 || (code >= FIRST_COLOUR && !colours) ? shown : `\x1b[${code}m${shown}\x1b[0m`;
    })
    .join('');
