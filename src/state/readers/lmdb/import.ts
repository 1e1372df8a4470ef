/**
 * Makes a database of a snapshot, which may come from anywhere. Owns the checks of its records and the way in which
 * the database comes to its path: it is built beside it, without the marker that would let it be opened, and gets its
 * name when its root is that of the manifest. So neither an error nor the end of the process leaves half a state.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Address, addressFromBytes, addressToHex } from '../../../primitives/address.ts';
import { bytesToBigInt, bytesToHex, toHex32 } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccak256 } from '../../../primitives/keccak.ts';
import type { AccountDiff } from '../../diff.ts';
import type { AccountInfo } from '../../reader.ts';
import { HashCache } from '../../root.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { ChunkReader } from './chunk.ts';
import { write } from './commit.ts';
import { makeDirectory, syncDirectory, unreadable } from './files.ts';
import { Changes } from './history.ts';
import { codeKey } from './keys.ts';
import {
  type ChunkInfo,
  checkFile,
  MANIFEST_FILE,
  MAX_CHUNK_BYTES,
  readManifest,
  type SnapshotManifest,
  wrong,
} from './manifest.ts';
import { DATABASE_FILES, openStore, writeFormat, writeStart } from './open.ts';
import type { Store } from './store.ts';
import { compareHashes } from './trie.ts';

/** Accounts and slots, or codes, that are written at a time. */
const BATCH_ENTRIES = 20_000;
/** Fields of the longest record, that of an account. */
const MAX_FIELDS = 4;

/**
 * Makes a database of the snapshot in a directory. One import to a path at a time.
 * @param path where there is nothing yet, or an empty directory
 * @returns the manifest
 * @throws ErbiumError INVALID_STATE naming the file and the record that is not as it must be; UNREADABLE_FILE naming
 * the file that cannot be read; INVALID_ARGUMENT for a path where there is something; STORE_FAILURE
 */
export async function importSnapshot(directory: string, path: string): Promise<SnapshotManifest> {
  const manifest = readManifest(directory);
  checkFree(path);
  const building = `${resolve(path)}.importing`;
  clear(building);
  try {
    makeDirectory(building);
  } catch (error) {
    throw unreadable(building, error);
  }
  const { ino } = statSync(building);
  let isDone = false;
  try {
    const store = await openStore(building, false);
    try {
      await fill(store, directory, manifest);
    } finally {
      await store.close();
    }
    syncDirectory(building);
    move(building, path, ino);
    isDone = true;
  } finally {
    if (!isDone) rmSync(building, { recursive: true, force: true });
  }
  syncDirectory(dirname(building));
  return manifest;
}

function checkFree(path: string): void {
  let names: string[];
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
    names = readdirSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (names.length > 0) throw new ErbiumError('INVALID_ARGUMENT', `${path}: is not empty`);
}

/** Removes what an import that did not come to its end left behind, and nothing else. */
function clear(building: string): void {
  try {
    if (statSync(building, { throwIfNoEntry: false }) === undefined) return;
    const other = readdirSync(building).find((name) => !DATABASE_FILES.includes(name));
    if (other !== undefined) {
      throw new ErbiumError('INVALID_ARGUMENT', `${building}: holds ${other}, which is of no import`);
    }
    rmSync(building, { recursive: true });
  } catch (error) {
    throw unreadable(building, error);
  }
}

