/** A node that is not believed: what it proves is taken, and every lie is an error. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, type Hex, toHex32 } from '../../../src/primitives/bytes.ts';
import { diskCache } from '../../../src/state/readers/rpc/disk-cache.ts';
import { headerHash } from '../../../src/state/readers/rpc/header-hash.ts';
import { type FetchResponse, openRpcState, type RpcOptions } from '../../../src/state/readers/rpc/index.ts';
import { Anvil } from '../../helpers/anvil.ts';
import { code, push, returnTop } from '../../helpers/assembler.ts';
import { errorOf, view } from './support.ts';

const CONTRACT = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0001n;
const PERSON = 0xca11_0000_0000_0000_0000_0000_0000_0000_0000_0002n;
const NOBODY = 0xdead_0000_0000_0000_0000_0000_0000_0000_0000_0003n;
const RUNTIME = code(push(1), returnTop);
const ITEMS = {
  accounts: [CONTRACT, PERSON, NOBODY],
  slots: [0n, 1n, 2n, 77n].map((key) => [CONTRACT, key] as const),
};

const hexOf = (address: bigint): Hex => `0x${address.toString(16).padStart(40, '0')}`;

let anvil: Anvil;
let block: Hex;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'erbium-rpc-'));
  anvil = await Anvil.start('--hardfork', 'prague', '--accounts', '4');
  await anvil.rpc('anvil_setCode', hexOf(CONTRACT), bytesToHex(RUNTIME));
  await anvil.rpc('anvil_setBalance', hexOf(PERSON), '0x7b');
  for (const key of [0n, 1n, 77n]) {
    await anvil.rpc('anvil_setStorageAt', hexOf(CONTRACT), toHex32(key), toHex32(2n ** 256n - 1n - key));
  }
  await anvil.rpc('anvil_mine', '0x8');
  block = (await anvil.rpc<{ hash: Hex }>('eth_getBlockByNumber', 'latest', false)).hash;
  // Set while a block is the newest, it would be changed in that block, whose root stays.
  await anvil.rpc('anvil_mine', '0x1');
  await anvil.rpc('anvil_setBalance', hexOf(PERSON), '0x7c');
  await anvil.rpc('anvil_mine', '0x1');
});
afterAll(async () => {
  await anvil?.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Lie = (method: string, result: unknown) => unknown;

/** `fetch` by way of someone who changes results. */
const through =
  (lie: Lie) =>
  async (url: string, init: RequestInit): Promise<FetchResponse> => {
    const response = await fetch(url, init);
    const asked = [JSON.parse(init.body as string)].flat() as { id: number; method: string }[];
    const answers = [await response.json()].flat() as { id: number; result: unknown }[];
    const changed = answers.map((answer) => {
      const { method } = asked.find(({ id }) => id === answer.id)!;
      return { ...answer, result: lie(method, answer.result) };
    });
    return new Response(JSON.stringify(changed.length === 1 ? changed[0] : changed));
  };

const open = (options: RpcOptions = {}) =>
  openRpcState(anvil.url, { block, verify: true, sleep: async () => {}, ...options });

describe('an honest node', () => {
  it('proves what it says', async () => {
    const proven = await open();
    const plain = await openRpcState(anvil.url, { block });
    expect(proven.block).toEqual(plain.block);
    await proven.load(ITEMS);
    await plain.load(ITEMS);
    expect(view(proven, ITEMS)).toEqual(view(plain, ITEMS));
    expect(proven.account(PERSON)?.balance).toBe(123n);
    expect(proven.account(NOBODY)).toBe(undefined);
    for (const state of [proven, plain]) {
      for (const address of ITEMS.accounts) state.hasStorage(address);
      for (let number = 0n; number <= state.block.number; number++) state.blockHash(number);
      await state.load();
    }
    expect(ITEMS.accounts.map((address) => proven.hasStorage(address))).toEqual([true, false, false]);
    for (let number = 0n; number <= proven.block.number; number++) {
      expect(proven.blockHash(number)).toBe(plain.blockHash(number));
      expect(proven.blockHash(number)).not.toBe(0n);
    }
    expect(proven.missing).toBe(null);
  });

  it('proves once what a cache keeps, and what was not proven is not taken from there', async () => {
    const cache = diskCache(directory);
    const plain = await openRpcState(anvil.url, { block, cache });
    await plain.load(ITEMS);
    const first = await open({ cache });
    await first.load(ITEMS);
    expect(first.requests).toBe(2);
    const second = await open({ cache });
    await second.load(ITEMS);
    expect(second.requests).toBe(0);
    expect(view(second, ITEMS)).toEqual(view(plain, ITEMS));
  });
});

