import { describe, expect, test } from 'vitest';
import { toJson, toTable } from '../../bench/gas/report.ts';
import { complaints, costOf, isBelow, type Row, shareOf } from '../../bench/gas/verdict.ts';

const row = (kind: Row['kind'], price: number, cost: number): Row => ({
  kind,
  name: 'OPERATION',
  label: 'n=8',
  bytes: 96,
  price,
  milliseconds: 0.0125,
  cost,
  spread: 0.04,
});

const hostile = (price: number, cost: number) => ({
  index: 3,
  count: 20,
  bytes: 12,
  price,
  milliseconds: 1,
  cost,
  spread: 0,
});

describe('the cost', () => {
  test('is the median over the rounds of 3,000 gas times own time over time of ecrecover', () => {
    const times = [
      { own: 2, ecrecover: 1 },
      // A slow moment that hits both.
      { own: 30, ecrecover: 10 },
      { own: 4, ecrecover: 1 },
    ];
    const cost = costOf(times);
    expect(cost.cost).toBe(9_000);
    expect(cost.milliseconds).toBe(4);
    expect(cost.spread).toBeCloseTo(6_000 / 9_000, 12);
  });

  test('of a single round has no spread', () => {
    expect(costOf([{ own: 1, ecrecover: 2 }])).toEqual({ cost: 1_500, milliseconds: 1, spread: 0 });
  });
});

describe('the verdict', () => {
  test('takes 0.8 of the cost for enough, and less for too little', () => {
    expect(shareOf(row('extension', 800, 1_000))).toBe(0.8);
    expect(isBelow(row('extension', 800, 1_000))).toBe(false);
    expect(complaints([row('extension', 800, 1_000), row('extension', 5_000, 1_000)])).toEqual([]);
    expect(isBelow(row('extension', 799, 1_000))).toBe(true);
    expect(complaints([row('extension', 5_000, 1_000), row('extension', 799, 1_000)])).toEqual([
      'OPERATION, n=8: the price of 799 gas is 0.80 of the cost of 1,000, less than 0.8.',
    ]);
  });

  test('leaves the prices of Ethereum alone', () => {
    expect(complaints([row('standard', 1, 1_000)])).toEqual([]);
    expect(isBelow(row('standard', 1, 1_000))).toBe(true);
  });

  test('takes distorted inputs up to three times their own price', () => {
    const enough = row('extension', 5_000, 1_000);
    expect(complaints([{ ...enough, hostile: hostile(100, 300) }])).toEqual([]);
    expect(complaints([{ ...enough, hostile: hostile(100, 301) }])).toEqual([
      'OPERATION, n=8: distorted input 3 of 12 bytes costs 301 gas, 3.0 times its price of 100, more than 3.',
    ]);
    expect(complaints([{ ...enough, hostile: hostile(0, 1) }])).toHaveLength(1);
  });

  test('names what has no label by its name alone', () => {
    expect(complaints([{ ...row('extension', 1, 2), label: '' }])[0]).toMatch(/^OPERATION: the price/);
  });

  test('has a sentence for either fault of one row', () => {
    expect(complaints([{ ...row('extension', 1, 2), hostile: hostile(1, 4) }])).toHaveLength(2);
  });
});

describe('the report', () => {
  const firstCalls = [{ name: 'OPERATION', label: 'n=8', price: 100, cost: 450 }];
  const rows = [
    row('standard', 100, 1_000),
    { ...row('extension', 10_000, 12_000), hostile: hostile(100, 150) },
  ];
  const result = { ecrecover: 1_234.5, rounds: 4, rows, firstCalls };

  test('has a line of each operation', () => {
    const table = toTable(result);
    expect(table).toContain(
      `Node ${process.version}, processor time, medians of 4 rounds; ecrecover, 1,235 µs, is 3,000 gas.`,
    );
    expect(table).toMatch(/^OPERATION +n=8 +96 +100 +12\.5 +1,000 +2% +0\.10 +below 0\.8$/m);
    expect(table).toMatch(/^OPERATION +n=8 +96 +10,000 +12\.5 +12,000 +2% +0\.83 +1\.50$/m);
    expect(table).toContain('OPERATION, n=8: 450 gas, 4.5 times the price of 100');
    expect(table.split('\n').at(-1)).toMatch(/^Every extension is priced at 0\.8 of its cost or more/);
  });

  test('ends with what is wrong', () => {
    const wrong = toTable({ ...result, rows: [row('extension', 1, 1_000)] });
    expect(wrong.split('\n').at(-1)).toBe(
      'OPERATION, n=8: the price of 1 gas is 0.00 of the cost of 1,000, less than 0.8.',
    );
    expect(wrong).not.toContain('Every extension');
  });

  test('claims nothing about extensions where there are none', () => {
    const lines = toTable({ ...result, rows: [rows[0]!] }).split('\n');
    expect(lines.at(-1)).toBe('No extension was measured.');
  });

  test('in JSON has the same', () => {
    expect(JSON.parse(toJson(result))).toEqual({
      node: process.version,
      rounds: 4,
      ecrecover: 1_234.5,
      rows: [
        { ...rows[0], share: 0.1 },
        { ...rows[1], share: expect.closeTo(5 / 6, 12) },
      ],
      firstCalls,
      complaints: [],
    });
  });
});
