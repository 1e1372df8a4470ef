/** 0x51-0x53, 0x59, 0x5e: memory. */

import type { Frame } from '../src/machine/frame.ts';
import { charge, chargeMemory, growMemory, memoryCost } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { toNumber } from '../src/primitives/bytes.ts';
import { COPY_WORD_GAS, copyGas } from './copy-gas.ts';

export function mload(frame: Frame): Halt {
  const { stack, memory } = frame;
  const top = frame.sp - 1;
  const offset = stack[top]!;
  const at = toNumber(offset);
  if (at + 32 > memory.size) {
    const halt = chargeMemory(frame, offset, 32n);
    if (halt !== Halt.Continue) return halt;
  }
  stack[top] = memory.load(at);
  return Halt.Continue;
}

export function mstore(frame: Frame): Halt {
  const { stack, memory } = frame;
  const sp = (frame.sp -= 2);
  const offset = stack[sp + 1]!;
  const at = toNumber(offset);
  if (at + 32 > memory.size) {
    const halt = chargeMemory(frame, offset, 32n);
    if (halt !== Halt.Continue) return halt;
  }
  memory.store(at, stack[sp]!);
  return Halt.Continue;
}

export function mstore8(frame: Frame): Halt {
  const { stack, memory } = frame;
  const sp = (frame.sp -= 2);
  const offset = stack[sp + 1]!;
  const halt = chargeMemory(frame, offset, 1n);
  if (halt !== Halt.Continue) return halt;
  memory.store8(toNumber(offset), Number(stack[sp]! & 0xffn));
  return Halt.Continue;
}

export function msize(frame: Frame): Halt {
  frame.stack[frame.sp++] = BigInt(frame.memory.size);
  return Halt.Continue;
}

/** EIP-5656. */
export function mcopy(frame: Frame): Halt {
  const { stack, memory } = frame;
  const sp = (frame.sp -= 3);
  const to = stack[sp + 2]!;
  const from = stack[sp + 1]!;
  const size = stack[sp]!;
  const far = to > from ? to : from;
  const cost = memoryCost(frame, far, size);
  if (cost < 0) return (-1 - cost) as Halt;
  const halt = charge(frame, cost + copyGas(size, COPY_WORD_GAS));
  if (halt !== Halt.Continue) return halt;
  growMemory(frame, far, size);
  if (size !== 0n) memory.move(toNumber(to), toNumber(from), toNumber(size));
  return Halt.Continue;
}
