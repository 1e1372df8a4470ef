/** What is not a state, or cannot be opened, is told by an error that names the path; nothing else is touched. */

import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { describe, expect, it, vi } from 'vitest';
import { bytesToHex } from '../../../src/primitives/bytes.ts';
import type { StateDiff } from '../../../src/state/diff.ts';
import { openLmdbState } from '../../../src/state/readers/lmdb/index.ts';
import { EMPTY_ROOT } from '../../../src/state/trie.ts';
import { cleanUpAfterEach, directory, freshPath, holding, open } from './helpers.ts';

cleanUpAfterEach();

const PAGE = 4096;

const failure = (text: string): unknown =>
  expect.objectContaining({ code: 'STORE_FAILURE', message: expect.stringContaining(text) });

async function example(): Promise<string> {
  const path = freshPath();
  const state = await open(path);
  state.apply(new Map(Array.from({ length: 1000 }, (_, i) => [BigInt(i), holding(1n)])));
  await state.close();
  return path;
}

/** Writes into a database past its checks. */
async function tamper(path: string, key: string, value: string): Promise<void> {
  const db = openLmdb<Uint8Array, Uint8Array>({
    path,
    noSubdir: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync: false,
  });
  db.putSync(new TextEncoder().encode(key), new TextEncoder().encode(value));
  await db.close();
}

/** How many pages the newer of a file's two starts says there are. */
function pagesOf(path: string): number {
  const start = readFileSync(join(path, 'data.mdb')).subarray(0, 2 * PAGE);
  const [first, second] = [0, PAGE].map((at) => ({
    last: start.readBigUInt64LE(at + 144),
    transaction: start.readBigUInt64LE(at + 152),
  }));
  return Number((first!.transaction > second!.transaction ? first! : second!).last) + 1;
}

/** Commits, to fresh states in turn, until LMDB has taken and given back pages at the end, about one time in 300. */
async function untilShort(diff: () => StateDiff): Promise<{ path: string; size: number }> {
  for (;;) {
    const path = freshPath();
    for (let commit = 0; commit < 6; commit++) {
      const state = await open(path, { keep: 3 });
      state.apply(diff());
      await state.close();
      const { size } = statSync(join(path, 'data.mdb'));
      if (size < pagesOf(path) * PAGE) return { path, size };
    }
  }
}

