/** 0x01-0x0b: arithmetic. Each handler wraps one function of `primitives/u256`. */

import type { Frame } from '../src/machine/frame.ts';
import { charge } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import * as u256 from '../src/primitives/u256.ts';

// The wrappers are written out rather than made by a factory: one shared closure body would see every word
// function at one call site, and V8 would inline none of them.

export function add(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.add(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function mul(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.mul(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function sub(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.sub(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function div(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.div(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function sdiv(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.sdiv(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function mod(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.mod(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function smod(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.smod(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function addmod(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 2);
  stack[sp - 1] = u256.addmod(stack[sp + 1]!, stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function mulmod(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 2);
  stack[sp - 1] = u256.mulmod(stack[sp + 1]!, stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}

export function exp(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  const exponent = stack[sp - 1]!;
  const bytes = exponent === 0n ? 0 : Math.ceil(exponent.toString(16).length / 2);
  const halt = charge(frame, bytes * frame.rules.expByteGas);
  if (halt !== Halt.Continue) return halt;
  stack[sp - 1] = u256.exp(stack[sp]!, exponent);
  return Halt.Continue;
}

export function signextend(frame: Frame): Halt {
  const { stack } = frame;
  const sp = --frame.sp;
  stack[sp - 1] = u256.signextend(stack[sp]!, stack[sp - 1]!);
  return Halt.Continue;
}
