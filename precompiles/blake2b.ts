/** The compression function F of BLAKE2b (RFC 7693, section 3.2). */

// biome-ignore format: one row a round
/** Order of the message words in each of the ten different rounds. */
export const SIGMA = Uint8Array.of(
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
);

/** Initialization vector as 32-bit halves, the low one first. */
export const IV: readonly number[] = [
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a, 0xade682d1,
  0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
];

/** Mixes the words x and y of the message into the words at a, b, c and d of v; all are indices of halves. */
function mix(v: Int32Array, a: number, b: number, c: number, d: number, m: Int32Array, x: number, y: number) {
  let al = v[a]!;
  let ah = v[a + 1]!;
  let bl = v[b]!;
  let bh = v[b + 1]!;
  let cl = v[c]!;
  let ch = v[c + 1]!;
  let dl = v[d]!;
  let dh = v[d + 1]!;

  // Sums of the low halves are exact in a double; their carry is what exceeds 32 bits.
  let low = (al >>> 0) + (bl >>> 0) + (m[x]! >>> 0);
  ah = (ah + bh + m[x + 1]! + ((low / 0x1_0000_0000) | 0)) | 0;
  al = low | 0;
  // Rotate d ^ a right by 32, b ^ c by 24, d ^ a by 16, b ^ c by 63.
  let tl = dl ^ al;
  dl = dh ^ ah;
  dh = tl;
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + ((low / 0x1_0000_0000) | 0)) | 0;
  cl = low | 0;
  tl = bl ^ cl;
  let th = bh ^ ch;
  bl = (tl >>> 24) | (th << 8);
  bh = (th >>> 24) | (tl << 8);

  low = (al >>> 0) + (bl >>> 0) + (m[y]! >>> 0);
  ah = (ah + bh + m[y + 1]! + ((low / 0x1_0000_0000) | 0)) | 0;
  al = low | 0;
  tl = dl ^ al;
  th = dh ^ ah;
  dl = (tl >>> 16) | (th << 16);
  dh = (th >>> 16) | (tl << 16);
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + ((low / 0x1_0000_0000) | 0)) | 0;
  cl = low | 0;
  tl = bl ^ cl;
  th = bh ^ ch;
  bl = (tl << 1) | (th >>> 31);
  bh = (th << 1) | (tl >>> 31);

  v[a] = al;
  v[a + 1] = ah;
  v[b] = bl;
  v[b + 1] = bh;
  v[c] = cl;
  v[c + 1] = ch;
  v[d] = dl;
  v[d + 1] = dh;
}

function readHalves(bytes: Uint8Array): Int32Array {
  const halves = new Int32Array(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < halves.length; i++) halves[i] = view.getInt32(4 * i, true);
  return halves;
}

/**
 * @param rounds below 2^32
 * @param words 208 bytes: the state (64), the message (128) and the offset (16)
 * @returns the new state, 64 bytes
 */
export function compressBlake2b(rounds: number, words: Uint8Array, isLast: boolean): Uint8Array {
  const halves = readHalves(words);
  const h = halves.subarray(0, 16);
  const m = halves.subarray(16, 48);
  const t = halves.subarray(48);
  const v = new Int32Array(32);
  v.set(h);
  v.set(IV, 16);
  for (let i = 0; i < 4; i++) v[24 + i]! ^= t[i]!;
  if (isLast) {
    v[28] = ~v[28]!;
    v[29] = ~v[29]!;
  }

  for (let round = 0, s = 0; round < rounds; round++) {
    mix(v, 0, 8, 16, 24, m, SIGMA[s]! << 1, SIGMA[s + 1]! << 1);
    mix(v, 2, 10, 18, 26, m, SIGMA[s + 2]! << 1, SIGMA[s + 3]! << 1);
    mix(v, 4, 12, 20, 28, m, SIGMA[s + 4]! << 1, SIGMA[s + 5]! << 1);
    mix(v, 6, 14, 22, 30, m, SIGMA[s + 6]! << 1, SIGMA[s + 7]! << 1);
    mix(v, 0, 10, 20, 30, m, SIGMA[s + 8]! << 1, SIGMA[s + 9]! << 1);
    mix(v, 2, 12, 22, 24, m, SIGMA[s + 10]! << 1, SIGMA[s + 11]! << 1);
    mix(v, 4, 14, 16, 26, m, SIGMA[s + 12]! << 1, SIGMA[s + 13]! << 1);
    mix(v, 6, 8, 18, 28, m, SIGMA[s + 14]! << 1, SIGMA[s + 15]! << 1);
    s = s === 144 ? 0 : s + 16;
  }

  const output = new Uint8Array(64);
  const view = new DataView(output.buffer);
  for (let i = 0; i < 16; i++) view.setInt32(4 * i, h[i]! ^ v[i]! ^ v[i + 16]!, true);
  return output;
}
