import { expect, test } from 'vitest';
import type { Runner } from '../../bench/contender.ts';
import { compare, geometricMean, median } from '../../bench/measure.ts';

test('median and geometric mean', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
});

/** Takes `ms` milliseconds in `run`, a hundred times as many in `reset`, and notes a run without a reset before. */
function busy(ms: number): Runner & { unready: number } {
  let ready = false;
  const wait = (time: number): void => {
    const end = performance.now() + time;
    while (performance.now() < end);
  };
  return {
    unready: 0,
    reset() {
      wait(ms * 100);
      ready = true;
    },
    run() {
      if (!ready) this.unready++;
      ready = false;
      wait(ms);
    },
    outcome: () => {
      throw new Error('not asked for');
    },
  };
}

test('times the run without its reset, and each run after one', async () => {
  const runners = [busy(0.5), busy(2)];
  const seen: number[] = [];
  const [comparison] = await compare([runners], 3, (round) => seen.push(round));
  const { timings, ratios, rounds } = comparison!;
  expect(rounds).toBe(3);
  expect(seen).toEqual([1, 2, 3]);
  expect(runners.map(({ unready }) => unready)).toEqual([0, 0]);
  expect(timings[0]!.median).toBeGreaterThanOrEqual(0.5);
  expect(timings[0]!.median, 'with a reset it would be 50').toBeLessThan(50);
  expect(ratios[0]).toBe(1);
  expect(ratios[1]).toBeGreaterThan(1);
});
