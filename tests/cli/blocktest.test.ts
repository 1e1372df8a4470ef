/** `erbium blocktest` as a user sees it: what it runs, what it prints, how it ends. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/cli/report.ts';
import type { CaseReport } from '../../src/cli/run-fixture.ts';
import { type Block, hashHeader } from '../../src/executor/block/index.ts';
import type { ForkName } from '../../src/index.ts';
import { toHex32 } from '../../src/primitives/bytes.ts';
import { extend, startAt, template, transfer } from '../executor/block/support.ts';
import { blockJson, headerJson, type Json, stateJson } from '../statetest/blocks/support.ts';
import { erbium, json, refuses, SMOKE, shell, smokeText, useFolder } from './support.ts';

type Report = Summary & { cases: CaseReport[] };

const report = (...args: string[]): Report => json<Report>(erbium(['blocktest', '--json', ...args]));

interface Made {
  readonly test: Json;
  readonly blocks: readonly [Block, Block];
}

/** A test of two blocks with a transfer each. */
function makeTest(fork: ForkName, network: string = fork): Made {
  const made = startAt(fork);
  const pre = stateJson(made.state);
  const first = extend(made, made.genesis, template({ transactions: [transfer(0n)] })).block;
  const second = extend(made, first.header, template({ timestamp: 24n, transactions: [transfer(1n)] })).block;
  const test = {
    network,
    config: { chainid: '0x01' },
    genesisBlockHeader: headerJson(made.genesis),
    pre,
    blocks: [first, second].map((block) => blockJson(block)),
    lastblockhash: toHex32(hashHeader(second.header)),
    postState: stateJson(made.state),
  };
  return { test, blocks: [first, second] };
}

const cancun = makeTest('Cancun');
/** Never leaves Berlin: London would begin at a block that it does not have. */
const change = makeTest('Berlin', 'BerlinToLondonAt5');
const THREE: Readonly<Record<string, Json>> = {
  'a.py::test_a[fork_Cancun]': cancun.test,
  'b.py::test_b[fork_Petersburg]': makeTest('Petersburg', 'ConstantinopleFix').test,
  'c.py::test_c[fork_change]': change.test,
};
const NAMES = Object.keys(THREE);

/** Ids without what differs from run to run, in one order. */
const results = ({ cases }: Report): string[] =>
  cases.map(({ id, pass, gasUsed, stateRoot }) => `${id} ${pass} ${gasUsed} ${stateRoot}`).sort();

