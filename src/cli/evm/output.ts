/**
 * What is written to the standard streams, at once: a reader at the other end of a pipe waits for the end of each file,
 * and a trace can be far longer than what a stream should hold back.
 */

import { writeSync } from 'node:fs';
import { unreadable } from '../input.ts';

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
const NAMES = { [STANDARD_OUTPUT]: 'standard output', [STANDARD_ERROR]: 'standard error' } as const;

/** A full pipe that does not block is tried again after so long. */
const PAUSE_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4));

/** @throws ErbiumError UNREADABLE_FILE naming the stream */
function writeAll(stream: keyof typeof NAMES, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(stream, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A reader that has seen enough, such as `head`, is no failure.
      if (code === 'EPIPE') process.exit();
      if (code !== 'EAGAIN') throw unreadable(NAMES[stream], error);
      Atomics.wait(never, 0, 0, PAUSE_MS);
    }
  }
}

export const writeOut = (text: string): void => writeAll(STANDARD_OUTPUT, text);
export const writeErr = (text: string | Uint8Array): void => writeAll(STANDARD_ERROR, text);
