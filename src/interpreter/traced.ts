/** The reference engine with a tracer: the same loop, step for step, with hooks around each instruction. */

import type { OpTable } from '../../opcodes/optable.ts';
import { Flag, type Handler } from '../../opcodes/row.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { charge, pauses } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import type { Tracer } from '../machine/tracer.ts';

const roundedGas = (frame: Frame): number =>
  frame.reserve === 0n ? frame.gas : frame.gas + Number(frame.reserve);

/** Instructions that may still run; below zero, one more was wanted. */
export interface StepBudget {
  left: number;
}

/**
 * @param steps where it is given, the run pauses when it is used up
 */
export function createTracedInterpreter(table: OpTable, tracer: Tracer, steps?: StepBudget): Engine {
  const { gas, minStack, maxStack } = table;

  function step(frame: Frame, handlers: readonly Handler[], opcode: number): Halt {
    frame.pc++;
    const { sp } = frame;
    if (sp < minStack[opcode]!) return Halt.StackUnderflow;
    if (sp > maxStack[opcode]!) return Halt.StackOverflow;
    const halt = charge(frame, gas[opcode]!);
    if (halt !== Halt.Continue) {
      if (halt === Halt.OutOfGas) addRest(frame, opcode);
      return halt;
    }
    return handlers[opcode]!(frame);
  }

  /**
   * Where the base of a price that counts as one is not covered, the rest has to be known as well. The handler
   * charges it first, which fails again, and does no more.
   */
  function addRest(frame: Frame, opcode: number): void {
    if ((table.rows[opcode]!.flags & Flag.ONE_PRICE) === 0) return;
    const { sp } = frame;
    table.handlers[opcode]!(frame);
    frame.sp = sp;
  }

  return {
    run(frame: Frame): Halt {
      tracer.resume?.(frame);
      // Without a reserve now, the frame gets none as it runs.
      const exact = frame.reserve === 0n;
      const handlers = frame.isStatic ? table.staticHandlers : table.handlers;
      const code = frame.code.padded;
      let before = roundedGas(frame);
      for (;;) {
        const { pc } = frame;
        const opcode = code[pc]!;
        // Before the hook, which is to see an instruction once, even where the run is taken up again.
        if (frame.gas < gas[opcode]! && pauses(frame)) return Halt.HostInterrupt;
        if (steps !== undefined && --steps.left < 0) return Halt.HostInterrupt;
        tracer.step?.(frame, opcode);
        const halt = step(frame, handlers, opcode);
        const after = exact ? frame.gas : roundedGas(frame);
        tracer.stepEnd?.(frame, opcode, pc, before, before - after, halt);
        if (halt !== Halt.Continue) return halt;
        before = after;
      }
    },
  };
}
