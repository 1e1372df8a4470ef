/**
 * Bytes of cases. Node takes a piece of memory from the system for each array of more than 64 bytes, and gives each back
 * by itself, which takes longer than to write a code; here several arrays lie in one piece. A case that is kept keeps
 * what lies beside it, so pieces are small.
 */

const SLAB = 16_384;
/** Longer ones get a piece of their own. */
const MOST_SHARED = 4_096;

let slab = new Uint8Array(SLAB);
let used = 0;

/** So many zeros, which nobody else has. */
export function zeroBytes(length: number): Uint8Array {
  if (length > MOST_SHARED) return new Uint8Array(length);
  if (used + length > SLAB) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  used += length;
  return bytes;
}

/** A copy. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = zeroBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
