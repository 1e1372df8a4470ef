/** `erbium fuzz code` from the line to the files. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ethereumjsContender } from '../../src/cli/fuzz-ethereumjs.ts';
import { casesOfFile } from '../../src/cli/fuzz-files.ts';
import { compare, plainContender } from '../../src/fuzz/compare.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { compile } from '../fuzz/search-contracts.ts';
import { code, push } from '../helpers/assembler.ts';
import { COMMAND, erbium, refuses, useFolder } from './support.ts';

const folder = useFolder();
/** For machines with much else to do. */
const LONG = 120_000;

const run = (...args: string[]) => erbium(['fuzz', 'code', ...args], { cwd: folder.path });
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder.path, name)).map((file) => [
      file,
      readFileSync(join(folder.path, name, file), 'utf8'),
    ]),
  );
const eventsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
/** The file of a contract's code. */
const fileOf = (file: string, name: string): string => {
  folder.write(`${name}.hex`, bytesToHex(compile(file)[name]!));
  return `@${name}.hex`;
};

// sstore(0, sload(0) + 1)
const COUNTER = bytesToHex(code(push(0), 'SLOAD', push(1), 'ADD', push(0), 'SSTORE', 'STOP'));
const TO_100 = ['--assert', 'slot(0) < 100', '--storage', '0=0x62', '--workers', '1'];

const FLAWED: readonly [file: string, name: string, words: readonly string[]][] = [
  ['Bank.sol', 'Bank', ['--drain']],
  ['Token.sol', 'Token', ['--assert', 'slot(1) <= 1_000_000']],
  ['Wallet.sol', 'Wallet', ['--reach', 'op:SELFDESTRUCT']],
  ['Vault.sol', 'Vault', ['--reach', 'panic:1']],
  ['Proxy.sol', 'Proxy', ['--reach', 'delegate']],
  ['Average.sol', 'Average', ['--equivalent', '@FastAverage.hex']],
  ['Game.sol', 'Game', ['--reach', 'panic:1']],
  ['Payroll.sol', 'Payroll', ['--reach', 'gas:500000']],
];

describe('a flaw', () => {
  it.each(FLAWED)('of %s: %s', { timeout: LONG }, async (file, name, words) => {
    if (name === 'Average') fileOf(file, 'FastAverage');
    const line = [fileOf(file, name), '--create', ...words, '--until-finding', '--workers', '2', '--runs'];
    const { status, stderr } = run(...line, '40000', '--out', name, '--fork', 'Osaka');
    expect(stderr).toContain('found: ');
    expect(status).toBe(1);
    const [json] = Object.keys(filesOf(name)).filter((each) => each.endsWith('.json'));
    // Runs in our own runner of state tests, in another EVM, and reaches the goal again.
    expect(erbium(['statetest', join(name, json!)], { cwd: folder.path }).status).toBe(0);
    const text = readFileSync(join(folder.path, name, json!), 'utf8');
    const [ours, theirs] = [plainContender(), await ethereumjsContender()];
    for (const fuzzCase of casesOfFile(text, json!)) {
      expect(compare(await ours.run(fuzzCase), await theirs.run(fuzzCase))).toMatchObject({ kind: 'agree' });
    }
    expect(run('--replay', join(name, json!)).status).toBe(1);
  });

  it('is gone where it was mended', { timeout: LONG }, () => {
    const [json] = Object.keys(filesOf('Bank')).filter((each) => each.endsWith('.json'));
    const again = run(fileOf('Bank.sol', 'SafeBank'), '--replay', join('Bank', json!));
    expect(again).toMatchObject({ status: 0, stdout: `${join('Bank', json!)}: is not found any more\n` });
  });
});

describe('a finding', { timeout: LONG }, () => {
  it('is told with what it changes, its end and the code there', () => {
    const { status, stdout, stderr } = run(COUNTER, ...TO_100, '--out', 'told');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^found {5}does not hold: slot\(0\) < 100\n/);
    expect(stdout).toContain('transaction 2 of 2, in block 1002 at ');
    expect(stdout).toContain('    slot 0x0 of the contract: 0x63 -> 0x64\n');
    expect(stdout).toMatch(/\n {2}0 {2}0008 +\d+ {2}SSTORE +0x0 0x64\n/);
    expect(stdout).toContain('\n> 0009  STOP\n');
    const files = filesOf('told');
    const [json, txt] = Object.keys(files).sort();
    expect(files[txt!]).toContain(stdout.trim());
    expect(files[txt!]).toContain(`Run it again: erbium fuzz code --replay told/${json}\n`);
    expect(stderr).toContain(`erbium fuzz code --replay told/${json}\n`);
    expect(Object.keys(JSON.parse(files[json!]!))).toEqual(['transaction-1', 'transaction-2']);
  });

  it('is one for each place where a contract panics, and one for each other goal', () => {
    // Fails at one of two places, as the input says.
    const twice = code(
      [push(0), 'CALLDATALOAD', push(77), 'DUP2', 'EQ', push(99), 'JUMPI'],
      [push(78), 'EQ', push(99), 'JUMPI', 'STOP'],
      ['JUMPDEST', 'INVALID', 'JUMPDEST', 'INVALID'],
    );
    const all = (byte: number): number[] => [...twice.keys()].filter((pc) => twice[pc] === byte);
    const at = all(0x5b);
    for (const [i, jump] of all(0x57).entries()) twice[jump - 1] = at[i]!;
    const goals = ['--reach', 'halt:Invalid', '--reach', `pc:${at[0]}`, '--reach', `pc:${at[1]}`];
    const name = bytesToHex(keccak256(twice)).slice(2, 10);
    const { stdout } = run(bytesToHex(twice), ...goals, '--runs', '2000', '--out', 'places', '--json');
    const findings = eventsOf(stdout).filter(({ event }) => event === 'finding');
    expect(findings.map(({ cause }) => cause).sort()).toEqual([
      ...all(0x57).map(
        (jump) =>
          `a frame ended: INVALID instruction (after the jump at 0x${jump.toString(16)} of code ${name})`,
      ),
      `reached pc 0x${at[0]!.toString(16)}`,
      `reached pc 0x${at[1]!.toString(16)}`,
    ]);
  });

  it('is printed where it cannot be written', () => {
    folder.write('taken', 'a file');
    const { status, stdout, stderr } = run(COUNTER, ...TO_100, '--out', 'taken');
    expect(status).toBe(1);
    expect(stderr).toContain('taken');
    expect(stdout).toContain('"transaction-2": {');
  });
});

