/** `--record` and `erbium replay` as a user sees them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../src/cli/record-format.ts';
import type { ErbiumError } from '../../src/primitives/errors.ts';
import { call, code, create, push, pushAddress } from '../helpers/assembler.ts';
import { erbium, json, type Outcome, refuses, SMOKE, useFolder } from './support.ts';

const errorOf = (work: () => unknown): ErbiumError => {
  try {
    work();
  } catch (error) {
    return error as ErbiumError;
  }
  throw new Error('nothing was thrown');
};

const CONTRACT = '0x00000000000000000000000000000000000000c0';
const OTHER = '0x00000000000000000000000000000000000000c1';
const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Adds slot 1 to slot 2, which it writes; logs; calls the other contract; asks for the hash of block 9. */
const READS = code(
  ...[push(1), 'SLOAD', push(2), 'SLOAD', 'ADD', push(2), 'SSTORE'],
  ...[push(7), push(0), push(0), 'LOG1'],
  call(0xc1n, { outSize: 32 }),
  ...['POP', push(9), 'BLOCKHASH', 'TIMESTAMP', 'ADD', push(0), 'MSTORE', push(32), push(0), 'RETURN'],
);
const ALLOC = {
  [CONTRACT]: {
    balance: '0x5',
    code: `0x${text(READS)}`,
    storage: { [word(1)]: word(4), [word(2)]: word(5) },
  },
  [OTHER]: { balance: '0x0', nonce: '0x1', code: `0x${text(code(push(3), 'SLOAD', push(0), 'MSTORE'))}` },
};

interface Replayed {
  readonly same: boolean;
  readonly engine: string;
  readonly departures: { run: string; field: string; recorded?: unknown; now?: unknown }[];
}

interface Diff {
  readonly equal: boolean;
  readonly inputs: { path: string[]; a?: unknown; b?: unknown }[];
  readonly outcome: { path: string[]; a?: unknown; b?: unknown }[];
  readonly trace: {
    equalSteps: number;
    difference: null | { kind: string; fields: string[]; a: { pc: number } };
  };
}

type RecordJson = Record<string, unknown> & {
  accounts: Record<string, { code?: string; balance: string; storage?: Record<string, string> } | null>;
};

