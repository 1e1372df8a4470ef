/** The reference engine with a tracer: the same loop, step for step, with hooks around each instruction. */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Handler } from '../../opcodes/row.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { charge } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import type { Tracer } from '../machine/tracer.ts';

const EXP = 0x0a;
const LOG0 = 0xa0;
const LOG4 = 0xa4;

const roundedGas = (frame: Frame): number =>
  frame.reserve === 0n ? frame.gas : frame.gas + Number(frame.reserve);

export function createTracedInterpreter(table: OpTable, tracer: Tracer): Engine {
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
   * Traces give the price of EXP and LOG as one, so that where the base is not covered the rest has to be known
   * as well. The handler charges it, which fails again, and does no more.
   */
  function addRest(frame: Frame, opcode: number): void {
    const { sp } = frame;
    const pricedAsOne = opcode === EXP ? frame.stack[sp - 2] !== 0n : opcode >= LOG0 && opcode <= LOG4;
    if (!pricedAsOne) return;
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
