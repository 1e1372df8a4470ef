/**
 * Text put together as bytes. A trace line is some 400 characters, a step of the machine some 25 ns. Bytes copied
 * eight at a time make that six times the run; only turning the chunks into strings would add three times the
 * run, and encoding these again nearly ten. Everything is ASCII.
 *
 * Pieces that come back, such as names, are kept in the same buffer as the output, for then a copy is a loop
 * over one `DataView`. A copy may write up to seven bytes too many, which what follows overwrites. Moving eight
 * ASCII bytes as a float is safe: none of them is a NaN.
 */

import { writeWord } from '../primitives/bytes.ts';

/** A piece of text in the buffer: its start times 256, plus its length. */
export type Piece = number;

const MAX_PIECE = 255;
const PIECES_SIZE = 1 << 17;
/** 1,024 words with quotes, prefix and comma, and the same once more to reorder them in. */
const STACK_TEXT_SIZE = 1_024 * 70;
const SCRATCH = PIECES_SIZE + STACK_TEXT_SIZE;
const WORD = SCRATCH + STACK_TEXT_SIZE;
const OUT = WORD + 32;
const CHUNK_SIZE = 1 << 16;
/** A chunk, and behind it the longest stack. */
const END = OUT + CHUNK_SIZE + STACK_TEXT_SIZE + 1_024;

/** From here on the built-in copy is faster, in spite of the call that it takes (34 ns). */
const LONG_COPY = 112;

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
// The halves of a number of 64 bits, in the order of this machine.
const LIMB = new BigUint64Array(1);
const HALVES = new Uint32Array(LIMB.buffer);
LIMB[0] = 1n;
const LOW = HALVES[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const TWO_32 = 2 ** 32;
const HEX = '0123456789abcdef';
const digitCode = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));
/** The two digits of a byte, the first one in the low half. */
const pairCode = Uint16Array.from({ length: 256 }, (_, i) => digitCode[i >> 4]! | (digitCode[i & 15]! << 8));
/** `"0x` and a space. */
const WORD_START = 0x20783022;
/** `",` */
const WORD_END = 0x2c22;

const PC_HEAD_LENGTH = 6;
const PC_HEAD = new DataView(Uint8Array.from('{"pc":  ', (char) => char.charCodeAt(0)).buffer).getFloat64(
  0,
  true,
);

/** The digits of each number below 10,000, the first one in the lowest byte. */
const DECIMALS = Uint32Array.from({ length: 10_000 }, (_, value) => {
  let packed = 0;
  for (let rest = value, first = true; first || rest > 0; rest = (rest / 10) | 0, first = false) {
    packed = (packed << 8) | (48 + (rest % 10));
  }
  return packed;
});

