/** The cases that are made: that they repeat, run, reach everything, and show what goes wrong in them. */

import { describe, expect, it } from 'vitest';
import { opTableOf } from '../../opcodes/optable.ts';
import { Flag, type OpRow } from '../../opcodes/row.ts';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { PRECOMPILES } from '../../precompiles/table.ts';
import { assembleMachine, type Machine } from '../../src/evm/context.ts';
import { executeFrom } from '../../src/executor/execute.ts';
import { isInvalid } from '../../src/executor/reasons.ts';
import { FORKS, type ForkName, LATEST_FORK } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { blockOf, CaseRunner } from '../../src/fuzz/execute.ts';
import { generateCase, PROFILES, type Profile } from '../../src/fuzz/generate/index.ts';
import { OP } from '../../src/fuzz/generate/op.ts';
import { CALLEES } from '../../src/fuzz/generate/places.ts';
import { sharedInput } from '../../src/fuzz/generate/precompile-inputs.ts';
import { Layout } from '../../src/fuzz/mutate-code.ts';
import { Random } from '../../src/fuzz/random.ts';
import { copyOf, zeroBytes } from '../../src/fuzz/slab.ts';
import { Halt, isSuccess } from '../../src/machine/halt.ts';
import { isCreation, type Message } from '../../src/machine/message.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';

const [OLDEST] = FORKS;

function* cases(
  seed: bigint,
  count: number,
  profile: Profile,
  forks: readonly ForkName[],
): Iterable<FuzzCase> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) yield generateCase(random, { profile, forks });
}

/** What runs of cases did, of instructions, messages and precompiles. */
class Watch {
  /** Bytes of the instructions that did not fail. */
  readonly opcodes = new Set<number>();
  readonly halts = new Set<Halt>();
  readonly precompiled = new Map<bigint, Set<boolean>>();
  readonly messages: Message[] = [];
  /** Writes that a static frame tried. */
  staticWrites = 0;
  steps = 0;
  /** Calls of contracts by the main frame, and those of them whose input is not all zeros. */
  called = 0;
  given = 0;
  private readonly open: Message[] = [];
  readonly runner = new CaseRunner({
    enter: (message) => {
      this.open.push(message);
      const { depth, input, codeAddress } = message;
      if (depth !== 1 || codeAddress <= 0x100n || isCreation(message)) return;
      this.called++;
      if (input.some((byte) => byte !== 0)) this.given++;
    },
    exit: ({ halt }) => {
      const message = this.open.pop()!;
      this.messages.push(message);
      this.halts.add(halt);
      if (message.codeAddress > 0x100n || message.codeAddress === 0n) return;
      const known = this.precompiled.get(message.codeAddress) ?? new Set();
      this.precompiled.set(message.codeAddress, known.add(isSuccess(halt)));
    },
    stepEnd: (_frame, opcode, _pc, _gas, _cost, halt) => {
      this.steps++;
      if (halt === Halt.StaticViolation) this.staticWrites++;
      if (halt < Halt.OutOfGas || halt === Halt.Invalid) this.opcodes.add(opcode);
    },
  });

  run(some: Iterable<FuzzCase>): this {
    for (const fuzzCase of some) this.runner.halt(fuzzCase);
    return this;
  }
}

const rowsOf = (fork: ForkName): OpRow[] => opTableOf(rulesOf(fork)).rows.filter((row) => row !== undefined);

