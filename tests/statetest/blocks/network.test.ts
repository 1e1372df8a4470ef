/** The names that fixtures use: networks, and reasons of rejections. */

import { describe, expect, it } from 'vitest';
import { BLOCK_REASONS } from '../../../src/executor/block/index.ts';
import { REASONS, rulesOf } from '../../../src/index.ts';
import { acceptedBlockReasons, parseNetwork } from '../../../src/statetest/index.ts';

const NONE = new Map();

describe('parseNetwork', () => {
  it.each([
    ['ShanghaiToCancunAtTime15k', 'Shanghai', 'Cancun'],
    ['PragueToOsakaAtTime15k', 'Prague', 'Osaka'],
    ['OsakaToBPO1AtTime15k', 'Osaka', 'BPO1'],
    ['BPO1ToBPO2AtTime15k', 'BPO1', 'BPO2'],
  ] as const)('%s changes with the time', (name, from, to) => {
    const { rulesAt, daoBlock } = parseNetwork(name, NONE);
    expect(rulesAt(1_000_000n, 14_999n)).toBe(rulesOf(from));
    expect(rulesAt(0n, 15_000n)).toBe(rulesOf(to));
    expect(daoBlock).toBeNull();
  });

  it.each([
    ['FrontierToHomesteadAt5', 'Frontier', 'Homestead'],
    ['HomesteadToEIP150At5', 'Homestead', 'TangerineWhistle'],
    ['EIP158ToByzantiumAt5', 'SpuriousDragon', 'Byzantium'],
    ['ByzantiumToConstantinopleFixAt5', 'Byzantium', 'Petersburg'],
    ['BerlinToLondonAt5', 'Berlin', 'London'],
  ] as const)('%s changes with the number', (name, from, to) => {
    const { rulesAt } = parseNetwork(name, NONE);
    expect(rulesAt(4n, 1_000_000n)).toBe(rulesOf(from));
    expect(rulesAt(5n, 0n)).toBe(rulesOf(to));
  });

  it('of one fork has the rules of that', () => {
    expect(parseNetwork('ConstantinopleFix', NONE).rulesAt(0n, 0n)).toBe(rulesOf('Petersburg'));
  });

  it('of the DAO fork has the block in which it happens', () => {
    const { rulesAt, daoBlock } = parseNetwork('HomesteadToDaoAt5', NONE);
    expect(daoBlock).toBe(5n);
    expect(rulesAt(9n, 0n)).toBe(rulesOf('Homestead'));
  });

  it('of the merge has the rules that come with a total difficulty', () => {
    const { rulesAt, merge } = parseNetwork('ArrowGlacierToParisAtDiffC0000', NONE);
    expect(rulesAt(1n << 32n, 1n << 32n)).toBe(rulesOf('ArrowGlacier'));
    expect(merge).toEqual({ difficulty: 0xc0000n, rules: rulesOf('Paris') });
    expect(parseNetwork('BerlinToLondonAt5', NONE).merge).toBeNull();
  });

  it('takes the blob parameters of the fixture for each of its forks, and the same rules every time', () => {
    const blobs = { target: 1, max: 2, baseFeeUpdateFraction: 3 };
    const { rulesAt } = parseNetwork('PragueToOsakaAtTime15k', new Map([['Osaka', blobs]]));
    expect(rulesAt(0n, 15_000n).blobs).toEqual(blobs);
    expect(rulesAt(0n, 15_000n)).toBe(rulesAt(1n, 15_001n));
    expect(rulesAt(0n, 0n).blobs).toBe(rulesOf('Prague').blobs);
  });

  it.each([
    ...['Atlantis', 'ShanghaiToAtlantisAtTime15k', 'HomesteadToDaoAtTime5', 'HomesteadToDaoAtDiff5', ''],
    ...['ArrowGlacierToAtlantisAtDiffC0000', 'ArrowGlacierToParisAtDiff', 'ArrowGlacierToParisAtDiff1k'],
  ])('refuses %j', (name) => {
    expect(() => parseNetwork(name, NONE)).toThrow(expect.objectContaining({ code: 'UNKNOWN_FORK' }));
  });
});

describe('acceptedBlockReasons', () => {
  it.each([
    ['BlockException.INVALID_GASLIMIT', ['INVALID_GASLIMIT']],
    ['BlockException.GASLIMIT_TOO_BIG', ['INVALID_GASLIMIT']],
    ['TransactionException.SENDER_NOT_EOA', ['SENDER_NOT_EOA']],
    [
      'BlockException.INVALID_WITHDRAWALS_ROOT|BlockException.INVALID_BLOCK_HASH',
      ['INVALID_WITHDRAWALS_ROOT'],
    ],
    [
      'BlockException.RLP_STRUCTURES_ENCODING|TransactionException.NONCE_TOO_BIG',
      ['RLP_STRUCTURES_ENCODING', 'NONCE_IS_MAX', 'NONCE_OVERFLOW'],
    ],
    ['something', []],
    ['TransactionException.INVALID_GASLIMIT', []],
    ['BlockException.SENDER_NOT_EOA', []],
  ])('of %s', (text, reasons) => {
    expect(acceptedBlockReasons(text)).toEqual(reasons);
  });

  it('tell blocks and transactions apart: no code means both', () => {
    expect(Object.keys(BLOCK_REASONS).filter((code) => Object.hasOwn(REASONS, code))).toEqual([]);
  });
});