export class TextBuffer {
  private readonly bytes = new Uint8Array(END + 8);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly write: (chunk: Uint8Array) => void;
  private at = OUT;
  private pieces = 0;
  /** Where the text of each word of the stack ends. */
  private readonly ends = new Int32Array(1_026).fill(PIECES_SIZE);
  /** How many words of the stack have a text. */
  private known = 0;

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
    for (let i = 0; i < text.length; i++) this.bytes[start + i] = text.charCodeAt(i);
    return (start << 8) | text.length;
  }

  private copy(from: number, to: number, length: number): void {
    if (length > LONG_COPY) {
      this.bytes.copyWithin(to, from, from + length);
      return;
    }
    const { view } = this;
    for (let i = 0; i < length; i += 8) view.setFloat64(to + i, view.getFloat64(from + i, true), true);
  }

  piece(piece: Piece): void {
    const length = piece & MAX_PIECE;
    this.copy(piece >>> 8, this.at, length);
    this.at += length;
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      if (this.at >= OUT + CHUNK_SIZE) this.flush();
      this.bytes[this.at++] = text.charCodeAt(i);
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

  /** Digits of an integer below 2^31. */
  decimal(value: number): void {
    const { bytes } = this;
    let end = this.at + 1;
    for (let limit = 10; value >= limit; limit *= 10) end++;
    this.at = end;
    let rest = value | 0;
    do {
      const tenth = (rest / 10) | 0;
      bytes[--end] = 48 + rest - 10 * tenth;
      rest = tenth;
    } while (rest > 0);
  }

  /** Shortest hex digits of an integer below 2^53. */
  hex(value: number): void {
    if (value < TWO_32) {
      this.at = this.hex32(value, this.at);
    } else {
      this.at = this.hex32(Math.trunc(value / TWO_32), this.at);
      this.at = this.allHex32(value >>> 0, this.at);
    }
  }

  /** The shortest digits of 32 bits; returns where they end. */
  private hex32(value: number, start: number): number {
    const { bytes, view } = this;
    let at = start;
    let shift = value === 0 ? 4 : (35 - Math.clz32(value)) & ~3;
    if ((shift & 4) !== 0) {
      shift -= 4;
      bytes[at++] = digitCode[(value >>> shift) & 15]!;
    }
    while (shift > 0) {
      shift -= 8;
      view.setUint16(at, pairCode[(value >>> shift) & 255]!, true);
      at += 2;
    }
    return at;
  }

  /** Eight digits. */
  private allHex32(value: number, at: number): number {
    const { view } = this;
    view.setUint16(at, pairCode[value >>> 24]!, true);
    view.setUint16(at + 2, pairCode[(value >>> 16) & 255]!, true);
    view.setUint16(at + 4, pairCode[(value >>> 8) & 255]!, true);
    view.setUint16(at + 6, pairCode[value & 255]!, true);
    return at + 8;
  }

  /** Forgets the stack: another frame's comes next. */
  forgetStack(): void {
    this.known = 0;
  }

  /** The first `count` words still are what they were. */
  keepStack(count: number): void {
    if (count < this.known) this.known = count;
  }

  /** Takes notice of the words that are new. */
  learnStack(stack: readonly bigint[], sp: number): void {
    const { ends, view } = this;
    for (let i = this.known; i < sp; i++) {
      let at = ends[i]!;
      view.setUint32(at, WORD_START, true);
      at = this.wordDigits(stack[i]!, at + 3);
      view.setUint16(at, WORD_END, true);
      ends[i + 1] = at + 2;
    }
    this.known = sp;
  }

  /** A constant from the code comes on top, whose other words are known: its bytes spare a look at the word. */
  pushBytes(code: Uint8Array, from: number, size: number): void {
    const { ends, view, known } = this;
    let at = ends[known]!;
    view.setUint32(at, WORD_START, true);
    let i = from;
    const last = from + size - 1;
    while (i < last && code[i] === 0) i++;
    at = this.hex32(code[i]!, at + 3);
    for (i++; i <= last; i++, at += 2) view.setUint16(at, pairCode[code[i]!]!, true);
    view.setUint16(at, WORD_END, true);
    ends[known + 1] = at + 2;
    this.known = known + 1;
  }

  private wordDigits(word: bigint, start: number): number {
    if (word <= MAX_U64) {
      LIMB[0] = word;
      const high = HALVES[HIGH]!;
      if (high === 0) return this.hex32(HALVES[LOW]!, start);
      return this.allHex32(HALVES[LOW]!, this.hex32(high, start));
    }
    const { view } = this;
    writeWord(view, WORD, word);
    let offset = WORD;
    while (view.getUint32(offset) === 0) offset += 4;
    let at = this.hex32(view.getUint32(offset), start);
    for (offset += 4; offset < WORD + 32; offset += 4) at = this.allHex32(view.getUint32(offset), at);
    return at;
  }

  /** The word `depth` words from the top comes on top once more; all words are known. */
  duplicate(depth: number): void {
    const { ends, known } = this;
    const from = ends[known - depth]!;
    const length = ends[known - depth + 1]! - from;
    this.copy(from, ends[known]!, length);
    ends[known + 1] = ends[known]! + length;
    this.known = known + 1;
  }

  /** The top word and the one `depth` below it change places; all words are known. */
  exchange(depth: number): void {
    const { ends, known } = this;
    const low = known - 1 - depth;
    const start = ends[low]!;
    const middle = ends[low + 1]!;
    const top = ends[known - 1]!;
    const end = ends[known]!;
    const topLength = end - top;
    const lowLength = middle - start;
    this.copy(top, SCRATCH, topLength);
    if (topLength === lowLength) {
      // What lies between stays where it is, so the copies must not reach into it.
      this.bytes.copyWithin(top, start, middle);
      this.bytes.copyWithin(start, SCRATCH, SCRATCH + topLength);
      return;
    }
    this.copy(middle, SCRATCH + topLength, top - middle);
    this.copy(start, SCRATCH + topLength + top - middle, lowLength);
    this.copy(SCRATCH, start, end - start);
    const shift = topLength - lowLength;
    for (let i = low + 1; i < known; i++) ends[i]! += shift;
  }

  /** The texts of the first `sp` words, without the last comma. */
  stack(sp: number): void {
    if (sp === 0) return;
    const length = this.ends[sp]! - PIECES_SIZE - 1;
    this.copy(PIECES_SIZE, this.at, length);
    this.at += length;
  }

  /**
   * The line of an ordinary step at one go: each number kept in a local variable instead of a field is felt.
   * @param sp words of the stack to show, 0 for none
   */
  step(pc: number, head: Piece, gas: number, middle: Piece, sp: number, tail: Piece): void {
    const { view } = this;
    let at = this.at;
    view.setFloat64(at, PC_HEAD, true);
    at += PC_HEAD_LENGTH;
    if (pc < 10_000) {
      view.setUint32(at, DECIMALS[pc]!, true);
      at += pc < 100 ? (pc < 10 ? 1 : 2) : pc < 1_000 ? 3 : 4;
    } else {
      this.at = at;
      this.decimal(pc);
      at = this.at;
    }
    let from = head >>> 8;
    let end = at + (head & MAX_PIECE);
    for (; at < end; at += 8, from += 8) view.setFloat64(at, view.getFloat64(from, true), true);
    at = end;
    if (gas < TWO_32) {
      at = this.hex32(gas, at);
    } else {
      at = this.hex32((gas / TWO_32) >>> 0, at);
      at = this.allHex32(gas >>> 0, at);
    }
    from = middle >>> 8;
    end = at + (middle & MAX_PIECE);
    for (; at < end; at += 8, from += 8) view.setFloat64(at, view.getFloat64(from, true), true);
    at = end;
    if (sp > 0) {
      const length = this.ends[sp]! - PIECES_SIZE - 1;
      this.copy(PIECES_SIZE, at, length);
      at += length;
    }
    from = tail >>> 8;
    end = at + (tail & MAX_PIECE);
    for (; at < end; at += 8, from += 8) view.setFloat64(at, view.getFloat64(from, true), true);
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
