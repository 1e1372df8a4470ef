/**
 * Byte-addressed memory of one frame. It grows in words and is zero where nothing was written; prices are in
 * `gas.ts`, which calls `resize` once the growth is paid. Its bytes lie in a buffer of its own, or, while an engine
 * works on them elsewhere, in a part of the engine's.
 */

import { readWord, writeWord } from '../primitives/bytes.ts';

// Buffers up to this size are kept when a frame is used again; larger ones are left to the collector.
const KEEP_BYTES = 1 << 18;
const INITIAL_BYTES = 1 << 10;

/** Where the bytes of memories lie. */
export interface Space {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Makes the bytes from `from` to `to` usable, and zero. */
  extend(from: number, to: number): void;
}

/** A buffer for one memory. */
class OwnSpace implements Space {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  view: DataView = new DataView(this.bytes.buffer);

  extend(from: number, to: number): void {
    if (to <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(to, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, from));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Makes everything zero that has been used. */
  clear(used: number): void {
    if (this.bytes.length > KEEP_BYTES) {
      this.bytes = new Uint8Array(INITIAL_BYTES);
      this.view = new DataView(this.bytes.buffer);
    } else {
      this.bytes.fill(0, 0, used);
    }
  }
}

/** The memory of one frame, in bytes. It grows in words and is zero where nothing was written. */
export class Memory {
  /** Size in bytes as MSIZE sees it, a multiple of 32. */
  size = 0;
  private readonly own = new OwnSpace();
  private space: Space = this.own;
  /** Where the memory begins in its space. */
  private start = 0;

  /** Grows to `size` bytes, a multiple of 32. */
  resize(size: number): void {
    this.space.extend(this.start + this.size, this.start + size);
    this.size = size;
  }

  /** Makes the memory empty and zero for another frame. */
  reset(): void {
    if (this.space !== this.own) {
      this.space = this.own;
      this.start = 0;
    } else if (this.size > 0) {
      this.own.clear(this.size);
    }
    this.size = 0;
  }

  /** Moves the memory to a place in another space, which has room for it. */
  moveTo(space: Space, start: number): void {
    const { size } = this;
    space.extend(start, start + size);
    if (size > 0) space.bytes.set(this.viewOf(0, size), start);
    this.reset();
    this.space = space;
    this.start = start;
    this.size = size;
  }

  /** Moves the memory back from such a place. */
  moveHome(): void {
    const { own, size } = this;
    if (this.space === own) return;
    own.extend(0, size);
    own.bytes.set(this.viewOf(0, size));
    this.space = own;
    this.start = 0;
  }

  isIn(space: Space): boolean {
    return this.space === space;
  }

  // Offsets below are numbers inside the size: the caller has paid for them and grown the memory.

  load(offset: number): bigint {
    return readWord(this.space.view, this.start + offset);
  }

  store(offset: number, value: bigint): void {
    writeWord(this.space.view, this.start + offset, value);
  }

  store8(offset: number, value: number): void {
    this.space.bytes[this.start + offset] = value;
  }

  /** A view, valid until a memory grows or the frame ends. */
  viewOf(offset: number, size: number): Uint8Array {
    const from = this.start + offset;
    return this.space.bytes.subarray(from, from + size);
  }

  /** A copy. */
  slice(offset: number, size: number): Uint8Array {
    const from = this.start + offset;
    return this.space.bytes.slice(from, from + size);
  }

  /**
   * Copies `size` bytes from `source` at `sourceOffset` (any word) to `offset`, with zeros where the source
   * has ended.
   */
  copyIn(offset: number, source: Uint8Array, sourceOffset: bigint, size: number): void {
    const { bytes } = this.space;
    const at = this.start + offset;
    const from = sourceOffset < BigInt(source.length) ? Number(sourceOffset) : source.length;
    const available = Math.min(size, source.length - from);
    if (available > 0) bytes.set(source.subarray(from, from + available), at);
    if (available < size) bytes.fill(0, at + available, at + size);
  }

  /** Writes the first `size` bytes of `data`, or all of it where it is shorter. */
  write(offset: number, data: Uint8Array, size: number): void {
    this.space.bytes.set(data.length > size ? data.subarray(0, size) : data, this.start + offset);
  }

  /** Moves bytes inside the memory; the ranges may overlap. */
  move(to: number, from: number, size: number): void {
    const { start } = this;
    this.space.bytes.copyWithin(start + to, start + from, start + from + size);
  }
}
