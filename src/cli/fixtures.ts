/** Fixture files from paths: files, folders with all below them, and .tar.gz archives read as a stream. */

import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ErbiumError } from '../primitives/errors.ts';
import { unreadable } from './input.ts';

/** A file's name and bytes; or the name of what is no fixture; or why a file cannot be read. */
export type Source =
  | { readonly kind: 'fixture'; readonly file: string; readonly bytes: Uint8Array; readonly progress: number }
  | { readonly kind: 'foreign'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly file: string; readonly problem: string };

/** A path as the user gave it, and its size in bytes, for progress. */
export interface Input {
  readonly path: string;
  readonly size: number;
  readonly kind: 'file' | 'archive' | 'folder';
  /** Of a folder: all files below it, in order. */
  readonly files: readonly string[];
}

const isArchive = (path: string): boolean => path.endsWith('.tar.gz') || path.endsWith('.tgz');

/** No fixture comes near, and a string cannot be longer; a file of this size is an attack or a mistake. */
const MAX_FILE_BYTES = 2 ** 29 - 24;

/** @throws ErbiumError UNREADABLE_FILE */
export async function openInput(path: string): Promise<Input> {
  try {
    const info = await stat(path);
    if (!info.isDirectory()) {
      return { path, size: info.size, kind: isArchive(path) ? 'archive' : 'file', files: [] };
    }
    const files = await filesBelow(path);
    const sizes = await Promise.all(files.map(sizeOf));
    return { path, size: sizes.reduce((sum, size) => sum + size, 0), kind: 'folder', files };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** 0 for a file that is not there, which is reported when it is read. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

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
    else yield await readWhole(file, input.kind);
  }
}

async function readWhole(file: string, kind: Input['kind']): Promise<Source> {
  try {
    const info = await stat(file);
    // Reading a pipe that merely lies in a folder would wait forever.
    if (kind === 'folder' && !info.isFile()) return { kind: 'foreign', file };
    if (info.size > MAX_FILE_BYTES) return { kind: 'unreadable', file, problem: tooLarge(file, info.size) };
    const bytes = await readFile(file);
    return { kind: 'fixture', file, bytes, progress: bytes.length };
  } catch (error) {
    return { kind: 'unreadable', file, problem: unreadable(file, error).message };
  }
}

const tooLarge = (file: string, size: number): string => `${file}: ${size} bytes are too many for a fixture`;

function archiveProblem({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'Z_DATA_ERROR') return `no .tar.gz archive, or a damaged one (${message})`;
  if (code === 'Z_BUF_ERROR' || /end of data/i.test(message)) return 'the archive is cut off';
  if (/tar header/i.test(message)) return 'holds no tar archive, or a damaged one';
  return message;
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
      if (size > MAX_FILE_BYTES) throw new ErbiumError('INVALID_ARCHIVE', tooLarge(file, size));
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      const progress = raw.bytesRead - counted;
      counted = raw.bytesRead;
      yield { kind: 'fixture', file, bytes: Buffer.concat(chunks), progress };
    }
  } catch (error) {
    if (error instanceof ErbiumError) throw error;
    throw new ErbiumError('INVALID_ARCHIVE', `${path}: ${archiveProblem(error as NodeJS.ErrnoException)}`);
  } finally {
    raw.destroy();
  }
}
