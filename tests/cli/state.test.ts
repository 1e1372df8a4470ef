/** States on the command line: `erbium state`, and `--state` of the commands that run something. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, toHex32 } from '../../src/primitives/bytes.ts';
import { type AccountProof, verifyProof } from '../../src/state/proof.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { code, push } from '../helpers/assembler.ts';
import { hashOfBlock, RpcStub } from '../helpers/rpc-stub.ts';
import { DUMP } from '../state/anvil.ts';
import { COMMAND, erbium, json, type Outcome, refuses, SMOKE, useFolder } from './support.ts';

const address = (n: number | bigint): string => `0x${n.toString(16).padStart(40, '0')}`;
const word = (value: bigint | number): string => toHex32(BigInt(value));

/** Returns SLOAD(CALLDATALOAD(0)). */
const GETTER = code(push(0), 'CALLDATALOAD', 'SLOAD', push(0), 'MSTORE', push(32), push(0), 'RETURN');
/** SSTORE(1, SLOAD(1) + 1). */
const COUNTER = code(push(1), push(1), 'SLOAD', 'ADD', push(1), 'SSTORE', 'STOP');
/** Returns the result of an instruction. */
const giving = (...name: string[]): Uint8Array =>
  code(name as never, push(0), 'MSTORE', push(32), push(0), 'RETURN');

const STATE = new MemoryState();
STATE.put(0xaan, {
  nonce: 1n,
  code: GETTER,
  storage: [
    [1n, 42n],
    [2n, 7n],
  ],
});
STATE.put(0xbbn, { nonce: 1n, code: COUNTER, storage: [[1n, 4n]] });
STATE.put(0xccn, { balance: 10n ** 18n });
STATE.put(0xddn, { nonce: 1n, code: giving('NUMBER') });

const ALLOC = {
  config: { chainId: 1 },
  alloc: {
    [address(0xaa)]: {
      nonce: '0x1',
      code: bytesToHex(GETTER),
      balance: '0',
      storage: { '0x1': '0x2a', '0x2': '0x7' },
    },
    [address(0xbb)]: { nonce: '0x1', code: bytesToHex(COUNTER), balance: '0', storage: { '0x1': '0x4' } },
    [address(0xcc)]: { balance: '1000000000000000000' },
    [address(0xdd)]: { nonce: '0x1', code: bytesToHex(giving('NUMBER')), balance: '0' },
  },
};

const ROOT = bytesToHex(STATE.root());

interface Ran {
  status: string;
  output: string;
  stateRoot?: string;
  storage: unknown[];
}

interface ProofJson {
  address: string;
  accountProof: string[];
  balance: string;
  codeHash: string;
  nonce: string;
  storageHash: string;
  storageProof: { key: string; value: string; proof: string[] }[];
}

/** What `erbium state prove` printed, as a verifier takes it. */
function proofOf(outcome: Outcome): AccountProof {
  const { accountProof, storageHash, storageProof, ...numbers } = json<ProofJson>(outcome);
  const nodes = (hex: readonly string[]): Uint8Array[] => hex.map((node) => hexToBytes(node));
  return {
    address: BigInt(numbers.address),
    nonce: BigInt(numbers.nonce),
    balance: BigInt(numbers.balance),
    codeHash: BigInt(numbers.codeHash),
    accountProof: nodes(accountProof),
    storageHash: hexToBytes(storageHash),
    storageProof: storageProof.map(({ key, value, proof }) => ({
      key: BigInt(key),
      value: BigInt(value),
      proof: nodes(proof),
    })),
  };
}

/** The command while this process goes on, which a node in it needs. */
function erbiumAlongside(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (status) => {
      expect(stderr).not.toMatch(/^ {4}at /m);
      resolve({ status, stdout, stderr });
    });
  });
}

