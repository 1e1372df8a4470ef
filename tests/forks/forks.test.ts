/** Forks: their names, order, rules and blob parameters. */

import { describe, expect, it } from 'vitest';
import { BLOB_SCHEDULE, blobBaseFee, GAS_PER_BLOB } from '../../src/forks/blob-schedule.ts';
import { FORKS, type ForkName, findFork, LATEST_FORK, lineageOf, parseFork } from '../../src/forks/fork.ts';
import { customFork, type Rules, rulesOf } from '../../src/forks/rules.ts';
import { code, push } from '../helpers/assembler.ts';
import { gasOf } from '../helpers/run.ts';

describe('names', () => {
  it.each<[string, ForkName]>([
    ['Frontier', 'Frontier'],
    ['EIP150', 'TangerineWhistle'],
    ['EIP158', 'SpuriousDragon'],
    ['ConstantinopleFix', 'Petersburg'],
    ['Merge', 'Paris'],
    ['Paris', 'Paris'],
    ['cancun', 'Cancun'],
    ['PRAGUE', 'Prague'],
    ['bpo1', 'BPO1'],
    ['tangerinewhistle', 'TangerineWhistle'],
  ])('%s is %s', (name, fork) => {
    expect(parseFork(name)).toBe(fork);
    expect(findFork(name)).toBe(fork);
  });

  it('each fork has its own, in any case', () => {
    for (const fork of FORKS) {
      expect(parseFork(fork)).toBe(fork);
      expect(parseFork(fork.toUpperCase())).toBe(fork);
    }
    expect(new Set(FORKS).size).toBe(22);
  });

  it.each(['', 'Atlantis', 'Cancun ', 'constructor', '__proto__', 'toString', 'Paris,Shanghai'])(
    '%j is none, and the error lists those that are',
    (name) => {
      expect(findFork(name)).toBeUndefined();
      expect(() => parseFork(name)).toThrow(
        expect.objectContaining({
          name: 'ErbiumError',
          code: 'UNKNOWN_FORK',
          message: expect.stringContaining('Osaka'),
        }),
      );
      expect(() => parseFork(name)).toThrow(JSON.stringify(name));
    },
  );

  it('stand in the order of the chain', () => {
    expect(lineageOf('Frontier')).toEqual(['Frontier']);
    expect(lineageOf('TangerineWhistle')).toEqual(['Frontier', 'Homestead', 'TangerineWhistle']);
    expect(lineageOf('BPO4')).toEqual([...FORKS]);
    const order: ForkName[] = [
      'Byzantium',
      'Petersburg',
      'Istanbul',
      'Berlin',
      'London',
      'Paris',
      'Shanghai',
      'Cancun',
      'Prague',
      'Osaka',
      'BPO1',
    ];
    const places = order.map((fork) => FORKS.indexOf(fork));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(LATEST_FORK).toBe('BPO2');
  });
});

const ETHER = 10n ** 18n;

const BLOCK_RULES = [
  ...(['proofOfWork', 'blockReward', 'receiptStatus', 'withdrawals', 'requests', 'maxBlockSize'] as const),
  ...(['difficultyPeriod', 'difficultyGradual', 'difficultyCountsUncles', 'difficultyBombDelay'] as const),
  ...([
    'beaconRootContract',
    'historyContract',
    'depositContract',
    'requestContracts',
    'blobBaseCost',
  ] as const),
];

