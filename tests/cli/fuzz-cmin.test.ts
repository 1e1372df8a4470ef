/** `erbium fuzz cmin`: fewer cases that reach the same, whole or not at all. */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { casesOfFile } from '../../src/cli/fuzz-files.ts';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { erbium, json, refuses, useFolder } from './support.ts';

const folder = useFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const run = (...args: string[]) => erbium(['fuzz', 'cmin', ...args], { cwd: folder.path });
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file), 'utf8')]));

const featuresOf = (name: string): number => {
  const coverage = new Coverage();
  const runner = new CaseRunner(coverage);
  for (const text of Object.values(filesOf(name))) {
    for (const fuzzCase of casesOfFile(text, name)) {
      coverage.begin();
      runner.halt(fuzzCase);
      coverage.take();
    }
  }
  return coverage.features;
};

interface Report {
  readonly kept: number;
  readonly cases: number;
  readonly features: number;
  readonly broken: number;
}

beforeAll(() => {
  const args = ['fuzz', 'crash', '--seed', '4', '--runs', '120', '--workers', '2', '--profile', 'storage'];
  expect(erbium([...args, '--corpus', 'corpus'], { cwd: folder.path }).status).toBe(0);
});

it('keeps all features with fewer cases, the same ones each time', () => {
  const { status, stdout } = run('corpus', '--out', 'small');
  expect(status).toBe(0);
  const features = featuresOf('corpus');
  const [before, after] = [filesOf('corpus'), filesOf('small')];
  const count = Object.keys(after).length;
  expect(stdout).toBe(`small: ${count} of ${Object.keys(before).length} cases keep ${features} features\n`);
  expect(count).toBeLessThan(Object.keys(before).length);
  expect(before).toMatchObject(after);
  expect(featuresOf('small')).toBe(features);
  run('corpus', '--out', 'again');
  expect(filesOf('again')).toEqual(after);
});

it('takes a case once that is there twice, and finds nothing to leave out in what it made', () => {
  mkdirSync(at('twice'));
  for (const file of readdirSync(at('small'))) copyFileSync(at('small', file), at('twice', `copy-${file}`));
  const count = readdirSync(at('small')).length;
  const report = json<Report>(run('small', 'twice', '--out', 'merged', '--json'));
  expect(report).toMatchObject({ kept: count, cases: 2 * count });
  expect(filesOf('merged')).toEqual(filesOf('small'));
});

it('names each file that is broken once, and goes on', () => {
  const [name] = readdirSync(at('small'));
  mkdirSync(at('spoilt', 'folder.json'), { recursive: true });
  copyFileSync(at('small', name!), at('spoilt', 'good.json'));
  folder.write('spoilt/cut.json', readFileSync(at('small', name!), 'utf8').slice(0, 200));
  symlinkSync('nowhere', at('spoilt', 'dangling.json'));
  const outcome = run('spoilt', '--out', 'mended', '--json');
  expect(outcome.status).toBe(0);
  expect(json<Report>(outcome)).toMatchObject({ kept: 1, cases: 1, broken: 2 });
  expect(outcome.stderr.match(/cut\.json: not JSON/g)).toHaveLength(1);
  expect(outcome.stderr.match(/dangling\.json: no such file/g)).toHaveLength(1);
});

it('makes a new folder or none', () => {
  refuses(['fuzz', 'cmin', 'corpus', '--out', 'small'], ['small: is there already'], { cwd: folder.path });
  refuses(['fuzz', 'cmin', 'none', '--out', 'new'], ['none: no such file'], { cwd: folder.path });
  mkdirSync(at('empty'));
  refuses(['fuzz', 'cmin', 'empty', '--out', 'new'], ['empty: holds no case'], { cwd: folder.path });
  const inFile = join('small', readdirSync(at('small'))[0]!, 'new');
  refuses(['fuzz', 'cmin', 'small', '--out', inFile], [inFile], { cwd: folder.path });
  expect(readdirSync(folder.path).filter((name) => name.startsWith('new'))).toEqual([]);
});