describe('erbium replay', () => {
  const folder = useFolder();
  const at = (name: string): string => join(folder.path, name);
  const read = (name: string): RecordJson => JSON.parse(readFileSync(at(name), 'utf8')) as RecordJson;

  /** Runs with a record, and gives what the run wrote. */
  function record(name: string, ...args: readonly string[]): Outcome {
    const outcome = erbium(['run', ...args, '--record', at(name)]);
    expect(existsSync(at(name)), outcome.stderr).toBe(true);
    return outcome;
  }
  const replay = (name: string, ...args: readonly string[]): Replayed =>
    json<Replayed>(erbium(['replay', at(name), '--json', ...args]));
  const onContract = (...args: readonly string[]): string[] => {
    const state = folder.write('alloc.json', ALLOC);
    return ['--state', state, '--to', CONTRACT, '--block', 'number=10', ...args];
  };

  /** The record of a call of the contract, made once. */
  function contractRecord(): string {
    if (!existsSync(at('contract.json'))) record('contract.json', ...onContract());
    return 'contract.json';
  }

  it.each<[string, readonly string[]]>([
    ['a call of a contract of a state', []],
    ['bytecode of the line, with value', ['34ff', '--value', '7']],
    ['a creation', [text(code(create(code(push(1), push(0), 'MSTORE')), 'STOP')), '--create']],
    ['a revert', ['60016000526020601ffd', '--fork', 'byzantium']],
    ['a halt, with all its gas', ['fe', '--gas', '1000']],
    [
      'an extension',
      [text(code(call(0x0100_0000_0000_0000_0000_0000_0000_0000_0000_0001n))), '--ext', 'all'],
    ],
  ])('%s comes out as recorded, on both engines', (_what, args) => {
    const given = args.length === 0 ? onContract('--input', '0xabcd') : args;
    const traced = record('r.json', ...given, '--trace');
    for (const engine of ['wasm', 'bigint']) {
      const again = erbium(['replay', at('r.json'), '--engine', engine, '--json', '--trace']);
      expect(json<Replayed>(again)).toMatchObject({ same: true, engine, departures: [] });
      expect(again.stderr).toBe(traced.stderr);
      expect(again.status).toBe(0);
    }
  });

  it('needs nothing but the record, which holds what was read and no more', () => {
    const { accounts, blockHashes } = read(contractRecord());
    expect(accounts[CONTRACT]?.storage).toEqual({ [word(1)]: word(4), [word(2)]: word(5) });
    expect(accounts[OTHER]).toEqual({
      nonce: '0x1',
      balance: '0x0',
      code: expect.any(String),
      storage: { [word(3)]: word(0) },
    });
    expect(Object.keys(blockHashes as object)).toEqual(['0x9']);
    const { stdout, status } = erbium(['replay', '-'], { input: readFileSync(at('contract.json'), 'utf8') });
    expect(stdout).toMatch(/^The run comes out as recorded, on engine \w+\.\nhalt {5}Return\ngas {6}\d+\n/);
    expect(status).toBe(0);
  });

  it('is the same file for the same run, wherever the state came from', () => {
    contractRecord();
    const moved = folder.write('moved.json', { alloc: ALLOC });
    record(
      'b.json',
      '--state',
      moved,
      '--to',
      CONTRACT,
      '--block',
      'number=10',
      '--engine',
      'bigint',
      '--trace',
    );
    const text = readFileSync(at('b.json'), 'utf8');
    expect(readFileSync(at('contract.json'), 'utf8')).toBe(text);
    expect(text).not.toContain('moved');
  });

  it('shows memory and return data in the trace where that is asked', () => {
    const args = onContract('--trace', '--trace-memory', '--trace-return-data');
    const { stderr } = record('r.json', ...args);
    expect(stderr).toContain('"memory"');
    expect(erbium(['replay', at('r.json'), ...args.slice(-3)]).stderr).toBe(stderr);
  });

  it('tells what comes out otherwise, with exit code 1', () => {
    const changed = read(contractRecord());
    changed.accounts[CONTRACT]!.storage![word(1)] = word(6);
    folder.write('changed.json', changed);
    const { stdout, status } = erbium(['replay', at('changed.json'), '--engine', 'bigint']);
    expect(stdout).toContain(
      'The run does not come out as recorded.\nbigint   hash of the changes to the state\n  recorded  0x',
    );
    expect(stdout).toContain('traced   SHA-256 of the trace\n');
    expect(status).toBe(1);
    const { departures, same } = replay('changed.json', '--engine', 'wasm');
    expect(same).toBe(false);
    expect(departures.map(({ run, field }) => `${run} ${field}`)).toEqual([
      'wasm diffHash',
      'traced diffHash',
      'traced trace.sha256',
    ]);
  });

  it('names what a run asks for that is not in the record', () => {
    const changed = read(contractRecord());
    delete changed.accounts[CONTRACT]!.storage![word(2)];
    const less = folder.write('less.json', changed);
    const { stdout, stderr, status } = erbium(['replay', less, '--engine', 'wasm', '--trace']);
    const message = `asks for slot ${word(2)} of account ${CONTRACT}: not in the record`;
    expect(stdout).toContain(`wasm     ${message}`);
    expect(stdout).toContain(`traced   ${message}`);
    expect(status).toBe(1);
    // The trace goes so far.
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(replay('less.json').departures).toContainEqual(expect.objectContaining({ field: 'missing' }));
  });

  it.each<[string, readonly string[]]>([
    ['a call of a contract of a state', []],
    ['bytecode of the line, with value', ['34ff', '--value', '7']],
    ['a creation', ['60016000f3', '--create', '--input', '0x01']],
    ['a revert', ['60016000526020601ffd', '--fork', 'byzantium']],
  ])('comes from erbium trace, the same file as from erbium run: %s', (_what, args) => {
    const given = args.length === 0 ? onContract('--input', '0xabcd') : args;
    record('ran.json', ...given);
    const traced = erbium(['trace', ...given, '--tracer', 'unigramTracer', '--record', at('traced.json')]);
    expect(traced.stdout).toMatch(/^\{"\w+":\d/);
    expect(readFileSync(at('traced.json'), 'utf8')).toBe(readFileSync(at('ran.json'), 'utf8'));
  });

  it('comes from erbium trace of one case of a state test', () => {
    const path = join(SMOKE, 'opcodes/push0.json');
    const args = [path, '--run', 'd0g0v0', '--fork', 'Cancun'];
    expect(erbium(['statetest', ...args, '--record', at('case-a.json')]).status).toBe(0);
    const traced = erbium(['trace', ...args, '--record', at('case-b.json')]);
    expect(traced).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(at('case-b.json'), 'utf8')).toBe(readFileSync(at('case-a.json'), 'utf8'));
    const more = '--record: takes one case, and here are more: push0/Shanghai/d0g0v0, push0/Cancun/d0g0v0';
    expect(refuses(['trace', path, '--record', at('none.json')], [more]).stdout).toBe('');
    const late = erbium(['trace', '5b5f56', '--timeout', '50', '--record', at('none.json')]);
    expect(late).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--record: the run was stopped'),
    });
    expect(existsSync(at('none.json'))).toBe(false);
  });

  it('takes one case of a state test, and no more than one', () => {
    const file = join(SMOKE, 'transactions/transfer.json');
    const smoke = ['statetest', file, '--fork', 'Osaka', '--run', 'd0g0v1$'];
    const { status, stdout } = erbium([...smoke, '--record', at('case.json')]);
    expect(stdout).toMatch(/^all +1 +0$/m);
    expect(status).toBe(0);
    const traced = erbium([...smoke, '--trace']).stderr;
    const again = erbium(['replay', at('case.json'), '--trace', '--json']);
    expect(json<Replayed>(again).same).toBe(true);
    expect(traced.startsWith(again.stderr)).toBe(true);
    // All that the suite writes beside it is the root, which a record does not have.
    expect(traced.slice(again.stderr.length)).toMatch(/^\{"stateRoot": "0x[0-9a-f]{64}"\}\n$/);
    refuses(['statetest', file, '--record', at('none.json')], ['--record: takes one case']);
    refuses(
      ['statetest', '--run', 'no such', '--record', at('none.json')],
      ['--record: there is no such case'],
    );
    refuses(
      ['statetest', file, '--run', '(', '--record', at('none.json')],
      ['--run: Invalid regular expression'],
    );
    expect(existsSync(at('none.json'))).toBe(false);
  });

  it('takes a rejected transaction, which reads little', () => {
    const file = join(SMOKE, 'rejections/nonce-too-high.json');
    erbium(['statetest', file, '--fork', 'Osaka', '--record', at('case.json')]);
    const { stdout, status } = erbium(['replay', at('case.json')]);
    expect(stdout).toMatch(
      /^The run comes out as recorded, on engine \w+\.\ninvalid {2}NONCE_MISMATCH_TOO_HIGH\ntrace {4}0 lines/,
    );
    expect(status).toBe(0);
  });

  it('writes a record whole or not at all', () => {
    const before = record('kept.json', '600100').stdout;
    const kept = readFileSync(at('kept.json'), 'utf8');
    const stopped = erbium([
      'run',
      '5b600056',
      '--timeout',
      '50',
      '--gas',
      '10000000000',
      '--record',
      at('kept.json'),
    ]);
    expect(stopped.stderr).toContain('--record: the run was stopped');
    expect(stopped.status).toBe(2);
    expect(readFileSync(at('kept.json'), 'utf8')).toBe(kept);
    // The run is shown all the same.
    const nowhere = erbium(['run', '600100', '--record', at('none/r.json')]);
    expect(nowhere.stdout).toBe(before);
    expect(nowhere.stderr).toContain('none/r.json: no such file or folder');
    expect(nowhere.status).toBe(2);
    refuses(['run', '00', '--record', folder.path], [`${folder.path}: is no file`]);
    refuses(['run', '00', '--record', '-'], ['expected the name of a file']);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  const damage: readonly (readonly [string, (record: RecordJson) => unknown, string])[] = [
    [
      'another format',
      (all) => Object.assign(all, { format: 'x' }),
      'no record of a run: it has no "format"',
    ],
    [
      'a later version',
      (all) => Object.assign(all, { version: 2 }),
      'version: this Erbium reads version 1, not 2',
    ],
    ['a huge version', (all) => Object.assign(all, { version: 1e99 }), 'version: expected a whole number'],
    ['no outcome', (all) => delete all.outcome, 'outcome: missing'],
    ['a field too many', (all) => Object.assign(all, { more: 1 }), 'more: no such field'],
    [
      'no fork',
      (all) => Object.assign(all.rules as object, { fork: 'Paname' }),
      'rules.fork: no fork that Erbium knows',
    ],
    ['no blobs', (all) => Object.assign(all.rules as object, { blobs: null }), 'rules.blobs: missing for'],
    [
      'blobs by 0',
      (all) => Object.assign(all.rules as object, { blobs: { target: 1, max: 1, baseFeeUpdateFraction: 0 } }),
      'rules.blobs.baseFeeUpdateFraction: must not be 0',
    ],
    [
      'a flag',
      (all) => Object.assign(all.rules as object, { pqOnly: 0 }),
      'rules.pqOnly: expected true or false',
    ],
    [
      'a large number',
      (all) => Object.assign(all.block as object, { number: `0x1${'0'.repeat(64)}` }),
      'block.number: 0x1',
    ],
    [
      'no such kind',
      (all) => Object.assign(all.run as object, { kind: 'toString' }),
      'run.kind: expected "message"',
    ],
    [
      'much gas',
      (all) => Object.assign(all.run as object, { gas: '0x10000000000000000' }),
      'run.gas: 0x10000000000000000 exceeds 64 bits',
    ],
    [
      'a short address',
      (all) => Object.assign(all.run as object, { from: '0x01' }),
      'run.from: expected 20 bytes, got 1',
    ],
    [
      'a short slot',
      ({ accounts }) => Object.assign(accounts[CONTRACT]!.storage!, { [word(1)]: '0x04' }),
      `accounts.${CONTRACT}.storage.${word(1)}: expected 32 bytes, got 1`,
    ],
    [
      'no such halt',
      (all) => Object.assign(all.outcome as object, { halt: 'constructor' }),
      'outcome.halt: no halt that Erbium knows',
    ],
    [
      'no such reason',
      (all) => Object.assign(all, { outcome: { invalid: '__proto__' } }),
      'outcome.invalid: no reason that Erbium knows',
    ],
    [
      'a long hash',
      (all) => Object.assign(all.outcome as object, { logsHash: `${word(1)}00` }),
      'outcome.logsHash: expected 32 bytes, got 33',
    ],
    [
      'a negative count',
      (all) => Object.assign(all.trace as object, { lines: -1 }),
      'trace.lines: expected a whole number',
    ],
  ];

  it.each(damage)('a record with %s is refused, by its place', (_what, change, message) => {
    const changed = read(contractRecord());
    change(changed);
    const error = errorOf(() => parseRecord(JSON.stringify(changed), 'bad.json'));
    expect(error.code).toBe('INVALID_RECORD');
    expect(error.message).toContain(`bad.json: ${message}`);
  });

  it('refuses damaged records, each with its file and place', () => {
    const good = at(contractRecord());
    const whole = readFileSync(good, 'utf8');
    const set = folder.write('set.json', whole.replace('"extensions": null', '"extensions": "zk,nil"'));
    refuses(['replay', set], [`${set}: rules.extensions: --ext: unknown set "nil"`]);
    const cut = folder.write('cut.json', whole.slice(0, whole.length / 2));
    refuses(['replay', cut], [`${cut}: not JSON`]);
    const twice = folder.write('twice.json', whole.replace('"rules"', '"block": {}, "rules"'));
    refuses(['replay', twice], [`${twice}: "block" stands twice in one object`]);
    const list = folder.write('list.json', '[]');
    refuses(['replay', list], [`${list}: expected an object, got a list`]);
    refuses(['replay', '--diff', good, cut], [`${cut}: not JSON`]);
    refuses(['replay', at('none.json')], ['none.json: no such file or folder']);
    refuses(['replay', good, list], ['a second record needs --diff']);
    refuses(['replay', '--diff', good], ['--diff: takes two records']);
    refuses(['replay', '--diff', '-', '-'], ['only one of the records']);
  });

  it('--diff tells first what the runs began from, then where their traces part', () => {
    const a = at(contractRecord());
    const state = folder.write('other.json', {
      ...ALLOC,
      [CONTRACT]: { ...ALLOC[CONTRACT], storage: { [word(1)]: word(6) } },
    });
    record('b.json', '--state', state, '--to', CONTRACT, '--block', 'number=10', '--block', 'timestamp=3');
    const { stdout, status } = erbium(['replay', '--diff', a, at('b.json')]);
    expect(status).toBe(1);
    expect(stdout).toContain('  block.timestamp\n    A  0x0\n    B  0x3\n');
    expect(stdout).toContain(
      `  slot ${word(1)} of account ${CONTRACT}\n    A  ${word(4)}\n    B  ${word(6)}\n`,
    );
    expect(stdout).toContain('  hash of the changes to the state\n');
    expect(stdout).toContain('2 steps equal, then they differ in stack after SLOAD in the outermost frame');
    expect(stdout.indexOf('timestamp')).toBeLessThan(stdout.indexOf('steps equal'));
    const diff = json<Diff>(erbium(['replay', '--diff', a, at('b.json'), '--json']));
    expect(diff.equal).toBe(false);
    expect(diff.inputs).toEqual([
      { path: ['block', 'timestamp'], a: '0x0', b: '0x3' },
      { path: ['accounts', CONTRACT, 'storage', word(1)], a: word(4), b: word(6) },
      { path: ['accounts', CONTRACT, 'storage', word(2)], a: word(5), b: word(0) },
    ]);
    expect(diff.outcome.map(({ path }) => path)).toEqual([['gasUsed'], ['output'], ['diffHash']]);
    expect(diff.trace).toMatchObject({
      equalSteps: 2,
      difference: { kind: 'step', fields: ['stack'], a: { pc: 3 } },
    });
  });

  it('--diff names what only one run read, and the fields of transactions', () => {
    record('a.json', text(code(push(1), 'SLOAD')));
    record('b.json', text(code(pushAddress(0xc1n), 'BALANCE')), '--fork', 'prague');
    const { stdout } = erbium(['replay', '--diff', at('a.json'), at('b.json')]);
    expect(stdout).toContain('  rules.fork\n    A  BPO2\n    B  Prague\n');
    expect(stdout).toContain(`  account ${OTHER}\n    A  not read\n    B  no account\n`);
    expect(stdout).toMatch(/ {2}slot 0x0+1 of account 0x[0-9a-f]{40}\n {4}A {2}0x0+\n {4}B {2}not read\n/);
    for (const [name, value] of [
      ['c.json', 0],
      ['d.json', 1],
    ] as const) {
      const file = join(SMOKE, 'transactions/creation-of-nothing.json');
      erbium(['statetest', file, '--fork', 'Frontier', '--run', `v${value}$`, '--record', at(name)]);
    }
    const { inputs } = json<Diff>(erbium(['replay', '--diff', at('c.json'), at('d.json'), '--json']));
    expect(inputs).toContainEqual({ path: ['run', 'value'], a: expect.any(String), b: expect.any(String) });
  });

  it('--diff of a record with itself is nothing', () => {
    const a = at(contractRecord());
    const { stdout, status } = erbium(['replay', '--diff', a, a]);
    expect(stdout).toContain('The runs begin from the same.\n');
    expect(stdout).toMatch(/The traces are equal: \d+ steps\./);
    expect(status).toBe(0);
  });
});
