/** `erbium state import` and `export` amid other processes and signals: what they write is there whole or not. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { COMMAND, erbium, refuses, useFolder } from './support.ts';

const address = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`;

const alloc = (accounts: number, slots = 0): string => {
  const storage = Object.fromEntries(
    Array.from({ length: slots }, (_, i) => [`0x${(i + 1).toString(16)}`, '0x1']),
  );
  const entry = { balance: '1', ...(slots === 0 ? {} : { storage }) };
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: accounts }, (_, i) => [address(i + 1), entry])),
  );
};

/** The command, with what it says and how it ends. */
class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; stderr: string }>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    this.child.stderr!.on('data', (text) => (stderr += text));
    this.ended = new Promise((resolve) => this.child.on('close', (status) => resolve({ status, stderr })));
  }

  /** Resolves once the command reads its input: more than a pipe holds is gone. */
  feed(text: string): Promise<void> {
    return new Promise((resolve) => void this.child.stdin!.write(text.padEnd(1 << 20), () => resolve()));
  }

  end(text = ''): ReturnType<typeof this.wait> {
    this.child.stdin!.end(text);
    return this.wait();
  }

  wait(): Promise<{ status: number | null; stderr: string }> {
    return this.ended;
  }
}

/** The first name in a folder that is of a pattern. */
async function appears(folder: string, name: RegExp): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    if (readdirSync(folder).some((entry) => name.test(entry))) return;
    await sleep(1);
  }
  throw new Error(`${name} has not appeared`);
}

describe('state import', () => {
  const folder = useFolder();
  let made = 0;
  /** A folder of its own. */
  function fresh(): string {
    const path = join(folder.path, `f${made++}`);
    mkdirSync(path);
    return path;
  }

  it('keeps what came to the path while it read its input', async () => {
    const path = join(fresh(), 'db');
    const late = new Running('state', 'import', '-', `lmdb:${path}`);
    await late.feed('');
    expect(erbium(['state', 'import', folder.write('two.json', alloc(2)), `lmdb:${path}`]).status).toBe(0);
    const { stdout } = erbium(['state', 'root', `lmdb:${path}`]);
    const { status, stderr } = await late.end(alloc(3));
    expect(stderr).toBe(`erbium: ${path}: is there already, and only a new one is made\n`);
    expect(status).toBe(2);
    expect(erbium(['state', 'root', `lmdb:${path}`]).stdout).toBe(stdout);
    expect(readdirSync(join(path, '..'))).toEqual(['db']);
  });

  it('keeps it also where its input turns out to be none', async () => {
    const path = join(fresh(), 'db');
    const late = new Running('state', 'import', '-', `lmdb:${path}`);
    await late.feed('');
    mkdirSync(path);
    writeFileSync(join(path, 'mine.txt'), 'mine');
    const { status } = await late.end('{"alloc": {');
    expect(status).toBe(2);
    expect(readdirSync(path)).toEqual(['mine.txt']);
  });

  it('of several at once to one path, one makes it', async () => {
    const parent = fresh();
    const all = [1, 2, 3, 4].map(
      (n) =>
        new Running(
          'state',
          'import',
          folder.write(`n${n}.json`, alloc(n)),
          `lmdb:${join(parent, 'a/b/db')}`,
        ),
    );
    const ends = await Promise.all(all.map((one) => one.wait()));
    expect(ends.map(({ status }) => status).sort()).toEqual([0, 2, 2, 2]);
    for (const { status, stderr } of ends) if (status === 2) expect(stderr).toContain('is there already');
    const winner = ends.findIndex(({ status }) => status === 0) + 1;
    const { stdout } = erbium(['state', 'root', join(folder.path, `n${winner}.json`)]);
    expect(erbium(['state', 'root', `lmdb:${join(parent, 'a/b/db')}`]).stdout).toBe(stdout);
    expect(readdirSync(join(parent, 'a/b'))).toEqual(['db']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing where %s ends it', async (signal) => {
    const parent = fresh();
    const file = folder.write('many.json', alloc(20_000));
    const running = new Running('state', 'import', file, `lmdb:${join(parent, 'db')}`);
    await appears(parent, /^db\../);
    expect(existsSync(join(parent, 'db'))).toBe(false);
    running.child.kill(signal);
    expect(await running.wait()).toEqual({ status: signal === 'SIGINT' ? 130 : 143, stderr: '' });
    expect(readdirSync(parent)).toEqual([]);
  });

  it('gives a path no name where the process is killed amid it', async () => {
    const parent = fresh();
    const file = folder.write('many.json', alloc(20_000));
    const running = new Running('state', 'import', file, `lmdb:${join(parent, 'db')}`);
    await appears(parent, /^db\../);
    running.child.kill('SIGKILL');
    await running.wait();
    expect(existsSync(join(parent, 'db'))).toBe(false);
  });

  it('refuses a link that leads nowhere, and takes a name that ends with a slash', () => {
    const parent = fresh();
    symlinkSync(join(parent, 'nowhere'), join(parent, 'link'));
    const file = folder.write('two.json', alloc(2));
    refuses(['state', 'import', file, `lmdb:${parent}/link`], [`${parent}/link: is there already`]);
    expect(erbium(['state', 'import', file, `lmdb:${parent}/db/`]).status).toBe(0);
    expect(readdirSync(parent).sort()).toEqual(['db', 'link']);
  });

  it.runIf(process.platform === 'linux')('comes to an end where no folder can be made', () => {
    const file = folder.write('two.json', alloc(2));
    refuses(['state', 'import', file, 'lmdb:/proc/x/y'], ['/proc/x/y: no such file or folder']);
    refuses(['statetest', '--state', 'lmdb:/proc/x/y'], ['/proc/x/y: no such file or folder']);
  });
});

describe('state export', () => {
  const folder = useFolder();

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves the old file and nothing else where %s ends it',
    async (signal) => {
      const file = folder.write('large.json', alloc(3000, 50));
      const out = folder.write(`${signal}/out.json`, 'old');
      const running = new Running('state', 'export', file, out);
      await appears(join(folder.path, signal), /\.tmp$/);
      running.child.kill(signal);
      expect(await running.wait()).toEqual({ status: signal === 'SIGINT' ? 130 : 143, stderr: '' });
      expect(readdirSync(join(folder.path, signal))).toEqual(['out.json']);
      expect(readFileSync(out, 'utf8')).toBe('old');
    },
  );

  it('says what is wrong with where it is to write', () => {
    const file = folder.write('two.json', alloc(2));
    const database = `lmdb:${join(folder.path, 'db')}`;
    expect(erbium(['state', 'import', file, database]).status).toBe(0);
    refuses(['state', 'export', database, ''], ['expected the name of a file to write, got nothing']);
    refuses(['state', 'export', database, '', '--snapshot'], ['--snapshot: needs the name of a folder']);
    refuses(['state', 'export', database, file, '--snapshot'], [`${file}: is no folder`]);
    refuses(['state', 'export', database, folder.path], [`${folder.path}: is a folder`]);
  });
});
