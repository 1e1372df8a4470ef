/**
 * The hooks of a tracer, all optional. A traced run takes another loop than an untraced one, which therefore
 * pays nothing. Hooks see the machine itself, not a copy: they read what they need and change nothing.
 */

import type { Rules } from '../forks/rules.ts';
import type { Address } from '../primitives/address.ts';
import type { Frame } from './frame.ts';
import type { Halt } from './halt.ts';
import type { Host } from './host.ts';
import type { Message } from './message.ts';

/** What a transaction, or a message outside of one, is about to do; nothing of it has happened yet. */
export interface RunStart {
  /** Reads the state as it is before; later, as it then is. */
  readonly host: Host;
  readonly rules: Rules;
  readonly from: Address;
  /** null for a creation. */
  readonly to: Address | null;
  /** All gas that it may use, of a transaction the intrinsic gas included. */
  readonly gas: bigint;
  /** Who signed its authorizations (EIP-7702), whether or not these are valid. */
  readonly authorities: readonly Address[];
}

/** What came of it. */
export interface RunEnd {
  /** Of a transaction what its receipt says, after refunds. */
  readonly gasUsed: bigint;
}

/** How a call or creation ended. */
export interface FrameEnd {
  readonly halt: Halt;
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  readonly depth: number;
}

/** The hooks of a tracer, all optional. They see the machine itself: they read and change nothing. */
export interface Tracer {
  /** A transaction, or a message outside of one, was found valid and begins. */
  begin?(start: RunStart): void;
  /** A call or creation begins; also for precompiles and accounts without code. */
  enter?(message: Message): void;
  /** A frame begins to run, or runs on after a child, whose result is on its stack by now. */
  resume?(frame: Frame): void;
  /** Before an instruction: `frame.pc` is at its byte and nothing is charged. */
  step?(frame: Frame, opcode: number): void;
  /**
   * After an instruction, before a child that it starts. `gas` and `pc` are those of before; `cost` is all that it
   * took, a child's gas included, or would have taken where gas ran out. Both are rounded where the frame has
   * 2^52 gas and more: `gasLeft` is exact, here and in `step`, but two bigints a step would double the time.
   */
  stepEnd?(frame: Frame, opcode: number, pc: number, gas: number, cost: number, halt: Halt): void;
  /** A call or creation ended. */
  exit?(end: FrameEnd): void;
  /** The transaction is over: gas is paid for, and the state is as it leaves it. */
  end?(end: RunEnd): void;
}
