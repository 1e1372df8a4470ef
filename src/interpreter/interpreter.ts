/**
 * The reference engine: a loop over the opcode table. It owns the checks that are the same for every
 * instruction (stack depth, base gas), and nothing else.
 */

import type { OpTable } from '../../opcodes/optable.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { refillBefore } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';

export function createInterpreter(table: OpTable): Engine {
  const { gas, minStack, maxStack } = table;
  return {
    run(frame: Frame): Halt {
      const handlers = frame.isStatic ? table.staticHandlers : table.handlers;
      const code = frame.code.padded;
      for (;;) {
        const opcode = code[frame.pc++]!;
        const { sp } = frame;
        if (sp < minStack[opcode]!) return Halt.StackUnderflow;
        if (sp > maxStack[opcode]!) return Halt.StackOverflow;
        if ((frame.gas -= gas[opcode]!) < 0) {
          const halt = refillBefore(frame, gas[opcode]!);
          if (halt !== Halt.Continue) return halt;
        }
        const halt = handlers[opcode]!(frame);
        if (halt !== Halt.Continue) return halt;
      }
    },
  };
}
