import { expect, test } from 'vitest';
import { parseOptions } from '../../bench/gas/options.ts';
import { UsageError } from '../../bench/options.ts';

test('defaults and options', () => {
  expect(parseOptions([])).toEqual({ rounds: 5, only: '', json: false });
  expect(parseOptions(['--rounds', '2', '--only', ' MODEXP 32', '--json'])).toEqual({
    rounds: 2,
    only: 'modexp 32',
    json: true,
  });
  expect(parseOptions(['--rounds=many', '--help'])).toBe('help');
});

test.each([
  [['--what'], /--what/],
  [['stray'], /stray/],
  [['--rounds', '0'], '--rounds 0: not a whole number of at least 1'],
  [['--rounds', '-1'], /--rounds/],
  [['--rounds', '1.5'], /1\.5/],
  [['--rounds', 'many'], /many/],
  [['--rounds', '1e30'], /1e30/],
  [['--rounds'], /--rounds/],
  [['--only'], /--only/],
  [['--only', '  '], '--only: no text to look for'],
  [['--json=1'], /--json/],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});
