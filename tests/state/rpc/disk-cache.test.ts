/** The cache on disk: what a second run finds there, and that nothing bad is taken from it. */

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskCache } from '../../../src/state/readers/rpc/disk-cache.ts';
import { openRpcState, type RpcCache, type RpcOptions } from '../../../src/state/readers/rpc/index.ts';
import { hashOfBlock, RpcStub } from '../../helpers/rpc-stub.ts';
import { CONTRACT, EXAMPLE, errorOf, exampleState, expectExample, PERSON, quick } from './support.ts';

const served = exampleState();
let stub: RpcStub;
let directory: string;
let options: RpcOptions;

beforeEach(async () => {
  stub = await RpcStub.start({ state: served });
  directory = mkdtempSync(join(tmpdir(), 'erbium-rpc-'));
  options = quick({ cache: diskCache(join(directory, 'a', 'b')), block: 50n });
});
afterEach(async () => {
  await stub.stop();
  rmSync(directory, { recursive: true, force: true });
});

const files = (): string[] =>
  readdirSync(join(directory, 'a', 'b')).map((name) => join(directory, 'a', 'b', name));
const blockFile = (): string => files().find((name) => name.includes('chain-1-block-'))!;
const hash = `0x${hashOfBlock(50n).toString(16).padStart(64, '0')}` as const;

/** Opens, loads everything that is tested, and tells how many requests that took. */
async function requests(more: RpcOptions = {}): Promise<number> {
  const state = await openRpcState(stub.url, { ...options, ...more });
  await expectExample(state, served);
  state.hasStorage(CONTRACT);
  state.hasStorage(PERSON);
  state.blockHash(20n);
  await state.load();
  expect([state.hasStorage(CONTRACT), state.hasStorage(PERSON), state.blockHash(20n)]).toEqual([
    true,
    false,
    hashOfBlock(20n),
  ]);
  return state.requests;
}

describe('a second run', () => {
  it('needs no node for a block given by hash', async () => {
    expect(await requests({ block: hash })).toBe(4);
    expect(await requests({ block: hash })).toBe(0);
    await stub.stop();
    expect(await requests({ block: hash })).toBe(0);
    expect(await requests({ block: hash, chainId: 1 })).toBe(0);
    stub = await RpcStub.start({ state: served });
  });

  it('asks the node about a block given by number, and does without where it is not there', async () => {
    await requests();
    expect(await requests()).toBe(1);
    await stub.stop();
    expect(await requests()).toBe(1);
    const error = await errorOf(openRpcState(stub.url, { ...options, block: 51 }));
    expect(error.message).toContain('no connection (ECONNREFUSED), 6 times');
    expect((await errorOf(openRpcState(stub.url, { ...options, block: 'latest' }))).code).toBe(
      'REMOTE_STATE',
    );
    stub = await RpcStub.start({ state: served });
  });

  it('says what is not there without the node', async () => {
    await requests();
    await stub.stop();
    const state = await openRpcState(stub.url, options);
    const error = await errorOf(state.load({ accounts: [99n], slots: [] }));
    expect(error.message).toContain('of account 0x0000000000000000000000000000000000000063: no connection');
    await expectExample(await openRpcState(stub.url, options), served);
    stub = await RpcStub.start({ state: served });
  });

  it('takes another block under the same number from the node', async () => {
    await requests();
    stub.reorganisedFrom = 50n;
    const state = await openRpcState(stub.url, options);
    expect(state.block.hash).toBe(hashOfBlock(50n, 1n));
    await expectExample(state, served);
    expect(state.requests).toBe(2);
  });

  it('takes nothing from another block or chain', async () => {
    await requests();
    expect(await requests({ block: 51n })).toBe(4);
    const other = await RpcStub.start({ state: served, chainId: 5n });
    try {
      const state = await openRpcState(other.url, { ...options, block: hash });
      expect(state.chainId).toBe(5n);
      await expectExample(state, served);
      expect(state.requests).toBe(2);
    } finally {
      await other.stop();
    }
    // Nor is the endpoint's chain believed where another is demanded.
    expect(
      (await errorOf(openRpcState(stub.url, { ...options, block: hash, chainId: 5n + 1n }))).message,
    ).toContain('not 6');
  });

  it('finds what several loads and several states at once have left', async () => {
    const states = await Promise.all([1, 2, 3].map(() => openRpcState(stub.url, options)));
    await Promise.all(
      states.map((state, i) =>
        state.load({ accounts: [EXAMPLE.accounts].flatMap((a) => [...a]).slice(i, i + 1), slots: [] }),
      ),
    );
    const state = await openRpcState(stub.url, options);
    await state.load({ accounts: EXAMPLE.accounts, slots: [] });
    expect(state.requests).toBe(1);
  });
});