describe('opening a state', () => {
  it('makes an empty one where there is none, in an empty directory too', async () => {
    for (const path of [join(directory(), 'a', 'b.db'), directory()]) {
      const state = await open(path);
      expect(bytesToHex(state.root())).toBe(bytesToHex(EMPTY_ROOT));
      expect([state.version(), state.roots().length, state.path]).toEqual([0, 1, path]);
      expect(state.proof(1n, [1n]).accountProof).toEqual([]);
      expect(statSync(join(path, 'data.mdb')).isFile()).toBe(true);
    }
  });

  it('finds what was there', async () => {
    const state = await open(await example(), { readOnly: true });
    expect([state.version(), state.account(5n)?.balance]).toEqual([1, 1n]);
  });

  it.each([{ keep: -1 }, { keep: 0.5 }, { keep: Number.NaN }, { mapSize: 0 }])(
    'refuses the option %o',
    async (options) => {
      const path = freshPath();
      await expect(openLmdbState(path, options)).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
      expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
    },
  );

  it('refuses a file, a path through a file, and a directory of something else', async () => {
    const path = directory();
    const file = join(path, 'file');
    writeFileSync(file, 'text');
    await expect(openLmdbState(file)).rejects.toThrow(failure(`${file}: is not a directory`));
    await expect(openLmdbState(join(file, 'below'))).rejects.toThrow(failure(join(file, 'below')));
    await expect(openLmdbState(path)).rejects.toThrow(failure(`${path}: holds file`));
    expect(readFileSync(file, 'utf8')).toBe('text');
  });

  it('refuses to read where there is nothing', async () => {
    for (const path of [freshPath(), directory()]) {
      await expect(openLmdbState(path, { readOnly: true })).rejects.toThrow(
        failure(`${path}: there is no database`),
      );
    }
  });

  it.each(['', 'text', 'text'.repeat(10_000)])('refuses a data file that is none (%#)', async (text) => {
    const path = directory();
    writeFileSync(join(path, 'data.mdb'), text);
    await expect(openLmdbState(path, { readOnly: text === '' })).rejects.toThrow(failure(path));
  });

  it.each([100, 4096, 8192, 20_000])('refuses a data file that was cut off at %i bytes', async (length) => {
    const path = await example();
    truncateSync(join(path, 'data.mdb'), length);
    await expect(openLmdbState(path)).rejects.toThrow(failure(path));
    await expect(openLmdbState(path, { readOnly: true })).rejects.toThrow(failure(path));
  });

  it('opens a database whose file ends before pages that are free, and no shorter one', async () => {
    let seed = 1;
    const below = (bound: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >>> 8) % bound;
    };
    const listOf = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);
    const slot = (): [bigint, bigint] => [BigInt(below(8)), BigInt(below(3))];
    const account = () => [BigInt(below(13)), holding(BigInt(below(3)), listOf(below(5), slot))] as const;
    const { path, size } = await untilShort(() => new Map(listOf(below(13), account)));
    const file = join(path, 'data.mdb');
    const state = await open(path, { readOnly: true });
    expect(state.root()).toEqual(state.roots()[0]);
    await state.close();
    truncateSync(file, size - 4 * PAGE);
    await expect(openLmdbState(path)).rejects.toThrow(failure(`${path}: data.mdb has ${size - 4 * PAGE}`));
  });

  it('refuses a database of something else', async () => {
    const path = directory();
    await tamper(path, 'key', 'value');
    await expect(openLmdbState(path)).rejects.toThrow(failure(`${path}: is a database of something else`));
  });

  it('refuses another format', async () => {
    const path = await example();
    await tamper(path, 'mformat', 'erbium-state 2');
    await expect(openLmdbState(path)).rejects.toThrow(failure(`${path}: has format 2; this version`));
    await tamper(path, 'mformat', 'other 1');
    await expect(openLmdbState(path)).rejects.toThrow(failure(path));
  });

  it('tells of a damaged head', async () => {
    const path = await example();
    await tamper(path, 'mhead', 'short');
    const state = await open(path);
    expect(() => state.root()).toThrow(failure(`${path}: the record of the head is damaged`));
    expect(() => state.apply(new Map())).toThrow(failure(path));
  });

  it('tells of a node that is damaged or missing', async () => {
    const path = await example();
    const key = new TextDecoder().decode(Uint8Array.of(0x6e, 0));
    await tamper(path, key, '123456?');
    const state = await open(path);
    expect(() => state.proof(1n)).toThrow(failure(`${path}: the record of a trie node is damaged`));
    expect(() => state.apply(new Map([[1n, holding(2n)]]))).toThrow(failure(path));
    expect([state.version(), state.account(1n)?.balance]).toEqual([1, 1n]);
  });

  it('opens a copy of its files', async () => {
    const path = await example();
    const copy = directory();
    copyFileSync(join(path, 'data.mdb'), join(copy, 'data.mdb'));
    expect((await open(copy)).account(999n)?.balance).toBe(1n);
  });

  it('is for reading only where it was opened so', async () => {
    const path = await example();
    const state = await open(path, { readOnly: true });
    expect(() => state.apply(new Map())).toThrow(failure(`${path}: is open for reading only`));
    expect(() => state.setBlockHash(1n, 1n)).toThrow(failure(path));
  });

  it('is closed once', async () => {
    const path = await example();
    const state = await open(path);
    const past = state.at(state.root());
    const view = state.view();
    const walk = state.addresses();
    walk.next();
    await state.close();
    await state.close();
    const closed = failure(`${path}: is closed`);
    expect(() => state.root()).toThrow(closed);
    expect(() => state.account(1n)).toThrow(closed);
    expect(() => state.storage(1n, 1n)).toThrow(closed);
    expect(() => state.apply(new Map())).toThrow(closed);
    expect(() => past.account(1n)).toThrow(closed);
    expect(() => view.get(Uint8Array.of(1))).toThrow(closed);
    expect(() => [...walk]).toThrow(closed);
  });

  it('tells where the package lmdb is not installed', async () => {
    vi.doMock('lmdb', () => {
      throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
    });
    try {
      await expect(openLmdbState(freshPath())).rejects.toThrow(failure('the package lmdb'));
    } finally {
      vi.doUnmock('lmdb');
    }
  });

  it('refuses a path at which it may not make a directory', async () => {
    const path = join('/proc', 'erbium-lmdb-none');
    await expect(openLmdbState(path)).rejects.toThrow(failure(path));
  });
});
