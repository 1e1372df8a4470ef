/** What somebody might do with `erbium zk` on purpose: keys that prove everything, files in each other's place, no end. */

import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { erbium, shell, useFolder } from './support.ts';

const CIRCUIT = `pragma circom 2.1.0;
template Square() {
  signal input a;
  signal output b;
  b <== a * a;
}
component main = Square();
`;

const folder = useFolder();
const at = (name: string): string => join(folder.path, name);
const zk = (...args: string[]) => erbium(['zk', ...args], { cwd: folder.path });

function refuses(args: readonly string[], message: string, input = ''): void {
  const { status, stdout, stderr } = erbium(['zk', ...args], { cwd: folder.path, input });
  expect(stderr).toContain(message);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.length).toBeLessThan(1_000);
}

beforeAll(() => {
  folder.write('square.circom', CIRCUIT);
  folder.write('input.json', { a: 3 });
  expect(zk('setup', 'square.circom', 'keys').status).toBe(0);
  expect(zk('prove', 'keys', 'input.json').status).toBe(0);
});

describe('a key for which everybody can make proofs', () => {
  it('is refused, by verify and by export', () => {
    const key = JSON.parse(readFileSync(at('keys/verification_key.json'), 'utf8'));
    folder.write('weak.json', { ...key, vk_delta_2: key.vk_gamma_2 });
    refuses(
      ['verify', 'weak.json', 'public.json', 'proof.json'],
      'weak.json: everybody can make proofs for this key',
    );
    refuses(
      ['export', 'weak.json'],
      'weak.json: everybody can make proofs for this key: gamma equals delta, or is',
    );
    const infinity = ['0', '1', '0'];
    folder.write('zero.json', { ...key, vk_alpha_1: infinity });
    refuses(['export', 'zero.json'], 'is infinity');
  });
});

describe('prove', () => {
  it.each([
    [
      'its input',
      ['keys', 'input.json', '--out', 'p.json', '--public', 'input.json'],
      'input.json: is read here',
    ],
    ['its key', ['keys', 'input.json', '--out', 'keys/circuit.zkey'], 'keys/circuit.zkey: is read here'],
    ['its input by another name', ['keys', 'input.json', '--out', 'link/input.json'], 'is read here'],
    ['the verifying key', ['keys', 'input.json', '--public', 'keys/verification_key.json'], 'is read here'],
    [
      'its other output',
      ['keys', 'input.json', '--out', 'x.json', '--public', 'link/x.json'],
      'both are x.json',
    ],
  ])('does not write over %s', (_, args, message) => {
    if (!existsSync(at('link'))) symlinkSync('.', at('link'));
    refuses(['prove', ...args], message);
    expect(JSON.parse(readFileSync(at('input.json'), 'utf8'))).toEqual({ a: 3 });
  });

  it('refuses lists that nest without end, and names without end, in few words', () => {
    const n = 5_000;
    const nested = `{"root":${'['.repeat(n)}null${',null]'.repeat(n)}}`;
    refuses(['prove', 'keys', '-'], 'is nested too deep', nested);
    refuses(['prove', 'keys', '-'], 'is no input of the circuit', `{"${'x'.repeat(1_000_000)}":1}`);
    refuses(['prove', 'keys', '-'], 'a\\nerbium: valid: is no input', '{"a\\nerbium: valid":1}');
  });

  it('reads no device', () => {
    refuses(['verify', '/dev/zero', 'public.json', 'proof.json'], '/dev/zero: is no file');
    refuses(['prove', '/dev/zero', 'input.json', '--wasm', 'keys/circuit.wasm'], '/dev/zero: is no file');
  });
});

describe('setup', () => {
  it('does not replace the folder that one stands in', async () => {
    const { stdout, stderr } = await shell(
      'mkdir e && cd e && erbium zk setup ../square.circom .; echo $?; ls ..',
      folder.path,
    );
    expect(stderr).toContain('only a new folder is made');
    expect(stdout).toMatch(/^2\n/);
  });
});

describe('a reader that does not read', () => {
  it.each([
    ['zk verify keys/verification_key.json other.json proof.json', 1],
    ['zk verify keys/verification_key.json public.json proof.json', 0],
    ['run fe', 1],
    ['run 00', 0],
  ])('does not change what %s says by its exit code', async (line, expected) => {
    writeFileSync(at('other.json'), '["10"]');
    const { stdout } = await shell(`erbium ${line} | true; echo $PIPESTATUS`, folder.path);
    expect(stdout.trim()).toBe(`${expected}`);
  });

  it('of errors does not either', async () => {
    const { stdout } = await shell(
      'erbium zk verify none a b 2>&1 >/dev/null | true; echo $PIPESTATUS',
      folder.path,
    );
    expect(stdout.trim()).toBe('2');
  });

  it.runIf(existsSync('/dev/full'))('because the disk is full is told', async () => {
    const { stdout, stderr } = await shell('erbium run 00 > /dev/full; echo $?', folder.path);
    expect(stdout.trim()).toBe('2');
    expect(stderr).toMatch(/ENOSPC/);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
