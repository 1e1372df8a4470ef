/** `t8n`, `t9n`, `b11r`, `blocktest` and `run` of `erbium-evm` against blocks that `erbium/block` made. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Block, encodeBlock, hashHeader } from '../../src/executor/block/index.ts';
import { TxType } from '../../src/executor/transaction.ts';
import type { ForkName } from '../../src/index.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex, toHex32, toQuantity } from '../../src/primitives/bytes.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';
import { encodeRlp } from '../../src/primitives/rlp.ts';
import { COINBASE, extend, GWEI, startAt, template, transfer } from '../executor/block/support.ts';
import { SENDER } from '../helpers/transact.ts';
import { blockJson, headerJson, type Json, stateJson } from '../statetest/blocks/support.ts';
import { batchOf, evm } from './evm-support.ts';
import { erbium, type Outcome, useFolder } from './support.ts';
import { bodyOf } from './t8n-support.ts';

interface Made {
  readonly pre: Json;
  readonly block: Block;
  readonly env: Json;
  readonly test: Json;
}

const WITHDRAWAL = { index: 7n, validatorIndex: 8n, address: 0xaan, amount: 9n };
const WITHDRAWAL_JSON = {
  index: '0x7',
  validatorIndex: '0x8',
  address: addressToHex(0xaan),
  amount: '0x9',
};

/** A block with transfers, what it starts from, and the fixture that it makes. */
function make(fork: ForkName): Made {
  const made = startAt(fork);
  const pre = stateJson(made.state);
  const transactions = [transfer(0n), transfer(1n, { to: null, data: Uint8Array.of(0x60, 1, 0x5f, 0x55) })];
  const { genesis } = made;
  const { block } = extend(
    made,
    genesis,
    template({ transactions, mixHash: 5n, parentBeaconRoot: 6n, withdrawals: [WITHDRAWAL] }),
  );
  const env = {
    currentCoinbase: addressToHex(COINBASE),
    currentGasLimit: toQuantity(block.header.gasLimit),
    currentNumber: '0x1',
    currentTimestamp: toQuantity(block.header.timestamp),
    currentRandom: '0x5',
    parentTimestamp: '0x0',
    parentDifficulty: toQuantity(genesis.difficulty),
    parentBaseFee: toQuantity(genesis.baseFee ?? 0n),
    parentGasUsed: '0x0',
    parentGasLimit: toQuantity(genesis.gasLimit),
    parentExcessBlobGas: '0x0',
    parentBlobGasUsed: '0x0',
    parentBeaconBlockRoot: toHex32(6n),
    withdrawals: [WITHDRAWAL_JSON],
    blockHashes: { 0: toHex32(hashHeader(genesis)) },
  };
  const test = {
    network: fork,
    config: { chainid: '0x01' },
    genesisBlockHeader: headerJson(genesis),
    pre,
    blocks: [blockJson(block)],
    lastblockhash: toHex32(hashHeader(block.header)),
    postState: stateJson(made.state),
  };
  // Before the merge the difficulty stands for itself.
  const { currentRandom, parentDifficulty, ...common } = env;
  const isMined = genesis.difficulty > 0n;
  return { pre, block, env: { ...common, ...(isMined ? { parentDifficulty } : { currentRandom }) }, test };
}

const REWARDS: Readonly<Record<string, string>> = {
  Homestead: `${5n * 10n ** 18n}`,
  Berlin: `${2n * 10n ** 18n}`,
};

describe('t8n of a block', () => {
  it.each<ForkName>(['Homestead', 'Berlin', 'London', 'Paris', 'Shanghai', 'Cancun', 'Prague', 'BPO2'])(
    'says at %s what the header says',
    (fork) => {
      const { pre, block, env } = make(fork);
      const { header } = block;
      const args = [
        ...['alloc', 'env', 'txs'].map((part) => `--input.${part}=stdin`),
        ...['alloc', 'result', 'body'].map((part) => `--output.${part}=stdout`),
        `--state.fork=${fork}`,
        `--state.reward=${REWARDS[fork] ?? (fork === 'London' ? REWARDS.Berlin : '-1')}`,
      ];
      const input = JSON.stringify({ alloc: pre, env, txsRlp: bodyOf(block.transactions) });
      const { status, stdout, stderr } = evm(['t8n', ...args], { input });
      expect([status, stderr]).toEqual([0, '']);
      const { result, body } = JSON.parse(stdout) as { result: Json; body: string };
      const word = (value: bigint | null): string | undefined =>
        value === null ? undefined : toHex32(value);
      const number = (value: bigint | null): string | undefined =>
        value === null ? undefined : toQuantity(value);
      expect({
        stateRoot: result.stateRoot,
        txRoot: result.txRoot,
        receiptsRoot: result.receiptsRoot,
        logsBloom: result.logsBloom,
        gasUsed: result.gasUsed,
        difficulty: result.currentDifficulty,
        baseFee: result.currentBaseFee,
        withdrawalsRoot: result.withdrawalsRoot,
        excessBlobGas: result.currentExcessBlobGas,
        blobGasUsed: result.blobGasUsed,
        requestsHash: result.requestsHash,
        rejected: result.rejected,
      }).toEqual({
        stateRoot: toHex32(header.stateRoot),
        txRoot: toHex32(header.transactionsRoot),
        receiptsRoot: toHex32(header.receiptsRoot),
        logsBloom: bytesToHex(header.logsBloom),
        gasUsed: toQuantity(header.gasUsed),
        difficulty: header.difficulty === 0n ? null : toQuantity(header.difficulty),
        baseFee: number(header.baseFee),
        withdrawalsRoot: word(header.withdrawalsRoot),
        excessBlobGas: number(header.excessBlobGas),
        blobGasUsed: number(header.blobGasUsed),
        requestsHash: word(header.requestsHash),
        rejected: undefined,
      });
      expect(body).toBe(bodyOf(block.transactions));
    },
  );
});

