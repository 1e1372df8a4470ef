/** `erbium fuzz` from the line to the files. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND, erbium, refuses, useFolder } from './support.ts';

const folder = useFolder();
const run = (...args: string[]) => erbium(['fuzz', ...args], { cwd: folder.path });
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder.path, name)).map((file) => [
      file,
      readFileSync(join(folder.path, name, file), 'utf8'),
    ]),
  );

describe('fuzz crash', () => {
  it('is the same twice for the same seed, runs and workers, and begins with what it kept', () => {
    const args = ['crash', '--seed', '5', '--runs', '200', '--workers', '2', '--json'];
    const [first, second] = ['one', 'two'].map((name) => run(...args, '--corpus', name));
    expect(first!.status).toBe(0);
    const files = filesOf('one');
    expect(Object.keys(files).length).toBeGreaterThan(20);
    expect(filesOf('two')).toEqual(files);
    const events = first!.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'start', seed: '5', profile: 'mixed', corpus: 0 });
    expect(events.at(-1)).toMatchObject({ event: 'end', runs: 200, findings: 0 });
    expect(second!.status).toBe(0);
    const again = run(...args, '--corpus', 'one');
    expect(JSON.parse(again.stdout.split('\n')[0]!).corpus).toBe(Object.keys(files).length);
  });

  it('keeps cases that every runner of state tests runs', () => {
    const { status, stderr } = erbium(['statetest', 'one'], { cwd: folder.path });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends well at %s, with what it kept', async (signal) => {
    const args = ['fuzz', 'crash', '--seed', '1', '--workers', '1', '--corpus', signal, '--json'];
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder.path });
    let events = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      events += text;
      if (!child.killed && events.includes('"progress"')) child.kill(signal);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(events).toContain('"event":"end"');
    expect(readdirSync(join(folder.path, signal)).length).toBeGreaterThan(0);
  });
});

describe('fuzz diff', () => {
  it('finds what a rival does otherwise, shrinks it, and replays it', () => {
    // A rival for which every root is the same.
    folder.write('rival.mjs', `console.error('{"stateRoot": "0x${'00'.repeat(32)}"}');`);
    const against = `${process.execPath} rival.mjs {}`;
    const args = ['--seed', '1', '--runs', '2', '--workers', '1', '--fork', 'Osaka', '--tries', '60'];
    const { status, stderr } = run('diff', ...args, '--against', against, '--out', 'found');
    expect(stderr).toContain('found: ');
    expect(status).toBe(1);
    const [name] = readdirSync(join(folder.path, 'found')).filter((file) => file.endsWith('.json'));
    const account = readFileSync(join(folder.path, 'found', name!.replace('.json', '.txt')), 'utf8');
    expect(account).toContain('root:');
    expect(account).toContain(`erbium fuzz replay found/${name}`);
    const replayed = run('replay', `found/${name}`, '--against', against);
    expect(replayed.status).toBe(1);
    expect(replayed.stdout).toContain('they differ');
    expect(run('replay', `found/${name}`).status).toBe(0);
    expect(erbium(['statetest', `found/${name}`], { cwd: folder.path }).status).toBe(0);
  });

  it('agrees with itself', () => {
    const { status } = run('diff', '--seed', '3', '--runs', '150', '--workers', '1', '--out', 'none');
    expect(status).toBe(0);
    expect(existsSync(join(folder.path, 'none'))).toBe(false);
  });
});

describe('wrong usage', () => {
  it.each<[string[], string]>([
    [['fuzz', 'crash', '--profile', 'all'], 'unknown profile "all"; known are arithmetic, memory'],
    [['fuzz', 'crash', '--fork', 'Berln'], 'unknown fork "Berln"'],
    [['fuzz', 'crash', '--seed', 'x'], '--seed: expected a whole number, got "x"'],
    [['fuzz', 'crash', '--workers', '0'], 'expected 1 or more'],
    [['fuzz', 'replay', 'nothing.json'], 'nothing.json'],
  ])('%j', (args, message) => {
    refuses(args, [message], { cwd: folder.path });
  });
});
