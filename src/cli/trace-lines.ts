/** The lines of a trace, from a file, a compressed one or standard input, in no more memory than the longest takes. */

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ErbiumError } from '../primitives/errors.ts';
import { unreadable } from './input.ts';

/** What the line readers of other tools take at most. */
const MAX_LINE = 32 * 2 ** 20;
const CHUNK = 2 ** 18;
const LINE_FEED = 0x0a;

/** A file of anything else is not read to its end. */
const PATIENCE = 10_000;

type Chunks = AsyncIterable<Buffer>;

/** How a source is called in messages. */
export const sourceName = (path: string): string => (path === '-' ? 'standard input' : path);

/**
 * The lines of a file, or of standard input for `-`, in groups.
 * @throws ErbiumError UNREADABLE_FILE naming the file and the line: no such file, broken compression, a line of more
 * than 32 MB, or thousands of lines none of which is JSON
 */
export async function* traceLines(path: string): AsyncGenerator<string[]> {
  const source: Chunks = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  try {
    yield* demandJson(linesOf(unpacked(source), path), path);
  } catch (error) {
    if (error instanceof ErbiumError) throw error;
    throw unreadable(sourceName(path), error);
  }
}

/** Told by the first two bytes, so that it works for what has no name. */
async function* unpacked(source: Chunks): Chunks {
  const chunks = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (let ended = false; head.length < 2 && !ended; ) {
    const { done, value } = await chunks.next();
    if (done) ended = true;
    else head = Buffer.concat([head, value]);
  }
  async function* whole(): Chunks {
    try {
      yield head;
      yield* { [Symbol.asyncIterator]: () => chunks };
    } finally {
      await chunks.return?.();
    }
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const done = pipeline(whole(), gunzip);
  // It fails together with the loop below, which tells.
  done.catch(() => {});
  yield* gunzip;
}

async function* linesOf(chunks: Chunks, path: string): AsyncGenerator<string[]> {
  let pieces: Buffer[] = [];
  let held = 0;
  let count = 0;
  const finish = (): string => {
    const line = Buffer.concat(pieces).toString();
    pieces = [];
    held = 0;
    return line;
  };
  const hold = (piece: Buffer, line: number): void => {
    held += piece.length;
    if (held > MAX_LINE) {
      const problem = `line ${line} is longer than 32 MB, which no line of a trace is`;
      throw new ErbiumError('UNREADABLE_FILE', `${sourceName(path)}: ${problem}`);
    }
    pieces.push(piece);
  };
  for await (const chunk of chunks) {
    const lines: string[] = [];
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      hold(chunk.subarray(at, end), count + lines.length + 1);
      lines.push(finish());
      at = end + 1;
    }
    if (at < chunk.length) hold(chunk.subarray(at), count + lines.length + 1);
    count += lines.length;
    if (lines.length > 0) yield lines;
  }
  if (held > 0) yield [finish()];
}

const looksLikeJson = (line: string): boolean => line.trimStart().startsWith('{');

async function* demandJson(groups: AsyncGenerator<string[]>, path: string): AsyncGenerator<string[]> {
  let found = false;
  let count = 0;
  for await (const lines of groups) {
    found ||= lines.some(looksLikeJson);
    count += lines.length;
    if (!found && count >= PATIENCE) {
      const problem = `none of the first ${count} lines is JSON: this is no EIP-3155 trace`;
      throw new ErbiumError('UNREADABLE_FILE', `${sourceName(path)}: ${problem}`);
    }
    yield lines;
  }
}
