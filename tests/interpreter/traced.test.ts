/** What a tracer is shown, and that it changes nothing. */

import { describe, expect, it } from 'vitest';
import { createMachine } from '../../src/evm/machine.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { Halt } from '../../src/machine/halt.ts';
import type { Tracer } from '../../src/machine/tracer.ts';
import { call, code, create, jumpi, label, opcode, push, raw } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { CONTRACT, OTHER, type RunOptions, type RunResult, runOn } from '../helpers/run.ts';

/** Runs code under a tracer of its own. */
const traced = (tracer: Tracer, program: Uint8Array, options: RunOptions = {}): RunResult =>
  runOn({ name: `traced ${Math.random()}`, create: (rules) => createMachine({ rules, tracer }) }, program, {
    gas: 1_000_000,
    ...options,
  });

interface Step {
  readonly pc: number;
  readonly opcode: number;
  readonly gas: number;
  readonly cost: number;
  readonly halt: Halt;
  readonly depth: number;
}

function stepsOf(
  program: Uint8Array,
  options: RunOptions = {},
): { steps: Step[]; result: RunResult; begun: number } {
  const steps: Step[] = [];
  let begun = 0;
  const result = traced(
    {
      step: () => void begun++,
      stepEnd: (frame, byte, pc, gas, cost, halt) =>
        void steps.push({ pc, opcode: byte, gas, cost, halt, depth: frame.depth }),
    },
    program,
    options,
  );
  return { steps, result, begun };
}

describe('a tracer', () => {
  it('sees each instruction with place, gas and cost', () => {
    const { steps } = stepsOf(code(push(3), push(0), 'MSTORE', 'STOP'), { gas: 1_000 });
    expect(steps).toEqual([
      { pc: 0, opcode: 0x60, gas: 1_000, cost: 3, halt: Halt.Continue, depth: 0 },
      { pc: 2, opcode: 0x60, gas: 997, cost: 3, halt: Halt.Continue, depth: 0 },
      { pc: 4, opcode: 0x52, gas: 994, cost: 6, halt: Halt.Continue, depth: 0 },
      { pc: 5, opcode: 0x00, gas: 988, cost: 0, halt: Halt.Stop, depth: 0 },
    ]);
  });

  it('sees the full cost of the instruction that gas does not suffice for', () => {
    const { steps } = stepsOf(code(push(0), push(0), 'KECCAK256'), { gas: 10 });
    expect(steps.at(-1)).toMatchObject({ opcode: 0x20, gas: 4, cost: 30, halt: Halt.OutOfGas });
  });

  it('sees the stack before and after', () => {
    const stacks: bigint[][] = [];
    const look: Tracer = {
      step: (frame) => void stacks.push(frame.stack.slice(0, frame.sp)),
      stepEnd: (frame) => void stacks.push(frame.stack.slice(0, frame.sp)),
    };
    traced(look, code(push(2), push(5), 'SUB'));
    expect(stacks.slice(0, 6)).toEqual([[], [2n], [2n], [2n, 5n], [2n, 5n], [3n]]);
  });

  it('sees jumps at their origin, and undefined bytes', () => {
    const { steps } = stepsOf(code(push(1), jumpi('there'), raw(0xfe), label('there'), raw(0x0c)));
    expect(steps.map((step) => step.pc)).toEqual([0, 2, 5, 7, 8]);
    expect(steps.at(-1)!.halt).toBe(Halt.UndefinedOpcode);
  });

  it('sees messages begin and end in order, precompiles and creations included', () => {
    const events: string[] = [];
    const tracer: Tracer = {
      enter: (message) => void events.push(`> ${message.kind} ${message.depth}`),
      exit: (end) => void events.push(`< ${end.halt} ${end.depth}`),
    };
    const program = code(
      call(OTHER),
      call(4n, { kind: 'STATICCALL' }),
      create(raw(0xfe)),
      call(OTHER, { value: 10n ** 20n }),
    );
    traced(tracer, program, { accounts: [[OTHER, { code: code(push(0), push(0), 'REVERT') }]] });
    expect(events).toEqual([
      '> CALL 0',
      '> CALL 1',
      `< ${Halt.Revert} 1`,
      '> STATICCALL 1',
      `< ${Halt.Return} 1`,
      '> CREATE 1',
      `< ${Halt.Invalid} 1`,
      '> CALL 1',
      `< ${Halt.InsufficientBalance} 1`,
      `< ${Halt.Stop} 0`,
    ]);
  });

  it('sees a frame begin, and run on when the result of a child is on the stack', () => {
    const events: string[] = [];
    const tracer: Tracer = {
      resume: ({ depth, pc, stack, sp }) => void events.push(`${depth}: pc ${pc}, [${stack.slice(0, sp)}]`),
      stepEnd: ({ depth }, byte) => void (byte === opcode('CALL') && events.push(`${depth}: CALL`)),
    };
    const program = code(push(7), call(OTHER));
    traced(tracer, program, { accounts: [[OTHER, { code: code(push(2)) }]] });
    expect(events).toEqual(['0: pc 0, []', '0: CALL', '1: pc 0, []', `0: pc ${program.length}, [7,1]`]);
  });

  it('sees costs that add up, whatever runs', () => {
    const random = new Random(3_155);
    for (let i = 0; i < 300; i++) {
      const program = likelyProgram(random, { targets: [0xdeadn], precompiles: [2n, 4n] });
      const { steps, result, begun } = stepsOf(program, { self: { nonce: 1n, balance: 100n } });
      expect(begun).toBe(steps.length);
      const own = steps.filter((step) => step.depth === 0);
      for (let at = 1; at < own.length; at++) {
        const before = own[at - 1]!;
        const { gas } = own[at]!;
        const name = before.opcode;
        // A call's cost includes the gas of its child, of which some comes back.
        if (name >= 0xf0) expect(gas >= before.gas - before.cost).toBe(true);
        else expect([program, gas]).toEqual([program, before.gas - before.cost]);
      }
      expect(own.at(-1)!.halt).toBe(result.halt);
    }
  });

  it('may have no hooks at all', () => {
    expect(traced({}, code(push(1))).stack).toEqual([1n]);
  });

  it('is not asked for by a machine without one', () => {
    expect(createMachine({ rules: rulesOf('Osaka') }).tracer).toBeUndefined();
    expect(opcode('STOP')).toBe(0);
    expect(CONTRACT).toBeGreaterThan(0n);
  });
});
