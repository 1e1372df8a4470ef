/** Every reader and every store of the house, held to the same suites. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/primitives/address.ts';
import { OverlayState } from '../../src/state/overlay.ts';
import { parseJsonState, toAlloc } from '../../src/state/readers/json.ts';
import { type LmdbState, openLmdbState } from '../../src/state/readers/lmdb/index.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import {
  RemoteState,
  type StateAnswer,
  type StateRequest,
  type StateSource,
} from '../../src/state/readers/remote.ts';
import { openRpcState } from '../../src/state/readers/rpc/index.ts';
import { RpcStub } from '../helpers/rpc-stub.ts';
import { loadMissing, type Opened, readerConformance, storeConformance } from './conformance.ts';
import {
  type BlockHashes,
  CODE,
  CONTENT,
  type Content,
  change,
  diffOfContent,
  GONE,
  memoryOf,
} from './contents.ts';

readerConformance('MemoryState', async (content, hashes) => ({ reader: memoryOf(content, hashes) }));
storeConformance('MemoryState', async (content, hashes) => ({ reader: memoryOf(content, hashes) }));

const throughJson = (content: Content): MemoryState =>
  parseJsonState(toAlloc(memoryOf(content)), 'alloc.json');

readerConformance('an alloc', async (content) => ({ reader: throughJson(content) }), { blockHashes: 'none' });
storeConformance('an alloc', async (content) => ({ reader: throughJson(content) }));

readerConformance('OverlayState with everything in it', async (content, hashes) => {
  const reader = new OverlayState(new MemoryState(hashes));
  reader.apply(diffOfContent(content));
  return { reader };
});

/** Half of the content below; of accounts in both halves, a part of the slots, and former ones to be undone. */
function halfAndHalf(content: Content, hashes: BlockHashes): OverlayState {
  const below = new Map(
    [...content].flatMap(([address, account], i) => {
      if (i % 3 === 0) return [];
      if (i % 3 === 1) return [[address, account] as const];
      const storage = [...(account.storage ?? [])].slice(1);
      return [[address, { balance: 5n, code: CODE, storage: [...storage, [999n, 1n] as const] }] as const];
    }),
  );
  const reader = new OverlayState(memoryOf(below, hashes));
  const above = [...diffOfContent(content)].filter((_, i) => i % 3 !== 1);
  reader.apply(
    new Map(
      above.map(([address, { account, storage, code }]) => [
        address,
        change({ account, storage: new Map([...storage, [999n, 0n]]), code }),
      ]),
    ),
  );
  return reader;
}

readerConformance('OverlayState over one half', async (content, hashes) => ({
  reader: halfAndHalf(content, hashes),
}));

/** A state in memory that answers later, as a node would, and counts how often it is asked. */
class SlowState implements StateSource {
  readonly requests: StateRequest[] = [];
  readonly state: MemoryState;

  constructor(state: MemoryState) {
    this.state = state;
  }

  async fetch(request: StateRequest): Promise<StateAnswer> {
    this.requests.push(request);
    await Promise.resolve();
    const { state } = this;
    return {
      accounts: request.accounts.map((address) => {
        const account = state.account(address);
        return account && { ...account, code: state.code(account.codeHash) };
      }),
      slots: request.slots.map(([address, key]) => state.storage(address, key)),
      storages: request.storages.map((address) => state.hasStorage(address)),
      blockHashes: request.blockHashes.map((number) => state.blockHash(number)),
    };
  }
}

readerConformance(
  'RemoteState',
  async (content, hashes) => {
    const reader = new RemoteState(new SlowState(memoryOf(content, hashes)));
    return { reader, load: () => loadMissing(reader) };
  },
  { refusesForeignCode: false },
);

/** A database in a folder of its own, with a content. */
async function onDisk(content: Content, hashes: BlockHashes): Promise<Opened<LmdbState>> {
  const path = mkdtempSync(join(tmpdir(), 'erbium-test-'));
  const reader = await openLmdbState(path, { keep: 2, blockHash: hashes });
  reader.apply(diffOfContent(content));
  const close = async () => {
    await reader.close();
    rmSync(path, { recursive: true, force: true });
  };
  return { reader, close };
}

readerConformance('LmdbState', onDisk);
storeConformance('LmdbState', onDisk);

readerConformance('LmdbState at a former root', async (content, hashes) => {
  const { reader, close } = await onDisk(content, hashes);
  const root = reader.root();
  const gone = [...content.keys()].map((address) => [address, GONE] as const);
  reader.apply(new Map([...gone, [1n << 100n, change({})]]));
  return { reader: reader.at(root), close: close! };
});

readerConformance(
  'RpcState',
  async (content) => {
    const stub = await RpcStub.start({ state: memoryOf(content) });
    const reader = await openRpcState(stub.url);
    return { reader, load: () => loadMissing(reader), close: () => stub.stop() };
  },
  { blockHashes: 'own', emptyAccounts: false, refusesForeignCode: false },
);

