/**
 * Writes files whole or not at all: under a name beside the one they are to have, which they get when they are complete.
 * What was there before stays where that fails, and nothing stays beside it. Pipes and devices such as /dev/null take
 * what is written to them as it comes.
 */

import { randomBytes } from 'node:crypto';
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ErbiumError } from '../primitives/errors.ts';
import { syncDirectory } from '../state/readers/lmdb/files.ts';
import { unreadable } from './input.ts';
import { Temporary } from './temporary.ts';

/**
 * Writes files that take the place of those that are there, each when all are written; a link stays, and what it leads to
 * is replaced. Pipes and devices come first: where one fails, all files are as they were.
 * @param flush whether they survive a failure of the machine once this returns; it takes milliseconds for each
 * @throws ErbiumError UNREADABLE_FILE naming the file
 */
export function writeFiles(
  files: readonly (readonly [path: string, content: string])[],
  { flush = true }: { readonly flush?: boolean } = {},
): void {
  const places = files.map(([path, content]) => ({ path, content, ...named(path, () => placeOf(path)) }));
  for (const { path, content, isStream } of places) {
    if (isStream) named(path, () => writeStream(path, content));
  }
  const written: { readonly path: string; readonly file: string; readonly temporary: Temporary }[] = [];
  try {
    for (const { path, file, content, isStream } of places) {
      if (isStream) continue;
      named(path, () => {
        written.push({ path, file, temporary: new Temporary(() => writeBeside(file, content, flush)) });
      });
    }
    for (const { path, file, temporary } of written) {
      named(path, () => {
        renameSync(temporary.path, file);
        if (flush) syncDirectory(dirname(file));
      });
    }
  } finally {
    for (const { temporary } of written) temporary.remove();
  }
}

function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

interface Place {
  /** Of the file itself, behind all links. */
  readonly file: string;
  readonly isStream: boolean;
}

function placeOf(path: string): Place {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info?.isFIFO() || info?.isCharacterDevice()) return { file: path, isStream: true };
  if (info === undefined) return { file: path, isStream: false };
  if (info.isFile()) return { file: realpathSync(path), isStream: false };
  throw new ErbiumError('UNREADABLE_FILE', `${path}: is no file`);
}

function writeStream(path: string, content: string): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    // A reader that has seen enough, such as `head`, is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

function writeBeside(path: string, content: string, flush: boolean): string {
  const name = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    // Without the flush the name could be there without the content after the machine fails.
    writeFileSync(name, content, { flag: 'wx', flush });
  } catch (error) {
    // A disk that is full has taken the name and a part of the content.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(name, { force: true });
    throw error;
  }
  return name;
}
