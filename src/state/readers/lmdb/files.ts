/** Files beside the database. Owns what makes a name last, the making of directories, and how a failure of the file system is told. */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ErbiumError } from '../../../primitives/errors.ts';

/** Makes the names in a directory last. Where a system cannot do that to directories, it has another way or none. */
export function syncDirectory(path: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
  } catch {
    // The files themselves are on disk.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Makes a directory with those above it; it must not exist. Node's own way to make them all does not come to an end
 * where a file system takes no directories at all.
 */
export function makeDirectory(path: string): void {
  const above = dirname(resolve(path));
  if (!existsSync(above)) makeDirectory(above);
  mkdirSync(path);
  syncDirectory(above);
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'may not be accessed',
  EISDIR: 'is a directory',
  ENOTDIR: 'lies in no directory',
  ENOSPC: 'there is no space left',
};

/** The error of a file that cannot be read or written. */
export function unreadable(path: string, error: unknown): ErbiumError {
  if (error instanceof ErbiumError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new ErbiumError('UNREADABLE_FILE', `${path}: ${PROBLEMS[code] ?? message}`);
}
