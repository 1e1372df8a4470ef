/** How often each instruction ran, in the form of geth's `unigramTracer`. */

import { OPCODES } from '../../opcodes/table.ts';
import type { Frame } from '../machine/frame.ts';
import type { ResultTracer } from './result.ts';

/** Counts of the last run by the name of the instruction, the most frequent first. */
export const opcodeCountTracer = (): ResultTracer<Readonly<Record<string, number>>> =>
  new OpcodeCountTracer();

class OpcodeCountTracer implements ResultTracer<Readonly<Record<string, number>>> {
  // There are 256 of them, whatever runs.
  readonly limitMet = null;
  private readonly counts = new Float64Array(256);

  begin(): void {
    this.counts.fill(0);
  }

  step(_frame: Frame, opcode: number): void {
    this.counts[opcode]!++;
  }

  result(): Readonly<Record<string, number>> {
    const counted = [...this.counts].flatMap((count, byte) => (count === 0 ? [] : [{ byte, count }]));
    counted.sort((a, b) => b.count - a.count || a.byte - b.byte);
    return Object.fromEntries(counted.map(({ byte, count }) => [opcodeName(byte), count]));
  }
}

// As in geth, a byte has the name of its first instruction, whatever it is called since: DIFFICULTY.
const NAMES: ReadonlyMap<number, string> = new Map(
  [...OPCODES].reverse().map(({ byte, name }) => [byte, name]),
);

/** The name of an opcode, also where it is none. */
export const opcodeName = (byte: number): string =>
  NAMES.get(byte) ?? `opcode 0x${byte.toString(16)} not defined`;