describe('b11r', () => {
  const folder = useFolder();
  const NAMES: readonly (readonly [of: string, name: string])[] = [
    ['uncleHash', 'sha3Uncles'],
    ['coinbase', 'miner'],
    ['transactionsTrie', 'transactionsRoot'],
    ['receiptTrie', 'receiptsRoot'],
    ['bloom', 'logsBloom'],
  ];
  const rename = (header: Json): Json => {
    const renamed = new Map(NAMES);
    return Object.fromEntries(
      Object.entries(header).map(([name, value]) => [renamed.get(name) ?? name, value]),
    );
  };
  const build = (input: Json, ...args: string[]): Outcome =>
    erbium(
      [
        'b11r',
        ...['header', 'txs', 'withdrawals'].map((part) => `--input.${part}=stdin`),
        '--output.block=stdout',
        ...args,
      ],
      { input: JSON.stringify(input), cwd: folder.path },
    );

  it.each<ForkName>(['Berlin', 'London', 'Shanghai', 'Prague'])('puts a block of %s together', (fork) => {
    const { block } = make(fork);
    const { status, stdout, stderr } = build({
      header: rename(headerJson(block.header)),
      txs: bodyOf(block.transactions),
      ...(block.withdrawals === null ? {} : { withdrawals: [WITHDRAWAL_JSON] }),
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      rlp: bytesToHex(encodeBlock(block)),
      hash: toHex32(hashHeader(block.header)),
    });
  });

  it('hashes uncles, whose blocks it gets', () => {
    const { block } = make('Berlin');
    const uncle = bytesToHex(encodeBlock({ ...block, transactions: [] }));
    const { sha3Uncles: _, ...header } = rename(headerJson(block.header));
    const { stdout } = build({ header, txs: '0x', ommers: [uncle] });
    const { rlp, hash } = JSON.parse(stdout) as { rlp: string; hash: string };
    expect(rlp).toContain(bytesToHex(encodeRlp([])).slice(2));
    expect(rlp).toContain(uncle.slice(8, 1_000));
    expect(hash).not.toBe(toHex32(hashHeader(block.header)));
  });

  it('seals with clique, of which the extra data has 97 bytes', () => {
    const { block } = make('Berlin');
    const { extraData: _, ...header } = rename(headerJson(block.header));
    const secretKey = '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8';
    const sealed = build({ header, txs: '0x', clique: { secretKey } }, '--seal.clique=stdin');
    expect(JSON.parse(sealed.stdout).rlp).toContain(`b861${'00'.repeat(32)}`);
    const twice = build(
      { header: { ...header, extraData: '0x01' }, txs: '0x', clique: { secretKey } },
      '--seal.clique=stdin',
    );
    expect([twice.status, twice.stdout]).toEqual([3, '']);
  });

  it('writes a file, and nothing where there is an error', () => {
    const { block } = make('Berlin');
    const header = rename(headerJson(block.header));
    folder.write('header.json', header);
    folder.write('txs.rlp', JSON.stringify(bodyOf(block.transactions)));
    const { status } = evm(['b11r', '--output.basedir=out', '--output.block=b.json'], { cwd: folder.path });
    expect(status).toBe(0);
    const { rlp } = JSON.parse(readFileSync(join(folder.path, 'out/b.json'), 'utf8')) as { rlp: string };
    expect(rlp).toBe(bytesToHex(encodeBlock(block)));
    for (const [code, input] of [
      [10, { header: { ...header, stateRoot: undefined }, txs: '0x' }],
      [10, { header: [], txs: '0x' }],
      [12, { header, txs: '0xf9' }],
      [12, { header, txs: bytesToHex(encodeRlp([[1n]])) }],
      [12, { header, txs: '0x', ommers: ['0x01'] }],
    ] as const) {
      const outcome = build(input as Json);
      expect([outcome.status, outcome.stdout]).toEqual([code, '']);
    }
  });
});