describe('erbium blocktest', () => {
  const folder = useFolder();
  const three = (): string => folder.write('three.json', THREE);
  const ids = (...args: string[]): string[] => report(three(), ...args).cases.map(({ id }) => id);

  it('prints a table by fork, and ends well', () => {
    const { status, stdout, stderr } = erbium(['blocktest', three()]);
    expect([status, stderr]).toEqual([0, '']);
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    expect(rows.slice(0, 5)).toEqual([
      ['fork', 'passed', 'failed'],
      ['ConstantinopleFix', '1', '0'],
      ['BerlinToLondonAt5', '1', '0'],
      ['Cancun', '1', '0'],
      ['all', '3', '0'],
    ]);
  });

  it('prints one JSON object, with each block', () => {
    const { passed, failed, errors, foreign, forks, cases } = report(three());
    expect({ passed, failed, errors, foreign }).toEqual({ passed: 3, failed: 0, errors: [], foreign: [] });
    expect(forks.map(({ fork }) => fork)).toEqual(['ConstantinopleFix', 'BerlinToLondonAt5', 'Cancun']);
    expect(cases[0]).toMatchObject({ id: NAMES[0], fork: 'Cancun', pass: true, gasUsed: '42000' });
    expect(cases[0]?.stateRoot).toBe(toHex32(cancun.blocks[1].header.stateRoot));
    const accepted = { accepted: true, gasUsed: '21000' };
    expect(cases[0]?.blocks).toMatchObject([
      { number: '1', ...accepted },
      { number: '2', ...accepted },
    ]);
    for (const { ms } of cases[0]?.blocks ?? []) expect(ms).toBeGreaterThan(0);
  });

  it('prints gas and time of each block with --blocks', () => {
    const { stdout, status } = erbium(['blocktest', three(), '--blocks', '--run', 'test_a']);
    expect(status).toBe(0);
    const lines = stdout.split('\n').filter((line) => line.includes('Mgas/s'));
    expect(lines).toHaveLength(2);
    for (const [i, line] of lines.entries()) {
      expect(line).toMatch(/^ *\d+\.\d Mgas\/s +0\.021 Mgas +\d+\.\d ms {2}block \d of a\.py::test_a\[/);
      expect(line).toContain(`block ${i + 1} of `);
    }
    expect(erbium(['blocktest', three()]).stdout).not.toContain('Mgas');
  });

  it('chooses by fork, under any of its names, and by a change of forks', () => {
    expect(ids('--fork', 'petersburg')).toEqual([NAMES[1]]);
    expect(ids('--fork', 'ConstantinopleFix')).toEqual([NAMES[1]]);
    expect(ids('--fork', 'Cancun')).toEqual([NAMES[0]]);
    expect(ids('--fork', 'BerlinToLondonAt5')).toEqual([NAMES[2]]);
    refuses(['blocktest', three(), '--fork', 'Berlin'], ['no case matches --fork Berlin: nothing ran']);
    refuses(['blocktest', three(), '--fork', 'Atlantis'], ['unknown fork "Atlantis"']);
  });

  it('chooses by name', () => {
    expect(ids('--run', 'test_(a|c)')).toEqual([NAMES[0], NAMES[2]]);
    refuses(['blocktest', three(), '--run', 'test_z'], ['no case matches --run test_z']);
    refuses(['blocktest', three(), '--run', '('], ['--run: Invalid regular expression']);
  });

  it('gives the same results for files, folders and archives, in threads, with each engine, on disk and traced', async () => {
    const whole = results(report(three()));
    expect(whole).toHaveLength(3);
    const files = Object.entries(THREE).map(([name, test], i) => [`${i}.json`, { [name]: test }] as const);
    for (const [name, file] of files) folder.write(`parts/${name}`, file);
    const parts = join(folder.path, 'parts');
    const archive = await folder.archive('parts.tar.gz', [
      ...files.map(([name, file]) => [{ name: `x/${name}` }, JSON.stringify(file)] as const),
      [{ name: 'notes.txt' }, 'hello'],
    ]);
    expect(results(report(parts, '--workers', '1'))).toEqual(whole);
    expect(results(report(parts, '--workers', '2', '--engine', 'wasm'))).toEqual(whole);
    const packed = report(archive, '--workers', '2', '--engine', 'bigint');
    expect(results(packed)).toEqual(whole);
    expect(packed.foreign).toEqual([`${archive}:notes.txt`]);
    const stored = report(parts, '--state', `lmdb:${join(folder.path, 'db')}`);
    expect(results(stored)).toEqual(whole);
    expect(stored.commits).toBeGreaterThanOrEqual(3);
    const traced = erbium(['blocktest', '--json', parts, '--trace']);
    expect(results(json<Report>(traced))).toEqual(whole);
    expect(traced.stderr.match(/^\{"stateRoot": "0x[0-9a-f]{64}"\}$/gm)).toHaveLength(3);
  });

  describe('reports', () => {
    /** The failures of a spoilt test in text. */
    const failure = (fields: Json): string => {
      const path = folder.write('spoilt.json', { 'a.py::t[x]': { ...cancun.test, ...fields } });
      const { status, stdout, stderr } = erbium(['blocktest', path]);
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout).toContain(`FAIL a.py::t[x]\n     in ${path}\n`);
      expect(stdout).toContain(`again: erbium blocktest ${path} --run '^a\\.py::t\\[x\\]$'\n`);
      return stdout;
    };
    const [first, second] = cancun.blocks;
    const withHeader = (fields: Partial<Block['header']>): Json =>
      blockJson({ ...second, header: { ...second.header, ...fields } });

    it('a block that is refused, with its number, the field and both values', () => {
      const text = failure({ blocks: [blockJson(first), withHeader({ stateRoot: 1n })] });
      expect(text).toContain('     block 2 (blocks[1]): rejection\n       expected a valid block\n');
      expect(text).toContain(
        `got      INVALID_STATE_ROOT: the state is not that of the header (${toHex32(1n)}, not ${toHex32(second.header.stateRoot)})`,
      );
      expect(text).toMatch(/ {5}head\n {7}expected 0x/);
      expect(text).toMatch(/0x[0-9a-f]{40} nonce\n {7}expected 2\n {7}got {6}1\n/);
    });

    it('bytes that are no block', () => {
      const text = failure({ blocks: [...(cancun.test.blocks as Json[]), { rlp: '0x00' }] });
      expect(text).toContain('     blocks[2]: rejection\n');
      expect(text).toContain('got      RLP_STRUCTURES_ENCODING: ');
    });

    it('a refusal that does not come, and one for another reason', () => {
      const expectException = 'BlockException.INVALID_GAS_USED';
      const accepted = failure({ blocks: [blockJson(first), blockJson(second, { expectException })] });
      expect(accepted).toContain(
        `block 2 (blocks[1]): rejection\n       expected ${expectException}\n       got      the block was accepted\n`,
      );
      const other = failure({
        blocks: [...(cancun.test.blocks as Json[]), { ...withHeader({ gasLimit: 1n }), expectException }],
      });
      expect(other).toContain(`block 2 (blocks[2]): rejection\n       expected ${expectException}\n`);
      expect(other).toContain('got      INVALID_GASLIMIT: ');
    });

    it('a few of many, and how many more', () => {
      const blocks = [...Array(9)].map(() => ({ rlp: '0x00' }));
      const text = failure({ blocks: [...(cancun.test.blocks as Json[]), ...blocks] });
      expect(text.match(/rejection$/gm)).toHaveLength(5);
      expect(text).toContain('     and 4 more\n');
    });

    it('the same in --json', () => {
      const path = folder.write('head.json', { t: { ...cancun.test, lastblockhash: toHex32(1n) } });
      const outcome = erbium(['blocktest', path, '--json']);
      expect(outcome.status).toBe(1);
      const { failed, cases } = json<Report>(outcome);
      expect(failed).toBe(1);
      const got = toHex32(hashHeader(second.header));
      expect(cases[0]?.mismatches).toEqual([{ what: 'head', block: null, expected: toHex32(1n), got }]);
    });

    it('how to run a test again, and that line does so', async () => {
      const bad = { ...cancun.test, lastblockhash: toHex32(1n) };
      const file = folder.write(`a folder/it's.json`, { "it's (a)[b]*": bad, "it's (a)[b]*2": bad });
      const { stdout } = erbium(['blocktest', file, '--engine', 'bigint']);
      const [line] = stdout.split('\n').flatMap((text) => text.split('again: ').slice(1));
      const again = await shell(line!, folder.path);
      expect(again.status).toBe(1);
      expect(again.stdout.match(/^FAIL .*$/gm)).toEqual(["FAIL it's (a)[b]*"]);
    });
  });

  describe('refuses', () => {
    it('a fixture of the other kind, and names the command that runs it', () => {
      const states = folder.write('state.json', smokeText('transactions/transfer'));
      refuses(
        ['blocktest', states],
        [`${states}: transfer: a state test, not a blockchain test; erbium statetest runs it`],
      );
      const blocks = three();
      refuses(
        ['statetest', blocks],
        [`${blocks}: ${NAMES[0]}: a blockchain test, not a state test; erbium blocktest runs it`],
      );
      const neither = folder.write('neither.json', { t: { transactions: [] } });
      const { stderr } = refuses(['blocktest', neither], [`${neither}: t: not a blockchain test`]);
      expect(stderr).not.toContain('runs it');
      expect(erbium(['blocktest', SMOKE, '--json']).status).toBe(2);
    });

    it('what it cannot read, and runs what is good beside it', () => {
      const bad = folder.write('bad.json', '{');
      const outcome = refuses(['blocktest', bad, three(), '--json'], [`${bad}: not JSON`]);
      expect(json<Report>(outcome).passed).toBe(3);
      refuses(['blocktest', join(folder.path, 'nowhere')], ['nowhere: no such file or folder']);
      const field = folder.write('field.json', { t: { ...cancun.test, lastblockhash: '0x12' } });
      refuses(['blocktest', field], [`${field}: t.lastblockhash: expected 32 bytes, got 1`]);
      const strange = folder.write('strange.json', { t: { ...cancun.test, network: 'Atlantis' } });
      refuses(['blocktest', strange], [`${strange}: t: unknown fork "Atlantis"`]);
      refuses(['blocktest', folder.write('none.json', {})], ['holds no tests']);
    });

    it('a call without paths', () => {
      refuses(['blocktest'], ["missing required argument 'paths'"]);
    });
  });
});
