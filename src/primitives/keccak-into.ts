/**
 * Keccak-256 in TypeScript, for wherever there is nothing faster. Owns the algorithm; keccak.ts is what others call.
 * Algorithm names are those of FIPS 202, section 3; the padding is that of the original submission.
 *
 * A 64-bit lane is kept as its 32 even and its 32 odd bits, so that a rotation of the lane is two rotations
 * of words, which processors have, instead of four shifts. Measured on Node 20: this takes 80 % of the time of
 * low and high halves, and arrays for the state take 60 % of the time of a hundred local variables.
 */

const RATE_BYTES = 136;
const RATE_LANES = RATE_BYTES / 8;

// Buffers only: nothing in them outlives a call. Lane (x, y) has its even bits at 2(x + 5y), its odd ones after.
const STATE = new Int32Array(50);
const OTHER = new Int32Array(50);
const LANE = new Uint8Array(8);
const ROUND_CONSTANTS = roundConstants();

/** The constants of the iota step, even and odd half by turns (FIPS 202, algorithm 5). */
function roundConstants(): Int32Array {
  const constants = new Int32Array(48);
  let register = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      // Bit 2^j - 1 of the lane: bit 0 is even, the others are odd.
      if ((register & 1) === 1) {
        if (j === 0) constants[2 * round]! |= 1;
        else constants[2 * round + 1]! |= 1 << (2 ** (j - 1) - 1);
      }
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
  }
  return constants;
}

/**
 * Keccak-f[1600] on `STATE`. Theta needs the parity of every column (c), from which come the words to add (d).
 * Then one half of one output plane after the other is moved and rotated into b (rho and pi) and combined
 * (chi), so that few enough values live at once for the registers. The parities for the next round are gathered
 * on the way.
 */
