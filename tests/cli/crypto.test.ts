/** `--crypto`: the same answers with each, and what is said where the package is not installed. */

import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { Summary } from '../../src/cli/report.ts';
import type { CaseReport } from '../../src/cli/run-fixture.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex, toBytes32 } from '../../src/primitives/bytes.ts';
import { call, code, push, returnTop } from '../helpers/assembler.ts';
import { COMMAND, erbium, json, postsOf, refuses, SMOKE, smokeText, spoilt, useFolder } from './support.ts';

type Report = Summary & { cases: CaseReport[] };

const folder = useFolder();
const PRECOMPILES = join(SMOKE, 'precompiles');

const results = ({ cases }: Report): string[] =>
  cases.map(({ id, gasUsed, stateRoot }) => `${id} ${gasUsed} ${stateRoot}`).sort();

describe('erbium run --crypto', () => {
  const SECRET = toBytes32(0x1234n);
  const HASH = toBytes32(0xabcdefn);
  const { r, s, yParity } = nobleCrypto.sign(HASH, SECRET);
  const signed = [HASH, toBytes32(BigInt(27 + yParity)), toBytes32(r), toBytes32(s)];
  const input = `0x${signed.map((word) => bytesToHex(word).slice(2)).join('')}`;
  /** Calls ECRECOVER with the calldata, and returns what it gave. */
  const recover = bytesToHex(
    code(
      push(128),
      push(0),
      push(0),
      'CALLDATACOPY',
      call(1n, { inSize: 128, outSize: 32 }),
      'POP',
      push(0),
      'MLOAD',
      returnTop,
    ),
  );

  it.each(['wasm', 'bigint'])('gives the same with each on engine %s', (engine) => {
    const run = (crypto: string, ...args: string[]) =>
      erbium(['run', recover, '--input', input, '--json', '--engine', engine, '--crypto', crypto, ...args]);
    const fast = run('fast');
    expect(json<{ output: string }>(fast).output.slice(26)).toBe(
      addressToHex(nobleCrypto.secretToAddress(SECRET)).slice(2),
    );
    expect(run('noble')).toEqual(fast);
    expect(run('fast', '--trace').stdout).toBe(fast.stdout);
  });

  it('names the two where it is told another', () => {
    refuses(
      ['run', '00', '--crypto', 'quick'],
      ["argument 'quick' is invalid. Allowed choices are noble, fast."],
    );
  });
});

describe('erbium statetest --crypto', () => {
  const report = (...args: string[]): Report => json<Report>(erbium(['statetest', '--json', ...args]));

  it('gives the same with each, in one thread, in two and while tracing', () => {
    const noble = report(PRECOMPILES, '--fork', 'Osaka');
    expect(noble).toMatchObject({ failed: 0, errors: [], crypto: 'noble' });
    expect(noble.passed).toBeGreaterThan(100);
    for (const args of [['--workers', '2'], ['--workers', '1', '--engine', 'bigint'], ['--trace']]) {
      const fast = report(PRECOMPILES, '--fork', 'Osaka', '--crypto', 'fast', ...args);
      expect(fast).toMatchObject({ failed: 0, errors: [], crypto: 'fast' });
      expect(results(fast)).toEqual(results(noble));
    }
  });

  it('tells of it, and how a failure is run again', () => {
    const file = folder.write(
      'wrong.json',
      spoilt('precompiles/08-bn254-pairing', (test) => {
        for (const post of postsOf(test)) post.hash = `0x${'11'.repeat(32)}`;
      }),
    );
    const { stdout, status } = erbium(['statetest', file, '--crypto', 'fast']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/again: erbium statetest \S+ --run \S+ --crypto fast\n/);
    expect(stdout).toMatch(/ cases\/s, engine wasm, crypto fast\n/);
  });
});

describe('without the optional packages', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/cli/erbium.js', ...args], { cwd: folder.path, encoding: 'utf8' });

  beforeAll(() => {
    // The command as it is installed where nobody installed them; those of the folders above do not count.
    cpSync(dirname(COMMAND), join(folder.path, 'dist/cli'), { recursive: true });
    cpSync(join(dirname(COMMAND), '../../package.json'), join(folder.path, 'package.json'));
    for (const name of ['mcl-wasm', 'lmdb'])
      folder.write(`node_modules/${name}/package.json`, { name, exports: {} });
    for (const name of ['a', 'b']) folder.write(`tests/${name}.json`, smokeText('precompiles/01-ecrecover'));
  });

  it.each([
    ['run', '00'],
    ['statetest', 'tests/a.json'],
    ['statetest', 'tests', '--workers', '2'],
    ['statetest', 'tests', '--trace'],
  ])('%s %s %s %s says once what to install', (...args) => {
    const { status, stdout, stderr } = run(...args, '--crypto', 'fast');
    expect(stderr).toMatch(/^erbium: needs the optional package mcl-wasm: npm install mcl-wasm .*\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('what a worker cannot open is told once, too', () => {
    const { status, stderr } = run('statetest', 'tests', '--workers', '2', '--state', 'lmdb:states');
    expect(stderr).toMatch(/^erbium: the package lmdb .*\n$/);
    expect(status).toBe(2);
  });

  it('all goes on with noble', () => {
    expect(run('run', '00').status).toBe(0);
    expect(run('statetest', 'tests', '--workers', '2').status).toBe(0);
  });
});
