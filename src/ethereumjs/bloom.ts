/** The bloom filter of a receipt (Yellow Paper, section 4.3.1). */

import { keccak256 } from '../primitives/keccak.ts';
import type { Log } from './result.ts';

const BYTES = 256;
const BITS = 3;

/** A bloom filter of logs. */
export class Bloom {
  /** 256 bytes. */
  readonly bitvector: Uint8Array = new Uint8Array(BYTES);

  add(item: Uint8Array): void {
    for (const [byte, bit] of placesOf(item)) this.bitvector[byte]! |= bit;
  }

  /** Whether the item can be in it. */
  check(item: Uint8Array): boolean {
    return placesOf(item).every(([byte, bit]) => (this.bitvector[byte]! & bit) !== 0);
  }

  multiCheck(items: readonly Uint8Array[]): boolean {
    return items.every((item) => this.check(item));
  }
}

function placesOf(item: Uint8Array): [byte: number, bit: number][] {
  const hash = keccak256(item);
  return Array.from({ length: BITS }, (_, i) => {
    const place = ((hash[2 * i]! << 8) | hash[2 * i + 1]!) & (BYTES * 8 - 1);
    return [BYTES - 1 - (place >> 3), 1 << (place & 7)];
  });
}

export function bloomOf(logs: readonly Log[]): Bloom {
  const bloom = new Bloom();
  for (const [address, topics] of logs) {
    bloom.add(address);
    for (const topic of topics) bloom.add(topic);
  }
  return bloom;
}
