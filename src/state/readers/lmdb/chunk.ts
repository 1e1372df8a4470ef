/**
 * The records of a chunk, one after the other. Owns the walk over its RLP (Yellow Paper, appendix B), which is as strict
 * as that of primitives/rlp.ts. That one makes an object of every item, and a chunk may hold an item in every byte:
 * here nothing is made but the fields of the record at hand, of which there are no more than a record can have.
 */

import { wrong } from './manifest.ts';

export class ChunkReader {
  private readonly chunk: Uint8Array;
  /** Where the record at hand is, for errors. */
  private place: string;
  private at = 0;
  /** Of the last header that was read. */
  private isList = false;

  /** @throws ErbiumError INVALID_STATE where the chunk is no list, or not of this length */
  constructor(chunk: Uint8Array, path: string) {
    this.chunk = chunk;
    this.place = path;
    const length = this.header(chunk.length);
    if (!this.isList) throw wrong(path, 'is not a list');
    const rest = chunk.length - this.at - length;
    if (rest > 0) throw wrong(path, `${rest} bytes left over`);
  }

  hasMore(): boolean {
    return this.at < this.chunk.length;
  }

  /**
   * The fields of the next record, which share the bytes of the chunk.
   * @throws ErbiumError INVALID_STATE where it is no list of at most so many byte strings
   */
  next(place: string, maxFields: number): Uint8Array[] {
    this.place = place;
    const length = this.header(this.chunk.length);
    if (!this.isList) throw wrong(place, 'is not a list');
    const end = this.at + length;
    const fields: Uint8Array[] = [];
    while (this.at < end) {
      if (fields.length === maxFields) throw wrong(place, `has more than ${maxFields} fields`);
      const bytes = this.header(end);
      if (this.isList) throw wrong(place, 'has a list as a field');
      fields.push(this.chunk.subarray(this.at, (this.at += bytes)));
    }
    return fields;
  }

  /** Reads the header of an item that ends at `end` at the latest, moves to its payload and returns its length. */
  private header(end: number): number {
    const { chunk } = this;
    if (this.at >= end) this.fail('unexpected end');
    const first = chunk[this.at]!;
    this.isList = first >= 0xc0;
    // Its own payload.
    if (first < 0x80) return 1;
    this.at++;
    let length = first - (this.isList ? 0xc0 : 0x80);
    if (length > 55) length = this.longLength(length - 55, end);
    if (length > end - this.at) this.fail(`item of ${length} bytes runs past the end`);
    if (!this.isList && length === 1 && chunk[this.at]! < 0x80)
      this.fail('single byte below 0x80 has a prefix');
    return length;
  }

  private longLength(sizeBytes: number, end: number): number {
    const { chunk } = this;
    if (this.at + sizeBytes > end) this.fail('length prefix runs past the end');
    if (chunk[this.at] === 0) this.fail('length prefix has a leading zero');
    let length = 0;
    for (let i = 0; i < sizeBytes; i++) length = length * 256 + chunk[this.at++]!;
    if (length < 56) this.fail('length prefix is longer than needed');
    return length;
  }

  private fail(reason: string): never {
    throw wrong(this.place, `${reason} at byte ${this.at}`);
  }
}
