/** `t8n` of both commands: states of state tests come out as these say, and what is wrong is told by the exit code. */

import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { decodeRlp, encodeRlp } from '../../src/primitives/rlp.ts';
import { evm } from './evm-support.ts';
import { erbium, type Outcome, SMOKE, shell, type TestJson, useFolder } from './support.ts';
import { type T8nCase, t8nArgs, t8nCases } from './t8n-support.ts';

interface Result {
  readonly stateRoot: string;
  readonly logsHash: string;
  readonly receiptsRoot: string;
  readonly gasUsed: string;
  readonly receipts: readonly Record<string, unknown>[];
  readonly rejected?: readonly { readonly index: number; readonly error: string }[];
  readonly [field: string]: unknown;
}

interface Output {
  readonly alloc: Record<string, Record<string, unknown>>;
  readonly result: Result;
  readonly body: string;
}

const outputOf = ({ stdout }: Outcome): Output => JSON.parse(stdout) as Output;

/** One case of each file of smoke tests, each fork taken as often as it can be. */
function smokeCases(): T8nCase[] {
  const counts = new Map<string, number>();
  const files = readdirSync(SMOKE, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file, index) => {
      const tests = Object.entries(
        JSON.parse(readFileSync(join(SMOKE, file), 'utf8')) as Record<string, TestJson>,
      );
      const cases = tests.flatMap(([name, test]) => t8nCases(name, test, index % 2 === 0));
      const rarest = cases.reduce((a, b) => ((counts.get(b.fork) ?? 0) < (counts.get(a.fork) ?? 0) ? b : a));
      counts.set(rarest.fork, (counts.get(rarest.fork) ?? 0) + 1);
      return rarest;
    });
}

describe('round trips', () => {
  const all = smokeCases();
  // A process for each takes long: some of the files, and all of the forks.
  const chosen = all.filter((_, index) => index % 12 === 0);

  it('are of many forks', () => {
    expect(chosen.length).toBeGreaterThan(15);
    expect(new Set(chosen.map(({ fork }) => fork)).size).toBeGreaterThan(8);
  });

  it.each(chosen)('$id', ({ fork, post, input }) => {
    const outcome = evm(['t8n', ...t8nArgs(fork)], { input });
    expect([outcome.status, outcome.stderr]).toEqual([0, '']);
    const { result, alloc, body } = outputOf(outcome);
    expect(result.stateRoot).toBe(post.hash);
    expect(result.rejected !== undefined).toBe(post.expectException !== undefined);
    expect(result.logsHash).toBe(post.logs);
    expect(Object.keys(alloc)).not.toEqual([]);
    expect((decodeRlp(hexToBytes(body)) as unknown[]).length).toBe(result.receipts.length);
  });
});

