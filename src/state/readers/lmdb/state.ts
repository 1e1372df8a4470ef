/**
 * A state on disk. Owns what callers see of it: the state as it is, and as it was at the roots that are kept.
 *
 * Codes are kept by their hash and never removed, since counting who has a code would cost more than the codes do.
 * Block hashes belong to no version.
 */

import type { Address } from '../../../primitives/address.ts';
import { bytesToBigInt, bytesToHex, EMPTY_BYTES, toBytes32, toHex32 } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH } from '../../../primitives/keccak.ts';
import type { StateDiff } from '../../diff.ts';
import type { AccountProof } from '../../proof.ts';
import type { AccountInfo, StateReader, StateStore } from '../../reader.ts';
import { HashCache } from '../../root.ts';
import type { FrozenState } from '../json.ts';
import { commit } from './commit.ts';
import { type Head, readHead, recordAt } from './history.ts';
import {
  ALL_ACCOUNTS,
  accountKey,
  blockKey,
  codeKey,
  readVersion,
  rootKey,
  slotKey,
  slotsOf,
  versionOfKey,
} from './keys.ts';
import { prove } from './prove.ts';
import { accountOf, addressOf, hasStorageOf, slotKeyOf, slotValueOf } from './records.ts';
import { type Store, type StoreReader, type View, walk } from './store.ts';

/** Answers for blocks whose hash is not stored; 0 where it is unknown. */
export type BlockHashes = (number: bigint) => bigint;

/**
 * One change at a time: a diff is applied as a whole and lasts, whatever happens to the process or the machine
 * afterwards. Several processes may read while one writes. All methods throw an ErbiumError STORE_FAILURE, naming
 * the path, where the database fails, is closed, or is written to though it was opened for reading.
 */
export class LmdbState implements StateStore {
  private readonly store: Store;
  private readonly keep: number;
  private readonly blockHashes: BlockHashes;
  private readonly hashes = new HashCache();

  /** Use `openLmdbState`. */
  constructor(store: Store, keep: number, blockHashes: BlockHashes) {
    this.store = store;
    this.keep = keep;
    this.blockHashes = blockHashes;
  }

  /** Where the database is. */
  get path(): string {
    return this.store.path;
  }

  account(address: Address): AccountInfo | undefined {
    const record = this.store.peek(accountKey(this.hashes.address(address)));
    return record === undefined ? undefined : accountOf(record);
  }

  storage(address: Address, key: bigint): bigint {
    const { hashes, store } = this;
    const record = store.peek(slotKey(hashes.address(address), hashes.slot(key)));
    return record === undefined ? 0n : slotValueOf(record, store.peekedLength);
  }

  hasStorage(address: Address): boolean {
    const record = this.store.peek(accountKey(this.hashes.address(address)));
    return record !== undefined && hasStorageOf(record);
  }

  /** @throws ErbiumError INVALID_STATE for a hash of which no code was ever stored */
  code(codeHash: bigint): Uint8Array {
    return readCode(this.store, codeHash);
  }

  blockHash(number: bigint): bigint {
    return readBlockHash(this.store, number) ?? this.blockHashes(number);
  }

  /** Stores the hash of a block. */
  setBlockHash(number: bigint, hash: bigint): void {
    this.store.transact(() => writeBlockHash(this.store, number, hash));
  }

  /**
   * Makes all changes of a diff, and stores hashes of blocks with them. When this returns, they are on disk.
   *
   * Reading and applying are two steps: a diff holds values, not differences, so one that was made of what another
   * handle or process has changed since would undo that change. Where others write, take `version()` before the first
   * read and hand it over here.
   * @param ifVersion the version that the diff was made of; by default the diff is applied to whatever is there
   * @throws ErbiumError INVALID_ARGUMENT for a number that is too large or a code that has not the account's code
   * hash, STORE_FAILURE, also where the state is not at the version any more; nothing is changed then
   */
  apply(
    diff: StateDiff,
    blockHashes: Iterable<readonly [number: bigint, hash: bigint]> = [],
    ifVersion?: number,
  ): void {
    const { hashes, keep, store } = this;
    store.transact(() => {
      // Here and not before: within the transaction nobody else writes.
      if (ifVersion !== undefined) checkVersion(store, ifVersion);
      for (const [number, hash] of blockHashes) writeBlockHash(store, number, hash);
      commit(store, diff, hashes, keep);
    });
  }

