/** 0x00, 0x56-0x58, 0x5a, 0x5b, 0xf3, 0xfd, 0xfe: flow of control and the ends of a frame. */

import type { Frame } from '../src/machine/frame.ts';
import { chargeMemory, gasLeft } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { EMPTY_BYTES, toNumber } from '../src/primitives/bytes.ts';

export const stop = (): Halt => Halt.Stop;

export const invalid = (): Halt => Halt.Invalid;

/** Stands in the table wherever a byte is no instruction. */
export const undefinedOpcode = (): Halt => Halt.UndefinedOpcode;

function jumpTo(frame: Frame, target: bigint): Halt {
  // A target beyond 2^53 loses digits here but stays far beyond any code.
  const pc = toNumber(target);
  if (!frame.code.isJumpdest(pc)) return Halt.BadJump;
  frame.pc = pc;
  return Halt.Continue;
}

export const jump = (frame: Frame): Halt => jumpTo(frame, frame.stack[--frame.sp]!);

export function jumpi(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 2);
  return stack[sp] === 0n ? Halt.Continue : jumpTo(frame, stack[sp + 1]!);
}

export const jumpdest = (): Halt => Halt.Continue;

export function pc(frame: Frame): Halt {
  frame.stack[frame.sp++] = BigInt(frame.pc - 1);
  return Halt.Continue;
}

export function gas(frame: Frame): Halt {
  frame.stack[frame.sp++] = gasLeft(frame);
  return Halt.Continue;
}

/** Takes offset and size, and makes that part of memory the output. */
function finish(frame: Frame, end: Halt): Halt {
  const { stack, memory } = frame;
  const sp = (frame.sp -= 2);
  const offset = stack[sp + 1]!;
  const size = stack[sp]!;
  const halt = chargeMemory(frame, offset, size);
  if (halt !== Halt.Continue) return halt;
  // A copy, because the memory serves another frame soon.
  frame.output = size === 0n ? EMPTY_BYTES : memory.slice(toNumber(offset), toNumber(size));
  return end;
}

export const return_ = (frame: Frame): Halt => finish(frame, Halt.Return);

export const revert = (frame: Frame): Halt => finish(frame, Halt.Revert);
