/**
 * The state during one transaction: a reader below, an overlay of what was read and changed, and the journal
 * that undoes it. It knows accounts and slots, not calls and gas; what to do when is decided above.
 */

import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import { MAX_U256 } from '../primitives/u256.ts';
import { Account, StorageSlot } from './account.ts';
import type { AccountDiff, StateDiff } from './diff.ts';
import { type Counters, Journal } from './journal.ts';
import type { AccountInfo, StateReader } from './reader.ts';

/**
 * The one account whose touch outlives a rollback: mainnet block 2,675,119 removed the empty RIPEMD-160
 * precompile after a call to it ran out of gas, and every client follows (EIP-161, later note).
 */
const RIPEMD160: Address = 3n;

/** A log of a transaction. */
export interface LogRecord {
  readonly address: Address;
  readonly topics: readonly bigint[];
  readonly data: Uint8Array;
}

const NONE: ReadonlySet<Address> = new Set();

interface WorldCounters extends Counters {
  readonly logs: LogRecord[];
}

/** The state during one transaction. */
export class World {
  readonly reader: StateReader;
  private readonly alwaysWarm: { has(address: Address): boolean };
  private readonly accounts = new Map<Address, Account>();
  private readonly counters: WorldCounters = { refund: 0, logs: [] };
  private readonly journal = new Journal(this.counters);

  /**
   * @param alwaysWarm addresses that count as accessed from the start; many, of which a transaction needs few
   */
  constructor(reader: StateReader, alwaysWarm: { has(address: Address): boolean } = NONE) {
    this.reader = reader;
    this.alwaysWarm = alwaysWarm;
  }

  /** A mark that `rollback` returns to. */
  checkpoint(): number {
    return this.journal.checkpoint();
  }

  /** How often `rollback` has been called. */
  rollbacks = 0;

  rollback(checkpoint: number): void {
    this.rollbacks++;
    this.journal.rollback(checkpoint);
  }

  /** The account as it stands; `exists` tells whether it is in the state. Change it through the world only. */
  account(address: Address): Account {
    let account = this.accounts.get(address);
    if (account === undefined) {
      account = new Account(address, this.reader.account(address));
      account.warm = this.alwaysWarm.has(address);
      this.accounts.set(address, account);
    }
    return account;
  }

  // Accounts

  /** Changes a balance, and with it brings the account into being. */
  addBalance(address: Address, amount: bigint): void {
    const account = this.bringIntoBeing(address);
    if (amount === 0n) return;
    this.journal.balance(account);
    const balance = account.balance + amount;
    // Only accounts that a host made up hold so much; a word has 256 bits.
    account.balance = balance > MAX_U256 ? balance & MAX_U256 : balance;
  }

  /** The account must have the amount. */
  subBalance(address: Address, amount: bigint): void {
    this.addBalance(address, -amount);
  }

  setNonce(address: Address, nonce: bigint): void {
    const account = this.bringIntoBeing(address);
    this.journal.nonce(account);
    account.nonce = nonce;
  }

  setCode(address: Address, code: Uint8Array): void {
    const account = this.bringIntoBeing(address);
    this.journal.code(account);
    account.codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
    account.newCode = code;
  }

  code(account: Account): Uint8Array {
    if (account.codeHash === EMPTY_CODE_HASH) return EMPTY_BYTES;
    return account.newCode ?? this.reader.code(account.codeHash);
  }

  /** Whether any slot was stored before the transaction (EIP-7610). */
  hasStorage(address: Address): boolean {
    return this.reader.hasStorage(address);
  }

  /** Starts a contract: whatever was stored at the address does not count. */
  markCreated(address: Address): void {
    const account = this.bringIntoBeing(address);
    if (account.created) return;
    this.journal.created(account);
    account.created = true;
  }

  /** Marks an account for removal at the end; false if it was marked before. */
  markDestroyed(address: Address): boolean {
    const account = this.account(address);
    if (account.destroyed) return false;
    this.journal.destroyed(account);
    account.destroyed = true;
    return true;
  }

