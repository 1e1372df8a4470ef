/** Writes bytecode and keeps account of the stack: constants, jumps to places further on, data behind the code. */

import type { OpRow } from '../../../opcodes/row.ts';
import { toMinimalBytes } from '../../primitives/bytes.ts';

const JUMPDEST = 0x5b;
const JUMP = 0x56;
const JUMPI = 0x57;
const PUSH0 = 0x5f;
const POP = 0x50;
/** Longest code that two bytes can point into. */
const MOST_BYTES = 0xffff;

/** The instruction that pushes a word: PUSH1 to PUSH32 in as few bytes as it needs. */
export function pushOf(value: bigint): Uint8Array {
  const digits = value === 0n ? Uint8Array.of(0) : toMinimalBytes(value);
  const bytes = new Uint8Array(1 + digits.length);
  bytes[0] = PUSH0 + digits.length;
  bytes.set(digits, 1);
  return bytes;
}

/** Bytecode in the making. */
export class Assembly {
  /** Words on the stack. */
  height = 0;
  /** Words at the bottom that are not to be consumed: those of the loop or branch around. */
  floor = 0;
  private bytes: Uint8Array;
  private length = 0;
  private readonly data: { readonly at: number; readonly content: Uint8Array }[] = [];

  /** @param room bytes to begin with; more are made as needed */
  constructor(room = 128) {
    this.bytes = new Uint8Array(room);
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
    if (this.length + content.length > this.bytes.length) this.grow(content.length);
    this.bytes.set(content, this.length);
    this.length += content.length;
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
    if (value > 0xffff) {
      this.byte(PUSH0 + 3);
      this.byte(value >>> 16);
      this.byte((value >>> 8) & 0xff);
    } else if (value > 0xff) {
      this.byte(PUSH0 + 2);
      this.byte(value >>> 8);
    } else {
      this.byte(PUSH0 + 1);
    }
    this.byte(value & 0xff);
  }

  pushWord(value: bigint): void {
    if (value < 0x1000000n) this.push(Number(value));
    else this.pushed(pushOf(value));
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

  /** The code with its data. */
  finish(): Uint8Array {
    for (const { at, content } of this.data) {
      // The byte in front keeps data from being run into.
      this.byte(0);
      this.patch(at, this.length);
      this.raw(content);
    }
    return this.bytes.slice(0, this.length);
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
