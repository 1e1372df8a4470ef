/**
 * What is written to the standard streams, at once: a reader at the other end of a pipe waits for the end of each file,
 * and a trace can be far longer than what a stream should hold back.
 */

import { writeSync } from 'node:fs';

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

/** A full pipe that does not block is tried again after so long. */
const PAUSE_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4));

function writeAll(stream: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(stream, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A reader that has seen enough, such as `head`, is no failure.
      if (code === 'EPIPE') process.exit();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, PAUSE_MS);
    }
  }
}

export const writeOut = (text: string): void => writeAll(STANDARD_OUTPUT, text);
export const writeErr = (text: string | Uint8Array): void => writeAll(STANDARD_ERROR, text);
