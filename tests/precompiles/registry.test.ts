import { describe, expect, it } from 'vitest';
import { PRECOMPILES, type Precompile, precompilesOf } from '../../precompiles/index.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import { customFork, rulesOf } from '../../src/forks/rules.ts';
import { OSAKA } from './support.ts';

const range = (last: number): bigint[] => Array.from({ length: last }, (_, i) => BigInt(i + 1));

const row = (address: bigint, since = 'Frontier'): Precompile => ({
  address,
  name: 'TEST',
  since,
  gas: () => 0,
  run: () => null,
});

describe('precompilesOf', () => {
  it.each<[ForkName, bigint[]]>([
    ['Frontier', range(4)],
    ['SpuriousDragon', range(4)],
    ['Byzantium', range(8)],
    ['Petersburg', range(8)],
    ['Istanbul', range(9)],
    ['Shanghai', range(9)],
    ['Cancun', range(10)],
    ['Prague', range(17)],
    ['Osaka', [...range(17), 0x100n]],
  ])('has in %s the right addresses', (fork, addresses) => {
    const set = precompilesOf(rulesOf(fork));
    expect([...set.keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual(addresses);
    for (const [address, precompile] of set) expect(precompile.address).toBe(address);
  });

  it('has a name of its own for every row', () => {
    const names = PRECOMPILES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets an extra replace a row of the table, and the later of two extras win', () => {
    const first = row(2n);
    const second = row(2n, 'NoSuchFork');
    const added = row(0xffffn);
    const set = precompilesOf(OSAKA, [first, second, added]);
    expect(set.get(2n)).toBe(second);
    expect(set.get(0xffffn)).toBe(added);
    expect(set.size).toBe(PRECOMPILES.length + 1);
    expect(precompilesOf(OSAKA).get(2n)).not.toBe(second);
  });

  it('keeps everything of the parent in a fork of one’s own', () => {
    const rules = customFork('Mine', rulesOf('Byzantium'), {});
    expect([...precompilesOf(rules).keys()]).toEqual(range(8));
  });
});
