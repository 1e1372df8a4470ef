/**
 * Any bytes are a program: none may throw, hang, end in an unknown way or use more gas than it has. All programs
 * of one and two bytes, and many random ones from fixed seeds.
 */

import { describe, expect, it } from 'vitest';
import type { Context, Machine } from '../../src/evm/context.ts';
import { WorldHost } from '../../src/evm/host.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { runMessage } from '../../src/evm/run.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { HALT_WORDS, Halt, isHostLimit } from '../../src/machine/halt.ts';
import { MessageKind } from '../../src/machine/message.ts';
import { bytesToHex, EMPTY_BYTES } from '../../src/primitives/bytes.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { World } from '../../src/state/world.ts';
import { code, label, type Piece, push, pushLabel } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { BLOCK, CALLER, CONTRACT, ENGINES, OTHER, runOn, showDiff } from '../helpers/run.ts';

const PRECOMPILES = [...Array.from({ length: 0x11 }, (_, i) => BigInt(i + 1)), 0x100n];
const CODES = new Set<number>(Object.values(Halt));

// Codes of a frame that runs on or waits never come out.
const isEnd = (halt: Halt): boolean => CODES.has(halt) && halt > Halt.Create && !isHostLimit(halt);

interface Outcome {
  readonly halt: Halt;
  readonly gasLeft: bigint;
  readonly output: Uint8Array;
}

/** Runs many programs on one machine; the code is new each time, so the machine's cache is left out. */
function runnerOf(fork: ForkName): (program: Uint8Array, gas: bigint) => Outcome {
  const machine: Machine = createMachine({ rules: rulesOf(fork) });
  return (program, gas) => {
    const state = new MemoryState();
    state.put(CALLER, { balance: 10n ** 18n });
    state.put(CONTRACT, { nonce: 1n, balance: 1_000n, code: program, storage: [[1n, 1n]] });
    state.put(OTHER, {
      balance: 5n,
      code: Uint8Array.of(0x60, 0x01, 0x5f, 0x55, 0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xf3),
    });
    const host = new WorldHost(
      new World(state),
      machine.rules,
      BLOCK,
      { origin: CALLER, gasPrice: 10n, blobHashes: [1n] },
      machine.codes,
    );
    const context: Context = { ...machine, host };
    const result = runMessage(context, {
      kind: MessageKind.Call,
      caller: CALLER,
      address: CONTRACT,
      codeAddress: CONTRACT,
      value: 0n,
      input: program,
      gas,
      isStatic: false,
      depth: 0,
      outputOffset: 0,
      outputSize: 0,
    });
    // What no run may bring about.
    host.world.diff(machine.rules.clearEmptyAccounts);
    return result;
  };
}

/** Everything wrong with an outcome, or null; one assertion a program would cost more than the program. */
function complaint(program: Uint8Array, gas: bigint, outcome: Outcome): string | null {
  const { halt, gasLeft } = outcome;
  if (!isEnd(halt)) return `${bytesToHex(program)}: halt ${halt} (${HALT_WORDS[halt]})`;
  if (gasLeft < 0n || gasLeft > gas) return `${bytesToHex(program)}: ${gasLeft} of ${gas} gas left`;
  if (halt > Halt.Revert && gasLeft !== 0n) return `${bytesToHex(program)}: failed with ${gasLeft} gas left`;
  if (halt > Halt.Revert && outcome.output.length > 0) return `${bytesToHex(program)}: failed with output`;
  return null;
}

describe('every program of one and two bytes', () => {
  it.each(['BPO2', 'Frontier'] as const)('ends in a known way in %s', (fork) => {
    const run = runnerOf(fork);
    const complaints: string[] = [];
    const ends = new Map<Halt, number>();
    const attempt = (program: Uint8Array): void => {
      const outcome = run(program, 100_000n);
      ends.set(outcome.halt, (ends.get(outcome.halt) ?? 0) + 1);
      const found = complaint(program, 100_000n, outcome);
      if (found !== null) complaints.push(found);
    };
    for (let a = 0; a < 256; a++) {
      attempt(Uint8Array.of(a));
      for (let b = 0; b < 256; b++) attempt(Uint8Array.of(a, b));
    }
    expect(complaints).toEqual([]);
    expect([...ends.values()].reduce((sum, count) => sum + count)).toBe(65_792);
    expect(ends.get(Halt.Stop)).toBeGreaterThan(5_000);
    expect(ends.get(Halt.StackUnderflow)).toBeGreaterThan(5_000);
    expect(ends.get(Halt.UndefinedOpcode)).toBeGreaterThan(5_000);
  });
});

