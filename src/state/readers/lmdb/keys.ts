/**
 * Keys of the database: one ordered table, split by the first byte of a key. Owns how a key is made, not what is
 * stored under it.
 *
 * Everything is keyed by hashes, as the tries are, so that an account lies beside its neighbours in the trie, and a
 * state that is written in trie order is written from left to right.
 *
 * | first byte | rest                      | value                                    |
 * | ---------- | ------------------------- | ---------------------------------------- |
 * | a          | keccak(address)           | account (`records.ts`)                   |
 * | s          | owner, keccak(key)        | slot                                     |
 * | n          | path                      | node of the state trie                   |
 * | t          | owner, path               | node of an account's storage trie        |
 * | c          | code hash                 | code                                     |
 * | b          | block number, 8 bytes     | block hash                               |
 * | h          | version, key of an entry  | the entry before that version            |
 * | r          | version                   | root of that version                     |
 * | v          | root                      | newest version with that root            |
 * | m          | name                      | format marker, head                      |
 *
 * The owner of a slot or a storage trie is keccak(address). A path is its nibbles, two a byte, and their number.
 */

import { toBytes32 } from '../../../primitives/bytes.ts';

export const HASH_BYTES = 32;
/** Versions count commits; six bytes last for two hundred thousand years of a thousand commits a second. */
export const VERSION_BYTES = 6;

const ACCOUNT = 0x61;
const BLOCK = 0x62;
const CODE = 0x63;
const HISTORY = 0x68;
const META = 0x6d;
const STATE_NODE = 0x6e;
const ROOT = 0x72;
const SLOT = 0x73;
const STORAGE_NODE = 0x74;
const VERSION_OF = 0x76;

const MAX_PATH_BYTES = HASH_BYTES + 1;
const MAX_KEY_BYTES = 1 + HASH_BYTES + MAX_PATH_BYTES;

/** Buffers of one kind of key, by length. Nothing in them outlives the next key of the kind. */
function buffers(first: number, longest: number): Uint8Array[] {
  const whole = new Uint8Array(longest);
  whole[0] = first;
  return Array.from({ length: longest + 1 }, (_, length) => whole.subarray(0, length));
}

const ACCOUNT_KEY = buffers(ACCOUNT, 1 + HASH_BYTES).at(-1)!;
const SLOT_KEY = buffers(SLOT, 1 + 2 * HASH_BYTES).at(-1)!;
const STATE_NODE_KEYS = buffers(STATE_NODE, 1 + MAX_PATH_BYTES);
const STORAGE_NODE_KEYS = buffers(STORAGE_NODE, MAX_KEY_BYTES);
const HISTORY_KEYS = buffers(HISTORY, 1 + VERSION_BYTES + MAX_KEY_BYTES);

// The keys that are made most often lie in such buffers: they hold until the next key of the same kind is made.

export function accountKey(hash: Uint8Array): Uint8Array {
  ACCOUNT_KEY.set(hash, 1);
  return ACCOUNT_KEY;
}

export function slotKey(owner: Uint8Array, hash: Uint8Array): Uint8Array {
  SLOT_KEY.set(owner, 1);
  SLOT_KEY.set(hash, 1 + HASH_BYTES);
  return SLOT_KEY;
}

/**
 * Key of the node whose path is the first `depth` nibbles of a hash.
 * @param owner the account whose storage trie it is; null for the state trie
 */
export function nodeKey(owner: Uint8Array | null, hash: Uint8Array, depth: number): Uint8Array {
  const bytes = (depth + 1) >> 1;
  const start = owner === null ? 1 : 1 + HASH_BYTES;
  const key = (owner === null ? STATE_NODE_KEYS : STORAGE_NODE_KEYS)[start + bytes + 1]!;
  if (owner !== null) key.set(owner, 1);
  for (let i = 0; i < bytes; i++) key[start + i] = hash[i]!;
  if ((depth & 1) === 1) key[start + bytes - 1]! &= 0xf0;
  key[start + bytes] = depth;
  return key;
}

/** Key of what `key` held before a version. */
export function historyKey(version: number, key: Uint8Array): Uint8Array {
  const made = HISTORY_KEYS[1 + VERSION_BYTES + key.length]!;
  writeVersion(made, 1, version);
  made.set(key, 1 + VERSION_BYTES);
  return made;
}

export const codeKey = (codeHash: bigint): Uint8Array => prefixed(CODE, toBytes32(codeHash));

/** Key of a block's hash; null for a number of more than eight bytes, which no block has. */
export const blockKey = (number: bigint): Uint8Array | null =>
  number < 0n || number >> 64n !== 0n ? null : prefixed(BLOCK, toBytes32(number).subarray(24));

export const rootKey = (version: number): Uint8Array => prefixed(ROOT, versionBytes(version));

export const versionOfKey = (root: Uint8Array): Uint8Array => prefixed(VERSION_OF, root);

export const metaKey = (name: string): Uint8Array => prefixed(META, new TextEncoder().encode(name));

/** Keys from `start` up to, but not with, `end`. */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

export const ALL_ACCOUNTS: KeyRange = { start: Uint8Array.of(ACCOUNT), end: Uint8Array.of(ACCOUNT + 1) };
export const ALL_CODES: KeyRange = { start: Uint8Array.of(CODE), end: Uint8Array.of(CODE + 1) };

export const slotsOf = (owner: Uint8Array): KeyRange => ownerRange(SLOT, owner);
export const nodesOf = (owner: Uint8Array): KeyRange => ownerRange(STORAGE_NODE, owner);

/** History of all versions below `version`. */
export const historyBelow = (version: number): KeyRange => ({
  start: Uint8Array.of(HISTORY),
  end: prefixed(HISTORY, versionBytes(version)),
});

/** Roots of the versions [from, to). */
export const rootsBetween = (from: number, to: number): KeyRange => ({
  start: rootKey(from),
  end: rootKey(to),
});

/** The version in the key of a root. */
export const versionOfRootKey = (key: Uint8Array): number => readVersion(key, 1);

function ownerRange(first: number, owner: Uint8Array): KeyRange {
  const start = prefixed(first, owner);
  // No key has that many bytes after the owner.
  const end = new Uint8Array(MAX_KEY_BYTES + 1).fill(0xff);
  end.set(start);
  return { start, end };
}

function prefixed(first: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + rest.length);
  key[0] = first;
  key.set(rest, 1);
  return key;
}

/** Writes a version, so that keys sort by it. */
export function writeVersion(bytes: Uint8Array, at: number, version: number): void {
  const high = Math.floor(version / 2 ** 32);
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  bytes[at + 2] = version >>> 24;
  bytes[at + 3] = version >>> 16;
  bytes[at + 4] = version >>> 8;
  bytes[at + 5] = version;
}

export const readVersion = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 8) | bytes[at + 1]!) * 2 ** 32 +
  (((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0);

export function versionBytes(version: number): Uint8Array {
  const bytes = new Uint8Array(VERSION_BYTES);
  writeVersion(bytes, 0, version);
  return bytes;
}
