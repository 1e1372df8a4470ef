/** What a campaign promises: the same numbers give the same cases, and what reached something new is kept. */

import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { Campaign, type CampaignOptions } from '../../src/fuzz/campaign.ts';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { Random } from '../../src/fuzz/random.ts';
import { rememberedCrypto } from '../../src/fuzz/remembered-crypto.ts';
import { Halt } from '../../src/machine/halt.ts';

const outcomes = (seed: bigint, count: number, options: Partial<CampaignOptions> = {}): string[] => {
  const campaign = new Campaign(new Random(seed), { pace: 'many', profile: 'mixed', ...options });
  const runner = new CaseRunner();
  return Array.from({ length: count }, () => {
    const { fuzzCase, fresh, steps } = campaign.next();
    return `${runner.run(fuzzCase).stateRoot} ${fresh} ${steps}`;
  });
};

describe('numbers', () => {
  it('come from the seed and the stream', () => {
    const some = (seed: bigint, stream?: number): number[] => {
      const random = new Random(seed, stream);
      return Array.from({ length: 8 }, () => random.uint32());
    };
    expect(some(1n)).toEqual(some(1n));
    const others = [some(1n), some(2n), some(1n, 1), some(1n << 32n), some(2n ** 64n)];
    expect(new Set(others.map(String)).size).toBe(others.length);
  });

  it('are spread evenly, and stay within their bounds', () => {
    const random = new Random(3n);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    for (let i = 0; i < 1_000; i++) expect([3, 4, 5]).toContain(random.between(3, 5));
    expect(random.bits(256) < 2n ** 256n).toBe(true);
    expect(random.bytes(100)).toHaveLength(100);
  });
});

describe('a campaign', () => {
  it('is the same for the same seed, and another for another', () => {
    const once = outcomes(7n, 120);
    expect(outcomes(7n, 120)).toEqual(once);
    expect(outcomes(8n, 120)).not.toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(60);
  });

  it('begins with the cases that it is given, and adds those that reach more', () => {
    const first = new Campaign(new Random(1n), { pace: 'many', profile: 'storage' });
    const runs = Array.from({ length: 200 }, () => first.next());
    const kept = runs.filter(({ isKept }) => isKept).map(({ fuzzCase }) => fuzzCase);
    expect(first.kept).toBe(kept.length);
    const given = kept.slice(0, 5);
    const second = new Campaign(new Random(2n), { pace: 'many', profile: 'arithmetic', corpus: given });
    const begun = given.map(() => second.next().fuzzCase);
    expect(begun).toEqual(given);
    expect(second.kept).toBe(given.length);
    for (let i = 0; i < 50; i++) second.next();
    expect(second.kept).toBeGreaterThan(given.length);
    expect(given).toHaveLength(5);
  });

  it('has only the forks that it is told', () => {
    const campaign = new Campaign(new Random(1n), {
      pace: 'many',
      profile: 'mixed',
      forks: ['Berlin', 'Osaka'],
    });
    const forks = Array.from({ length: 200 }, () => campaign.next().fuzzCase.fork);
    expect([...new Set(forks)].sort()).toEqual(['Berlin', 'Osaka']);
  });

  it('says which case it was at where a run does not end well', () => {
    const campaign = new Campaign(new Random(1n), {
      pace: 'many',
      profile: 'mixed',
      interrupted: () => true,
    });
    expect(campaign.current).toBeNull();
    const { fuzzCase } = campaign.next();
    expect(campaign.current).toBe(fuzzCase);
  });
});

describe('coverage', () => {
  it('counts what is new once, and forgets nothing', () => {
    const coverage = new Coverage();
    const runner = new CaseRunner(coverage);
    const campaign = new Campaign(new Random(3n), { pace: 'many', profile: 'arithmetic', forks: ['Osaka'] });
    const cases = Array.from({ length: 5 }, () => campaign.next().fuzzCase);
    const news = [...cases, ...cases].map((fuzzCase) => {
      coverage.begin();
      const halt = runner.halt(fuzzCase);
      expect(halt).not.toBe(Halt.Continue);
      return coverage.take();
    });
    expect(news[0]).toBeGreaterThan(0);
    expect(news.slice(5)).toEqual([0, 0, 0, 0, 0]);
    expect(coverage.features).toBe(news.reduce((sum, fresh) => sum + fresh, 0));
    expect(coverage.steps).toBeGreaterThan(0);
  });

  it('counts the instructions that a tracer sees, and changes no outcome', () => {
    const coverage = new Coverage();
    const covered = new CaseRunner(coverage, rememberedCrypto(nobleCrypto));
    let steps = 0;
    const traced = new CaseRunner({ step: () => void steps++ });
    const plain = new CaseRunner();
    const campaign = new Campaign(new Random(6n), { pace: 'many', profile: 'mixed' });
    for (let i = 0; i < 150; i++) {
      const { fuzzCase } = campaign.next();
      const outcome = plain.run(fuzzCase);
      steps = 0;
      traced.halt(fuzzCase);
      coverage.begin();
      expect(covered.run(fuzzCase)).toEqual(outcome);
      expect(coverage.steps).toBe(steps);
      expect(covered.halt(fuzzCase)).toBe(outcome.halt);
    }
  });
});

describe('remembered cryptography', () => {
  it('answers as what it remembers, each time, and asks once', () => {
    let asked = 0;
    const bn254Mul: typeof nobleCrypto.bn254Mul = (point, scalar) => {
      asked++;
      return nobleCrypto.bn254Mul(point, scalar);
    };
    const crypto = rememberedCrypto({ ...nobleCrypto, bn254Mul });
    const point = { x: 1n, y: 2n };
    for (const scalar of [1n, 2n, 1n, 2n]) {
      expect(crypto.bn254Mul(point, scalar)).toEqual(nobleCrypto.bn254Mul(point, scalar));
    }
    expect(asked).toBe(2);
    // Off the curve: null is remembered as well.
    expect([0, 1].map(() => crypto.bn254Mul({ x: 1n, y: 1n }, 3n))).toEqual([null, null]);
    expect(asked).toBe(3);
    const hash = new Uint8Array(32).fill(1);
    const { r, s, yParity } = nobleCrypto.sign(hash, new Uint8Array(32).fill(2));
    const signer = nobleCrypto.secretToAddress(new Uint8Array(32).fill(2));
    expect(crypto.recoverAddress(hash, yParity, r, s)).toBe(signer);
    expect(crypto.recoverAddress(hash.slice().fill(3), yParity, r, s)).not.toBe(signer);
  });
});
