/** What becomes of findings and cases where the disk does not take them: nothing is lost, and all of it is told once. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { textOf } from '../../src/cli/fuzz-check.ts';
import { casesOfFile } from '../../src/cli/fuzz-files.ts';
import { type FuzzEvent, FuzzLine } from '../../src/cli/fuzz-line.ts';
import { FuzzStore, idOf } from '../../src/cli/fuzz-store.ts';
import { writeFiles } from '../../src/cli/write-files.ts';
import { caseWith } from '../fuzz/hand-cases.ts';
import { COMMAND, erbium, refuses, useFolder } from './support.ts';

/** Bytes that the disk of these tests still takes. */
let room = Number.POSITIVE_INFINITY;
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const write: typeof fs.writeFileSync = (file, content, options) => {
    if (`${content}`.length <= room) return fs.writeFileSync(file, content, options);
    // As a disk does that becomes full: the file is there, with a part of the content.
    fs.writeFileSync(file, `${content}`.slice(0, room), options);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  return { ...fs, writeFileSync: write };
});

const folder = useFolder();
const at = (...names: string[]): string => join(folder.path, ...names);

const events: FuzzEvent[] = [];
const line = new FuzzLine(true);
beforeEach(() => {
  room = Number.POSITIVE_INFINITY;
  events.length = 0;
  vi.spyOn(line, 'say').mockImplementation((event) => void events.push(event));
});

const small = caseWith();
const large = caseWith({ tx: { data: new Uint8Array(4_000).fill(7) } });
const [smallText, largeText] = [small, large].map((fuzzCase) => textOf(fuzzCase, 'kept'));

describe('a full disk', () => {
  it('takes no finding, which then is in its event', () => {
    const store = new FuzzStore(at('full', 'found'), undefined, line);
    room = 100;
    const text = textOf(small);
    store.finding({ cause: 'gas', text, account: 'gas differs' });
    expect(events).toHaveLength(1);
    const { event, cause, problem, test } = events[0]!;
    expect([event, cause]).toEqual(['finding', 'gas']);
    expect(problem).toBe(`${at('full', 'found', `${idOf(text)}.json`)}: there is no space left`);
    expect(casesOfFile(String(test), 'event')).toEqual(casesOfFile(text, 'file'));
    expect(readdirSync(at('full', 'found'))).toEqual([]);
  });

  it('takes the cases that it has room for, and is told of once; the others are tried again at the end', () => {
    const store = new FuzzStore(at('found'), at('corpus'), line);
    room = smallText!.length;
    store.keep([large, small, large]);
    expect(readdirSync(at('corpus'))).toEqual([`${idOf(smallText!)}.json`]);
    const name = at('corpus', `${idOf(largeText!)}.json`);
    expect(events).toEqual([{ event: 'trouble', what: `not kept: ${name}: there is no space left` }]);
    expect(store.close()).toBe(false);
    const what = `${at('corpus')}: 2 cases are not kept; the first is ${name}: there is no space left`;
    expect(events.at(-1)).toEqual({ event: 'trouble', what });
    room = Number.POSITIVE_INFINITY;
    expect(store.close()).toBe(true);
    expect(readFileSync(name, 'utf8')).toBe(largeText);
  });

  it('leaves a file as it was that is written again', () => {
    const file = folder.write('whole.json', 'before');
    room = 3;
    expect(() => writeFiles([[file, 'after']])).toThrow(`${file}: there is no space left`);
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

const crash = (...args: string[]) =>
  erbium(['fuzz', 'crash', '--seed', '2', '--runs', '60', '--workers', '1', ...args], { cwd: folder.path });

describe('a campaign', () => {
  it('does not begin where its folders cannot be', () => {
    writeFileSync(at('file'), '');
    const start = ['fuzz', 'crash', '--runs', '1'];
    refuses([...start, '--out', 'file'], ['file: is no folder'], { cwd: folder.path });
    refuses([...start, '--corpus', 'file'], ['file: is no folder'], { cwd: folder.path });
    refuses([...start, '--corpus', 'file/x'], ['file/x: a part of the path is no folder'], {
      cwd: folder.path,
    });
  });

  it('prints findings that it cannot write', () => {
    writeFileSync(at('taken'), '');
    folder.write('rival.mjs', `console.error('{"stateRoot": "0x${'00'.repeat(32)}"}');`);
    const args = ['--seed', '1', '--runs', '1', '--workers', '1', '--fork', 'Osaka', '--tries', '20'];
    const against = ['--against', `${process.execPath} rival.mjs {}`, '--out', 'taken/found'];
    const { status, stdout, stderr } = erbium(['fuzz', 'diff', ...args, ...against], { cwd: folder.path });
    expect(status).toBe(1);
    expect(stderr).toMatch(/found: .*root\n {2}taken\/found: a part of the path is no folder\n/);
    expect(casesOfFile(stdout, 'standard output')).toHaveLength(1);
  });

  it('says once that cases are not kept, keeps the others, and ends with 2', () => {
    expect(crash('--corpus', 'whole').status).toBe(0);
    const names = readdirSync(at('whole'));
    for (const name of names.slice(0, 3)) mkdirSync(at('blocked', name), { recursive: true });
    const { status, stderr } = crash('--corpus', 'blocked');
    expect(status).toBe(2);
    expect(stderr.match(/not kept: /g)).toHaveLength(1);
    expect(stderr).toMatch(/blocked: 3 cases are not kept; the first is blocked\/\w+\.json: is no file\n/);
    expect(readdirSync(at('blocked'))).toEqual(names);
  });

  it('names each broken file of its corpus once, and begins with the others', () => {
    mkdirSync(at('spoilt', 'folder.json'), { recursive: true });
    folder.write('spoilt/cut.json', smallText!.slice(0, 300));
    folder.write('spoilt/good.json', smallText!);
    folder.write('spoilt/list.json', '[]');
    symlinkSync('nowhere', at('spoilt', 'dangling.json'));
    symlinkSync('.', at('spoilt', 'loop.json'));
    const { status, stderr } = crash('--corpus', 'spoilt');
    expect(status).toBe(0);
    expect(stderr.match(/^erbium: .*$/gm)).toEqual([
      expect.stringContaining('spoilt/cut.json: not JSON'),
      'erbium: spoilt/dangling.json: no such file or folder',
      'erbium: spoilt/list.json: expected an object, got a list',
    ]);
    expect(stderr).toContain('1 cases to begin with');
  });

  it('has kept its corpus also where it is killed', async () => {
    const args = ['fuzz', 'crash', '--seed', '1', '--workers', '1', '--corpus', 'killed'];
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder.path, stdio: 'ignore' });
    const kept = (): string[] => {
      try {
        return readdirSync(at('killed')).filter((name) => name.endsWith('.json'));
      } catch {
        return [];
      }
    };
    while (kept().length < 20) await sleep(20);
    child.kill('SIGKILL');
    await once(child, 'close');
    for (const name of kept()) casesOfFile(readFileSync(at('killed', name), 'utf8'), name);
  });
});
