/** What the commands read: bytecode from the line, a file or standard input. */

import { readFileSync } from 'node:fs';
import { hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';

const STANDARD_INPUT = 0;

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'symbolic links that lead in a circle',
  ENOSPC: 'there is no space left',
  EROFS: 'the file system is read-only',
};

/** What went wrong with a file, as an error that names it. */
export function unreadable(path: string, error: unknown): ErbiumError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new ErbiumError('UNREADABLE_FILE', `${path}: ${PROBLEMS[code] ?? message}`);
}

/** @throws ErbiumError UNREADABLE_FILE */
export function readFile(path: string | typeof STANDARD_INPUT): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path === STANDARD_INPUT ? 'standard input' : path, error);
  }
}

const withoutSpaces = (text: string): string => text.replaceAll(/\s+/g, '');

/**
 * Bytecode given as hex (in any number of words), `@FILE` or `-`. White space inside does not count.
 * @throws ErbiumError INVALID_HEX, INVALID_ARGUMENT or UNREADABLE_FILE
 */
export function readCode(words: readonly string[]): Uint8Array {
  const first = words[0]!;
  if (first !== '-' && !first.startsWith('@')) return hexToBytes(withoutSpaces(words.join('')), 'code');
  if (words.length > 1) {
    throw new ErbiumError('INVALID_ARGUMENT', `code: ${first} must stand alone, but more follows`);
  }
  if (first === '@')
    throw new ErbiumError('INVALID_ARGUMENT', 'code: @ must be followed by the name of a file');
  const source = first === '-' ? STANDARD_INPUT : first.slice(1);
  return hexToBytes(withoutSpaces(readFile(source)), first === '-' ? 'standard input' : first.slice(1));
}