function move(building: string, path: string, ino: number): void {
  try {
    // Another import to the same path takes the directory of this one for a dead one's.
    if (statSync(building).ino !== ino) {
      throw new ErbiumError('STORE_FAILURE', `${path}: another import goes there`);
    }
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) rmdirSync(path);
    renameSync(building, path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function fill(store: Store, directory: string, manifest: SnapshotManifest): Promise<void> {
  const builder = new Builder(store);
  for (const chunk of manifest.chunks) {
    builder.addChunk(readChunk(directory, chunk), join(directory, chunk.file));
    // Others get their turn between two chunks.
    await new Promise((done) => setImmediate(done));
  }
  const { root, counts } = builder.finish();
  const path = join(directory, MANIFEST_FILE);
  for (const kind of ['accounts', 'slots', 'codes'] as const) {
    if (counts[kind] !== manifest[kind]) {
      throw wrong(path, `${kind}: is ${manifest[kind]}, but there are ${counts[kind]}`);
    }
  }
  if (bytesToHex(root) !== manifest.root) {
    throw wrong(path, `root: is ${manifest.root}, but that of the chunks is ${bytesToHex(root)}`);
  }
  store.transact(() => {
    writeStart(store, root);
    writeFormat(store);
  });
}

/** A chunk that is what the manifest says. */
function readChunk(directory: string, { file, bytes, sha256 }: ChunkInfo): Uint8Array {
  const path = join(directory, file);
  let chunk: Uint8Array;
  try {
    const size = checkFile(path, MAX_CHUNK_BYTES);
    if (size !== bytes) throw wrong(path, `has ${size} bytes, not ${bytes}`);
    chunk = readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  const hash = createHash('sha256').update(chunk).digest();
  if (bytesToHex(hash) !== sha256) throw wrong(path, `has the SHA-256 ${bytesToHex(hash)}, not ${sha256}`);
  return chunk;
}

/** An account whose slots may still follow. */
interface OpenAccount {
  readonly address: Address;
  readonly hash: Uint8Array;
  readonly info: AccountInfo;
  storage: Map<bigint, bigint>;
  /** Hash of the key of its last slot. */
  lastSlot: Uint8Array | null;
}

class Builder {
  private readonly store: Store;
  private readonly hashes = new HashCache(2 * BATCH_ENTRIES);
  private readonly counts = { accounts: 0, slots: 0, codes: 0 };
  private root: Uint8Array = EMPTY_ROOT;
  private lastCode: Uint8Array | null = null;
  private codes: (readonly [hash: bigint, code: Uint8Array])[] = [];
  private account: OpenAccount | null = null;
  private batch = new Map<Address, AccountDiff>();
  private batchEntries = 0;
  /** Where the record at hand is, for errors. */
  private place = '';

  constructor(store: Store) {
    this.store = store;
  }

  addChunk(chunk: Uint8Array, path: string): void {
    this.place = path;
    const records = new ChunkReader(chunk, path);
    for (let i = 0; records.hasMore(); i++) {
      this.place = `${path}: record ${i}`;
      this.add(records.next(this.place, MAX_FIELDS));
    }
    this.place = path;
    this.flushCodes();
  }

  finish(): { root: Uint8Array; counts: { accounts: number; slots: number; codes: number } } {
    this.flush();
    return { root: this.root, counts: this.counts };
  }

  private add(fields: readonly Uint8Array[]): void {
    const [first, second, third, fourth] = fields;
    if (fields.length === 1) this.addCode(first!);
    else if (fields.length === 2) this.addSlot(this.number(first!), this.number(second!));
    else if (fields.length === MAX_FIELDS)
      this.addAccount(first!, this.number(second!), this.number(third!), fourth!);
    else this.fail(`has ${fields.length} fields`);
    if (this.batchEntries >= BATCH_ENTRIES) this.flush();
  }

  private addCode(code: Uint8Array): void {
    if (this.account !== null) this.fail('a code stands behind an account');
    if (code.length === 0) this.fail('a code is empty');
    const hash = keccak256(code);
    this.checkOrder(this.lastCode, hash, 'code');
    this.lastCode = hash;
    this.codes.push([bytesToBigInt(hash), code]);
    this.counts.codes++;
    if (this.codes.length >= BATCH_ENTRIES) this.flushCodes();
  }

  private addAccount(addressBytes: Uint8Array, nonce: bigint, balance: bigint, code: Uint8Array): void {
    if (addressBytes.length !== 20) this.fail('an address is not 20 bytes');
    if (code.length !== 0 && code.length !== 32) this.fail('a code hash is not 32 bytes');
    if (nonce >> 64n !== 0n) this.fail('a nonce is not of 8 bytes');
    this.flushCodes();
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : bytesToBigInt(code);
    const address = addressFromBytes(addressBytes);
    if (code.length !== 0 && !this.store.has(codeKey(codeHash))) {
      this.fail(`account ${addressToHex(address)} has a code that is not there, ${toHex32(codeHash)}`);
    }
    if (code.length !== 0 && codeHash === EMPTY_CODE_HASH) this.fail('the hash of no code is left out');
    const hash = keccak256(addressBytes);
    this.checkOrder(this.account?.hash ?? null, hash, 'account');
    const info = { nonce, balance, codeHash };
    this.account = { address, hash, info, storage: new Map(), lastSlot: null };
    this.enter(this.account);
    this.counts.accounts++;
  }

  private addSlot(key: bigint, value: bigint): void {
    const account = this.account ?? this.fail('a slot stands before the first account');
    if (value === 0n) this.fail('a slot is 0');
    const hash = this.hashes.slot(key);
    this.checkOrder(account.lastSlot, hash, 'slot');
    account.lastSlot = hash;
    account.storage.set(key, value);
    this.batchEntries++;
    this.counts.slots++;
  }

  /** Puts an account into the batch. */
  private enter({ address, info, storage }: OpenAccount): void {
    this.batch.set(address, { account: info, storageCleared: false, storage, code: undefined });
    this.batchEntries++;
  }

  private checkOrder(last: Uint8Array | null, hash: Uint8Array, what: string): void {
    if (last === null) return;
    const order = compareHashes({ hash: last }, { hash });
    if (order === 0) this.fail(`the ${what} is there twice`);
    if (order > 0) this.fail(`the ${what} is not in order`);
  }

  private flushCodes(): void {
    const { codes, store } = this;
    if (codes.length === 0) return;
    store.transact(() => {
      for (const [hash, code] of codes) store.put(codeKey(hash), code);
    });
    this.codes = [];
  }

  private flush(): void {
    const { account, batch, hashes, store } = this;
    if (batch.size === 0) return;
    store.transact(() => {
      this.root = write(new Changes(store, 0, false), batch, hashes) ?? this.root;
    });
    this.batch = new Map();
    this.batchEntries = 0;
    if (account === null) return;
    // More slots may follow.
    account.storage = new Map();
    this.enter(account);
  }

  private number(bytes: Uint8Array): bigint {
    if (bytes.length > 32 || bytes[0] === 0) this.fail('a number is not in its shortest form');
    return bytesToBigInt(bytes);
  }

  private fail(reason: string): never {
    throw wrong(this.place, reason);
  }
}
