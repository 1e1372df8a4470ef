/** State in memory: the reader for tests, simulations and small chains. */

import type { Address } from '../../primitives/address.ts';
import { demandBytes, EMPTY_BYTES, toHex32 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../primitives/keccak.ts';
import type { StateDiff } from '../diff.ts';
import type { AccountInfo, StateStore } from '../reader.ts';
import { type HashCache, stateRoot } from '../root.ts';

interface StoredAccount extends AccountInfo {
  readonly storage: Map<bigint, bigint>;
}

/** An account as a caller gives it; what is left out is zero or empty. */
export interface AccountInput {
  readonly nonce?: bigint;
  readonly balance?: bigint;
  readonly code?: Uint8Array;
  readonly storage?: Iterable<readonly [key: bigint, value: bigint]>;
}

/** A state in memory, which can be written to. */
export class MemoryState implements StateStore {
  private readonly accounts = new Map<Address, StoredAccount>();
  private readonly codes = new Map<bigint, Uint8Array>([[EMPTY_CODE_HASH, EMPTY_BYTES]]);
  private readonly blockHashes: (number: bigint) => bigint;

  /**
   * @param blockHashes answers BLOCKHASH; without it every hash is 0
   */
  constructor(blockHashes: (number: bigint) => bigint = () => 0n) {
    this.blockHashes = blockHashes;
  }

  account(address: Address): AccountInfo | undefined {
    return this.accounts.get(address);
  }

  storage(address: Address, key: bigint): bigint {
    return this.accounts.get(address)?.storage.get(key) ?? 0n;
  }

  hasStorage(address: Address): boolean {
    return (this.accounts.get(address)?.storage.size ?? 0) > 0;
  }

  code(codeHash: bigint): Uint8Array {
    const code = this.codes.get(codeHash);
    if (code !== undefined) return code;
    throw new ErbiumError('INVALID_STATE', `no code with hash ${toHex32(codeHash)}`);
  }

  blockHash(number: bigint): bigint {
    return this.blockHashes(number);
  }

  /** Addresses of all accounts. */
  addresses(): IterableIterator<Address> {
    return this.accounts.keys();
  }

  /** Non-zero slots of an account. */
  slots(address: Address): ReadonlyMap<bigint, bigint> {
    return this.accounts.get(address)?.storage ?? new Map();
  }

  /** Puts an account in place of whatever was at the address. */
  put(address: Address, { nonce = 0n, balance = 0n, code = EMPTY_BYTES, storage = [] }: AccountInput): void {
    demandBytes(code, 'code');
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
    // A copy, since code that its owner alters would no longer be that of its hash.
    this.codes.set(codeHash, code.slice());
    const slots = new Map<bigint, bigint>();
    for (const [key, value] of storage) if (value !== 0n) slots.set(key, value);
    this.accounts.set(address, { nonce, balance, codeHash, storage: slots });
  }

  /** Makes the changes of a transaction; where the diff throws, none of them is made. */
  apply(diff: StateDiff): void {
    // All of the diff is read before anything is changed.
    const read = [...diff].map(([address, { account, storageCleared, storage, code }]) => {
      if (account === null) return { address, info: null, storageCleared: true, slots: [], code };
      const { nonce, balance, codeHash } = account;
      return { address, info: { nonce, balance, codeHash }, storageCleared, slots: [...storage], code };
    });
    for (const { address, info, storageCleared, slots, code } of read) {
      if (info === null) {
        this.accounts.delete(address);
        continue;
      }
      const kept = storageCleared ? undefined : this.accounts.get(address)?.storage;
      const storage = kept ?? new Map<bigint, bigint>();
      for (const [key, value] of slots) {
        if (value === 0n) storage.delete(key);
        else storage.set(key, value);
      }
      if (code !== undefined) this.codes.set(info.codeHash, code);
      this.accounts.set(address, { ...info, storage });
    }
  }

  /**
   * Root of the state trie, 32 bytes.
   * @param cache spares the hashing of keys that were seen before
   */
  root(cache?: HashCache): Uint8Array {
    return stateRoot(this.accounts, cache);
  }

  /** A copy that shares nothing that changes. */
  clone(): MemoryState {
    const copy = new MemoryState(this.blockHashes);
    for (const [hash, code] of this.codes) copy.codes.set(hash, code);
    for (const [address, account] of this.accounts) {
      copy.accounts.set(address, { ...account, storage: new Map(account.storage) });
    }
    return copy;
  }
}