describe('t9n', () => {
  const check = (transactions: readonly Uint8Array[], fork: string): Json[] => {
    const input = JSON.stringify({ txsRlp: bodyOf(transactions) });
    const { status, stdout, stderr } = evm(['t9n', '--input.txs=stdin', `--state.fork=${fork}`], { input });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Json[];
  };

  it('tells who signed and what it costs, or what is wrong', () => {
    const valid = transfer(0n);
    const poor = transfer(1n, { gasLimit: 20_999n });
    const address = addressToHex(SENDER);
    const hash = bytesToHex(keccak256(valid));
    expect(check([valid, poor], 'Berlin')).toEqual([
      { address, hash, intrinsicGas: '0x5208' },
      {
        error: 'intrinsic gas too low: have 20999, want 21000',
        address,
        hash: bytesToHex(keccak256(poor)),
        intrinsicGas: '0x5208',
      },
    ]);
  });

  it('knows the forks and the chain', () => {
    const far = transfer(0n, { chainId: 9n });
    expect(check([far], 'Berlin')[0]!.error).toMatch(/^invalid chain id for signer: /);
    const heavy = transfer(0n, { gasLimit: 2n ** 24n + 1n, maxFeePerGas: GWEI });
    expect(check([heavy], 'Osaka')[0]!.error).toMatch(/^transaction gas limit too high: /);
    expect(check([heavy], 'Prague')[0]!.error).toBeUndefined();
    const typed = transfer(0n, { type: TxType.AccessList, chainId: 1n });
    expect(check([typed], 'Istanbul')[0]!.error).toMatch(/^transaction type not supported: /);
    expect(check([typed], 'Berlin')[0]!.error).toBeUndefined();
  });

  it.each([
    [3, ['--state.fork=Nope'], '{"txsRlp":"0xc0"}'],
    [10, [], '{}'],
    [12, [], '{"txsRlp":"0xf8"}'],
  ])('ends with %i for %j of %s', (code, args, input) => {
    expect(evm(['t9n', '--input.txs=stdin', ...args], { input }).status).toBe(code);
  });

  it('reads no other files than RLP', () => expect(evm(['t9n', '--input.txs=txs.json']).status).toBe(11));
});

describe('blocktest', () => {
  const folder = useFolder();

  it('reports tests by name, with the root of the head of those that pass', () => {
    const { test, block } = make('Cancun');
    const spoilt = { ...test, lastblockhash: toHex32(1n) };
    const file = folder.write('chain.json', { b: test, a: spoilt });
    const { status, stdout } = evm(['blocktest', file]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { name: 'a', pass: false, fork: 'Cancun', error: expect.stringContaining('head mismatch') },
      { name: 'b', pass: true, stateRoot: toHex32(block.header.stateRoot), fork: 'Cancun' },
    ]);
    const selected = evm(['blocktest', '--run', '^b$', '--workers', '2', file]);
    expect(JSON.parse(selected.stdout)).toHaveLength(1);
    expect(evm(['blocktest', '--workers', '2', file, file]).stdout).toBe(
      evm(['blocktest', file, file]).stdout,
    );
    const each = evm(['blocktest', '--fuzz', file]);
    expect(batchOf(each.stdout).map((reports) => reports.length)).toEqual([1, 1]);
    const batch = evm(['blocktest'], { input: `${file}\nmissing.json\n${file}\n` });
    expect(batch.status).toBe(1);
    expect(batch.stdout.split('\n]\n')).toHaveLength(4);
  });
});

describe('run', () => {
  it('prints output and error as geth does', () => {
    expect(evm(['run', '600560030160005260206000f3'])).toEqual({
      status: 0,
      stdout: `${toHex32(8n)}\n`,
      stderr: '',
    });
    expect(evm(['run', '60006000fd']).stdout).toBe('\n error: execution reverted\n');
    expect(evm(['run', '--gas=2', '5b5b5b']).stdout).toBe('\n error: out of gas\n');
  });

  it('calls the receiver in the name of the sender, or creates', () => {
    const word = (text: string): string => `0x${Buffer.from(text).toString('hex').padStart(64, '0')}\n`;
    expect(evm(['run', '305f5260205ff3']).stdout).toBe(word('receiver'));
    expect(evm(['run', '335f5260205ff3']).stdout).toBe(word('sender'));
    const { stdout } = evm(['run', '--create', '--dump', '--input=00', '60016000f3']);
    expect(stdout).toContain('"0x1f2a98889594024bffda3311cbe69728d392c06d"');
    expect(stdout.endsWith('}\n0x00\n')).toBe(true);
  });

  it('dumps the state with the root that geth has for it', () => {
    const { stdout } = evm(['run', '--dump', '0x6040']);
    const root = 'b444481d1367188172f8c6091e948aaa68bae763fd26d6b9e994306a66bf69f9';
    expect(stdout.startsWith(`{\n    "root": "${root}",\n    "accounts": {\n        "0x`)).toBe(true);
  });

  it('traces to standard error, and then prints no output', () => {
    const { stdout, stderr } = evm(['run', '--trace', '5b00']);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toHaveLength(4);
  });

  it('reads code from a file or standard input, and tells what is wrong with it', () => {
    expect(evm(['run', '--codefile=-'], { input: '0x5f5f\nfd\n' }).stdout).toContain('reverted');
    expect(evm(['run', 'zz']).status).toBe(1);
    expect(evm(['run', '--codefile=missing']).stderr).toContain('missing: no such file');
  });
});
