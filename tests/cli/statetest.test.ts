/** `erbium statetest` as a user sees it: what it runs, what it prints, how it ends. */

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/cli/report.ts';
import type { CaseReport } from '../../src/cli/run-fixture.ts';
import {
  erbium,
  json,
  postsOf,
  refuses,
  SMOKE,
  shell,
  smokeText,
  spoilt,
  type TestJson,
  useFolder,
} from './support.ts';

type Report = Summary & { cases: CaseReport[] };

const report = (...args: string[]): Report => json<Report>(erbium(['statetest', '--json', ...args]));
const WRONG_HASH = `0x${'11'.repeat(32)}`;

/** Ids without what differs from run to run, in one order. */
const results = ({ cases }: Report): string[] =>
  cases.map(({ id, pass, gasUsed, stateRoot }) => `${id} ${pass} ${gasUsed} ${stateRoot}`).sort();

describe('erbium statetest', () => {
  const folder = useFolder();
  const transfer = (): string => folder.write('transfer.json', smokeText('transactions/transfer'));

  it('runs the smoke tests, with a table by fork', () => {
    const { status, stdout, stderr } = erbium(['statetest']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    expect(rows[0]).toEqual(['fork', 'passed', 'failed']);
    const forks = rows.slice(
      1,
      rows.findIndex(([name]) => name === 'all'),
    );
    expect(forks[0]?.[0]).toBe('Frontier');
    expect(forks.length).toBeGreaterThan(15);
    const whole = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
    const all = rows.find(([name]) => name === 'all');
    expect(whole(all?.[1])).toBe(forks.reduce((sum, [, passed]) => sum + whole(passed), 0));
    expect(whole(all?.[1])).toBeGreaterThan(1_000);
    expect(all?.[2]).toBe('0');
    expect(stdout).toMatch(/\n\d+\.\d s, \d+ cases\/s, engine wasm\n/);
  });

  it('gives the same results in one thread, in two and while tracing', () => {
    const path = join(SMOKE, 'transactions');
    const one = report(path, '--workers', '1');
    expect(one.passed).toBeGreaterThan(100);
    expect(results(report(path, '--workers', '2'))).toEqual(results(one));
    const { stdout, status } = erbium(['statetest', '--json', path, '--trace']);
    expect(results(JSON.parse(stdout) as Report)).toEqual(results(one));
    expect(status).toBe(0);
  });

  it('gives the same results on each engine, and names it', () => {
    const wasm = report('--engine', 'wasm');
    const bigint = report('--engine', 'bigint', '--workers', '1');
    expect(wasm.passed).toBeGreaterThan(1_000);
    expect(results(bigint)).toEqual(results(wasm));
    expect([wasm.engine, bigint.engine]).toEqual(['wasm', 'bigint']);
    const file = transfer();
    expect(report(file, '--engine', 'auto').engine).toBe('wasm');
    const traced = erbium(['statetest', '--json', file, '--trace', '--engine', 'wasm']);
    expect(json<Report>(traced).engine).toBe('traced');
  });

  it('names the engines where it is told another', () => {
    refuses(
      ['statetest', '--engine', 'quick'],
      ["argument 'quick' is invalid. Allowed choices are auto, wasm, bigint."],
    );
  });

  it('takes the reference engine where WebAssembly is forbidden, unless told otherwise', () => {
    const file = transfer();
    const env = { ...process.env, NODE_OPTIONS: '--jitless' };
    const { engine, passed, failed } = json<Report>(erbium(['statetest', '--json', file], { env }));
    expect({ engine, passed: passed > 10, failed }).toEqual({ engine: 'bigint', passed: true, failed: 0 });
    refuses(['statetest', file, '--engine', 'wasm'], ['engine wasm: not here'], { env });
  });

  it('prints one JSON object with the numbers of the table', () => {
    const file = transfer();
    const { cases, forks, passed, failed, errors, foreign, seconds } = report(file);
    expect({ failed, errors, foreign }).toEqual({ failed: 0, errors: [], foreign: [] });
    expect(passed).toBe(cases.length);
    expect(passed).toBe(forks.reduce((sum, fork) => sum + fork.passed, 0));
    expect(forks.every((fork) => fork.failed === 0)).toBe(true);
    expect(seconds).toBeGreaterThan(0);
    expect(cases[0]).toMatchObject({ file, fork: 'Frontier', id: 'transfer/Frontier/d0g0v0', pass: true });
    expect(cases[0]).toMatchObject({ mismatches: [], differences: [], gasUsed: '21000' });
    expect(cases[0]?.stateRoot).toMatch(/^0x[0-9a-f]{64}$/);
    expect(cases[0]?.ms).toBeGreaterThanOrEqual(0);
  });

  it('chooses by fork, under any of its names', () => {
    const file = transfer();
    const count = report(file, '--fork', 'Petersburg').forks;
    expect(count.map(({ fork }) => fork)).toEqual(['ConstantinopleFix']);
    expect(report(file, '--fork', 'constantinoplefix').forks).toEqual(count);
  });

  it('chooses by name', () => {
    const file = transfer();
    expect(report(file, '--run', '^transfer/Osaka/d0g0v0$').cases.map(({ id }) => id)).toEqual([
      'transfer/Osaka/d0g0v0',
    ]);
    expect(report(file, '--run', 'Osaka|Prague').forks.map(({ fork }) => fork)).toEqual(['Prague', 'Osaka']);
    expect(report(file, '--run', 'd0', '--fork', 'Osaka').forks.map(({ fork }) => fork)).toEqual(['Osaka']);
  });

  it('reads files, folders and archives alike', async () => {
    const names = ['transactions/transfer', 'transactions/creation', 'rejections/nonce-too-low'];
    const files = names.map((name) => folder.write(`three/${name}.json`, smokeText(name)));
    const archive = await folder.archive('three.tar.gz', [
      [{ name: 'three/', type: 'directory' }, ''],
      ...names.map((name) => [{ name: `three/${name}.json` }, smokeText(name)] as const),
    ]);
    const single = report(...files);
    expect(single.passed).toBeGreaterThan(20);
    expect(results(report(join(folder.path, 'three')))).toEqual(results(single));
    const packed = report(archive);
    expect(results(packed)).toEqual(results(single));
    expect(packed.foreign).toEqual([]);
    expect(packed.cases.map(({ file }) => file)).toContain(`${archive}:three/transactions/transfer.json`);
  });

  it('reads a file that is named itself whatever its ending', () => {
    expect(report(folder.write('transfer.txt', smokeText('transactions/transfer'))).failed).toBe(0);
  });

  it('names the files of a folder and the entries of an archive that are no fixtures', async () => {
    folder.write('mixed/a.json', smokeText('transactions/transfer'));
    folder.write('mixed/README.md', 'hello');
    symlinkSync('.', join(folder.path, 'mixed/loop'));
    const path = join(folder.path, 'mixed');
    const { foreign, passed } = report(path);
    expect(foreign).toEqual([join(path, 'README.md'), join(path, 'loop')]);
    expect(passed).toBeGreaterThan(0);
    const { stdout, status } = erbium(['statetest', path]);
    expect(stdout).toContain(`no JSON files, so not read: 2 (${path}/README.md, ${path}/loop)`);
    expect(status).toBe(0);

    const archive = await folder.archive('mixed.tar.gz', [
      [{ name: 'a.json' }, smokeText('transactions/transfer')],
      [{ name: 'notes.txt' }, 'hello'],
      [{ name: 'link.json', type: 'symlink', linkname: '/etc/passwd' }, ''],
    ]);
    expect(report(archive).foreign).toEqual([`${archive}:notes.txt`, `${archive}:link.json`]);
    expect(erbium(['statetest', archive]).stdout).toContain(`${archive}:notes.txt, ${archive}:link.json`);
  });

  it('reads entries whose names lead elsewhere and writes nothing', async () => {
    const archive = await folder.archive('hostile.tar.gz', [
      [{ name: '../escaped.json' }, smokeText('transactions/transfer')],
      [{ name: `${'deep/'.repeat(60)}x.json` }, smokeText('transactions/transfer')],
    ]);
    const { cases, failed } = report(archive);
    expect(failed).toBe(0);
    expect(cases.map(({ file }) => file)).toContain(`${archive}:../escaped.json`);
    refuses(['statetest', join(folder.path, '..', 'escaped.json')], ['no such file or folder']);
  });

  it('lists the slowest cases', () => {
    const { stdout } = erbium(['statetest', transfer(), '--slowest', '2']);
    const list = stdout.slice(stdout.indexOf('slowest:')).trim().split('\n');
    expect(list).toHaveLength(3);
    for (const line of list.slice(1)) expect(line).toMatch(/^ +\d+ ms +transfer\/\w+\/d\dg\dv\d$/);
  });

  it('traces each case, and its root after it', () => {
    const file = folder.write('trace.json', smokeText('transactions/blobhash-without-blobs'));
    const { stderr, stdout, status } = erbium(['statetest', file, '--trace', '--fork', 'Osaka']);
    expect(status).toBe(0);
    expect(stdout).toContain('Osaka');
    const lines = stderr.trim().split('\n');
    const root = report(file, '--fork', 'Osaka').cases[0]?.stateRoot;
    expect(lines.at(-1)).toBe(`{"stateRoot": "${root}"}`);
    const steps = lines.map((line) => JSON.parse(line) as { opName?: string; pc?: number });
    expect(steps.map(({ opName }) => opName).filter(Boolean)).toEqual([
      'PUSH1',
      'BLOBHASH',
      'ISZERO',
      'PUSH1',
      'SSTORE',
      'STOP',
    ]);
    const traced = erbium(['statetest', file, '--trace']).stderr.split('\n');
    expect(traced.filter((line) => line.startsWith('{"stateRoot"'))).toHaveLength(2);
  });

  it('survives a reader that stops reading', async () => {
    const path = transfer();
    const { stdout, stderr } = await shell(
      `erbium statetest --json ${SMOKE}/transactions | head -c 5; erbium statetest --trace ${path} 2>&1 >/dev/null | head -1`,
      folder.path,
    );
    expect(stdout).toMatch(/^\{"pas\{/);
    expect(stderr).toBe('');
  });

  describe('reports', () => {
    const DATA = 'transactions/transfer';
    const REJECTED = 'rejections/nonce-too-low';

    /** The failures of a spoilt fixture: text, and the line that repeats the first. */
    const failures = (name: string, change: (test: TestJson) => void, file = 'spoilt.json') => {
      const path = folder.write(file, spoilt(name, change));
      const { status, stdout, stderr } = erbium(['statetest', path, '--fork', 'Osaka']);
      expect(status).toBe(1);
      expect(stderr).toBe('');
      expect(stdout).toContain(`     in ${path}\n`);
      return stdout;
    };
    const each = (set: Record<string, unknown>) => (test: TestJson) => {
      for (const post of postsOf(test)) Object.assign(post, set);
    };

    it('a wrong state root', () => {
      const text = failures(DATA, each({ hash: WRONG_HASH }));
      expect(text).toMatch(new RegExp(`state root\n {7}expected ${WRONG_HASH}\n {7}got {6}0x[0-9a-f]{64}\n`));
      expect(text).not.toContain('logs');
    });

    it('wrong logs', () => {
      const text = failures(DATA, each({ logs: WRONG_HASH }));
      expect(text).toMatch(new RegExp(`logs\n {7}expected ${WRONG_HASH}\n {7}got {6}0x[0-9a-f]{64}\n`));
      expect(text).not.toContain('state root');
    });

    it('a rejection for another reason', () => {
      const text = failures(REJECTED, each({ expectException: 'TransactionException.NONCE_IS_MAX' }));
      expect(text).toContain('rejection\n       expected TransactionException.NONCE_IS_MAX\n');
      expect(text).toMatch(
        /got {6}NONCE_MISMATCH_TOO_LOW: the nonce is below that of the sender \(nonce \d+, sender's is \d+\)/,
      );
    });

    it('a reason that nobody knows', () => {
      expect(failures(REJECTED, each({ expectException: 'NoSuchReason' }))).toContain(
        'expected NoSuchReason\n',
      );
    });

    it('a rejection that does not come', () => {
      const text = failures(DATA, each({ expectException: 'TransactionException.NONCE_IS_MAX' }));
      expect(text).toContain('got      the transaction ran\n');
    });

    it('a rejection that should not come', () => {
      const text = failures(REJECTED, each({ expectException: undefined }));
      expect(text).toContain('expected a valid transaction\n       got      NONCE_MISMATCH_TOO_LOW');
    });

    it('another state, account by account', () => {
      const text = failures(DATA, (test) => {
        for (const { state } of postsOf(test)) {
          const account = Object.values(state ?? {})[0]!;
          Object.assign(account, { nonce: '0x63', storage: { '0x05': '0x06' }, code: '0x00' });
        }
      });
      expect(text).toMatch(/0x[0-9a-f]{40} nonce\n {7}expected 99\n {7}got {6}\d+\n/);
      expect(text).toMatch(/0x[0-9a-f]{40} slot 0x5\n {7}expected 0x6\n {7}got {6}0x0\n/);
      expect(text).toMatch(/0x[0-9a-f]{40} code\n {7}expected 0x00\n {7}got {6}0x\n/);
      expect(text).not.toContain('state root');
    });

    it('non-canonical RLP, with its reason', () => {
      const text = failures(DATA, (test) => {
        for (const post of postsOf(test)) post.txbytes = String(post.txbytes).replace('0xf8', '0xf900');
      });
      expect(text).toContain('got      RLP_INVALID: the encoding is not canonical RLP (');
      expect(text).toContain('length prefix has a leading zero');
    });

    it('the same in --json', () => {
      const path = folder.write('spoilt.json', spoilt(DATA, each({ hash: WRONG_HASH })));
      const outcome = erbium(['statetest', path, '--json', '--fork', 'Osaka']);
      expect(outcome.status).toBe(1);
      const { failed, passed, cases, forks } = json<Report>(outcome);
      expect({ passed, failed }).toEqual({ passed: 0, failed: cases.length });
      expect(failed).toBeGreaterThan(0);
      expect(forks).toEqual([{ fork: 'Osaka', passed: 0, failed }]);
      expect(cases[0]?.mismatches).toEqual([
        { what: 'state root', expected: WRONG_HASH, got: cases[0]?.stateRoot },
      ]);
    });

    it('how to run a case again, and that line does so', async () => {
      // A name full of what shells and regular expressions take for their own.
      const name = `it's [a] "test" (b)* $HOME \\d+ tests/x.py::y[fork_Osaka-state_test]`;
      const [test] = Object.values(spoilt(DATA, each({ hash: WRONG_HASH })));
      const file = folder.write(`a folder/it's.json`, { [name]: test, [`${name}2`]: test });
      const { stdout } = erbium(['statetest', file, '--fork', 'Osaka', '--run', 'test\\]/Osaka/d0g0v0']);
      expect(stdout).toContain(`FAIL ${name}/Osaka/d0g0v0\n`);
      const [line] = stdout.split('\n').flatMap((text) => text.split('again: ').slice(1));
      const again = await shell(`${line}`, folder.path);
      expect(again.stderr).toBe('');
      expect(again.status).toBe(1);
      expect(again.stdout.match(/^FAIL .*$/gm)).toEqual([`FAIL ${name}/Osaka/d0g0v0`]);
      expect(again.stdout).toContain(`again: ${line}\n`);
    });

    it('how to run a case of an archive again', async () => {
      const archive = await folder.archive('spoilt.tar.gz', [
        [{ name: 'x.json' }, JSON.stringify(spoilt(DATA, each({ hash: WRONG_HASH })))],
        [{ name: 'y.json' }, smokeText('transactions/creation')],
      ]);
      const { stdout } = erbium(['statetest', archive, '--workers', '2', '--fork', 'Osaka']);
      const lines = stdout.split('\n').flatMap((text) => text.split('again: ').slice(1));
      expect(lines.length).toBeGreaterThan(0);
      expect(lines[0]).toBe(`erbium statetest ${archive} --run '^transfer/Osaka/d0g0v0$'`);
      const again = await shell(lines[0]!, folder.path);
      expect(again.stdout.match(/^FAIL .*$/gm)).toEqual(['FAIL transfer/Osaka/d0g0v0']);
    });

    it('how to run a case again whose file looks like an option', async () => {
      mkdirSync(join(folder.path, 'dashes'));
      folder.write('dashes/-x.json', spoilt(DATA, each({ hash: WRONG_HASH })));
      const cwd = join(folder.path, 'dashes');
      const { stdout } = erbium(['statetest', '.', '--fork', 'Osaka'], { cwd });
      const [line] = stdout.split('\n').flatMap((text) => text.split('again: ').slice(1));
      expect((await shell(line!, cwd)).status).toBe(1);
    });

    it('only the first failure with --bail', () => {
      const spoil = each({ hash: WRONG_HASH });
      for (const name of ['a', 'b', 'c']) folder.write(`bail/${name}.json`, spoilt(DATA, spoil));
      const path = join(folder.path, 'bail');
      const whole = report(path);
      expect(whole.failed).toBeGreaterThan(30);
      for (const workers of ['1', '2']) {
        const outcome = erbium(['statetest', path, '--bail', '--workers', workers]);
        expect(outcome.status).toBe(1);
        expect(outcome.stdout.match(/^FAIL /gm)).toHaveLength(1);
      }
      expect(report(path, '--bail').failed).toBe(1);
      expect(erbium(['statetest', path, '--bail', '--trace', '--json']).status).toBe(1);
    });

    it('at most a hundred failures in full', () => {
      const [test] = Object.values(spoilt(DATA, each({ hash: WRONG_HASH })));
      const file = folder.write('many.json', { a: test, b: test, c: test, d: test });
      const { stdout } = erbium(['statetest', file]);
      const total = report(file).failed;
      expect(total).toBeGreaterThan(100);
      expect(stdout.match(/^FAIL /gm)).toHaveLength(100);
      expect(stdout.match(/more failures are only counted/g)).toHaveLength(1);
      expect(stdout).toMatch(new RegExp(`^all +0 +${total}$`, 'm'));
    });
  });

  it('runs what is good beside what is not', () => {
    const good = transfer();
    const bad = folder.write('bad.json', '{');
    const outcome = erbium(['statetest', bad, good, '--json']);
    expect(outcome.status).toBe(2);
    const { passed, errors } = json<Report>(outcome);
    expect(passed).toBeGreaterThan(10);
    expect(errors).toHaveLength(1);
    expect(outcome.stderr).toBe(`erbium: ${errors[0]}\n`);
    expect(errors[0]).toContain(`${bad}: not JSON`);
  });

  it('runs the rest of a folder in which a file cannot be read', () => {
    folder.write('dangling/z.json', smokeText('transactions/transfer'));
    symlinkSync('nowhere', join(folder.path, 'dangling/a.json'));
    const path = join(folder.path, 'dangling');
    const outcome = refuses(['statetest', path, '--json'], [`${path}/a.json: no such file or folder`]);
    expect(json<Report>(outcome).passed).toBeGreaterThan(10);
  });
});
