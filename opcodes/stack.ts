/** 0x50, 0x5f-0x9f: POP, PUSH, DUP, SWAP. */

import type { Frame } from '../src/machine/frame.ts';
import { Halt } from '../src/machine/halt.ts';
import type { Handler } from './row.ts';

export function pop(frame: Frame): Halt {
  frame.sp--;
  return Halt.Continue;
}

export function push0(frame: Frame): Halt {
  frame.stack[frame.sp++] = 0n;
  return Halt.Continue;
}

/** PUSH1 to PUSH32. */
export const push =
  (size: number): Handler =>
  (frame) => {
    const { pc } = frame;
    frame.stack[frame.sp++] = frame.code.immediate(pc - 1, size);
    frame.pc = pc + size;
    return Halt.Continue;
  };

/** DUP1 to DUP16. */
export const dup =
  (depth: number): Handler =>
  (frame) => {
    const { stack } = frame;
    const { sp } = frame;
    stack[sp] = stack[sp - depth]!;
    frame.sp = sp + 1;
    return Halt.Continue;
  };

/** SWAP1 to SWAP16. */
export const swap =
  (depth: number): Handler =>
  (frame) => {
    const { stack } = frame;
    const top = frame.sp - 1;
    const word = stack[top]!;
    stack[top] = stack[top - depth]!;
    stack[top - depth] = word;
    return Halt.Continue;
  };
