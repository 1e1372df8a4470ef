/**
 * Keccak-256 as Ethereum uses it (the padding of the original submission, not of FIPS 202). Owns which implementation
 * computes it: the one of keccak-into.ts until a faster one takes its place.
 */

import { demandBytes, EMPTY_BYTES, readWord } from './bytes.ts';
import { ErbiumError } from './errors.ts';
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

/**
 * Has every hash from now on computed by `implementation`: the same function, faster.
 *
 * @throws ErbiumError INVALID_ARGUMENT where it gives another hash; it is not taken then
 */
export function replaceKeccak(implementation: KeccakInto): void {
  const data = Uint8Array.from({ length: TEST_DATA_BYTES }, (_, i) => 7 * i);
  for (const [start, end, hash] of [
    [7, 7, EMPTY_CODE_HASH],
    [7, 307, TEST_HASH],
  ] as const) {
    implementation(data, start, end, WORD);
    if (readWord(WORD_VIEW, 0) !== hash) {
      throw new ErbiumError('INVALID_ARGUMENT', `Keccak-256 of ${end - start} bytes comes out wrong`);
    }
  }
  into = implementation;
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
