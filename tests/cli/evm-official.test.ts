/**
 * A whole folder of state tests through the batch mode of `erbium-evm statetest`: each root is that of the fixture, and
 * that of `erbium statetest`. ERBIUM_STATE_TESTS names official tests unpacked, one process for each folder in it;
 * without it the smoke tests are taken.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFork } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { batchOf, EVM } from './evm-support.ts';
import { COMMAND, SMOKE, type TestJson } from './support.ts';

const FOLDER = process.env.ERBIUM_STATE_TESTS ?? SMOKE;
const TIME_LIMIT_MS = 180_000;

/** Files of a folder, by the folder in it where they are. */
function groups(folder: string): (readonly [name: string, files: string[]])[] {
  const byName = new Map<string, string[]>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.json') || file.startsWith('.meta')) continue;
    const parts = file.split('/');
    // The converted older tests are most of all: they are taken folder by folder.
    const name = parts.slice(0, parts[0] === 'static' ? -1 : 1).join('/');
    byName.set(name, [...(byName.get(name) ?? []), join(folder, file)]);
  }
  return [...byName];
}

function run(program: string, args: readonly string[], input = ''): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 29,
    timeout: TIME_LIMIT_MS,
  });
  expect(status).toBe(0);
  return { stdout, stderr };
}

interface Case {
  readonly name: string;
  readonly fork: string;
  readonly root: unknown;
  /** Geth touches the coinbase also of a transaction that it rejects, which shows where empty accounts stay. */
  readonly isTouched: boolean;
}

const casesIn = (file: string): Case[] =>
  Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, TestJson>).flatMap(
    ([name, { post }]) =>
      Object.entries(post).flatMap(([fork, posts]) =>
        posts.map(({ hash, expectException }) => ({
          name,
          fork,
          root: hash,
          isTouched: expectException !== undefined && !rulesOf(parseFork(fork)).clearEmptyAccounts,
        })),
      ),
  );

interface Native {
  readonly cases: readonly { readonly file: string; readonly stateRoot: string }[];
}

describe('state tests in a batch have the roots of the fixtures', () => {
  const all = groups(FOLDER);

  it('of which there are some', () => expect(all.length).toBeGreaterThan(3));

  it.each(all)('%s', { timeout: 2 * TIME_LIMIT_MS }, (_, files) => {
    const { stdout, stderr } = run(EVM, ['statetest'], `${files.join('\n')}\n`);
    const answers = batchOf(stdout);
    expect(answers).toHaveLength(files.length);
    const written = stderr.trimEnd().split('\n');
    expect(written).toEqual(answers.flat().map(({ stateRoot }) => `{"stateRoot": "${stateRoot}"}`));
    const native = JSON.parse(
      run(COMMAND, ['statetest', '--json', '--workers', '1', ...files]).stdout,
    ) as Native;
    const rootsOf = (of: string) =>
      native.cases.filter(({ file }) => file === of).map(({ stateRoot }) => stateRoot);
    for (const [at, file] of files.entries()) {
      const reports = answers[at]!;
      const expected = casesIn(file);
      expect(reports.map(({ name, fork }) => ({ name, fork }))).toEqual(
        expected.map(({ name, fork }) => ({ name, fork })),
      );
      const compared = reports.filter((_, i) => !expected[i]!.isTouched);
      expect(compared.filter(({ pass }) => !pass)).toEqual([]);
      const roots = compared.map(({ stateRoot }) => stateRoot);
      expect(roots).toEqual(expected.filter(({ isTouched }) => !isTouched).map(({ root }) => root));
      expect(roots).toEqual(rootsOf(file).filter((_, i) => !expected[i]!.isTouched));
    }
  });
});
