/**
 * The world of a run as it was, with its journal: a rollback to before a call that is still running has to work from there
 * as well. A save looks behind what the world hides, because nobody else has to.
 *
 * Accounts, slots and entries of the journal keep their identity, since they refer to one another; what is saved of the
 * first two is what they hold. So a save can be put into any world over the same state.
 */

import type { Address } from '../../primitives/address.ts';
import type { Account, StorageSlot } from '../../state/account.ts';
import type { LogRecord, World } from '../../state/world.ts';
import { type Chunk, chunksOf, type Piece, refill } from './saves.ts';

/** The accounts that a world has looked at. */
export const accountsOf = (world: World): ReadonlyMap<Address, Account> => insideOf(world).accounts;

interface AccountSave extends Piece {
  readonly account: Account;
  readonly exists: boolean;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: bigint;
  readonly newCode: Uint8Array | undefined;
  readonly warm: boolean;
  readonly accessed: boolean;
  readonly created: boolean;
  readonly destroyed: boolean;
  readonly touched: boolean;
  readonly keys: readonly bigint[];
  readonly slots: readonly StorageSlot[];
  readonly values: readonly bigint[];
  readonly warmSlots: Uint8Array;
  readonly transient: readonly (readonly [bigint, bigint])[] | null;
}

/** What a world hides. */
interface Inside {
  readonly accounts: Map<Address, Account>;
  readonly counters: { refund: number; readonly logs: LogRecord[] };
  /** Of the journal. */
  readonly entries: unknown[];
}

// biome-ignore-start lint/complexity/useLiteralKeys: they are private
const insideOf = (world: World): Inside => ({
  accounts: world['accounts'],
  counters: world['counters'],
  entries: world['journal']['entries'],
});
// biome-ignore-end lint/complexity/useLiteralKeys: as above

/** A saved world. */
export interface WorldSave extends Piece {
  readonly accounts: readonly AccountSave[];
  readonly entries: readonly Chunk<unknown>[];
  readonly logs: readonly Chunk<LogRecord>[];
  readonly refund: number;
  readonly rollbacks: number;
  /** What had to be looked at to make it: accounts, slots, entries. */
  readonly items: number;
}

// Measured on V8: a slot of a save is a key, a pointer, a value and a flag; an entry is what keeps a journal's entry alive.
const SLOT_BYTES = 72;
const TRANSIENT_BYTES = 120;
const ACCOUNT_BYTES = 400;
const ENTRY_BYTES = 100;
const LOG_BYTES = 400;

/** @param before a save of an earlier moment, whose parts are shared where nothing has changed */
export function saveWorld(world: World, before: WorldSave | undefined): WorldSave {
  const accounts: AccountSave[] = [];
  let items = 0;
  const { accounts: live, counters, entries: journal } = insideOf(world);
  for (const account of live.values()) {
    const known = before?.accounts[accounts.length];
    accounts.push(known !== undefined && isSame(known, account) ? known : saveAccount(account));
    items += 4 + account.storage.size;
  }
  const entries = chunksOf(journal, before?.entries ?? [], ENTRY_BYTES);
  const logs = chunksOf(counters.logs, before?.logs ?? [], LOG_BYTES);
  return {
    accounts,
    entries,
    logs,
    refund: world.refund,
    rollbacks: world.rollbacks,
    items: items + (journal.length >> 3),
    bytes: 350 + (accounts.length + entries.length) * 8,
    parts: [...accounts, ...entries, ...logs],
    holders: 0,
  };
}

/** Makes a world over the same state what was saved. */
export function restoreWorld(world: World, save: WorldSave): void {
  const { accounts, counters, entries } = insideOf(world);
  accounts.clear();
  for (const account of save.accounts) accounts.set(account.account.address, restoreAccount(account));
  refill(entries, save.entries);
  refill(counters.logs, save.logs);
  counters.refund = save.refund;
  world.rollbacks = save.rollbacks;
}

function saveAccount(account: Account): AccountSave {
  const slots = [...account.storage.values()];
  const transient = account.transient === null ? null : [...account.transient];
  return {
    account,
    ...fieldsOf(account),
    keys: [...account.storage.keys()],
    slots,
    values: slots.map(({ value }) => value),
    warmSlots: Uint8Array.from(slots, ({ warm }) => (warm ? 1 : 0)),
    transient,
    bytes: ACCOUNT_BYTES + slots.length * SLOT_BYTES + (transient?.length ?? 0) * TRANSIENT_BYTES,
    parts: [],
    holders: 0,
  };
}

const fieldsOf = (account: Account | AccountSave) => {
  const { exists, nonce, balance, codeHash, newCode } = account;
  const { warm, accessed, created, destroyed, touched } = account;
  return { exists, nonce, balance, codeHash, newCode, warm, accessed, created, destroyed, touched };
};

function isSame(save: AccountSave, account: Account): boolean {
  if (
    save.account !== account ||
    save.exists !== account.exists ||
    save.nonce !== account.nonce ||
    save.balance !== account.balance ||
    save.codeHash !== account.codeHash ||
    save.newCode !== account.newCode ||
    save.warm !== account.warm ||
    save.accessed !== account.accessed ||
    save.created !== account.created ||
    save.destroyed !== account.destroyed ||
    save.touched !== account.touched ||
    save.slots.length !== account.storage.size
  ) {
    return false;
  }
  let i = 0;
  for (const slot of account.storage.values()) {
    if (slot !== save.slots[i] || slot.value !== save.values[i] || slot.warm !== (save.warmSlots[i] === 1))
      return false;
    i++;
  }
  return isSameTransient(save.transient, account.transient);
}

function isSameTransient(save: AccountSave['transient'], now: Account['transient']): boolean {
  if (save === null || now === null) return save === now;
  if (save.length !== now.size) return false;
  let i = 0;
  for (const [key, value] of now) {
    const [savedKey, savedValue] = save[i++]!;
    if (key !== savedKey || value !== savedValue) return false;
  }
  return true;
}

function restoreAccount(save: AccountSave): Account {
  const { account, keys, slots, values, warmSlots, transient } = save;
  Object.assign(account, fieldsOf(save));
  const { storage } = account;
  if (!hasJust(storage, slots)) {
    storage.clear();
    for (let i = 0; i < slots.length; i++) storage.set(keys[i]!, slots[i]!);
  }
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    slot.value = values[i]!;
    slot.warm = warmSlots[i] === 1;
  }
  account.transient = transient === null ? null : new Map(transient);
  return account;
}

/** Whether the map has these slots; if so, in this order, as none is ever taken out but here. */
function hasJust(storage: ReadonlyMap<bigint, StorageSlot>, slots: readonly StorageSlot[]): boolean {
  if (storage.size !== slots.length) return false;
  let i = 0;
  for (const slot of storage.values()) if (slot !== slots[i++]) return false;
  return true;
}
