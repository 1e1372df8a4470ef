/** A run that the host interrupts goes on as though nothing had been, wherever it was. */

import { describe, expect, it } from 'vitest';
import { openContext } from '../../src/evm/context.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { finish, running } from '../../src/evm/pause.ts';
import type { MessageResult } from '../../src/evm/result.ts';
import { Execution, runMessage } from '../../src/evm/run.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { gasLeft } from '../../src/machine/gas.ts';
import { Halt } from '../../src/machine/halt.ts';
import { type Message, MessageKind } from '../../src/machine/message.ts';
import type { Tracer } from '../../src/machine/tracer.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import {
  call,
  code,
  create,
  deploys,
  jumpi,
  label,
  mstore,
  push,
  sstore,
  storeTop,
} from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { BLOCK, CALLER, CONTRACT, OTHER, showDiff } from '../helpers/run.ts';

const message = (gas: bigint): Message => ({
  kind: MessageKind.Call,
  caller: CALLER,
  address: CONTRACT,
  codeAddress: CONTRACT,
  value: 0n,
  input: Uint8Array.of(1, 2, 3),
  gas,
  isStatic: false,
  depth: 0,
  outputOffset: 0,
  outputSize: 0,
});

function stateOf(program: Uint8Array, other: Uint8Array): MemoryState {
  const state = new MemoryState();
  state.put(CONTRACT, { balance: 1_000n, nonce: 1n, code: program });
  state.put(OTHER, { balance: 5n, code: other });
  return state;
}

interface Ended {
  readonly result: MessageResult;
  readonly diff: string;
  readonly steps: string[];
  readonly pauses: number;
}

/** All that a tracer sees goes into `steps`. */
const recorder = (steps: string[]): Tracer => ({
  enter: ({ kind, gas }) => void steps.push(`enter ${kind} ${gas}`),
  step: (frame, opcode) =>
    void steps.push(`${frame.depth} ${frame.pc} ${opcode} ${gasLeft(frame)} ${frame.sp}`),
  stepEnd: (_frame, _opcode, pc, gas, cost, halt) => void steps.push(`end ${pc} ${gas} ${cost} ${halt}`),
  exit: ({ halt, gasUsed }) => void steps.push(`exit ${halt} ${gasUsed}`),
});

interface Options {
  readonly gas: bigint;
  readonly traced: boolean;
  /** Instructions from pause to pause. */
  readonly every?: number;
  readonly interrupted?: () => boolean;
}

function runPaused(state: MemoryState, { gas, traced, every, interrupted }: Options): Ended {
  const seen: string[] = [];
  const steps = every === undefined ? undefined : { left: every };
  const tracer = traced ? recorder(seen) : undefined;
  const machine = createMachine({ rules: rulesOf('Osaka'), tracer, steps });
  const around = { machine, state, block: BLOCK, interrupted };
  const context = openContext(around, { origin: CALLER, gasPrice: 0n, blobHashes: [] });
  const execution = new Execution(context, message(gas));
  for (let pauses = 0; ; pauses++) {
    const result = execution.advance();
    if (result !== null)
      return { result, diff: showDiff(context.host.world.diff(true)).join(), steps: seen, pauses };
    if (steps !== undefined) steps.left = every!;
  }
}

/** A spender of a few million gas: hashing, memory, storage, calls and creations in a loop. */
const BUSY = code(
  push(120),
  label('again'),
  [push(3_000), push(0), 'KECCAK256', 'POP'],
  [call(OTHER, { gas: 60_000, outSize: 32 }), 'POP'],
  ['DUP1', push(7), 'MOD', 'ISZERO', jumpi('skip')],
  [create(deploys(code(sstore(1, 2)))), 'POP'],
  label('skip'),
  ['DUP1', 'DUP1', 'SSTORE', 'GAS', push(5_000), 'SSTORE'],
  [push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('again')],
  'GAS',
  storeTop(6_000),
);
const HELPER = code(mstore(3_200, 1), 'GAS', storeTop(1), [push(800), push(0), 'KECCAK256'], storeTop(2));

