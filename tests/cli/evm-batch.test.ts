/** The batch mode of `erbium-evm statetest`: names of files from standard input, whatever these are. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchOf, EVM, evm, type Report, reportsOf } from './evm-support.ts';
import { SMOKE, smokeText, useFolder } from './support.ts';

const PUSH0 = 'opcodes/push0';
const ROOT = /^\{"stateRoot": "(0x[0-9a-f]{64})"\}$/;
const NO_ROOT = `{"stateRoot": "0x${'0'.repeat(64)}"}`;

const good = (): Report[] => reportsOf(evm(['statetest', join(SMOKE, `${PUSH0}.json`)]).stdout);

describe('a batch', () => {
  const folder = useFolder();

  it('answers each name in its turn, with a report and a root, and goes on', () => {
    const text = smokeText(PUSH0);
    const path = folder.path;
    folder.write('good.json', text);
    folder.write('a name with spaces.json', text);
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.of(0xff, 0xfe, 0x31)]), text);
    folder.write('malformed.json', '{"a":');
    folder.write('over\nlines.json', '\ufeff{\n}');
    folder.write('empty.json', '');
    folder.write('none.json', {});
    folder.write('other.json', { a: { blocks: [] } });
    folder.write('deep.json', `{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`);
    writeFileSync(join(path, 'binary.json'), Buffer.from(Array.from({ length: 4_096 }, (_, i) => i * 7)));
    writeFileSync(join(path, 'huge.json'), '');
    truncateSync(join(path, 'huge.json'), 2 ** 30);
    mkdirSync(join(path, 'folder'));
    execFileSync('mkfifo', [join(path, 'pipe.json')]);
    symlinkSync('circle.json', join(path, 'circle.json'));

    const expected: readonly (readonly [name: string | Buffer, problem: string | null])[] = [
      ['good.json\r', null],
      ['malformed.json', 'not JSON'],
      ['missing.json', 'no such file'],
      ['empty.json', 'not JSON'],
      ['binary.json', 'not JSON'],
      ['a name with spaces.json', null],
      ['huge.json', '1073741824 bytes are too many'],
      ['folder', 'is a folder'],
      [Buffer.of(0xff, 0xfe, 0x31), null],
      ['pipe.json', 'is no file'],
      ['circle.json', 'symbolic links'],
      ['/dev/zero', 'is no file'],
      ['none.json', 'holds no tests'],
      ['other.json', 'a blockchain test'],
      ['deep.json', 'not a state test'],
      ['a\0b', 'null bytes'],
      ['x'.repeat(5_000), 'the name is too long'],
      ['malformed.json\r', 'not JSON'],
      ['good.json', null],
    ];
    const lines = expected.flatMap(([name]) => [Buffer.from(name as string), Buffer.from('\n')]);
    const input = Buffer.concat([...lines, Buffer.from('\nnever-read.json\n')]);
    const { status, stdout, stderr } = evm(['statetest'], { cwd: path, input });
    expect(status).toBe(1);
    const reports = good();
    const answers = batchOf(stdout);
    expect(answers).toHaveLength(expected.length);
    const written = stderr.trimEnd().split('\n');
    for (const [at, [name, problem]] of expected.entries()) {
      if (problem === null) {
        expect(answers[at]).toEqual(reports);
        for (const { stateRoot } of reports) expect(ROOT.exec(written.shift()!)?.[1]).toBe(stateRoot);
      } else {
        const error = expect.stringContaining(problem);
        expect(answers[at]).toEqual([{ name: `${name}`.trim(), pass: false, fork: '', error }]);
        expect(written.shift()).toContain(problem);
        expect(written.shift()).toBe(NO_ROOT);
      }
    }
    expect(written).toEqual([]);
  });

  it('has one line for an error, whatever the file makes of it', () => {
    const name = folder.write('lines.json', '\ufeff{\n  "a": 1\n}');
    const { stderr } = evm(['statetest'], { input: `${name}\n` });
    expect(stderr.split('\n')).toHaveLength(3);
  });

  it('ends with the last name, whether or not a line ends there', () => {
    const name = folder.write('last.json', smokeText(PUSH0));
    for (const input of [name, `${name}\n`, `${name}\r\n\r\n${name}\n`]) {
      const { status, stdout } = evm(['statetest'], { input });
      expect([status, batchOf(stdout)]).toEqual([0, [good()]]);
    }
    expect(evm(['statetest'], { input: '' })).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('answers each file before the next is named, and ends at an empty line', async () => {
    const file = folder.write('one.json', smokeText(PUSH0));
    const child = spawn(process.execPath, [EVM, 'statetest']);
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    const answer = (): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        const take = (chunk: Buffer): void => {
          text += chunk;
          if (!text.endsWith(']\n')) return;
          child.stdout.off('data', take);
          resolve(text);
        };
        child.stdout.on('data', take);
      });
    const answers: string[] = [];
    for (let i = 0; i < 3; i++) {
      const next = answer();
      child.stdin.write(`${file}\n`);
      answers.push(await next);
    }
    // Its standard input stays open.
    child.stdin.write('\n');
    expect(await closed).toBe(0);
    expect(new Set(answers).size).toBe(1);
    expect(reportsOf(answers[0]!)).toEqual(good());
  });

  it('stops without a word where nobody reads on', () => {
    const file = folder.write('read.json', smokeText(PUSH0));
    const names = `${file}\n`.repeat(50);
    const line = `"$0" "$1" statetest --trace 2>&1 | head -n 1`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line, process.execPath, EVM], {
      encoding: 'utf8',
      input: names,
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{"pc":0,.*\}\n$/);
  });
});
