/**
 * What a run reads of a state: noted by a reader around any other, and answered again by a reader made of the notes.
 * With these, the run needs the state no more. `record-json.ts` owns their text.
 *
 * An account is noted with its code, whether or not that was asked for: a machine that has met the code before takes it
 * from its cache, and the next one could not.
 */

import { type Address, addressToHex } from '../../primitives/address.ts';
import { EMPTY_BYTES, toHex32 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../../primitives/keccak.ts';
import {
  type AccountInfo,
  isRemote,
  type RemoteReader,
  type StateItems,
  type StateReader,
} from '../reader.ts';

/** An account as it was read. */
export interface RecordedAccount {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly code: Uint8Array;
  /** The slots that were read, also those that hold 0. */
  readonly storage: ReadonlyMap<bigint, bigint>;
  /** Whether it had any storage (EIP-7610); undefined where nobody asked. */
  readonly hasStorage: boolean | undefined;
}

/** All that was read of a state. */
export interface StateRecord {
  /** null where there was no account. */
  readonly accounts: ReadonlyMap<Address, RecordedAccount | null>;
  /** Hashes as words by number; 0 where there was no such block. */
  readonly blockHashes: ReadonlyMap<bigint, bigint>;
}

/** A reader that notes what it answers. */
export interface StateRecorder extends StateReader {
  /** What has been read by now. Of an item that changed meanwhile it is what was read first. */
  record(): StateRecord;
}

interface Noted extends RecordedAccount {
  readonly storage: Map<bigint, bigint>;
  hasStorage: boolean | undefined;
}

class Notes {
  readonly accounts = new Map<Address, Noted | null>();
  readonly blockHashes = new Map<bigint, bigint>();
}

class Recorder implements StateRecorder {
  protected readonly notes: Notes;
  private readonly reader: StateReader;

  constructor(reader: StateReader, notes: Notes) {
    this.reader = reader;
    this.notes = notes;
  }

  account(address: Address): AccountInfo | undefined {
    const info = this.reader.account(address);
    const { accounts } = this.notes;
    if (!accounts.has(address) && this.isTrue()) {
      accounts.set(address, info === undefined ? null : this.noted(info));
    }
    return info;
  }

  storage(address: Address, key: bigint): bigint {
    const value = this.reader.storage(address, key);
    const storage = this.notesOn(address)?.storage;
    if (storage?.has(key) === false && this.isTrue()) storage.set(key, value);
    return value;
  }

  hasStorage(address: Address): boolean {
    const has = this.reader.hasStorage(address);
    const account = this.notesOn(address);
    if (account != null && this.isTrue()) account.hasStorage ??= has;
    return has;
  }

  code(codeHash: bigint): Uint8Array {
    return this.reader.code(codeHash);
  }

  blockHash(number: bigint): bigint {
    const hash = this.reader.blockHash(number);
    const { blockHashes } = this.notes;
    if (!blockHashes.has(number) && this.isTrue()) blockHashes.set(number, hash);
    return hash;
  }

  record(): StateRecord {
    const accounts = [...this.notes.accounts].map(
      ([address, account]) =>
        [address, account && { ...account, storage: new Map(account.storage) }] as const,
    );
    return { accounts: new Map(accounts), blockHashes: new Map(this.notes.blockHashes) };
  }

  /** Whether what the reader has just answered is so, and no stand-in. */
  protected isTrue(): boolean {
    return true;
  }

  private noted({ nonce, balance, codeHash }: AccountInfo): Noted {
    const code = codeHash === EMPTY_CODE_HASH ? EMPTY_BYTES : this.reader.code(codeHash);
    return { nonce, balance, code, storage: new Map(), hasStorage: undefined };
  }

  /** A slot is of an account, which is noted with it. */
  private notesOn(address: Address): Noted | null | undefined {
    if (!this.notes.accounts.has(address)) this.account(address);
    return this.notes.accounts.get(address);
  }
}

/** Of a reader that fetches. Once something is missing, what it answers counts for nothing until it is loaded. */
class RemoteRecorder extends Recorder implements RemoteReader {
  private readonly remote: RemoteReader;

  constructor(remote: RemoteReader, notes: Notes) {
    super(remote, notes);
    this.remote = remote;
  }

  get missing(): string | null {
    return this.remote.missing;
  }

  load(also?: StateItems, signal?: AbortSignal): Promise<void> {
    return this.remote.load(also, signal);
  }

  view(): RemoteReader {
    return new RemoteRecorder(this.remote.view(), this.notes);
  }

  protected override isTrue(): boolean {
    return this.remote.missing === null;
  }
}

/** A reader with the answers of another, all of which it notes; it fetches where the other does. */
export const recordState = (reader: StateReader): StateRecorder =>
  isRemote(reader) ? new RemoteRecorder(reader, new Notes()) : new Recorder(reader, new Notes());

/** A state of which a part was recorded. Asked for anything else it throws: whoever asks is not the run of the record. */
export class RecordedState implements StateReader {
  private readonly record: StateRecord;
  private readonly infos = new Map<Address, AccountInfo>();
  private readonly codes = new Map<bigint, Uint8Array>([[EMPTY_CODE_HASH, EMPTY_BYTES]]);

  constructor(record: StateRecord) {
    this.record = record;
    for (const [address, account] of record.accounts) {
      if (account === null) continue;
      const { nonce, balance, code } = account;
      const codeHash = code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code);
      this.infos.set(address, { nonce, balance, codeHash });
      this.codes.set(codeHash, code);
    }
  }

  /** @throws ErbiumError MISSING_STATE naming the account, as the other methods name what they are asked for */
  account(address: Address): AccountInfo | undefined {
    this.recorded(address, () => '');
    return this.infos.get(address);
  }

  storage(address: Address, key: bigint): bigint {
    const what = (): string => `slot ${toHex32(key)} of `;
    const account = this.recorded(address, what);
    if (account === null) return 0n;
    return account.storage.get(key) ?? absent(`${what()}account ${addressToHex(address)}`);
  }

  hasStorage(address: Address): boolean {
    const account = this.recorded(address, () => 'the storage of ');
    if (account === null) return false;
    return account.hasStorage ?? absent(`whether account ${addressToHex(address)} has storage`);
  }

  code(codeHash: bigint): Uint8Array {
    return this.codes.get(codeHash) ?? absent(`code of hash ${toHex32(codeHash)}`);
  }

  blockHash(number: bigint): bigint {
    return this.record.blockHashes.get(number) ?? absent(`hash of block ${number}`);
  }

  private recorded(address: Address, what: () => string): RecordedAccount | null {
    const account = this.record.accounts.get(address);
    return account === undefined ? absent(`${what()}account ${addressToHex(address)}`) : account;
  }
}

function absent(item: string): never {
  throw new ErbiumError('MISSING_STATE', `${item}: not in the record`);
}
