/**
 * The lines of EIP-3155 traces, read as different EVMs write them: numbers as numbers or hex, words padded or not,
 * lines that are no steps in between. Owns what counts as a step and how its fields are made comparable.
 */

import { Flag } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';

/** A line of a trace, as text or already parsed. */
export type TraceLine = string | object;

/** A step, its numbers in one form whoever wrote it: hex digits without prefix and leading zeros, in lower case. */
export interface TraceStep {
  /** Counted from 1, of the trace it comes from. */
  readonly line: number;
  /** 1 for the outermost frame. */
  readonly depth: number;
  readonly pc: number;
  /** The byte. */
  readonly op: number;
  /** By its byte, since tools and forks name some differently. */
  readonly opName: string;
  /** Whatever follows is null where the line does not say it. */
  readonly gas: string | null;
  readonly gasCost: string | null;
  /** Bottom first. */
  readonly stack: readonly string[] | null;
  readonly memSize: string | null;
  readonly memory: string | null;
  readonly refund: string | null;
  readonly returnData: string | null;
  readonly error: string | null;
}

/** What a reader has met; lines that are empty or start with # count as lines and nothing else. */
export interface LineCounts {
  lines: number;
  steps: number;
  /** JSON that belongs into a trace and is no step to compare: ends of frames, roots, STOP, a step's second line. */
  other: number;
  /** Lines that nobody can make sense of. */
  garbage: number;
  /** Where the first of them stands, counted from 1; 0 where there is none. */
  firstGarbage: number;
}

const STOP = 0x00;

const NAMES: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => OPCODES.find((row) => row.byte === byte)?.name ?? `opcode 0x${byte.toString(16)} not defined`,
);

const ENDING: ReadonlySet<number> = new Set(
  OPCODES.filter(({ flags }) => (flags & Flag.TERMINATES) !== 0).map(({ byte }) => byte),
);

/** Whether an instruction that succeeds is the last of its frame. */
export const endsFrame = (byte: number): boolean => ENDING.has(byte);

/** Of the first row that has the byte, whatever the fork. */
export const nameOfByte = (byte: number): string => NAMES[byte]!;

const hexDigits = (text: string): string => {
  const digits = text.replace(/^0[xX]/, '').replace(/^0+/, '');
  return (digits === '' ? '0' : digits).toLowerCase();
};

/** A number of a field; `text` without a prefix is decimal. */
function quantity(value: unknown): string | null {
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 ? value.toString(16) : String(value);
  if (typeof value !== 'string') return null;
  if (/^0x[0-9a-f]*$/i.test(value)) return hexDigits(value);
  return /^[0-9]{1,80}$/.test(value) ? BigInt(value).toString(16) : value;
}

/** A number small enough for a place or a depth, or null. */
function small(value: unknown): number | null {
  const digits = quantity(value);
  if (digits === null || !/^[0-9a-f]{1,12}$/.test(digits)) return null;
  return Number.parseInt(digits, 16);
}

/** A word of the stack: hex with or without the prefix, or a number. */
const word = (value: unknown): string =>
  typeof value === 'string' ? hexDigits(value) : (quantity(value) ?? 'null');

/** Bytes as digits: leading zeros count. */
const data = (value: unknown): string | null =>
  typeof value === 'string' ? value.replace(/^0[xX]/, '').toLowerCase() : null;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads the lines of one trace in order; holds no more than the last step's place. */
export class StepReader {
  readonly counts: LineCounts = { lines: 0, steps: 0, other: 0, garbage: 0, firstGarbage: 0 };
  /** The state root that was written since the last step, or null. */
  root: string | null = null;
  private last: { readonly pc: number; readonly depth: number; readonly op: number } | null = null;

  /** The step of a line, or null where it is none, or the same step a second time. */
  read(line: TraceLine): TraceStep | null {
    const { counts } = this;
    counts.lines++;
    const fields = typeof line === 'string' ? this.parse(line) : line;
    if (fields === null) return null;
    const step = this.stepOf(fields as Readonly<Record<string, unknown>>);
    if (step === null) return null;
    const { last } = this;
    this.last = step;
    // geth writes an instruction that fails while it runs once more, with the error and without its operands.
    if (last !== null && last.pc === step.pc && last.depth === step.depth && last.op === step.op) {
      counts.other++;
      return null;
    }
    counts.steps++;
    return step;
  }

  /** The root belongs to what was before the next step. */
  takeRoot(): string | null {
    const { root } = this;
    this.root = null;
    return root;
  }

  private parse(line: string): object | null {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return null;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    } catch {
      // Counted below.
    }
    this.countGarbage();
    return null;
  }

  private countGarbage(): void {
    const { counts } = this;
    if (counts.garbage++ === 0) counts.firstGarbage = counts.lines;
  }

  private stepOf(fields: Readonly<Record<string, unknown>>): TraceStep | null {
    const pc = fields.pc ?? null;
    if (pc === null) {
      this.other(fields);
      return null;
    }
    const depth = fields.depth === undefined ? 0 : small(fields.depth);
    const at = small(pc);
    const op = small(fields.op);
    if (at === null || depth === null || op === null || op > 0xff) {
      this.countGarbage();
      return null;
    }
    // Some write the STOP behind the code, some none at all; depth 0 is nobody's instruction.
    if (op === STOP || depth === 0) {
      this.counts.other++;
      this.last = null;
      return null;
    }
    return {
      line: this.counts.lines,
      depth,
      pc: at,
      op,
      opName: nameOfByte(op),
      gas: quantity(fields.gas),
      gasCost: quantity(fields.gasCost),
      stack: Array.isArray(fields.stack) ? fields.stack.map(word) : null,
      memSize: quantity(fields.memSize),
      memory: data(fields.memory),
      refund: quantity(fields.refund),
      returnData: data(fields.returnData),
      error: textOf(fields.error),
    };
  }

  /** The end of a frame or of a transaction, or something that only its tool knows. */
  private other(fields: Readonly<Record<string, unknown>>): void {
    this.counts.other++;
    this.last = null;
    if (typeof fields.stateRoot === 'string') this.root = data(fields.stateRoot);
  }
}
