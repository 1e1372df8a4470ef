/**
 * Text put together as bytes. A trace line is some 400 characters, a step of the machine some 25 ns. Bytes copied
 * eight at a time make that under five times the run; only turning the chunks into strings would add three times the
 * run, and encoding these again nearly ten. Everything is ASCII.
 *
 * Pieces that come back, such as names, are kept in the same buffer as the output, for then a copy is a loop
 * over one `DataView`. A copy may write up to 31 bytes too many, which what follows overwrites. Moving eight
 * ASCII bytes as a float is safe: none of them is a NaN.
 */

import { STACK_LIMIT } from '../machine/frame.ts';
import { BLOCK, blockMemory } from '../wasm/block-copy.ts';

/** A piece of text in the buffer: its start times 256, plus its length. */
export type Piece = number;

const MAX_PIECE = 255;
const PIECES_SIZE = 1 << 17;
const HEADING_SIZE = 64;
/** A full stack with quotes, prefix and comma for each word, and what an exchange writes behind it. */
const STACK_SIZE = (STACK_LIMIT + 17) * 69;
const STACK = PIECES_SIZE + HEADING_SIZE;
const GAS = STACK + STACK_SIZE;
const OUT = GAS + 8;
const CHUNK_SIZE = 1 << 18;
/** A chunk, and behind it the longest line. */
const END = OUT + CHUNK_SIZE + STACK_SIZE + 1_024;

/** From here on the copy by blocks is faster, in spite of the call that it takes (6 ns). */
const LONG_COPY = 96;

/** Longer texts are written in parts. */
const PART = 1_024;

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
// A word as four numbers of 64 bits, the lowest first, and their halves.
const LIMBS = new BigUint64Array(4);
const HALVES = new Uint32Array(LIMBS.buffer);
LIMBS[0] = 1n;
/** 1 where the high half of a number comes first. */
const SWAPPED = 1 - HALVES[0]!;
const TWO_32 = 2 ** 32;
const TWO_16 = 2 ** 16;
const HEX = '0123456789abcdef';
const digitCode = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));
/** The two digits of a byte, the first one in the low half. */
const pairCode = Uint16Array.from({ length: 256 }, (_, i) => digitCode[i >> 4]! | (digitCode[i & 15]! << 8));
/** The same of two bytes. */
const quadCode = new Uint32Array(1 << 16);
for (let i = 0; i < 1 << 16; i++) quadCode[i] = pairCode[i >> 8]! | (pairCode[i & 255]! << 16);
/** `"0x` and a space. */
const WORD_START = 0x20783022;
/** `",` */
const WORD_END = 0x2c22;

/** Eight characters as the number that has their bytes. */
const eight = (text: string): number =>
  new DataView(Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer).getFloat64(0, true);
const PC_HEAD = eight('{"pc":  ');
const PC_HEAD_LENGTH = 6;
const COST_HEAD = eight('","gasCo');
const COST_REST = eight('st":"0x ');
const COST_HEAD_LENGTH = 15;

/** The digits of each number below 10,000, the first one in the lowest byte. */
const DECIMALS = Uint32Array.from({ length: 10_000 }, (_, value) => {
  let packed = 0;
  for (let rest = value, first = true; first || rest > 0; rest = (rest / 10) | 0, first = false) {
    packed = (packed << 8) | (48 + (rest % 10));
  }
  return packed;
});

export class TextBuffer {
  private readonly memory = blockMemory(END + BLOCK);
  private readonly bytes = this.memory.bytes;
  private readonly view = new DataView(this.bytes.buffer);
  private readonly write: (chunk: Uint8Array) => void;
  private at = OUT;
  private pieces = 0;

  /** Where the heading of the stack begins, which ends where the stack does begin. */
  private heading = STACK;
  /** Where the text of each word of the stack ends, the comma included. */
  private readonly ends = new Int32Array(STACK_LIMIT + 1).fill(STACK);
  private words = 0;

  /** All but the last four digits of the last gas, and how many these are. */
  private gasHigh = 0;
  private gasDigits = 0;

  constructor(write: (chunk: Uint8Array) => void) {
    this.write = write;
  }

  /** Keeps a piece; `room` is for the longest text, at most 255 characters, that may take its place. */
  keep(text: string, room: number = text.length): Piece {
    const start = this.pieces;
    this.pieces += room;
    return this.replace(start << 8, text);
  }

