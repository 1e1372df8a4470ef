/**
 * Byte-addressed memory of one frame. It grows in words and is zero where nothing was written; prices are in
 * `gas.ts`, which calls `resize` once the growth is paid.
 */

import { readWord, writeWord } from '../primitives/bytes.ts';

// Buffers up to this size are kept when a frame is used again; larger ones are left to the collector.
const KEEP_BYTES = 1 << 18;
const INITIAL_BYTES = 1 << 10;

export class Memory {
  /** Size in bytes as MSIZE sees it, a multiple of 32. */
  size = 0;
  /** Backing store; its length is the capacity, not the size. */
  private bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  private view: DataView = new DataView(this.bytes.buffer);

  /** Grows to `size` bytes, a multiple of 32. */
  resize(size: number): void {
    if (size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(size, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.size));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.size = size;
  }

  /** Makes the memory empty and zero for another frame. */
  reset(): void {
    if (this.size === 0) return;
    if (this.bytes.length > KEEP_BYTES) {
      this.bytes = new Uint8Array(INITIAL_BYTES);
      this.view = new DataView(this.bytes.buffer);
    } else {
      this.bytes.fill(0, 0, this.size);
    }
    this.size = 0;
  }

  // Offsets below are numbers inside the size: the caller has paid for them and grown the memory.

  load(offset: number): bigint {
    return readWord(this.view, offset);
  }

  store(offset: number, value: bigint): void {
    writeWord(this.view, offset, value);
  }

  store8(offset: number, value: number): void {
    this.bytes[offset] = value;
  }

  /** A view, valid until the memory grows or the frame ends. */
  viewOf(offset: number, size: number): Uint8Array {
    return this.bytes.subarray(offset, offset + size);
  }

  /** A copy. */
  slice(offset: number, size: number): Uint8Array {
    return this.bytes.slice(offset, offset + size);
  }

  /**
   * Copies `size` bytes from `source` at `sourceOffset` (any word) to `offset`, with zeros where the source
   * has ended.
   */
  copyIn(offset: number, source: Uint8Array, sourceOffset: bigint, size: number): void {
    const from = sourceOffset < BigInt(source.length) ? Number(sourceOffset) : source.length;
    const available = Math.min(size, source.length - from);
    if (available > 0) this.bytes.set(source.subarray(from, from + available), offset);
    if (available < size) this.bytes.fill(0, offset + available, offset + size);
  }

  /** Writes the first `size` bytes of `data`, or all of it where it is shorter. */
  write(offset: number, data: Uint8Array, size: number): void {
    this.bytes.set(data.length > size ? data.subarray(0, size) : data, offset);
  }

  /** Moves bytes inside the memory; the ranges may overlap. */
  move(to: number, from: number, size: number): void {
    this.bytes.copyWithin(to, from, from + size);
  }
}
