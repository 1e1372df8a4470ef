/**
 * Which pages of a database's file nobody needs. LMDB does not write a page that it took and gave back within a
 * transaction, so a sound file may end before its last page: then that page is on the list of free ones. Owns the reading
 * of this list; the package tells of its length only. Reads the file as it is on disk and trusts nothing in it.
 *
 * Source: the layout in LMDB's mdb.c (MDB_meta, MDB_db, MDB_page, MDB_node) as in the package `lmdb` 3.5: pages with a
 * header of 24 bytes, offsets behind it; words in the machine's order; rows of free pages as their negated number, then the
 * first.
 */

const HEADER = 24;
const FLAGS_AT = 18;
const LOWER_AT = 20;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;

// In a page of the start, behind the header: the tree of free pages is the first of two.
const FREE_ROOT_AT = HEADER + 24 + 40;
const LAST_PAGE_AT = HEADER + 24 + 96;
const TRANSACTION_AT = LAST_PAGE_AT + 8;
const NO_PAGE = (1n << 64n) - 1n;

// In a node: a length of four bytes (in a branch six of a page's number), flags, the key's length, the key.
const NODE_FLAGS_AT = 4;
const KEY_LENGTH_AT = 6;
const NODE_HEADER = 8;
const ON_OTHER_PAGES = 0x01;

/** Deeper than any tree of pages that a file can hold. */
const MOST_LEVELS = 32;

/** Reads bytes of the file; fewer than asked for where it ends. */
export type ReadAt = (position: number, length: number) => Uint8Array;

/** Thrown inside this module where the file does not hold what it should. */
class Unreadable extends Error {}

/**
 * Whether all pages from `first` to `last` are free by the newest list.
 * @param isLittle the order of bytes in the file
 * @returns false, too, where the list cannot be read
 */
export function areFree(
  read: ReadAt,
  pageSize: number,
  isLittle: boolean,
  first: number,
  last: number,
): boolean {
  const missing = new Set<number>();
  for (let page = first; page <= last; page++) missing.add(page);
  try {
    new FreeList(read, pageSize, isLittle).strike(missing, last);
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
  return missing.size === 0;
}

class FreeList {
  private readonly read: ReadAt;
  private readonly pageSize: number;
  private readonly isLittle: boolean;

  constructor(read: ReadAt, pageSize: number, isLittle: boolean) {
    this.read = read;
    this.pageSize = pageSize;
    this.isLittle = isLittle;
  }

  /** Removes the pages that the list names from a set. */
  strike(pages: Set<number>, lastPage: number): void {
    const starts = [this.page(0), this.page(1)];
    const [older, newer] = starts.sort((a, b) =>
      this.word(a, TRANSACTION_AT) < this.word(b, TRANSACTION_AT) ? -1 : 1,
    );
    const start = this.word(newer!, LAST_PAGE_AT) === BigInt(lastPage) ? newer! : older!;
    if (this.word(start, LAST_PAGE_AT) !== BigInt(lastPage)) throw new Unreadable();
    const root = this.word(start, FREE_ROOT_AT);
    if (root !== NO_PAGE) this.walk(root, pages, 0);
  }

  private walk(number: bigint, pages: Set<number>, level: number): void {
    if (level > MOST_LEVELS) throw new Unreadable();
    const page = this.page(Number(number));
    const flags = page.getUint16(FLAGS_AT, this.isLittle);
    const count = page.getUint16(LOWER_AT, this.isLittle) >>> 1;
    for (let i = 0; i < count; i++) {
      const node = HEADER + this.short(page, HEADER + 2 * i);
      if ((flags & BRANCH) !== 0) this.walk(this.child(page, node), pages, level + 1);
      else if ((flags & LEAF) !== 0) this.strikeRecord(this.record(page, node), pages);
      else throw new Unreadable();
    }
  }

  private child(page: DataView, node: number): bigint {
    return BigInt(this.length(page, node)) + (BigInt(this.short(page, node + NODE_FLAGS_AT)) << 32n);
  }

  /** The value of a node: a number of words, and as many words. */
  private record(page: DataView, node: number): DataView {
    const length = this.length(page, node);
    const at = node + NODE_HEADER + this.short(page, node + KEY_LENGTH_AT);
    if ((this.short(page, node + NODE_FLAGS_AT) & ON_OTHER_PAGES) === 0) return this.part(page, at, length);
    const first = Number(this.word(page, at)) * this.pageSize;
    const other = this.bytes(first, HEADER + length);
    if ((other.getUint16(FLAGS_AT, this.isLittle) & OVERFLOW) === 0) throw new Unreadable();
    return this.part(other, HEADER, length);
  }

  private strikeRecord(record: DataView, pages: Set<number>): void {
    const count = Number(this.word(record, 0));
    for (let i = 1; i <= count; i++) {
      const entry = this.signed(record, 8 * i);
      if (entry >= 0n) {
        pages.delete(Number(entry));
        continue;
      }
      i++;
      const first = this.word(record, 8 * i);
      for (const page of [...pages])
        if (BigInt(page) >= first && BigInt(page) < first - entry) pages.delete(page);
    }
  }

  private page(number: number): DataView {
    return this.bytes(number * this.pageSize, this.pageSize);
  }

  private bytes(position: number, length: number): DataView {
    if (!Number.isSafeInteger(position + length)) throw new Unreadable();
    const bytes = this.read(position, length);
    if (bytes.length < length) throw new Unreadable();
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  private part(view: DataView, at: number, length: number): DataView {
    if (at + length > view.byteLength) throw new Unreadable();
    return new DataView(view.buffer, view.byteOffset + at, length);
  }

  private short(view: DataView, at: number): number {
    if (at + 2 > view.byteLength) throw new Unreadable();
    return view.getUint16(at, this.isLittle);
  }

  /** Two halves, the lower of which comes first in the order of bytes of the machine. */
  private length(view: DataView, at: number): number {
    if (at + 4 > view.byteLength) throw new Unreadable();
    return view.getUint32(at, this.isLittle);
  }

  private word(view: DataView, at: number): bigint {
    return BigInt.asUintN(64, this.signed(view, at));
  }

  private signed(view: DataView, at: number): bigint {
    if (at + 8 > view.byteLength) throw new Unreadable();
    return view.getBigInt64(at, this.isLittle);
  }
}
