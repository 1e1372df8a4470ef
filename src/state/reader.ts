/**
 * Where the state before a transaction comes from. Readers answer; they are never written to by the machine. A store
 * can also be changed, by whoever owns it and in one step; a remote reader has to fetch what it does not have.
 */

import type { Address } from '../primitives/address.ts';
import type { StateDiff } from './diff.ts';

/** An account without its storage and with the hash of its code. */
export interface AccountInfo {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** keccak256 of the code, as a word. */
  readonly codeHash: bigint;
}

/** BLOCKHASH reaches this many blocks back. */
export const BLOCK_HASH_REACH = 256n;

/** A state that can be read. Reading must not change what the next read gives. */
export interface StateReader {
  /** undefined where there is no account. */
  account(address: Address): AccountInfo | undefined;
  /** 0 where nothing is stored. */
  storage(address: Address, key: bigint): bigint;
  /** Whether the account has any non-zero slot (EIP-7610). */
  hasStorage(address: Address): boolean;
  /** The code of a hash that an account of this reader has. */
  code(codeHash: bigint): Uint8Array;
  /** Hash of a block before the current one, as a word; 0 where unknown. */
  blockHash(number: bigint): bigint;
}

/** A reader that keeps changes. */
export interface StateStore extends StateReader {
  /** Makes all changes of a diff; where it throws, none of them is made. */
  apply(diff: StateDiff): void;
  /** Root of the state trie, 32 bytes. */
  root(): Uint8Array;
}

/** Items of a state by name. */
export interface StateItems {
  readonly accounts: Iterable<Address>;
  readonly slots: Iterable<readonly [address: Address, key: bigint]>;
}

/**
 * A reader with a part of its state at hand. Asked for anything else it notes that, and answers as an empty state
 * would, so that a run goes on for a while and finds out what else it needs. Such a run counts for nothing: `load`
 * fetches what is missing, and the run is made again.
 */
export interface RemoteReader extends StateReader {
  /** What is missing by now, in words for an error, the first item first; null while nothing is. */
  readonly missing: string | null;
  /**
   * Fetches what is missing, and items that are known to be needed beside it.
   * @throws ErbiumError REMOTE_STATE where they cannot be had, naming the item; nothing is half-loaded then
   */
  load(also?: StateItems, signal?: AbortSignal): Promise<void>;
  /** A reader of the same state that shares what has been fetched, and of which nothing is missing yet. */
  view(): RemoteReader;
}

export const isRemote = (reader: StateReader): reader is RemoteReader =>
  typeof (reader as Partial<RemoteReader>).load === 'function' &&
  typeof (reader as Partial<RemoteReader>).view === 'function';

export const isStore = (reader: StateReader): reader is StateStore =>
  typeof (reader as Partial<StateStore>).apply === 'function' &&
  typeof (reader as Partial<StateStore>).root === 'function';
