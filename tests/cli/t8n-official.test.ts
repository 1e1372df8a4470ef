/**
 * `t8n` on official state tests, where ERBIUM_STATE_TESTS names their folder unpacked: more than 200 cases, no more than
 * 40 of a fork, through the command. It takes about a minute.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evm } from './evm-support.ts';
import type { TestJson } from './support.ts';
import { type T8nCase, t8nArgs, t8nCases } from './t8n-support.ts';

const FOLDER = process.env.ERBIUM_STATE_TESTS;
const MOST_OF_A_FORK = 40;
const MOST_OF_A_FILE = 4;
/** Of so many files one is taken. */
const EVERY = 2;

const forkOf = ({ post }: TestJson): string => Object.keys(post)[0]!;

/** The first cases of tests in some of the files, until their fork has enough. */
function chosenCases(folder: string): T8nCase[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .filter((_, index) => index % EVERY === 0);
  const counts = new Map<string, number>();
  const chosen: T8nCase[] = [];
  for (const [index, file] of files.entries()) {
    const tests = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, TestJson>;
    const countOf = ([, test]: readonly [string, TestJson]): number => counts.get(forkOf(test)) ?? 0;
    // Few of one file: they are much alike. The rarest forks first.
    const rarest = Object.entries(tests).sort((a, b) => countOf(a) - countOf(b));
    for (const [name, test] of rarest.slice(0, MOST_OF_A_FILE)) {
      const fork = forkOf(test);
      const count = counts.get(fork) ?? 0;
      if (count >= MOST_OF_A_FORK) continue;
      counts.set(fork, count + 1);
      chosen.push(t8nCases(name, test, index % 2 === 0)[0]!);
    }
  }
  return chosen;
}

describe.skipIf(FOLDER === undefined)('official state tests', () => {
  const chosen = FOLDER === undefined ? [] : chosenCases(FOLDER);

  it('are enough', () => expect(chosen.length).toBeGreaterThanOrEqual(200));

  it.each(chosen)('$id', ({ fork, post, input }) => {
    const { status, stdout, stderr } = evm(['t8n', ...t8nArgs(fork)], { input });
    expect([status, stderr]).toEqual([0, '']);
    const { result } = JSON.parse(stdout) as { result: Record<string, unknown> };
    expect(result.stateRoot).toBe(post.hash);
    expect(result.logsHash).toBe(post.logs);
    expect(result.rejected !== undefined).toBe(post.expectException !== undefined);
  });
});
