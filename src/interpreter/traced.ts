/** The reference engine with a tracer: the same loop, step for step, with hooks around each instruction. */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { charge, gasLeft } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import type { Tracer } from '../machine/tracer.ts';

export function createTracedInterpreter(table: OpTable, tracer: Tracer): Engine {
  function step(frame: Frame, opcode: number): Halt {
    frame.pc++;
    // Checked before gas, so that a fault of the stack shows the base cost all the same.
    const { sp } = frame;
    if (sp < table.minStack[opcode]!) return Halt.StackUnderflow;
    if (sp > table.maxStack[opcode]!) return Halt.StackOverflow;
    const halt = charge(frame, table.gas[opcode]!);
    if (halt !== Halt.Continue) return halt;
    return (frame.isStatic ? table.staticHandlers : table.handlers)[opcode]!(frame);
  }

  return {
    run(frame: Frame): Halt {
      for (;;) {
        const { pc } = frame;
        const opcode = frame.code.padded[pc]!;
        const before = gasLeft(frame);
        tracer.step?.(frame, opcode);
        const halt = step(frame, opcode);
        tracer.stepEnd?.(frame, opcode, pc, before, before - gasLeft(frame), halt);
        if (halt !== Halt.Continue) return halt;
      }
    },
  };
}
