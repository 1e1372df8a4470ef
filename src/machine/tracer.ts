/**
 * The hooks of a tracer, all optional. A traced run takes another loop than an untraced one, which therefore
 * pays nothing. Hooks see the machine itself, not a copy: they read what they need and change nothing.
 */

import type { Frame } from './frame.ts';
import type { Halt } from './halt.ts';
import type { Message } from './message.ts';

/** How a call or creation ended. */
export interface FrameEnd {
  readonly halt: Halt;
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  readonly depth: number;
}

/** The hooks of a tracer, all optional. They see the machine itself: they read and change nothing. */
export interface Tracer {
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
}