  /** Puts another text in place of a piece. */
  replace(piece: Piece, text: string): Piece {
    const start = piece >>> 8;
    this.put(text, start);
    return (start << 8) | text.length;
  }

  private put(text: string, start: number): void {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  }

  private copy(from: number, to: number, length: number): void {
    if (length > LONG_COPY) {
      this.memory.copy(from, to, length);
      return;
    }
    const { view } = this;
    for (let i = 0; i < length; i += 16) {
      view.setFloat64(to + i, view.getFloat64(from + i, true), true);
      view.setFloat64(to + i + 8, view.getFloat64(from + i + 8, true), true);
    }
  }

  piece(piece: Piece): void {
    const length = piece & MAX_PIECE;
    this.copy(piece >>> 8, this.at, length);
    this.at += length;
  }

  text(text: string): void {
    for (let from = 0; from < text.length; from += PART) {
      const part = text.slice(from, from + PART);
      this.put(part, this.at);
      this.at += part.length;
      this.lineEnd();
    }
  }

  /** Bytes as hex digits. */
  hexBytes(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (this.at >= OUT + CHUNK_SIZE) this.flush();
      this.view.setUint16(this.at, pairCode[bytes[i]!]!, true);
      this.at += 2;
    }
  }

  /** Digits of an integer below 2^31; returns where they end. */
  private decimal(value: number, at: number): number {
    if (value < 10_000) {
      this.view.setUint32(at, DECIMALS[value]!, true);
      return at + (value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4);
    }
    const end = this.decimal((value / 10) | 0, at);
    this.bytes[end] = 48 + (value % 10);
    return end + 1;
  }

  /** Shortest hex digits of an integer below 2^53; returns where they end. */
  private hex(value: number, at: number): number {
    if (value < 16) {
      this.bytes[at] = digitCode[value]!;
      return at + 1;
    }
    if (value < TWO_32) return this.hex32(value, at);
    return this.allHex32(value >>> 0, this.hex32((value / TWO_32) >>> 0, at));
  }

  /** The same, for a number whose upper digits mostly are those of the last one. */
  private gas(value: number, at: number): number {
    const high = Math.floor(value / TWO_16);
    if (high === 0 || high >= TWO_32) return this.hex(value, at);
    if (high !== this.gasHigh) {
      this.gasHigh = high;
      this.gasDigits = this.hex32(high, GAS) - GAS;
    }
    const { view } = this;
    view.setFloat64(at, view.getFloat64(GAS, true), true);
    view.setUint32(at + this.gasDigits, quadCode[value & 0xffff]!, true);
    return at + this.gasDigits + 4;
  }

  /** The shortest digits of 32 bits. */
  private hex32(value: number, at: number): number {
    const zeros = Math.clz32(value | 1) >> 2;
    this.allHex32(value << (4 * zeros), at);
    return at + 8 - zeros;
  }

  /** Eight digits. */
  private allHex32(value: number, at: number): number {
    const { view } = this;
    view.setUint32(at, quadCode[value >>> 16]!, true);
    view.setUint32(at + 4, quadCode[value & 0xffff]!, true);
    return at + 8;
  }

  /** A number with its quotes and the comma. */
  private quoted(word: bigint, start: number): number {
    const { view } = this;
    view.setUint32(start, WORD_START, true);
    const at = this.wordDigits(word, start + 3);
    view.setUint16(at, WORD_END, true);
    return at + 2;
  }

  private wordDigits(word: bigint, start: number): number {
    let top = 0;
    let rest = word;
    LIMBS[0] = rest;
    while (rest > MAX_U64) {
      rest >>= 64n;
      LIMBS[++top] = rest;
    }
    let half = 2 * top + 1;
    if (HALVES[half ^ SWAPPED] === 0) half--;
    let at = this.hex32(HALVES[half ^ SWAPPED]!, start);
    while (--half >= 0) at = this.allHex32(HALVES[half ^ SWAPPED]!, at);
    return at;
  }

  /** Sets what stands before the stack, at most 64 characters. */
  head(text: string): void {
    this.heading = STACK - text.length;
    this.put(text, this.heading);
  }

  /** Sets the stack, of which the first `left` words are what they were. */
  update(left: number, stack: readonly bigint[], sp: number): void {
    const { ends } = this;
    for (let i = left; i < sp; i++) ends[i + 1] = this.quoted(stack[i]!, ends[i]!);
    this.words = sp;
  }

  /** A constant from the code comes on top: its bytes spare a look at the word. */
  push(code: Uint8Array, from: number, size: number): void {
    const { ends, view, words } = this;
    const start = ends[words]!;
    view.setUint32(start, WORD_START, true);
    const last = from + size - 1;
    let i = from;
    while (i < last && code[i] === 0) i++;
    let at = this.hex32(code[i]!, start + 3);
    for (i++; i <= last; i++, at += 2) view.setUint16(at, pairCode[code[i]!]!, true);
    view.setUint16(at, WORD_END, true);
    this.words = words + 1;
    ends[words + 1] = at + 2;
  }

  /** The word `depth` words from the top comes on top once more. */
  duplicate(depth: number): void {
    const { ends, words } = this;
    const from = ends[words - depth]!;
    const length = ends[words - depth + 1]! - from;
    this.copy(from, ends[words]!, length);
    ends[words + 1] = ends[words]! + length;
    this.words = words + 1;
  }

  /** The top word and the one `depth` below it change places. */
  exchange(depth: number): void {
    const { ends, words } = this;
    const low = words - 1 - depth;
    const start = ends[low]!;
    const middle = ends[low + 1]!;
    const top = ends[words - 1]!;
    const end = ends[words]!;
    // Behind the top word come again those between and the low one; then all move to where the low one was.
    this.copy(middle, end, top - middle);
    this.copy(start, end + top - middle, middle - start);
    this.copy(top, start, end - start);
    const shift = end - top - (middle - start);
    if (shift !== 0) for (let i = low + 1; i < words; i++) ends[i]! += shift;
  }

  /** Writes the heading and the first words of the stack, without the last comma; returns where they end. */
  private headedStack(words: number, at: number): number {
    const { heading } = this;
    const length = this.ends[words]! - heading - (words === 0 ? 0 : 1);
    this.copy(heading, at, length);
    return at + length;
  }

  /** The heading and the stack, or its first words. */
  stack(words: number): void {
    this.at = this.headedStack(words, this.at);
  }

  /**
   * The line of an ordinary step at one go: each number kept in a local variable instead of a field is felt.
   * @param middle what stands between the stack and the name
   */
  step(pc: number, head: Piece, gas: number, cost: number, middle: Piece, tail: Piece): void {
    const { view } = this;
    let at = this.at;
    view.setFloat64(at, PC_HEAD, true);
    at = this.decimal(pc, at + PC_HEAD_LENGTH);
    // Loops would end after another number of turns each time, which the processor guesses wrong.
    let from = head >>> 8;
    view.setFloat64(at, view.getFloat64(from, true), true);
    view.setFloat64(at + 8, view.getFloat64(from + 8, true), true);
    view.setFloat64(at + 16, view.getFloat64(from + 16, true), true);
    at = this.gas(gas, at + (head & MAX_PIECE));
    view.setFloat64(at, COST_HEAD, true);
    view.setFloat64(at + 8, COST_REST, true);
    at = this.hex(cost, at + COST_HEAD_LENGTH);
    at = this.headedStack(this.words, at);
    from = middle >>> 8;
    let end = at + (middle & MAX_PIECE);
    view.setFloat64(at, view.getFloat64(from, true), true);
    view.setFloat64(at + 8, view.getFloat64(from + 8, true), true);
    view.setFloat64(at + 16, view.getFloat64(from + 16, true), true);
    view.setFloat64(at + 24, view.getFloat64(from + 24, true), true);
    view.setFloat64(at + 32, view.getFloat64(from + 32, true), true);
    if (end > at + 40) this.copy(from + 40, at + 40, end - at - 40);
    at = end;
    from = tail >>> 8;
    end = at + (tail & MAX_PIECE);
    view.setFloat64(at, view.getFloat64(from, true), true);
    view.setFloat64(at + 8, view.getFloat64(from + 8, true), true);
    if (end > at + 16) this.copy(from + 16, at + 16, end - at - 16);
    this.at = end;
    if (end >= OUT + CHUNK_SIZE) this.flush();
  }

  /** Ends a line. */
  lineEnd(): void {
    if (this.at >= OUT + CHUNK_SIZE) this.flush();
  }

  /** Hands over what has been put together. */
  flush(): void {
    if (this.at === OUT) return;
    const chunk = this.bytes.subarray(OUT, this.at);
    this.at = OUT;
    this.write(chunk);
  }
}
