/** `erbium fuzz show`: all that a case is, in words and as JSON. */

import { beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../src/cli/fuzz-check.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { caseWith, HAND_CASES } from '../fuzz/hand-cases.ts';
import { erbium, json, refuses, useFolder } from './support.ts';

const folder = useFolder();
const run = (...args: string[]) => erbium(['fuzz', 'show', ...args], { cwd: folder.path });
const runner = new CaseRunner();

beforeAll(() => {
  folder.write('case.json', textOf(caseWith()));
  folder.write('case.txt', 'rival: gas after \x1b[31mSSTORE\n\nand more');
  for (const [name, fuzzCase] of HAND_CASES) {
    folder.write(`all/${name.replaceAll(/\W+/g, '-')}.json`, textOf(fuzzCase));
  }
  folder.write('spoilt/a.json', '{');
  folder.write('spoilt/b.json', textOf(caseWith()));
});

interface Shown {
  readonly file: string;
  readonly cause: string | null;
  readonly result: { readonly status: string; readonly stateRoot: string; readonly logs: readonly unknown[] };
  readonly steps?: readonly { readonly opName: string }[];
}

describe('words', () => {
  it('tell who, what, the code, and how it comes out', () => {
    const { status, stdout } = run('case.json');
    expect(status).toBe(0);
    expect(stdout).toContain('known as  rival: gas after \\x1b[31mSSTORE\n');
    expect(stdout).toContain('fork      Prague\nblock     number 7, timestamp 1000');
    expect(stdout).toMatch(/sends {5}type 0 from 0x\w{40} to 0x0{36}c0de\n/);
    expect(stdout).toMatch(/nonce 1, balance 2, \d+ bytes of code\n {2}slot 0x\w+ = 0x4d\n/);
    expect(stdout).toContain('  0000  PREVRANDAO\n');
    const { gasUsed, stateRoot } = runner.run(caseWith());
    expect(stdout).toContain(
      `gas       ${gasUsed} of 200000\noutput    0x\nlogs      1\nroot      ${stateRoot}\n`,
    );
  });

  it('tell the last steps', () => {
    const { stdout } = run('case.json', '--trace', '2');
    expect(stdout).toMatch(/depth +pc +op +gas +stack, top first\n.* LOG1 .* 0x2 0x9 0x3e8\n.* STOP .*\n$/);
  });
});

describe('JSON', () => {
  it('has the outcome of every kind of case', () => {
    const { status, stdout } = run('all', '--json', '--trace', '3');
    expect(status).toBe(0);
    const shown = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Shown);
    const roots = [...HAND_CASES].map(([, fuzzCase]) => runner.run(fuzzCase).stateRoot);
    expect(shown.map(({ result }) => result.stateRoot).sort()).toEqual(roots.sort());
    expect(new Set(shown.map(({ result }) => result.status))).toContain('success');
    expect(shown.some(({ steps }) => steps!.length === 3)).toBe(true);
  });

  it('has no cause where none is known, and no steps where none are asked for', () => {
    const shown = json<Shown>(run('spoilt/b.json', '--json'));
    expect(shown.cause).toBeNull();
    expect(shown).not.toHaveProperty('steps');
    expect(shown.result.logs).toHaveLength(1);
  });
});

it('goes on behind a file that is broken, and says so', () => {
  const { status, stdout, stderr } = run('spoilt');
  expect(status).toBe(2);
  expect(stderr).toContain('a.json: not JSON');
  expect(stdout).toContain('spoilt/b.json\n');
});

it('refuses what is not there', () => {
  refuses(['fuzz', 'show', 'none.json'], ['none.json: no such file or folder']);
});
