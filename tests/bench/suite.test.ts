import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../bench/options.ts';
import { runSuite, WrongResult } from '../../bench/suite/command.ts';
import { compareSample, filesOf } from '../../bench/suite/sample.ts';
import { COMMAND, postsOf, SMOKE, smokeText, spoilt, useFolder } from '../cli/support.ts';

const folder = useFolder();
const TRANSACTIONS = join(SMOKE, 'transactions');

test('the command runs a folder with each engine', () => {
  const wasm = runSuite(TRANSACTIONS, 'wasm', 2, COMMAND);
  expect(wasm.cases).toBeGreaterThan(100);
  expect(wasm.seconds).toBeGreaterThan(0);
  expect(runSuite(TRANSACTIONS, 'bigint', 1, COMMAND).cases).toBe(wasm.cases);
});

test('what fails or cannot be read is no figure', () => {
  const wrong = spoilt('transactions/transfer', (test) => {
    for (const post of postsOf(test)) post.hash = `0x${'11'.repeat(32)}`;
  });
  expect(() => runSuite(folder.write('wrong.json', wrong), 'wasm', 1, COMMAND)).toThrow(WrongResult);
  expect(() => runSuite(folder.write('broken.json', '{'), 'wasm', 1, COMMAND)).toThrow(UsageError);
  expect(() => runSuite(join(folder.path, 'none'), 'wasm', 1, COMMAND)).toThrow(UsageError);
});

test('a sample is spread over the folder', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e/a'])
    folder.write(`files/${name}.json`, smokeText('transactions/transfer'));
  const [all, two] = [9, 2].map((count) => filesOf(join(folder.path, 'files'), count));
  expect(all).toHaveLength(5);
  expect(two).toEqual([all![0], all![2]]);
  expect(() => filesOf(join(folder.path, 'none'), 1)).toThrow(UsageError);
});

test('both EVMs agree about a sample', async () => {
  const { files, cases, differing, erbium, ethereumjs } = await compareSample(TRANSACTIONS, 2);
  expect(files).toBe(2);
  expect(cases).toBeGreaterThan(0);
  expect(differing).toBe(0);
  expect(Math.min(erbium, ethereumjs)).toBeGreaterThan(0);
});
