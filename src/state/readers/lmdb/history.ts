/**
 * Versions of entries. Owns the change of an entry with the memory of what it was, how an entry was at an older
 * version, and what is forgotten.
 *
 * A commit stores every entry that it changes as it was, under its own version. So what a commit adds lies together
 * at the end of the table, wherever the entries themselves lie, and is removed in one piece. An older version of an
 * entry is found backwards, from stamp to stamp: its cost is the number of its changes since, at most one for each
 * version kept, and one look-up where it has not changed. For an entry that is gone there is no stamp, and the
 * versions since are asked one by one.
 */

import { ErbiumError } from '../../../primitives/errors.ts';
import { historyBelow, historyKey, metaKey, readVersion, VERSION_BYTES, writeVersion } from './keys.ts';
import { stampOf } from './records.ts';
import type { Store, StoreReader } from './store.ts';

/** Stands for an entry that was not there. Shorter than any record. */
const ABSENT = Uint8Array.of(0);

const HEAD = metaKey('head');

/** Where a database stands. */
export interface Head {
  /** Number of commits. */
  readonly version: number;
  /** The oldest version that can be read. */
  readonly oldest: number;
  readonly root: Uint8Array;
}

export function readHead(reader: StoreReader): Head {
  const record = reader.get(HEAD);
  if (record?.length !== 2 * VERSION_BYTES + 32) {
    throw new ErbiumError('STORE_FAILURE', `${reader.path}: the record of the head is damaged`);
  }
  return {
    version: readVersion(record, 0),
    oldest: readVersion(record, VERSION_BYTES),
    root: Uint8Array.from(record.subarray(2 * VERSION_BYTES)),
  };
}

export function writeHead(store: Store, { version, oldest, root }: Head): void {
  const record = new Uint8Array(2 * VERSION_BYTES + 32);
  writeVersion(record, 0, version);
  writeVersion(record, VERSION_BYTES, oldest);
  record.set(root, 2 * VERSION_BYTES);
  store.put(HEAD, record);
}

/** Changes entries within a transaction. */
export class Changes {
  readonly store: Store;
  readonly version: number;
  private readonly isRemembered: boolean;
  /** Entries stored or removed. */
  count = 0;

  /** @param isRemembered whether older versions stay readable */
  constructor(store: Store, version: number, isRemembered: boolean) {
    this.store = store;
    this.version = version;
    this.isRemembered = isRemembered;
  }

  /**
   * Stores a record, on which it puts the stamp.
   * @param former the record that is there, null where there is none. Whoever changes an entry has read it, and half
   * of what remembering costs would be to read it again
   */
  put(key: Uint8Array, record: Uint8Array, former: Uint8Array | null): void {
    this.remember(key, former);
    writeVersion(record, 0, this.version);
    this.store.put(key, record);
  }

  /** @param former as that of `put` */
  remove(key: Uint8Array, former: Uint8Array | null): void {
    this.remember(key, former);
    this.store.remove(key);
  }

  private remember(key: Uint8Array, former: Uint8Array | null): void {
    this.count++;
    if (!this.isRemembered) return;
    const { store, version } = this;
    // An entry that this version has removed before it is not there either, and its history stays.
    if (former === null) store.putNew(historyKey(version, key), ABSENT);
    else if (stampOf(former) !== version) store.put(historyKey(version, key), former);
  }

  /** Forgets history of versions that are not kept, as far as that costs no more than what was changed. */
  forget(oldest: number): void {
    const { store } = this;
    // Twice what was added, so that it comes to an end even after more was kept than now.
    const stale = store.keys(historyBelow(oldest + 1), 2 * this.count + 64);
    for (const key of stale) store.remove(key);
  }
}

/** The record of an entry at a version that is still readable; fresh bytes, or undefined where there was none. */
export function recordAt(
  store: StoreReader,
  key: Uint8Array,
  version: number,
  head: number,
): Uint8Array | undefined {
  let record = store.get(key);
  let before = head + 1;
  while (record !== undefined) {
    const stamp = stampOf(record);
    if (stamp <= version) return record;
    const former = store.get(historyKey(stamp, key));
    if (former === undefined) {
      throw new ErbiumError('STORE_FAILURE', `${store.path}: the history of version ${stamp} has a gap`);
    }
    before = stamp;
    record = former.length === ABSENT.length ? undefined : former;
  }
  for (let since = version + 1; since < before; since++) {
    const former = store.get(historyKey(since, key));
    if (former !== undefined) return former.length === ABSENT.length ? undefined : former;
  }
  return undefined;
}
