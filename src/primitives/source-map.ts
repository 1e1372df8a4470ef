/**
 * Source maps of solc: what range of which source an instruction comes from. Pure functions over the compressed text, the
 * code and the sources; what `solc --standard-json` writes around them is read in `solc-output.ts`.
 *
 * Format: https://docs.soliditylang.org/en/latest/internals/source_mappings.html. Entries `s:l:f:j:m` are separated by `;`,
 * one for each instruction; an empty or missing field is that of the entry before. `s` and `l` count bytes of UTF-8.
 */

import { ErbiumError } from './errors.ts';

/** Where an instruction comes from. */
export interface SourceRange {
  /** First byte in the source, UTF-8; -1 where there is none. */
  readonly start: number;
  /** In bytes; -1 where there is none. */
  readonly length: number;
  /** The number of the source; -1 for code of no source. */
  readonly file: number;
  /** Whether a jump goes into a function (`i`), returns from one (`o`), or neither (`-`). */
  readonly jump: 'i' | 'o' | '-';
  /** How deep in modifiers. */
  readonly modifierDepth: number;
}

// Code of 24 KB has no more instructions; init code of 10 MB, on chains of one's own, has no more either.
const MAX_ENTRIES = 2 ** 24;

const INTEGER = /^(-1|[0-9]{1,10})$/;

/**
 * Decompresses a source map, one range an instruction.
 * @param name of the map in errors
 * @throws ErbiumError INVALID_SOURCE_MAP naming the entry
 */
export function parseSourceMap(text: string, name = 'source map'): readonly SourceRange[] {
  if (text === '') return [];
  const ranges: SourceRange[] = [];
  let last: SourceRange = { start: 0, length: 0, file: -1, jump: '-', modifierDepth: 0 };
  for (let at = 0; at <= text.length; ) {
    const semicolon = text.indexOf(';', at);
    const end = semicolon < 0 ? text.length : semicolon;
    // Most entries are empty: the same range again.
    if (end > at) last = entryOf(text.slice(at, end), last, ranges.length, name);
    if (ranges.push(last) > MAX_ENTRIES) fail(name, `more than ${MAX_ENTRIES} entries`);
    at = end + 1;
  }
  return ranges;
}

function entryOf(entry: string, last: SourceRange, index: number, name: string): SourceRange {
  const at = `entry ${index}`;
  const fields = entry.length > 100 ? [] : entry.split(':');
  if (fields.length === 0 || fields.length > 5) fail(name, `${at}: expected s:l:f:j:m, got ${show(entry)}`);
  const [start = '', length = '', file = '', jump = '', depth = ''] = fields;
  const number = (field: string, before: number): number => {
    if (field === '') return before;
    if (!INTEGER.test(field)) fail(name, `${at}: ${show(field)} is no number`);
    return Number(field);
  };
  if (jump !== '' && jump !== 'i' && jump !== 'o' && jump !== '-') {
    fail(name, `${at}: the jump is i, o or -, got ${show(jump)}`);
  }
  return {
    start: number(start, last.start),
    length: number(length, last.length),
    file: number(file, last.file),
    jump: jump === '' ? last.jump : jump,
    modifierDepth: number(depth, last.modifierDepth),
  };
}

const show = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);

function fail(name: string, problem: string): never {
  throw new ErbiumError('INVALID_SOURCE_MAP', `${name}: ${problem}`);
}

const PUSH1 = 0x60;
const PUSH32 = 0x7f;

/** The pc of each instruction, read from the first byte on; data behind the code is read as if it were code. */
export function instructionPcs(code: Uint8Array): Int32Array {
  const pcs = new Int32Array(code.length);
  let count = 0;
  for (let pc = 0; pc < code.length; pc++) {
    pcs[count++] = pc;
    const byte = code[pc]!;
    if (byte >= PUSH1 && byte <= PUSH32) pc += byte - PUSH1 + 1;
  }
  return pcs.slice(0, count);
}

/** The index of the instruction at each pc; -1 for the constants behind a PUSH. */
export function pcToInstruction(code: Uint8Array): Int32Array {
  const indices = new Int32Array(code.length).fill(-1);
  const pcs = instructionPcs(code);
  for (let i = 0; i < pcs.length; i++) indices[pcs[i]!] = i;
  return indices;
}

// What solc puts between the code and its data: INVALID, or STOP before 0.4.10.
const SEPARATORS: ReadonlySet<number> = new Set([0xfe, 0x00]);

/** A source map together with the code that it is of. */
export class MappedCode {
  readonly code: Uint8Array;
  readonly ranges: readonly SourceRange[];
  /** Of the instructions that the map has ranges of. */
  readonly pcs: Int32Array;
  private readonly indices: Int32Array;

  /**
   * @throws ErbiumError INVALID_SOURCE_MAP where the map is not of this code: it has more entries than the code has
   * instructions, or ends where neither the code ends nor its data begins
   */
  constructor(code: Uint8Array, map: string, name = 'source map') {
    const ranges = parseSourceMap(map, name);
    const pcs = instructionPcs(code);
    const entries = ranges.length;
    const misfit = (how: string): never =>
      fail(name, `does not fit the code: ${entries} entries, but ${how}; is it of another build?`);
    if (entries > pcs.length) misfit(`${pcs.length} instructions in ${code.length} bytes`);
    const next = pcs[entries];
    if (next !== undefined && !SEPARATORS.has(code[next]!)) misfit(`the code goes on at pc ${next}`);
    this.code = code;
    this.ranges = ranges;
    this.pcs = pcs.subarray(0, entries);
    this.indices = pcToInstruction(code);
  }

  /** The range of the instruction at `pc`; undefined in data and in the constants behind a PUSH. */
  rangeAt(pc: number): SourceRange | undefined {
    return this.ranges[this.indices[pc] ?? -1];
  }
}

/** A place in a source, both counted from 1; the column in characters as JavaScript counts them. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A source with its lines. */
export class SourceText {
  /** As solc names it. */
  readonly name: string;
  readonly lines: readonly string[];
  /** In bytes. */
  readonly size: number;
  private readonly bytes: Uint8Array;
  /** The byte with which each line begins. */
  private readonly starts: Int32Array;

  constructor(name: string, text: string) {
    this.name = name;
    this.lines = text.split(/\r\n|\n|\r/);
    this.bytes = new TextEncoder().encode(text);
    this.size = this.bytes.length;
    this.starts = new Int32Array(this.lines.length);
    let line = 0;
    for (let i = 0; i < this.size; i++) {
      const isEnd =
        this.bytes[i] === LINE_FEED || (this.bytes[i] === CARRIAGE_RETURN && this.bytes[i + 1] !== LINE_FEED);
      if (isEnd) this.starts[++line] = i + 1;
    }
  }

  /** The line and column of a byte; undefined beyond the end. */
  placeOf(offset: number): SourcePlace | undefined {
    if (offset < 0 || offset > this.size) return undefined;
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const column = new TextDecoder().decode(this.bytes.subarray(this.starts[low]!, offset)).length + 1;
    return { line: low + 1, column };
  }

  /** The text of a range of bytes. */
  slice(start: number, length: number): string {
    return new TextDecoder().decode(this.bytes.subarray(Math.max(start, 0), Math.max(start + length, 0)));
  }
}
