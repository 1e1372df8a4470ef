/**
 * Opens a state database. Owns the checks that what is at a path is one and can be read, and the format marker.
 *
 * A database is a directory with LMDB's two files. The package `lmdb` is optional and native, so it is loaded here,
 * when a database is opened, and nowhere else.
 */

import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { makeDirectory, syncDirectory } from './files.ts';
import { areFree } from './free-pages.ts';
import { writeHead } from './history.ts';
import { metaKey, rootKey, versionBytes, versionOfKey } from './keys.ts';
import { type BlockHashes, LmdbState } from './state.ts';
import { Store } from './store.ts';

const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

/** The names of a database's files. */
export const DATABASE_FILES: readonly string[] = [DATA_FILE, LOCK_FILE];

const DEFAULT_KEEP = 128;

// LMDB goes through its list of free space at every commit. In a state of 200,000 accounts, after commits of 10,000, a
// change of one account took 40 ms with the list's default length of 50,000 and takes 2 ms with this one, and the file
// grows no faster. The types of the package do not know the options.
const FREE_SPACE: object = { maxFreeSpaceToLoad: 1000, maxFreeSpaceToRetain: 2000 };

/** What the marker says, before the version of the format. */
const FORMAT_NAME = 'erbium-state ';
/** Goes up with every change of keys or records. */
const FORMAT_VERSION = 1;
const FORMAT_KEY = metaKey('format');

// LMDB's file starts with two pages of the same kind. After a header of 24 bytes they hold this number, and further on
// the length of a page, both in the machine's order.
const LMDB_MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const START_BYTES = 52;

/** The options of `openLmdbState`. */
export interface LmdbOptions {
  /** How many roots before the newest stay readable; default 128. With 0 nothing is remembered. */
  readonly keep?: number;
  /** Whether nothing is to be written; the database must be there then. */
  readonly readOnly?: boolean;
  /** Bytes of address space to start with; default is LMDB's, which grows as needed. */
  readonly mapSize?: number;
  /** Answers BLOCKHASH for blocks whose hash is not stored; without it such a hash is 0. */
  readonly blockHash?: BlockHashes;
}

/**
 * Opens the state at a path, or makes an empty one where there is none.
 * @param path a directory
 * @throws ErbiumError INVALID_ARGUMENT naming the option; STORE_FAILURE naming the path where it holds something
 * else, a database of a newer format, a damaged one, or none that can be opened, and where `lmdb` is not installed
 */
export async function openLmdbState(path: string, options: LmdbOptions = {}): Promise<LmdbState> {
  const { keep = DEFAULT_KEEP, readOnly = false, mapSize, blockHash = () => 0n } = options;
  checkCount('keep', keep, 0);
  if (mapSize !== undefined) checkCount('mapSize', mapSize, 1);
  const store = await openStore(path, readOnly, mapSize);
  try {
    if (store.size() === 0 && !readOnly) initialise(store);
    checkFormat(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return new LmdbState(store, keep, blockHash);
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ErbiumError('INVALID_ARGUMENT', `${name}: ${value} is not a whole number from ${least} on`);
}

/** Opens the database at a path, whatever is in it. */
export async function openStore(path: string, isReadOnly: boolean, mapSize?: number): Promise<Store> {
  prepare(path, isReadOnly);
  const { open } = await loadLmdb();
  let store: Store;
  try {
    const db = open<Uint8Array, Uint8Array>({
      ...FREE_SPACE,
      path,
      // Else a name with a dot would be a file.
      noSubdir: false,
      readOnly: isReadOnly,
      keyEncoding: 'binary',
      encoding: 'binary',
      // With it LMDB would return from a commit before it is on disk.
      overlappingSync: false,
      ...(mapSize === undefined ? {} : { mapSize }),
    });
    store = new Store(path, db, isReadOnly);
  } catch (error) {
    throw failure(path, (error as Error).message);
  }
  try {
    checkLength(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason =
      code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed: npm install lmdb' : `fails: ${message}`;
    throw new ErbiumError('STORE_FAILURE', `the package lmdb ${reason}`);
  }
}

/** Makes sure that LMDB will find its own file or an empty directory. */
function prepare(path: string, isReadOnly: boolean): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      if (isReadOnly) throw failure(path, 'there is no database');
      makeDirectory(path);
      return;
    }
    if (!found.isDirectory()) throw failure(path, 'is not a directory');
    const names = readdirSync(path);
    if (names.includes(DATA_FILE)) {
      checkStart(path, isReadOnly);
      return;
    }
    if (isReadOnly) throw failure(path, 'there is no database');
    const other = names.find((name) => name !== LOCK_FILE);
    if (other !== undefined) throw failure(path, `holds ${other}, so it is not made a database`);
  } catch (error) {
    if (error instanceof ErbiumError) throw error;
    throw failure(path, (error as Error).message);
  }
}

