/**
 * One call frame: everything that an instruction may see and change. Frames are pooled, because a fresh stack
 * and memory cost more than most calls do.
 */

import type { Rules } from '../forks/rules.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { type Code, EMPTY_CODE } from './code.ts';
import type { Host } from './host.ts';
import { Memory } from './memory.ts';
import type { Message } from './message.ts';

export const STACK_LIMIT = 1024;

/** One call frame, as handlers and tracers see it. */
export class Frame {
  // Program
  code: Code = EMPTY_CODE;
  pc = 0;
  /** Slots above `sp` hold stale words. */
  readonly stack: bigint[] = new Array<bigint>(STACK_LIMIT).fill(0n);
  /** Number of words on the stack. */
  sp = 0;
  readonly memory: Memory = new Memory();

  // Gas: `gas + reserve` is what the frame has. See gas.ts.
  gas = 0;
  reserve = 0n;

  // Message
  address: Address = 0n;
  caller: Address = 0n;
  value = 0n;
  input: Uint8Array = EMPTY_BYTES;
  isStatic = false;
  /** 0 for the frame of a transaction. */
  depth = 0;

  /** Bytes that the frames below hold, as memory and return data; all frames together have one limit. */
  heldBelow = 0;

  // Surroundings
  host: Host;
  rules: Rules;

  /** Output of the last child that ended (EIP-211). */
  returnData: Uint8Array = EMPTY_BYTES;
  /** Set by RETURN and REVERT. */
  output: Uint8Array = EMPTY_BYTES;
  /** The child that a suspended frame waits for. */
  request: Message | null = null;

  constructor(host: Host, rules: Rules) {
    this.host = host;
    this.rules = rules;
  }
}