describe('a node that lies about', () => {
  const field =
    (method: string, name: string, value: unknown): Lie =>
    (asked, result) =>
      asked === method ? { ...(result as object), [name]: value } : result;

  it.each([
    ['the state root', 'stateRoot'],
    ['the parent', 'parentHash'],
    ['the randomness', 'mixHash'],
  ])('%s in the header cannot be opened', async (_what, name) => {
    const error = await errorOf(open({ fetch: through(field('eth_getBlockByHash', name, toHex32(5n))) }));
    expect(error.code).toBe('REMOTE_STATE');
    expect(error.message).toContain('the header does not have its hash');
  });

  it.each([
    ['timestamp', '0x5'],
    ['gasLimit', '0x5'],
    ['baseFeePerGas', '0x5'],
    ['baseFeePerGas', null],
    ['excessBlobGas', '0x5'],
    ['miner', `0x${'1'.repeat(40)}`],
    ['difficulty', '0x1'],
    ['extraData', '0x01'],
    ['logsBloom', '0x'],
    ['requestsHash', null],
    ['blobGasUsed', null],
    ['parentBeaconBlockRoot', null],
    ['blockAccessListHash', toHex32(5n)],
    ['slotNumber', '0x5'],
  ])('%s in the header (%#) cannot be opened', async (name, value) => {
    const error = await errorOf(open({ fetch: through(field('eth_getBlockByHash', name, value)) }));
    expect(error.code).toBe('REMOTE_STATE');
  });

  it('fields after one that is absent gets no hash', async () => {
    const header = await anvil.rpc<Record<string, unknown>>('eth_getBlockByHash', block, false);
    expect(toHex32(headerHash(header)!)).toBe(block);
    expect(headerHash({ ...header, slotNumber: null, blockAccessListHash: undefined })).toBe(BigInt(block));
    expect(headerHash({ ...header, slotNumber: '0x5' })).toBeUndefined();
    expect(
      headerHash({ ...header, blockAccessListHash: toHex32(5n), slotNumber: '0x5' }),
    ).not.toBeUndefined();
    // Of a block before the base fee, the hash would be right whatever the blob fields say.
    const { baseFeePerGas: _, ...without } = header;
    const old = { ...without };
    for (const name of [
      'withdrawalsRoot',
      'blobGasUsed',
      'excessBlobGas',
      'parentBeaconBlockRoot',
      'requestsHash',
    ])
      delete old[name];
    expect(headerHash(old)).not.toBeUndefined();
    expect(headerHash({ ...old, excessBlobGas: '0x5' })).toBeUndefined();
    expect(headerHash(without)).toBeUndefined();
  });

  const slotLie =
    (change: object): Lie =>
    (method, result) => {
      if (method !== 'eth_getProof') return result;
      const { storageProof } = result as { storageProof: object[] };
      return { ...(result as object), storageProof: storageProof.map((slot) => ({ ...slot, ...change })) };
    };

  it.each<[string, Lie]>([
    ['a balance', field('eth_getProof', 'balance', '0x5')],
    ['a nonce', field('eth_getProof', 'nonce', '0x5')],
    ['the hash of a code', field('eth_getProof', 'codeHash', toHex32(5n))],
    ['the root of a storage', field('eth_getProof', 'storageHash', toHex32(5n))],
    ['whose account it is', field('eth_getProof', 'address', hexOf(5n))],
    ['a proof', field('eth_getProof', 'accountProof', [])],
    ['the form of a proof', field('eth_getProof', 'accountProof', '0x')],
    ['the size of a proof', field('eth_getProof', 'accountProof', new Array(66).fill('0x'))],
    ['the size of a node', field('eth_getProof', 'accountProof', [`0x${'00'.repeat(601)}`])],
    ['a slot', slotLie({ value: '0x5' })],
    ['which slot it is', slotLie({ key: '0x5' })],
    ['the proof of a slot', slotLie({ proof: [] })],
    ['which slots there are', field('eth_getProof', 'storageProof', [])],
    ['a code', (method, result) => (method === 'eth_getCode' ? '0x6002' : result)],
    ['there being no code', (method, result) => (method === 'eth_getCode' ? '0x' : result)],
  ])('%s gets an error', async (_what, lie) => {
    const state = await open({ fetch: through(lie) });
    const error = await errorOf(state.load(ITEMS));
    expect(error.code).toBe('REMOTE_STATE');
    expect(error.message).toMatch(/eth_get(Proof|Code) of (account|slot) 0x/);
    expect(ITEMS.accounts.map((address) => state.account(address))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('the block that the proof is of gets an error', async () => {
    const newest = await openRpcState(anvil.url);
    const fetchLatest = (url: string, init: RequestInit): Promise<Response> =>
      fetch(url, {
        ...init,
        body: (init.body as string).replaceAll(block.slice(2), toHex32(newest.block.hash).slice(2)),
      });
    const opened = await open();
    const state = await open({
      fetch: (url, init) => (init.body.includes('getProof') ? fetchLatest(url, init) : fetch(url, init)),
    });
    expect(state.block).toEqual(opened.block);
    expect((await errorOf(state.load({ accounts: [PERSON], slots: [] }))).code).toBe('REMOTE_STATE');
  });

  it('earlier blocks gets an error', async () => {
    const other = await anvil.rpc<object>('eth_getBlockByNumber', '0x2', false);
    for (const lie of [
      field('eth_getBlockByNumber', 'parentHash', toHex32(5n)),
      field('eth_getBlockByNumber', 'gasUsed', '0x5'),
      (method: string, result: unknown) => (method === 'eth_getBlockByNumber' ? other : result),
    ]) {
      const state = await open({ fetch: through(lie) });
      state.blockHash(4n);
      const error = await errorOf(state.load());
      expect(error.message).toMatch(/eth_getBlockByNumber of block \d: the header does not have the hash 0x/);
      expect(state.blockHash(4n)).toBe(0n);
    }
  });
});
