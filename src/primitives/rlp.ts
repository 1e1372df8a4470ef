/**
 * Recursive length prefix (Yellow Paper, appendix B). Decoding is strict: only the one canonical encoding of
 * an item is accepted, as consensus requires. Written here, not taken from a library as the design has it,
 * because tries and hashes run on it; the tests hold it against @ethereumjs/rlp.
 */

import { concatBytes, isBytes, toMinimalBytes } from './bytes.ts';
import { ErbiumError } from './errors.ts';

export type RlpItem = Uint8Array | readonly RlpItem[];

/** An RLP tree before encoding: numbers stand for their shortest big-endian bytes. */
export type RlpInput = Uint8Array | bigint | readonly RlpInput[];

function header(offset: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const size = toMinimalBytes(BigInt(length));
  return concatBytes(Uint8Array.of(offset + 55 + size.length), size);
}

export function encodeRlp(item: RlpInput): Uint8Array {
  if (typeof item === 'bigint') return encodeRlp(toMinimalBytes(item));
  if (isBytes(item)) {
    // Not the item itself: the caller may alter what it gets.
    if (item.length === 1 && item[0]! < 0x80) return Uint8Array.of(item[0]!);
    return concatBytes(header(0x80, item.length), item);
  }
  const parts = item.map(encodeRlp);
  let length = 0;
  for (const part of parts) length += part.length;
  const head = header(0xc0, length);
  const encoded = new Uint8Array(head.length + length);
  encoded.set(head);
  // Not concatBytes: as its arguments, some 100,000 parts overflow the JavaScript stack.
  let at = head.length;
  for (const part of parts) {
    encoded.set(part, at);
    at += part.length;
  }
  return encoded;
}

// Deep enough for every Ethereum structure, shallow enough that hostile input cannot exhaust the stack.
const MAX_DEPTH = 64;

class Decoder {
  private at = 0;
  private readonly data: Uint8Array;
  private readonly place: string;

  constructor(data: Uint8Array, place: string) {
    this.data = data;
    this.place = place;
  }

  fail(reason: string): never {
    throw new ErbiumError('INVALID_RLP', `${this.place}: ${reason} at byte ${this.at}`);
  }

  whole(): RlpItem {
    const item = this.item(this.data.length, 0);
    if (this.at !== this.data.length) this.fail(`${this.data.length - this.at} bytes left over`);
    return item;
  }

  private item(end: number, depth: number): RlpItem {
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} lists`);
    if (this.at >= end) this.fail('unexpected end');
    const first = this.data[this.at]!;
    if (first < 0x80) return this.data.subarray(this.at, ++this.at);
    if (first < 0xc0) {
      const length = this.length(first, 0x80, end);
      if (length === 1 && this.data[this.at]! < 0x80) this.fail('single byte below 0x80 has a prefix');
      return this.data.subarray(this.at, (this.at += length));
    }
    const length = this.length(first, 0xc0, end);
    const listEnd = this.at + length;
    const items: RlpItem[] = [];
    while (this.at < listEnd) items.push(this.item(listEnd, depth + 1));
    return items;
  }

  /** Reads the header whose first byte is `first`, and moves to the payload. */
  private length(first: number, offset: number, end: number): number {
    this.at++;
    let length = first - offset;
    if (length > 55) {
      const sizeBytes = length - 55;
      if (this.at + sizeBytes > end) this.fail('length prefix runs past the end');
      if (this.data[this.at] === 0) this.fail('length prefix has a leading zero');
      length = 0;
      for (let i = 0; i < sizeBytes; i++) length = length * 256 + this.data[this.at++]!;
      if (length < 56) this.fail('length prefix is longer than needed');
    }
    if (length > end - this.at) this.fail(`item of ${length} bytes runs past the end`);
    return length;
  }
}

/**
 * @param place what the bytes are, for the error message
 * @throws ErbiumError INVALID_RLP, naming the byte at which the encoding stops being canonical
 */
export const decodeRlp = (data: Uint8Array, place = 'RLP'): RlpItem => new Decoder(data, place).whole();
