/** `erbium fuzz min`: a smaller case that fails in the same way, or a word that none fails. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../src/cli/fuzz-check.ts';
import { casesOfFile } from '../../src/cli/fuzz-files.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { account, CONTRACT, caseWith, SENDER } from '../fuzz/hand-cases.ts';
import { code, push } from '../helpers/assembler.ts';
import { COMMAND, erbium, json, refuses, shell, useFolder } from './support.ts';

const folder = useFolder();
const run = (...args: string[]) => erbium(['fuzz', 'min', ...args], { cwd: folder.path });
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
const codesOf = (name: string): string[] =>
  casesOfFile(read(name), name).flatMap(({ pre }) => [...pre.values()].map((each) => bytesToHex(each.code)));

const caseOf = (program: Uint8Array) =>
  caseWith({
    pre: new Map([
      [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
      [CONTRACT, account({ code: program, storage: new Map([[9n, 9n]]) })],
      [0xdeadn, account({ balance: 1n })],
    ]),
  });
// Of the two slots that are written the commands below mind one.
const twoSlots = caseOf(
  code([push(7), push(3), 'SSTORE'], [push(1), push(2), 'ADD', 'POP'], [push(5), push(4), 'SSTORE']),
);
const noSlot = caseOf(code([push(1), push(2), 'ADD', 'POP']));

interface Report {
  readonly fails: boolean;
  readonly cause: string;
  readonly before: Record<string, number>;
  readonly after: Record<string, number>;
  readonly tries: number;
  readonly file: string;
}

const node = process.execPath;
const RIVAL = `${node} rival.mjs`;
/** It keeps what writes 5 to slot 4. */
const WHILE = 'grep -q 6005600455 {}';

beforeAll(() => {
  folder.write('large.json', textOf(twoSlots));
  folder.write('fine.json', textOf(noSlot));
  const both = { ...JSON.parse(textOf(noSlot, 'fine')), ...JSON.parse(textOf(twoSlots, 'large')) };
  folder.write('both.json', both);
  // It has another root for code with an SSTORE in it.
  folder.write(
    'rival.mjs',
    `import { readFileSync } from 'node:fs';
    import { createInterface } from 'node:readline';
    for await (const file of createInterface({ input: process.stdin })) {
      if (file === '') break;
      const [test] = Object.values(JSON.parse(readFileSync(file, 'utf8')));
      const isWrong = Object.values(test.pre).some(({ code }) => code.includes('55'));
      const [[post]] = Object.values(test.post);
      console.error(JSON.stringify({ stateRoot: isWrong ? '0x' + '00'.repeat(32) : post.hash }));
    }
    process.exit();`,
  );
});

