/** What an engine is: it runs a frame until the frame ends or waits for a child. */

import type { Frame } from './frame.ts';
import type { Halt } from './halt.ts';

export interface Engine {
  /** Runs, or runs on, a frame. Never returns `Continue`. */
  run(frame: Frame): Halt;
  /**
   * Around a run of frames that call one another. An engine may keep a part of a frame to itself until the frame ends or
   * the run is left; what has not ended is in the frame again by then.
   * @returns what `leave` wants
   */
  enter?(): number;
  leave?(entered: number): void;
  /** Has the frame that ended last say its stack and its place in the code, for those who look inside. */
  recall?(frame: Frame): void;
}
