/** What is read from an honest node: values, the pinned block, batches, and how a run finds out what it needs. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryState } from '../../../src/state/readers/memory.ts';
import { openRpcState } from '../../../src/state/readers/rpc/index.ts';
import { hashOfBlock, RpcStub } from '../../helpers/rpc-stub.ts';
import {
  CONTRACT,
  EXAMPLE,
  errorOf,
  exampleState,
  expectExample,
  NOBODY,
  PERSON,
  quick,
  view,
} from './support.ts';

const served = exampleState();
let stub: RpcStub;

beforeEach(async () => {
  stub = await RpcStub.start({ state: served });
});
afterEach(() => stub.stop());

describe('reading', () => {
  it('takes one request to open and one for a load', async () => {
    const state = await openRpcState(stub.url);
    expect(state.requests).toBe(1);
    await expectExample(state, served);
    expect(state.requests).toBe(2);
    await expectExample(state, served);
    expect(state.requests).toBe(2);
  });

  it('tells what is missing and fetches it', async () => {
    const state = await openRpcState(stub.url);
    expect(state.missing).toBe(null);
    expect(state.account(CONTRACT)).toBe(undefined);
    expect(state.storage(CONTRACT, 0n)).toBe(0n);
    expect(state.missing).toContain(`account 0x${CONTRACT.toString(16)}`);
    await state.load();
    expect(state.missing).toBe(null);
    expect(state.account(CONTRACT)?.balance).toBe(5n);
    expect(state.storage(CONTRACT, 0n)).toBe(7n);
    expect(state.storage(CONTRACT, 2n)).toBe(0n);
    expect(state.missing).toContain('slot');
  });

  it('asks for a proof only to know whether there is any storage', async () => {
    const state = await openRpcState(stub.url);
    await state.load({ accounts: [CONTRACT, PERSON, NOBODY], slots: [] });
    const methods = (): string[] =>
      stub.exchanges.flatMap(({ questions }) => questions.map(({ method }) => method));
    expect(methods()).not.toContain('eth_getProof');
    for (const address of [CONTRACT, PERSON, NOBODY]) state.hasStorage(address);
    await state.load();
    expect([CONTRACT, PERSON, NOBODY].map((address) => state.hasStorage(address))).toEqual([
      true,
      false,
      false,
    ]);
    expect(methods().filter((method) => method === 'eth_getProof')).toHaveLength(2);
  });

  it('knows the hashes of the block and its parent, asks for earlier ones, and knows of no later ones', async () => {
    const state = await openRpcState(stub.url);
    const numbers = [101n, 100n, 99n, 98n, 3n];
    for (const number of numbers) state.blockHash(number);
    await state.load();
    expect(numbers.map((number) => state.blockHash(number))).toEqual([
      0n,
      ...[100n, 99n, 98n, 3n].map((n) => hashOfBlock(n)),
    ]);
    const asked = stub.exchanges
      .slice(1)
      .flatMap(({ questions }) => questions.map(({ params }) => params[0]));
    // The last one is the check that the pinned block is still there.
    expect(asked).toEqual(['0x62', '0x3', '0x64']);
  });

  it('takes slots of 32 bytes and of the shortest form', async () => {
    stub.misbehaviour = ({ honest, questions, send }) => {
      if (questions[0]!.method === 'eth_chainId') return false;
      const short = (value: unknown): string => `0x${BigInt(value as string).toString(16)}`;
      send(
        honest().map((a, i) =>
          questions[i]!.method === 'eth_getStorageAt' ? { ...a, result: short(a.result) } : a,
        ),
      );
      return true;
    };
    await expectExample(await openRpcState(stub.url), served);
  });

  it('takes code of up to a mebibyte', async () => {
    const code = new Uint8Array(2 ** 20).fill(0x5b);
    stub.misbehaviour = ({ honest, questions, send }) => {
      if (questions[0]!.method === 'eth_chainId') return false;
      const result = `0x${'5b'.repeat(code.length)}`;
      send(honest().map((a, i) => (questions[i]!.method === 'eth_getCode' ? { ...a, result } : a)));
      return true;
    };
    const state = await openRpcState(stub.url);
    await state.load({ accounts: [PERSON], slots: [] });
    const bytes = state.code(state.account(PERSON)!.codeHash);
    expect(bytes.length).toBe(code.length);
    expect(bytes.every((byte) => byte === 0x5b)).toBe(true);
  });

  it('sends headers, and user and password of the URL as basic authorization', async () => {
    const url = stub.url.replace('//', '//us%40er:p%C3%A4ss@');
    await openRpcState(`${url}/v2/key?token=1`, { headers: { 'x-key': 'k' } });
    const { headers } = stub.exchanges[0]!;
    expect(headers['x-key']).toBe('k');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('us@er:päss').toString('base64')}`);
  });
});

describe('the pinned block', () => {
  it('is there with its header', async () => {
    const { block, chainId } = await openRpcState(stub.url);
    expect(chainId).toBe(1n);
    expect(block).toEqual({
      chainId: 1n,
      number: 100n,
      hash: hashOfBlock(100n),
      parentHash: hashOfBlock(99n),
      stateRoot: BigInt(`0x${Buffer.from(served.root()).toString('hex')}`),
      timestamp: 1_700_000_100n,
      coinbase: 0xc0n,
      gasLimit: 30_000_000n,
      difficulty: 0n,
      prevRandao: 107n,
      baseFee: 7n,
      blobGasUsed: 0x20000n,
      excessBlobGas: 0x40000n,
    });
  });

  it.each([
    ['latest', 100n],
    ['safe', 98n],
    ['finalized', 96n],
    [42, 42n],
    [42n, 42n],
    [0, 0n],
    [`0x${hashOfBlock(17n).toString(16).padStart(64, '0')}`, 17n],
  ] as const)('can be named %s', async (block, number) => {
    const state = await openRpcState(stub.url, { block: block as 'latest' });
    expect(state.block.number).toBe(number);
    expect(state.block.hash).toBe(hashOfBlock(number));
  });

  it('is named by hash in every question about the state', async () => {
    await expectExample(await openRpcState(stub.url, { block: 42n }), served);
    const { questions } = stub.exchanges[1]!;
    const name = {
      blockHash: `0x${hashOfBlock(42n).toString(16).padStart(64, '0')}`,
      requireCanonical: false,
    };
    for (const { params } of questions) expect(params.at(-1)).toEqual(name);
  });

  it('is named by number where the node knows no hashes, and then checked after each load', async () => {
    const old = await RpcStub.start({ state: served, byHash: false });
    try {
      const state = await openRpcState(old.url, quick());
      await expectExample(state, served);
      await state.load({ accounts: [1n], slots: [] });
      // Opening, the load by hash, the load by number, its check; the next load and its check.
      expect(state.requests).toBe(6);
      expect(old.exchanges.slice(2).map(({ questions }) => questions[0]!.params.at(-1))).toEqual([
        '0x64',
        false,
        '0x64',
        false,
      ]);
    } finally {
      await old.stop();
    }
  });

  it('stays itself in a reorganisation where it is named by hash', async () => {
    const state = await openRpcState(stub.url, quick());
    stub.reorganisedFrom = 90n;
    await expectExample(state, served);
    state.blockHash(95n);
    const error = await errorOf(state.load());
    expect(error.code).toBe('REMOTE_STATE');
    expect(error.message).toMatch(/eth_getBlockByNumber of block 100: .*reorganised/);
  });

  it('is an error in a reorganisation where it is named by number', async () => {
    const old = await RpcStub.start({ state: served, byHash: false });
    try {
      const state = await openRpcState(old.url, quick());
      await state.load({ accounts: [CONTRACT], slots: [] });
      // In the middle of a load: its answers are of the old chain, its check finds the new one.
      old.misbehaviour = ({ questions }) => {
        if (questions[0]!.method === 'eth_getBlockByNumber') old.reorganisedFrom = 100n;
        return false;
      };
      const error = await errorOf(state.load({ accounts: [PERSON], slots: [] }));
      expect(error.code).toBe('REMOTE_STATE');
      expect(error.message).toContain('the chain was reorganised');
      expect(state.account(PERSON)).toBe(undefined);
      expect(state.account(CONTRACT)?.balance).toBe(5n);
    } finally {
      await old.stop();
    }
  });

  it('is an error where there is none, or another than asked for', async () => {
    expect((await errorOf(openRpcState(stub.url, { block: 101 }))).message).toBe(
      `${stub.url}: eth_getBlockByNumber of block 101: there is no such block`,
    );
    stub.misbehaviour = ({ honest, send }) => {
      const [chain, block] = honest();
      send([
        chain,
        { ...block, result: { ...(block!.result as object), number: '0x5', hash: `0x${'0'.repeat(64)}` } },
      ]);
      return true;
    };
    expect((await errorOf(openRpcState(stub.url, { block: 6 }))).message).toContain('another block');
    const hash = `0x${hashOfBlock(6n).toString(16).padStart(64, '0')}` as const;
    expect((await errorOf(openRpcState(stub.url, { block: hash }))).message).toContain('another block');
  });

  it('is of the chain that is demanded', async () => {
    expect((await openRpcState(stub.url, { chainId: 1 })).chainId).toBe(1n);
    const error = await errorOf(openRpcState(stub.url, { chainId: 5 }));
    expect(error.message).toBe(`${stub.url}: eth_chainId of the chain: it is chain 1, not 5`);
  });

  it('may be of a chain whose headers have fewer fields', async () => {
    stub.misbehaviour = ({ honest, send }) => {
      const [chain, block] = honest();
      const { baseFeePerGas, blobGasUsed, mixHash, difficulty, ...rest } = block!.result as Record<
        string,
        unknown
      >;
      send([chain, { ...block, result: { ...rest, excessBlobGas: null } }]);
      return true;
    };
    const { block } = await openRpcState(stub.url);
    expect([block.baseFee, block.blobGasUsed, block.excessBlobGas, block.prevRandao]).toEqual([
      0n,
      undefined,
      undefined,
      0n,
    ]);
  });
});

describe('batches', () => {
  const many = { accounts: Array.from({ length: 50 }, (_, i) => BigInt(i + 1)), slots: [] };

  it('are as large as allowed, and single questions are no list', async () => {
    const state = await openRpcState(stub.url, { batchSize: 7, concurrency: 1 });
    await state.load(many);
    const sizes = stub.exchanges.slice(1).map(({ questions }) => questions.length);
    expect(sizes).toEqual([...new Array(21).fill(7), 3]);
    const single = await openRpcState(stub.url, { batchSize: 1 });
    await single.load(EXAMPLE);
    expect(view(single, EXAMPLE)).toEqual(view(served, EXAMPLE));
    expect(stub.exchanges.slice(23).every(({ body }) => !Array.isArray(body))).toBe(true);
  });

  it('run beside each other, but not too many', async () => {
    let open = 0;
    let most = 0;
    stub.misbehaviour = ({ response }) => {
      open++;
      most = Math.max(most, open);
      response.on('close', () => open--);
      return false;
    };
    const state = await openRpcState(stub.url, { batchSize: 1, concurrency: 3 });
    await state.load(many);
    expect(most).toBeLessThanOrEqual(3);
    expect(state.requests).toBe(152);
  });

  it('never use an id twice', async () => {
    const state = await openRpcState(stub.url, { batchSize: 4 });
    await state.load(many);
    const ids = stub.exchanges.flatMap(({ questions }) => questions.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('options', () => {
  it.each([
    ['url', 'ftp://host', {}],
    ['url', 'no url', {}],
    ['block', '', { block: 'pending' }],
    ['block', '', { block: -1n }],
    ['block', '', { block: 1.5 }],
    ['block', '', { block: '0x12' }],
    ['batchSize', '', { batchSize: 0 }],
    ['concurrency', '', { concurrency: Number.NaN }],
    ['retries', '', { retries: -1 }],
    ['timeout', '', { timeout: 2 ** 31 }],
    ['maxResponseBytes', '', { maxResponseBytes: '1' }],
    ['chainId', '', { chainId: -1 }],
    ['fetch', '', { fetch: 1 }],
    ['sleep', '', { sleep: 1 }],
    ['cache', '', { cache: {} }],
    ['signal', '', { signal: {} }],
    ['headers', '', { headers: null }],
    ['options', '', null],
    ['options.blok', '', { blok: 1 }],
    ['verify', '', { verify: 1 }],
  ])('%s is named where it is wrong (%#)', async (field, url, options) => {
    const error = await errorOf(openRpcState(url || stub.url, options as object));
    expect(['INVALID_ARGUMENT', 'INVALID_NUMBER']).toContain(error.code);
    expect(error.message.startsWith(`${field}: `)).toBe(true);
    expect(stub.exchanges).toHaveLength(0);
  });
});

describe('random states and random loads', () => {
  const address = fc.integer({ min: 1, max: 6 }).map(BigInt);
  const key = fc.integer({ min: 0, max: 3 }).map(BigInt);
  const account = fc.record({
    nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    balance: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    code: fc.uint8Array({ maxLength: 40 }),
    storage: fc.array(fc.tuple(key, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })), { maxLength: 4 }),
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('account' as const), address, key }),
    fc.record({ kind: fc.constant('slot' as const), address, key }),
    fc.record({ kind: fc.constant('has' as const), address, key }),
    fc.record({ kind: fc.constant('load' as const), address, key }),
  );

  it('give what the state in memory gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(address, account), { maxLength: 6 }),
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        async (accounts, steps, batchSize) => {
          const memory = new MemoryState();
          for (const [at, input] of accounts) memory.put(at, input);
          const node = await RpcStub.start({ state: memory });
          try {
            const state = await openRpcState(node.url, { batchSize });
            for (const { kind, address, key } of steps) {
              if (kind === 'load') await state.load({ accounts: [address], slots: [[address, key]] });
              const before = state.missing;
              const ask = (reader: typeof memory | typeof state): unknown => {
                if (kind === 'slot') return reader.storage(address, key);
                if (kind === 'has') return reader.hasStorage(address);
                const info = reader.account(address);
                return info === undefined
                  ? undefined
                  : [info.nonce, info.balance, reader.code(info.codeHash)];
              };
              const first = ask(state);
              // The first answer may be a guess, and that shows; after a load none is.
              if (before === null && state.missing === null) expect(first).toEqual(ask(memory));
              await state.load();
              const second = ask(state);
              if (state.missing === null) expect(second).toEqual(ask(memory));
              else {
                await state.load();
                expect(ask(state)).toEqual(ask(memory));
              }
            }
          } finally {
            await node.stop();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