describe('rules', () => {
  // Fork by fork: what it sets, and that the fork before had something else.
  it.each<[ForkName, Partial<Rules>, ForkName | null]>([
    [
      'Frontier',
      {
        txGas: 21_000,
        txCreateGas: 0,
        txDataNonZeroGas: 68,
        txTypes: [0],
        contractNonce: 0n,
        refundQuotient: 2,
      },
      null,
    ],
    ['Homestead', { txCreateGas: 32_000, lowSRequired: true, createNeedsDepositGas: true }, 'Frontier'],
    ['TangerineWhistle', { callGasCapped: true, selfdestructNewAccountGas: 25_000 }, 'Homestead'],
    [
      'SpuriousDragon',
      {
        replayProtection: true,
        expByteGas: 50,
        clearEmptyAccounts: true,
        contractNonce: 1n,
        newAccountNeedsValue: true,
        maxCodeSize: 24_576,
      },
      'TangerineWhistle',
    ],
    ['Constantinople', { sstoreNet: true, sstoreNoopGas: 200 }, 'Byzantium'],
    ['Petersburg', { sstoreNet: false }, 'Constantinople'],
    [
      'Istanbul',
      {
        sstoreNet: true,
        sstoreNoopGas: 800,
        sstoreSentry: 2_300,
        txDataNonZeroGas: 16,
        bn254AddGas: 150,
        bn254MulGas: 6_000,
        bn254PairingGas: 45_000,
        bn254PairGas: 34_000,
      },
      'Petersburg',
    ],
    [
      'Berlin',
      {
        accessLists: true,
        txTypes: [0, 1],
        coldAccountGas: 2_600,
        coldAccountExtra: 2_500,
        coldSlotGas: 2_100,
        warmSlotGas: 100,
        sstoreNoopGas: 100,
        sstoreResetGas: 2_900,
        accessListAddressGas: 2_400,
        accessListSlotGas: 1_900,
        modexpPricing: 'words',
        modexpMinGas: 200,
      },
      'MuirGlacier',
    ],
    [
      'London',
      {
        baseFee: true,
        txTypes: [0, 1, 2],
        refundQuotient: 5,
        sstoreClearRefund: 4_800,
        selfdestructRefund: 0,
        rejectEfCode: true,
      },
      'Berlin',
    ],
    ['Shanghai', { warmCoinbase: true, maxInitCodeSize: 49_152, initCodeWordGas: 2 }, 'Paris'],
    [
      'Cancun',
      {
        txTypes: [0, 1, 2, 3],
        selfdestructOnlyNew: true,
        blobs: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
      },
      'Shanghai',
    ],
    [
      'Prague',
      {
        txTypes: [0, 1, 2, 3, 4],
        txFloorTokenGas: 10,
        delegation: true,
        authorizationGas: 25_000,
        authorizationRefund: 12_500,
        blobs: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
      },
      'Cancun',
    ],
    [
      'Osaka',
      {
        maxTxBlobs: 6,
        maxTxGas: 16_777_216,
        modexpPricing: 'doubled',
        modexpMinGas: 500,
        modexpMaxLength: 1_024,
      },
      'Prague',
    ],
    ['BPO1', { blobs: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193 } }, 'Osaka'],
    ['BPO2', { blobs: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671 } }, 'BPO1'],
    ['BPO3', { blobs: { target: 21, max: 32, baseFeeUpdateFraction: 20_609_697 } }, 'BPO2'],
    ['BPO4', { blobs: { target: 14, max: 21, baseFeeUpdateFraction: 13_739_630 } }, 'BPO3'],
  ])('of %s', (fork, expected, before) => {
    const rules = rulesOf(fork);
    expect(rules).toMatchObject(expected);
    expect(rules.fork).toBe(fork);
    if (before === null) return;
    expect(rulesOf(before).lineage).toEqual(rules.lineage.slice(0, -1));
    for (const name of Object.keys(expected) as (keyof Rules)[]) {
      expect([name, rulesOf(before)[name]]).not.toEqual([name, rules[name]]);
    }
  });

  it.each<[ForkName, ForkName]>([
    ['MuirGlacier', 'Istanbul'],
    ['ArrowGlacier', 'London'],
    ['GrayGlacier', 'London'],
    ['Paris', 'London'],
    ['Byzantium', 'SpuriousDragon'],
  ])('of %s are those of %s, outside the tables and what is about blocks', (fork, same) => {
    const bare = (rules: Rules) =>
      Object.fromEntries(
        Object.entries(rules).filter(
          ([name]) => !['fork', 'lineage', ...BLOCK_RULES].includes(name as keyof Rules),
        ),
      );
    expect(bare(rulesOf(fork))).toEqual(bare(rulesOf(same)));
  });

  // Each row is all that its fork changes.
  it.each<[ForkName, Partial<Rules>]>([
    [
      'Frontier',
      {
        proofOfWork: true,
        blockReward: 5n * ETHER,
        difficultyPeriod: 13,
        difficultyGradual: false,
        difficultyCountsUncles: false,
        difficultyBombDelay: 0,
        receiptStatus: false,
        withdrawals: false,
        beaconRootContract: 0n,
        historyContract: 0n,
        requests: false,
        depositContract: 0n,
        requestContracts: [],
        blobBaseCost: 0,
        maxBlockSize: Number.POSITIVE_INFINITY,
      },
    ],
    ['Homestead', { difficultyPeriod: 10, difficultyGradual: true }],
    [
      'Byzantium',
      {
        blockReward: 3n * ETHER,
        difficultyPeriod: 9,
        difficultyCountsUncles: true,
        difficultyBombDelay: 3_000_000,
        receiptStatus: true,
      },
    ],
    ['Constantinople', { blockReward: 2n * ETHER, difficultyBombDelay: 5_000_000 }],
    ['MuirGlacier', { difficultyBombDelay: 9_000_000 }],
    ['London', { difficultyBombDelay: 9_700_000 }],
    ['ArrowGlacier', { difficultyBombDelay: 10_700_000 }],
    ['GrayGlacier', { difficultyBombDelay: 11_400_000 }],
    ['Paris', { proofOfWork: false, blockReward: 0n }],
    ['Shanghai', { withdrawals: true }],
    ['Cancun', { beaconRootContract: BigInt('0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02') }],
    [
      'Prague',
      {
        historyContract: BigInt('0x0000F90827F1C53a10cb7A02335B175320002935'),
        requests: true,
        depositContract: BigInt('0x00000000219ab540356cBB839Cbe05303d7705Fa'),
        requestContracts: [
          { address: BigInt('0x00000961Ef480Eb55e80D19ad83579A64c007002'), type: 1 },
          { address: BigInt('0x0000BBdDc7CE488642fb579F8B00f3a590007251'), type: 2 },
        ],
      },
    ],
    ['Osaka', { blobBaseCost: 8_192, maxBlockSize: 8 * 2 ** 20 }],
  ])('of the blocks of %s', (fork, expected) => {
    const blockRules = (name: ForkName) =>
      Object.fromEntries(BLOCK_RULES.map((field) => [field, rulesOf(name)[field]]));
    const before = FORKS[FORKS.indexOf(fork) - 1];
    expect(blockRules(fork)).toEqual({ ...(before === undefined ? {} : blockRules(before)), ...expected });
  });

  it('are frozen, and the same object each time', () => {
    const rules = rulesOf('Berlin');
    expect(rulesOf('Berlin')).toBe(rules);
    expect(Object.isFrozen(rules)).toBe(true);
    expect(() => Object.assign(rules, { txGas: 1 })).toThrow(TypeError);
  });
});