describe('a generated case', () => {
  it('is the same for the same seed, and another for another', () => {
    for (const profile of PROFILES) {
      const once = [...cases(7n, 30, profile, FORKS)];
      expect([...cases(7n, 30, profile, FORKS)]).toEqual(once);
      expect([...cases(8n, 30, profile, FORKS)]).not.toEqual(once);
    }
  });

  it('is of one of the forks asked for, with a sender that its key signs for', () => {
    const seen = new Set<ForkName>();
    for (const { fork, sender, secretKey, pre, tx } of cases(1n, 400, 'transactions', FORKS)) {
      seen.add(fork);
      expect(nobleCrypto.secretToAddress(secretKey)).toBe(sender);
      expect(pre.has(sender)).toBe(true);
      expect(rulesOf(fork).txTypes).toContain(tx.type);
      for (const { storage } of pre.values()) expect([...storage.values()]).not.toContain(0n);
    }
    expect(seen.size).toBe(FORKS.length);
  });

  it('refuses a profile, a list of forks and a length that make no sense', () => {
    const random = new Random(1n);
    const make = (options: object) => () =>
      generateCase(random, { profile: 'mixed', forks: FORKS, ...options } as Parameters<
        typeof generateCase
      >[1]);
    expect(make({ profile: 'weather' })).toThrow('profile: unknown "weather"; known are arithmetic');
    expect(make({ forks: [] })).toThrow('forks: expected at least one');
    for (const opcodes of [-1, 0.5, Number.NaN]) expect(make({ opcodes })).toThrow(`got ${opcodes}`);
  });

  it('runs about as many instructions as asked for', () => {
    for (const opcodes of [10, 60, 500]) {
      const random = new Random(3n);
      const watch = new Watch();
      for (let i = 0; i < 200; i++) {
        watch.runner.halt(generateCase(random, { profile: 'arithmetic', forks: FORKS, opcodes }));
      }
      expect(watch.steps / 200).toBeGreaterThan(0.5 * opcodes);
      expect(watch.steps / 200).toBeLessThan(3 * opcodes + 60);
    }
  });
});

describe.each(PROFILES)('cases of the profile %s', (profile) => {
  it('run under every fork, most main frames to a good end', () => {
    const runner = new CaseRunner();
    for (const fork of FORKS) {
      let calls = 0;
      let good = 0;
      for (const fuzzCase of cases(11n, 200, profile, [fork])) {
        const halt = runner.halt(fuzzCase);
        if (halt === null || fuzzCase.tx.to === null) continue;
        calls++;
        if (isSuccess(halt)) good++;
      }
      expect(calls, fork).toBeGreaterThan(100);
      expect(good / calls, fork).toBeGreaterThan(0.6);
    }
  });
});

describe('mixed cases', () => {
  it.each(FORKS)('execute nearly every instruction of %s', (fork) => {
    const rows = rowsOf(fork);
    const random = new Random(5n);
    const watch = new Watch();
    const missing = () => rows.filter(({ byte }) => !watch.opcodes.has(byte)).map(({ name }) => name);
    for (let run = 0; run < 3_000 && missing().length > 0.05 * rows.length; run++) {
      watch.runner.halt(generateCase(random, { profile: 'mixed', forks: [fork] }));
    }
    expect(missing().length, missing().join(' ')).toBeLessThanOrEqual(0.05 * rows.length);
  });

  it('end frames in every way that programs can bring about cheaply', () => {
    const watch = new Watch().run(cases(6n, 3_000, 'mixed', [LATEST_FORK]));
    const ways = [
      Halt.Stop,
      Halt.Return,
      Halt.SelfDestruct,
      Halt.Revert,
      Halt.OutOfGas,
      Halt.StackUnderflow,
      Halt.StackOverflow,
      Halt.UndefinedOpcode,
      Halt.Invalid,
      Halt.BadJump,
      Halt.StaticViolation,
      Halt.ReturnDataOutOfBounds,
      Halt.SstoreSentry,
      Halt.PrecompileFailure,
      Halt.CodeRejected,
      Halt.CodeDepositOutOfGas,
      Halt.AddressCollision,
      Halt.InsufficientBalance,
    ];
    expect(ways.filter((halt) => !watch.halts.has(halt))).toEqual([]);
  });
});

const missingIn = (watch: Watch, fork: ForkName, isMeant: (row: OpRow) => boolean): string[] =>
  rowsOf(fork)
    .filter((row) => isMeant(row) && !watch.opcodes.has(row.byte))
    .map(({ name }) => name);

