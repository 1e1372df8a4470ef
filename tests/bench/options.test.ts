import { expect, test } from 'vitest';
import { parseOptions, UsageError } from '../../bench/options.ts';

test('defaults and options', () => {
  expect(parseOptions([])).toEqual({
    vs: undefined,
    workloads: undefined,
    only: /(?:)/,
    rounds: 7,
    json: false,
  });
  expect(
    parseOptions(['--vs', 'ethereumjs', '--workloads', 'dir', '--only', '^a', '--rounds=2', '--json']),
  ).toEqual({ vs: 'ethereumjs', workloads: 'dir', only: /^a/, rounds: 2, json: true });
  expect(parseOptions(['--help'])).toBe('help');
});

test.each([
  ['--what'],
  ['stray'],
  ['--vs', 'geth'],
  ['--vs'],
  ['--rounds', '0'],
  ['--rounds', '1.5'],
  ['--rounds', 'many'],
  ['--only', '('],
])('refuses %s %s', (...args) => {
  expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(UsageError);
});
