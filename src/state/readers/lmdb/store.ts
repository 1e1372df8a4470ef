/**
 * The database file. Owns the handle, transactions, views that do not move, and the translation of LMDB's failures;
 * keys.ts and records.ts own what is in it.
 */

import type { RootDatabase } from 'lmdb';
import { ErbiumError } from '../../../primitives/errors.ts';
import type { KeyRange } from './keys.ts';

type Database = RootDatabase<Uint8Array, Uint8Array>;
type Transaction = ReturnType<Database['useReadTransaction']>;

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What can be read, at the head or as it was at one moment. */
export interface StoreReader {
  readonly path: string;
  /** Fresh bytes; undefined where there is nothing. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** The first entries of a range, in order. */
  page(range: KeyRange, limit: number): Entry[];
}

/** Entries of a page, for walks over more than fits into memory. */
const PAGE_ENTRIES = 1000;

export class Store implements StoreReader {
  readonly path: string;
  readonly isReadOnly: boolean;
  private readonly db: Database;
  private readonly views = new Set<View>();
  // Values are written from one buffer: handing over a small array of its own takes LMDB half as long again.
  private value = new Uint8Array(4096);
  private isClosed = false;

  constructor(path: string, db: Database, isReadOnly: boolean) {
    this.path = path;
    this.db = db;
    this.isReadOnly = isReadOnly;
  }

  get(key: Uint8Array, transaction?: Transaction): Uint8Array | undefined {
    const { db } = this.open();
    try {
      return db.get(key, transaction === undefined ? undefined : { transaction });
    } catch (error) {
      throw this.failure(error);
    }
  }

  /**
   * Like `get`, without a copy: the bytes hold until the next read, and only their first `peekedLength` count.
   */
  peek(key: Uint8Array): Uint8Array | undefined {
    const { db } = this.open();
    try {
      return db.getBinaryFast(key);
    } catch (error) {
      throw this.failure(error);
    }
  }

  get peekedLength(): number {
    return (this.db as unknown as { lastSize: number }).lastSize;
  }

  has(key: Uint8Array): boolean {
    return this.peek(key) !== undefined;
  }

  page(range: KeyRange, limit: number, transaction?: Transaction): Entry[] {
    const { db } = this.open();
    const options = transaction === undefined ? { limit } : { limit, transaction };
    try {
      return [...db.getRange({ ...range, ...options })];
    } catch (error) {
      throw this.failure(error);
    }
  }

  keys(range: KeyRange, limit: number): Uint8Array[] {
    const { db } = this.open();
    try {
      return [...db.getKeys({ ...range, limit })];
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Number of entries. */
  size(): number {
    return (this.open().db.getStats() as { entryCount: number }).entryCount;
  }

  /** How far the file has to reach. */
  extent(): { pages: number; pageSize: number } {
    const stats = this.open().db.getStats() as { lastPageNumber: number; pageSize: number };
    return { pages: stats.lastPageNumber + 1, pageSize: stats.pageSize };
  }

  /** Runs what reads, so that a failure names the path. */
  run<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /**
   * Everything that `action` writes, on disk when this returns, or nothing of it where it throws.
   * @throws ErbiumError STORE_FAILURE, or what `action` throws
   */
  transact(action: () => void): void {
    const { db } = this.open();
    if (this.isReadOnly) throw new ErbiumError('STORE_FAILURE', `${this.path}: is open for reading only`);
    try {
      db.transactionSync(action);
    } catch (error) {
      throw this.failure(error);
    }
  }

  // The following two belong into `transact`.

  put(key: Uint8Array, value: Uint8Array): void {
    void this.db.put(key, this.buffered(value));
  }

  /** Writes unless there is an entry. */
  putNew(key: Uint8Array, value: Uint8Array): void {
    // The types of the package know the options of `putSync` only, which does the same within a transaction.
    void this.db.putSync(key, this.buffered(value), { noOverwrite: true });
  }

  remove(key: Uint8Array): void {
    void this.db.remove(key);
  }

  private buffered(value: Uint8Array): Uint8Array {
    if (value.length > this.value.length) this.value = new Uint8Array(2 * value.length);
    this.value.set(value);
    return this.value.subarray(0, value.length);
  }

  /** The state as it is now, whatever is written later. Space that it needs is not used again until it is closed. */
  view(): View {
    const view = new View(this, this.open().db.useReadTransaction(), () => this.views.delete(view));
    this.views.add(view);
    return view;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    // Transactions end before the database does: LMDB would read memory that is gone.
    for (const view of [...this.views]) view.close();
    this.isClosed = true;
    try {
      await this.db.close();
    } catch (error) {
      throw this.failure(error);
    }
  }

  private open(): this {
    if (this.isClosed) throw new ErbiumError('STORE_FAILURE', `${this.path}: is closed`);
    return this;
  }

  private failure(error: unknown): ErbiumError {
    if (error instanceof ErbiumError) {
      // What a record lacks is found where the path is not known.
      const isPlaced = error.code !== 'STORE_FAILURE' || error.message.startsWith(this.path);
      return isPlaced ? error : new ErbiumError('STORE_FAILURE', `${this.path}: ${error.message}`);
    }
    return new ErbiumError('STORE_FAILURE', `${this.path}: ${(error as Error).message}`);
  }
}

export class View implements StoreReader {
  readonly path: string;
  private readonly store: Store;
  private readonly transaction: Transaction;
  private readonly onClose: () => void;
  private isClosed = false;

  constructor(store: Store, transaction: Transaction, onClose: () => void) {
    this.path = store.path;
    this.store = store;
    this.transaction = transaction;
    this.onClose = onClose;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.store.get(key, this.open());
  }

  page(range: KeyRange, limit: number): Entry[] {
    return this.store.page(range, limit, this.open());
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.transaction.done();
    this.onClose();
  }

  private open(): Transaction {
    if (this.isClosed) throw new ErbiumError('STORE_FAILURE', `${this.path}: is closed`);
    return this.transaction;
  }
}

/**
 * Entries of a range, read in pages, so that nothing is held between two of them. Over a store, entries that are
 * written meanwhile may be seen or not; over a view there are none.
 */
export function* walk(reader: StoreReader, { start, end }: KeyRange): Generator<Entry, void, undefined> {
  for (let from = start; ; ) {
    const page = reader.page({ start: from, end }, PAGE_ENTRIES);
    yield* page;
    if (page.length < PAGE_ENTRIES) return;
    from = after(page.at(-1)!.key);
  }
}

/** The key that follows a key. */
function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
