/** `erbium disasm` as a user sees it. */

import { describe, expect, it } from 'vitest';
import { erbium, json, refuses, shell, useFolder } from './support.ts';

const lines = (...args: string[]): string[] =>
  erbium(['disasm', ...args])
    .stdout.split('\n')
    .slice(0, -1);

describe('erbium disasm', () => {
  const folder = useFolder();

  it('shows places, names and constants', () => {
    expect(lines('5f5ffd')).toEqual(['0  PUSH0', '1  PUSH0', '2  REVERT']);
    expect(lines('61aabb01')).toEqual(['0  PUSH2 0xaabb', '3  ADD']);
    expect(lines(`7f${'11'.repeat(32)}00`)).toEqual([`00  PUSH32 0x${'11'.repeat(32)}`, '21  STOP']);
  });

  it('marks what is cut off or undefined', () => {
    expect(lines('0c62ff')).toEqual(['0  0x0c (undefined)', '1  PUSH3 0xff (cut off)']);
    expect(lines('60')).toEqual(['0  PUSH1 0x (cut off)']);
  });

  it('follows the fork', () => {
    expect(lines('5f441e', '--fork', 'Paris')).toEqual([
      '0  0x5f (undefined)',
      '1  PREVRANDAO',
      '2  0x1e (undefined)',
    ]);
    expect(lines('5f441e', '--fork', 'london')[1]).toBe('1  DIFFICULTY');
    expect(lines('5f441e', '--fork', 'Osaka')).toEqual(['0  PUSH0', '1  PREVRANDAO', '2  CLZ']);
  });

  it('prints one JSON array', () => {
    expect(json(erbium(['disasm', '--json', '600c0c61']))).toEqual([
      { pc: 0, byte: 0x60, name: 'PUSH1', immediate: '0x0c', truncated: false },
      { pc: 2, byte: 0x0c, truncated: false },
      { pc: 3, byte: 0x61, name: 'PUSH2', immediate: '0x', truncated: true },
    ]);
    expect(erbium(['disasm', '--json', '']).stdout).toBe('[]\n');
  });

  it('reads files and standard input', () => {
    const file = folder.write('code.hex', '0x5f\n00\n');
    expect(lines(`@${file}`)).toEqual(['0  PUSH0', '1  STOP']);
    expect(erbium(['disasm', '-'], { input: '5f 00' }).stdout).toBe('0  PUSH0\n1  STOP\n');
  });

  it('gives nothing for no code', () => {
    expect(erbium(['disasm', '0x'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('survives a reader that stops reading, and code of 2 MB', async () => {
    folder.write('long.hex', '5b'.repeat(2_000_000));
    const { stdout, stderr } = await shell('erbium disasm @long.hex | head -1', folder.path);
    expect(stdout).toBe('000000  JUMPDEST\n');
    expect(stderr).toBe('');
    const whole = erbium(['disasm', `@${folder.path}/long.hex`]).stdout;
    expect(whole.endsWith('1e847f  JUMPDEST\n')).toBe(true);
  });

  it.each<[string, string[], string[]]>([
    ['odd digits', ['5'], ['code: hex string has an odd number of digits (1)']],
    ['no hex', ['hello!'], ['code: "h" at position 0 is not a hex digit']],
    ['an unknown fork', ['00', '--fork', ''], ['unknown fork ""']],
    ['a missing file', ['@nope'], ['nope: no such file or folder']],
  ])('refuses %s', (_name, args, messages) => {
    expect(refuses(['disasm', ...args], messages).stdout).toBe('');
  });
});