const KEY = '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8';
const SENDER = '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b';
const COINBASE = '0xb94f5374fce5edbc8e2a8697c15331677e6ebf0b';
const CONTRACT = '0x00000000000000000000000000000000000000f1';
const PAID = '0x00000000000000000000000000000000000000aa';
const WORD = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`;

/** Stores the hash of block 0, then logs nothing. */
const CODE = '0x5f406001555f5fa000';

const alloc = (): Record<string, unknown> => ({
  [SENDER]: { balance: '0xde0b6b3a7640000' },
  [CONTRACT]: { balance: '0x1', code: CODE },
});

const env = (): Record<string, unknown> => ({
  currentCoinbase: COINBASE,
  currentGasLimit: '0x1c9c380',
  currentNumber: '1',
  currentTimestamp: 1_000,
  currentRandom: '0x0',
  parentBaseFee: '0x7',
  parentGasUsed: '0x0',
  parentGasLimit: '0x1c9c380',
  parentExcessBlobGas: '0x0',
  parentBlobGasUsed: '0x0',
  parentBeaconBlockRoot: WORD(1),
  blockHashes: { 0: WORD(2) },
  withdrawals: [{ index: '0x0', validatorIndex: '0x1', address: PAID, amount: '0x2' }],
});

const tx = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: '0x2',
  chainId: '0x1',
  nonce: '0x0',
  maxFeePerGas: '0x10',
  maxPriorityFeePerGas: '0x1',
  gas: '0x186a0',
  to: CONTRACT,
  value: '0x0',
  input: '0x',
  v: '0x0',
  r: '0x0',
  s: '0x0',
  secretKey: KEY,
  ...changes,
});

/** In place of the hash of a block that is not there yet. */
const BLOCK_HASH = `0x1337${'0'.repeat(60)}`;

const STREAMS = t8nArgs('Cancun').filter((word) => word.includes('put.'));

interface Input {
  alloc?: unknown;
  env?: unknown;
  txs?: unknown;
  [part: string]: unknown;
}

/** A transition by the standard streams. */
const transition = (input: Input = {}, args: readonly string[] = ['--state.fork=Cancun']): Outcome =>
  evm(['t8n', ...STREAMS, ...args], {
    input: JSON.stringify({ alloc: alloc(), env: env(), txs: [tx()], ...input }),
  });

describe('a result', () => {
  it('says all that a block must say, in the order of geth', () => {
    const outcome = transition({
      txs: [tx(), tx({ nonce: '0x5' }), tx({ nonce: '0x1', to: '', input: '0x00' })],
    });
    expect([outcome.status, outcome.stderr]).toEqual([0, '']);
    const { result, alloc: after, body } = outputOf(outcome);
    expect(Object.keys(result)).toEqual([
      ...['stateRoot', 'txRoot', 'receiptsRoot', 'logsHash', 'logsBloom', 'receipts', 'rejected'],
      ...['currentDifficulty', 'gasUsed', 'currentBaseFee', 'withdrawalsRoot', 'currentExcessBlobGas'],
      ...['blobGasUsed', 'requests'],
    ]);
    expect(result).toMatchObject({ currentDifficulty: null, currentBaseFee: '0x7', blobGasUsed: '0x0' });
    expect(result.requests).toBeNull();
    expect(result.rejected).toEqual([{ index: 1, error: expect.stringMatching(/^nonce too high: /) }]);
    const [first, second] = result.receipts;
    expect(Object.keys(first!)).toEqual([
      ...['type', 'root', 'status', 'cumulativeGasUsed', 'logsBloom', 'logs', 'transactionHash'],
      ...['contractAddress', 'gasUsed', 'effectiveGasPrice', 'blockHash', 'blockNumber', 'transactionIndex'],
    ]);
    expect(first).toMatchObject({ blockHash: BLOCK_HASH, blockNumber: '0x1', effectiveGasPrice: null });
    expect(second!.logs).toEqual([]);
    const [log] = first!.logs as Record<string, unknown>[];
    expect(Object.keys(log!)).toEqual([
      ...['address', 'topics', 'data', 'blockNumber', 'transactionHash', 'transactionIndex', 'blockHash'],
      ...['blockTimestamp', 'logIndex', 'removed'],
    ]);
    expect(log).toMatchObject({ topics: [], data: '0x', blockHash: BLOCK_HASH, blockTimestamp: '0x3e8' });
    expect(first).toMatchObject({ type: '0x2', root: '0x', status: '0x1', transactionIndex: '0x0' });
    expect(second).toMatchObject({
      status: '0x1',
      transactionIndex: '0x1',
      cumulativeGasUsed: result.gasUsed,
    });
    expect(second!.contractAddress).not.toBe(first!.contractAddress);
    const [bytes] = decodeRlp(hexToBytes(body)) as Uint8Array[];
    expect(bytesToHex(keccak256(bytes!))).toBe(first!.transactionHash);
    expect(after[CONTRACT]).toEqual({
      code: CODE,
      storage: { [WORD(1)]: WORD(2) },
      balance: '0x1',
    });
    expect(after[PAID]).toEqual({ balance: '0x77359400' });
    expect(after[SENDER]).toMatchObject({ nonce: '0x2' });
  });

  it('is the same for transactions as RLP, as its own body has them', () => {
    const signed = outputOf(transition());
    const again = outputOf(transition({ txs: undefined, txsRlp: signed.body }));
    expect(again).toEqual(signed);
  });

  it('pays the miner what the line says, and uncles their share', () => {
    const mined = (reward: string): Record<string, Record<string, unknown>> =>
      outputOf(
        transition(
          {
            env: { ...env(), currentDifficulty: '0x20000', ommers: [{ delta: '0x1', address: PAID }] },
            txs: [],
          },
          ['--state.fork', 'Byzantium', `--state.reward=${reward}`],
        ),
      ).alloc;
    expect(mined('3200')).toMatchObject({ [COINBASE]: { balance: '0xce4' }, [PAID]: { balance: '0xaf0' } });
    expect(Object.keys(mined('-1'))).not.toContain(COINBASE);
    expect(Object.keys(mined('0'))).not.toContain(COINBASE);
  });

  it('touches the coinbase with a reward of nothing, which counts where accounts may be empty', () => {
    const touched = (reward: string): string[] =>
      Object.keys(
        outputOf(
          transition({ env: { ...env(), currentDifficulty: '0x20000' }, txs: [] }, [
            '--state.fork=Homestead',
            `--state.reward=${reward}`,
          ]),
        ).alloc,
      );
    expect(touched('0')).toContain(COINBASE);
    expect(touched('-1')).not.toContain(COINBASE);
  });

  it('has the difficulty that follows from the parent, and receipts with roots, before the merge', () => {
    const before = { ...env(), parentDifficulty: '0x20000', parentTimestamp: '990' };
    const legacy = tx({ type: '0x0', gasPrice: '0x10', maxFeePerGas: undefined, protected: false });
    const { result } = outputOf(transition({ env: before, txs: [legacy] }, ['--state.fork=Homestead']));
    expect(result).toMatchObject({ currentDifficulty: '0x20000' });
    expect(result.receipts[0]!.root).toMatch(/^0x[0-9a-f]{64}$/);
    expect(result.currentBaseFee).toBeUndefined();
  });

  it('follows the transition by difficulty, which ends with the first block that has none', () => {
    const args = ['--state.fork=ArrowGlacierToParisAtDiffC0000', '--state.reward=0'];
    const at = (currentDifficulty: string): Result =>
      outputOf(transition({ env: { ...env(), currentDifficulty }, txs: [] }, args)).result;
    expect(at('0xc0000').currentDifficulty).toBe('0xc0000');
    expect(at('0x0').currentDifficulty).toBeNull();
  });

  it('follows transitions by time, and blob parameters that are given', () => {
    const at = (fork: string, timestamp: number, more: object = {}): Result =>
      outputOf(
        transition({ env: { ...env(), currentTimestamp: timestamp, ...more } }, [`--state.fork=${fork}`]),
      ).result;
    expect(at('ShanghaiToCancunAtTime15k', 14_999).blobGasUsed).toBeUndefined();
    expect(at('ShanghaiToCancunAtTime15k', 15_000).blobGasUsed).toBe('0x0');
    const excess = { parentExcessBlobGas: '0x100000', parentBlobGasUsed: '0x0' };
    expect(at('Cancun', 1, excess).currentExcessBlobGas).toBe('0xa0000');
    const params = { target: 1, max: 2, baseFeeUpdateFraction: 3_338_477 };
    const given = transition({ env: { ...env(), ...excess }, blobParams: params }, ['--state.fork=Cancun']);
    expect(outputOf(given).result.currentExcessBlobGas).toBe('0xe0000');
  });
});

describe('files', () => {
  const folder = useFolder();
  const write = (part: string, value: unknown): string => folder.write(`${part}.json`, value);

  it('are read and written, with a trace of each transaction that ran and counts of opcodes', () => {
    write('alloc', alloc());
    write('env', env());
    write('txs', [tx({ nonce: '0x7' }), tx()]);
    const args = ['t8n', '--state.fork', 'Cancun', '--output.basedir', 'out/deep', '--output.body=body.rlp'];
    const watch = ['--trace', '--trace.callframes', '--opcode.count=opcodes.json'];
    const outcome = erbium([...args, ...watch], { cwd: folder.path });
    expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
    const out = join(folder.path, 'out/deep');
    const read = (name: string): unknown => JSON.parse(readFileSync(join(out, name), 'utf8'));
    const { receipts } = read('result.json') as Result;
    const trace = `trace-0-${receipts[0]!.transactionHash}.jsonl`;
    const names = ['alloc.json', 'body.rlp', 'opcodes.json', 'result.json', trace];
    expect(readdirSync(out).sort()).toEqual(names);
    expect(read('opcodes.json')).toEqual({ BLOCKHASH: 1, LOG0: 1, PUSH0: 3, PUSH1: 1, SSTORE: 1, STOP: 1 });
    const lines = readFileSync(join(out, trace), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ from: SENDER, to: CONTRACT, type: 'CALL' });
    expect(lines.filter((line) => line.startsWith('{"pc":'))).toHaveLength(8);
    expect(lines.at(-1)).toMatch(/^\{"output":"","gasUsed":"0x/);
    const body = join(out, 'body.rlp');
    expect(evm(['t8n', '--state.fork=Cancun', `--input.txs=${body}`], { cwd: folder.path }).status).toBe(0);
    const again = JSON.parse(readFileSync(join(folder.path, 'result.json'), 'utf8')) as Result;
    expect(again).toEqual({ ...(read('result.json') as Result), rejected: undefined });
  });

  it('have the result of a tracer for each transaction that ran', () => {
    write('alloc', alloc());
    write('env', env());
    write('txs', [tx(), tx({ nonce: '0x9' }), tx({ nonce: '0x1' })]);
    const out = join(folder.path, 'traced');
    const traced = (...args: string[]): unknown[] => {
      const files = ['t8n', '--state.fork=Cancun', '--output.basedir', out, ...args];
      expect(evm(files, { cwd: folder.path })).toEqual({ status: 0, stdout: '', stderr: '' });
      const traces = readdirSync(out)
        .filter((name) => name.startsWith('trace-'))
        .sort();
      expect(traces).toEqual([0, 1].map((i) => expect.stringMatching(`^trace-${i}-0x[0-9a-f]{64}\\.json$`)));
      return traces.map((name) => {
        const text = readFileSync(join(out, name), 'utf8');
        expect(text.endsWith('\n')).toBe(true);
        return JSON.parse(text);
      });
    };
    const call = { from: SENDER, to: CONTRACT, gas: '0x186a0', type: 'CALL' };
    expect(traced('--trace.tracer=callTracer')).toMatchObject([call, call]);
    const logged = traced('--trace.tracer', 'callTracer', '--trace.jsonconfig', '{"withLog":true}');
    expect(logged).toMatchObject([{ logs: [{ address: CONTRACT, data: '0x' }] }, { logs: [{}] }]);
    const balance = '0xde0b6b3a7640000';
    expect(traced('--trace.tracer=prestateTracer')).toMatchObject([
      { [SENDER]: { balance } },
      { [SENDER]: { nonce: 1 } },
    ]);
    expect(traced('--trace.tracer=flatCallTracer')).toMatchObject([[{ type: 'call' }], [{ type: 'call' }]]);
    expect(traced('--trace.tracer=4byteTracer')).toEqual([{}, {}]);
    expect(traced('--trace.tracer=unigramTracer')).toMatchObject([{ PUSH0: 3 }, { PUSH0: 3 }]);
  });

  it('may be devices and pipes, which take what is written to them, and links', async () => {
    write('alloc', alloc());
    write('env', env());
    write('txs', [tx()]);
    folder.write('old.json', 'as it was');
    const line = 'erbium t8n --state.fork Cancun --output.alloc';
    const quiet = await shell(`${line} '' --output.result /dev/null`, folder.path);
    expect(quiet).toEqual({ status: 0, stdout: '', stderr: '' });
    const piped = await shell(`${line} >(cat >&2) --output.result /dev/stdout | cat; wait $!`, folder.path);
    expect(JSON.parse(piped.stdout)).toHaveProperty('stateRoot');
    expect(JSON.parse(piped.stderr)).toHaveProperty(CONTRACT);
    const fifo = `mkfifo pipe; cat pipe > copy.json & ${line} link.json --output.result pipe; wait`;
    expect(await shell(`ln -s old.json link.json; ${fifo}`, folder.path)).toMatchObject({
      status: 0,
      stderr: '',
    });
    const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
    expect(read('copy.json')).toBe(piped.stdout);
    expect(read('old.json')).toBe(piped.stderr);
    expect(lstatSync(join(folder.path, 'link.json')).isSymbolicLink()).toBe(true);
    // Where a device takes nothing, a file is as it was, and nothing stays beside it.
    folder.write('old.json', 'as it was');
    const full = await shell(`${line} old.json --output.result /dev/full`, folder.path);
    expect(full).toMatchObject({ status: 11, stdout: '', stderr: expect.stringContaining('/dev/full: ') });
    expect(read('old.json')).toBe('as it was');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('stay as they were where there is an error', () => {
    const there = join(folder.path, 'kept');
    mkdirSync(there);
    writeFileSync(join(there, 'result.json'), 'as it was');
    mkdirSync(join(there, 'alloc.json'));
    write('alloc', alloc());
    write('env', env());
    write('txs', [tx()]);
    const args = ['t8n', '--output.basedir', there, '--trace'];
    const run = (...more: string[]): Outcome => evm([...args, ...more], { cwd: folder.path });
    // A folder stands where the state would go.
    expect(run('--state.fork=Cancun').status).toBe(11);
    // A block hash is missing, which only the run shows.
    write('env', { ...env(), blockHashes: {} });
    expect(run('--state.fork=Cancun').status).toBe(4);
    expect(readdirSync(there).sort()).toEqual(['alloc.json', 'result.json']);
    expect(readFileSync(join(there, 'result.json'), 'utf8')).toBe('as it was');
  });
});

describe('what is wrong', () => {
  const CHAIN = 'failed constructing chain configuration: ';
  const TRACER = 'failed instantiating tracer: ';
  const CALLS = ['--trace.tracer=callTracer', '--trace.jsonconfig'];
  const without = (name: string): Record<string, unknown> => ({ ...env(), [name]: undefined });

  it.each<[string, number, string, Input, string[]?]>([
    ['an unknown fork', 3, `${CHAIN}unsupported fork "Nope"`, {}, ['--state.fork=Nope']],
    ['a fork to come', 3, `${CHAIN}unsupported fork "Amsterdam"`, {}, ['--state.fork=Amsterdam']],
    [
      'a fork plus an EIP',
      3,
      `${CHAIN}syntax error, invalid eip number 3855`,
      {},
      ['--state.fork=Berlin+3855'],
    ],
    ['no fork plus an EIP', 3, `${CHAIN}unsupported fork "Nope"`, {}, ['--state.fork=Nope+3855']],
    [
      'a tracer that is none',
      3,
      `${TRACER}"x" is not a tracer; there are callTracer, `,
      {},
      ['--trace.tracer=x'],
    ],
    ['a tracer beside lines', 3, "can't use both flags", {}, ['--trace', '--trace.tracer=callTracer']],
    ['options of no tracer', 3, 'without --trace.tracer', {}, ['--trace.jsonconfig={}']],
    ['an option that is none', 3, 'callTracer: "x" is not an option', {}, [...CALLS, '{"x":true}']],
    ['an option of another kind', 3, '"withLog" must be true or false', {}, [...CALLS, '{"withLog":1}']],
    ['options that are no JSON', 3, `${TRACER}--trace.jsonconfig: `, {}, [...CALLS, '{']],
    ['options that are no object', 3, 'expected an object', {}, [...CALLS, '[]']],
    ['no random', 3, 'currentRandom', { env: without('currentRandom') }],
    ['no base fee', 3, 'parentBaseFee', { env: without('parentBaseFee') }],
    ['no withdrawals', 3, 'withdrawals', { env: without('withdrawals') }],
    ['no beacon root', 3, 'parentBeaconBlockRoot', { env: without('parentBeaconBlockRoot') }],
    ['a difficulty after the merge', 3, 'difficulty', { env: { ...env(), currentDifficulty: '0x1' } }],
    ['no difficulty before it', 3, 'parentDifficulty', {}, ['--state.fork=Berlin']],
    ['a reward that is none', 3, '-state.reward', {}, ['--state.reward=much']],
    ['a chain that is none', 3, '-state.chainid', {}, ['--state.chainid=-1']],
    ['a block hash that is asked for', 4, 'getHash(0)', { env: { ...env(), blockHashes: {} } }],
    ['no coinbase', 10, 'env.currentCoinbase: missing', { env: without('currentCoinbase') }],
    ['no number', 10, 'env.currentNumber: missing', { env: without('currentNumber') }],
    ['an environment of another kind', 10, 'env: expected an object, got a list', { env: [] }],
    ['no alloc', 10, 'alloc: missing', { alloc: undefined }],
    ['an account of another kind', 10, `alloc.${CONTRACT}`, { alloc: { [CONTRACT]: 7 } }],
    ['a nonce of another kind', 10, 'txs[0].nonce', { txs: [tx({ nonce: {} })] }],
    ['a transaction without a price', 10, 'txs[0].maxFeePerGas', { txs: [tx({ maxFeePerGas: undefined })] }],
    ['a key that is none', 10, 'txs[0].secretKey', { txs: [tx({ secretKey: WORD(0) })] }],
    ['transactions that are no list', 10, 'txs: expected a list', { txs: {} }],
    ['RLP that is cut off', 12, 'txsRlp', { txs: undefined, txsRlp: '0xf8658080' }],
    ['RLP that is no list', 12, 'txsRlp', { txs: undefined, txsRlp: '0x83010203' }],
    [
      'a limit of this program',
      2,
      'memory',
      {
        alloc: {
          [SENDER]: { balance: `0x${'f'.repeat(60)}` },
          // MSTORE at 2^32.
          [CONTRACT]: { balance: '0x0', code: '0x600164010000000052' },
        },
        env: { ...env(), currentGasLimit: '0x7fffffffffffffff', parentGasLimit: '0x7fffffffffffffff' },
        txs: [tx({ gas: '0x7ffffffffffffff' })],
      },
    ],
    ['no contract for requests', 2, 'system call failed to execute', {}, ['--state.fork=Prague']],
  ])('%s: exit code %i', (_, code, message, input, args = []) => {
    const { status, stdout, stderr } = transition(input, ['--state.fork=Cancun', ...args]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(`^ERROR\\(${code}\\): .*\\n$`));
    expect([status, stdout]).toEqual([code, '']);
  });

  it('is told of standard input that is no JSON, and of files that are not there', () => {
    expect(evm(['t8n', ...STREAMS], { input: '{' }).status).toBe(10);
    const missing = evm(['t8n', '--input.env=not-there.json']);
    expect(missing.status).toBe(11);
    expect(missing.stderr).toContain('not-there.json');
    expect(evm(['t8n', 'surplus']).status).toBe(3);
  });

  it('with one transaction keeps none of the others from running', () => {
    const good = encodeRlp([1n]);
    const { body } = outputOf(transition());
    const [valid] = decodeRlp(hexToBytes(body)) as Uint8Array[];
    const list = bytesToHex(encodeRlp([good, Uint8Array.of(9), valid!, [1n, 2n]]));
    const { result } = outputOf(transition({ txs: undefined, txsRlp: list }));
    expect(result.receipts).toHaveLength(1);
    expect(result.rejected!.map(({ index }) => index)).toEqual([0, 1, 3]);
  });
});

describe('help', () => {
  it.each(['erbium', 'erbium-evm'])('of %s t8n names the forks, for whoever searches it', (name) => {
    const { status, stdout } = (name === 'erbium' ? erbium : evm)(['t8n', '--help']);
    expect(status).toBe(0);
    for (const fork of [
      'Frontier',
      'ConstantinopleFix',
      'Merge',
      'Osaka',
      'BPO4',
      'PragueToOsakaAtTime15k',
    ]) {
      expect(stdout).toContain(fork);
    }
    expect(stdout).not.toContain('Amsterdam');
  });
});
