/** Fixture files from paths: files, folders with all below them, and .tar.gz archives read as a stream. */

import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ErbiumError } from '../primitives/errors.ts';

/** A file's name and bytes; or, with a problem, why it cannot be read or does not count. */
export type Source =
  | { readonly kind: 'fixture'; readonly file: string; readonly bytes: Uint8Array; readonly progress: number }
  | { readonly kind: 'foreign'; readonly file: string };

/** A path as the user gave it, and its size in bytes, for progress. */
export interface Input {
  readonly path: string;
  readonly size: number;
  readonly kind: 'file' | 'archive' | 'folder';
  /** Of a folder: all files below it, in order. */
  readonly files: readonly string[];
}

const isArchive = (path: string): boolean => path.endsWith('.tar.gz') || path.endsWith('.tgz');

/** No fixture comes near; an entry of this size in an archive is an attack or a mistake. */
const MAX_ENTRY_BYTES = 2 ** 29;

/** @throws ErbiumError UNREADABLE_FILE */
export async function openInput(path: string): Promise<Input> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) {
      return { path, size: info.size, kind: isArchive(path) ? 'archive' : 'file', files: [] };
    }
    const files = await filesBelow(path);
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    return { path, size: sizes.reduce((sum, size) => sum + size, 0), kind: 'folder', files };
  } catch (error) {
    throw new ErbiumError('UNREADABLE_FILE', `${path}: ${(error as Error).message}`);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const nested = entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
  return (await Promise.all(nested)).flat();
}

/** Everything below an input. `progress` counts the input's bytes that were read for the file. */
export async function* sourcesOf(input: Input): AsyncGenerator<Source> {
  if (input.kind === 'archive') {
    yield* archiveEntries(input.path);
    return;
  }
  for (const file of input.kind === 'file' ? [input.path] : input.files) {
    // A file that was named itself is read whatever its ending.
    if (input.kind === 'folder' && !file.endsWith('.json')) yield { kind: 'foreign', file };
    else yield { kind: 'fixture', file, ...(await readWhole(file)) };
  }
}

async function readWhole(file: string): Promise<{ bytes: Uint8Array; progress: number }> {
  try {
    const bytes = await readFile(file);
    return { bytes, progress: bytes.length };
  } catch (error) {
    throw new ErbiumError('UNREADABLE_FILE', `${file}: ${(error as Error).message}`);
  }
}

async function* archiveEntries(path: string): AsyncGenerator<Source> {
  const raw = createReadStream(path);
  const unpacked = extract();
  const gunzip = createGunzip();
  // Errors upstream must end the loop below; `pipe` alone would leave it waiting.
  raw.on('error', (error) => unpacked.destroy(error));
  gunzip.on('error', (error) => unpacked.destroy(error));
  raw.pipe(gunzip).pipe(unpacked);
  let counted = 0;
  try {
    for await (const entry of unpacked) {
      const { name, type, size = 0 } = entry.header;
      const file = `${path}:${name}`;
      if (type === 'directory') {
        entry.resume();
        continue;
      }
      if (type !== 'file' || !name.endsWith('.json')) {
        entry.resume();
        yield { kind: 'foreign', file };
        continue;
      }
      if (size > MAX_ENTRY_BYTES) {
        throw new ErbiumError('INVALID_ARCHIVE', `${file}: an entry of ${size} bytes`);
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      const progress = raw.bytesRead - counted;
      counted = raw.bytesRead;
      yield { kind: 'fixture', file, bytes: Buffer.concat(chunks), progress };
    }
  } catch (error) {
    if (error instanceof ErbiumError) throw error;
    throw new ErbiumError('INVALID_ARCHIVE', `${path}: ${(error as Error).message}`);
  } finally {
    raw.destroy();
  }
}
