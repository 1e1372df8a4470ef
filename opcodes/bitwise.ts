/** 0x16-0x1e: bits and shifts. Each handler wraps one function of `primitives/u256`; see arithmetic.ts. */

import type { Frame } from '../src/machine/frame.ts';
import { Halt } from '../src/machine/halt.ts';
import * as u256 from '../src/primitives/u256.ts';

export function and(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.and(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function or(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.or(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function xor(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.xor(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function byte(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.byte(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function shl(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.shl(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function shr(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.shr(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function sar(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.sar(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function not(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  stack[top] = u256.not(stack[top]!);
  return Halt.Continue;
}

export function clz(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  stack[top] = u256.clz(stack[top]!);
  return Halt.Continue;
}
