/**
 * Parts of saved states that several of them share, and the room that all of them take together. It knows nothing of what
 * is saved.
 */

/** A part that never changes once it is made. */
export interface Piece {
  /** Its own, about; without those of its parts. */
  readonly bytes: number;
  readonly parts: readonly Piece[];
  /** How many hold it. Kept by `Ledger`. */
  holders: number;
}

/** Counts the bytes of all pieces that are held, each once. */
export class Ledger {
  bytes = 0;

  hold(piece: Piece): void {
    if (piece.holders++ > 0) return;
    this.bytes += piece.bytes;
    for (const part of piece.parts) this.hold(part);
  }

  release(piece: Piece): void {
    if (--piece.holders > 0) return;
    this.bytes -= piece.bytes;
    for (const part of piece.parts) this.release(part);
  }
}

/** A stretch of a list. */
export interface Chunk<T> extends Piece {
  readonly items: readonly T[];
}

const CHUNK_ITEMS = 256;

/**
 * A list in chunks; those that are as they were in a list saved before are that list's. Items are compared by identity.
 * @param itemBytes of an item, about
 */
export function chunksOf<T>(
  list: readonly T[],
  before: readonly Chunk<T>[],
  itemBytes: number,
): readonly Chunk<T>[] {
  const chunks: Chunk<T>[] = [];
  for (let from = 0; from < list.length; from += CHUNK_ITEMS) {
    const to = Math.min(from + CHUNK_ITEMS, list.length);
    const known = before[chunks.length];
    chunks.push(
      known !== undefined && isSame(known.items, list, from, to) ? known : chunk(list, from, to, itemBytes),
    );
  }
  return chunks;
}

function isSame<T>(items: readonly T[], list: readonly T[], from: number, to: number): boolean {
  if (items.length !== to - from) return false;
  for (let i = 0; i < items.length; i++) if (items[i] !== list[from + i]) return false;
  return true;
}

const chunk = <T>(list: readonly T[], from: number, to: number, itemBytes: number): Chunk<T> => ({
  items: list.slice(from, to),
  bytes: (to - from) * itemBytes + 64,
  parts: [],
  holders: 0,
});

/** Makes a list what it was when it was saved. */
export function refill<T>(list: T[], chunks: readonly Chunk<T>[]): void {
  list.length = 0;
  for (const { items } of chunks) for (const item of items) list.push(item);
}
