/** What an engine is: it runs a frame until the frame ends or waits for a child. */

import type { Frame } from './frame.ts';
import type { Halt } from './halt.ts';

export interface Engine {
  /** Runs, or runs on, a frame. Never returns `Continue`. */
  run(frame: Frame): Halt;
}
