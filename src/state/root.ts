/**
 * State and storage roots (Yellow Paper, section 4.1): tries whose keys are hashed. Owns the encoding of an
 * account and of a slot, and no state.
 */

import { EMPTY_BYTES, writeWord } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { Trie } from './trie.ts';

/** An account as the state trie sees it; `codeHash` and the storage's keys and values are words. */
export interface RootAccount {
  nonce: bigint;
  balance: bigint;
  codeHash: bigint;
  storage: Iterable<readonly [key: bigint, value: bigint]>;
}

// Buffers only: nothing in them outlives a call. Encoding through the general RLP functions cost a quarter of the
// time of a state root.
const WORD = new Uint8Array(32);
const WORD_VIEW = new DataView(WORD.buffer);
const ITEM = new Uint8Array(128);
const ITEM_VIEW = new DataView(ITEM.buffer);

const DEFAULT_LIMIT = 65_536;

function hashAddress(address: bigint): Uint8Array {
  writeWord(WORD_VIEW, 0, address);
  return keccak256(WORD, 12);
}

function hashSlot(key: bigint): Uint8Array {
  writeWord(WORD_VIEW, 0, key);
  return keccak256(WORD);
}

/**
 * Remembers hashed addresses and slot keys, 32 bytes each. An owner that computes many roots keeps one and
 * hands it to every call; it changes no result.
 */
export class HashCache {
  private readonly addresses = new Map<bigint, Uint8Array>();
  private readonly slots = new Map<bigint, Uint8Array>();
  private readonly limit: number;

  /** @param limit how many addresses and how many slots are kept at most; when full, all are dropped */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.limit = limit;
  }

  /** keccak256 of the 20 bytes; not to be altered. */
  address(address: bigint): Uint8Array {
    return this.addresses.get(address) ?? this.keep(this.addresses, address, hashAddress(address));
  }

  /** keccak256 of the 32 bytes; not to be altered. */
  slot(key: bigint): Uint8Array {
    return this.slots.get(key) ?? this.keep(this.slots, key, hashSlot(key));
  }

  private keep(map: Map<bigint, Uint8Array>, key: bigint, hash: Uint8Array): Uint8Array {
    if (map.size >= this.limit) map.clear();
    map.set(key, hash);
    return hash;
  }
}

/** Writes the RLP of a number, at most 33 bytes, at `at` of ITEM and returns where it ends. */
function writeQuantity(at: number, value: bigint): number {
  if (value < 0x80n) {
    ITEM[at] = value === 0n ? 0x80 : Number(value);
    return at + 1;
  }
  writeWord(WORD_VIEW, 0, value);
  let first = 0;
  while (WORD[first] === 0) first++;
  ITEM[at++] = 0x80 + 32 - first;
  while (first < 32) ITEM[at++] = WORD[first++]!;
  return at;
}

/** RLP of [nonce, balance, storageRoot, codeHash], 70 to 110 bytes. */
export function encodeAccount(account: Omit<RootAccount, 'storage'>, storageRoot: Uint8Array): Uint8Array {
  // Read before the buffer is in use: a getter may itself ask for a root.
  const { nonce, balance, codeHash } = account;
  // The two hashes make the payload longer than 55 bytes, and it is never longer than 255.
  let at = writeQuantity(2, nonce);
  at = writeQuantity(at, balance);
  ITEM[at++] = 0x80 + 32;
  ITEM.set(storageRoot, at);
  at += 32;
  ITEM[at++] = 0x80 + 32;
  writeWord(ITEM_VIEW, at, codeHash);
  at += 32;
  ITEM[0] = 0xf8;
  ITEM[1] = at - 2;
  return ITEM.slice(0, at);
}

/** A slot as the storage trie has it: RLP of its value, or no bytes for 0, which is no entry. */
export const encodeSlot = (value: bigint): Uint8Array =>
  value === 0n ? EMPTY_BYTES : ITEM.slice(0, writeQuantity(0, value));

/** Root of an account's storage, 32 bytes; slots with the value 0 do not exist. */
export function storageRoot(
  entries: Iterable<readonly [key: bigint, value: bigint]>,
  cache?: HashCache,
): Uint8Array {
  const trie = new Trie();
  for (const [key, value] of entries) {
    if (value === 0n) continue;
    const hash = cache === undefined ? hashSlot(key) : cache.slot(key);
    trie.put(hash, encodeSlot(value));
  }
  return trie.root();
}

/**
 * Root of the state, 32 bytes. Every account given exists: leaving out the empty ones (EIP-161) is the
 * caller's part. Each address must come once.
 */
export function stateRoot(
  accounts: Iterable<readonly [address: bigint, account: RootAccount]>,
  cache?: HashCache,
): Uint8Array {
  const trie = new Trie();
  for (const [address, account] of accounts) {
    const hash = cache === undefined ? hashAddress(address) : cache.address(address);
    trie.put(hash, encodeAccount(account, storageRoot(account.storage, cache)));
  }
  return trie.root();
}
