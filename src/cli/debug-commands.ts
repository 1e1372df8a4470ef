/**
 * What the debugger can be told, by a key, at its prompt, or by a line of a script: the same names everywhere. Owns the
 * notation; what a command does is in `debug-session.ts`.
 */

import type { Breakpoint } from '../executor/debug/api.ts';
import { misused } from './state.ts';

/** A move: its name, its key, and what it does. */
export interface MoveRow {
  readonly name: MoveName;
  readonly key: string;
  readonly about: string;
}

export type MoveName =
  | `${'' | 'back-'}${'over' | 'out' | 'line' | 'continue' | 'failure'}`
  | 'step'
  | 'back'
  | 'into-line'
  | 'end'
  | 'start';

/** Forwards and backwards in turn: the key of the way back is the same with shift. */
export const MOVES: readonly MoveRow[] = [
  { name: 'step', key: 's', about: 'one instruction, into calls; step N for more' },
  { name: 'back', key: 'b', about: 'one instruction back; back N for more' },
  { name: 'over', key: 'n', about: 'one instruction, with all calls that it makes' },
  { name: 'back-over', key: 'N', about: 'the same backwards' },
  { name: 'out', key: 'o', about: 'to the end of this call' },
  { name: 'back-out', key: 'O', about: 'back to the call that began it' },
  { name: 'line', key: 'l', about: 'to the next source line, over functions and calls' },
  { name: 'into-line', key: 'i', about: 'to the next source line, into functions and calls' },
  { name: 'back-line', key: 'L', about: 'to the source line before' },
  { name: 'continue', key: 'c', about: 'to the next breakpoint, or the end' },
  { name: 'back-continue', key: 'C', about: 'to the breakpoint before, or the start' },
  { name: 'failure', key: 'r', about: 'to the next revert or other failure, or a breakpoint' },
  { name: 'back-failure', key: 'R', about: 'to the failure before' },
  { name: 'end', key: '>', about: 'to the end' },
  { name: 'start', key: '<', about: 'to the start' },
];

/** What `print` shows. */
export const PRINTS = [
  'state',
  'stack',
  'memory',
  'input',
  'return',
  'storage',
  'transient',
  'calls',
  'code',
  'source',
  'logs',
  'result',
] as const;
export type PrintName = (typeof PRINTS)[number];

/** What `expect` compares, with how many words before the one that is expected. */
export const EXPECTS = {
  pc: 0,
  op: 0,
  step: 0,
  depth: 0,
  gas: 0,
  address: 0,
  stack: 1,
  memory: 1,
  storage: 1,
  transient: 1,
  line: 0,
  status: 0,
  reason: 0,
  stop: 0,
} as const;
export type ExpectName = keyof typeof EXPECTS;

