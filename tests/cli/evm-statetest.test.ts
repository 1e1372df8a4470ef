/** `erbium-evm statetest` against what geth's `evm statetest` wrote, and in the ways in which tools call it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evm, reportsOf } from './evm-support.ts';
import { postsOf, SMOKE, smokeText, spoilt, useFolder } from './support.ts';

const RECORDED =
  process.env.ERBIUM_GETH_TRACES ?? `${import.meta.dirname}/../../../shared/reference/geth-traces`;
const ENDING = '.trace.stderr';
const present = existsSync(RECORDED);

const TRACE = ['--trace', '--trace.format=json', '--trace.nomemory=true', '--trace.noreturndata=true'];
const NO_ROOT = `{"stateRoot": "0x${'0'.repeat(64)}"}\n`;
const ROOT_LINE = /^\{"stateRoot": "0x[0-9a-f]{64}"\}\n$/;

const PUSH0 = 'opcodes/push0';

describe.skipIf(!present)(present ? 'recorded runs' : 'recorded runs (skipped: they are absent)', () => {
  const names = present
    ? readdirSync(RECORDED)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
    : [];
  const file = (name: string, ending: string): string =>
    readFileSync(join(RECORDED, `${name}${ending}`), 'utf8');
  const all = (ending: string): string => names.map((name) => file(name, ending)).join('');

  it('are there', () => expect(names.length).toBeGreaterThanOrEqual(3));

  it.each(names)('%s, byte for byte', (name) => {
    expect(evm(['statetest', `${name}.json`], { cwd: RECORDED })).toEqual({
      status: 0,
      stdout: file(name, '.root.stdout'),
      stderr: file(name, '.root.stderr'),
    });
    expect(evm(['statetest', ...TRACE, `${name}.json`], { cwd: RECORDED })).toEqual({
      status: 0,
      stdout: file(name, '.trace.stdout'),
      stderr: file(name, '.trace.stderr'),
    });
  });

  it.each([
    ['.root', []],
    ['.trace', TRACE],
    ['.trace', ['--json']],
  ])('all of them in one process: %s %j', (kind, flags) => {
    const input = `${names.map((name) => `${name}.json`).join('\n')}\n\nnever-read.json\n`;
    expect(evm(['statetest', ...flags], { cwd: RECORDED, input })).toEqual({
      status: 0,
      stdout: all(`${kind}.stdout`),
      stderr: all(`${kind}.stderr`),
    });
  });
});

describe('paths', () => {
  const folder = useFolder();

  it('may be a folder, of which every case passes', () => {
    const { status, stdout } = evm(['statetest', join(SMOKE, 'precompiles')]);
    const reports = reportsOf(stdout);
    expect(status).toBe(0);
    expect(reports.length).toBeGreaterThan(20);
    expect(reports.filter(({ pass }) => !pass)).toEqual([]);
  });

  it('may be several, whose reports come in one list', () => {
    const [a, b] = ['opcodes/push0', 'precompiles/04-identity'].map((name) => join(SMOKE, `${name}.json`));
    const one = [a!, b!].flatMap((path) => reportsOf(evm(['statetest', path]).stdout));
    expect(reportsOf(evm(['statetest', a!, b!]).stdout)).toEqual(one);
  });

  it('leave out what makers of fixtures keep beside them', () => {
    folder.write('fixtures/one.json', smokeText(PUSH0));
    folder.write('fixtures/.meta/index.json', { test_cases: [] });
    const { status, stdout } = evm(['statetest', join(folder.path, 'fixtures')]);
    expect([status, reportsOf(stdout).length]).toEqual([
      0,
      reportsOf(evm(['statetest', join(SMOKE, `${PUSH0}.json`)]).stdout).length,
    ]);
  });

  it.each([[[]], [['--workers', '2']]])('are an error of their own where one cannot be read: %j', (flags) => {
    const good = folder.write('good.json', smokeText(PUSH0));
    const malformed = folder.write('malformed.json', '[');
    for (const path of [malformed, join(folder.path, 'missing')]) {
      const { status, stdout, stderr } = evm(['statetest', ...flags, good, path, good]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain(path);
    }
  });

  it('are run in threads, and nobody can tell', () => {
    const path = folder.path;
    for (const name of ['a', 'b', 'c']) folder.write(`three/${name}.json`, smokeText(PUSH0));
    const alone = evm(['statetest', join(path, 'three')]);
    for (const workers of ['2', '0']) {
      const words = ['statetest', '--verbosity', '100', '--workers', workers, join(path, 'three')];
      expect(evm(words)).toEqual(alone);
    }
    const misused = evm(['statetest', '--workers=2', '--run=(', join(path, 'three')]);
    expect(misused.stderr).toMatch(/^ERROR\(1\): invalid regex -run: /);
    const traced = ['statetest', '--json', '--statetest.index=0', join(path, 'three')];
    expect(evm([...traced, '--workers', '2'])).toEqual(evm(traced));
  });

  it('tells of a transaction that is rejected in geth’s words, with the root of the state before', () => {
    const file = folder.write(
      'funds.json',
      spoilt(PUSH0, (test) => {
        for (const account of Object.values(test.pre)) account.balance = '0x0';
      }),
    );
    const { status, stdout, stderr } = evm(['statetest', '--statetest.index', '0', file]);
    const [report] = reportsOf(stdout);
    expect(status).toBe(0);
    expect(report!.error).toMatch(/^unexpected error: insufficient funds for gas \* price \+ value: /);
    expect(stderr).toMatch(ROOT_LINE);
    expect(stderr).toContain(report!.stateRoot);
  });

  it('expects what the fixture expects', () => {
    const file = folder.write(
      'expects.json',
      spoilt(PUSH0, (test) => {
        for (const post of postsOf(test)) post.expectException = 'TR_NoFunds <&>';
      }),
    );
    const { stdout } = evm(['statetest', file]);
    expect(stdout).toContain('expected error \\"TR_NoFunds \\u003c\\u0026\\u003e\\", got no error');
  });

  it('has no root where a limit of its own stops a case', () => {
    const file = folder.write(
      'memory.json',
      spoilt(PUSH0, (test) => {
        test.env.currentGasLimit = '0x7fffffffffffffff';
        test.transaction = { ...test.transaction, gasLimit: ['0x7ffffffffffffff'] };
        for (const account of Object.values(test.pre)) {
          account.balance = `0x${'f'.repeat(60)}`;
          // MSTORE at 2^32.
          if (account.code !== '0x') account.code = '0x6001640100000000' + '52';
        }
        for (const post of postsOf(test)) delete post.txbytes;
      }),
    );
    const { status, stdout, stderr } = evm(['statetest', '--statetest.index=0', file]);
    const [report] = reportsOf(stdout);
    expect(report).toMatchObject({ pass: false, error: expect.stringContaining('memory') });
    expect(report!.stateRoot).toBeUndefined();
    expect([status, stderr]).toEqual([0, NO_ROOT]);
  });

  it('has no root for a fork that nobody knows, but a line that ends', () => {
    const file = folder.write(
      'fork.json',
      spoilt(PUSH0, (test) => {
        test.post = { Nonsense: postsOf(test).slice(0, 1) };
      }),
    );
    const { status, stdout, stderr } = evm(['statetest', file]);
    const [report] = reportsOf(stdout);
    expect(report).toEqual({
      name: expect.any(String),
      pass: false,
      fork: 'Nonsense',
      error: 'unsupported fork "Nonsense"',
    });
    expect([status, stderr]).toEqual([0, NO_ROOT]);
  });
});

describe('flags', () => {
  const file = join(SMOKE, `${PUSH0}.json`);
  const [name] = Object.keys(JSON.parse(smokeText(PUSH0)) as object);

  it('select tests by name, fork and number', () => {
    const all = reportsOf(evm(['statetest', file]).stdout);
    const { fork } = all.at(-1)!;
    const byFork = reportsOf(evm(['statetest', '-statetest.fork', fork, file]).stdout);
    expect(byFork).toEqual(all.filter((report) => report.fork === fork));
    const byIndex = reportsOf(evm(['statetest', '--statetest.index=1', file]).stdout);
    expect(byIndex).toEqual([all[1]]);
    expect(reportsOf(evm(['statetest', '--run', `^${name}$`, file]).stdout)).toEqual(all);
    expect(reportsOf(evm(['statetest', '--run=nothing-has-this-name', file]).stdout)).toEqual([]);
  });

  it('show the state, figures and words', () => {
    const { stdout } = evm(['statetest', '--dump', '--bench', '--statetest.index', '0', file]);
    const [report] = reportsOf(stdout);
    expect(`0x${report!.state!.root}`).toBe(report!.stateRoot);
    expect(Object.keys(report!)).toEqual(['name', 'pass', 'stateRoot', 'fork', 'state', 'benchStats']);
    expect(report!.benchStats!.gasUsed).toBeGreaterThan(21_000);
    expect(evm(['statetest', '--human', '--statetest.index', '0', file]).stdout).toBe(
      `[PASS] ${name}\n--\n1 tests passed, 0 tests failed.\n`,
    );
  });

  it('make lines with memory and return data, or without the stack', () => {
    const lines = (flags: readonly string[]): string =>
      evm(['statetest', ...flags, join(SMOKE, 'precompiles/04-identity.json')]).stderr;
    expect(lines(['--trace'])).not.toContain('"memory"');
    expect(lines(['--trace', '--nomemory=false'])).toContain('"memory":"0x');
    expect(lines(['--trace', '--trace.noreturndata=false'])).toContain('"returnData":"0x');
    expect(lines(['--trace', '--trace.nostack'])).toContain('"stack":null');
  });

  it.each([
    [['--nonsense'], 'flag provided but not defined: -nonsense'],
    [['--trace=maybe'], 'invalid boolean value "maybe" for -trace'],
    [['--statetest.index=one'], 'invalid value "one" for flag -statetest.index'],
    [['--run'], 'flag needs an argument: -run'],
    [['--run', '('], 'invalid regex -run'],
    [['--trace', '--trace.format', 'xml'], 'unknown trace format: "xml"'],
    [['--workers=-1'], '-workers: -1 is negative'],
    [['--cross-check'], 'flag provided but not defined: -cross-check'],
  ])('that are wrong: %j', (flags, message) => {
    const { status, stdout, stderr } = evm(['statetest', ...flags]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });
});

describe('the program', () => {
  it.each([['-v'], ['--version']])('says with %s that it speaks as evm does, and nothing else', (flag) => {
    const { status, stdout, stderr } = evm([flag]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^evm version \S+\n$/);
  });

  it('knows its commands', () => {
    expect(evm(['--verbosity', '100', 'statetest', '--help']).stdout).toContain('--statetest.fork');
    expect(evm(['--help']).stdout).toContain('statetest');
    expect(evm(['transition', '--help']).stdout).toContain('--state.fork');
    expect(evm(['--verbosity', '5', 't8n', '--verbosity=5', '--help']).status).toBe(0);
    expect(evm([]).stdout).toContain('COMMANDS');
    const { status, stderr } = evm(['nonsense']);
    expect(status).toBe(1);
    expect(stderr).toContain('unknown command "nonsense"');
  });
});
