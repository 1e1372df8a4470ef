/**
 * A reader over a state elsewhere. It owns what has been fetched and what is missing; the source owns how to fetch.
 * Reading is synchronous and never fetches: see `RemoteReader`.
 */

import { type Address, addressToHex } from '../../primitives/address.ts';
import { EMPTY_BYTES, toHex32 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../primitives/keccak.ts';
import type { AccountInfo, RemoteReader, StateItems } from '../reader.ts';

/** An account as a source gives it. */
export interface FetchedAccount {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly code: Uint8Array;
}

/** What a source is asked for; each item once. */
export interface StateRequest {
  readonly accounts: readonly Address[];
  readonly slots: readonly (readonly [address: Address, key: bigint])[];
  /** Accounts of which is asked whether they have any storage (EIP-7610). */
  readonly storages: readonly Address[];
  /** Numbers of blocks whose hash is asked for. */
  readonly blockHashes: readonly bigint[];
}

/** What a source found, in the order of the request. */
export interface StateAnswer {
  /** undefined where there is no account. */
  readonly accounts: readonly (FetchedAccount | undefined)[];
  readonly slots: readonly bigint[];
  readonly storages: readonly boolean[];
  /** Hashes as words; 0 where there is no such block. */
  readonly blockHashes: readonly bigint[];
}

/** A state that answers later. All answers of one source are of the same state. */
export interface StateSource {
  /** @throws ErbiumError REMOTE_STATE naming the item that cannot be had, or ABORTED */
  fetch(request: StateRequest, signal?: AbortSignal): Promise<StateAnswer>;
}

class RemoteAccount {
  readonly info: AccountInfo | undefined;
  readonly slots = new Map<bigint, bigint>();
  hasStorage: boolean | undefined = undefined;

  constructor(info: AccountInfo | undefined) {
    this.info = info;
  }
}

/** What has been fetched, the same for all views. */
class Fetched {
  readonly accounts = new Map<Address, RemoteAccount>();
  readonly codes = new Map<bigint, Uint8Array>([[EMPTY_CODE_HASH, EMPTY_BYTES]]);
  readonly hashes = new Map<bigint, bigint>();
}

/** A state that is fetched from a source as it is asked for. */
export class RemoteState implements RemoteReader {
  private readonly source: StateSource;
  private readonly fetched: Fetched;
  private wanted = new Wanted();

  constructor(source: StateSource, fetched: Fetched = new Fetched()) {
    this.source = source;
    this.fetched = fetched;
  }

  view(): RemoteReader {
    return new RemoteState(this.source, this.fetched);
  }

  get missing(): string | null {
    return this.wanted.first;
  }

  account(address: Address): AccountInfo | undefined {
    const account = this.fetched.accounts.get(address);
    if (account === undefined) this.wanted.account(address);
    return account?.info;
  }

  storage(address: Address, key: bigint): bigint {
    const account = this.fetched.accounts.get(address);
    if (account === undefined) this.wanted.account(address);
    else if (account.info === undefined) return 0n;
    const value = account?.slots.get(key);
    if (value === undefined) this.wanted.slot(address, key);
    return value ?? 0n;
  }

  hasStorage(address: Address): boolean {
    const account = this.fetched.accounts.get(address);
    if (account === undefined) this.wanted.account(address);
    else if (account.info === undefined) return false;
    const has = account?.hasStorage;
    if (has === undefined) this.wanted.storage(address);
    return has ?? false;
  }

  code(codeHash: bigint): Uint8Array {
    // Accounts come with their code, so that what `account` gave out is here.
    return this.fetched.codes.get(codeHash) ?? EMPTY_BYTES;
  }

  blockHash(number: bigint): bigint {
    const hash = this.fetched.hashes.get(number);
    if (hash === undefined) this.wanted.blockHash(number);
    return hash ?? 0n;
  }

  async load(also: StateItems = { accounts: [], slots: [] }, signal?: AbortSignal): Promise<void> {
    const { wanted } = this;
    for (const address of also.accounts) if (!this.fetched.accounts.has(address)) wanted.account(address);
    for (const [address, key] of also.slots) {
      const account = this.fetched.accounts.get(address);
      if (account === undefined) wanted.account(address);
      if (account?.slots.has(key) !== true) wanted.slot(address, key);
    }
    this.wanted = new Wanted();
    if (wanted.first === null) return;
    const request = wanted.request();
    try {
      this.take(request, await this.source.fetch(request, signal));
    } catch (error) {
      // Still missing, beside what was asked for meanwhile.
      this.wanted = wanted.and(this.wanted);
      throw error;
    }
  }

  private take(request: StateRequest, answer: StateAnswer): void {
    for (const name of ['accounts', 'slots', 'storages', 'blockHashes'] as const) {
      // Taken as it is, it would have a run begin again forever.
      if (answer[name].length !== request[name].length) {
        const got = `${answer[name].length} of ${request[name].length} ${name}`;
        throw new ErbiumError('REMOTE_STATE', `the source answered with ${got}`);
      }
    }
    for (const [i, address] of request.accounts.entries()) {
      // What two loads asked for at once stays as the first had it.
      if (!this.fetched.accounts.has(address))
        this.fetched.accounts.set(address, this.remember(answer.accounts[i]));
    }
    for (const [i, [address, key]] of request.slots.entries()) {
      this.fetched.accounts.get(address)?.slots.set(key, answer.slots[i]!);
    }
    for (const [i, address] of request.storages.entries()) {
      const account = this.fetched.accounts.get(address);
      if (account !== undefined) account.hasStorage = answer.storages[i]!;
    }
    for (const [i, number] of request.blockHashes.entries())
      this.fetched.hashes.set(number, answer.blockHashes[i]!);
  }

  private remember(fetched: FetchedAccount | undefined): RemoteAccount {
    if (fetched === undefined) return new RemoteAccount(undefined);
    const { nonce, balance, code } = fetched;
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
    this.fetched.codes.set(codeHash, code);
    return new RemoteAccount({ nonce, balance, codeHash });
  }
}

/** What was asked for and is not there, each item once. */
class Wanted {
  first: string | null = null;
  private readonly accounts = new Set<Address>();
  private readonly slots = new Map<Address, Set<bigint>>();
  private readonly storages = new Set<Address>();
  private readonly blockHashes = new Set<bigint>();

  account(address: Address): void {
    this.first ??= `account ${addressToHex(address)}`;
    this.accounts.add(address);
  }

  slot(address: Address, key: bigint): void {
    this.first ??= `slot ${toHex32(key)} of account ${addressToHex(address)}`;
    const keys = this.slots.get(address);
    if (keys === undefined) this.slots.set(address, new Set([key]));
    else keys.add(key);
  }

  storage(address: Address): void {
    this.first ??= `whether account ${addressToHex(address)} has storage`;
    this.storages.add(address);
  }

  blockHash(number: bigint): void {
    this.first ??= `hash of block ${number}`;
    this.blockHashes.add(number);
  }

  /** These and others. */
  and(others: Wanted): Wanted {
    const { accounts, slots, storages, blockHashes } = others.request();
    for (const address of accounts) this.account(address);
    for (const [address, key] of slots) this.slot(address, key);
    for (const address of storages) this.storage(address);
    for (const number of blockHashes) this.blockHash(number);
    return this;
  }

  request(): StateRequest {
    return {
      accounts: [...this.accounts],
      slots: [...this.slots].flatMap(([address, keys]) => [...keys].map((key) => [address, key] as const)),
      storages: [...this.storages],
      blockHashes: [...this.blockHashes],
    };
  }
}