describe('RemoteState', () => {
  const remote = () => {
    const source = new SlowState(memoryOf(CONTENT, (number) => number));
    return { source, reader: new RemoteState(source) };
  };

  it('notes what is missing, the first item in words, and fetches each item once', async () => {
    const { source, reader } = remote();
    expect(reader.missing).toBeNull();
    expect(reader.account(2n)).toBeUndefined();
    expect(reader.missing).toBe('account 0x0000000000000000000000000000000000000002');
    reader.account(2n);
    expect(reader.storage(2n, 0n)).toBe(0n);
    expect(reader.hasStorage(4n)).toBe(false);
    expect(reader.blockHash(7n)).toBe(0n);
    await reader.load();
    expect(reader.missing).toBeNull();
    expect(source.requests).toEqual([
      { accounts: [2n, 4n], slots: [[2n, 0n]], storages: [4n], blockHashes: [7n] },
    ]);
    expect(reader.account(2n)?.nonce).toBe(1n);
    expect(reader.storage(2n, 0n)).toBe(7n);
    expect([reader.hasStorage(4n), reader.blockHash(7n)]).toEqual([true, 7n]);
    expect(reader.missing).toBeNull();
    await reader.load();
    expect(source.requests).toHaveLength(1);
  });

  it('knows that an absent account has nothing', async () => {
    const { source, reader } = remote();
    reader.account(55n);
    await reader.load();
    expect([reader.storage(55n, 1n), reader.hasStorage(55n), reader.missing]).toEqual([0n, false, null]);
    expect(source.requests).toHaveLength(1);
  });

  it.each<[string, (reader: RemoteState) => void, string]>([
    [
      'a slot',
      (reader) => reader.storage(2n, 10n),
      'slot 0x000000000000000000000000000000000000000000000000000000000000000a of account 0x0000000000000000000000000000000000000002',
    ],
    [
      'storage',
      (reader) => reader.hasStorage(2n),
      'whether account 0x0000000000000000000000000000000000000002 has storage',
    ],
    ['a block hash', (reader) => reader.blockHash(5n), 'hash of block 5'],
  ])('names %s', async (_what, ask, words) => {
    const { reader } = remote();
    await reader.load({ accounts: [2n], slots: [] });
    ask(reader);
    expect(reader.missing).toBe(words);
  });

  it('loads what is named beside what is missing', async () => {
    const { source, reader } = remote();
    await reader.load({
      accounts: [0n, 2n],
      slots: [
        [2n, 0n],
        [3n, 1n],
      ],
    });
    expect(source.requests[0]).toMatchObject({
      accounts: [0n, 2n, 3n],
      slots: [
        [2n, 0n],
        [3n, 1n],
      ],
    });
    expect(reader.storage(2n, 0n)).toBe(7n);
    expect(reader.missing).toBeNull();
    await reader.load({ accounts: [0n], slots: [[2n, 0n]] });
    expect(source.requests).toHaveLength(1);
  });

  it('still misses what could not be had', async () => {
    const { source, reader } = remote();
    let broken = true;
    const { fetch } = source;
    source.fetch = async (request) => {
      if (broken) throw new Error('no node');
      return fetch.call(source, request);
    };
    reader.account(2n);
    const loading = reader.load();
    reader.account(3n);
    await expect(loading).rejects.toThrow('no node');
    expect(reader.missing).toBe('account 0x0000000000000000000000000000000000000002');
    broken = false;
    await reader.load();
    expect(source.requests[0]?.accounts).toEqual([2n, 3n]);
    expect(reader.account(3n)?.balance).toBeGreaterThan(0n);
    expect(reader.missing).toBeNull();
  });

  it.each<[string, Partial<StateAnswer>]>([
    ['accounts', { accounts: [] }],
    ['slots', { slots: [] }],
    ['storages', { storages: [true, true] }],
    ['blockHashes', { blockHashes: [] }],
  ])('refuses a source that answers with too few or too many %s, and keeps nothing', async (what, part) => {
    const { source, reader } = remote();
    const { fetch } = source;
    source.fetch = async (request) => ({ ...(await fetch.call(source, request)), ...part });
    reader.account(2n);
    reader.storage(2n, 0n);
    reader.hasStorage(2n);
    reader.blockHash(1n);
    await expect(reader.load()).rejects.toThrow(
      expect.objectContaining({ code: 'REMOTE_STATE', message: expect.stringContaining(what) }),
    );
    source.fetch = fetch;
    expect(reader.account(2n)).toBeUndefined();
    await reader.load();
    expect(reader.account(2n)?.nonce).toBe(1n);
  });

  it('bears two loads at once', async () => {
    const { reader } = remote();
    const addresses: Address[] = [0n, 2n, 3n];
    for (const address of addresses) reader.account(address);
    const first = reader.load();
    for (const address of addresses) reader.account(address);
    await Promise.all([first, reader.load()]);
    expect(addresses.map((address) => reader.account(address) !== undefined)).toEqual([true, true, true]);
    expect(reader.missing).toBeNull();
  });
});
