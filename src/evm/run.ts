/**
 * Runs a message to its end. The stack of frames is explicit, because EVM depth 1,024 exceeds what nested
 * JavaScript calls survive.
 */

import type { Frame } from '../machine/frame.ts';
import { gasLeft, returnGas } from '../machine/gas.ts';
import { Halt, isHostLimit, isSuccess } from '../machine/halt.ts';
import { isCreation, type Message } from '../machine/message.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { beginCall } from './call.ts';
import type { Context } from './context.ts';
import { beginCreate, depositCode } from './create.ts';
import { failed, type MessageResult } from './result.ts';
import { Running } from './running.ts';

const DEPTH_LIMIT = 1024;

/**
 * A message and all messages that it starts. Where it fails, the world is as before it, but for the creator's nonce.
 * It runs until it ends or the host interrupts it, and after an interruption runs on or is given up.
 */
export class Execution {
  private readonly context: Context;
  private readonly stack: Running[] = [];
  /** What begins next. */
  private next: Message | null;

  constructor(context: Context, message: Message) {
    this.context = context;
    this.next = message;
  }

  /** Runs on; null where the host interrupts. */
  advance(): MessageResult | null {
    const { engine } = this.context;
    const entered = engine.enter?.() ?? 0;
    try {
      return this.proceed();
    } finally {
      engine.leave?.(entered);
    }
  }

  private proceed(): MessageResult | null {
    const { context, stack } = this;
    for (;;) {
      let ended: MessageResult | null = null;
      if (this.next !== null) {
        if (context.host.interrupted?.() === true) {
          // It may be a view of a memory that moves while the run pauses.
          this.next = { ...this.next, input: this.next.input.slice() };
          return null;
        }
        ended = begin(context, this.next, stack);
        this.next = null;
      }
      for (;;) {
        const frame = stack[stack.length - 1]?.frame;
        if (frame === undefined) return ended!;
        if (ended !== null) {
          if (isHostLimit(ended.halt)) return this.unwind(ended);
          resume(frame, ended);
        }
        const halt = context.engine.run(frame);
        if (halt === Halt.HostInterrupt) return null;
        if (halt === Halt.Call || halt === Halt.Create) {
          this.next = frame.request!;
          break;
        }
        ended = end(context, stack.pop()!, halt);
      }
    }
  }

  /** Ends an interrupted run. */
  abandon(): MessageResult {
    return this.unwind(failed(Halt.HostInterrupt, this.next?.gas ?? 0n));
  }

  /** Nothing runs on; the frames are given up one by one. */
  private unwind(last: MessageResult): MessageResult {
    const { context, stack } = this;
    let ended = last;
    for (let running = stack.pop(); running !== undefined; running = stack.pop()) {
      returnGas(running.frame, ended.gasLeft);
      ended = end(context, running, ended.halt);
    }
    return ended;
  }
}

/** Runs a message to its end; where the host interrupts, that is its end. */
export function runMessage(context: Context, message: Message): MessageResult {
  const execution = new Execution(context, message);
  return execution.advance() ?? execution.abandon();
}

/** Starts a message: puts it on the stack, or ends it at once and returns its result. */
function begin(context: Context, message: Message, stack: Running[]): MessageResult | null {
  context.tracer?.enter?.(message);
  const begun = beginOrFail(context, message);
  if (begun instanceof Running) {
    const parent = stack[stack.length - 1]?.frame;
    begun.frame.heldBelow =
      parent === undefined
        ? (context.memoryHeld ?? 0)
        : parent.heldBelow + parent.memory.size + parent.returnData.length;
    stack.push(begun);
    return null;
  }
  traceExit(context, message, begun);
  return begun;
}

function beginOrFail(context: Context, message: Message): MessageResult | Running {
  if (message.depth > DEPTH_LIMIT) return failed(Halt.DepthExceeded, message.gas);
  return isCreation(message) ? beginCreate(context, message) : beginCall(context, message);
}

/** Ends a message whose frame has halted. */
function end(context: Context, running: Running, halt: Halt): MessageResult {
  const { frame, message } = running;
  let result: MessageResult;
  if (isSuccess(halt)) {
    const left = gasLeft(frame);
    result = isCreation(message)
      ? depositCode(context, message, frame.output, left)
      : { halt, output: frame.output, gasLeft: left, created: null };
  } else if (halt === Halt.Revert) {
    result = { halt, output: frame.output, gasLeft: gasLeft(frame), created: null };
  } else {
    result = failed(halt, isHostLimit(halt) ? gasLeft(frame) : 0n);
  }
  if (!isSuccess(result.halt)) context.host.world.rollback(running.checkpoint);
  context.frames.give(frame);
  traceExit(context, message, result);
  return result;
}

/** Hands the result of a child to the frame that waited for it. */
function resume(frame: Frame, result: MessageResult): void {
  const { halt, output } = result;
  const request = frame.request!;
  frame.request = null;
  returnGas(frame, result.gasLeft);
  const succeeded = isSuccess(halt);
  if (isCreation(request)) {
    frame.returnData = succeeded ? EMPTY_BYTES : output;
    frame.stack[frame.sp++] = result.created ?? 0n;
    return;
  }
  frame.returnData = output;
  if (output.length > 0 && request.outputSize > 0) {
    frame.memory.write(request.outputOffset, output, request.outputSize);
  }
  frame.stack[frame.sp++] = succeeded ? 1n : 0n;
}

function traceExit(context: Context, message: Message, result: MessageResult): void {
  context.tracer?.exit?.({
    halt: result.halt,
    output: result.output,
    gasUsed: message.gas - result.gasLeft,
    depth: message.depth,
  });
}
