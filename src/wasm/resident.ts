/** What the fast engine keeps of a frame beside what lies in linear memory. */

import type { Frame } from '../machine/frame.ts';

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
}
