/**
 * Changes of many transactions over a state that stays as it is. Owns what has changed so far and how to go back to
 * an earlier point; the state below is only read, until its owner applies `diff` to it.
 */

import type { Address } from '../primitives/address.ts';
import type { AccountDiff, StateDiff } from './diff.ts';
import type { AccountInfo, StateReader } from './reader.ts';

/** As `AccountDiff`, relative to the state below, and never altered once it is in the map. */
type Change = AccountDiff;

/** What one address was before an `apply`; undefined where nothing had changed. */
interface Former {
  readonly address: Address;
  readonly change: Change | undefined;
}

export class OverlayState implements StateReader {
  readonly base: StateReader;
  private readonly changes = new Map<Address, Change>();
  private readonly codes = new Map<bigint, Uint8Array>();
  /** Newest last. Kept only from the oldest snapshot on. */
  private readonly undo: Former[] = [];
  /** By snapshot, the length of `undo` then. */
  private snapshots: { readonly id: number; readonly length: number }[] = [];
  private lastId = 0;

  constructor(base: StateReader) {
    this.base = base;
  }

  account(address: Address): AccountInfo | undefined {
    const change = this.changes.get(address);
    return change === undefined ? this.base.account(address) : (change.account ?? undefined);
  }

  storage(address: Address, key: bigint): bigint {
    const change = this.changes.get(address);
    if (change === undefined) return this.base.storage(address, key);
    return change.storage.get(key) ?? (change.storageCleared ? 0n : this.base.storage(address, key));
  }

  hasStorage(address: Address): boolean {
    const change = this.changes.get(address);
    if (change !== undefined) {
      for (const value of change.storage.values()) if (value !== 0n) return true;
      // Slots of the state below that were all set to 0 still count here: a reader cannot list them.
      if (change.storageCleared) return false;
    }
    return this.base.hasStorage(address);
  }

  code(codeHash: bigint): Uint8Array {
    return this.codes.get(codeHash) ?? this.base.code(codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.base.blockHash(number);
  }

  /** Makes the changes of a transaction. */
  apply(diff: StateDiff): void {
    for (const [address, change] of diff) {
      const former = this.changes.get(address);
      if (this.snapshots.length > 0) this.undo.push({ address, change: former });
      this.changes.set(address, former === undefined ? change : merged(former, change));
      if (change.code !== undefined) this.codes.set(change.account!.codeHash, change.code);
    }
  }

  /** All changes since the state below, to be applied to it. */
  diff(): StateDiff {
    return new Map(this.changes);
  }

  /** Takes over the changes as made below; snapshots from before are gone. */
  clear(): void {
    this.changes.clear();
    this.codes.clear();
    this.undo.length = 0;
    this.snapshots = [];
  }

  /** A point that `revert` returns to, by a number above 0 that is never given out twice. */
  snapshot(): number {
    const id = ++this.lastId;
    this.snapshots.push({ id, length: this.undo.length });
    return id;
  }

  /** Undoes everything since a snapshot, which is used up with all later ones; false for one that there is not. */
  revert(id: number): boolean {
    const index = this.snapshots.findIndex((snapshot) => snapshot.id === id);
    if (index < 0) return false;
    const { length } = this.snapshots[index]!;
    while (this.undo.length > length) {
      const { address, change } = this.undo.pop()!;
      if (change === undefined) this.changes.delete(address);
      else this.changes.set(address, change);
    }
    this.snapshots.length = index;
    return true;
  }
}

function merged(former: Change, change: Change): Change {
  const { account } = change;
  if (account === null) return change;
  const storageCleared = former.storageCleared || change.storageCleared;
  const storage = change.storageCleared
    ? change.storage
    : change.storage.size === 0
      ? former.storage
      : new Map([...former.storage, ...change.storage]);
  const code = change.code ?? (former.account?.codeHash === account.codeHash ? former.code : undefined);
  return { account, storageCleared, storage, code };
}