function permute(): void {
  const a = STATE;
  const z = OTHER;
  let c0e = a[0]! ^ a[10]! ^ a[20]! ^ a[30]! ^ a[40]!;
  let c0o = a[1]! ^ a[11]! ^ a[21]! ^ a[31]! ^ a[41]!;
  let c1e = a[2]! ^ a[12]! ^ a[22]! ^ a[32]! ^ a[42]!;
  let c1o = a[3]! ^ a[13]! ^ a[23]! ^ a[33]! ^ a[43]!;
  let c2e = a[4]! ^ a[14]! ^ a[24]! ^ a[34]! ^ a[44]!;
  let c2o = a[5]! ^ a[15]! ^ a[25]! ^ a[35]! ^ a[45]!;
  let c3e = a[6]! ^ a[16]! ^ a[26]! ^ a[36]! ^ a[46]!;
  let c3o = a[7]! ^ a[17]! ^ a[27]! ^ a[37]! ^ a[47]!;
  let c4e = a[8]! ^ a[18]! ^ a[28]! ^ a[38]! ^ a[48]!;
  let c4o = a[9]! ^ a[19]! ^ a[29]! ^ a[39]! ^ a[49]!;
  let d0e: number, d0o: number, d1e: number, d1o: number, d2e: number, d2o: number;
  let d3e: number, d3o: number, d4e: number, d4o: number;
  let b0: number, b1: number, b2: number, b3: number, b4: number, t: number;
  // Two rounds a turn, so that the state is back in its own array without copying.
  for (let r = 0; r < ROUND_CONSTANTS.length; r += 4) {
    d0e = c4e ^ ((c1o << 1) | (c1o >>> 31));
    d0o = c4o ^ c1e;
    d1e = c0e ^ ((c2o << 1) | (c2o >>> 31));
    d1o = c0o ^ c2e;
    d2e = c1e ^ ((c3o << 1) | (c3o >>> 31));
    d2o = c1o ^ c3e;
    d3e = c2e ^ ((c4o << 1) | (c4o >>> 31));
    d3o = c2o ^ c4e;
    d4e = c3e ^ ((c0o << 1) | (c0o >>> 31));
    d4o = c3o ^ c0e;

    b0 = a[0]! ^ d0e;
    b1 = ((t = a[12]! ^ d1e) << 22) | (t >>> 10);
    b2 = ((t = a[25]! ^ d2o) << 22) | (t >>> 10);
    b3 = ((t = a[37]! ^ d3o) << 11) | (t >>> 21);
    b4 = ((t = a[48]! ^ d4e) << 7) | (t >>> 25);
    c0e = z[0] = b0 ^ (~b1 & b2) ^ ROUND_CONSTANTS[r]!;
    c1e = z[2] = b1 ^ (~b2 & b3);
    c2e = z[4] = b2 ^ (~b3 & b4);
    c3e = z[6] = b3 ^ (~b4 & b0);
    c4e = z[8] = b4 ^ (~b0 & b1);

    b0 = a[1]! ^ d0o;
    b1 = ((t = a[13]! ^ d1o) << 22) | (t >>> 10);
    b2 = ((t = a[24]! ^ d2e) << 21) | (t >>> 11);
    b3 = ((t = a[36]! ^ d3e) << 10) | (t >>> 22);
    b4 = ((t = a[49]! ^ d4o) << 7) | (t >>> 25);
    c0o = z[1] = b0 ^ (~b1 & b2) ^ ROUND_CONSTANTS[r + 1]!;
    c1o = z[3] = b1 ^ (~b2 & b3);
    c2o = z[5] = b2 ^ (~b3 & b4);
    c3o = z[7] = b3 ^ (~b4 & b0);
    c4o = z[9] = b4 ^ (~b0 & b1);

    b0 = ((t = a[6]! ^ d3e) << 14) | (t >>> 18);
    b1 = ((t = a[18]! ^ d4e) << 10) | (t >>> 22);
    b2 = ((t = a[21]! ^ d0o) << 2) | (t >>> 30);
    b3 = ((t = a[33]! ^ d1o) << 23) | (t >>> 9);
    b4 = ((t = a[45]! ^ d2o) << 31) | (t >>> 1);
    c0e ^= z[10] = b0 ^ (~b1 & b2);
    c1e ^= z[12] = b1 ^ (~b2 & b3);
    c2e ^= z[14] = b2 ^ (~b3 & b4);
    c3e ^= z[16] = b3 ^ (~b4 & b0);
    c4e ^= z[18] = b4 ^ (~b0 & b1);

    b0 = ((t = a[7]! ^ d3o) << 14) | (t >>> 18);
    b1 = ((t = a[19]! ^ d4o) << 10) | (t >>> 22);
    b2 = ((t = a[20]! ^ d0e) << 1) | (t >>> 31);
    b3 = ((t = a[32]! ^ d1e) << 22) | (t >>> 10);
    b4 = ((t = a[44]! ^ d2e) << 30) | (t >>> 2);
    c0o ^= z[11] = b0 ^ (~b1 & b2);
    c1o ^= z[13] = b1 ^ (~b2 & b3);
    c2o ^= z[15] = b2 ^ (~b3 & b4);
    c3o ^= z[17] = b3 ^ (~b4 & b0);
    c4o ^= z[19] = b4 ^ (~b0 & b1);

    b0 = ((t = a[3]! ^ d1o) << 1) | (t >>> 31);
    b1 = ((t = a[14]! ^ d2e) << 3) | (t >>> 29);
    b2 = ((t = a[27]! ^ d3o) << 13) | (t >>> 19);
    b3 = ((t = a[38]! ^ d4e) << 4) | (t >>> 28);
    b4 = ((t = a[40]! ^ d0e) << 9) | (t >>> 23);
    c0e ^= z[20] = b0 ^ (~b1 & b2);
    c1e ^= z[22] = b1 ^ (~b2 & b3);
    c2e ^= z[24] = b2 ^ (~b3 & b4);
    c3e ^= z[26] = b3 ^ (~b4 & b0);
    c4e ^= z[28] = b4 ^ (~b0 & b1);

    b0 = a[2]! ^ d1e;
    b1 = ((t = a[15]! ^ d2o) << 3) | (t >>> 29);
    b2 = ((t = a[26]! ^ d3e) << 12) | (t >>> 20);
    b3 = ((t = a[39]! ^ d4o) << 4) | (t >>> 28);
    b4 = ((t = a[41]! ^ d0o) << 9) | (t >>> 23);
    c0o ^= z[21] = b0 ^ (~b1 & b2);
    c1o ^= z[23] = b1 ^ (~b2 & b3);
    c2o ^= z[25] = b2 ^ (~b3 & b4);
    c3o ^= z[27] = b3 ^ (~b4 & b0);
    c4o ^= z[29] = b4 ^ (~b0 & b1);

    b0 = ((t = a[9]! ^ d4o) << 14) | (t >>> 18);
    b1 = ((t = a[10]! ^ d0e) << 18) | (t >>> 14);
    b2 = ((t = a[22]! ^ d1e) << 5) | (t >>> 27);
    b3 = ((t = a[35]! ^ d2o) << 8) | (t >>> 24);
    b4 = ((t = a[46]! ^ d3e) << 28) | (t >>> 4);
    c0e ^= z[30] = b0 ^ (~b1 & b2);
    c1e ^= z[32] = b1 ^ (~b2 & b3);
    c2e ^= z[34] = b2 ^ (~b3 & b4);
    c3e ^= z[36] = b3 ^ (~b4 & b0);
    c4e ^= z[38] = b4 ^ (~b0 & b1);

    b0 = ((t = a[8]! ^ d4e) << 13) | (t >>> 19);
    b1 = ((t = a[11]! ^ d0o) << 18) | (t >>> 14);
    b2 = ((t = a[23]! ^ d1o) << 5) | (t >>> 27);
    b3 = ((t = a[34]! ^ d2e) << 7) | (t >>> 25);
    b4 = ((t = a[47]! ^ d3o) << 28) | (t >>> 4);
    c0o ^= z[31] = b0 ^ (~b1 & b2);
    c1o ^= z[33] = b1 ^ (~b2 & b3);
    c2o ^= z[35] = b2 ^ (~b3 & b4);
    c3o ^= z[37] = b3 ^ (~b4 & b0);
    c4o ^= z[39] = b4 ^ (~b0 & b1);

    b0 = ((t = a[4]! ^ d2e) << 31) | (t >>> 1);
    b1 = ((t = a[17]! ^ d3o) << 28) | (t >>> 4);
    b2 = ((t = a[29]! ^ d4o) << 20) | (t >>> 12);
    b3 = ((t = a[31]! ^ d0o) << 21) | (t >>> 11);
    b4 = ((t = a[42]! ^ d1e) << 1) | (t >>> 31);
    c0e ^= z[40] = b0 ^ (~b1 & b2);
    c1e ^= z[42] = b1 ^ (~b2 & b3);
    c2e ^= z[44] = b2 ^ (~b3 & b4);
    c3e ^= z[46] = b3 ^ (~b4 & b0);
    c4e ^= z[48] = b4 ^ (~b0 & b1);

    b0 = ((t = a[5]! ^ d2o) << 31) | (t >>> 1);
    b1 = ((t = a[16]! ^ d3e) << 27) | (t >>> 5);
    b2 = ((t = a[28]! ^ d4e) << 19) | (t >>> 13);
    b3 = ((t = a[30]! ^ d0e) << 20) | (t >>> 12);
    b4 = ((t = a[43]! ^ d1o) << 1) | (t >>> 31);
    c0o ^= z[41] = b0 ^ (~b1 & b2);
    c1o ^= z[43] = b1 ^ (~b2 & b3);
    c2o ^= z[45] = b2 ^ (~b3 & b4);
    c3o ^= z[47] = b3 ^ (~b4 & b0);
    c4o ^= z[49] = b4 ^ (~b0 & b1);

    d0e = c4e ^ ((c1o << 1) | (c1o >>> 31));
    d0o = c4o ^ c1e;
    d1e = c0e ^ ((c2o << 1) | (c2o >>> 31));
    d1o = c0o ^ c2e;
    d2e = c1e ^ ((c3o << 1) | (c3o >>> 31));
    d2o = c1o ^ c3e;
    d3e = c2e ^ ((c4o << 1) | (c4o >>> 31));
    d3o = c2o ^ c4e;
    d4e = c3e ^ ((c0o << 1) | (c0o >>> 31));
    d4o = c3o ^ c0e;

    b0 = z[0]! ^ d0e;
    b1 = ((t = z[12]! ^ d1e) << 22) | (t >>> 10);
    b2 = ((t = z[25]! ^ d2o) << 22) | (t >>> 10);
    b3 = ((t = z[37]! ^ d3o) << 11) | (t >>> 21);
    b4 = ((t = z[48]! ^ d4e) << 7) | (t >>> 25);
    c0e = a[0] = b0 ^ (~b1 & b2) ^ ROUND_CONSTANTS[r + 2]!;
    c1e = a[2] = b1 ^ (~b2 & b3);
    c2e = a[4] = b2 ^ (~b3 & b4);
    c3e = a[6] = b3 ^ (~b4 & b0);
    c4e = a[8] = b4 ^ (~b0 & b1);

    b0 = z[1]! ^ d0o;
    b1 = ((t = z[13]! ^ d1o) << 22) | (t >>> 10);
    b2 = ((t = z[24]! ^ d2e) << 21) | (t >>> 11);
    b3 = ((t = z[36]! ^ d3e) << 10) | (t >>> 22);
    b4 = ((t = z[49]! ^ d4o) << 7) | (t >>> 25);
    c0o = a[1] = b0 ^ (~b1 & b2) ^ ROUND_CONSTANTS[r + 3]!;
    c1o = a[3] = b1 ^ (~b2 & b3);
    c2o = a[5] = b2 ^ (~b3 & b4);
    c3o = a[7] = b3 ^ (~b4 & b0);
    c4o = a[9] = b4 ^ (~b0 & b1);

    b0 = ((t = z[6]! ^ d3e) << 14) | (t >>> 18);
    b1 = ((t = z[18]! ^ d4e) << 10) | (t >>> 22);
    b2 = ((t = z[21]! ^ d0o) << 2) | (t >>> 30);
    b3 = ((t = z[33]! ^ d1o) << 23) | (t >>> 9);
    b4 = ((t = z[45]! ^ d2o) << 31) | (t >>> 1);
    c0e ^= a[10] = b0 ^ (~b1 & b2);
    c1e ^= a[12] = b1 ^ (~b2 & b3);
    c2e ^= a[14] = b2 ^ (~b3 & b4);
    c3e ^= a[16] = b3 ^ (~b4 & b0);
    c4e ^= a[18] = b4 ^ (~b0 & b1);

    b0 = ((t = z[7]! ^ d3o) << 14) | (t >>> 18);
    b1 = ((t = z[19]! ^ d4o) << 10) | (t >>> 22);
    b2 = ((t = z[20]! ^ d0e) << 1) | (t >>> 31);
    b3 = ((t = z[32]! ^ d1e) << 22) | (t >>> 10);
    b4 = ((t = z[44]! ^ d2e) << 30) | (t >>> 2);
    c0o ^= a[11] = b0 ^ (~b1 & b2);
    c1o ^= a[13] = b1 ^ (~b2 & b3);
    c2o ^= a[15] = b2 ^ (~b3 & b4);
    c3o ^= a[17] = b3 ^ (~b4 & b0);
    c4o ^= a[19] = b4 ^ (~b0 & b1);

    b0 = ((t = z[3]! ^ d1o) << 1) | (t >>> 31);
    b1 = ((t = z[14]! ^ d2e) << 3) | (t >>> 29);
    b2 = ((t = z[27]! ^ d3o) << 13) | (t >>> 19);
    b3 = ((t = z[38]! ^ d4e) << 4) | (t >>> 28);
    b4 = ((t = z[40]! ^ d0e) << 9) | (t >>> 23);
    c0e ^= a[20] = b0 ^ (~b1 & b2);
    c1e ^= a[22] = b1 ^ (~b2 & b3);
    c2e ^= a[24] = b2 ^ (~b3 & b4);
    c3e ^= a[26] = b3 ^ (~b4 & b0);
    c4e ^= a[28] = b4 ^ (~b0 & b1);

    b0 = z[2]! ^ d1e;
    b1 = ((t = z[15]! ^ d2o) << 3) | (t >>> 29);
    b2 = ((t = z[26]! ^ d3e) << 12) | (t >>> 20);
    b3 = ((t = z[39]! ^ d4o) << 4) | (t >>> 28);
    b4 = ((t = z[41]! ^ d0o) << 9) | (t >>> 23);
    c0o ^= a[21] = b0 ^ (~b1 & b2);
    c1o ^= a[23] = b1 ^ (~b2 & b3);
    c2o ^= a[25] = b2 ^ (~b3 & b4);
    c3o ^= a[27] = b3 ^ (~b4 & b0);
    c4o ^= a[29] = b4 ^ (~b0 & b1);

    b0 = ((t = z[9]! ^ d4o) << 14) | (t >>> 18);
    b1 = ((t = z[10]! ^ d0e) << 18) | (t >>> 14);
    b2 = ((t = z[22]! ^ d1e) << 5) | (t >>> 27);
    b3 = ((t = z[35]! ^ d2o) << 8) | (t >>> 24);
    b4 = ((t = z[46]! ^ d3e) << 28) | (t >>> 4);
    c0e ^= a[30] = b0 ^ (~b1 & b2);
    c1e ^= a[32] = b1 ^ (~b2 & b3);
    c2e ^= a[34] = b2 ^ (~b3 & b4);
    c3e ^= a[36] = b3 ^ (~b4 & b0);
    c4e ^= a[38] = b4 ^ (~b0 & b1);

    b0 = ((t = z[8]! ^ d4e) << 13) | (t >>> 19);
    b1 = ((t = z[11]! ^ d0o) << 18) | (t >>> 14);
    b2 = ((t = z[23]! ^ d1o) << 5) | (t >>> 27);
    b3 = ((t = z[34]! ^ d2e) << 7) | (t >>> 25);
    b4 = ((t = z[47]! ^ d3o) << 28) | (t >>> 4);
    c0o ^= a[31] = b0 ^ (~b1 & b2);
    c1o ^= a[33] = b1 ^ (~b2 & b3);
    c2o ^= a[35] = b2 ^ (~b3 & b4);
    c3o ^= a[37] = b3 ^ (~b4 & b0);
    c4o ^= a[39] = b4 ^ (~b0 & b1);

    b0 = ((t = z[4]! ^ d2e) << 31) | (t >>> 1);
    b1 = ((t = z[17]! ^ d3o) << 28) | (t >>> 4);
    b2 = ((t = z[29]! ^ d4o) << 20) | (t >>> 12);
    b3 = ((t = z[31]! ^ d0o) << 21) | (t >>> 11);
    b4 = ((t = z[42]! ^ d1e) << 1) | (t >>> 31);
    c0e ^= a[40] = b0 ^ (~b1 & b2);
    c1e ^= a[42] = b1 ^ (~b2 & b3);
    c2e ^= a[44] = b2 ^ (~b3 & b4);
    c3e ^= a[46] = b3 ^ (~b4 & b0);
    c4e ^= a[48] = b4 ^ (~b0 & b1);

    b0 = ((t = z[5]! ^ d2o) << 31) | (t >>> 1);
    b1 = ((t = z[16]! ^ d3e) << 27) | (t >>> 5);
    b2 = ((t = z[28]! ^ d4e) << 19) | (t >>> 13);
    b3 = ((t = z[30]! ^ d0e) << 20) | (t >>> 12);
    b4 = ((t = z[43]! ^ d1o) << 1) | (t >>> 31);
    c0o ^= a[41] = b0 ^ (~b1 & b2);
    c1o ^= a[43] = b1 ^ (~b2 & b3);
    c2o ^= a[45] = b2 ^ (~b3 & b4);
    c3o ^= a[47] = b3 ^ (~b4 & b0);
    c4o ^= a[49] = b4 ^ (~b0 & b1);
  }
}