describe.each([OLDEST, LATEST_FORK])('in %s', (fork) => {
  it.each<[Profile, (row: OpRow) => boolean]>([
    ['arithmetic', ({ byte }) => byte < 0x20],
    ['memory', ({ name }) => /^(MLOAD|MSTORE8?|MCOPY|MSIZE|KECCAK256|\w+COPY)$/.test(name)],
    ['storage', ({ name }) => /^[ST](LOAD|STORE)$/.test(name)],
    ['calls', ({ flags }) => (flags & Flag.SUSPENDS) !== 0],
    ['transactions', ({ byte }) => byte >= 0x30 && byte < 0x4f],
  ])('the profile %s executes all that it is about', (profile, isMeant) => {
    expect(rowsOf(fork).some(isMeant)).toBe(true);
    const watch = new Watch().run(cases(2n, 600, profile, [fork]));
    expect(missingIn(watch, fork, isMeant)).toEqual([]);
  });

  it('precompiles get input that they take, and input that they refuse', () => {
    const watch = new Watch().run(cases(4n, 700, 'precompiles', [fork]));
    const all = PRECOMPILES.filter(({ since }) => rulesOf(fork).lineage.includes(since));
    for (const { address, name } of all) expect(watch.precompiled.get(address)?.has(true), name).toBe(true);
    const strict = all.filter(({ name }) => /^(BN254|BLAKE2F|KZG|BLS12)/.test(name));
    for (const { address, name } of strict)
      expect(watch.precompiled.get(address)?.has(false), name).toBe(true);
  });
});

describe('contracts that are called', () => {
  it('get input, and most read it', () => {
    const watch = new Watch().run(cases(14n, 300, 'calls', [LATEST_FORK]));
    expect(watch.called).toBeGreaterThan(300);
    expect(watch.given / watch.called).toBeGreaterThan(0.2);
    let readers = 0;
    let callees = 0;
    for (const { pre } of cases(15n, 200, 'calls', [LATEST_FORK])) {
      for (const address of CALLEES) {
        const code = pre.get(address)?.code;
        if (code === undefined) continue;
        callees++;
        if (instructions(code).some((byte) => byte === OP.CALLDATALOAD || byte === OP.CALLDATACOPY))
          readers++;
      }
    }
    expect(readers / callees).toBeGreaterThan(0.6);
  });
});

describe('inputs that cases share', () => {
  it('are a fixed few, of which slow precompiles have the fewest', () => {
    const distinct = (name: string, seed: bigint): Set<string> => {
      const random = new Random(seed);
      const row = PRECOMPILES.find((precompile) => precompile.name === name)!;
      return new Set(Array.from({ length: 2_000 }, () => bytesToHex(sharedInput(random, row))));
    };
    expect(distinct('BN254_PAIRING', 1n).size).toBeLessThanOrEqual(32);
    expect(distinct('BN254_PAIRING', 1n)).toEqual(distinct('BN254_PAIRING', 2n));
    expect(distinct('MODEXP', 1n).size).toBeGreaterThan(300);
  });
});

describe('bytes of cases', () => {
  it('are zeros that nobody else has', () => {
    const lengths = [0, 1, 5_000, 33, 4_096, 4_097, 16_000];
    const all = Array.from({ length: 40 }, (_, i) => zeroBytes(lengths[i % lengths.length]!));
    all.forEach((bytes, i) => {
      expect(bytes).toHaveLength(lengths[i % lengths.length]!);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
      bytes.fill(i + 1);
    });
    all.forEach((bytes, i) => {
      expect(bytes.every((byte) => byte === i + 1)).toBe(true);
    });
    const copy = copyOf(all[3]!);
    expect(copy).toEqual(all[3]!);
    expect(copy).not.toBe(all[3]!);
  });
});

/** Bytes of the instructions, without constants. */
function instructions(code: Uint8Array): number[] {
  const { starts, count } = new Layout().read(code);
  return Array.from(starts.subarray(0, count), (at) => code[at]!);
}

