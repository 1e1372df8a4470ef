/** What follows from the parent: examples of the EIPs, and @ethereumjs/block as a second opinion. */

import { createBlockHeader } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_UNCLES_HASH } from '../../../src/executor/block/empty.ts';
import { nextBaseFee, nextDifficulty, nextExcessBlobGas } from '../../../src/executor/block/fees.ts';
import { genesisHeader, type Header } from '../../../src/executor/block/index.ts';
import { GAS_PER_BLOB } from '../../../src/forks/blob-schedule.ts';
import { type ForkName, rulesOf } from '../../../src/index.ts';

const headerOf = (fork: ForkName, fields: Partial<Header>): Header => ({
  ...genesisHeader(rulesOf(fork), new Uint8Array(32)),
  ...fields,
});

describe('nextBaseFee', () => {
  const parent = (gasUsed: bigint, baseFee: bigint | null = 1_000_000_000n): Header =>
    headerOf('London', { gasLimit: 20_000_000n, gasUsed, baseFee });

  it.each([
    [10_000_000n, 1_000_000_000n],
    [20_000_000n, 1_125_000_000n],
    [0n, 875_000_000n],
    [9_000_000n, 987_500_000n],
    [10_000_001n, 1_000_000_012n],
  ])('after %i of 20 million gas', (gasUsed, expected) => {
    expect(nextBaseFee(parent(gasUsed))).toBe(expected);
  });

  it('rises by 1 wei at least, and may fall to nothing less than it is', () => {
    expect(nextBaseFee(parent(10_000_001n, 7n))).toBe(8n);
    expect(nextBaseFee(parent(0n, 7n))).toBe(7n);
    expect(nextBaseFee(parent(20_000_000n, 0n))).toBe(1n);
  });

  it('begins with 1 gwei', () => {
    expect(nextBaseFee(parent(0n, null))).toBe(1_000_000_000n);
  });

  it('is that of @ethereumjs/block', () => {
    const common = new Common({ chain: Mainnet, hardfork: Hardfork.London });
    fc.assert(
      fc.property(
        fc.bigInt(5_000n, 1n << 40n),
        fc.bigInt(0n, 1_000n),
        fc.bigInt(0n, 1n << 60n),
        (gasLimit, share, baseFee) => {
          const gasUsed = (gasLimit * share) / 1_000n;
          const theirs = createBlockHeader(
            { number: 12_965_001n, gasLimit, gasUsed, baseFeePerGas: baseFee },
            { common, skipConsensusFormatValidation: true },
          );
          expect(nextBaseFee(headerOf('London', { gasLimit, gasUsed, baseFee }))).toBe(
            theirs.calcNextBaseFee(),
          );
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('nextExcessBlobGas', () => {
  const blob = BigInt(GAS_PER_BLOB);
  const excessAfter = (fork: ForkName, excess: bigint | null, used: bigint | null, baseFee = 7n): bigint => {
    const rules = rulesOf(fork);
    return nextExcessBlobGas(
      headerOf(fork, { excessBlobGas: excess, blobGasUsed: used, baseFee }),
      rules,
      rules.blobs!,
    );
  };

  it.each<[ForkName, bigint | null, bigint | null, bigint]>([
    ['Cancun', null, null, 0n],
    ['Cancun', 0n, 3n * blob, 0n],
    ['Cancun', 0n, 4n * blob, blob],
    ['Cancun', 2n * blob, 0n, 0n],
    ['Cancun', 4n * blob, 0n, blob],
    ['Prague', 0n, 9n * blob, 3n * blob],
    ['Prague', 4n * blob, 0n, 0n],
    ['BPO1', 0n, 15n * blob, 5n * blob],
    ['BPO2', 0n, 21n * blob, 7n * blob],
  ])('in %s after an excess of %s and %s used', (fork, excess, used, expected) => {
    expect(excessAfter(fork, excess, used)).toBe(expected);
  });

  it('does not fall while a blob costs less than its share of execution gas (EIP-7918)', () => {
    const dear = 10n ** 9n;
    expect(excessAfter('Prague', 10n * blob, 6n * blob, dear)).toBe(10n * blob);
    expect(excessAfter('Osaka', 10n * blob, 6n * blob, dear)).toBe(12n * blob);
    expect(excessAfter('Osaka', 10n * blob, 0n, dear)).toBe(10n * blob);
    expect(excessAfter('Osaka', 10n * blob, 0n, 16n)).toBe(4n * blob);
    // 8,192 gas at 17 wei are more than 131,072 at 1 wei; at 16 wei they are as much.
    expect(excessAfter('Osaka', 10n * blob, 0n, 17n)).toBe(10n * blob);
    expect(excessAfter('Osaka', blob, 0n, dear)).toBe(0n);
  });
});

describe('nextDifficulty', () => {
  const cases: readonly (readonly [ForkName, Hardfork, bigint])[] = [
    ['Frontier', Hardfork.Chainstart, 1_100_000n],
    ['Homestead', Hardfork.Homestead, 2_000_000n],
    ['Byzantium', Hardfork.Byzantium, 5_000_000n],
    ['Petersburg', Hardfork.Constantinople, 8_000_000n],
    ['MuirGlacier', Hardfork.MuirGlacier, 9_900_000n],
    ['ArrowGlacier', Hardfork.ArrowGlacier, 14_000_000n],
    ['GrayGlacier', Hardfork.GrayGlacier, 15_400_000n],
  ];

  it.each(cases)('in %s is that of @ethereumjs/block', (fork, hardfork, block) => {
    const common = new Common({ chain: Mainnet, hardfork });
    const options = { common, skipConsensusFormatValidation: true };
    fc.assert(
      fc.property(
        fc.bigInt(131_072n, 1n << 54n),
        fc.bigInt(1n, 1_200n),
        fc.bigInt(0n, 400_000n),
        fc.boolean(),
        (difficulty, seconds, further, hasUncles) => {
          const number = block + further;
          const uncleHash = new Uint8Array(32).fill(1);
          const timestamp = 1_000_000n;
          const theirParent = createBlockHeader(
            { number: number - 1n, timestamp, difficulty, ...(hasUncles ? { uncleHash } : {}) },
            options,
          );
          const theirs = createBlockHeader({ number, timestamp: timestamp + seconds }, options);
          const unclesHash = hasUncles ? 1n : EMPTY_UNCLES_HASH;
          const parent = headerOf(fork, { number: number - 1n, timestamp, difficulty, unclesHash });
          expect(nextDifficulty(parent, number, timestamp + seconds, rulesOf(fork))).toBe(
            theirs.ethashCanonicalDifficulty(theirParent),
          );
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  // @ethereumjs/block leaves EIP-3554 out of its rules of London.
  it('in London counts 9.7 million blocks less', () => {
    const parent = headerOf('London', { difficulty: 131_072n, timestamp: 0n });
    expect(nextDifficulty(parent, 13_000_000n, 1n, rulesOf('London'))).toBe(131_072n + 64n + 2n ** 31n);
    expect(nextDifficulty(parent, 9_899_999n, 1n, rulesOf('London'))).toBe(131_072n + 64n);
    expect(nextDifficulty(parent, 9_900_000n, 1n, rulesOf('London'))).toBe(131_072n + 64n + 1n);
  });

  it('of the second block of mainnet', () => {
    const parent = headerOf('Frontier', { difficulty: 17_179_869_184n, timestamp: 0n });
    expect(nextDifficulty(parent, 1n, 1_438_269_988n, rulesOf('Frontier'))).toBe(17_171_480_576n);
  });
});
