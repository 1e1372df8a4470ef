/** What the fast engine keeps of a frame beside what lies in linear memory, and how a frame gets there. */

import type { Frame } from '../machine/frame.ts';
import { HOST_MEMORY_LIMIT } from '../machine/gas.ts';
import type { Prepared } from './code-store.ts';
import {
  FIRST_WORD,
  FRAME_SIZE,
  FRAMES,
  Record as FrameRecord,
  STACK_BYTES,
  STACK_OFFSET,
  WORD,
  WORDS_OFFSET,
} from './layout.ts';
import type { Linear } from './linear.ts';
import { byteOf } from './opcode-byte.ts';

const CALLVALUE = byteOf('CALLVALUE') - FIRST_WORD;

/** A frame in linear memory. */
export class Resident {
  frame!: Frame;
  /** Address of its record. */
  record = 0;
  /** Words of the stack, from the lowest, that `frame.stack` need not have. */
  words = 0;
  /** Of the slot cache, to which its tag belongs. */
  epoch = 0;
  /** Whether its input is a part of linear memory, and not copied there. */
  borrowsInput = false;
  /** 1 where it was put there inside a block, whose rest is paid. */
  inside = 0;

  /** Puts a frame there, without what changes each time that the loop is left; false where the host has no room. */
  place(linear: Linear, frame: Frame, record: number, code: Prepared): boolean {
    const { memory, input } = frame;
    // When the memory grows, which it may here, a view of it forgets where it was.
    const { byteOffset, length: inputSize } = input;
    // The lowest frame's is not: to ask a short array for its buffer makes one, which took half of the time of a short call.
    const isOurs = record !== FRAMES && input.buffer === linear.bytes.buffer;
    const inputEnd = record + FRAME_SIZE + (isOurs ? 0 : inputSize);
    const memoryAt = (inputEnd + WORD - 1) & -WORD;
    if (!linear.reserve(memoryAt + memory.size)) return false;
    linear.soil(inputEnd);
    if (!isOurs && inputSize > 0) linear.bytes.set(input, record + FRAME_SIZE);

    const { i32 } = linear;
    const at = record >> 2;
    i32[at + (FrameRecord.STACK_END >> 2)] = record + STACK_OFFSET + STACK_BYTES;
    i32[at + (FrameRecord.CODE >> 2)] = code.address;
    i32[at + (FrameRecord.CODE_SIZE >> 2)] = frame.code.bytes.length;
    i32[at + (FrameRecord.CODE_BYTES >> 2)] = code.bytes;
    i32[at + (FrameRecord.BLOCKS_BIAS >> 2)] = code.bias;
    i32[at + (FrameRecord.MEMORY >> 2)] = memoryAt;
    i32[at + (FrameRecord.MEMORY_LIMIT >> 2)] = Math.max(0, HOST_MEMORY_LIMIT - frame.heldBelow);
    // A view of the caller's memory stays where it is as long as this frame runs.
    i32[at + (FrameRecord.INPUT >> 2)] = isOurs ? byteOffset : record + FRAME_SIZE;
    i32[at + (FrameRecord.INPUT_SIZE >> 2)] = inputSize;
    i32[at + (FrameRecord.IS_STATIC >> 2)] = frame.isStatic ? 1 : 0;
    // Most contracts ask for the value first.
    linear.setWord(record + WORDS_OFFSET + CALLVALUE * WORD, frame.value);
    i32[at + (FrameRecord.WORDS_KNOWN >> 2)] = 1 << CALLVALUE;
    memory.moveTo(linear, memoryAt);

    this.frame = frame;
    this.record = record;
    this.words = 0;
    this.borrowsInput = isOurs;
    return true;
  }

  /** Where the next frame may begin. */
  end({ i32 }: Linear): number {
    const end = i32[(this.record + FrameRecord.MEMORY) >> 2]! + this.frame.memory.size;
    return (end + WORD - 1) & -WORD;
  }

  /** A view is left behind when the memory grows. */
  renewInput({ i32, bytes }: Linear): void {
    const { frame, record, borrowsInput } = this;
    if (!borrowsInput || frame.input.buffer === bytes.buffer) return;
    const at = i32[(record + FrameRecord.INPUT) >> 2]!;
    frame.input = bytes.subarray(at, at + i32[(record + FrameRecord.INPUT_SIZE) >> 2]!);
  }
}
