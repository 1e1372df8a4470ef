/**
 * What an instruction is about to cost. There is one price list, in the handlers; so the handler runs on a frame of
 * its own, and what it did to the state is undone. Only a listener that reads the price pays for this.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import { Frame } from '../machine/frame.ts';
import { charge, gasLeft, setGas } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { type Message, MessageKind } from '../machine/message.ts';

/** Most words that an instruction with a price of its own takes (CALL). */
const MOST_TAKEN = 7;
const STIPEND = 2_300n;

/** The part of the state that is undone. */
export interface Undo {
  checkpoint(): number;
  rollback(checkpoint: number): void;
}

export interface Price {
  /** Base and dynamic gas together, without the gas of a child. */
  readonly gas: bigint;
  /** The refund counter after the instruction. */
  readonly refund: bigint;
}

/** The gas that a caller gives away with a message; the stipend is not the caller's. */
export const givenTo = ({ kind, value, gas }: Message): bigint => {
  const isPaid = value !== 0n && (kind === MessageKind.Call || kind === MessageKind.CallCode);
  return isPaid ? gas - STIPEND : gas;
};

export class PriceFinder {
  private readonly table: OpTable;
  private readonly undo: Undo;
  private scratch: Frame | null = null;

  constructor(table: OpTable, undo: Undo) {
    this.table = table;
    this.undo = undo;
  }

  /** The price of the instruction before which a frame stands. */
  of(frame: Frame, opcode: number): Price {
    const { table, undo } = this;
    const base = table.gas[opcode]!;
    const { host } = frame;
    const refund = BigInt(host.refundCounter());
    if (frame.sp < table.minStack[opcode]!) return { gas: BigInt(base), refund };
    const scratch = this.copyOf(frame);
    const before = gasLeft(scratch);
    const mark = undo.checkpoint();
    charge(scratch, base);
    const handlers = frame.isStatic ? table.staticHandlers : table.handlers;
    const halt = handlers[opcode]!(scratch);
    const after = gasLeft(scratch);
    const price = { gas: before - after, refund: BigInt(host.refundCounter()) };
    undo.rollback(mark);
    scratch.memory.reset();
    if (halt !== Halt.Call && halt !== Halt.Create) return price;
    return { ...price, gas: price.gas - givenTo(scratch.request!) };
  }

  /** A frame in the same place, with zeros for memory: no price depends on its contents. */
  private copyOf(frame: Frame): Frame {
    const scratch = (this.scratch ??= new Frame(frame.host, frame.rules));
    scratch.host = frame.host;
    scratch.rules = frame.rules;
    scratch.code = frame.code;
    scratch.pc = frame.pc + 1;
    scratch.sp = frame.sp;
    for (let i = Math.max(0, frame.sp - MOST_TAKEN); i < frame.sp; i++) scratch.stack[i] = frame.stack[i]!;
    scratch.memory.resize(frame.memory.size);
    scratch.address = frame.address;
    scratch.caller = frame.caller;
    scratch.value = frame.value;
    scratch.input = frame.input;
    scratch.isStatic = frame.isStatic;
    scratch.depth = frame.depth;
    scratch.heldBelow = frame.heldBelow;
    scratch.returnData = frame.returnData;
    scratch.request = null;
    setGas(scratch, gasLeft(frame));
    return scratch;
  }
}
