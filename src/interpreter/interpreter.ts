/**
 * The reference engine: a loop over the opcode table. It owns the checks that are the same for every
 * instruction (stack depth, base gas), and the operations that it carries out without calling their handlers.
 *
 * Those are the most frequent: by number nine in ten of what contracts run. A call through the table costs more than most of
 * them, and has the loop keep its place, its stack pointer and its gas in the frame; in registers, contracts take three quarters
 * of the time. All else is left to the handlers, also where one of these must charge or fail.
 */

import * as arithmetic from '../../opcodes/arithmetic.ts';
import * as bitwise from '../../opcodes/bitwise.ts';
import * as comparison from '../../opcodes/comparison.ts';
import * as control from '../../opcodes/control.ts';
import * as memory from '../../opcodes/memory.ts';
import type { OpTable } from '../../opcodes/optable.ts';
import type { Handler } from '../../opcodes/row.ts';
import * as stackOps from '../../opcodes/stack.ts';
import type { Engine } from '../machine/engine.ts';
import type { Frame } from '../machine/frame.ts';
import { refillBefore } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { toNumber } from '../primitives/bytes.ts';
import * as u256 from '../primitives/u256.ts';

/**
 * Handlers that the loop stands in for, in the order of its cases from 1 on; their places in a series are the n of PUSHn.
 * It is the handler that counts, not the byte: a row of one's own has another.
 */
const INLINED: readonly (readonly Handler[])[] = [
  stackOps.PUSHES,
  stackOps.DUPS,
  stackOps.SWAPS,
  [stackOps.pop],
  [control.jumpdest],
  [control.jump],
  [control.jumpi],
  [arithmetic.add],
  [arithmetic.sub],
  [arithmetic.mul],
  [arithmetic.div],
  [comparison.lt],
  [comparison.gt],
  [comparison.eq],
  [comparison.iszero],
  [bitwise.and],
  [bitwise.or],
  [bitwise.shl],
  [bitwise.shr],
  [memory.mload],
  [memory.mstore],
];

/** How the loop carries out an instruction, by opcode byte. */
interface Dispatch {
  readonly handlers: readonly Handler[];
  /** Case of the loop, or 0. */
  readonly cases: Uint8Array;
  /** Place in the series, from 1. */
  readonly places: Uint8Array;
}

/** By handler, its case and its place. */
const FOUND: ReadonlyMap<Handler, readonly [number, number]> = new Map(
  INLINED.flatMap((series, i) => series.map((handler, j) => [handler, [i + 1, j + 1]] as const)),
);

const dispatchOf = (handlers: readonly Handler[]): Dispatch => ({
  handlers,
  cases: Uint8Array.from(handlers, (handler) => FOUND.get(handler)?.[0] ?? 0),
  places: Uint8Array.from(handlers, (handler) => FOUND.get(handler)?.[1] ?? 0),
});

export function createInterpreter(table: OpTable): Engine {
  const ordinary = dispatchOf(table.handlers);
  const writeless = dispatchOf(table.staticHandlers);
  return {
    run(frame: Frame): Halt {
      // Locals, so that V8 checks once what they are.
      const { gas: prices, minStack, maxStack } = table;
      const { handlers, cases, places } = frame.isStatic ? writeless : ordinary;
      const { code, stack, memory } = frame;
      const { padded } = code;
      let { pc, sp, gas } = frame;
      for (;;) {
        const opcode = padded[pc++]!;
        if (sp < minStack[opcode]! || sp > maxStack[opcode]! || (gas -= prices[opcode]!) < 0) {
          frame.pc = pc;
          frame.sp = sp;
          frame.gas = gas;
          if (sp < minStack[opcode]!) return Halt.StackUnderflow;
          if (sp > maxStack[opcode]!) return Halt.StackOverflow;
          const halt = refillBefore(frame, prices[opcode]!);
          if (halt !== Halt.Continue) return halt;
          gas = frame.gas;
        }
        switch (cases[opcode]) {
          case 1: {
            // PUSHn
            const size = places[opcode]!;
            stack[sp++] = code.immediate(pc - 1, size);
            pc += size;
            continue;
          }
          case 2: // DUPn
            stack[sp] = stack[sp - places[opcode]!]!;
            sp++;
            continue;
          case 3: {
            // SWAPn
            const top = sp - 1;
            const other = top - places[opcode]!;
            const word = stack[top]!;
            stack[top] = stack[other]!;
            stack[other] = word;
            continue;
          }
          case 4: // POP
            sp--;
            continue;
          case 5: // JUMPDEST
            continue;
          case 6: {
            // JUMP
            const target = toNumber(stack[sp - 1]!);
            if (!code.isJumpdest(target)) break;
            sp--;
            // An integer, which V8 knows by this only.
            pc = target | 0;
            continue;
          }
          case 7: {
            // JUMPI
            if (stack[sp - 2] !== 0n) {
              const target = toNumber(stack[sp - 1]!);
              if (!code.isJumpdest(target)) break;
              pc = target | 0;
            }
            sp -= 2;
            continue;
          }
          case 8: // ADD
            sp--;
            stack[sp - 1] = u256.add(stack[sp]!, stack[sp - 1]!);
            continue;
          case 9: // SUB
            sp--;
            stack[sp - 1] = u256.sub(stack[sp]!, stack[sp - 1]!);
            continue;
          case 10: // MUL
            sp--;
            stack[sp - 1] = u256.mul(stack[sp]!, stack[sp - 1]!);
            continue;
          case 11: // DIV
            sp--;
            stack[sp - 1] = u256.div(stack[sp]!, stack[sp - 1]!);
            continue;
          case 12: // LT
            sp--;
            stack[sp - 1] = u256.lt(stack[sp]!, stack[sp - 1]!);
            continue;
          case 13: // GT
            sp--;
            stack[sp - 1] = u256.gt(stack[sp]!, stack[sp - 1]!);
            continue;
          case 14: // EQ
            sp--;
            stack[sp - 1] = u256.eq(stack[sp]!, stack[sp - 1]!);
            continue;
          case 15: // ISZERO
            stack[sp - 1] = u256.iszero(stack[sp - 1]!);
            continue;
          case 16: // AND
            sp--;
            stack[sp - 1] = u256.and(stack[sp]!, stack[sp - 1]!);
            continue;
          case 17: // OR
            sp--;
            stack[sp - 1] = u256.or(stack[sp]!, stack[sp - 1]!);
            continue;
          case 18: // SHL
            sp--;
            stack[sp - 1] = u256.shl(stack[sp]!, stack[sp - 1]!);
            continue;
          case 19: // SHR
            sp--;
            stack[sp - 1] = u256.shr(stack[sp]!, stack[sp - 1]!);
            continue;
          case 20: {
            // MLOAD
            const at = toNumber(stack[sp - 1]!);
            if (at + 32 > memory.size) break;
            stack[sp - 1] = memory.load(at);
            continue;
          }
          case 21: {
            // MSTORE
            const at = toNumber(stack[sp - 1]!);
            if (at + 32 > memory.size) break;
            sp -= 2;
            memory.store(at, stack[sp]!);
            continue;
          }
        }
        frame.pc = pc;
        frame.sp = sp;
        frame.gas = gas;
        const halt = handlers[opcode]!(frame);
        if (halt !== Halt.Continue) return halt;
        pc = frame.pc;
        sp = frame.sp;
        gas = frame.gas;
      }
    },
  };
}
