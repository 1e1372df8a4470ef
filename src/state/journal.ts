/**
 * One journal for everything that a failing frame undoes: balances, nonces, code, storage, transient storage,
 * warm sets, logs, created, touched and destroyed accounts, and the refund counter. A checkpoint is the
 * journal's length; rolling back undoes the entries above it, newest first.
 */

import type { Account, StorageSlot } from './account.ts';

const Kind = {
  SlotValue: 0,
  SlotWarm: 1,
  Transient: 2,
  Balance: 3,
  Nonce: 4,
  Code: 5,
  Warm: 6,
  Exists: 7,
  Created: 8,
  Touched: 9,
  Destroyed: 10,
  Log: 11,
  Refund: 12,
} as const;

type Kind = (typeof Kind)[keyof typeof Kind];

/** What of the world the journal restores that belongs to no account. */
export interface Counters {
  refund: number;
  readonly logs: unknown[];
}

/** Entries are of one class, so that undoing them stays monomorphic. Unused fields hold null or 0n. */
class Entry {
  readonly kind: Kind;
  readonly account: Account | null;
  readonly slot: StorageSlot | null;
  /** Key of a transient slot, code hash. */
  readonly key: bigint;
  /** The former value. */
  readonly value: bigint;
  readonly code: Uint8Array | undefined;

  constructor(
    kind: Kind,
    account: Account | null,
    slot: StorageSlot | null,
    key: bigint,
    value: bigint,
    code: Uint8Array | undefined,
  ) {
    this.kind = kind;
    this.account = account;
    this.slot = slot;
    this.key = key;
    this.value = value;
    this.code = code;
  }
}

export class Journal {
  private readonly entries: Entry[] = [];
  private readonly counters: Counters;

  constructor(counters: Counters) {
    this.counters = counters;
  }

  /** A mark that `rollback` returns to. */
  checkpoint(): number {
    return this.entries.length;
  }

  rollback(checkpoint: number): void {
    const { entries } = this;
    while (entries.length > checkpoint) this.undo(entries.pop()!);
  }

  // Each of the following is called before its change.

  slotValue(slot: StorageSlot): void {
    this.entries.push(new Entry(Kind.SlotValue, null, slot, 0n, slot.value, undefined));
  }

  slotWarm(slot: StorageSlot): void {
    this.entries.push(new Entry(Kind.SlotWarm, null, slot, 0n, 0n, undefined));
  }

  transient(account: Account, key: bigint): void {
    const value = account.transient?.get(key) ?? 0n;
    this.entries.push(new Entry(Kind.Transient, account, null, key, value, undefined));
  }

  balance(account: Account): void {
    this.entries.push(new Entry(Kind.Balance, account, null, 0n, account.balance, undefined));
  }

  nonce(account: Account): void {
    this.entries.push(new Entry(Kind.Nonce, account, null, 0n, account.nonce, undefined));
  }

  code(account: Account): void {
    this.entries.push(new Entry(Kind.Code, account, null, account.codeHash, 0n, account.newCode));
  }

  warm(account: Account): void {
    this.flag(Kind.Warm, account);
  }

  exists(account: Account): void {
    this.flag(Kind.Exists, account);
  }

  created(account: Account): void {
    this.flag(Kind.Created, account);
  }

  touched(account: Account): void {
    this.flag(Kind.Touched, account);
  }

  destroyed(account: Account): void {
    this.flag(Kind.Destroyed, account);
  }

  log(): void {
    this.entries.push(new Entry(Kind.Log, null, null, 0n, 0n, undefined));
  }

  refund(): void {
    const value = BigInt(this.counters.refund);
    this.entries.push(new Entry(Kind.Refund, null, null, 0n, value, undefined));
  }

  /** A flag that goes from false to true. */
  private flag(kind: Kind, account: Account): void {
    this.entries.push(new Entry(kind, account, null, 0n, 0n, undefined));
  }

  private undo(entry: Entry): void {
    const { kind } = entry;
    const slot = entry.slot!;
    const account = entry.account!;
    if (kind === Kind.SlotValue) slot.value = entry.value;
    else if (kind === Kind.SlotWarm) slot.warm = false;
    else if (kind === Kind.Transient) account.transient!.set(entry.key, entry.value);
    else if (kind === Kind.Balance) account.balance = entry.value;
    else if (kind === Kind.Nonce) account.nonce = entry.value;
    else if (kind === Kind.Code) {
      account.codeHash = entry.key;
      account.newCode = entry.code;
    } else if (kind === Kind.Warm) account.warm = false;
    else if (kind === Kind.Exists) account.exists = false;
    else if (kind === Kind.Created) account.created = false;
    else if (kind === Kind.Touched) account.touched = false;
    else if (kind === Kind.Destroyed) account.destroyed = false;
    else if (kind === Kind.Log) this.counters.logs.pop();
    else this.counters.refund = Number(entry.value);
  }
}
