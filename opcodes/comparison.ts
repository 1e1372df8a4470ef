/** 0x10-0x15: comparison. Each handler wraps one function of `primitives/u256`; see arithmetic.ts. */

import type { Frame } from '../src/machine/frame.ts';
import { Halt } from '../src/machine/halt.ts';
import * as u256 from '../src/primitives/u256.ts';

export function lt(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.lt(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function gt(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.gt(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function slt(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.slt(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function sgt(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.sgt(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function eq(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.eq(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function iszero(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  stack[top] = u256.iszero(stack[top]!);
  return Halt.Continue;
}