describe('a case that fails', () => {
  it('becomes smaller while EVMs differ in the same', () => {
    const outcome = run('large.json', '--batch', RIVAL, '--tries', '60', '--json');
    const { fails, cause, before, after, file } = json<Report>(outcome);
    expect(outcome.status).toBe(1);
    expect(fails).toBe(true);
    expect(cause).toBe(`erbium and ${RIVAL} differ: root`);
    expect(before).toEqual({ code: 16, data: 3, accounts: 3, slots: 1, gas: 200_000 });
    expect(after).toMatchObject({ data: 0, accounts: 2, slots: 0 });
    expect(after.code).toBeLessThan(6);
    expect(file).toBe('large.min.json');
    expect(codesOf(file).join('')).toContain('55');
    expect(erbium(['fuzz', 'replay', file, '--batch', RIVAL], { cwd: folder.path }).status).toBe(1);
    expect(erbium(['statetest', file], { cwd: folder.path }).status).toBe(0);
  });

  it('becomes smaller while a command says so, and says how much', () => {
    const { status, stdout } = run('large.json', '--while', WHILE, '--tries', '80', '--out', 'small.json');
    expect(status).toBe(1);
    expect(stdout).toContain(`${WHILE}: ends with 0`);
    expect(stdout).toMatch(/code {5}16 → 5 bytes\n {2}data {5}3 → 0 bytes\n {2}accounts 3 → 2\n/);
    expect(stdout).toContain('written to small.json');
    expect(codesOf('small.json')).toContain('0x6005600455');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is found among others', () => {
    const outcome = run('both.json', '--while', WHILE, '--tries', '1', '--json');
    expect(json<Report>(outcome).after.code).toBe(16);
  });

  it('is the same twice', () => {
    run('large.json', '--while', WHILE, '--tries', '40', '--out', 'one.json');
    run('large.json', '--while', WHILE, '--tries', '40', '--out', 'two.json');
    expect(read('one.json')).toBe(read('two.json'));
  });

  it('is written as far as it got at a signal, and nothing stays behind', async () => {
    mkdirSync(join(folder.path, 'tmp'));
    folder.write(
      'slow.mjs',
      `import { appendFileSync } from 'node:fs';
      appendFileSync('asked', 'x');
      if (process.argv[2] === undefined) process.exit(1);`,
    );
    const args = ['fuzz', 'min', 'large.json', '--while', `${node} slow.mjs {}`, '--out', 'early.json'];
    const env = { ...process.env, TMPDIR: join(folder.path, 'tmp') };
    const child = spawn(node, [COMMAND, ...args], { cwd: folder.path, env });
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (words += text));
    while (!existsSync(join(folder.path, 'asked')) || read('asked').length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGTERM');
    const [status] = await once(child, 'close');
    expect(status).toBe(1);
    expect(words).toContain('stopped early');
    expect(codesOf('early.json').length).toBeGreaterThan(0);
    expect(readdirSync(env.TMPDIR)).toEqual([]);
  });
});

describe('a case that does not fail', () => {
  it('is told, and nothing is written', () => {
    const { status, stdout } = run('fine.json', '--batch', RIVAL);
    expect(status).toBe(0);
    expect(stdout).toBe('fine.json: does not fail: all agree about it\n');
    expect(existsSync(join(folder.path, 'fine.min.json'))).toBe(false);
  });

  it('is told with how the command ended', () => {
    const { status, stdout } = run('fine.json', '--while', WHILE);
    expect(status).toBe(0);
    expect(stdout).toBe(`fine.json: nothing to keep: ${WHILE}: ends with 1\n`);
  });

  it('is told where the command takes too long, and that ends', () => {
    const { stdout } = run('fine.json', '--while', "sh -c 'sleep 60; : {}'", '--patience', '100');
    expect(stdout).toContain('no answer within 100 ms');
  });

  it('is not said to agree where a rival gave no answer', () => {
    const { status, stdout, stderr } = run('fine.json', '--against', 'false {}');
    expect(status).toBe(0);
    expect(stderr).toContain('false {}: crash: false {}: ended with code 1');
    expect(stdout).toContain('does not fail, as far as it was compared');
  });
});

describe('wrong usage', () => {
  it.each<[string[], string]>([
    [['none.json'], 'none.json: no such file or folder'],
    [['.'], '.: is a folder'],
    [['large.json', '--while', 'true'], 'true: the command needs {} where the file of the case goes'],
    [['large.json', '--while', 'true {}', '--ethereumjs'], '--while: what it says goes'],
    [['large.json', '--while', 'no-such-command {}'], 'no-such-command {}: cannot be started'],
    [['large.json', '--while', 'true {}', '--tries', '1', '--out', 'rival.mjs/x'], 'rival.mjs/x: a part of'],
    [['rival.mjs'], 'rival.mjs: not JSON'],
  ])('%j', (args, message) => {
    refuses(['fuzz', 'min', ...args], [message], { cwd: folder.path });
  });
});

it('leaves nothing in the folder for temporary files', async () => {
  mkdirSync(join(folder.path, 'empty'));
  const line = `TMPDIR=empty erbium fuzz min large.json --while '${WHILE}' --tries 9 --out kept.json`;
  expect((await shell(line, folder.path)).status).toBe(1);
  expect(readdirSync(join(folder.path, 'empty'))).toEqual([]);
});
