/** 0x20: hashing. */

import type { Frame } from '../src/machine/frame.ts';
import { chargeMemory } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { toNumber } from '../src/primitives/bytes.ts';
import { keccakWord } from '../src/primitives/keccak.ts';
import { copyGas, HASH_WORD_GAS } from './copy-gas.ts';

export function keccak256(frame: Frame): Halt {
  const { stack, memory } = frame;
  const sp = --frame.sp;
  const offset = stack[sp]!;
  const size = stack[sp - 1]!;
  const halt = chargeMemory(frame, offset, size, copyGas(size, HASH_WORD_GAS));
  if (halt !== Halt.Continue) return halt;
  const length = toNumber(size);
  stack[sp - 1] = keccakWord(memory.viewOf(length === 0 ? 0 : toNumber(offset), length));
  return Halt.Continue;
}
