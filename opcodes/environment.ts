/** 0x30-0x3f: the running contract, its caller, and other accounts. */

import type { Frame } from '../src/machine/frame.ts';
import { charge, chargeMemory } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { toAddress } from '../src/primitives/address.ts';
import { toNumber, wordAt } from '../src/primitives/bytes.ts';
import { COPY_WORD_GAS, copyGas } from './copy-gas.ts';

export function address(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.address;
  return Halt.Continue;
}

export function origin(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.tx.origin;
  return Halt.Continue;
}

export function caller(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.caller;
  return Halt.Continue;
}

export function callvalue(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.value;
  return Halt.Continue;
}

export function gasprice(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.tx.gasPrice;
  return Halt.Continue;
}

export function codesize(frame: Frame): Halt {
  frame.stack[frame.sp++] = BigInt(frame.code.bytes.length);
  return Halt.Continue;
}

export function returndatasize(frame: Frame): Halt {
  frame.stack[frame.sp++] = BigInt(frame.returnData.length);
  return Halt.Continue;
}

export function calldatasize(frame: Frame): Halt {
  frame.stack[frame.sp++] = BigInt(frame.input.length);
  return Halt.Continue;
}

export function calldataload(frame: Frame): Halt {
  const { stack, input } = frame;
  const top = frame.sp - 1;
  const at = toNumber(stack[top]!);
  if (at + 32 <= input.length) {
    stack[top] = wordAt(input, at);
  } else if (at >= input.length) {
    stack[top] = 0n;
  } else {
    const padded = new Uint8Array(32);
    padded.set(input.subarray(at));
    stack[top] = wordAt(padded, 0);
  }
  return Halt.Continue;
}

/** memoryOffset, sourceOffset, size: copies into memory, with zeros beyond the end of the source. */
function copy(frame: Frame, source: Uint8Array): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 3);
  const offset = stack[sp + 2]!;
  const size = stack[sp]!;
  const halt = chargeMemory(frame, offset, size, copyGas(size, COPY_WORD_GAS));
  if (halt !== Halt.Continue) return halt;
  if (size !== 0n) frame.memory.copyIn(toNumber(offset), source, stack[sp + 1]!, toNumber(size));
  return Halt.Continue;
}

export const calldatacopy = (frame: Frame): Halt => copy(frame, frame.input);

export const codecopy = (frame: Frame): Halt => copy(frame, frame.code.bytes);

/** EIP-211: reading beyond the end is a failure, not zeros. */
export function returndatacopy(frame: Frame): Halt {
  const { stack, returnData, memory } = frame;
  const sp = (frame.sp -= 3);
  const offset = stack[sp + 2]!;
  const from = stack[sp + 1]!;
  const size = stack[sp]!;
  const halt = chargeMemory(frame, offset, size, copyGas(size, COPY_WORD_GAS));
  if (halt !== Halt.Continue) return halt;
  if (from + size > BigInt(returnData.length)) return Halt.ReturnDataOutOfBounds;
  if (size !== 0n) memory.copyIn(Number(offset), returnData, from, Number(size));
  return Halt.Continue;
}

/** Cost beyond the base for an account: 0, or the cold price, in which case it is warm from now on. */
function touch(frame: Frame, account: bigint): number {
  const { rules } = frame;
  return rules.accessLists && frame.host.touchAccount(account) ? rules.coldAccountExtra : 0;
}

export function balance(frame: Frame): Halt {
  const { stack, host } = frame;
  const top = frame.sp - 1;
  const account = toAddress(stack[top]!);
  const halt = charge(frame, touch(frame, account));
  if (halt !== Halt.Continue) return halt;
  stack[top] = host.balance(account);
  return Halt.Continue;
}

export function selfbalance(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.balance(frame.address);
  return Halt.Continue;
}

export function extcodesize(frame: Frame): Halt {
  const { stack, host } = frame;
  const top = frame.sp - 1;
  const account = toAddress(stack[top]!);
  const halt = charge(frame, touch(frame, account));
  if (halt !== Halt.Continue) return halt;
  stack[top] = BigInt(host.code(account).bytes.length);
  return Halt.Continue;
}

export function extcodehash(frame: Frame): Halt {
  const { stack, host } = frame;
  const top = frame.sp - 1;
  const account = toAddress(stack[top]!);
  const halt = charge(frame, touch(frame, account));
  if (halt !== Halt.Continue) return halt;
  stack[top] = host.codeHash(account);
  return Halt.Continue;
}

export function extcodecopy(frame: Frame): Halt {
  const { stack, host, memory } = frame;
  const sp = (frame.sp -= 4);
  const account = toAddress(stack[sp + 3]!);
  const offset = stack[sp + 2]!;
  const size = stack[sp]!;
  const halt = chargeMemory(frame, offset, size, copyGas(size, COPY_WORD_GAS) + touch(frame, account));
  if (halt !== Halt.Continue) return halt;
  if (size !== 0n) memory.copyIn(Number(offset), host.code(account).bytes, stack[sp + 1]!, Number(size));
  return Halt.Continue;
}