/** LMDB takes any file of the right name for its own, and ends the process over one without its first two pages. */
function checkStart(path: string, isReadOnly: boolean): void {
  const start = new Uint8Array(START_BYTES);
  const descriptor = openSync(join(path, DATA_FILE), 'r');
  let size: number;
  try {
    size = fstatSync(descriptor).size;
    readSync(descriptor, start, 0, START_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  // What a process that ended while it made a database leaves behind.
  if (size === 0 && !isReadOnly) return;
  const view = new DataView(start.buffer);
  const isLittle = view.getUint32(MAGIC_AT, true) === LMDB_MAGIC;
  if (!isLittle && view.getUint32(MAGIC_AT, false) !== LMDB_MAGIC) {
    throw failure(path, `${DATA_FILE} is not a database`);
  }
  const least = 2 * view.getUint32(PAGE_SIZE_AT, isLittle);
  if (size < least) throw failure(path, `${DATA_FILE} has ${size} bytes of ${least} at least`);
}

/** A read behind the end of a file that was cut off would end the process. */
function checkLength(store: Store): void {
  const descriptor = openSync(join(store.path, DATA_FILE), 'r');
  try {
    for (let before = -1; ; ) {
      const { pages, pageSize } = store.extent();
      const { size } = fstatSync(descriptor);
      if (size >= pages * pageSize || endsInFreePages(descriptor, size, pages, pageSize)) return;
      // Else another process has written meanwhile.
      if (pages === before)
        throw failure(store.path, `${DATA_FILE} has ${size} bytes of ${pages * pageSize}`);
      before = pages;
    }
  } finally {
    closeSync(descriptor);
  }
}

function endsInFreePages(descriptor: number, size: number, pages: number, pageSize: number): boolean {
  const read = (position: number, length: number): Uint8Array => {
    if (position + length > size) return new Uint8Array();
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
  };
  const isLittle = new DataView(read(MAGIC_AT, 4).buffer).getUint32(0, true) === LMDB_MAGIC;
  return areFree(read, pageSize, isLittle, Math.floor(size / pageSize), pages - 1);
}

function initialise(store: Store): void {
  store.transact(() => {
    writeStart(store, EMPTY_ROOT);
    writeFormat(store);
  });
  syncDirectory(store.path);
}

/** Writes the head of a state without history. */
export function writeStart(store: Store, root: Uint8Array): void {
  writeHead(store, { version: 0, oldest: 0, root });
  store.put(rootKey(0), root);
  store.put(versionOfKey(root), versionBytes(0));
}

/** Makes the database one that can be opened. */
export function writeFormat(store: Store): void {
  store.put(FORMAT_KEY, new TextEncoder().encode(`${FORMAT_NAME}${FORMAT_VERSION}`));
}

function checkFormat(store: Store): void {
  const { path } = store;
  const marker = store.get(FORMAT_KEY);
  const text = marker === undefined ? '' : new TextDecoder().decode(marker);
  if (!text.startsWith(FORMAT_NAME))
    throw failure(path, 'is a database of something else, or an unfinished one');
  const version = text.slice(FORMAT_NAME.length);
  if (version !== String(FORMAT_VERSION)) {
    throw failure(path, `has format ${version}; this version of Erbium reads format ${FORMAT_VERSION}`);
  }
}

const failure = (path: string, reason: string): ErbiumError =>
  new ErbiumError('STORE_FAILURE', `${path}: ${reason}`);
