/** Writes bytecode and keeps account of the stack: constants, jumps to places further on, data behind the code. */

import type { OpRow } from '../../../opcodes/row.ts';
import { writeWord } from '../../primitives/bytes.ts';
import { copyOf } from '../slab.ts';
import { OP } from './op.ts';

const { JUMPDEST, JUMP, JUMPI, PUSH0, POP } = OP;
/** Longest code that two bytes can point into. */
const MOST_BYTES = 0xffff;

const WORD = new Uint8Array(32);
const WORD_VIEW = new DataView(WORD.buffer);

/** Lays a word out in `WORD`; where its first byte that counts stands. */
function spread(value: bigint): number {
  writeWord(WORD_VIEW, 0, value);
  let start = 0;
  while (start < 31 && WORD[start] === 0) start++;
  return start;
}

/** The instruction that pushes a word: PUSH1 to PUSH32 in as few bytes as it needs. */
export function pushOf(value: bigint): Uint8Array {
  const start = spread(value);
  const bytes = new Uint8Array(33 - start);
  bytes[0] = PUSH0 + 32 - start;
  for (let i = start; i < 32; i++) bytes[i - start + 1] = WORD[i]!;
  return bytes;
}

/** Up to so many bytes are copied one by one: to call the built-in takes longer. */
const FEW_BYTES = 40;

/** Assemblies to be used again: their buffers are longer than what is allocated cheaply. */
const free: Assembly[] = [];

/** Bytecode in the making. */
export class Assembly {
  /** Words on the stack. */
  height = 0;
  /** Words at the bottom that are not to be consumed: those of the loop or branch around. */
  floor = 0;
  private bytes = new Uint8Array(4_096);
  private length = 0;
  private readonly data: { readonly at: number; readonly content: Uint8Array }[] = [];

  private constructor() {}

  /** An empty one. It is the caller's until it is finished. */
  static begin(): Assembly {
    const assembly = free.pop() ?? new Assembly();
    assembly.height = 0;
    assembly.floor = 0;
    assembly.length = 0;
    assembly.data.length = 0;
    return assembly;
  }

  /** Words that may be consumed. */
  get available(): number {
    return this.height - this.floor;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.length;
  }

  /** Whether the code is about as long as code should be. */
  get isFull(): boolean {
    return this.length > MOST_BYTES / 4;
  }

  byte(byte: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = byte;
  }

  raw(content: Uint8Array): void {
    const { length } = content;
    if (this.length + length > this.bytes.length) this.grow(length);
    const { bytes, length: at } = this;
    if (length > FEW_BYTES) bytes.set(content, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = content[i]!;
    this.length = at + length;
  }

  /** So many zeros. */
  zeros(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count);
    this.bytes.fill(0, this.length, this.length + count);
    this.length += count;
  }

  /** An instruction without a constant. */
  row(row: OpRow): void {
    this.byte(row.byte);
    this.height += row.gives - row.takes;
  }

  /** An instruction of a known effect. */
  op(byte: number, takes: number, gives: number): void {
    this.byte(byte);
    this.height += gives - takes;
  }

  /** A whole PUSH with its constant. */
  pushed(instruction: Uint8Array): void {
    this.raw(instruction);
    this.height++;
  }

  /** A constant in [0, 2^24). */
  push(value: number): void {
    this.height++;
    if (this.length + 4 > this.bytes.length) this.grow(4);
    const { bytes } = this;
    let at = this.length;
    if (value > 0xffff) {
      bytes[at++] = PUSH0 + 3;
      bytes[at++] = value >>> 16;
      bytes[at++] = value >>> 8;
    } else if (value > 0xff) {
      bytes[at++] = PUSH0 + 2;
      bytes[at++] = value >>> 8;
    } else {
      bytes[at++] = PUSH0 + 1;
    }
    bytes[at++] = value;
    this.length = at;
  }

  pushWord(value: bigint): void {
    const start = spread(value);
    this.height++;
    this.byte(PUSH0 + 32 - start);
    for (let i = start; i < 32; i++) this.byte(WORD[i]!);
  }

  /** PUSH32 of the bytes from a place on, and of zeros where there are no more. */
  push32(content: Uint8Array, from: number): void {
    this.height++;
    this.byte(PUSH0 + 32);
    for (let i = from; i < from + 32; i++) this.byte(i < content.length ? content[i]! : 0);
  }

  pop(): void {
    this.op(POP, 1, 0);
  }

  /** PUSH2 of a place that is not known yet; `land` makes it known. */
  pushPlace(): number {
    this.height++;
    this.byte(PUSH0 + 2);
    this.byte(0);
    this.byte(0);
    return this.length - 2;
  }

  /** A jump to a place further on. */
  jump(): number {
    const place = this.pushPlace();
    this.op(JUMP, 1, 0);
    return place;
  }

  /** A jump on the condition on top of the stack. */
  jumpIf(): number {
    const place = this.pushPlace();
    this.op(JUMPI, 2, 0);
    return place;
  }

  /** The place of an earlier jump is here. */
  land(place: number): void {
    this.patch(place, this.length);
    this.byte(JUMPDEST);
  }

  /** A place to jump back to. */
  here(): number {
    this.byte(JUMPDEST);
    return this.length - 1;
  }

  /** Jumps back on the condition on top of the stack. */
  jumpBackIf(place: number): void {
    this.byte(PUSH0 + 2);
    this.byte(place >>> 8);
    this.byte(place & 0xff);
    this.height++;
    this.op(JUMPI, 2, 0);
  }

  /** PUSH2 of the place of bytes that will stand behind the code. */
  pushData(content: Uint8Array): void {
    this.data.push({ at: this.pushPlace(), content });
  }

  /** The code with its data. The assembly is free for others from then on. */
  finish(): Uint8Array {
    for (const { at, content } of this.data) {
      // The byte in front keeps data from being run into.
      this.byte(0);
      this.patch(at, this.length);
      this.raw(content);
    }
    free.push(this);
    return copyOf(this.bytes.subarray(0, this.length));
  }

  private patch(at: number, value: number): void {
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value & 0xff;
  }

  private grow(by: number): void {
    const grown = new Uint8Array(2 * (this.bytes.length + by));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