describe('random programs', () => {
  const options = { targets: [CONTRACT, OTHER, 0xdeadn], precompiles: PRECOMPILES };

  it.each([
    ['BPO2', 60_000, 1],
    ['Frontier', 10_000, 2],
    ['Byzantium', 10_000, 3],
    ['Istanbul', 10_000, 4],
    ['Berlin', 10_000, 5],
  ] as const)('end in a known way in %s (%d of them)', (fork, count, seed) => {
    const random = new Random(seed);
    const run = runnerOf(fork);
    const complaints: string[] = [];
    const ends = new Set<Halt>();
    for (let i = 0; i < count; i++) {
      const program = i % 2 === 0 ? random.bytes(1 + random.below(60)) : likelyProgram(random, options);
      const gas = BigInt(50_000 + random.below(i % 50 === 1 ? 950_000 : 100_000));
      const outcome = run(program, gas);
      ends.add(outcome.halt);
      const found = complaint(program, gas, outcome);
      if (found !== null) complaints.push(found);
    }
    expect(complaints).toEqual([]);
    // Most kinds of end come up.
    expect(ends.size).toBeGreaterThan(9);
  });

  it('give the same on every engine', () => {
    const random = new Random(6);
    for (let i = 0; i < 1_500; i++) {
      const program = likelyProgram(random, options);
      const [first, ...others] = ENGINES.map((engine) => {
        const result = runOn(engine, program, { gas: 200_000, self: { nonce: 1n, balance: 1_000n } });
        return [result.halt, bytesToHex(result.output), result.gasLeft, result.refund, showDiff(result.diff)];
      });
      for (const other of others) expect([bytesToHex(program), other]).toEqual([bytesToHex(program), first]);
    }
  });
});

describe('input that is hostile in size', () => {
  it('code of many megabytes, all of it PUSH or JUMPDEST', () => {
    const run = runnerOf('BPO2');
    for (const byte of [0x5b, 0x60, 0x7f, 0x00, 0xff]) {
      const program = new Uint8Array(4_000_000).fill(byte);
      expect(isEnd(run(program, 1_000_000n).halt)).toBe(true);
    }
    expect(run(EMPTY_BYTES, 1n).halt).toBe(Halt.Return);
  });
});

describe('memory that is hostile in size', () => {
  it("all frames of a run share one limit, which is the host's and no outcome of the EVM", () => {
    // Each frame takes 2^28 bytes and calls itself; the limit is 2^30.
    const program = code(
      ...[push(0), push(2n ** 28n - 1n), 'MSTORE8'],
      ...[push(0), push(0), push(0), push(0), push(0), 'ADDRESS', 'GAS', 'CALL'],
    );
    for (const engine of ENGINES) {
      const result = runOn(engine, program, { gas: 2n ** 64n - 1n });
      expect(result.halt).toBe(Halt.HostMemoryLimit);
      expect(result.gasUsed).toBeLessThan(2n ** 41n);
      expect(result.diff.size).toBe(0);
    }
  });

  it('return data that frames hold counts, too', () => {
    // Called without data it calls itself with one byte, upon which it returns 2^29 zeros; then it takes 2^29 bytes
    // in a child of its own.
    const large = push(2n ** 29n);
    const callWith = (size: number): Piece => [
      ...[push(0), push(0), push(size), push(0), push(0), 'ADDRESS', 'GAS', 'CALL', 'POP'],
    ];
    const program = code(
      ...['CALLDATASIZE', push(1), 'EQ', pushLabel('give'), 'JUMPI'],
      ...['CALLDATASIZE', push(2), 'EQ', pushLabel('take'), 'JUMPI'],
      ...[callWith(1), callWith(2), 'STOP'],
      ...[label('give'), large, push(0), 'RETURN'],
      ...[label('take'), push(0), push(2n ** 29n + 2n ** 28n), 'MSTORE8', 'STOP'],
    );
    const result = runOn(ENGINES[0]!, program, { gas: 2n ** 64n - 1n });
    expect(result.halt).toBe(Halt.HostMemoryLimit);
  });
});
