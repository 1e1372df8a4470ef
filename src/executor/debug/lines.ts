/** Source lines of code as it runs: pc to line, for code that is among compiled contracts. */

import type { Code } from '../../machine/code.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { show } from '../../primitives/input.ts';
import type { LocatedCode, SolcOutput, SourceSpot } from '../../primitives/solc-output.ts';
import type { DebugSource } from './api.ts';

/** The numbers of lines of one source stay below this, in a key made of both. */
const LINES = 2 ** 20;
/** No instruction of a line, in place of a key. */
export const NO_LINE = 0;
const UNKNOWN = -1;

const TEXT_LIMIT = 2_000;

// What is said to come from a whole contract is no line of it: the choice of a function, checks that the compiler adds.
const CONTRACT = /^(?:abstract\s+)?(?:contract|library|interface)\b/;

interface Located {
  readonly located: LocatedCode;
  /** By pc. */
  readonly keys: Int32Array;
}

export class Lines {
  private readonly sources: SolcOutput;
  /** Or why there is none. */
  private readonly found = new WeakMap<Code, Located | string>();
  private lastCode: Code | null = null;
  private last: Located | string = '';

  constructor(sources: SolcOutput) {
    this.sources = sources;
  }

  /** A number for the line of an instruction, or `NO_LINE`. */
  keyAt(code: Code, pc: number): number {
    const located = this.locate(code);
    if (typeof located === 'string' || pc >= located.keys.length) return NO_LINE;
    const known = located.keys[pc]!;
    return known === UNKNOWN ? (located.keys[pc] = this.keyOf(located.located, pc)) : known;
  }

  /** Whether the instruction at `from` goes into a function (1), returns from one (-1) or neither (0). */
  callsBetween(code: Code, from: number, to: number): number {
    const located = this.locate(code);
    if (typeof located === 'string') return 0;
    const { map } = located.located;
    const range = map.rangeAt(from);
    if (range === undefined || range.jump === '-') return 0;
    if (range.jump === 'o') return -1;
    // What decodes the arguments of an external function is of that function, and goes into it by a jump as well.
    const target = map.rangeAt(to);
    return target?.start === range.start && target.length === range.length ? 0 : 1;
  }

  /** Where an instruction comes from, or why that is not known. */
  sourceAt(code: Code, pc: number): DebugSource | string {
    const located = this.locate(code);
    if (typeof located === 'string') return located;
    const spot = this.sources.spotAt(located.located, pc);
    if (spot === undefined) return `the compiler made up the instruction at pc ${pc}`;
    const { source, range, from, to } = spot;
    return {
      file: source.name,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
      lineText: source.lines[from.line - 1] ?? '',
      text: textOf(spot),
      contract: located.located.compiled.name,
      jump: range.jump,
    };
  }

  /**
   * The keys of a line in all sources of a name.
   * @throws ErbiumError INVALID_ARGUMENT where there is no such source, or no such line in it
   */
  keysOf(file: string, line: number): ReadonlySet<number> {
    const all = [...this.sources.sources];
    const named = all.filter(([, { name }]) => name === file || name.endsWith(`/${file}`));
    if (named.length === 0) {
      const known = all.slice(0, 10).map(([, { name }]) => name);
      throw new ErbiumError(
        'INVALID_ARGUMENT',
        `file: no source ${show(file)}; known are ${known.join(', ')}`,
      );
    }
    const most = Math.max(...named.map(([, { lines }]) => lines.length));
    if (!Number.isInteger(line) || line < 1 || line > most) {
      throw new ErbiumError('INVALID_ARGUMENT', `line: expected 1 to ${most}, the last line of ${file}`);
    }
    return new Set(named.map(([id]) => keyOf(id, line)));
  }

  private locate(code: Code): Located | string {
    if (code === this.lastCode) return this.last;
    let located = this.found.get(code);
    if (located === undefined) {
      located = this.find(code);
      this.found.set(code, located);
    }
    this.lastCode = code;
    this.last = located;
    return located;
  }

  private find(code: Code): Located | string {
    try {
      const located = this.sources.find(code.bytes);
      if (located === undefined) return 'none of the compiled contracts has this code';
      return { located, keys: new Int32Array(code.bytes.length).fill(UNKNOWN) };
    } catch (error) {
      // A map that does not fit leaves the machine as it is: it only has no lines.
      if (error instanceof ErbiumError && error.code === 'INVALID_SOURCE_MAP') return error.message;
      throw error;
    }
  }

  private keyOf(located: LocatedCode, pc: number): number {
    const spot = this.sources.spotAt(located, pc);
    if (spot === undefined || CONTRACT.test(textOf(spot))) return NO_LINE;
    return keyOf(spot.range.file, spot.from.line);
  }
}

const keyOf = (file: number, line: number): number => file * LINES + Math.min(line, LINES - 1);

function textOf({ source, range }: SourceSpot): string {
  const text = source.slice(range.start, Math.min(range.length, TEXT_LIMIT));
  return range.length > TEXT_LIMIT ? `${text}…` : text;
}
