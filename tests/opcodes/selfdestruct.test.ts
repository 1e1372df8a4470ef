/** SELFDESTRUCT through the ages. */

import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { createAddress } from '../../src/primitives/address.ts';
import { call, code, create, deploys, push, pushAddress, sstore } from '../helpers/assembler.ts';
import { CONTRACT, gasOf, haltOf, NOBODY, OTHER, type RunOptions, run, topOf } from '../helpers/run.ts';

const RICH = { self: { nonce: 1n, balance: 1_000n, storage: [[1n, 1n]] as const } } as const;
const FIRST = createAddress(CONTRACT, 1n);

const destroys = (beneficiary: bigint) => code(pushAddress(beneficiary), 'SELFDESTRUCT');

describe('the price of SELFDESTRUCT', () => {
  const price = (beneficiary: bigint, fork: ForkName, options: RunOptions = RICH): number =>
    gasOf(destroys(beneficiary), { fork, ...options }) - 3;
  const there = { ...RICH, accounts: [[OTHER, { balance: 1n }]] } as const;
  const poor = { self: { nonce: 1n } } as const;
  const empty = { ...RICH, accounts: [[OTHER, {}]] } as const;

  it.each([
    // To an account that exists, to none, to none without balance, to an empty one.
    ['Frontier', 0, 0, 0, 0],
    ['Homestead', 0, 0, 0, 0],
    ['TangerineWhistle', 5_000, 30_000, 30_000, 5_000],
    ['SpuriousDragon', 5_000, 30_000, 5_000, 30_000],
    ['Istanbul', 5_000, 30_000, 5_000, 30_000],
    ['Berlin', 7_600, 32_600, 7_600, 32_600],
    ['London', 7_600, 32_600, 7_600, 32_600],
    ['Osaka', 7_600, 32_600, 7_600, 32_600],
  ] as const)('in %s', (fork, existing, none, noneWithoutBalance, emptyOne) => {
    expect(price(OTHER, fork, there)).toBe(existing);
    expect(price(NOBODY, fork)).toBe(none);
    expect(price(NOBODY, fork, poor)).toBe(noneWithoutBalance);
    expect(price(OTHER, fork, empty)).toBe(emptyOne);
    // Oneself is warm and exists.
    expect(price(CONTRACT, fork)).toBe(fork === 'Frontier' || fork === 'Homestead' ? 0 : 5_000);
  });

  it('has no cold part for a warm beneficiary, and a full price or none', () => {
    expect(price(OTHER, 'Osaka', { ...there, warm: [OTHER] })).toBe(5_000);
    expect(haltOf(destroys(OTHER), { ...there, gas: 3 + 7_599 })).toBe('OutOfGas');
    expect(haltOf(destroys(OTHER), { ...there, gas: 3 + 7_600 })).toBe('SelfDestruct');
  });

  it.each([
    ['Frontier', 24_000],
    ['Berlin', 24_000],
    ['London', 0],
    ['Osaka', 0],
  ] as const)('gives back in %s %d, once for an account', (fork, refund) => {
    expect(run(destroys(OTHER), { fork, ...there }).refund).toBe(refund);
    const twice = code(call(OTHER, { gas: 60_000 }), call(OTHER, { gas: 60_000 }));
    expect(run(twice, { fork, accounts: [[OTHER, { code: destroys(CONTRACT), balance: 1n }]] }).refund).toBe(
      refund,
    );
  });
});

describe('an account from before the transaction', () => {
  it.each(['Frontier', 'TangerineWhistle', 'SpuriousDragon', 'London', 'Shanghai'] as const)(
    'is removed in %s',
    (fork) => {
      const { diff, world } = run(destroys(OTHER), { fork, ...RICH });
      expect(diff.get(CONTRACT)?.account).toBeNull();
      expect(world.account(OTHER).balance).toBe(1_000n);
    },
  );

  it.each(['Cancun', 'Osaka'] as const)('stays in %s and sends its balance (EIP-6780)', (fork) => {
    const { diff, world } = run(destroys(OTHER), { fork, ...RICH });
    expect(diff.get(CONTRACT)).toMatchObject({ account: { nonce: 1n, balance: 0n }, storageCleared: false });
    expect(world.account(OTHER).balance).toBe(1_000n);
  });

  it('that names itself burns its ether before EIP-6780, and keeps it after', () => {
    expect(run(destroys(CONTRACT), { fork: 'Shanghai', ...RICH }).diff.get(CONTRACT)?.account).toBeNull();
    const { diff, world } = run(destroys(CONTRACT), { fork: 'Cancun', ...RICH });
    expect(diff.has(CONTRACT)).toBe(false);
    expect(world.account(CONTRACT).balance).toBe(1_000n);
  });

  it('runs on until the end of the transaction', () => {
    const program = code(call(OTHER), 'POP', call(OTHER), 'POP', pushAddress(OTHER), 'EXTCODESIZE');
    const { stack, diff } = run(program, {
      fork: 'Shanghai',
      accounts: [[OTHER, { code: destroys(CONTRACT) }]],
    });
    expect(stack).toEqual([22n]);
    expect(diff.get(OTHER)?.account).toBeNull();
  });

  it('loses what it gets after its end', () => {
    const program = code(call(OTHER), 'POP', call(OTHER, { value: 7, gas: 0 }));
    const { diff } = run(program, {
      fork: 'Shanghai',
      ...RICH,
      accounts: [[OTHER, { code: destroys(NOBODY), balance: 5n }]],
    });
    expect(diff.get(OTHER)?.account).toBeNull();
  });
});

