/**
 * Does the fuzzer find bugs? Each of them is planted in a build of its own, and `erbium fuzz diff` has two workers, two
 * minutes and no corpus to find it and to shrink what shows it.
 *
 * A case that the fuzzer comes back with counts where it does show the bug: run by itself, it comes out otherwise in the
 * mutant than in the rival, and in the unchanged Erbium it does not. A bug of the rival fails the test.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ethereumjsContender } from '../../../src/cli/fuzz-ethereumjs.ts';
import { casesOfFile } from '../../../src/cli/fuzz-files.ts';
import type { FuzzCase } from '../../../src/fuzz/case.ts';
import { type Contender, compare, plainContender, tracedContender } from '../../../src/fuzz/compare.ts';
import { buildMutant, planted } from './build.ts';
import { MUTANTS, type Mutant } from './list.ts';

const SEED = '1';
const SECONDS = '120';
const MOST_BYTES = 40;
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache');

interface Event {
  readonly event: string;
  readonly cause?: string;
  readonly file?: string;
  /** Said of a case that is not as small as it could be. */
  readonly note?: string;
}

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly events: readonly Event[];
  readonly errors: string;
}

/** Runs a command that prints JSON. */
function run(...words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, words, (error, output, errors) => {
      const lines = output.split('\n').filter((line) => line !== '');
      const events = lines.map((line) => JSON.parse(line) as Event);
      resolve({ exitCode: error === null ? 0 : error.code, events, errors });
    });
  });
}

/** Runs the mutant's campaign to its first finding. */
function campaign(command: string, { profile }: Mutant, out: string): Promise<Ended> {
  const options = ['--profile', profile, '--seed', SEED, '--workers', '2', '--time', SECONDS, '--out', out];
  return run(command, 'fuzz', 'diff', '--ethereumjs', '--until-finding', '--json', ...options);
}

/** Bytes of all code that the case runs or could run. */
function codeBytes({ pre, tx }: FuzzCase): number {
  let bytes = tx.to === null ? tx.data.length : 0;
  for (const { code } of pre.values()) bytes += code.length;
  return bytes;
}

let folder: string;
beforeAll(() => {
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(join(CACHE, 'mutants-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('planted bugs', () => {
  const own = plainContender();
  const traced = tracedContender();
  let rival: Contender;
  beforeAll(async () => {
    rival = await ethereumjsContender();
  });

  it.each(MUTANTS.map((mutant, i) => [mutant.name, mutant, i] as const))(
    '%s',
    { timeout: 300_000 },
    async (_name, mutant, i) => {
      const home = join(folder, `${i}`);
      const command = await buildMutant(mutant, home);
      const { exitCode, events, errors } = await campaign(command, mutant, join(home, 'findings'));
      expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: '' });
      const findings = events.filter(({ event }) => event === 'finding');
      // The other worker may have been told to stop while it shrank one of its own.
      expect(findings.filter(({ note }) => note === undefined)).not.toEqual([]);
      for (const { cause, file, note } of findings) {
        const [fuzzCase, ...more] = casesOfFile(readFileSync(file!, 'utf8'), file!);
        expect(more).toEqual([]);
        const again = await run(command, 'fuzz', 'replay', '--ethereumjs', '--json', file!);
        expect(again.exitCode, `${cause}: the mutant, when it is asked again`).toBe(1);
        const right = await own.run(fuzzCase!);
        for (const other of [traced, rival]) {
          const verdict = compare(right, await other.run(fuzzCase!));
          expect(verdict, `${cause}: the unchanged Erbium and ${other.name}`).toMatchObject({
            kind: 'agree',
          });
        }
        const most = note === undefined ? (mutant.most ?? MOST_BYTES) : Number.POSITIVE_INFINITY;
        expect(codeBytes(fuzzCase!), `${cause}: bytes of code`).toBeLessThanOrEqual(most);
      }
    },
  );
});

describe('a bug to plant', () => {
  const mutant = { file: 'a.ts', from: 'x + 1', to: 'x' };

  it('takes the place of the one text that it is for', () => {
    expect(planted('f(x + 1);', mutant)).toBe('f(x);');
  });

  it.each([
    ['f(x);', 'a.ts: expected once, found 0 times: x + 1'],
    ['f(x + 1, x + 1);', 'a.ts: expected once, found 2 times: x + 1'],
  ])('is refused where its text is not, or not alone: %s', (source, problem) => {
    expect(() => planted(source, mutant)).toThrow(problem);
  });

  it('is refused where its file is no part of the command', async () => {
    const stray = { ...MUTANTS[0]!, file: 'tests/fuzz/mutants/list.ts' };
    await expect(buildMutant(stray, join(folder, 'stray'))).rejects.toThrow('is no part of the command');
  });

  it('is of at least twelve kinds', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(12);
  });
});
