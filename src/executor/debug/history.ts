/**
 * Checkpoints of a track, and which of them are kept: all while there is room, and then the more of them the nearer they
 * are to where the track stands, so that a step back costs little there and a long way back still finds some.
 */

import { Ledger, type Piece } from './saves.ts';
import type { Checkpoint } from './track.ts';

export class History {
  private readonly ledger = new Ledger();
  private readonly limit: number;
  /** By position; the first is at 0. */
  private readonly list: Checkpoint[] = [];

  /** @param limit bytes, about; where a state alone is larger than half of it, twice the size of that */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes that all of them take, about. */
  get bytes(): number {
    return this.ledger.bytes;
  }

  get size(): number {
    return this.list.length;
  }

  /** The last one that is not behind a position. */
  before(position: number): Checkpoint | undefined {
    return this.list[this.indexBehind(position) - 1];
  }

  /** Keeps one, where there is none at its position. */
  add(checkpoint: Checkpoint): void {
    const { list, ledger } = this;
    const index = this.indexBehind(checkpoint.position);
    if (list[index - 1]?.position === checkpoint.position) return;
    list.splice(index, 0, checkpoint);
    ledger.hold(checkpoint);
    if (ledger.bytes <= this.limit) return;
    const room = Math.max(this.limit, 2 * sizeOf(checkpoint));
    // Some at once, so that it is not looked for again with the next.
    const enough = room * 0.75;
    if (ledger.bytes > room) while (ledger.bytes > enough && this.thin(checkpoint.position, enough));
  }

  /** How many there are up to a position. */
  private indexBehind(position: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle]!.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drops some of those that leave the smallest gaps, measured by how far they are; false where there are none. */
  private thin(here: number, enough: number): boolean {
    const { list, ledger } = this;
    const inner = list.slice(1).filter(({ position }) => position !== here);
    if (inner.length === 0) return false;
    const gaps = new Map<Checkpoint, number>();
    for (let i = 1; i < list.length; i++) {
      const { position } = list[i]!;
      const next = list[i + 1]?.position ?? Number.POSITIVE_INFINITY;
      gaps.set(list[i]!, (next - list[i - 1]!.position) / Math.abs(here - position));
    }
    inner.sort((a, b) => gaps.get(a)! - gaps.get(b)!);
    const dropped = new Set<Checkpoint>();
    for (const checkpoint of inner.slice(0, Math.ceil(inner.length / 8))) {
      if (ledger.bytes <= enough) break;
      ledger.release(checkpoint);
      dropped.add(checkpoint);
    }
    const kept = list.filter((checkpoint) => !dropped.has(checkpoint));
    list.length = 0;
    for (const checkpoint of kept) list.push(checkpoint);
    return true;
  }
}

/** With all its parts, shared or not. */
const sizeOf = ({ bytes, parts }: Piece): number => parts.reduce((sum, part) => sum + sizeOf(part), bytes);
