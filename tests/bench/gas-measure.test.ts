import { expect, test } from 'vitest';
import { measureRounds } from '../../bench/gas/measure.ts';

test('runs ecrecover before and after each work of each round', () => {
  const runs: string[] = [];
  const note = (name: string) => (): void => {
    if (runs.at(-1) !== name) runs.push(name);
  };
  const seen: string[] = [];
  const works = [
    { run: note('a'), warmUp: true },
    { run: note('b'), warmUp: false },
  ];
  const times = measureRounds(note('e'), works, 2, (what) => {
    seen.push(what);
    runs.push(what);
  });
  expect(seen).toEqual(['warming up', 'round 1 of 2', 'round 2 of 2']);
  const round = ['e', 'a', 'e', 'b', 'e'];
  expect(runs).toEqual([
    'warming up',
    'e',
    'a',
    'b',
    'e',
    'round 1 of 2',
    ...round,
    'round 2 of 2',
    ...round,
  ]);
  expect(times.map((of) => of.length)).toEqual([2, 2]);
  for (const { own } of times.flat()) expect(own).toBeGreaterThan(0);
});
