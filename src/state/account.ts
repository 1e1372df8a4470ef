/** What a transaction sees of one account, and of one slot: the state before it, overlaid with its changes. */

import type { Address } from '../primitives/address.ts';
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts';
import type { AccountInfo } from './reader.ts';

export class StorageSlot {
  value: bigint;
  /** The value before the transaction. */
  readonly original: bigint;
  /** Accessed in this transaction (EIP-2929). */
  warm = false;

  constructor(original: bigint) {
    this.value = original;
    this.original = original;
  }
}

export class Account {
  readonly address: Address;
  /** As the reader had it. */
  readonly before: AccountInfo | undefined;
  exists: boolean;
  nonce: bigint;
  balance: bigint;
  codeHash: bigint;
  /** Set where the code changed; otherwise the reader has it. */
  newCode: Uint8Array | undefined = undefined;
  readonly storage = new Map<bigint, StorageSlot>();
  /** EIP-1153; made on first use. */
  transient: Map<bigint, bigint> | null = null;
  /** Accessed in this transaction (EIP-2929). */
  warm = false;
  /** Accessed by an instruction, also where the access was undone. */
  accessed = false;
  /** Made by a creation in this transaction, so that nothing stored before counts. */
  created = false;
  /** Removed at the end of the transaction. */
  destroyed = false;
  /** Removed at the end of the transaction if it is empty (EIP-161). */
  touched = false;

  constructor(address: Address, before: AccountInfo | undefined) {
    this.address = address;
    this.before = before;
    this.exists = before !== undefined;
    this.nonce = before?.nonce ?? 0n;
    this.balance = before?.balance ?? 0n;
    this.codeHash = before?.codeHash ?? EMPTY_CODE_HASH;
  }

  get isEmpty(): boolean {
    return this.nonce === 0n && this.balance === 0n && this.codeHash === EMPTY_CODE_HASH;
  }
}
