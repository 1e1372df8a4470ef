/** Large cases around a small core, and engines with a planted bug, for the tests of the shrinker. */

import { OPCODES } from '../../opcodes/index.ts';
import type { OpRow } from '../../opcodes/row.ts';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { assembleMachine, type Machine } from '../../src/evm/context.ts';
import { executeFrom } from '../../src/executor/execute.ts';
import { isInvalid } from '../../src/executor/reasons.ts';
import { TxType } from '../../src/executor/transaction.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { blockOf, CaseRunner } from '../../src/fuzz/execute.ts';
import type { StillFails } from '../../src/fuzz/shrink-attempts.ts';
import type { Frame } from '../../src/machine/frame.ts';
import { Halt } from '../../src/machine/halt.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { call, code, jumpi, label, type Piece, push, returnTop, sstore } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { account, authorize, BLOCK, CONTRACT, caseWith, SENDER } from './hand-cases.ts';

const MAX = (1n << 256n) - 1n;

export const NAMES = new Map(OPCODES.map((row) => [row.byte, row.name]));

export const plainMachine = ({ fork }: FuzzCase): Machine =>
  assembleMachine({ rules: rulesOf(fork), crypto: nobleCrypto });

export const repeatPiece = <T>(piece: T, count: number): T[] => new Array<T>(count).fill(piece);

/** What a machine makes of a case: the root, the gas and the halt, in one text. */
export function outcomeOn(machine: Machine, fuzzCase: FuzzCase): string {
  const state = new MemoryState((number) => number);
  for (const [address, parts] of fuzzCase.pre) state.put(address, parts);
  const around = { machine, state, block: blockOf(fuzzCase, machine.rules) };
  const result = executeFrom(around, fuzzCase.tx, fuzzCase.sender);
  if (isInvalid(result)) return result.invalid;
  state.apply(result.diff);
  return `${result.halt} ${result.gasUsed} ${bytesToHex(state.root())}`;
}

/** Fails where a machine with other rows comes out otherwise. Counts how often it was asked. */
export function differs(...changed: readonly Partial<OpRow>[]): StillFails & { asked: number } {
  const machines = new Map<string, [Machine, Machine]>();
  const opcodes = changed.map((row) => ({ ...OPCODES.find(({ byte }) => byte === row.byte)!, ...row }));
  const predicate = (fuzzCase: FuzzCase): boolean => {
    predicate.asked++;
    const rules = rulesOf(fuzzCase.fork);
    const pair = machines.get(rules.fork) ?? [
      assembleMachine({ rules, crypto: nobleCrypto }),
      assembleMachine({ rules, crypto: nobleCrypto, opcodes }),
    ];
    machines.set(rules.fork, pair);
    return outcomeOn(pair[0], fuzzCase) !== outcomeOn(pair[1], fuzzCase);
  };
  predicate.asked = 0;
  return predicate;
}

/** MULMOD that loses what is beyond the word. */
export const NARROW_MULMOD: Partial<OpRow> = {
  byte: 0x09,
  handler: (frame: Frame) => {
    const { stack } = frame;
    const sp = (frame.sp -= 2);
    const n = stack[sp - 1]!;
    stack[sp - 1] = n === 0n ? 0n : BigInt.asUintN(256, stack[sp + 1]! * stack[sp]!) % n;
    return Halt.Continue;
  },
};

/** SIGNEXTEND that takes the bit of the next byte. */
export const WRONG_SIGNEXTEND: Partial<OpRow> = {
  byte: 0x0b,
  handler: (frame: Frame) => {
    const { stack } = frame;
    const sp = --frame.sp;
    const index = stack[sp]!;
    if (index < 30n) {
      const bits = 8 * (Number(index) + 2);
      stack[sp - 1] = BigInt.asUintN(256, BigInt.asIntN(bits, stack[sp - 1]!));
    }
    return Halt.Continue;
  },
};

const OTHERS = [0xaaan, 0xbbbn, 0xcccn];

/** Arithmetic that leaves the stack as it was, with memory, storage, branches and calls. */
export function noise(random: Random, count: number, name: string): Piece {
  return Array.from({ length: count }, (_, i): Piece => {
    const skip = `${name}-${i}`;
    switch (random.below(7)) {
      case 0:
        return [push(random.word()), push(random.word()), random.pick(['ADD', 'MUL', 'XOR', 'SDIV']), 'POP'];
      case 1:
        return [push(random.word()), push(32 * random.below(8)), 'MSTORE'];
      case 2:
        return sstore(random.below(9), random.word());
      case 3:
        return [push(random.below(2)), jumpi(skip), push(random.word()), 'POP', label(skip)];
      case 4:
        return [call(random.pick(OTHERS), { gas: 5_000, outSize: 32 }), 'POP'];
      case 5:
        return [push(3), label(skip), push(1), 'SWAP1', 'SUB', 'DUP1', jumpi(skip), 'POP'];
      default:
        return ['CALLER', 'GAS', 'DUP2', 'SWAP1', 'POP', 'POP', 'POP'];
    }
  });
}

/** A large case with a program in the middle of noise, and everything else that a case may have. */
export function around(seed: number, core: Piece, parts: Parameters<typeof caseWith>[0] = {}): FuzzCase {
  const random = new Random(seed);
  const main = code(noise(random, 25, 'before'), core, noise(random, 25, 'after'), push(1), returnTop);
  const other = () =>
    account({
      nonce: 1n,
      balance: 17n,
      code: likelyProgram(random, { targets: OTHERS, precompiles: [4n] }),
      storage: new Map([[1n, random.word()]]),
    });
  return caseWith({
    block: { ...BLOCK, number: 12_345n, gasLimit: 40_000_000n },
    pre: new Map([
      [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
      [
        CONTRACT,
        account({
          nonce: 1n,
          balance: 5n,
          code: main,
          storage: new Map([
            [0n, 9n],
            [4n, 8n],
          ]),
        }),
      ],
      ...OTHERS.map((address) => [address, other()] as const),
    ]),
    ...parts,
    tx: {
      type: TxType.SetCode,
      gasLimit: 3_000_000n,
      maxFeePerGas: 100n,
      data: random.bytes(90),
      accessList: [
        { address: CONTRACT, storageKeys: [1n, 2n] },
        { address: 5n, storageKeys: [] },
      ],
      authorizations: [authorize(OTHERS[0]!), authorize(OTHERS[1]!, 1n)],
      ...parts?.tx,
    },
  });
}

export const mainCode = (fuzzCase: FuzzCase): Uint8Array => fuzzCase.pre.get(CONTRACT)!.code;

export const WIDE = [push(MAX - 58n), push(MAX - 1n), push(MAX >> 3n), 'MULMOD', push(700), 'SSTORE'];

/** The names of the instructions that a case runs, in order, with the frames that they ran in. */
export function stepsOf(fuzzCase: FuzzCase): { name: string; pc: number; depth: number }[] {
  const steps: { name: string; pc: number; depth: number }[] = [];
  const step = ({ pc, depth }: Frame, opcode: number): void => {
    steps.push({ name: NAMES.get(opcode) ?? '?', pc, depth });
  };
  const halt = new CaseRunner({ step }).halt(fuzzCase, () => steps.length > 50_000);
  return halt === Halt.Stop || halt === Halt.Return ? steps : [];
}
