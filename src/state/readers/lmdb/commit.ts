/**
 * One commit: what a diff does to the database. Owns the order of the steps; all of them run within a transaction.
 * The tries come before the entries that they are made of, since a leaf that moves takes its value from the entry as
 * it was.
 */

import { type Address, addressToHex, MAX_ADDRESS } from '../../../primitives/address.ts';
import { equalBytes, toHex32 } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../../primitives/keccak.ts';
import type { AccountDiff, StateDiff } from '../../diff.ts';
import type { AccountInfo } from '../../reader.ts';
import type { HashCache } from '../../root.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { Changes, type Head, readHead, writeHead } from './history.ts';
import {
  accountKey,
  codeKey,
  type KeyRange,
  nodesOf,
  readVersion,
  rootKey,
  rootsBetween,
  slotKey,
  slotsOf,
  versionBytes,
  versionOfKey,
  versionOfRootKey,
} from './keys.ts';
import { accountLeaf, encodeAccount, encodeSlot, sameRecord, slotLeaf, storageRootOf } from './records.ts';
import type { Store } from './store.ts';
import { StoredNodes } from './tables.ts';
import { compareHashes, type TrieChange, updateTrie } from './trie.ts';

const LIMIT = 1n << 256n;
const NONCE_LIMIT = 1n << 64n;

/** Entries that are removed at a time where an account loses its storage. */
const WIPED_AT_ONCE = 1000;

/** An account or slot that changes: its leaf, and its record, null where it goes; and the former one, where it has one. */
interface EntryChange extends TrieChange {
  readonly record: Uint8Array | null;
  readonly former: Uint8Array | null;
}

/** Makes the changes of a diff as the next version. */
export function commit(store: Store, diff: StateDiff, hashes: HashCache, keep: number): void {
  const head = readHead(store);
  const version = head.version + 1;
  const changes = new Changes(store, version, keep > 0);
  const root = write(changes, diff, hashes) ?? head.root;
  const next = { version, oldest: Math.max(head.oldest, version - keep), root };
  writeHead(store, next);
  store.put(rootKey(version), root);
  store.put(versionOfKey(root), versionBytes(version));
  changes.forget(next.oldest);
  forgetRoots(store, next);
}

/**
 * Makes the changes of a diff.
 * @returns the root afterwards; null where nothing changed
 */
export function write(changes: Changes, diff: StateDiff, hashes: HashCache): Uint8Array | null {
  const touched: { hash: Uint8Array; address: Address; change: AccountDiff }[] = [];
  for (const [address, change] of diff) {
    check(address, change);
    touched.push({ hash: hashes.address(address), address, change });
  }
  // In the order of the tables, so that pages are visited one after the other.
  touched.sort(compareHashes);
  const accounts: EntryChange[] = [];
  for (const { hash, address, change } of touched) {
    const account = writeStorage(changes, hash, address, change, hashes);
    if (account !== undefined) accounts.push(account);
    if (change.code !== undefined && change.account !== null && change.code.length > 0) {
      changes.store.put(codeKey(change.account.codeHash), change.code);
    }
  }
  if (accounts.length === 0) return null;
  const root = updateTrie(new StoredNodes(changes, null), accounts);
  for (const account of accounts) writeEntry(changes, accountKey(account.hash), account);
  return root;
}

function writeEntry(changes: Changes, key: Uint8Array, { record, former }: EntryChange): void {
  if (record === null) changes.remove(key, former);
  else changes.put(key, record, former);
}

