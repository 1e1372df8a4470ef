/**
 * A state manager with the asynchronous methods of `@ethereumjs/statemanager` that programs use. Owns their shapes;
 * the state itself is in `state-core.ts`.
 */

import type { Address } from '../primitives/address.ts';
import { equalBytes, toBytes32, toMinimalBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type BytesInput, toBytes, toWord } from '../primitives/input.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { AccountInfo } from '../state/reader.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { StateCore } from './state-core.ts';
import { Account, type AccountFields, type AddressLike, addressFrom, wordFromBytes } from './values.ts';

/** The options of `SimpleStateManager`. */
export interface SimpleStateManagerOpts {
  /** Erbium's own state, which this one reads and changes; a new one by default. */
  readonly state?: MemoryState | undefined;
  /** Taken for compatibility: keccak256 is Erbium's. */
  readonly common?: unknown;
}

/** A copy; an empty account where there is none. */
export const accountOf = (info: AccountInfo | undefined): Account =>
  info === undefined
    ? new Account()
    : new Account(info.nonce, info.balance, undefined, toBytes32(info.codeHash));

/** A state manager in memory, with the methods of that of `@ethereumjs/statemanager`. */
export class SimpleStateManager {
  /** For the EVM of this door. */
  readonly core: StateCore;
  readonly originalStorageCache = {
    get: (address: AddressLike, key: BytesInput): Promise<Uint8Array> => this.getStorage(address, key),
    /** Nothing to clear: what a slot held before a run is known to that run only. */
    clear: (): void => {},
  };

  /** @throws ErbiumError INVALID_ARGUMENT where `state` is no MemoryState */
  constructor({ state = new MemoryState() }: SimpleStateManagerOpts = {}) {
    if (!(state instanceof MemoryState)) {
      throw new ErbiumError('INVALID_ARGUMENT', 'state: expected a MemoryState');
    }
    this.core = new StateCore(state);
  }

  /** Erbium's own state. It lacks what was changed since a checkpoint that is still open. */
  get state(): MemoryState {
    return this.core.base;
  }

  async getAccount(address: AddressLike): Promise<Account | undefined> {
    const account = this.core.account(addressFrom(address, 'address'));
    return account === undefined ? undefined : accountOf(account);
  }

  /**
   * Puts nonce, balance and code hash; storage stays. An account with the empty code hash keeps code that `putCode`
   * gave it. Without an account, as `deleteAccount`.
   */
  async putAccount(address: AddressLike, account?: AccountFields): Promise<void> {
    const at = addressFrom(address, 'address');
    if (account === undefined) this.remove(at);
    else this.put(at, account);
  }

  async modifyAccountFields(address: AddressLike, fields: AccountFields): Promise<void> {
    this.put(addressFrom(address, 'address'), fields);
  }

  /** Removes the account with its code and storage. */
  async deleteAccount(address: AddressLike): Promise<void> {
    this.remove(addressFrom(address, 'address'));
  }

  async getCode(address: AddressLike): Promise<Uint8Array> {
    return this.core.code(addressFrom(address, 'address')).slice();
  }

  async getCodeSize(address: AddressLike): Promise<number> {
    return this.core.code(addressFrom(address, 'address')).length;
  }

  async putCode(address: AddressLike, code: BytesInput): Promise<void> {
    const at = addressFrom(address, 'address');
    const bytes = toBytes(code, 'code').slice();
    const { nonce = 0n, balance = 0n } = this.core.account(at) ?? {};
    const codeHash = bytes.length === 0 ? EMPTY_CODE_HASH : keccakWord(bytes);
    this.core.change(at, { account: { nonce, balance, codeHash }, code: bytes });
  }

  /** The value without leading zeros: no bytes for 0. */
  async getStorage(address: AddressLike, key: BytesInput): Promise<Uint8Array> {
    const slot = wordFromBytes(key, 'key');
    return toMinimalBytes(this.core.storage(addressFrom(address, 'address'), slot));
  }

  async putStorage(address: AddressLike, key: BytesInput, value: BytesInput): Promise<void> {
    const storage = new Map([[wordFromBytes(key, 'key'), wordFromBytes(value, 'value')]]);
    this.core.change(addressFrom(address, 'address'), { storage });
  }

  async clearStorage(address: AddressLike): Promise<void> {
    const at = addressFrom(address, 'address');
    if (this.core.account(at) !== undefined) this.core.change(at, { storageCleared: true });
  }

  async checkpoint(): Promise<void> {
    this.core.checkpoint();
  }

  async commit(): Promise<void> {
    this.core.commit();
  }

  async revert(): Promise<void> {
    this.core.revert();
  }

  async flush(): Promise<void> {}

  clearCaches(): void {}

  /** Root of the state trie, 32 bytes. */
  async getStateRoot(): Promise<Uint8Array> {
    return this.root();
  }

  async hasStateRoot(root: Uint8Array): Promise<boolean> {
    return equalBytes(root, this.root());
  }

  /** @throws ErbiumError INVALID_ARGUMENT: only the present state is kept */
  async setStateRoot(_root: Uint8Array): Promise<void> {
    throw new ErbiumError('INVALID_ARGUMENT', 'setStateRoot: not supported; use checkpoint and revert');
  }

  /** A state manager over a copy of the state, without open checkpoints. */
  shallowCopy(): SimpleStateManager {
    return new SimpleStateManager({ state: this.core.copy() });
  }

  private root(): Uint8Array {
    return this.core.copy().root();
  }

  private put(at: Address, fields: AccountFields): void {
    const old = this.core.account(at);
    const nonce = fields.nonce === undefined ? old?.nonce : toWord(fields.nonce, 'account.nonce', MAX_U64);
    const balance = fields.balance === undefined ? old?.balance : toWord(fields.balance, 'account.balance');
    const codeHash = this.codeHashOf(fields, old);
    this.core.change(at, { account: { nonce: nonce ?? 0n, balance: balance ?? 0n, codeHash } });
  }

  private codeHashOf(fields: AccountFields, old: AccountInfo | undefined): bigint {
    const kept = old?.codeHash ?? EMPTY_CODE_HASH;
    if (fields.codeHash === undefined) return kept;
    const hash = wordFromBytes(fields.codeHash, 'account.codeHash');
    if (hash === EMPTY_CODE_HASH || hash === kept) return kept;
    try {
      this.core.reader.code(hash);
    } catch (error) {
      if (!(error instanceof ErbiumError)) throw error;
      throw new ErbiumError('INVALID_STATE', 'account.codeHash: no code has this hash; use putCode');
    }
    return hash;
  }

  private remove(at: Address): void {
    if (this.core.account(at) !== undefined) this.core.change(at, { account: null, storageCleared: true });
  }
}
