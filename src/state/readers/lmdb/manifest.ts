/**
 * The form of a snapshot: a directory of numbered chunks and a manifest that names them with their lengths and
 * hashes. Owns the manifest and the names; export.ts and import.ts own the chunks' contents, which are these:
 *
 * A chunk is an RLP list of records. First come all codes, in the order of their hashes, then the accounts, in the
 * order of the hashes of their addresses, each followed by its slots, in the order of the hashes of their keys. A code
 * is [code], an account [address, nonce, balance, code hash or no bytes], a slot [key, value]. So there is one
 * snapshot of a state for each length of chunks, and neither a double nor a stray entry goes unseen.
 */

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, type Hex } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { unreadable } from './files.ts';

export const MANIFEST_FILE = 'manifest.json';
/** The manifest while it is written. */
export const PARTIAL_MANIFEST_FILE = 'manifest.json.partial';

const FORMAT = 'erbium-state-snapshot';
const FORMAT_VERSION = 1;

/**
 * Longer chunks are neither written nor read, since a chunk is in memory as a whole. Of its records there is one at a
 * time, and as many of what they say as are written at once, so that no more than that comes of it.
 */
export const MAX_CHUNK_BYTES = 64 * 2 ** 20;
const MAX_MANIFEST_BYTES = 16 * 2 ** 20;

/** A file of a snapshot. */
export interface ChunkInfo {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Hex;
}

/** What a snapshot says of itself. */
export interface SnapshotManifest {
  readonly format: typeof FORMAT;
  readonly version: typeof FORMAT_VERSION;
  readonly root: Hex;
  readonly accounts: number;
  readonly slots: number;
  readonly codes: number;
  readonly chunks: readonly ChunkInfo[];
}

export const chunkFile = (index: number): string => `chunk-${String(index).padStart(6, '0')}.bin`;

export function makeManifest(
  root: Uint8Array,
  counts: { accounts: number; slots: number; codes: number },
  chunks: readonly ChunkInfo[],
): SnapshotManifest {
  return { format: FORMAT, version: FORMAT_VERSION, root: bytesToHex(root), ...counts, chunks };
}

/**
 * The manifest of a snapshot, checked, with all its chunks there and nothing beside them.
 * @throws ErbiumError UNREADABLE_FILE, INVALID_STATE
 */
export function readManifest(directory: string): SnapshotManifest {
  const path = join(directory, MANIFEST_FILE);
  let text: string;
  let names: string[];
  try {
    names = readdirSync(directory);
    if (!names.includes(MANIFEST_FILE)) {
      throw new ErbiumError('UNREADABLE_FILE', `${path}: is missing, so the snapshot is not complete`);
    }
    checkFile(path, MAX_MANIFEST_BYTES);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
  const manifest = parse(text, path);
  const expected = new Set([MANIFEST_FILE, ...manifest.chunks.map(({ file }) => file)]);
  const extra = names.find((name) => !expected.has(name));
  if (extra !== undefined) throw wrong(join(directory, extra), 'is not named by the manifest');
  return manifest;
}

/**
 * Makes sure that a path is that of a file, and not of one that is too long to be read as a whole.
 * @returns its length
 */
export function checkFile(path: string, maxBytes: number): number {
  const found = lstatSync(path);
  if (!found.isFile()) throw wrong(path, 'is not a file');
  if (found.size > maxBytes) throw wrong(path, `has ${found.size} bytes; at most ${maxBytes} are read`);
  return found.size;
}

function parse(text: string, path: string): SnapshotManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(path, (error as Error).message);
  }
  const manifest = fields(value, path, [
    'format',
    'version',
    'root',
    'accounts',
    'slots',
    'codes',
    'chunks',
  ]) as Record<keyof SnapshotManifest, unknown>;
  if (manifest.format !== FORMAT) throw wrong(path, 'is not the manifest of a snapshot');
  if (manifest.version !== FORMAT_VERSION) {
    throw wrong(
      path,
      `has version ${JSON.stringify(manifest.version)}; this version of Erbium reads version ${FORMAT_VERSION}`,
    );
  }
  if (!Array.isArray(manifest.chunks)) throw wrong(path, 'chunks: is not a list');
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    root: hash(manifest.root, path, 'root'),
    accounts: count(manifest.accounts, path, 'accounts'),
    slots: count(manifest.slots, path, 'slots'),
    codes: count(manifest.codes, path, 'codes'),
    chunks: manifest.chunks.map((chunk, i) => parseChunk(chunk, i, path)),
  };
}

function parseChunk(value: unknown, index: number, path: string): ChunkInfo {
  const place = `chunks[${index}]`;
  const { file, bytes, sha256 } = fields(value, `${path}: ${place}`, ['file', 'bytes', 'sha256']);
  // Any other name could lead out of the directory.
  if (file !== chunkFile(index)) {
    throw wrong(path, `${place}.file: ${JSON.stringify(file)} is not ${JSON.stringify(chunkFile(index))}`);
  }
  return {
    file,
    bytes: count(bytes, path, `${place}.bytes`),
    sha256: hash(sha256, path, `${place}.sha256`),
  };
}

/** An object with exactly the fields that it has to have. */
function fields(value: unknown, place: string, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(place, 'is not an object');
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw wrong(place, `${missing}: is missing`);
  const extra = Object.keys(value).find((name) => !names.includes(name));
  if (extra !== undefined) throw wrong(place, `${extra}: is not a field of it`);
  return value as Record<string, unknown>;
}

function count(value: unknown, path: string, place: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(path, `${place}: ${JSON.stringify(value)} is not a count`);
}

function hash(value: unknown, path: string, place: string): Hex {
  if (typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)) return value as Hex;
  throw wrong(path, `${place}: ${JSON.stringify(value)} is not a hash`);
}

/** The error of a snapshot that is not as it must be. */
export const wrong = (path: string, reason: string): ErbiumError =>
  new ErbiumError('INVALID_STATE', `${path}: ${reason}`);