/** Changes the storage of an account, and returns what that and the rest make of it; undefined for no change. */
function writeStorage(
  changes: Changes,
  owner: Uint8Array,
  address: Address,
  { account, storage, storageCleared }: AccountDiff,
  hashes: HashCache,
): EntryChange | undefined {
  const before = changes.store.get(accountKey(owner));
  let storageRoot = before === undefined ? null : storageRootOf(before);
  if (storageRoot !== null && (storageCleared || account === null)) {
    wipe(changes, nodesOf(owner));
    wipe(changes, slotsOf(owner));
    storageRoot = null;
  }
  if (account === null) {
    return before === undefined ? undefined : { hash: owner, leaf: null, record: null, former: before };
  }
  const slots = slotChanges(changes.store, owner, storage, storageRoot === null, hashes);
  if (slots.length > 0) {
    const root = updateTrie(new StoredNodes(changes, owner), slots);
    for (const slot of slots) writeEntry(changes, slotKey(owner, slot.hash), slot);
    storageRoot = equalBytes(root, EMPTY_ROOT) ? null : root;
  }
  const record = encodeAccount(address, account, storageRoot);
  if (before !== undefined && sameRecord(before, record)) return undefined;
  return { hash: owner, leaf: accountLeaf(record), record, former: before ?? null };
}

/** The slots that differ from what is stored, sorted. */
function slotChanges(
  store: Store,
  owner: Uint8Array,
  storage: ReadonlyMap<bigint, bigint>,
  isEmpty: boolean,
  hashes: HashCache,
): EntryChange[] {
  const slots: EntryChange[] = [];
  for (const [key, value] of storage) {
    const hash = hashes.slot(key);
    const before = isEmpty ? undefined : store.get(slotKey(owner, hash));
    if (value === 0n) {
      if (before !== undefined) slots.push({ hash, leaf: null, record: null, former: before });
      continue;
    }
    const record = encodeSlot(key, value);
    if (before === undefined || !sameRecord(before, record)) {
      slots.push({ hash, leaf: slotLeaf(record), record, former: before ?? null });
    }
  }
  return slots.sort(compareHashes);
}

/** Removes all entries of a range, a part at a time: an account may have more slots than fit into memory. */
function wipe(changes: Changes, range: KeyRange): void {
  for (;;) {
    const entries = changes.store.page(range, WIPED_AT_ONCE);
    for (const { key, value } of entries) changes.remove(key, value);
    if (entries.length < WIPED_AT_ONCE) return;
  }
}

/** Forgets the roots of versions that are not kept, a few at a time. */
function forgetRoots(store: Store, { oldest }: Head): void {
  for (const { key, value } of store.page(rootsBetween(0, oldest), 4)) {
    store.remove(key);
    const newest = store.get(versionOfKey(value));
    // A later version may have the same root.
    if (newest !== undefined && readVersion(newest, 0) === versionOfRootKey(key)) {
      store.remove(versionOfKey(value));
    }
  }
}

function check(address: Address, { account, storage, code }: AccountDiff): void {
  const fail = (what: string): never => {
    throw new ErbiumError('INVALID_ARGUMENT', `account ${addressToHex(address)}: ${what}`);
  };
  if (address < 0n || address > MAX_ADDRESS) {
    throw new ErbiumError('INVALID_ARGUMENT', `address ${address} is not of 20 bytes`);
  }
  if (account === null) return;
  checkInfo(account, fail);
  for (const [key, value] of storage) {
    if (key < 0n || key >= LIMIT) fail(`slot ${key} is not of 32 bytes`);
    if (value < 0n || value >= LIMIT) fail(`the value of slot ${toHex32(key)} is not of 32 bytes`);
  }
  if (code === undefined) return;
  const hash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
  // Once written under a wrong hash, it would be the code of others.
  if (hash !== account.codeHash)
    fail(`the code's hash is ${toHex32(hash)}, not ${toHex32(account.codeHash)}`);
}

function checkInfo({ nonce, balance, codeHash }: AccountInfo, fail: (what: string) => never): void {
  if (nonce < 0n || nonce >= NONCE_LIMIT) fail(`the nonce ${nonce} is not of 8 bytes`);
  if (balance < 0n || balance >= LIMIT) fail(`the balance ${balance} is not of 32 bytes`);
  if (codeHash < 0n || codeHash >= LIMIT) fail(`the code hash ${codeHash} is not of 32 bytes`);
}
