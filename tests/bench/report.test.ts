import { expect, test } from 'vitest';
import { toJson, toTable } from '../../bench/report.ts';

const row = (name: string, ratio: number) => ({
  name,
  timings: [
    { median: 1, spread: 0.02 },
    { median: ratio, spread: 0.5 },
  ],
  ratios: [1, ratio],
  rounds: 3,
});
const rows = [row('a', 2), row('b', 8)];

test('the table has version, ratios, geometric mean and minimum', () => {
  const table = toTable(['ours', 'theirs'], rows);
  expect(table).toContain(`Node ${process.version}`);
  expect(table).toMatch(/^a +1\.00 +±1% +2\.00 +±25% +2\.00$/m);
  expect(table).toContain(
    'theirs takes 4.00 times as long as ours (geometric mean of 2), at the least 2.00 times (a).',
  );
});

test('JSON has the same', () => {
  expect(JSON.parse(toJson(['ours', 'theirs'], rows))).toEqual({
    node: process.version,
    evms: ['ours', 'theirs'],
    workloads: rows,
    totals: [{ name: 'theirs', geometricMean: expect.closeTo(4, 9), minimum: 2, slowest: 'a' }],
  });
});