describe('states on disk', () => {
  const folder = useFolder();
  let made = 0;
  const at = (name: string): string => join(folder.path, name);
  const alloc = (): string => folder.write('alloc.json', ALLOC);

  /** A database of its own. */
  function database(): string {
    const spec = `lmdb:${at(`db${made++}`)}`;
    expect(erbium(['state', 'import', alloc(), spec]).status).toBe(0);
    return spec;
  }

  it('import makes a database and says what is in it', () => {
    const path = at('fresh/db');
    const { stdout, status } = erbium(['state', 'import', alloc(), `lmdb:${path}`]);
    expect(stdout).toBe(`${path}: 4 accounts, root ${ROOT}\n`);
    expect(status).toBe(0);
    expect(json(erbium(['state', 'import', alloc(), `lmdb:${at('other')}`, '--json']))).toEqual({
      accounts: 4,
      stateRoot: ROOT,
    });
  });

  it('root is that of the accounts, whatever form they have', () => {
    expect(erbium(['state', 'root', alloc()])).toEqual({ status: 0, stdout: `${ROOT}\n`, stderr: '' });
    expect(erbium(['state', 'root', database()]).stdout).toBe(`${ROOT}\n`);
    expect(json(erbium(['state', 'root', database(), '--json']))).toEqual({ stateRoot: ROOT });
  });

  it('get shows an account and slots', () => {
    for (const spec of [alloc(), database()]) {
      const { stdout, status } = erbium(['state', 'get', spec, address(0xaa), '1', '0x2', '3']);
      const lines = stdout.split('\n');
      expect(lines[0]).toBe(`account  ${address(0xaa)}`);
      expect(lines.slice(1, 3)).toEqual(['nonce    1', 'balance  0 wei']);
      expect(lines[3]).toMatch(/^code {5}12 bytes, hash 0x[0-9a-f]{64}$/);
      expect(lines.slice(4)).toEqual(['slot     0x1 = 0x2a', 'slot     0x2 = 0x7', 'slot     0x3 = 0x0', '']);
      expect(status).toBe(0);
      expect(json(erbium(['state', 'get', spec, address(0xaa).slice(2), '1', '--json']))).toEqual({
        address: address(0xaa),
        exists: true,
        nonce: '0x1',
        balance: '0x0',
        codeHash: toHex32(STATE.account(0xaan)!.codeHash),
        code: bytesToHex(GETTER),
        storage: [{ key: word(1), value: word(42) }],
      });
    }
  });

  it('get says that an account is not there, which is no failure', () => {
    const { stdout, status } = erbium(['state', 'get', database(), address(0x77), '1']);
    expect(stdout).toBe(`account  ${address(0x77)}: not in the state\nslot     0x1 = 0x0\n`);
    expect(status).toBe(0);
    expect(json(erbium(['state', 'get', alloc(), address(0x77), '--json']))).toMatchObject({
      exists: false,
      nonce: '0x0',
    });
  });

  it('export writes an alloc, which is the same from every form', () => {
    const plain = erbium(['state', 'export', alloc()]).stdout;
    expect(Object.keys(JSON.parse(plain) as object)).toEqual([0xaa, 0xbb, 0xcc, 0xdd].map(address));
    const spec = database();
    expect(erbium(['state', 'export', spec, '-']).stdout).toBe(plain);
    const file = folder.write('out/old.json', 'old');
    expect(erbium(['state', 'export', spec, file])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe(plain);
    expect(readdirSync(at('out'))).toEqual(['old.json']);
    expect(erbium(['state', 'root', file]).stdout).toBe(`${ROOT}\n`);
  });

  it('export --snapshot writes a folder that import reads', () => {
    const chunks = at('chunks');
    expect(erbium(['state', 'export', database(), chunks, '--snapshot'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    const copy = `lmdb:${at('copy')}`;
    expect(erbium(['state', 'import', chunks, copy]).stdout).toContain(`4 accounts, root ${ROOT}`);
    expect(erbium(['state', 'root', copy]).stdout).toBe(`${ROOT}\n`);
  });

  it('import reads a dump of anvil, also packed and from standard input', () => {
    const text = JSON.stringify(DUMP);
    const file = folder.write('dump.json', text);
    const { stdout } = erbium(['state', 'root', file]);
    const input = `"0x${gzipSync(text).toString('hex')}"\n`;
    const spec = `lmdb:${at('anvil')}`;
    expect(erbium(['state', 'import', '-', spec], { input }).status).toBe(0);
    expect(erbium(['state', 'root', spec]).stdout).toBe(stdout);
    // Hashes of its blocks come along: BLOCKHASH(2) in block 3.
    const hash = json<Ran>(
      erbium(['run', '--state', spec, '--block', 'number=3', '60024060005260206000f3', '--json']),
    );
    expect(hash.output).toBe('0xbd957b52dd64126b1ec2c2bdf1707ade00de9598980bcd85160bb2b7715e3978');
    // The dump itself says which block it is.
    expect(json<Ran>(erbium(['run', '--state', file, '60024060005260206000f3', '--json'])).output).toBe(
      hash.output,
    );
    expect(json<Ran>(erbium(['run', '--state', file, '4360005260206000f3', '--json'])).output).toBe(word(3));
  });

  it('prove prints what eth_getProof answers, also for what is not there', () => {
    const spec = database();
    const keys = [1n, 9n];
    const outcome = erbium(['state', 'prove', spec, address(0xaa), '1', '9']);
    expect(json(outcome)).toMatchObject({
      address: address(0xaa),
      balance: '0x0',
      nonce: '0x1',
      codeHash: toHex32(STATE.account(0xaan)!.codeHash),
      storageProof: [
        { key: word(1), value: '0x2a' },
        { key: word(9), value: '0x0' },
      ],
    });
    const { account, storage } = verifyProof(STATE.root(), 0xaan, keys, proofOf(outcome));
    expect(account).toMatchObject({ nonce: 1n, balance: 0n, codeHash: STATE.account(0xaan)!.codeHash });
    expect([...storage]).toEqual([
      [1n, 42n],
      [9n, 0n],
    ]);
    expect(erbium(['state', 'prove', spec, address(0xaa), '1', '9', '--json'])).toEqual(outcome);
    const absent = erbium(['state', 'prove', spec, address(0x77), '1']);
    expect(json(absent)).toMatchObject({ nonce: '0x0', storageProof: [{ value: '0x0', proof: [] }] });
    expect(verifyProof(STATE.root(), 0x77n, [1n], proofOf(absent)).account).toBeUndefined();
    expect(absent.status).toBe(0);
  });

  it('run calls a contract of the state', () => {
    for (const spec of [alloc(), database()]) {
      const args = ['run', '--state', spec, '--to', address(0xaa), '--input', word(1)];
      const { stdout, status } = erbium(args);
      expect(stdout).toContain(`output   ${word(42)}\n`);
      expect(status).toBe(0);
      expect(
        json<Ran>(erbium(['run', '--state', spec, '--to', address(0xdd), '--block', 'number=77', '--json']))
          .output,
      ).toBe(word(77));
    }
  });

  it('run changes nothing, unless --commit is given', () => {
    const spec = database();
    const args = ['run', '--state', spec, '--to', address(0xbb), '--json'];
    expect(json<Ran>(erbium(args))).toMatchObject({
      storage: [{ address: address(0xbb), key: '0x1', value: '0x5' }],
    });
    expect(erbium(['state', 'root', spec]).stdout).toBe(`${ROOT}\n`);
    const { stateRoot } = json<Ran>(erbium([...args, '--commit']));
    expect(stateRoot).not.toBe(ROOT);
    expect(erbium(['state', 'root', spec]).stdout).toBe(`${stateRoot}\n`);
    expect(erbium(['state', 'get', spec, address(0xbb), '1']).stdout).toContain('slot     0x1 = 0x5\n');
    expect(erbium(['run', '--state', spec, '--to', address(0xbb), '--commit']).stdout).toMatch(
      /\nroot {5}0x[0-9a-f]{64}\n$/,
    );
  });

  it('run --commit of several processes at once loses no change', async () => {
    const spec = database();
    const args = ['run', '--state', spec, '--to', address(0xbb), '--commit', '--json'];
    const runs = await Promise.all(Array.from({ length: 12 }, () => erbiumAlongside(args)));
    expect(runs.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      runs.map(() => ({ status: 0, stderr: '' })),
    );
    // Each wrote a value of its own, so none ran on what another had before it wrote.
    const values = runs.map(
      ({ stdout }) => (JSON.parse(stdout) as { storage: [{ value: string }] }).storage[0].value,
    );
    expect(values.map(Number).sort((a, b) => a - b)).toEqual(runs.map((_, i) => 5 + i));
    expect(erbium(['state', 'get', spec, address(0xbb), '1']).stdout).toContain('slot     0x1 = 0x10\n');
  });

  it('reads a database as it was at a former root', () => {
    const spec = database();
    erbium(['run', '--state', spec, '--to', address(0xbb), '--commit']);
    const roots = erbium(['state', 'roots', spec]).stdout.trim().split('\n');
    expect(json(erbium(['state', 'roots', spec, '--json']))).toEqual(roots);
    expect(roots[1]).toBe(ROOT);
    const past = `${spec}@${ROOT}`;
    expect(erbium(['state', 'root', past]).stdout).toBe(`${ROOT}\n`);
    expect(erbium(['state', 'get', past, address(0xbb), '1']).stdout).toContain('slot     0x1 = 0x4\n');
    expect(erbium(['state', 'get', spec, address(0xbb), '1']).stdout).toContain('slot     0x1 = 0x5\n');
    expect(erbium(['run', '--state', past, '--to', address(0xbb)]).stdout).toContain('0x1 = 0x5\n');
    expect(json(erbium(['state', 'prove', past, address(0xbb), '1']))).toMatchObject({
      storageProof: [{ value: '0x4' }],
    });
    refuses(['state', 'export', past], ['a former root does not list its accounts']);
    refuses(['run', '--state', past, '--to', address(0xbb), '--commit'], ['a former root takes no changes']);
    refuses(['state', 'get', `${spec}@${word(1)}`, address(1)], [`the root ${word(1)} is not kept`]);
    refuses(['state', 'import', alloc(), `lmdb:${at('x')}@${ROOT}`], ['expected lmdb:DIR']);
    refuses(['state', 'roots', alloc()], ['former roots are those of a database']);
    refuses(['statetest', '--state', past], ['only lmdb:DIR']);
  });

  it('run --create --commit leaves a contract behind', () => {
    const spec = database();
    const { created } = json<{ created: string }>(
      erbium([
        'run',
        '--state',
        spec,
        '--create',
        '--commit',
        '--from',
        address(0xcc),
        '6001600c60003960016000f3aa',
        '--json',
      ]),
    );
    expect(json(erbium(['state', 'get', spec, created, '--json']))).toMatchObject({
      code: '0xaa',
      nonce: '0x1',
    });
  });

  it('run --commit gives nobody money, and keeps nothing of what failed', () => {
    const spec = database();
    const poor = erbium([
      'run',
      '--state',
      spec,
      '--to',
      address(0xcc),
      '--value',
      '5',
      '--commit',
      '--json',
    ]);
    expect(poor.status).toBe(1);
    const rich = [
      'run',
      '--state',
      spec,
      '--from',
      address(0xcc),
      '--to',
      address(0x99),
      '--value',
      '5',
      '--commit',
      '--json',
    ];
    expect(erbium(['state', 'root', spec]).stdout).toBe(`${ROOT}\n`);
    expect(erbium(rich).status).toBe(0);
    expect(erbium(['state', 'get', spec, address(0x99)]).stdout).toContain('balance  5 wei');
  });

  it('statetest keeps the states of cases in a database and cleans up', () => {
    const cases = at('cases');
    const file = join(SMOKE, 'transactions/transfer.json');
    interface Report {
      cases: unknown[];
      failed: number;
      errors: unknown[];
      commits?: number;
    }
    for (const args of [[file], [SMOKE, '--workers', '2', '--run', 'storage|create|transfer']]) {
      const {
        cases: all,
        failed,
        errors,
        commits,
      } = json<Report>(erbium(['statetest', ...args, '--state', `lmdb:${cases}`, '--json']));
      expect({ failed, errors }).toEqual({ failed: 0, errors: [] });
      expect(all.length).toBeGreaterThan(10);
      // As the databases count: the state before the transaction, and what it changes, unless it is rejected.
      expect(commits).toBeGreaterThanOrEqual(all.length);
      expect(commits).toBeLessThanOrEqual(2 * all.length);
      if (args[0] === file) expect(commits).toBe(2 * all.length);
      expect(readdirSync(cases)).toEqual([]);
    }
    expect(json<Report>(erbium(['statetest', file, '--json'])).commits).toBeUndefined();
    const { stderr } = erbium(['statetest', file, '--state', `lmdb:${cases}`, '--trace', '--run', 'Osaka']);
    expect(stderr).toMatch(/\{"stateRoot": "0x[0-9a-f]{64}"\}/);
  });

  describe('refuses', () => {
    it('what is not there, or is something else', () => {
      refuses(['state', 'root', at('nope.json')], ['nope.json: no such file or folder']);
      refuses(['state', 'root', `lmdb:${at('nope')}`], [`${at('nope')}: no such file or folder`]);
      expect(existsSync(at('nope'))).toBe(false);
      mkdirSync(at('empty'));
      refuses(['state', 'root', `lmdb:${at('empty')}`], [`${at('empty')}: holds no database`]);
      expect(readdirSync(at('empty'))).toEqual([]);
      mkdirSync(at('fake'));
      writeFileSync(join(at('fake'), 'data.mdb'), 'hello');
      refuses(['state', 'root', `lmdb:${at('fake')}`], [at('fake'), 'not a database']);
      refuses(['run', '00', '--state', `lmdb:${alloc()}`], ['alloc.json: holds no database']);
      refuses(['state', 'root', folder.path], [`${folder.path}: is a folder`]);
      refuses(['state', 'root', folder.write('x.json', '[]')], ['expected an object, got a list']);
    });

    it.each<[string, string[], string[]]>([
      ['no state', [''], ['expected a file']],
      ['no folder', ['lmdb:'], ['lmdb: expected a folder']],
      ['no URL', ['rpc:'], ['rpc: expected a URL']],
      ['a URL that is none', ['rpc:localhost'], ['rpc: expected an http or https URL']],
      ['another protocol', ['rpc:ws://localhost:8545'], ['expected an http or https URL']],
      ['a tag that is none', ['rpc:http://127.0.0.1:1@newest'], ['block "newest": expected a number']],
      ['a pending block', ['rpc:http://127.0.0.1:1@pending'], ['block "pending"']],
      ['half a hash', [`rpc:http://127.0.0.1:1@0x${'1'.repeat(40)}`], ['expected a number, a hash']],
    ])('%s', (_name, [spec], messages) => {
      refuses(['state', 'root', spec!], messages);
      refuses(['run', '00', '--state', spec!], messages);
    });

    it('a folder that is there already, and keeps it', () => {
      const spec = database();
      refuses(['state', 'import', alloc(), spec], [`${spec.slice(5)}: is there already`]);
      expect(erbium(['state', 'root', spec]).stdout).toBe(`${ROOT}\n`);
    });

    it('input that cannot be read, and makes no database of it', () => {
      const bad = folder.write('bad.json', { alloc: { '0x12': {} } });
      refuses(['state', 'import', bad, `lmdb:${at('none')}`], ['bad.json: alloc.0x12 (key)']);
      refuses(['state', 'import', at('nope.json'), `lmdb:${at('none')}`], ['no such file']);
      mkdirSync(at('no-snapshot'));
      refuses(['state', 'import', at('no-snapshot'), `lmdb:${at('none')}`], [at('no-snapshot')]);
      expect(existsSync(at('none'))).toBe(false);
    });

    it.each<[string, string[], string[]]>([
      ['an import to a file', ['import', 'a.json', 'b.json'], ['expected lmdb:DIR, the database to make']],
      ['a short address', ['get', '@', '0x12'], ['address: an address has 20 bytes, got 1']],
      ['a key that is no number', ['get', '@', address(1), 'x'], ['key 1: "x" is no whole number']],
      [
        'a key beyond 256 bits',
        ['get', '@', address(1), '0', `0x1${'0'.repeat(64)}`],
        ['key 2:', 'above the maximum'],
      ],
      ['a proof from a file', ['prove', '@', address(1)], ['proofs come from a database']],
      ['a snapshot of a file', ['export', '@', 'out', '--snapshot'], ['is no database']],
      [
        'an export to a folder that is not there',
        ['export', '@', '/nonexistent/out.json'],
        ['/nonexistent/out.json: no such file'],
      ],
      ['no command', [], ['Usage: erbium state']],
      ['an unknown command', ['fly'], ["unknown command 'fly'"]],
    ])('%s', (_name, args, messages) => {
      const file = alloc();
      refuses(['state', ...args.map((arg) => (arg === '@' ? file : arg))], messages);
    });

    it.each<[string, string[], string[]]>([
      ['--to and code', ['00', '--to', address(1)], ['--to: runs the code there']],
      ['--to and --create', ['00', '--to', address(1), '--create'], ['--to: a creation has no receiver']],
      ['--create without code', ['--create'], ["missing required argument 'code'"]],
      ['a short --to', ['--to', '0x12'], ['--to: an address has 20 bytes']],
      ['a short --from', ['00', '--from', '0x12'], ['--from: an address has 20 bytes']],
      ['--commit without a database', ['--to', address(1), '--commit'], ['--commit: needs --state lmdb:DIR']],
      [
        '--commit of code on the line',
        ['00', '--commit', '--state', 'lmdb:x'],
        ['--commit: needs --to or --create'],
      ],
      [
        'a field that no block has',
        ['00', '--block', 'size=1'],
        ['--block: expected NAME=VALUE', '"size=1"'],
      ],
      ['a field without a value', ['00', '--block', 'number'], ['--block: expected NAME=VALUE']],
      [
        'a field that is no number',
        ['00', '--block', 'number=x'],
        ['--block number: "x" is no whole number'],
      ],
    ])('run with %s', (_name, args, messages) => {
      refuses(['run', ...args], messages);
    });

    it('statetest over a state that is no database', () => {
      for (const state of ['alloc.json', 'rpc:http://127.0.0.1:1']) {
        refuses(
          ['statetest', '--state', state],
          ['--state: cases bring their own accounts, so only lmdb:DIR'],
        );
      }
      refuses(['statetest', '--state', `lmdb:${alloc()}/x`], ['alloc.json/x']);
    });
  });
});

describe('the state of a node', () => {
  let stub: RpcStub;
  beforeAll(async () => {
    stub = await RpcStub.start({ state: STATE, head: 100n, chainId: 5n });
  });
  afterAll(() => stub.stop());
  const spec = (block = ''): string => `rpc:${stub.url}${block}`;

  it('run calls a contract there, in the block that is named', async () => {
    const call = ['run', '--state', spec(), '--to', address(0xaa), '--input', word(1), '--json'];
    const { stdout, stderr, status } = await erbiumAlongside(call);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success', output: word(42) });
    expect(status).toBe(0);
    const number = async (block: string, ...args: string[]): Promise<string> => {
      const run = ['run', '--state', spec(block), '--to', address(0xdd), '--json', ...args];
      return (JSON.parse((await erbiumAlongside(run)).stdout) as Ran).output;
    };
    expect(await number('')).toBe(word(100));
    expect(await number('@50')).toBe(word(50));
    expect(await number('@0x10')).toBe(word(16));
    expect(await number('@finalized')).toBe(word(96));
    expect(await number(`@${toHex32(hashOfBlock(7n))}`)).toBe(word(7));
    expect(await number('@50', '--block', 'number=51')).toBe(word(51));
  });

  it.each([
    ['CHAINID', 5n],
    ['BASEFEE', 7n],
    ['TIMESTAMP', 1_700_000_100n],
    ['COINBASE', 0xc0n],
    ['GASLIMIT', 30_000_000n],
    ['PREVRANDAO', 107n],
    ['BLOBBASEFEE', 1n],
  ])('run has %s from the block', async (name, value) => {
    const text = Buffer.from(giving(name)).toString('hex');
    const { stdout } = await erbiumAlongside(['run', text, '--state', spec(), '--json']);
    expect((JSON.parse(stdout) as Ran).output).toBe(word(value));
  });

  it('run traces the run for which all was there, once', async () => {
    const args = ['run', '--state', spec(), '--to', address(0xaa), '--input', word(2), '--trace'];
    const { stdout, stderr } = await erbiumAlongside(args);
    const names = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { opName?: string }).opName)
      .filter(Boolean);
    expect(names).toEqual(['PUSH1', 'CALLDATALOAD', 'SLOAD', 'PUSH1', 'MSTORE', 'PUSH1', 'PUSH1', 'RETURN']);
    expect(stdout).toContain(`output   ${word(7)}\n`);
  });

  it('get and root ask for what they show', async () => {
    expect((await erbiumAlongside(['state', 'root', spec('@90')])).stdout).toBe(`${ROOT}\n`);
    const { stdout } = await erbiumAlongside(['state', 'get', spec(), address(0xaa), '1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      exists: true,
      code: bytesToHex(GETTER),
      storage: [{ value: word(42) }],
    });
  });

  it('ends with 2 and one line where the node cannot serve', async () => {
    const refused = async (args: readonly string[], ...messages: string[]): Promise<void> => {
      const { status, stdout, stderr } = await erbiumAlongside(args);
      for (const message of messages) expect(stderr).toContain(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    };
    await refused(['run', '00', '--state', spec('@101')], 'block 101', 'there is no such block');
    await refused(['state', 'export', spec()], 'a node does not list its accounts');
    await refused(['state', 'prove', spec(), address(1)], 'proofs come from a database');
    await refused(
      ['run', '--state', spec(), '--to', address(0xbb), '--commit'],
      '--commit: needs --state lmdb:DIR',
    );
    const down = await RpcStub.start({ state: STATE });
    await down.stop();
    await refused(['run', '00', '--state', `rpc:${down.url}`], down.url);
    await refused(['state', 'get', `rpc:${down.url}`, address(1)], down.url);
  });

  it('keeps user, password and path of a URL out of its messages', async () => {
    const url = `${stub.url.replace('//', '//user:secret@')}/secret`;
    const good = await erbiumAlongside(['state', 'root', `rpc:${url}`]);
    expect(good.stdout).toBe(`${ROOT}\n`);
    for (const args of [
      ['export', `rpc:${url}`],
      ['export', `rpc:${url}`, 'out', '--snapshot'],
      ['prove', `rpc:${url}`, address(1)],
      ['import', 'x.json', `rpc:${url}`],
      ['root', `rpc:${url}@101`],
      ['root', `rpc:ftp${url.slice(4)}`],
    ]) {
      const { stderr, status } = await erbiumAlongside(['state', ...args]);
      expect(status).toBe(2);
      expect(stderr).not.toContain('secret');
    }
  });

  it('stops at --timeout while it waits for the node', async () => {
    stub.misbehaviour = ({ questions }) => questions.some(({ method }) => method === 'eth_getBalance');
    try {
      const started = performance.now();
      const args = ['run', '--state', spec(), '--to', address(0xaa), '--timeout', '1500'];
      const { status, stderr } = await erbiumAlongside(args);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(status).toBe(2);
      expect(stderr).toBe('erbium: --timeout 1500: the node has not answered by then\n');
    } finally {
      stub.misbehaviour = () => false;
    }
  });
});
