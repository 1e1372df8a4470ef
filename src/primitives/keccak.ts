/**
 * Keccak-256 as Ethereum uses it (the padding of the original submission, not of FIPS 202). Owns which implementation
 * computes it: the one of keccak-into.ts until a faster one takes its place.
 */

import { demandBytes, EMPTY_BYTES, readWord } from './bytes.ts';
import { keccakInto } from './keccak-into.ts';

/** Writes the 32-byte hash of `data[start, end)` to `out`, and keeps neither. */
export type KeccakInto = typeof keccakInto;

// The one binding of the core that ever changes, and nobody can tell but by the time it takes.
let into: KeccakInto = keccakInto;

// A buffer only: nothing in it outlives a call.
const WORD = new Uint8Array(32);
const WORD_VIEW = new DataView(WORD.buffer);

/** The bytes 7i, modulo 256, of which [7, 307) are hashed: two blocks, and of the third some lanes and bytes. */
const TEST_DATA_BYTES = 320;
const TEST_HASH = 0x6180aac7eb6edf3e9f0370a11139204568250dfb6adf7a55b3e3890da2ddd6e3n;

/** The rate: of so many bytes each, hashes take the more time the more there are. */
const BLOCK_BYTES = 136;
/** In the time that these take in a new process, an emitted function is made (3 ms; measured on Node 20). */
const PATIENCE_BLOCKS = 50;

/**
 * Has hashes computed by what `make` gives, the same function but faster, once so many have been asked for that making it
 * is worth its time. Where it gives null, or another hash for a test vector, all stays as it is.
 */
export function replaceKeccak(make: () => KeccakInto | null): void {
  let blocks = 0;
  into = (data, start, end, out) => {
    blocks += 1 + (end - start) / BLOCK_BYTES;
    if (blocks > PATIENCE_BLOCKS) {
      const faster = make();
      into = faster !== null && isRight(faster) ? faster : keccakInto;
      into(data, start, end, out);
    } else keccakInto(data, start, end, out);
  };
}

function isRight(implementation: KeccakInto): boolean {
  const data = Uint8Array.from({ length: TEST_DATA_BYTES }, (_, i) => 7 * i);
  return (
    [
      [7, 7, EMPTY_CODE_HASH],
      [7, 307, TEST_HASH],
    ] as const
  ).every(([start, end, hash]) => {
    implementation(data, start, end, WORD);
    return readWord(WORD_VIEW, 0) === hash;
  });
}

/** The 32-byte hash of `data[start, end)`, of all bytes by default; the range must lie within the data. */
export function keccak256(data: Uint8Array, start = 0, end: number = data.length): Uint8Array {
  demandBytes(data, 'data');
  const out = new Uint8Array(32);
  into(data, start, end, out);
  return out;
}

/** The hash of `data[start, end)` as a word. */
export function keccakWord(data: Uint8Array, start = 0, end: number = data.length): bigint {
  into(data, start, end, WORD);
  return readWord(WORD_VIEW, 0);
}

/** Hash of no bytes: the code hash of an account without code. */
export const EMPTY_CODE_HASH: bigint = keccakWord(EMPTY_BYTES);
