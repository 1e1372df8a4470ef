/** The test files that a line or standard input names. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ErbiumError } from '../../primitives/errors.ts';
import { unreadable } from '../input.ts';

/** Beside fixtures, their makers keep files about them in such a folder. */
const META = '.meta';

/**
 * The files themselves, and of folders all `.json` below them, in order.
 * @throws ErbiumError UNREADABLE_FILE
 */
export const testFiles = (paths: readonly string[]): TestFile[] =>
  paths.flatMap(filesAt).map((path) => ({ path, name: path, maybePipe: true }));

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => name !== META)
      .flatMap((entry) => {
        const inner = join(path, entry.name);
        if (entry.isDirectory()) return filesAt(inner);
        return entry.isFile() && entry.name.endsWith('.json') ? [inner] : [];
      })
      .sort();
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

/** A file by its name, which need not be text. */
export interface TestFile {
  readonly path: string | Buffer;
  /** As messages show it. */
  readonly name: string;
  /** Whether it may be a pipe, as a shell makes them: one that nobody writes to keeps its reader waiting. */
  readonly maybePipe: boolean;
}

/** No fixture comes near, and a string cannot be longer. */
const MAX_BYTES = 2 ** 29 - 24;

/** @throws ErbiumError UNREADABLE_FILE */
export function readTestFile({ path, name, maybePipe }: TestFile): string {
  const refused = (problem: string): ErbiumError => new ErbiumError('UNREADABLE_FILE', `${name}: ${problem}`);
  try {
    const status = statSync(path);
    const isReadable = status.isFile() || status.isDirectory() || (maybePipe && status.isFIFO());
    if (!isReadable) throw refused('is no file');
    if (status.size > MAX_BYTES) throw refused(`${status.size} bytes are too many`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(name, error);
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** File names from standard input, one a line; an empty line ends. */
export async function* namesFromInput(): AsyncGenerator<TestFile> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      const path = rest.subarray(0, rest[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
      if (path.length === 0) return;
      yield named(path);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield named(rest);
}

const named = (path: Buffer): TestFile => ({ path, name: path.toString(), maybePipe: false });
