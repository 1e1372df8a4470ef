/**
 * Writes files whole or not at all: under a name beside the one they are to have, which they get when they are complete.
 * What was there before stays where that fails, and nothing stays beside it.
 */

import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ErbiumError } from '../primitives/errors.ts';
import { syncDirectory } from '../state/readers/lmdb/files.ts';
import { unreadable } from './input.ts';
import { Temporary } from './temporary.ts';

/**
 * Writes files that take the place of those that are there, each when all are written.
 * @param flush whether they survive a failure of the machine once this returns; it takes milliseconds for each
 * @throws ErbiumError UNREADABLE_FILE naming the file
 */
export function writeFiles(
  files: readonly (readonly [path: string, content: string])[],
  { flush = true }: { readonly flush?: boolean } = {},
): void {
  const written: { readonly path: string; readonly temporary: Temporary }[] = [];
  try {
    for (const [path, content] of files) {
      named(path, () => {
        if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
          throw new ErbiumError('UNREADABLE_FILE', `${path}: is no file`);
        }
        written.push({ path, temporary: new Temporary(() => writeBeside(path, content, flush)) });
      });
    }
    for (const { path, temporary } of written) {
      named(path, () => {
        renameSync(temporary.path, path);
        if (flush) syncDirectory(dirname(path));
      });
    }
  } finally {
    for (const { temporary } of written) temporary.remove();
  }
}

function named(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
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