export type DebugCommand =
  | { readonly kind: 'move'; readonly move: MoveName; readonly count: number }
  | { readonly kind: 'goto'; readonly position: number }
  | { readonly kind: 'break'; readonly breakpoint: Breakpoint }
  /** null for all. */
  | { readonly kind: 'delete'; readonly number: number | null }
  | { readonly kind: 'breakpoints' }
  | { readonly kind: 'frame'; readonly depth: number }
  | { readonly kind: 'up' }
  | { readonly kind: 'down' }
  | { readonly kind: 'print'; readonly what: PrintName; readonly words: readonly string[] }
  | {
      readonly kind: 'expect';
      readonly what: ExpectName;
      readonly at: string | undefined;
      readonly wanted: string;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' };

export const BREAK_USAGE =
  'pc PC [ADDRESS], op NAME, address ADDRESS, slot [KEY [ADDRESS]], tslot [KEY [ADDRESS]], log [TOPIC], revert, gas BELOW, or FILE:LINE';

/** The commands beside the moves, for help. */
export const OTHER_COMMANDS: readonly (readonly [usage: string, about: string])[] = [
  ['goto N', 'to the position before instruction N, counted from 0'],
  ['break WHERE', `stop there: ${BREAK_USAGE}`],
  ['delete N', 'remove breakpoint N; delete all'],
  ['breakpoints', 'list them'],
  ['frame N, up, down', 'look at another call of the call stack, 0 the first'],
  ['print WHAT', `${PRINTS.join(', ')}; memory, input and return take [OFFSET [SIZE]], storage [ADDRESS]`],
  [
    'expect WHAT VALUE',
    'for scripts: pc, op, step, depth, gas, address, line FILE:LINE, status, reason TEXT, stop; stack N VALUE from the top, memory OFFSET HEX, storage KEY VALUE, transient KEY VALUE',
  ],
  ['quit', 'leave'],
];

/** A whole number, decimal or hex with 0x. */
export function numberOf(text: string | undefined, what: string): number {
  const value = text !== undefined && /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  const got = text === undefined ? 'nothing' : JSON.stringify(text);
  throw misused(`${what}: expected a whole number, got ${got}`);
}

/**
 * A command from its text.
 * @throws ErbiumError INVALID_ARGUMENT naming what is wrong
 */
export function parseCommand(text: string): DebugCommand {
  const [name = '', ...words] = text.trim().split(/\s+/);
  const atMost = (count: number): void => {
    if (words.length > count) throw misused(`${name}: ${JSON.stringify(words[count])} is too much`);
  };
  const move = MOVES.find((row) => row.name === name || row.key === name);
  if (move !== undefined) {
    const counts = move.name === 'step' || move.name === 'back';
    atMost(counts ? 1 : 0);
    const count = words.length === 0 ? 1 : numberOf(words[0], name);
    return { kind: 'move', move: move.name, count };
  }
  switch (name) {
    case 'goto':
      atMost(1);
      return { kind: 'goto', position: numberOf(words[0], 'goto') };
    case 'break':
      return { kind: 'break', breakpoint: parseBreakpoint(words) };
    case 'delete':
      atMost(1);
      return { kind: 'delete', number: words[0] === 'all' ? null : numberOf(words[0], 'delete') };
    case 'frame':
      atMost(1);
      return { kind: 'frame', depth: numberOf(words[0], 'frame') };
    case 'breakpoints':
    case 'up':
    case 'down':
    case 'help':
    case 'quit':
      atMost(0);
      return { kind: name };
    case 'print':
      return parsePrint(words);
    case 'expect':
      return parseExpect(words);
    default:
      throw misused(`no command ${JSON.stringify(name)}; help lists them`);
  }
}

function parsePrint([name = 'state', ...words]: readonly string[]): DebugCommand {
  const what = PRINTS.find((known) => known === name);
  if (what === undefined)
    throw misused(`print: expected one of ${PRINTS.join(', ')}, got ${JSON.stringify(name)}`);
  const most = what === 'memory' || what === 'input' || what === 'return' ? 2 : what === 'storage' ? 1 : 0;
  if (words.length > most) throw misused(`print ${what}: ${JSON.stringify(words[most])} is too much`);
  for (const word of most === 2 ? words : []) numberOf(word, `print ${what}`);
  return { kind: 'print', what, words };
}

function parseExpect([name = '', ...words]: readonly string[]): DebugCommand {
  const what = Object.keys(EXPECTS).find((known): known is ExpectName => known === name);
  if (what === undefined) {
    throw misused(
      `expect: expected one of ${Object.keys(EXPECTS).join(', ')}, got ${name === '' ? 'nothing' : JSON.stringify(name)}`,
    );
  }
  const before = EXPECTS[what];
  const wanted = words.slice(before).join(' ');
  if (wanted === '') throw misused(`expect ${what}: the value that is expected is missing`);
  return { kind: 'expect', what, at: before === 0 ? undefined : words[0], wanted };
}

/** A breakpoint as it is written behind `break`. */
export function parseBreakpoint(words: readonly string[]): Breakpoint {
  const [kind = '', first, second] = words;
  const atMost = (count: number): void => {
    if (words.length > count + 1)
      throw misused(`break ${kind}: ${JSON.stringify(words[count + 1])} is too much`);
  };
  const needed = (what: string): string => {
    if (first === undefined) throw misused(`break ${kind}: expected ${what}`);
    return first;
  };
  switch (kind) {
    case 'pc': {
      atMost(2);
      const pc = numberOf(first, 'break pc');
      return second === undefined ? { kind, pc } : { kind, pc, account: second };
    }
    case 'op':
      atMost(1);
      return { kind: 'opcode', opcode: needed('the name of an instruction') };
    case 'address':
      atMost(1);
      return { kind, address: needed('an address') };
    case 'slot':
    case 'tslot':
      atMost(2);
      return {
        kind: 'slot',
        transient: kind === 'tslot',
        ...(first === undefined ? {} : { key: first }),
        ...(second === undefined ? {} : { account: second }),
      };
    case 'log':
      atMost(1);
      return first === undefined ? { kind } : { kind, topic: first };
    case 'revert':
      atMost(0);
      return { kind };
    case 'gas':
      atMost(1);
      return { kind, below: needed('an amount of gas') };
  }
  const [, file, line] = /^(.+):([0-9]+)$/.exec(words.join(' ')) ?? [];
  if (file !== undefined) return { kind: 'line', file, line: Number(line) };
  throw misused(`break: expected ${BREAK_USAGE}`);
}

/** A breakpoint as it is written. */
export function showBreakpoint(breakpoint: Breakpoint): string {
  const more = (...words: readonly unknown[]): string =>
    words
      .filter((word) => word !== undefined)
      .map((word) => ` ${String(word)}`)
      .join('');
  switch (breakpoint.kind) {
    case 'pc':
      return `pc 0x${breakpoint.pc.toString(16)}${more(breakpoint.account)}`;
    case 'opcode':
      return `op ${String(breakpoint.opcode).toUpperCase()}`;
    case 'address':
      return `address ${String(breakpoint.address)}`;
    case 'slot':
      return `${breakpoint.transient ? 'tslot' : 'slot'}${more(breakpoint.key, breakpoint.account)}`;
    case 'log':
      return `log${more(breakpoint.topic)}`;
    case 'revert':
      return 'revert';
    case 'gas':
      return `gas ${String(breakpoint.below)}`;
    case 'line':
      return `${breakpoint.file}:${breakpoint.line}`;
  }
}