/** Moves the even bits of a word to its lower half and the odd ones to its upper half. */
function unzip(word: number): number {
  let x = word;
  let t = (x ^ (x >>> 1)) & 0x2222_2222;
  x ^= t ^ (t << 1);
  t = (x ^ (x >>> 2)) & 0x0c0c_0c0c;
  x ^= t ^ (t << 2);
  t = (x ^ (x >>> 4)) & 0x00f0_00f0;
  x ^= t ^ (t << 4);
  t = (x ^ (x >>> 8)) & 0x0000_ff00;
  return x ^ t ^ (t << 8);
}

/** The inverse of `unzip`. */
function zip(word: number): number {
  let x = word;
  let t = (x ^ (x >>> 8)) & 0x0000_ff00;
  x ^= t ^ (t << 8);
  t = (x ^ (x >>> 4)) & 0x00f0_00f0;
  x ^= t ^ (t << 4);
  t = (x ^ (x >>> 2)) & 0x0c0c_0c0c;
  x ^= t ^ (t << 2);
  t = (x ^ (x >>> 1)) & 0x2222_2222;
  return x ^ t ^ (t << 1);
}

/** Adds a lane, given as its low and high word, to the state. */
function absorb(lane: number, low: number, high: number): void {
  const a = unzip(low);
  const b = unzip(high);
  STATE[2 * lane]! ^= (a & 0xffff) | (b << 16);
  STATE[2 * lane + 1]! ^= (a >>> 16) | (b & 0xffff_0000);
}