describe('a search', { timeout: LONG }, () => {
  it('is the same for the same seed, runs and workers, and goes on from its corpus', {
    timeout: LONG,
  }, () => {
    const line = [fileOf('Token.sol', 'Token'), '--create', '--assert', 'slot(1) <= 1_000_000'];
    const args = [...line, '--seed', '5', '--runs', '4000', '--workers', '2', '--json'];
    const [first] = ['one', 'two'].map((name) => run(...args, '--corpus', name, '--out', `${name}-found`));
    expect(filesOf('two')).toEqual(filesOf('one'));
    expect(Object.keys(filesOf('one')).length).toBeGreaterThan(10);
    expect(Object.keys(filesOf('two-found'))).toEqual(Object.keys(filesOf('one-found')));
    const end = eventsOf(first!.stdout).at(-1);
    expect(end).toMatchObject({ event: 'end', kept: Object.keys(filesOf('one')).length });
    const again = run(...line, '--runs', '200', '--workers', '1', '--corpus', 'one', '--json');
    const [start] = eventsOf(again.stdout);
    expect(start).toMatchObject({ event: 'start', corpus: end.kept });
  });

  it('says once what of a corpus is broken, and goes on', () => {
    folder.write('broken/a.json', '{');
    folder.write('broken/b.json', { sequence: [{ way: 'nowhere' }] });
    const { status, stderr } = run(COUNTER, '--runs', '50', '--corpus', 'broken', '--workers', '1');
    expect(status).toBe(0);
    expect(stderr).toContain('broken/a.json: ');
    expect(stderr).toContain('broken/b.json: sequence[0].way: expected one of direct, contract, force\n');
  });

  it('ends with 0 where nothing is found, after as many runs as it was given', () => {
    const line = [COUNTER, '--assert', 'slot(0) < 100', '--runs', '500', '--depth', '2', '--out', 'none'];
    const { status, stderr, stdout } = run(...line);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^50\d runs in /m);
    expect(existsSync(join(folder.path, 'none'))).toBe(false);
  });

  it('ends in time', () => {
    expect(run('00', '--time', '1').status).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends well at %s, with what it kept', async (signal) => {
    const args = ['fuzz', 'code', fileOf('Bank.sol', 'SafeBank'), '--create', '--drain', '--corpus', signal];
    const child = spawn(process.execPath, [COMMAND, ...args, '--json'], { cwd: folder.path });
    let events = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      events += text;
      if (!child.killed && events.includes('"progress"')) child.kill(signal);
    });
    const [status] = await once(child, 'close');
    expect(status).toBe(0);
    expect(events).toContain('"event":"end"');
    expect(readdirSync(join(folder.path, signal)).length).toBeGreaterThan(0);
  });
});

describe('wrong usage', { timeout: LONG }, () => {
  it.each<[string, readonly string[], string]>([
    ['an assertion', ['00', '--assert', 'slot(0'], 'column 7: expected ")"'],
    ['a goal', ['00', '--reach', 'nowhere'], 'reach "nowhere"'],
    ['a number of runs', ['00', '--runs', '-5'], '--runs'],
    ['a time', ['00', '--time', '0'], 'expected a whole number from 1'],
    ['a seed', ['00', '--seed', 'x'], '--seed'],
    ['a slot', ['00', '--storage', '5'], '--storage "5": expected key=value'],
    ['a depth', ['00', '--depth', '0'], 'depth: 0'],
    ['code', ['0x0'], 'odd number'],
    ['code at all', [], 'code: is missing'],
    ['a fork', ['00', '--fork', 'nope'], 'unknown fork'],
    ['init code', ['fe', '--create'], 'its creation failed'],
    ['a file', ['--replay', 'nothing.json'], 'nothing.json: no such file'],
  ])('refuses %s that is none', (_, line, problem) => {
    refuses(['fuzz', 'code', ...line], [problem], { cwd: folder.path });
  });

  it.each<[string, string, string]>([
    ['no JSON', '{', 'no.json: '],
    ['another state test', '{"a": {"_info": {}}}', 'no.json: a._info.search: is missing'],
    ['a list', '[]', 'no.json: expected an object'],
    [
      'no sequence',
      '{"a": {"_info": {"search": {"goal": 0, "words": {"code": "00", "depth": "1", "gas": "1"}}}}}',
      'search.sequence: expected a list',
    ],
    [
      'wrong words',
      '{"a": {"_info": {"search": {"goal": 0, "words": {"code": 0}}}}}',
      'search.words.code: expected text',
    ],
  ])('refuses to replay %s', (_, text, problem) => {
    writeFileSync(join(folder.path, 'no.json'), text);
    refuses(['fuzz', 'code', '--replay', 'no.json'], [problem], { cwd: folder.path });
  });
});
