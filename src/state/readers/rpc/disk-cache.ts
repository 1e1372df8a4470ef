/**
 * A cache of remote states on disk: one file per part, into which checksummed lines are written. Owns the form of the
 * files; not what the items mean.
 *
 * A line is `checksum key value`. The checksum covers the name of the part too, so that a file under another name is
 * worth nothing. A line that was cut off, or damaged otherwise, is passed over, and each addition starts on a line of
 * its own: two processes, or one that was killed while writing, do no harm to what is there.
 */

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ErbiumError } from '../../../primitives/errors.ts';
import type { RpcCache } from './cache.ts';

/** The options of `diskCache`. */
export interface DiskCacheOptions {
  /**
   * Bytes of one file, 256 MiB by default: nothing is added beyond, and a larger file is not read. Files are never
   * removed; each may be deleted at any time.
   */
  readonly maxFileBytes?: number;
}

const VERSION = 'erbium-rpc-1';
const DEFAULT_MAX_FILE_BYTES = 256 * 2 ** 20;

/**
 * A cache in a directory, which is made where it is missing.
 * @throws ErbiumError INVALID_ARGUMENT naming the option; STORE_FAILURE, from its methods, naming the file
 */
export function diskCache(directory: string, options: DiskCacheOptions = {}): RpcCache {
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw new ErbiumError('INVALID_ARGUMENT', 'directory: expected a path');
  }
  if (!Number.isSafeInteger(maxFileBytes) || maxFileBytes < 1) {
    throw new ErbiumError('INVALID_ARGUMENT', 'maxFileBytes: expected a whole number of bytes above 0');
  }
  const fileOf = (part: string): string => {
    if (!/^[a-z0-9-]+$/.test(part)) {
      throw new ErbiumError('INVALID_ARGUMENT', 'part: expected lower-case letters, digits and hyphens');
    }
    return join(directory, `${part}.rpc`);
  };

  return {
    async read(part) {
      const file = fileOf(part);
      const size = await sizeOf(file);
      if (size === 0 || size > maxFileBytes) return new Map();
      return parse(part, await attempt(file, readFile(file, 'latin1')));
    },
    async append(part, items) {
      const file = fileOf(part);
      let text = '\n';
      for (const [key, value] of items) text += `${checksumOf(part, `${key} ${value}`)} ${key} ${value}\n`;
      await attempt(directory, mkdir(directory, { recursive: true }));
      if ((await sizeOf(file)) + text.length > maxFileBytes) return;
      await attempt(file, appendFile(file, text, 'latin1'));
    },
  };
}

function parse(part: string, text: string): Map<string, string> {
  const items = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [checksum, key] = line.split(' ', 2);
    if (checksum === undefined || key === undefined) continue;
    const rest = line.slice(checksum.length + 1);
    // Later lines win: they were asked for when an earlier one was of no use.
    if (checksum === checksumOf(part, rest)) items.set(key, rest.slice(key.length + 1));
  }
  return items;
}

const checksumOf = (part: string, item: string): string =>
  createHash('sha256').update(`${VERSION} ${part} ${item}`, 'latin1').digest('hex').slice(0, 16);

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw failure(file, error);
  }
}

async function attempt<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw failure(path, error);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const failure = (path: string, error: unknown): ErbiumError =>
  new ErbiumError('STORE_FAILURE', `${path}: ${codeOf(error)}`);
