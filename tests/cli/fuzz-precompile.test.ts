/** `erbium fuzz precompile` from the line to what it prints. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { COMMAND, erbium, refuses, useFolder } from './support.ts';

const folder = useFolder();
const run = (...args: string[]) => erbium(['fuzz', 'precompile', ...args], { cwd: folder.path });

describe('a campaign', () => {
  it('tells what it compares with, and ends after so many inputs', () => {
    const { status, stderr } = run('modexp', '--seed', '7', '--runs', '50');
    expect(stderr).toMatch(/^fuzz precompile: MODEXP at 0x5, compared with @ethereumjs\/evm, --seed 7\n/);
    expect(stderr).toMatch(/50 runs in [0-9.]+ s, [0-9,]+\/s, 0 findings\n$/);
    expect(status).toBe(0);
  });

  it('speaks JSON, and is the same for the same seed', () => {
    const args = ['0x6', '--seed', '3', '--runs', '40', '--fork', 'Berlin', '--json'];
    const events = [run(...args), run(...args)].map(({ stdout }) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(events[0]![0]).toEqual(events[1]![0]);
    expect(events[0]![0]).toMatchObject({
      event: 'start',
      precompile: 'BN254_ADD',
      reference: '@ethereumjs/evm',
      seed: '3',
    });
    expect(events[0]!.at(-1)).toMatchObject({ event: 'end', runs: 40, findings: 0 });
  });

  it('holds an extension to its page and to another implementation', () => {
    const { status, stderr } = run('poseidon', '--seed', '1', '--runs', '20');
    expect(stderr).toContain('compared with @noble/curves poseidon and what its page promises');
    expect(status).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends well at %s', async (signal) => {
    const child = spawn(process.execPath, [COMMAND, 'fuzz', 'precompile', 'ID', '--json', '--seed', '1'], {
      cwd: folder.path,
    });
    let events = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      events += text;
      if (!child.killed && events.includes('"progress"')) child.kill(signal);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(events).toContain('"event":"end"');
  });
});

describe('--input', () => {
  it('prints what everyone makes of it, fork by fork where that differs', () => {
    const { status, stdout } = run(
      'MODEXP',
      '--input',
      `0x${'00'.repeat(31)}20`,
      '--fork',
      'Byzantium',
      '--fork',
      'Berlin',
      '--fork',
      'Osaka',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('MODEXP from Byzantium on:\n  erbium: 0x, gas ');
    expect(stdout).toContain(
      'MODEXP from Berlin on:\n  erbium: 0x, gas 200\n  @ethereumjs/evm: 0x, gas 200\n',
    );
    expect(stdout).toContain(
      'MODEXP from Osaka on:\n  erbium: 0x, gas 500\n  @ethereumjs/evm: 0x, gas 500\n',
    );
  });

  it('prints an input that is refused', () => {
    const { status, stdout } = run('BLAKE2F', '--input', '0x00', '--json', '--fork', 'Osaka');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      precompile: 'BLAKE2F',
      input: '0x00',
      answers: { erbium: 'failure (invalid input)', '@ethereumjs/evm': expect.stringContaining('failure (') },
      flaw: null,
    });
  });
});

describe('refuses', () => {
  it.each([
    [['NO_SUCH'], 'unknown precompile "NO_SUCH"; known are ECRECOVER (0x1), '],
    [['0x99'], 'DILITHIUM_VERIFY (0xe100)'],
    [['P256VERIFY', '--fork', 'Berlin'], '--fork: Berlin has no P256VERIFY, which came with Osaka'],
    [['ID', '--fork', 'Nowhere'], 'unknown fork'],
    [['ID', '--input', '0x0'], '--input'],
    [['ID', '--runs', 'x'], '--runs'],
    [['ID', '--seed', '-1'], '--seed'],
    [['ID', '--time', '0'], '--time'],
    [['ID', '--tries', '0'], '--tries'],
  ])('%s', (args, message) => {
    refuses(['fuzz', 'precompile', ...args], [message]);
  });
});
