/**
 * Writes trie nodes as RLP (Yellow Paper, appendices B to D) into a buffer that is used again for every
 * node. Owns the bytes of a node, not the shape of the trie.
 */

import { keccak256 } from '../primitives/keccak.ts';

/** What a parent holds of a child: 32 bytes are its hash, fewer are its encoding itself (appendix D). */
export type NodeRef = Uint8Array;

const HASH_BYTES = 32;
// The header of the node's own list is written last, in front of the payload: one byte and up to four of length.
const HEADER_BYTES = 5;
const LEAF_FLAG = 0x20;
const ODD_FLAG = 0x10;

/** The nibble at `index` of a key, counted from the front. */
export const nibbleAt = (key: Uint8Array, index: number): number =>
  (index & 1) === 0 ? key[index >> 1]! >> 4 : key[index >> 1]! & 15;

export class NodeWriter {
  // A branch of sixteen hashes takes 532 bytes; only long values need more.
  private bytes = new Uint8Array(1024);
  private at = HEADER_BYTES;

  /** Starts a node whose payload takes at most `capacity` bytes. */
  begin(capacity: number): void {
    if (capacity + HEADER_BYTES > this.bytes.length) this.bytes = new Uint8Array(2 * capacity);
    this.at = HEADER_BYTES;
  }

  /** The reference to the node written since `begin`. */
  finish(): NodeRef {
    const start = this.wrap();
    if (this.at - start < HASH_BYTES) return this.bytes.slice(start, this.at);
    return keccak256(this.bytes, start, this.at);
  }

  /** Like `finish`, for the root: always the 32-byte hash. */
  finishRoot(): Uint8Array {
    return keccak256(this.bytes, this.wrap(), this.at);
  }

  /**
   * The nibbles [from, to) of a key in hex-prefix form (appendix C).
   * @param isLeaf whether the terminator flag is set
   */
  path(key: Uint8Array, from: number, to: number, isLeaf: boolean): void {
    const count = to - from;
    const length = (count >> 1) + 1;
    const flag = isLeaf ? LEAF_FLAG : 0;
    // A first byte below 0x80 stands for itself.
    if (length > 1) this.stringHeader(length);
    let nibble = from;
    if ((count & 1) === 0) this.bytes[this.at++] = flag;
    else this.bytes[this.at++] = flag | ODD_FLAG | nibbleAt(key, nibble++);
    if ((nibble & 1) === 0) {
      this.copy(key, nibble >> 1, to >> 1);
      return;
    }
    for (; nibble < to; nibble += 2) {
      this.bytes[this.at++] = (nibbleAt(key, nibble) << 4) | nibbleAt(key, nibble + 1);
    }
  }

  string(value: Uint8Array): void {
    if (value.length !== 1 || value[0]! >= 0x80) this.stringHeader(value.length);
    this.copy(value, 0, value.length);
  }

  reference(ref: NodeRef): void {
    if (ref.length === HASH_BYTES) this.bytes[this.at++] = 0x80 + HASH_BYTES;
    this.copy(ref, 0, ref.length);
  }

  empty(): void {
    this.bytes[this.at++] = 0x80;
  }

  private copy(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let at = this.at;
    for (let i = start; i < end; i++) bytes[at++] = from[i]!;
    this.at = at;
  }

  private stringHeader(length: number): void {
    if (length < 56) {
      this.bytes[this.at++] = 0x80 + length;
      return;
    }
    const size = lengthBytes(length);
    this.bytes[this.at++] = 0xb7 + size;
    for (let i = size - 1; i >= 0; i--) this.bytes[this.at++] = length >>> (8 * i);
  }

  /** Puts the list header before the payload and returns where it starts. */
  private wrap(): number {
    const length = this.at - HEADER_BYTES;
    let start = HEADER_BYTES;
    if (length < 56) {
      this.bytes[--start] = 0xc0 + length;
      return start;
    }
    let size = 0;
    for (let rest = length; rest > 0; rest >>>= 8, size++) this.bytes[--start] = rest;
    this.bytes[--start] = 0xf7 + size;
    return start;
  }
}

const lengthBytes = (length: number): number =>
  length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
