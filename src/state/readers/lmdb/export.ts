/**
 * Writes a snapshot of a state. Owns the order of writing: every chunk is on disk before the manifest that names it
 * gets its name, so that a snapshot with a manifest is complete. manifest.ts owns the form.
 *
 * The state may change meanwhile; what is written is the state at the beginning.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, EMPTY_BYTES, toBytes20, toBytes32 } from '../../../primitives/bytes.ts';
import { ErbiumError } from '../../../primitives/errors.ts';
import { EMPTY_CODE_HASH } from '../../../primitives/keccak.ts';
import { encodeRlp, type RlpInput } from '../../../primitives/rlp.ts';
import { makeDirectory, syncDirectory, unreadable } from './files.ts';
import { readHead } from './history.ts';
import { ALL_ACCOUNTS, ALL_CODES, slotsOf } from './keys.ts';
import {
  type ChunkInfo,
  chunkFile,
  MANIFEST_FILE,
  MAX_CHUNK_BYTES,
  makeManifest,
  PARTIAL_MANIFEST_FILE,
  type SnapshotManifest,
} from './manifest.ts';
import { accountOf, addressOf, hasStorageOf, slotKeyOf, slotValueOf } from './records.ts';
import { type LmdbState, readCode } from './state.ts';
import { type View, walk } from './store.ts';

const DEFAULT_CHUNK_BYTES = 4 * 2 ** 20;

/** The options of `exportSnapshot`. */
export interface SnapshotOptions {
  /** About how long a chunk is to become; default 4 MiB. */
  readonly chunkBytes?: number;
}

/**
 * Writes a snapshot into a directory that does not exist or is empty.
 * @returns its manifest
 * @throws ErbiumError INVALID_ARGUMENT naming the option or the directory that is not empty; INVALID_STATE for an
 * account whose code is not there; STORE_FAILURE; UNREADABLE_FILE naming the file that cannot be written. What was
 * written by then has no manifest
 */
export async function exportSnapshot(
  state: LmdbState,
  directory: string,
  { chunkBytes = DEFAULT_CHUNK_BYTES }: SnapshotOptions = {},
): Promise<SnapshotManifest> {
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES / 2) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `chunkBytes: ${chunkBytes} is not in 1 … ${MAX_CHUNK_BYTES / 2}`,
    );
  }
  prepare(directory);
  const view = state.view();
  try {
    const chunks = new ChunkWriter(directory, chunkBytes);
    const counts = { accounts: 0, slots: 0, codes: 0 };
    for await (const kind of writeRecords(view, chunks)) counts[kind]++;
    const manifest = makeManifest(readHead(view).root, counts, await chunks.finish());
    const partial = join(directory, PARTIAL_MANIFEST_FILE);
    await writeFile(partial, new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
    syncDirectory(directory);
    const path = join(directory, MANIFEST_FILE);
    try {
      await rename(partial, path);
    } catch (error) {
      throw unreadable(path, error);
    }
    syncDirectory(directory);
    return manifest;
  } finally {
    view.close();
  }
}

function prepare(directory: string): void {
  try {
    if (!existsSync(directory)) makeDirectory(directory);
    if (readdirSync(directory).length > 0) {
      throw new ErbiumError('INVALID_ARGUMENT', `${directory}: is not empty`);
    }
  } catch (error) {
    throw unreadable(directory, error);
  }
}

/** Writes all records, and gives the kind of each. */
async function* writeRecords(
  view: View,
  chunks: ChunkWriter,
): AsyncGenerator<'codes' | 'accounts' | 'slots', void, undefined> {
  for (const { value } of walk(view, ALL_CODES)) {
    if (chunks.add([value], value.length)) await chunks.flush();
    yield 'codes';
  }
  for (const { key, value: record } of walk(view, ALL_ACCOUNTS)) {
    const { nonce, balance, codeHash } = accountOf(record);
    // Found here rather than by whoever imports it.
    readCode(view, codeHash);
    const code = codeHash === EMPTY_CODE_HASH ? EMPTY_BYTES : toBytes32(codeHash);
    const fields = [toBytes20(addressOf(record)), nonce, balance, code];
    if (chunks.add(fields, record.length)) await chunks.flush();
    yield 'accounts';
    if (!hasStorageOf(record)) continue;
    for (const { value: slot } of walk(view, slotsOf(key.subarray(1)))) {
      if (chunks.add([slotKeyOf(slot), slotValueOf(slot)], slot.length)) await chunks.flush();
      yield 'slots';
    }
  }
}

class ChunkWriter {
  private readonly directory: string;
  private readonly limit: number;
  private readonly chunks: ChunkInfo[] = [];
  private records: RlpInput[] = [];
  private bytes = 0;

  constructor(directory: string, limit: number) {
    this.directory = directory;
    this.limit = limit;
  }

  /** Adds a record of about so many bytes, and tells whether the chunk is full. */
  add(record: RlpInput, bytes: number): boolean {
    this.records.push(record);
    this.bytes += bytes;
    return this.bytes >= this.limit;
  }

  async flush(): Promise<void> {
    const chunk = encodeRlp(this.records);
    this.records = [];
    this.bytes = 0;
    const file = chunkFile(this.chunks.length);
    const path = join(this.directory, file);
    if (chunk.length > MAX_CHUNK_BYTES) {
      throw new ErbiumError('INVALID_STATE', `${path}: a code is too long for a chunk`);
    }
    await writeFile(path, chunk);
    const sha256 = bytesToHex(createHash('sha256').update(chunk).digest());
    this.chunks.push({ file, bytes: chunk.length, sha256 });
  }

  async finish(): Promise<readonly ChunkInfo[]> {
    if (this.records.length > 0) await this.flush();
    return this.chunks;
  }
}

/** Writes a new file, on disk when this is done. */
async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}
