/**
 * The smoke tests: every case through the runner that the command line uses. The official suites are too large
 * to run here; they are run through the command line.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPCODES } from '../opcodes/table.ts';
import { PRECOMPILES } from '../precompiles/table.ts';
import { FORKS, parseFork } from '../src/forks/fork.ts';
import { type CaseResult, casesOf, parseFixture, StateTestRunner } from '../src/statetest/index.ts';
import { definitions } from './filler/definitions.ts';
import { fill } from './filler/fill.ts';

const pin = JSON.parse(readFileSync(new URL('pin.json', import.meta.url), 'utf8')).smoke as {
  readonly tests: number;
  readonly cases: number;
};
const SMOKE = new URL('smoke/', import.meta.url);
const files = readdirSync(SMOKE, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.json'))
  .sort();
const textOf = (file: string): string => readFileSync(new URL(file, SMOKE), 'utf8');

/** What a failing case says, so that the message of the assertion is enough to go on. */
const wordsOf = (result: CaseResult): string =>
  `${result.id}: ${result.mismatches.map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`).join('; ')}`;

describe('smoke tests', () => {
  it('are all there', () => {
    const cases = files.flatMap((file) => parseFixture(textOf(file), file).flatMap(casesOf));
    expect(files.length).toBeGreaterThanOrEqual(pin.tests);
    expect(cases.length).toBeGreaterThanOrEqual(pin.cases);
  });

  it('reach every fork up to the newest on mainnet', () => {
    const reached = new Set(
      files.flatMap((file) =>
        parseFixture(textOf(file), file).flatMap(({ post }) => [...post.keys()].map(parseFork)),
      ),
    );
    expect(FORKS.filter((fork) => !reached.has(fork))).toEqual(['BPO3', 'BPO4']);
  });

  const folders = ['opcodes', 'precompiles', 'transactions', 'forks', 'rejections'];
  const onEach = folders.flatMap((folder) => [[folder, 'wasm'] as const, [folder, 'bigint'] as const]);

  it.each(onEach)('pass: %s, %s', (folder, engine) => {
    const runner = new StateTestRunner({ engine });
    const results = files
      .filter((file) => file.startsWith(`${folder}/`))
      .flatMap((file) =>
        parseFixture(textOf(file), file)
          .flatMap(casesOf)
          .map((testCase) => runner.run(testCase)),
      );
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ pass }) => !pass).map(wordsOf)).toEqual([]);
  });

  it('run every instruction and every precompile', () => {
    const instructions = new Set<number>();
    const called = new Set<bigint>();
    const runner = new StateTestRunner({
      tracer: {
        step: (_, opcode) => void instructions.add(opcode),
        enter: ({ codeAddress }) => void called.add(codeAddress),
      },
    });
    for (const file of files) {
      for (const testCase of parseFixture(textOf(file), file).flatMap(casesOf)) runner.run(testCase);
    }
    expect(OPCODES.filter(({ byte }) => !instructions.has(byte)).map(({ name }) => name)).toEqual([]);
    expect(PRECOMPILES.filter(({ address }) => !called.has(address)).map(({ name }) => name)).toEqual([]);
  });

  it('fail where a hash or a reason is another', () => {
    const file = 'rejections/gas-cap.json';
    const spoilt = JSON.parse(textOf(file));
    for (const posts of Object.values<{ hash: string; expectException?: string }[]>(spoilt['gas-cap'].post)) {
      for (const post of posts) {
        if (post.expectException === undefined) post.hash = `0x${'11'.repeat(32)}`;
        else post.expectException = 'TransactionException.NONCE_IS_MAX';
      }
    }
    const runner = new StateTestRunner();
    const results = parseFixture(JSON.stringify(spoilt), file)
      .flatMap(casesOf)
      .map((testCase) => runner.run(testCase));
    expect(results.map(({ pass }) => pass)).toEqual([false, false, false]);
  });
});

describe('the filler', () => {
  it('makes the very files that are there', () => {
    expect(definitions.map(({ path }) => `${path}.json`).sort()).toEqual(files);
    const stale = definitions.filter((definition) => fill(definition) !== textOf(`${definition.path}.json`));
    expect(stale.map(({ path }) => path)).toEqual([]);
  });

  it('refuses a definition that does not come true', () => {
    const definition = definitions.find(({ path }) => path === 'opcodes/gas')!;
    expect(() => fill({ ...definition, expect: { 0: 3 } })).toThrow(
      'opcodes/gas in Frontier: slot 0 is 2, not 3',
    );
    expect(() => fill({ ...definition, fails: true })).toThrow('opcodes/gas in Frontier: ended with halt');
    expect(() => fill({ ...definition, rejected: 'NONCE_IS_MAX' })).toThrow('ran, but should be rejected');
    expect(() => fill({ ...definition, differs: [['Berlin', 'Berlin']] })).toThrow('do not differ');
  });
});