const wordAt = (data: Uint8Array, at: number): number =>
  data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);

/** Adds `count` whole lanes of the data. */
function absorbLanes(data: Uint8Array, start: number, count: number): void {
  for (let lane = 0, at = start; lane < count; lane++, at += 8) {
    absorb(lane, wordAt(data, at), wordAt(data, at + 4));
  }
}

/** Writes the 32-byte hash of `data[start, end)` to `out`. */
export function keccakInto(data: Uint8Array, start: number, end: number, out: Uint8Array): void {
  STATE.fill(0);
  let at = start;
  for (; end - at >= RATE_BYTES; at += RATE_BYTES) {
    absorbLanes(data, at, RATE_LANES);
    permute();
  }
  const lanes = (end - at) >> 3;
  absorbLanes(data, at, lanes);
  at += 8 * lanes;
  // The bytes left over, and the padding: a 1 bit after them and one at the end of the block.
  let rest = 0;
  while (at < end) LANE[rest++] = data[at++]!;
  LANE[rest] = 1;
  LANE.fill(0, rest + 1);
  absorb(lanes, wordAt(LANE, 0), wordAt(LANE, 4));
  STATE[2 * RATE_LANES - 1]! ^= 0x8000_0000;
  permute();
  for (let i = 0; i < 8; i += 2) {
    const even = STATE[i]!;
    const odd = STATE[i + 1]!;
    store(out, 4 * i, zip((even & 0xffff) | (odd << 16)));
    store(out, 4 * i + 4, zip((even >>> 16) | (odd & 0xffff_0000)));
  }
}

function store(out: Uint8Array, at: number, word: number): void {
  out[at] = word;
  out[at + 1] = word >>> 8;
  out[at + 2] = word >>> 16;
  out[at + 3] = word >>> 24;
}
