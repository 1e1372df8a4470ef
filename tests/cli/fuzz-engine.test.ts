/** `--engine` of the commands that look at a case again. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { textOf } from '../../src/cli/fuzz-check.ts';
import { plainContender } from '../../src/fuzz/compare.ts';
import { createWasmEngine } from '../../src/wasm/engine.ts';
import { caseWith } from '../fuzz/hand-cases.ts';
import { erbium, refuses, useFolder } from './support.ts';

// As it is, but counted.
vi.mock(import('../../src/wasm/engine.ts'), { spy: true });

const folder = useFolder();
const run = (...args: string[]) => erbium(['fuzz', ...args], { cwd: folder.path });
const COMMANDS = [['show'], ['replay'], ['min']];

beforeAll(() => {
  folder.write('case.json', textOf(caseWith()));
});

describe.each(COMMANDS)('fuzz %s', (command) => {
  it('gives the same on each engine', () => {
    const plain = run(command, 'case.json', '--json');
    expect(plain.status).toBe(0);
    for (const engine of ['wasm', 'bigint']) {
      expect(run(command, 'case.json', '--json', '--engine', engine)).toEqual(plain);
    }
  });

  it('names the engines where it is told another, and is refused where there is none', () => {
    const args = ['fuzz', command, 'case.json', '--engine'];
    refuses([...args, 'quick'], ["argument 'quick' is invalid. Allowed choices are auto, wasm, bigint."]);
    const env = { ...process.env, NODE_OPTIONS: '--jitless' };
    refuses([...args, 'wasm'], ['engine wasm: not here'], { env, cwd: folder.path });
    expect(erbium([...args, 'auto'], { env, cwd: folder.path }).status).toBe(0);
  });
});

it('fuzz crash keeps the same cases on each engine', () => {
  const kept = (engine: string): string => {
    const corpus = `kept-${engine}`;
    const args = ['--runs', '600', '--seed', '3', '--workers', '1', '--engine', engine, '--corpus', corpus];
    expect(run('crash', ...args).status).toBe(0);
    return readdirSync(join(folder.path, corpus)).sort().join();
  };
  const onFast = kept('wasm');
  expect(onFast.split(',').length).toBeGreaterThan(20);
  expect(kept('bigint')).toBe(onFast);
});

it('a contender that is asked afresh runs on the fast engine from the first instruction on', async () => {
  const contender = plainContender();
  vi.mocked(createWasmEngine).mockClear();
  await contender.fresh!().run(caseWith());
  expect(createWasmEngine).toHaveBeenCalledOnce();
});
