/**
 * Text of a trace, put together as bytes, and beside it the text of the stack, of which an instruction changes little. Turning
 * the bytes into strings would add three times the untraced run, and encoding these again nearly ten. Everything is ASCII.
 *
 * Where WebAssembly is allowed, the lines of ordinary steps are written by the function of `step-line.ts`. All else is written
 * here by plain means: calls, ends of frames, lines with memory, and every line where WebAssembly is not allowed.
 */

import { STACK_LIMIT } from '../machine/frame.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { type Change, HEAD_SIZE, PLACE, STACK_SIZE, type StepLine, stepLine } from './step-line.ts';

const CHUNK_SIZE = 1 << 18;
const FULL = PLACE.OUT + CHUNK_SIZE;
/** A chunk, and behind it the longest line. */
const END = FULL + STACK_SIZE + 1_024;

/** Longer texts are written in parts. */
const PART = 1_024;

const TWO_32 = 2 ** 32;
const TWO_LIMBS = 128n;
const LIMB = 64n;
const digitCode = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** The two digits of a byte, the first one in the low half. */
const pairCode = Uint16Array.from({ length: 256 }, (_, i) => digitCode[i >> 4]! | (digitCode[i & 15]! << 8));

export class TextBuffer {
  private readonly line: StepLine | null;
  /** Whether there is `step`. */
  readonly hasSteps: boolean;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly numbers: Int32Array;
  private readonly limbs: BigUint64Array;
  private readonly ends: Int32Array;
  private readonly write: (chunk: Uint8Array) => void;
  private at: number = PLACE.OUT;
  /** Where the next name goes. */
  private names: number = PLACE.NAMES;

  constructor(write: (chunk: Uint8Array) => void) {
    this.write = write;
    this.line = stepLine(END);
    this.hasSteps = this.line !== null;
    const memory = this.line?.memory ?? new ArrayBuffer(END);
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
    this.numbers = new Int32Array(memory, 0, PLACE.NAMES >> 2);
    this.limbs = new BigUint64Array(memory, PLACE.LIMBS, 4);
    this.ends = new Int32Array(memory, PLACE.ENDS, STACK_LIMIT + 1);
    this.ends[0] = PLACE.STACK;
    this.heading('');
  }

  private put(text: string, start: number): number {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
    return start + text.length;
  }

  /** Sets what stands before the gas of an opcode, less than `HEAD_SIZE` characters. */
  head(opcode: number, text: string): void {
    const start = PLACE.HEADS + HEAD_SIZE * opcode;
    this.put(text, start);
    this.bytes[start + HEAD_SIZE - 1] = text.length;
  }

  /** Keeps the end of a line; its place. */
  keep(text: string): number {
    const place = this.names;
    this.names = this.put(text, place);
    return place;
  }

  /** Sets the end of an opcode's lines to one that is kept. */
  tail(opcode: number, place: number, length: number): void {
    const { numbers } = this;
    const index = (PLACE.TAILS >> 2) + 2 * opcode;
    numbers[index] = place;
    numbers[index + 1] = length;
  }

  /** Sets what stands between the stack and the name, at most 64 characters. */
  middle(text: string): void {
    this.put(text, PLACE.MIDDLE);
    this.numbers[PLACE.MIDDLE_LENGTH >> 2] = text.length;
  }

  /** Sets what stands before the stack, at most 64 characters. */
  heading(text: string): void {
    const start = PLACE.STACK - text.length;
    this.put(text, start);
    this.numbers[PLACE.HEADING >> 2] = start;
  }

  text(text: string): void {
    for (let from = 0; from < text.length; from += PART) {
      this.at = this.put(text.slice(from, from + PART), this.at);
      this.lineEnd();
    }
  }

  /** Bytes as hex digits. */
  hexBytes(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (this.at >= FULL) this.flush();
      this.view.setUint16(this.at, pairCode[bytes[i]!]!, true);
      this.at += 2;
    }
  }

  /** The heading and the stack, or its first words, without the last comma. */
  stack(words: number): void {
    const start = this.numbers[PLACE.HEADING >> 2]!;
    const end = this.ends[words]! - (words === 0 ? 0 : 1);
    this.bytes.copyWithin(this.at, start, end);
    this.at += end - start;
  }

  /** Sets the stack, of which the first `left` words are what they were. */
  update(left: number, stack: readonly bigint[], sp: number): void {
    const { ends, line } = this;
    for (let i = left; i < sp; i++) {
      const word = stack[i]!;
      const start = ends[i]!;
      ends[i + 1] =
        line === null ? this.put(`"0x${word.toString(16)}",`, start) : line.word(start, this.putWord(word));
    }
    this.numbers[PLACE.WORDS >> 2] = sp;
  }

  // What `step` is to put on top of the stack; each gives the number of the highest limb that may not be zero.

  putWord(word: bigint): number {
    const { limbs } = this;
    limbs[0] = word;
    if (word <= MAX_U64) return 0;
    limbs[1] = word >> LIMB;
    const high = word >> TWO_LIMBS;
    if (high === 0n) return 1;
    limbs[2] = high;
    limbs[3] = high >> LIMB;
    return 3;
  }

  /** A word of one limb. */
  putLimb(word: bigint): number {
    this.limbs[0] = word;
    return 0;
  }

  /** A constant of more than 8 bytes from the code: they spare three shifts of a bigint, 40 ns in all. */
  putConstant(code: Uint8Array, start: number, size: number): number {
    const { numbers } = this;
    const top = (size - 1) >> 3;
    // In the end both halves of the highest limb are set.
    numbers[2 * top + 1] = 0;
    let half = PLACE.LIMBS >> 2;
    let end = start + size;
    for (; end >= start + 4; end -= 4) {
      numbers[half++] =
        (code[end - 4]! << 24) | (code[end - 3]! << 16) | (code[end - 2]! << 8) | code[end - 1]!;
    }
    if (end > start) {
      let rest = 0;
      for (let i = start; i < end; i++) rest = (rest << 8) | code[i]!;
      numbers[half] = rest;
    }
    return top;
  }

  /** The line of an ordinary step, and then what it does to the stack, both as of `StepLine`. */
  step(
    pc: number,
    opcode: number,
    gas: number,
    cost: number,
    change: Change,
    depth: number,
    top: number,
  ): void {
    this.at = this.line!.step(this.at, pc, opcode, gas / TWO_32, gas, cost, change, depth, top);
    if (this.at >= FULL) this.flush();
  }

  /** Ends a line. */
  lineEnd(): void {
    if (this.at >= FULL) this.flush();
  }

  /** Hands over what has been put together. */
  flush(): void {
    if (this.at === PLACE.OUT) return;
    const chunk = this.bytes.subarray(PLACE.OUT, this.at);
    this.at = PLACE.OUT;
    this.write(chunk);
  }
}
