/** Which rules a block follows, mainnet's schedule, and the accounts of the DAO. */

import { describe, expect, it } from 'vitest';
import { DAO_ACCOUNTS, DAO_EXTRA_DATA } from '../../src/forks/dao.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { MAINNET, scheduleOf } from '../../src/forks/schedule.ts';
import { rulesOf } from '../../src/index.ts';

describe('scheduleOf', () => {
  const [a, b, c] = [rulesOf('London'), rulesOf('Paris'), rulesOf('Shanghai')];

  it('gives the rules of the last activation that is reached', () => {
    const at = scheduleOf(a, [
      { rules: b, number: 10n },
      { rules: c, time: 100n },
    ]);
    expect(at(9n, 99n)).toBe(a);
    expect(at(10n, 99n)).toBe(b);
    expect(at(10n, 100n)).toBe(c);
    expect(at(0n, 100n)).toBe(c);
  });

  it('of one fork is that fork', () => {
    expect(scheduleOf(a)(10n ** 18n, 10n ** 18n)).toBe(a);
  });
});

describe('mainnet', () => {
  it.each([
    [0n, 0n, 'Frontier'],
    [1_149_999n, 0n, 'Frontier'],
    [1_150_000n, 0n, 'Homestead'],
    [1_920_000n, 0n, 'Homestead'],
    [2_463_000n, 0n, 'TangerineWhistle'],
    [2_675_000n, 0n, 'SpuriousDragon'],
    [4_370_000n, 0n, 'Byzantium'],
    [7_279_999n, 0n, 'Byzantium'],
    [7_280_000n, 0n, 'Petersburg'],
    [9_069_000n, 0n, 'Istanbul'],
    [9_200_000n, 0n, 'MuirGlacier'],
    [12_244_000n, 0n, 'Berlin'],
    [12_965_000n, 0n, 'London'],
    [13_773_000n, 0n, 'ArrowGlacier'],
    [15_050_000n, 0n, 'GrayGlacier'],
    [15_537_393n, 1_663_224_162n, 'GrayGlacier'],
    [15_537_394n, 1_663_224_179n, 'Paris'],
    [17_034_869n, 1_681_338_443n, 'Paris'],
    [17_034_870n, 1_681_338_455n, 'Shanghai'],
    [19_426_587n, 1_710_338_135n, 'Cancun'],
    [22_431_084n, 1_746_612_311n, 'Prague'],
    [23_935_694n, 1_764_798_551n, 'Osaka'],
    [24_000_000n, 1_765_290_071n, 'BPO1'],
    [24_200_000n, 1_767_747_671n, 'BPO2'],
  ] as const)('block %i at %i follows %s', (number, timestamp, fork) => {
    expect(MAINNET(number, timestamp)).toBe(rulesOf(fork));
    expect(FORKS).toContain(fork);
  });
});

describe('the DAO', () => {
  it('has 116 accounts, each once, itself among them', () => {
    expect(new Set(DAO_ACCOUNTS).size).toBe(116);
    expect(DAO_ACCOUNTS).toContain(0xbb9bc244d798123fde783fcc1c72d3bb8c189413n);
    expect(DAO_ACCOUNTS).toContain(0x304a554a310c7e546dfe434669c62820b7d83490n);
    for (const address of DAO_ACCOUNTS) expect(address >> 160n).toBe(0n);
  });

  it('marks its blocks', () => {
    expect(new TextDecoder().decode(DAO_EXTRA_DATA)).toBe('dao-hard-fork');
  });
});
