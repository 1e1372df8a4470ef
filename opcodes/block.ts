/** 0x40-0x4a: the block, and what a transaction brings along. */

import type { Frame } from '../src/machine/frame.ts';
import { Halt } from '../src/machine/halt.ts';

export function blockhash(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  stack[top] = frame.host.blockHash(stack[top]!);
  return Halt.Continue;
}

export function coinbase(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.coinbase;
  return Halt.Continue;
}

export function timestamp(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.timestamp;
  return Halt.Continue;
}

export function number(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.number;
  return Halt.Continue;
}

export function difficulty(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.difficulty;
  return Halt.Continue;
}

export function prevrandao(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.prevRandao;
  return Halt.Continue;
}

export function gaslimit(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.gasLimit;
  return Halt.Continue;
}

export function chainid(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.chainId;
  return Halt.Continue;
}

export function basefee(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.baseFee;
  return Halt.Continue;
}

export function blobbasefee(frame: Frame): Halt {
  frame.stack[frame.sp++] = frame.host.block.blobBaseFee;
  return Halt.Continue;
}

/** EIP-4844: the versioned hash at an index, 0 beyond the last. */
export function blobhash(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  const { blobHashes } = frame.host.tx;
  const index = stack[top]!;
  stack[top] = index < BigInt(blobHashes.length) ? blobHashes[Number(index)]! : 0n;
  return Halt.Continue;
}
