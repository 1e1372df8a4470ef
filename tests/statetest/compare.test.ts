/** The first differences between two states, in words. */

import { describe, expect, it } from 'vitest';
import { type AccountInput, MemoryState } from '../../src/state/readers/memory.ts';
import { compareState } from '../../src/statetest/compare.ts';
import type { FixtureAccount } from '../../src/statetest/fixture.ts';

const A = 0xaan;
const HEX_A = `0x${'aa'.padStart(40, '0')}`;
const account = (fields: Partial<FixtureAccount> = {}): FixtureAccount => ({
  nonce: 1n,
  balance: 2n,
  code: Uint8Array.of(0x60),
  storage: new Map([[1n, 5n]]),
  ...fields,
});
const stateOf = (...accounts: [bigint, AccountInput][]): MemoryState => {
  const state = new MemoryState();
  for (const [address, input] of accounts) state.put(address, input);
  return state;
};
const differences = (expected: Partial<FixtureAccount>, got: Partial<FixtureAccount> = {}) =>
  compareState(new Map([[A, account(expected)]]), stateOf([A, account(got)]));

describe('compareState', () => {
  it('finds nothing where there is nothing', () => {
    expect(differences({})).toEqual([]);
    expect(compareState(new Map(), new MemoryState())).toEqual([]);
    expect(
      differences({
        storage: new Map([
          [1n, 5n],
          [2n, 0n],
        ]),
      }),
    ).toEqual([]);
  });

  it.each<[string, Partial<FixtureAccount>, string, string, string]>([
    ['nonce', { nonce: 9n }, 'nonce', '9', '1'],
    ['balance', { balance: 10n ** 20n }, 'balance', '100000000000000000000', '2'],
    ['code', { code: new Uint8Array(0) }, 'code', '0x', '0x60'],
    ['other code of the same length', { code: Uint8Array.of(0x61) }, 'code', '0x61', '0x60'],
    ['slot', { storage: new Map([[1n, 6n]]) }, 'slot 0x1', '0x6', '0x5'],
    ['slot too much', { storage: new Map() }, 'slot 0x1', '0x0', '0x5'],
    [
      'slot too few',
      {
        storage: new Map([
          [1n, 5n],
          [255n, 1n],
        ]),
      },
      'slot 0xff',
      '0x1',
      '0x0',
    ],
  ])('%s', (_name, fields, field, expected, got) => {
    expect(differences(fields)).toEqual([{ address: HEX_A, field, expected, got }]);
  });

  it('finds accounts too few and too many', () => {
    expect(compareState(new Map([[A, account()]]), new MemoryState())).toEqual([
      { address: HEX_A, field: 'account', expected: 'nonce 1, balance 2', got: 'none' },
    ]);
    expect(compareState(new Map(), stateOf([A, account()]))).toEqual([
      { address: HEX_A, field: 'account', expected: 'none', got: 'nonce 1, balance 2' },
    ]);
  });

  it('lists no more than asked for', () => {
    const many = Array.from({ length: 30 }, (_, i): [bigint, FixtureAccount] => [BigInt(i), account()]);
    const other = many.map(([address]): [bigint, FixtureAccount] => [
      address,
      account({ nonce: 7n, balance: 7n, code: new Uint8Array(0) }),
    ]);
    expect(compareState(new Map(many), stateOf(...other))).toHaveLength(10);
    expect(compareState(new Map(many), stateOf(...other), 1)).toHaveLength(1);
    expect(compareState(new Map(), stateOf(...other), 4)).toHaveLength(4);
    expect(compareState(new Map(many), new MemoryState(), 1_000)).toHaveLength(30);
  });
});