describe('an own fork', () => {
  it('has the rules of its parent but for its changes', () => {
    const rules = customFork('Mine', rulesOf('Osaka'), { expByteGas: 7 });
    expect(rules).toEqual({
      ...rulesOf('Osaka'),
      expByteGas: 7,
      fork: 'Mine',
      lineage: [...FORKS.slice(0, 18), 'Mine'],
    });
    expect(Object.isFrozen(rules)).toBe(true);
    expect(rulesOf('Osaka').expByteGas).toBe(50);
  });

  it('runs by its rules', () => {
    const rules = customFork('Mine', rulesOf('Osaka'), { expByteGas: 7 });
    const program = code(push(0x1ff), push(2), 'EXP');
    expect(gasOf(program, { fork: rules })).toBe(6 + 10 + 14);
    expect(gasOf(program, { fork: 'Osaka' })).toBe(6 + 10 + 100);
  });

  it('may have a parent of one’s own', () => {
    const second = customFork('Second', customFork('First', rulesOf('Paris'), { expByteGas: 7 }), {
      txGas: 5,
    });
    expect([second.expByteGas, second.txGas, second.lineage.slice(-2)]).toEqual([7, 5, ['First', 'Second']]);
  });
});

describe('the blob base fee (EIP-4844)', () => {
  /** fake_exponential of the EIP, in its own words. */
  function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
    let i = 1n;
    let output = 0n;
    let accumulator = factor * denominator;
    while (accumulator > 0n) {
      output += accumulator;
      accumulator = (accumulator * numerator) / (denominator * i);
      i += 1n;
    }
    return output / denominator;
  }

  it.each([
    [0n, 1n],
    [2_314_057n, 1n],
    [2_314_058n, 2n],
    [10n * 1_024n * 1_024n, 23n],
    [393_216n * 10n, 3n],
  ])('of %d excess in Cancun is %d', (excess, fee) => {
    expect(blobBaseFee(excess, BLOB_SCHEDULE.Cancun)).toBe(fee);
  });

  it.each(Object.entries(BLOB_SCHEDULE))('follows the formula with the parameters of %s', (_, params) => {
    const fraction = BigInt(params.baseFeeUpdateFraction);
    for (let i = 0n; i < 60n; i++) {
      const excess = (i * i * fraction) / 25n;
      expect(blobBaseFee(excess, params)).toBe(fakeExponential(1n, excess, fraction));
    }
  });

  it('of a hostile excess is found at once, and beyond anyone’s means', () => {
    // e^178 is above 2^256 already.
    for (const excess of [
      178n * BigInt(BLOB_SCHEDULE.Prague!.baseFeeUpdateFraction),
      2n ** 64n - 1n,
      2n ** 64n,
      2n ** 256n - 1n,
    ]) {
      expect(blobBaseFee(excess, BLOB_SCHEDULE.Prague)).toBe(2n ** 256n - 1n);
    }
    expect(GAS_PER_BLOB).toBe(2 ** 17);
  });
});
