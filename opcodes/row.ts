/** What an instruction is: its byte, name, stack effect, base gas by fork, first fork, and its one handler. */

import type { Frame } from '../src/machine/frame.ts';
import type { Halt } from '../src/machine/halt.ts';

/**
 * The operation. Stack depth, base gas and the ban on writes in static frames were checked before; `frame.pc`
 * is already behind the opcode byte. Order inside: stack, dynamic gas, operation.
 */
export type Handler = (frame: Frame) => Halt;

/** Base gas: one number, or the number from each named fork on. */
export type GasColumns = number | Readonly<Record<string, number>>;

/** Properties of an instruction, to be added up. */
export const Flag = {
  /** Ends the frame. */
  TERMINATES: 1,
  /** Changes state: forbidden in a static frame. */
  WRITES: 2,
  /** Sets the program counter. */
  JUMPS: 4,
  /** Starts a child frame. */
  SUSPENDS: 8,
  /**
   * The price is one sum of base and dynamic gas, and the handler's first act is to charge the latter. Other
   * clients show such a price as a whole where gas runs out, so traces do.
   */
  ONE_PRICE: 16,
} as const;

/** An instruction: a row of the opcode table. */
export interface OpRow {
  /** The opcode byte. */
  readonly byte: number;
  readonly name: string;
  /** Words taken from the stack. */
  readonly takes: number;
  /** Words put on the stack. */
  readonly gives: number;
  readonly gas: GasColumns;
  /** First fork that has it. */
  readonly since: string;
  readonly handler: Handler;
  /** Sum of `Flag` bits. */
  readonly flags: number;
  /** Bytes of the constant behind the opcode byte. */
  readonly immediate: number;
  /** Of a prefix: the names of its instructions, by the byte behind it. */
  readonly behind?: ReadonlyMap<number, string>;
}

/** A row of the opcode table. */
export const op = (
  byte: number,
  name: string,
  takes: number,
  gives: number,
  gas: GasColumns,
  since: string,
  handler: Handler,
  flags = 0,
  immediate = 0,
): OpRow => ({ byte, name, takes, gives, gas, since, handler, flags, immediate });
