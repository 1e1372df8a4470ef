/**
 * Changes of many transactions over a state that stays as it is. Owns what has changed so far and how to go back to
 * an earlier point; the state below is only read, until its owner applies `diff` to it.
 *
 * Changes are made in place, so that a transaction costs what it changes and not what was changed before it: a
 * thousand transfers of one token would otherwise copy its slots a thousand times.
 */

import type { Address } from '../primitives/address.ts';
import { demandBytes, EMPTY_BYTES } from '../primitives/bytes.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import type { StateDiff } from './diff.ts';
import type { AccountInfo, StateReader } from './reader.ts';
import type { AccountInput } from './readers/memory.ts';

/** As `AccountDiff`, relative to the state below. */
interface Change {
  account: AccountInfo | null;
  storageCleared: boolean;
  readonly storage: Map<bigint, bigint>;
  code: Uint8Array | undefined;
}

/** A look at an overlay that can be kept as it is while the overlay changes. */
export class OverlayView implements StateReader {
  private source: StateReader;
  private isDetached = false;
  private readonly overlay: OverlayState;
  private readonly base: StateReader;

  constructor(overlay: OverlayState, base: StateReader) {
    this.overlay = overlay;
    this.base = base;
    this.source = overlay.over(base);
  }

  /** From here on, changes of the overlay are not seen. Copies all that it has, once. */
  detach(): void {
    if (this.isDetached) return;
    this.isDetached = true;
    const copy = new OverlayState(this.base);
    copy.apply(this.overlay.diff());
    this.source = copy;
  }

  account(address: Address): AccountInfo | undefined {
    return this.source.account(address);
  }

  storage(address: Address, key: bigint): bigint {
    return this.source.storage(address, key);
  }

  hasStorage(address: Address): boolean {
    return this.source.hasStorage(address);
  }

  code(codeHash: bigint): Uint8Array {
    return this.source.code(codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.source.blockHash(number);
  }
}

type Slots = Iterable<readonly [key: bigint, value: bigint]>;

/** Changes over a state that is only read. */
export class OverlayState implements StateReader {
  readonly base: StateReader;
  private readonly changes = new Map<Address, Change>();
  private readonly codes = new Map<bigint, Uint8Array>();
  /** What takes back each change, newest last. Kept only from the oldest snapshot on. */
  private readonly undo: (() => void)[] = [];
  /** By snapshot, the length of `undo` then. */
  private snapshots: { readonly id: number; readonly length: number }[] = [];
  private lastId = 0;
  private edits = 0;

  constructor(base: StateReader) {
    this.base = base;
  }

  /** Goes up with every change: two looks at the same number are looks at the same state. */
  get version(): number {
    return this.edits;
  }

  /** The same changes, as they stand at each look, over another reader of the state below. */
  over(base: StateReader): StateReader {
    // With the prototype's methods, and the maps of this one.
    return Object.create(this, { base: { value: base } }) as StateReader;
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
    if (change === undefined) return this.base.hasStorage(address);
    for (const value of change.storage.values()) if (value !== 0n) return true;
    if (change.storageCleared || !this.base.hasStorage(address)) return false;
    return change.storage.size === 0 || hasOthers(this.base, address, change.storage);
  }

  code(codeHash: bigint): Uint8Array {
    return this.codes.get(codeHash) ?? this.base.code(codeHash);
  }

  blockHash(number: bigint): bigint {
    return this.base.blockHash(number);
  }

  /** Puts an account in place of whatever is at the address. */
  put(address: Address, { nonce = 0n, balance = 0n, code = EMPTY_BYTES, storage = [] }: AccountInput): void {
    demandBytes(code, 'code');
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
    const account = { nonce, balance, codeHash };
    const change = { account, storageCleared: true, storage: new Map(storage), code: code.slice() };
    this.apply(new Map([[address, change]]));
  }

  /** Makes the changes of a transaction; where the diff throws, none of them is made. */
  apply(diff: StateDiff): void {
    // All of the diff is read before anything is changed.
    const read = [...diff].map(([address, { account, storageCleared, storage, code }]) => {
      return { address, account, storageCleared, slots: account === null ? [] : [...storage], code };
    });
    this.edits++;
    for (const { address, account, storageCleared, slots, code } of read) {
      const former = this.changes.get(address);
      if (account === null) {
        this.replace(address, { account, storageCleared: true, storage: new Map(), code: undefined });
        continue;
      }
      if (code !== undefined) this.codes.set(account.codeHash, code);
      if (former === undefined || storageCleared) {
        const storage = new Map(slots);
        this.replace(address, { account, storageCleared, storage, code: code ?? keptCode(former, account) });
      } else {
        this.alter(former, account, slots, code ?? keptCode(former, account));
      }
    }
  }

  /** All changes since the state below, to be applied to it. */
  diff(): StateDiff {
    return new Map(
      [...this.changes].map(([address, change]) => [
        address,
        { ...change, storage: new Map(change.storage) },
      ]),
    );
  }

  /** Takes over the changes as made below; snapshots from before are gone. */
  clear(): void {
    this.edits++;
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
    this.edits++;
    const { length } = this.snapshots[index]!;
    while (this.undo.length > length) this.undo.pop()!();
    this.snapshots.length = index;
    return true;
  }

  private replace(address: Address, change: Change): void {
    const { changes } = this;
    const former = changes.get(address);
    if (this.snapshots.length > 0) {
      this.undo.push(() => {
        if (former === undefined) changes.delete(address);
        else changes.set(address, former);
      });
    }
    changes.set(address, change);
  }

  private alter(change: Change, account: AccountInfo, slots: Slots, code: Uint8Array | undefined): void {
    const keep = this.snapshots.length > 0;
    if (keep) {
      const { account: formerAccount, code: formerCode } = change;
      this.undo.push(() => {
        change.account = formerAccount;
        change.code = formerCode;
      });
    }
    change.account = account;
    change.code = code;
    const { storage } = change;
    for (const [key, value] of slots) {
      if (keep) {
        const former = storage.get(key);
        this.undo.push(() => {
          if (former === undefined) storage.delete(key);
          else storage.set(key, former);
        });
      }
      storage.set(key, value);
    }
  }
}

/** Code that a former change brought and that a later one, which does not repeat it, leaves in place. */
const keptCode = (former: Change | undefined, account: AccountInfo): Uint8Array | undefined =>
  former?.account?.codeHash === account.codeHash ? former.code : undefined;

/**
 * Whether the state below has slots beside these. Not every reader can list its slots; one that cannot leaves it at
 * what it has itself, as if not all of its slots were set to 0. Only an account without code and nonce would show the
 * difference (EIP-7610), and none such has set slots to 0.
 */
function hasOthers(base: StateReader, address: Address, keys: ReadonlyMap<bigint, bigint>): boolean {
  const { slots } = base as { slots?: (address: Address) => Slots };
  if (slots === undefined) return true;
  for (const [key] of slots.call(base, address)) if (!keys.has(key)) return true;
  return false;
}