  root(): Uint8Array {
    return readHead(this.store).root;
  }

  /** Number of commits. */
  version(): number {
    return readHead(this.store).version;
  }

  /**
   * Addresses of all accounts, in the order of their hashes. Changes made meanwhile may be seen or not; see `frozen`.
   */
  addresses(): IterableIterator<Address> {
    return addressesIn(this.store);
  }

  /** Non-zero slots of an account, in the order of the hashes of their keys; as `addresses`. */
  slots(address: Address): IterableIterator<readonly [key: bigint, value: bigint]> {
    return slotsIn(this.store, this.hashes.address(address));
  }

  /** Roots that can be read, one for each commit that is kept, newest first. */
  roots(): Uint8Array[] {
    const { store } = this;
    const { version, oldest } = readHead(store);
    const roots: Uint8Array[] = [];
    for (let past = version; past >= oldest; past--) roots.push(Uint8Array.from(store.get(rootKey(past))!));
    return roots;
  }

  /**
   * The state as it was at a root; at the newest commit with that root, if there are several.
   * @throws ErbiumError INVALID_STATE for a root that is not kept or never was; the state throws the same once its
   * root is not kept any more
   */
  at(root: Uint8Array): PastState {
    const { store } = this;
    const version = store.get(versionOfKey(root));
    const isKept = version !== undefined && readVersion(version, 0) >= readHead(store).oldest;
    if (!isKept) throw unkept(store, root);
    return new PastState(store, readVersion(version, 0), root.slice(), this.hashes, (number) =>
      this.blockHash(number),
    );
  }

  /** Proof of an account and of some of its slots, whether they are there or not. */
  proof(address: Address, keys: Iterable<bigint> = []): AccountProof {
    const { hashes, store } = this;
    return store.run(() => prove((key) => store.get(key), hashes, address, keys));
  }

  /** The records as they are now, for a reader that takes its time; closing it is the reader's part. */
  view(): View {
    return this.store.view();
  }

  /**
   * The state as it is now, whatever is applied later. Space that it needs is not used again until it is closed.
   */
  frozen(): FrozenState {
    return new FrozenLmdbState(this.view(), this.hashes, (number) => this.blockHash(number));
  }

  /** Whatever is called afterwards throws. */
  close(): Promise<void> {
    return this.store.close();
  }
}

/** The state at an older root. */
export class PastState implements StateReader {
  private readonly store: Store;
  private readonly version: number;
  private readonly rootHash: Uint8Array;
  private readonly hashes: HashCache;
  private readonly blockHashes: BlockHashes;

  /** Use `LmdbState.at`. */
  constructor(
    store: Store,
    version: number,
    rootHash: Uint8Array,
    hashes: HashCache,
    blockHashes: BlockHashes,
  ) {
    this.store = store;
    this.version = version;
    this.rootHash = rootHash;
    this.hashes = hashes;
    this.blockHashes = blockHashes;
  }

  account(address: Address): AccountInfo | undefined {
    const record = this.reader()(accountKey(this.hashes.address(address)));
    return record === undefined ? undefined : accountOf(record);
  }

  storage(address: Address, key: bigint): bigint {
    const record = this.reader()(slotKey(this.hashes.address(address), this.hashes.slot(key)));
    return record === undefined ? 0n : slotValueOf(record);
  }

  hasStorage(address: Address): boolean {
    const record = this.reader()(accountKey(this.hashes.address(address)));
    return record !== undefined && hasStorageOf(record);
  }

