import { describe, expect, test } from 'vitest';
import { createEvm } from '../../src/executor/create-evm.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { Random } from '../../src/fuzz/random.ts';
import { ATTACKER_CONTRACT, ATTACKERS, CALLERS, DEPLOYER, TARGET } from '../../src/fuzz/search/attacker.ts';
import { assertionGoal, type Goal, reachGoal } from '../../src/fuzz/search/goals.ts';
import { Search, type SearchOptions } from '../../src/fuzz/search/search.ts';
import type { Finding } from '../../src/fuzz/search/step.ts';
import { bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { code, push } from '../helpers/assembler.ts';
import { compile, SETTING, searched } from './search-contracts.ts';

const ETHER = 10n ** 18n;

/** Several times what the slowest of many seeds took. */
const BUDGET = 10_000;
/** For machines with much else to do. */
const LONG = 120_000;

interface Case {
  readonly file: string;
  readonly name: string;
  readonly goals: readonly Goal[];
  readonly equivalent?: string;
  readonly balance?: bigint;
}

const FLAWED: readonly (Case & { readonly steps: number; readonly what: RegExp })[] = [
  {
    file: 'Bank.sol',
    name: 'Bank',
    goals: [{ kind: 'drain' }],
    steps: 2,
    what: /^ether drained: the attacker/,
  },
  {
    file: 'Token.sol',
    name: 'Token',
    goals: [assertionGoal('slot(1) <= 1_000_000')],
    steps: 2,
    what: /^does not hold: slot\(1\) <= 1000000$/,
  },
  {
    file: 'Wallet.sol',
    name: 'Wallet',
    goals: [reachGoal('op:SELFDESTRUCT')],
    steps: 2,
    what: /^reached SELFD/,
  },
  { file: 'Wallet.sol', name: 'Wallet', goals: [{ kind: 'drain' }], steps: 2, what: /1000+ wei more/ },
  {
    file: 'Vault.sol',
    name: 'Vault',
    goals: [reachGoal('panic:1')],
    steps: 1,
    what: /Panic\(0x1\) \(after the jump at 0x[0-9a-f]+ of code [0-9a-f]{8}\)$/,
  },
  {
    file: 'Proxy.sol',
    name: 'Proxy',
    goals: [reachGoal('delegate')],
    steps: 2,
    what: /choice: 0x[0-9a-f]{40} \(at 0x1c of code [0-9a-f]{8}\)$/,
  },
  {
    file: 'Average.sol',
    name: 'Average',
    goals: [{ kind: 'equivalent' }],
    equivalent: 'FastAverage',
    steps: 1,
    what: /^the two codes differ: output 0x[0-9a-f]{64}, and 0x[0-9a-f]{64}$/,
  },
  {
    file: 'Game.sol',
    name: 'Game',
    goals: [reachGoal('panic:1')],
    balance: 0n,
    steps: 2,
    what: /Panic\(0x1\) \(after the jump at 0x[0-9a-f]+ of code [0-9a-f]{8}\)$/,
  },
  {
    file: 'Payroll.sol',
    name: 'Payroll',
    goals: [reachGoal('gas:500000')],
    steps: 2,
    what: /^out of gas with 5/,
  },
];

const SOUND: readonly Case[] = [
  { file: 'Bank.sol', name: 'SafeBank', goals: [{ kind: 'drain' }] },
  { file: 'Token.sol', name: 'SafeToken', goals: [assertionGoal('slot(1) <= 1_000_000')] },
  {
    file: 'Wallet.sol',
    name: 'SafeWallet',
    goals: [reachGoal('op:SELFDESTRUCT'), reachGoal('delegate'), { kind: 'drain' }],
  },
  { file: 'Average.sol', name: 'Average', goals: [{ kind: 'equivalent' }], equivalent: 'Average' },
];

function search({ file, name, goals, equivalent, balance = 10n * ETHER }: Case, seed?: bigint) {
  const codes = compile(file);
  const other = equivalent === undefined ? null : codes[equivalent]!;
  return searched({ code: codes[name]!, goals, balance, equivalent: other }, BUDGET, seed);
}

describe('a flaw is found, and made small', { timeout: LONG }, () => {
  for (const flawed of FLAWED) {
    test(`${flawed.name}: ${flawed.goals[0]!.kind}`, () => {
      const { finding } = search(flawed);
      expect(finding).not.toBeNull();
      const { steps, what, goal } = finding!;
      expect(goal).toBe(0);
      expect(what).toMatch(flawed.what);
      expect(steps).toHaveLength(flawed.steps);
    });
  }

  test('by other seeds as well', () => {
    for (const seed of [2n, 3n, 4n]) {
      for (const name of ['Wallet', 'Proxy', 'Vault', 'Game']) {
        const flawed = FLAWED.find((each) => each.name === name)!;
        expect(search(flawed, seed).finding, `${name}, seed ${seed}`).not.toBeNull();
      }
    }
  });
});

describe('where there is no flaw nothing is found', { timeout: LONG }, () => {
  for (const sound of SOUND) {
    test(sound.name, () => {
      const { finding, executions } = search(sound);
      expect(finding).toBeNull();
      expect(executions).toBeGreaterThanOrEqual(BUDGET);
    });
  }
});

/** Runs a finding in an EVM that knows nothing of the search; what the attacker's accounts gain by it. */
function replayed(init: Uint8Array, deployer: bigint, balance: bigint, { steps }: Finding) {
  const evm = createEvm();
  for (const address of ATTACKERS) evm.setAccount(address, { balance: 100n * ETHER });
  const made = evm.create({ from: deployer, data: init });
  const target = made.created!;
  evm.setAccount(target, { balance });
  const wealth = (): bigint =>
    ATTACKERS.reduce((sum, address) => sum + (evm.account(address)?.balance ?? 0n), 0n);
  const before = wealth();
  const results = steps.map((step) => {
    if (step.attackerCode !== null) evm.setAccount(ATTACKER_CONTRACT, { code: step.attackerCode });
    evm.setBlock({ number: step.number, timestamp: step.timestamp });
    const { caller: from, value, calldata: data, to } = step;
    return evm.transact({ from, value, data, gas: 2_000_000n, gasPrice: 0n, ...(to === null ? {} : { to }) });
  });
  return { gain: wealth() - before, results };
}

test('a finding is one for an EVM of its own as well', () => {
  const init = compile('Bank.sol').Bank!;
  const { finding } = search(FLAWED[0]!);
  const { gain, results } = replayed(init, DEPLOYER, 10n * ETHER, finding!);
  expect(results.map(({ status }) => status)).toEqual(['success', 'success']);
  expect(gain).toBe(BigInt(/has (\d+) wei/.exec(finding!.what)![1]!));
  expect(gain).toBeGreaterThan(0n);
});

test('the same seed finds the same, in slices of any size', { timeout: LONG }, () => {
  const options = { ...SETTING, code: compile('Token.sol').Token!, goals: FLAWED[1]!.goals };
  const run = (slice: number) => {
    const one = new Search(options, new Random(5n));
    for (let i = 0; i < BUDGET; i += slice) {
      const finding = one.advance(slice);
      if (finding !== null) return { finding, progress: one.progress };
    }
    throw new Error('nothing found');
  };
  const first = run(1);
  expect(run(1)).toEqual(first);
  expect(run(777)).toEqual(first);
  expect(first.progress.corpus).toBeGreaterThan(1);
  expect(first.progress.edges).toBeGreaterThan(1);
});

/** Options for runtime code. */
const bare = (runtime: Uint8Array, ...goals: Goal[]): SearchOptions => ({
  ...SETTING,
  create: false,
  code: runtime,
  goals,
  accounts: new Map(),
});

const found = (options: SearchOptions, executions = 3_000): Finding | null =>
  new Search(options, new Random(1n)).advance(executions);

describe('goals', () => {
  const timed = code(push(0x7000_0000), 'TIMESTAMP', 'LT', push(9), 'JUMPI', 'INVALID', 'JUMPDEST', 'STOP');

  test("a halt reason, at a time of the attacker's choice", () => {
    const finding = found(bare(timed, reachGoal('halt:Invalid')));
    expect(finding?.what).toMatch(/^a frame ended: INVALID instruction \(after the jump at 0x0 of code /);
    expect(finding?.steps).toHaveLength(1);
    expect(finding!.steps[0]!.timestamp).toBeGreaterThanOrEqual(0x7000_0000n);
  });

  test('a pc', () => {
    const runtime = code(
      push(0),
      'CALLDATALOAD',
      push(0x1234_5678_9abcn),
      'EQ',
      push(14),
      'JUMPI',
      'STOP',
      'JUMPDEST',
      'STOP',
    );
    const at = runtime.lastIndexOf(0x5b);
    const jump = runtime.slice();
    jump[runtime.lastIndexOf(0x57) - 1] = at;
    const finding = found(bare(jump, { kind: 'pc', pc: at + 1 }));
    expect(finding?.steps.map(({ data }) => bytesToHex(data))).toEqual([`0x${'00'.repeat(26)}123456789abc`]);
  });

  test('a slot that was there before the first transaction', () => {
    // sstore(0, sload(0) + 1)
    const runtime = code(push(0), 'SLOAD', push(1), 'ADD', push(0), 'SSTORE', 'STOP');
    const storage = new Map([[0n, 5n]]);
    const goal = assertionGoal('slot(0) <= before(slot(0)) + 2');
    const finding = found({ ...bare(runtime, goal), storage });
    expect(finding?.steps).toHaveLength(3);
    expect(found({ ...bare(runtime, goal), storage, depth: 2 })).toBeNull();
    expect(found({ ...bare(runtime, assertionGoal('slot(0) < 7')), storage })?.steps).toHaveLength(2);
  });

  test('the first of several', () => {
    const finding = found(
      bare(Uint8Array.of(0xfe), reachGoal('op:ADD'), reachGoal('halt:Invalid'), reachGoal('pc:0')),
    );
    expect(finding?.goal).toBe(1);
    expect(finding?.steps.map(({ data, value, way }) => [data.length, value, way])).toEqual([
      [0, 0n, 'direct'],
    ]);
  });

  test('code of the attacker, where it has to be a contract that calls', () => {
    // delegatecall(caller) unless the caller signed the transaction
    const runtime = code(
      ['CALLER', 'ORIGIN', 'EQ', push(20), 'JUMPI'],
      [push(0), push(0), push(0), push(0), 'CALLER', push(0xffff), 'DELEGATECALL', 'STOP'],
      ['JUMPDEST', 'STOP'],
    );
    expect(runtime[20]).toBe(0x5b);
    const finding = found(bare(runtime, reachGoal('delegate')));
    expect(finding?.steps.map(({ way }) => way)).toEqual(['contract']);
  });

  test('two codes that differ in a log only', () => {
    const log = (topic: number): Uint8Array => code(push(topic), push(0), push(0), 'LOG1', 'STOP');
    const differ = { ...bare(log(1), { kind: 'equivalent' }), equivalent: log(2) };
    expect(found(differ)?.what).toBe('the two codes differ: log 0');
    expect(found({ ...differ, equivalent: log(1) }, 500)).toBeNull();
  });

  test('two codes of which one needs more gas only', () => {
    const busy = code(push(1), 'POP', push(1), 'POP', 'STOP');
    const options = { ...bare(busy, { kind: 'equivalent' } as const), equivalent: code('STOP'), gas: 8n };
    expect(found(options, 500)).toBeNull();
  });

  test('on every fork', () => {
    for (const fork of FORKS) {
      const finding = found({ ...bare(Uint8Array.of(0xff), reachGoal('op:SELFDESTRUCT')), fork }, 100);
      expect(finding, fork).toBeNull();
      const runtime = code(push(0), 'CALLDATALOAD', push(0xdead_beefn), 'EQ', 'ISZERO', push(15), 'JUMPI');
      const whole = Uint8Array.of(...runtime, 0x33, 0xff, 0x5b, 0x00);
      whole[whole.lastIndexOf(0x57) - 1] = whole.length - 2;
      expect(found({ ...bare(whole, reachGoal('op:SELFDESTRUCT')), fork })?.steps, fork).toHaveLength(1);
    }
  });
});

describe('wrong options', () => {
  const good = bare(code('STOP'), { kind: 'drain' });
  test.each<[string, Partial<SearchOptions>, RegExp]>([
    ['no goal', { goals: [] }, /nothing to look for/],
    ['a depth of 0', { depth: 0 }, /^depth: 0/],
    ['too deep', { depth: 65 }, /^depth: 65/],
    ['no gas', { gas: 0n }, /^gas: 0/],
    ['too much gas', { gas: 1n << 60n }, /^gas: /],
    ['a goal without its code', { goals: [{ kind: 'equivalent' }] }, /^equivalent/],
    ['a code without its goal', { equivalent: code('STOP') }, /^equivalent/],
    ['init code that fails', { create: true, code: hexToBytes('fe') }, /^code: its creation failed: INVALID/],
    ['two gas limits', { goals: [reachGoal('gas:1'), reachGoal('gas:2')] }, /one gas limit/],
  ])('%s', (_, change, problem) => {
    expect(() => new Search({ ...good, ...change }, new Random(1n))).toThrow(problem);
  });
});

test('the attacker has accounts of its own', () => {
  expect(new Set([...ATTACKERS, TARGET]).size).toBe(CALLERS.length + 2);
});

describe('several goals', () => {
  const never = reachGoal('op:ADD');
  const ends = (runtime: Uint8Array, ...goals: Goal[]): Search =>
    new Search(bare(runtime, ...goals), new Random(1n));

  test('are reached one after the other, and then there is nothing to do', () => {
    const search = ends(code('STOP'), reachGoal('pc:0'), assertionGoal('success == 0'));
    expect(search.advance(100)?.cause).toBe('0');
    expect(search.isDone).toBe(false);
    expect(search.advance(100)?.cause).toBe('1');
    expect(search.isDone).toBe(true);
  });

  test('are not looked for any more where somebody else has reached them', () => {
    const search = ends(code('STOP'), reachGoal('pc:0'));
    search.settle('0');
    expect(search.isDone).toBe(true);
    expect(search.advance(100)).toBeNull();
  });

  test('can have more places than were found', () => {
    const search = ends(Uint8Array.of(0xfe), reachGoal('halt:Invalid'), never);
    const finding = search.advance(100);
    expect(finding?.cause).toMatch(/^0 after the jump at 0x0 of code [0-9a-f]{8}$/);
    expect(search.advance(200)).toBeNull();
    expect(search.isDone).toBe(false);
  });

  test('a sequence that is offered comes first', () => {
    // Stops at once unless called with a word that nothing leads to.
    const runtime = code(
      [push(0), 'CALLDATALOAD', push(32), push(0), 'MSTORE', push(0), 'MSTORE', push(32), push(0)],
      ['KECCAK256', push(3), 'SHR', push(7), 'AND', push(99), 'JUMPI', 'INVALID', 'JUMPDEST', 'STOP'],
    );
    runtime[runtime.lastIndexOf(0x57) - 1] = runtime.length - 2;
    const goal = reachGoal('halt:Invalid');
    const finding = found(bare(runtime, goal))!;
    const search = ends(runtime, goal);
    search.offer(finding.steps);
    expect(search.advance(1)).toEqual(finding);
  });
});
