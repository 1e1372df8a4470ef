/**
 * A frame as it was: its stack, memory, place and gas. Pages of memory that stay as they are from one save to the next are
 * shared, as are those with nothing in them, so that a large memory is not copied for every save.
 */

import { Running } from '../../evm/running.ts';
import type { Code } from '../../machine/code.ts';
import type { Frame } from '../../machine/frame.ts';
import type { Memory } from '../../machine/memory.ts';
import { isCreation, type Message } from '../../machine/message.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { Piece } from './saves.ts';

const PAGE_BYTES = 4_096;
const PAGE_WORDS = PAGE_BYTES / 4;

interface Page extends Piece {
  readonly words: Int32Array;
}

const page = (words: Int32Array): Page => ({ words, bytes: PAGE_BYTES + 150, parts: [], holders: 0 });

/** Held once for good, and by all memories that are not written to. */
const ZERO_PAGE: Page = { ...page(new Int32Array(PAGE_WORDS)), bytes: 0, holders: 1 };

/** A saved frame, and the message that it runs. */
export interface FrameSave extends Piece {
  readonly message: Message;
  /** Where the journal stood when it began. */
  readonly checkpoint: number;
  readonly code: Code;
  readonly pc: number;
  readonly stack: readonly bigint[];
  readonly gas: number;
  readonly reserve: bigint;
  readonly heldBelow: number;
  readonly returnData: Uint8Array;
  readonly memorySize: number;
  readonly pages: readonly Page[];
}

// A stack word is a pointer and, where it is no small one, a bigint of 48 bytes.
const WORD_BYTES = 56;
const FRAME_BYTES = 500;

/**
 * The same with an input of its own: that of a running message may be a view of its caller's memory, which a save that is
 * put back does not have any more.
 */
export function ownInput({ message, frame, checkpoint }: Running): Running {
  const own = { ...message, input: message.input.slice() };
  frame.input = inputOf(own);
  return new Running(own, frame, checkpoint);
}

const inputOf = (message: Message): Uint8Array => (isCreation(message) ? EMPTY_BYTES : message.input);

/** @param before a save of the frame, or of one that stood at its depth */
export function saveFrame({ message, frame, checkpoint }: Running, before: FrameSave | undefined): FrameSave {
  const { sp, memory } = frame;
  const pages = pagesOf(memory, before?.pages ?? []);
  const inputBytes = before?.message === message ? 0 : message.input.length;
  return {
    message,
    checkpoint,
    code: frame.code,
    pc: frame.pc,
    stack: frame.stack.slice(0, sp),
    gas: frame.gas,
    reserve: frame.reserve,
    heldBelow: frame.heldBelow,
    returnData: frame.returnData,
    memorySize: memory.size,
    pages,
    bytes: FRAME_BYTES + sp * WORD_BYTES + pages.length * 8 + frame.returnData.length + inputBytes,
    parts: pages,
    holders: 0,
  };
}

/** Makes a fresh or a used frame what was saved. */
export function restoreFrame(frame: Frame, save: FrameSave, request: Message | null): void {
  const { message } = save;
  frame.code = save.code;
  frame.pc = save.pc;
  frame.sp = save.stack.length;
  for (let i = 0; i < save.stack.length; i++) frame.stack[i] = save.stack[i]!;
  frame.gas = save.gas;
  frame.reserve = save.reserve;
  frame.heldBelow = save.heldBelow;
  frame.returnData = save.returnData;
  frame.address = message.address;
  frame.caller = message.caller;
  frame.value = message.value;
  frame.input = inputOf(message);
  frame.isStatic = message.isStatic;
  frame.depth = message.depth;
  frame.request = request;
  restoreMemory(frame.memory, save);
}

function pagesOf(memory: Memory, before: readonly Page[]): readonly Page[] {
  const bytes = memory.viewOf(0, memory.size);
  const pages: Page[] = [];
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
    const words = wordsAt(bytes, at);
    const known = before[pages.length] ?? ZERO_PAGE;
    if (isEqual(known.words, words)) pages.push(known);
    else pages.push(isEqual(ZERO_PAGE.words, words) ? ZERO_PAGE : page(padded(words)));
  }
  return pages;
}

/** The words of a page, fewer at the end of the memory. */
function wordsAt(bytes: Uint8Array, at: number): Int32Array {
  // The memory of this engine begins where its buffer does, and its size is a multiple of 32.
  return new Int32Array(bytes.buffer, bytes.byteOffset + at, Math.min(PAGE_BYTES, bytes.length - at) >> 2);
}

function isEqual(page: Int32Array, words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) if (page[i] !== words[i]) return false;
  // Behind the end of the memory a page has zeros; one that has not is of a memory that was larger.
  for (let i = words.length; i < PAGE_WORDS; i++) if (page[i] !== 0) return false;
  return true;
}

function padded(words: Int32Array): Int32Array {
  const page = new Int32Array(PAGE_WORDS);
  page.set(words);
  return page;
}

function restoreMemory(memory: Memory, { memorySize, pages }: FrameSave): void {
  memory.reset();
  memory.resize(memorySize);
  const bytes = memory.viewOf(0, memorySize);
  for (const [i, { words }] of pages.entries()) {
    // What was reset is zero.
    if (words === ZERO_PAGE.words) continue;
    const target = wordsAt(bytes, i * PAGE_BYTES);
    target.set(target.length < PAGE_WORDS ? words.subarray(0, target.length) : words);
  }
}