  /** @throws ErbiumError INVALID_STATE for a hash of which no code was ever stored */
  code(codeHash: bigint): Uint8Array {
    return readCode(this.store, codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.blockHashes(number);
  }

  root(): Uint8Array {
    return this.rootHash.slice();
  }

  /** As that of `LmdbState`, against this root. */
  proof(address: Address, keys: Iterable<bigint> = []): AccountProof {
    return this.store.run(() => prove(this.reader(), this.hashes, address, keys));
  }

  /** Reads entries as they were; to be used at once, since what it may read depends on the head. */
  private reader(): (key: Uint8Array) => Uint8Array | undefined {
    const { rootHash, store, version } = this;
    const head: Head = readHead(store);
    if (version < head.oldest) throw unkept(store, rootHash);
    return (key) => recordAt(store, key, version, head.version);
  }
}

/** The state as it was when the view was made. */
class FrozenLmdbState implements FrozenState {
  private readonly view: View;
  private readonly hashes: HashCache;
  private readonly blockHashes: BlockHashes;

  constructor(view: View, hashes: HashCache, blockHashes: BlockHashes) {
    this.view = view;
    this.hashes = hashes;
    this.blockHashes = blockHashes;
  }

  account(address: Address): AccountInfo | undefined {
    const record = this.view.get(accountKey(this.hashes.address(address)));
    return record === undefined ? undefined : accountOf(record);
  }

  storage(address: Address, key: bigint): bigint {
    const record = this.view.get(slotKey(this.hashes.address(address), this.hashes.slot(key)));
    return record === undefined ? 0n : slotValueOf(record);
  }

  hasStorage(address: Address): boolean {
    const record = this.view.get(accountKey(this.hashes.address(address)));
    return record !== undefined && hasStorageOf(record);
  }

  code(codeHash: bigint): Uint8Array {
    return readCode(this.view, codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.blockHashes(number);
  }

  addresses(): IterableIterator<Address> {
    return addressesIn(this.view);
  }

  slots(address: Address): IterableIterator<readonly [key: bigint, value: bigint]> {
    return slotsIn(this.view, this.hashes.address(address));
  }

  close(): void {
    this.view.close();
  }
}

function* addressesIn(reader: StoreReader): IterableIterator<Address> {
  for (const { value } of walk(reader, ALL_ACCOUNTS)) yield addressOf(value);
}

function* slotsIn(
  reader: StoreReader,
  owner: Uint8Array,
): IterableIterator<readonly [key: bigint, value: bigint]> {
  for (const { value } of walk(reader, slotsOf(owner))) {
    yield [slotKeyOf(value), slotValueOf(value)] as const;
  }
}

function checkVersion(store: StoreReader, expected: number): void {
  const { version } = readHead(store);
  if (version === expected) return;
  throw new ErbiumError(
    'STORE_FAILURE',
    `${store.path}: changed meanwhile: it is at version ${version}, not ${expected}`,
  );
}

const unkept = ({ path }: StoreReader, root: Uint8Array): ErbiumError =>
  new ErbiumError('INVALID_STATE', `${path}: the root ${bytesToHex(root)} is not kept`);

export function readCode(store: StoreReader, codeHash: bigint): Uint8Array {
  if (codeHash === EMPTY_CODE_HASH) return EMPTY_BYTES;
  const code = store.get(codeKey(codeHash));
  if (code === undefined) {
    throw new ErbiumError('INVALID_STATE', `${store.path}: no code with hash ${toHex32(codeHash)}`);
  }
  return Uint8Array.from(code);
}

function readBlockHash(store: Store, number: bigint): bigint | undefined {
  const key = blockKey(number);
  const hash = key === null ? undefined : store.get(key);
  return hash === undefined ? undefined : bytesToBigInt(hash);
}

function writeBlockHash(store: Store, number: bigint, hash: bigint): void {
  const key = blockKey(number);
  if (key === null) throw new ErbiumError('INVALID_ARGUMENT', `block number ${number} is not of 8 bytes`);
  if (hash < 0n || hash >> 256n !== 0n) {
    throw new ErbiumError('INVALID_ARGUMENT', `the hash of block ${number} is not of 32 bytes`);
  }
  store.put(key, toBytes32(hash));
}
