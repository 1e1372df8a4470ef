/**
 * Decompression of gzip (RFC 1952, RFC 1951), for dumps that come compressed. Written here, because the readers of JSON
 * run in browsers too, which decompress only asynchronously. It stands for small input: a table of symbols, no sliding
 * window.
 */

import { ErbiumError } from '../../primitives/errors.ts';

const MAX_BITS = 15;
const END_OF_BLOCK = 256;
/** The order in which the lengths of the length codes come (RFC 1951, 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];

const lengthExtra = (symbol: number): number => (symbol < 8 || symbol === 28 ? 0 : (symbol - 4) >> 2);
const distanceExtra = (symbol: number): number => (symbol < 4 ? 0 : (symbol - 2) >> 1);

/** A canonical Huffman code: how many codes there are of each length, and their symbols in order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/**
 * The content of one gzip member. The standard lets several follow each other as if they were one; no known dump is
 * made so, and whatever follows the first is refused.
 * @param place what the bytes are, for the error message
 * @param limit bytes that come out at most; more is taken for an attack
 * @throws ErbiumError INVALID_STATE
 */
export function gunzip(data: Uint8Array, place: string, limit: number): Uint8Array {
  const inflater = new Inflater(data, place, limit);
  return inflater.gzip();
}

class Inflater {
  private readonly data: Uint8Array;
  private readonly place: string;
  private readonly limit: number;
  private at = 0;
  private bits = 0;
  private bitCount = 0;
  private out: Uint8Array;
  private size = 0;

  constructor(data: Uint8Array, place: string, limit: number) {
    this.data = data;
    this.place = place;
    this.limit = limit;
    this.out = new Uint8Array(Math.min(limit, 4 * data.length + 64));
  }

  gzip(): Uint8Array {
    this.header();
    while (!this.block());
    const out = this.out.subarray(0, this.size);
    this.bitCount = 0;
    const sum = this.little(4);
    const length = this.little(4);
    if (length !== this.size >>> 0 || sum !== crc32(out)) this.fail('checksum or length is wrong');
    if (this.at !== this.data.length) this.fail('bytes left over');
    return out;
  }

  private fail(problem: string): never {
    throw new ErbiumError('INVALID_STATE', `${this.place}: damaged gzip: ${problem} at byte ${this.at}`);
  }

  private header(): void {
    const { data } = this;
    if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8) this.fail('no gzip header');
    const flags = data[3] ?? 0;
    this.at = 10;
    if ((flags & 4) !== 0) {
      // In two steps: `at` has moved behind the length by the time that it is known.
      const extra = this.little(2);
      this.at += extra;
    }
    for (const flag of [8, 16]) if ((flags & flag) !== 0) while (this.byte() !== 0);
    if ((flags & 2) !== 0) this.at += 2;
  }

  private byte(): number {
    if (this.at >= this.data.length) this.fail('cut off');
    return this.data[this.at++]!;
  }

  /** A number of bytes, the lowest first. */
  private little(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += this.byte() * 2 ** (8 * i);
    return value;
  }

  private take(count: number): number {
    while (this.bitCount < count) {
      this.bits |= this.byte() << this.bitCount;
      this.bitCount += 8;
    }
    const value = this.bits & ((1 << count) - 1);
    this.bits >>>= count;
    this.bitCount -= count;
    return value;
  }

  /** True after the last block. */
  private block(): boolean {
    const last = this.take(1) === 1;
    const kind = this.take(2);
    if (kind === 0) this.stored();
    else if (kind === 1) this.compressed(FIXED_LENGTHS, FIXED_DISTANCES);
    else if (kind === 2) this.dynamic();
    else this.fail('a block of no known kind');
    return last;
  }

  private stored(): void {
    this.bits = 0;
    this.bitCount = 0;
    const length = this.little(2);
    if (this.little(2) !== (length ^ 0xffff)) this.fail('a stored block whose length is wrong');
    if (this.at + length > this.data.length) this.fail('cut off');
    this.reserve(length);
    this.out.set(this.data.subarray(this.at, this.at + length), this.size);
    this.at += length;
    this.size += length;
  }

  private dynamic(): void {
    const lengths = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const count = this.take(4) + 4;
    const order = new Uint8Array(19);
    for (let i = 0; i < count; i++) order[LENGTH_ORDER[i]!] = this.take(3);
    const code = this.code(order);
    const all = new Uint8Array(lengths + distances);
    for (let i = 0; i < all.length; ) {
      const symbol = this.symbol(code);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) this.fail('a repetition of nothing');
      const value = symbol === 16 ? all[i - 1]! : 0;
      const times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + times > all.length) this.fail('a repetition beyond the end');
      all.fill(value, i, i + times);
      i += times;
    }
    if (all[END_OF_BLOCK] === 0) this.fail('a block without an end');
    this.compressed(this.code(all.subarray(0, lengths)), this.code(all.subarray(lengths)));
  }

  private code(lengths: Uint8Array): Code {
    const code = codeOf(lengths);
    if (code === undefined) this.fail('an over-subscribed code');
    return code;
  }

  private symbol({ counts, symbols }: Code): number {
    let word = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length++) {
      word |= this.take(1);
      const count = counts[length]!;
      if (word - first < count) return symbols[index + word - first]!;
      index += count;
      first = (first + count) << 1;
      word <<= 1;
    }
    return this.fail('a word that is in no code');
  }

  private compressed(lengths: Code, distances: Code): void {
    for (;;) {
      const symbol = this.symbol(lengths);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.reserve(1);
        this.out[this.size++] = symbol;
        continue;
      }
      const base = LENGTH_BASE[symbol - 257];
      if (base === undefined) this.fail('a length that there is not');
      const length = base + this.take(lengthExtra(symbol - 257));
      const far = this.symbol(distances);
      const start = DISTANCE_BASE[far];
      if (start === undefined) this.fail('a distance that there is not');
      const distance = start + this.take(distanceExtra(far));
      if (distance > this.size) this.fail('a distance before the beginning');
      this.reserve(length);
      // One by one: a copy may overlap with what it copies.
      for (let i = 0; i < length; i++) this.out[this.size] = this.out[this.size++ - distance]!;
    }
  }

  private reserve(more: number): void {
    const need = this.size + more;
    if (need > this.limit) this.fail(`more than ${this.limit} bytes come out`);
    if (need <= this.out.length) return;
    const grown = new Uint8Array(Math.min(this.limit, Math.max(need, 2 * this.out.length)));
    grown.set(this.out);
    this.out = grown;
  }
}

/** undefined where the code is over-subscribed: more words than the lengths have room for. */
function codeOf(lengths: Uint8Array): Code | undefined {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  let room = 1;
  const offsets = new Uint16Array(MAX_BITS + 2);
  for (let length = 1; length <= MAX_BITS; length++) {
    room = 2 * room - counts[length]!;
    if (room < 0) return undefined;
    offsets[length + 1] = offsets[length]! + counts[length]!;
  }
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[offsets[length]!++] = symbol;
  return { counts, symbols };
}

const FIXED_LENGTHS = codeOf(
  Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
)!;
const FIXED_DISTANCES = codeOf(new Uint8Array(30).fill(5))!;

/** What eight steps of the checksum make of each byte (RFC 1952, section 8). */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  return sum;
});

/** The checksum of RFC 1952. */
function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ CRC_TABLE[(sum ^ bytes[i]!) & 0xff]!;
  return ~sum >>> 0;
}