describe('a damaged file', () => {
  const damages: readonly (readonly [what: string, damage: (file: string) => void])[] = [
    ['is empty', (file) => writeFileSync(file, '')],
    ['is gone', (file) => rmSync(file)],
    [
      'is garbage',
      (file) => writeFileSync(file, Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 256))),
    ],
    ['has a torn tail', (file) => truncateSync(file, readFileSync(file).length - 20)],
    [
      'has a flipped digit in every line',
      (file) => writeFileSync(file, readFileSync(file, 'latin1').replace(/[0-9](?=\n)/g, 'f')),
    ],
    [
      'has other values',
      (file) => writeFileSync(file, readFileSync(file, 'latin1').replaceAll(' 0x', ' 0x1')),
    ],
    ['has no line breaks', (file) => writeFileSync(file, readFileSync(file, 'latin1').replaceAll('\n', ' '))],
    ['has extra lines', (file) => appendFileSync(file, `\n\nslot-x 5\n0000000000000000 header {}\n \n  \n`)],
  ];

  it.each(damages)('that %s is made good by the node', async (_what, damage) => {
    await requests();
    for (const file of files()) damage(file);
    const first = await requests();
    expect(first).toBeLessThanOrEqual(4);
    // What was fetched again is there again, also after a torn tail.
    expect(await requests({ block: hash })).toBe(0);
  });

  it('that was torn at any place gives the right state', async () => {
    await requests();
    const whole = readFileSync(blockFile());
    for (let length = 0; length < whole.length; length += 37) {
      writeFileSync(blockFile(), whole.subarray(0, length));
      await requests();
      expect(await requests({ block: hash })).toBe(0);
    }
  });

  it('of another block under this name is worth nothing', async () => {
    await requests();
    const text = readFileSync(blockFile());
    const name = blockFile();
    await requests({ block: 51n });
    writeFileSync(files().find((file) => file.includes('chain-1') && file !== name)!, text);
    expect(await requests({ block: 51n })).toBe(4);
  });
});

describe('items that are not what they should be', () => {
  /** A cache whose checksums, if it had any, would be right. */
  const forged = (forge: (key: string, value: string) => string): RpcCache => {
    const parts = new Map<string, Map<string, string>>();
    return {
      read: async (part) =>
        new Map([...(parts.get(part) ?? [])].map(([key, value]) => [key, forge(key, value)])),
      append: async (part, items) => void parts.set(part, new Map([...(parts.get(part) ?? []), ...items])),
    };
  };

  it.each([
    ['', (): string => ''],
    ['0x', (): string => '0x'],
    ['{}', (): string => '{}'],
    ['longer', (_key: string, value: string): string => `${value} 0x1`],
    ['shorter', (_key: string, value: string): string => value.slice(0, -1)],
    [
      'of another block',
      (_key: string, value: string): string => value.replaceAll(hash, `0x${'1'.repeat(64)}`),
    ],
  ])('are asked for again (%s)', async (_what, forge) => {
    const cache = forged((key, value) =>
      key.startsWith('slot') && value !== '0x0' ? 'x' : forge(key, value),
    );
    await requests({ cache });
    expect(await requests({ cache })).toBeGreaterThan(1);
  });
});

describe('the directory', () => {
  it('has no secret in it', async () => {
    const url = stub.url.replace('//', '//user:secret@');
    const state = await openRpcState(`${url}/secret?key=secret`, options);
    await state.load(EXAMPLE);
    for (const file of files()) {
      expect(file).not.toContain('secret');
      expect(readFileSync(file, 'latin1')).not.toContain('secret');
    }
  });

  it('holds no file above the limit, and none that large is read', async () => {
    options = { ...options, cache: diskCache(join(directory, 'a', 'b'), { maxFileBytes: 1_200 }) };
    await requests();
    const size = readFileSync(blockFile()).length;
    expect(size).toBeLessThanOrEqual(1_200);
    expect(size).toBeGreaterThan(500);
    expect(await requests()).toBeGreaterThan(1);
    appendFileSync(blockFile(), '\n'.repeat(2_000));
    expect(await requests()).toBe(4);
  });

  it('that cannot be used is an error that names it', async () => {
    mkdirSync(join(directory, 'a'));
    writeFileSync(join(directory, 'a', 'b'), 'a file');
    const error = await errorOf(openRpcState(stub.url, options));
    expect(error.code).toBe('STORE_FAILURE');
    expect(error.message).toMatch(/a[/\\]b.*: ENOTDIR|: EEXIST/);
  });

  it.each([[() => diskCache('')], [() => diskCache('x', { maxFileBytes: 0 })]])('is checked (%#)', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('holds parts under plain names only', async () => {
    const error = await errorOf(diskCache(directory).read('../x'));
    expect(error.code).toBe('INVALID_ARGUMENT');
  });
});
