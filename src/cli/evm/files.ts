/** The test files that a line or standard input names. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ErbiumError } from '../../primitives/errors.ts';
import { unreadable } from '../input.ts';

/**
 * A file, or all `.json` below a folder, in order.
 * @throws ErbiumError UNREADABLE_FILE
 */
export function testFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** No fixture comes near, and a string cannot be longer. */
const MAX_BYTES = 2 ** 29 - 24;

/** @throws ErbiumError UNREADABLE_FILE */
export function readTestFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new ErbiumError('UNREADABLE_FILE', `${path}: ${size} bytes are too many`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(path, error);
  }
}

/** File names from standard input, one a line; an empty line ends. */
export async function* namesFromInput(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === '') return;
    yield line;
  }
}
