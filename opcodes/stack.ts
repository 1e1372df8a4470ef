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

// The three series. What one instruction of them does, by its number, stands apart from the handlers, so that an engine
// can call it without going through one of many closures.

/** PUSH1 to PUSH32: the constant of `size` bytes. */
export function pushConstant(frame: Frame, size: number): Halt {
  const { pc } = frame;
  frame.stack[frame.sp++] = frame.code.immediate(pc - 1, size);
  frame.pc = pc + size;
  return Halt.Continue;
}

/** DUP1 to DUP16. */
export function dupWord(frame: Frame, depth: number): Halt {
  const { stack, sp } = frame;
  stack[sp] = stack[sp - depth]!;
  frame.sp = sp + 1;
  return Halt.Continue;
}

/** SWAP1 to SWAP16. */
export function swapWords(frame: Frame, depth: number): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  const word = stack[top]!;
  stack[top] = stack[top - depth]!;
  stack[top - depth] = word;
  return Halt.Continue;
}

const series = (count: number, handler: (n: number) => Handler): readonly Handler[] =>
  Array.from({ length: count }, (_, i) => handler(i + 1));

export const PUSHES: readonly Handler[] = series(32, (size) => (frame) => pushConstant(frame, size));
export const DUPS: readonly Handler[] = series(16, (depth) => (frame) => dupWord(frame, depth));
export const SWAPS: readonly Handler[] = series(16, (depth) => (frame) => swapWords(frame, depth));