describe('transactions', () => {
  it.each(FORKS)('are of every type of %s, nearly all valid, in every sort of call', (fork) => {
    const types = new Map<number, number>();
    let invalid = 0;
    let creations = 0;
    const runner = new CaseRunner();
    for (const fuzzCase of cases(9n, 300, 'transactions', [fork])) {
      const { type, to } = fuzzCase.tx;
      if (to === null) creations++;
      if (runner.halt(fuzzCase) === null) invalid++;
      else types.set(type, (types.get(type) ?? 0) + 1);
    }
    expect([...types.keys()].sort()).toEqual(rulesOf(fork).txTypes);
    expect(creations).toBeGreaterThan(0);
    expect(invalid).toBeGreaterThan(0);
    expect(invalid).toBeLessThan(60);
  });

  it('are invalid for many reasons', () => {
    const reasons = new Set<string>();
    const machine = machineOf(LATEST_FORK);
    const random = new Random(10n);
    for (let i = 0; i < 3_000; i++) {
      const fuzzCase = generateCase(random, { profile: 'transactions', forks: [LATEST_FORK], opcodes: 4 });
      const around = { machine, state: stateOf(fuzzCase), block: blockOf(fuzzCase, machine.rules) };
      const result = executeFrom(around, fuzzCase.tx, fuzzCase.sender);
      if (isInvalid(result)) reasons.add(result.invalid);
    }
    for (const reason of [
      'NONCE_IS_MAX',
      'NONCE_MISMATCH_TOO_LOW',
      'NONCE_MISMATCH_TOO_HIGH',
      'INTRINSIC_GAS_TOO_LOW',
      'INTRINSIC_GAS_BELOW_FLOOR_GAS_COST',
      'INSUFFICIENT_ACCOUNT_FUNDS',
      'INSUFFICIENT_MAX_FEE_PER_GAS',
      'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
      'TYPE_3_TX_ZERO_BLOBS',
      'TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH',
      'TYPE_4_EMPTY_AUTHORIZATION_LIST',
    ]) {
      expect([...reasons]).toContain(reason);
    }
  });

  it('change delegations', () => {
    const machine = machineOf(LATEST_FORK);
    let changed = 0;
    for (const fuzzCase of cases(12n, 300, 'transactions', [LATEST_FORK])) {
      if (fuzzCase.tx.authorizations.length === 0) continue;
      const state = stateOf(fuzzCase);
      const around = { machine, state, block: blockOf(fuzzCase, machine.rules) };
      const result = executeFrom(around, fuzzCase.tx, fuzzCase.sender);
      if (isInvalid(result)) continue;
      for (const [address, change] of result.diff) {
        const before = fuzzCase.pre.get(address)?.code;
        const after = change?.code;
        if (after !== undefined && after.length === 23 && after !== before) changed++;
      }
    }
    expect(changed).toBeGreaterThan(5);
  });
});

const machineOf = (fork: ForkName, opcodes: readonly OpRow[] = []): Machine =>
  assembleMachine({ rules: rulesOf(fork), crypto: nobleCrypto, opcodes });

function stateOf({ pre }: FuzzCase): MemoryState {
  const state = new MemoryState((number) => keccakWord(new TextEncoder().encode(number.toString())));
  for (const [address, account] of pre) state.put(address, account);
  return state;
}

/** All by which two engines are compared. */
function seen(fuzzCase: FuzzCase, machine: Machine): string {
  const state = stateOf(fuzzCase);
  const around = { machine, state, block: blockOf(fuzzCase, machine.rules) };
  const result = executeFrom(around, fuzzCase.tx, fuzzCase.sender);
  if (isInvalid(result)) return result.invalid;
  state.apply(result.diff);
  const logs = result.logs.map(({ topics, data }) => `${topics} ${bytesToHex(data)}`);
  return [bytesToHex(state.root()), result.gasUsed, bytesToHex(result.output), ...logs].join();
}

describe('a wrong word on the stack', () => {
  const right = machineOf(LATEST_FORK);
  const some = [...cases(13n, 150, 'arithmetic', [LATEST_FORK])];
  const expected = some.map((fuzzCase) => seen(fuzzCase, right));
  const results = rowsOf(LATEST_FORK).filter(({ byte, gives }) => byte < 0x20 && gives === 1);

  it.each(results.map((row) => [row.name, row] as const))('shows where %s made it', (_name, row) => {
    let executed = 0;
    let shown = 0;
    const wrong: OpRow = {
      ...row,
      handler: (frame) => {
        const halt = row.handler(frame);
        executed++;
        frame.stack[frame.sp - 1]! ^= 1n << 200n;
        return halt;
      },
    };
    const machine = machineOf(LATEST_FORK, [wrong]);
    let ran = 0;
    some.forEach((fuzzCase, i) => {
      executed = 0;
      const outcome = seen(fuzzCase, machine);
      if (executed === 0) return;
      ran++;
      if (outcome !== expected[i]) shown++;
    });
    expect(ran).toBeGreaterThan(10);
    expect(shown / ran).toBeGreaterThan(0.5);
  });
});