describe('an account of the same transaction', () => {
  const creating = (beneficiary: bigint) =>
    code(
      create(deploys(code(sstore(1, 1), destroys(beneficiary))), { value: 9 }),
      'POP',
      call(FIRST, { gas: 200_000 }),
    );

  it.each(['Frontier', 'London', 'Cancun', 'Osaka'] as const)('is gone in %s', (fork) => {
    const { diff, world } = run(creating(OTHER), { fork, ...RICH, gas: 2_000_000 });
    expect(diff.has(FIRST)).toBe(false);
    expect(world.account(OTHER).balance).toBe(9n);
  });

  it.each(['London', 'Osaka'] as const)('that names itself burns its ether in %s', (fork) => {
    const { diff, world } = run(creating(FIRST), { fork, ...RICH });
    expect(diff.has(FIRST)).toBe(false);
    expect(world.account(FIRST).balance).toBe(0n);
    expect(diff.get(CONTRACT)?.account?.balance).toBe(991n);
  });

  it('is gone too where its address held ether before', () => {
    const { diff } = run(creating(OTHER), { ...RICH, accounts: [[FIRST, { balance: 4n }]] });
    expect(diff.get(FIRST)?.account).toBeNull();
    expect(diff.get(OTHER)?.account?.balance).toBe(13n);
  });

  it('is gone when its init code destroys it', () => {
    const { diff, stack } = run(code(create(destroys(OTHER), { value: 9 })), RICH);
    expect(stack).toEqual([FIRST]);
    expect(diff.has(FIRST)).toBe(false);
    expect(diff.get(OTHER)?.account?.balance).toBe(9n);
  });

  it('gives back 24,000 in Berlin', () => {
    expect(run(creating(OTHER), { ...RICH, fork: 'Berlin' }).refund).toBe(24_000);
  });
});

describe('SELFDESTRUCT', () => {
  it('brings the beneficiary into being before EIP-161, also without balance', () => {
    const poor = { self: { nonce: 1n } } as const;
    expect(run(destroys(NOBODY), { fork: 'Frontier', ...poor }).diff.get(NOBODY)?.account?.balance).toBe(0n);
    expect(run(destroys(NOBODY), { fork: 'SpuriousDragon', ...poor }).diff.has(NOBODY)).toBe(false);
  });

  it('is undone with its frame', () => {
    const child = code(call(OTHER), push(0), push(0), 'REVERT');
    const { diff, refund } = run(code(call(0xccn)), {
      fork: 'Berlin',
      accounts: [
        [0xccn, { code: child }],
        [OTHER, { code: destroys(NOBODY), balance: 5n }],
      ],
    });
    expect([diff.has(OTHER), diff.has(NOBODY), refund]).toEqual([false, false, 0]);
  });

  it('through a DELEGATECALL destroys the caller', () => {
    const { diff } = run(code(call(OTHER, { kind: 'DELEGATECALL' })), {
      fork: 'Shanghai',
      ...RICH,
      accounts: [[OTHER, { code: destroys(NOBODY) }]],
    });
    expect(diff.get(CONTRACT)?.account).toBeNull();
    expect(diff.has(OTHER)).toBe(false);
    expect(diff.get(NOBODY)?.account?.balance).toBe(1_000n);
  });

  it('takes the low 160 bits for the beneficiary, and ends the frame', () => {
    const program = code(push(2n ** 160n * 7n + OTHER), 'SELFDESTRUCT', sstore(2, 2));
    const { world, diff } = run(program, RICH);
    expect(world.account(OTHER).balance).toBe(1_000n);
    expect(diff.get(CONTRACT)?.storage.size).toBe(0);
  });

  it('shows its beneficiary as success to the caller', () => {
    expect(topOf(code(call(OTHER)), { accounts: [[OTHER, { code: destroys(NOBODY) }]] })).toBe(1n);
  });
});