describe('an interrupted run', () => {
  it('ends as an uninterrupted one, wherever its gas ran low', () => {
    const state = stateOf(BUSY, HELPER);
    for (const gas of [9_000_000n, 12_000_000n, 40_000_000n]) {
      const plain = runPaused(state, { gas, traced: false });
      expect(plain.pauses).toBe(0);
      for (const period of [1, 2, 3]) {
        let asked = 0;
        const interrupted = (): boolean => ++asked % (period + 1) !== 0;
        const paused = runPaused(state, { gas, traced: false, interrupted });
        expect(paused.pauses).toBeGreaterThan(10);
        expect([paused.result, paused.diff]).toEqual([plain.result, plain.diff]);
      }
    }
  });

  it('shows a tracer each instruction once', () => {
    const state = stateOf(BUSY, HELPER);
    const gas = 12_000_000n;
    const plain = runPaused(state, { gas, traced: true });
    let asked = 0;
    const paused = runPaused(state, { gas, traced: true, interrupted: () => ++asked % 2 === 1 });
    expect(paused.pauses).toBeGreaterThan(10);
    expect(paused.steps).toEqual(plain.steps);
    expect([paused.result, paused.diff]).toEqual([plain.result, plain.diff]);
  });

  it('may pause before any instruction', () => {
    const random = new Random(77);
    let pauses = 0;
    for (let i = 0; i < 150; i++) {
      const other = likelyProgram(random, { targets: [CONTRACT, OTHER], precompiles: [2n, 4n] });
      const program = likelyProgram(random, { targets: [CONTRACT, OTHER], precompiles: [2n, 4n] });
      const state = stateOf(program, other);
      const gas = 200_000n;
      const plain = runPaused(state, { gas, traced: true });
      const paused = runPaused(state, { gas, traced: true, every: 1 + (i % 3) });
      pauses += paused.pauses;
      expect(paused.steps, bytesToHex(program)).toEqual(plain.steps);
      expect([paused.result, paused.diff]).toEqual([plain.result, plain.diff]);
    }
    expect(pauses).toBeGreaterThan(1_000);
  });

  it('that is given up leaves the world as it was and gives its gas back', () => {
    const state = stateOf(BUSY, HELPER);
    const machine = createMachine({ rules: rulesOf('Osaka') });
    for (let most = 0; most < 30; most++) {
      let asked = 0;
      const around = { machine, state, block: BLOCK, interrupted: () => ++asked > most };
      const context = openContext(around, { origin: CALLER, gasPrice: 0n, blobHashes: [] });
      const result = runMessage(context, message(40_000_000n));
      expect(result.halt).toBe(Halt.HostInterrupt);
      expect(result.gasLeft).toBeGreaterThan(40_000_000n - BigInt(most + 1) * 2n ** 19n * 4n);
      expect(result.gasLeft).toBeLessThanOrEqual(40_000_000n);
      expect(context.host.world.diff(true).size).toBe(0);
    }
  });

  it('as work, goes on or stops as it is told', () => {
    const state = stateOf(BUSY, HELPER);
    const machine = createMachine({ rules: rulesOf('Osaka') });
    const begin = (interrupted?: () => boolean) => {
      const around = { machine, state, block: BLOCK, interrupted };
      return running(
        openContext(around, { origin: CALLER, gasPrice: 0n, blobHashes: [] }),
        message(12_000_000n),
      );
    };
    const plain = finish(begin());
    let asked = 0;
    const work = begin(() => ++asked % 2 === 1);
    let step = work.next(false);
    let pauses = 0;
    for (; !step.done; step = work.next(false)) pauses++;
    expect(pauses).toBeGreaterThan(5);
    expect(step.value).toEqual(plain);
    expect(finish(begin(() => true)).halt).toBe(Halt.HostInterrupt);
  });
});