  /**
   * Marks an account as accessed; true if it was cold.
   * @param byRule the rules make it warm, and no instruction asked for it
   */
  warmAccount(address: Address, byRule = false): boolean {
    const account = this.account(address);
    if (account.warm) return false;
    this.journal.warm(account);
    account.warm = true;
    if (!byRule) account.accessed = true;
    return true;
  }

  /** What was accessed, undone or not: accounts, and slots with them. */
  *accessed(): Iterable<{ address: Address; storageKeys: readonly bigint[]; isNew: boolean }> {
    for (const { address, accessed, storage, created } of this.accounts.values()) {
      if (accessed || storage.size > 0) yield { address, storageKeys: [...storage.keys()], isNew: created };
    }
  }

  /** Makes sure that the account is in the state, and marks it as touched. */
  private bringIntoBeing(address: Address): Account {
    const account = this.account(address);
    if (!account.exists) {
      this.journal.exists(account);
      account.exists = true;
    }
    if (!account.touched) {
      if (address !== RIPEMD160) this.journal.touched(account);
      account.touched = true;
    }
    return account;
  }

  // Storage

  slot(address: Address, key: bigint): StorageSlot {
    const account = this.account(address);
    let slot = account.storage.get(key);
    if (slot === undefined) {
      slot = new StorageSlot(account.created || !account.before ? 0n : this.reader.storage(address, key));
      account.storage.set(key, slot);
    }
    return slot;
  }

  setSlot(slot: StorageSlot, value: bigint): void {
    this.journal.slotValue(slot);
    slot.value = value;
  }

  warmSlot(slot: StorageSlot): void {
    this.journal.slotWarm(slot);
    slot.warm = true;
  }

  transientLoad(address: Address, key: bigint): bigint {
    return this.account(address).transient?.get(key) ?? 0n;
  }

  transientStore(address: Address, key: bigint, value: bigint): void {
    const account = this.account(address);
    this.journal.transient(account, key);
    account.transient ??= new Map();
    account.transient.set(key, value);
  }

  // Logs and refunds

  get logs(): readonly LogRecord[] {
    return this.counters.logs;
  }

  addLog(log: LogRecord): void {
    this.journal.log();
    this.counters.logs.push(log);
  }

  get refund(): number {
    return this.counters.refund;
  }

  /** Negative amounts take back an earlier refund. */
  addRefund(gas: number): void {
    this.journal.refund();
    this.counters.refund += gas;
  }

  /**
   * Everything that changed, with destroyed accounts gone.
   * @param clearEmpty touched accounts that are empty go as well (EIP-161)
   */
  diff(clearEmpty: boolean): StateDiff {
    const changes = new Map<Address, AccountDiff>();
    for (const [address, account] of this.accounts) {
      const change = diffOf(account, clearEmpty);
      if (change !== undefined) changes.set(address, change);
    }
    return changes;
  }
}

function diffOf(account: Account, clearEmpty: boolean): AccountDiff | undefined {
  const { before } = account;
  const gone = account.destroyed || (clearEmpty && account.touched && account.isEmpty);
  if (gone || !account.exists) {
    if (before === undefined) return undefined;
    return { account: null, storageCleared: true, storage: new Map(), code: undefined };
  }
  const storage = new Map<bigint, bigint>();
  for (const [key, slot] of account.storage) {
    if (slot.value !== slot.original) storage.set(key, slot.value);
  }
  const now: AccountInfo = { nonce: account.nonce, balance: account.balance, codeHash: account.codeHash };
  const unchanged =
    before !== undefined &&
    storage.size === 0 &&
    before.nonce === now.nonce &&
    before.balance === now.balance &&
    before.codeHash === now.codeHash;
  if (unchanged) return undefined;
  const code = before?.codeHash === now.codeHash ? undefined : account.newCode;
  return { account: now, storageCleared: account.created, storage, code };
}
