/** `erbium state export` and `import`: moves states from one form to another. What they write is there whole or not. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Address } from '../primitives/address.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { AccountDiff } from '../state/diff.ts';
import { BLOCK_HASH_REACH } from '../state/reader.ts';
import type { ListedState } from '../state/readers/json.ts';
import { syncDirectory } from '../state/readers/lmdb/files.ts';
import type { LmdbState } from '../state/readers/lmdb/index.ts';
import { unreadable } from './input.ts';
import { type JsonOption, listed, misused, openState, parseSpec, print, withState } from './state.ts';
import { ensureFolder, Temporary, turn } from './temporary.ts';

const asRead = (path: string, error: unknown): ErbiumError =>
  error instanceof ErbiumError ? error : unreadable(path, error);

/** To a file, which takes the place of one that is there when all is written, or to standard output. */
export async function exportState(
  spec: string,
  out: string,
  { snapshot }: { snapshot?: true },
): Promise<void> {
  if (snapshot) return exportChunks(spec, out);
  if (out === '') throw misused('the second argument: expected the name of a file to write, got nothing');
  await withState(spec, async (state) => {
    const { allocParts } = await import('../state/readers/json.ts');
    const parts = allocParts(listed(state));
    if (out === '-') await writeOut(parts);
    else await writeFile(out, parts);
  });
}

async function exportChunks(spec: string, out: string): Promise<void> {
  await withState(spec, async (state) => {
    if (state.kind !== 'lmdb') throw misused(`--snapshot: ${state.name} is no database`);
    if (out === '-' || out === '') throw misused('--snapshot: needs the name of a folder to write');
    if (existsSync(out) && !statSync(out).isDirectory())
      throw new ErbiumError('UNREADABLE_FILE', `${out}: is no folder`);
    const { exportSnapshot } = await import('../state/readers/lmdb/index.ts');
    await exportSnapshot(state.reader, out);
  });
}

const CHUNK = 1 << 20;

/** Joined to pieces that are worth a write. */
function* chunks(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function writeOut(parts: Iterable<string>): Promise<void> {
  for (const chunk of chunks(parts)) {
    // Not more at once than whoever reads it takes.
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

async function writeFile(path: string, parts: Iterable<string>): Promise<void> {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw new ErbiumError('UNREADABLE_FILE', `${path}: is a folder`);
    if (found?.isFile() === false) throw new ErbiumError('UNREADABLE_FILE', `${path}: is no file`);
    let file = -1;
    const temporary = new Temporary(() => {
      const name = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      file = openSync(name, 'wx');
      return name;
    });
    try {
      try {
        for (const chunk of chunks(parts)) {
          writeAll(file, Buffer.from(chunk));
          await turn();
        }
        // Else, after the machine fails, the name could be there without the content.
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary.path, path);
    } finally {
      temporary.remove();
    }
    syncDirectory(dirname(path));
  } catch (error) {
    throw asRead(path, error);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Into a database that is made here. */
export async function importState(input: string, target: string, { json }: JsonOption): Promise<void> {
  const spec = parseSpec(target);
  if (spec.kind !== 'lmdb') throw misused('the second argument: expected lmdb:DIR, the database to make');
  const { path } = spec;
  // Said before anybody waits for the input; and checked again after it, which may be long after.
  if (isTaken(path)) throw taken(path);
  const isSnapshot = input !== '-' && existsSync(input) && statSync(input).isDirectory();
  const from = isSnapshot ? undefined : await openState(input);
  try {
    const content = from === undefined ? undefined : listed(from);
    const { importSnapshot, openLmdbState } = await import('../state/readers/lmdb/index.ts');
    const { accounts, stateRoot } = await buildFolder(path, async (building) => {
      if (content === undefined) await importSnapshot(input, building);
      const database = await openLmdbState(building);
      try {
        if (content !== undefined) copy(content, database, from?.block.number);
        return contentOf(database);
      } finally {
        await database.close();
      }
    });
    print(
      json ? JSON.stringify({ accounts, stateRoot }) : `${path}: ${accounts} accounts, root ${stateRoot}`,
    );
  } finally {
    await from?.close();
  }
}

/** Whether the name is in use, if only by a link that leads nowhere. */
export function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
}

export const taken = (path: string): ErbiumError =>
  new ErbiumError('UNREADABLE_FILE', `${path}: is there already, and only a new one is made`);

/** What renaming a folder fails with where the new name is in use. */
const TAKEN: readonly (string | undefined)[] = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

/**
 * Fills a folder beside the path, which gets its name when it is complete.
 * @param fill makes the folder that it is given, in one that is there
 * @throws ErbiumError UNREADABLE_FILE
 */
export async function buildFolder<T>(path: string, fill: (building: string) => Promise<T>): Promise<T> {
  const target = resolve(path);
  try {
    ensureFolder(dirname(target));
    const beside = new Temporary(() => mkdtempSync(`${target}.`));
    try {
      // Within it: a folder made by mkdtemp is for its owner alone, which a database need not be.
      const building = join(beside.path, basename(target));
      const result = await fill(building);
      // A signal that came meanwhile is heeded.
      await turn();
      if (isTaken(target)) throw taken(path);
      move(building, target, path);
      return result;
    } finally {
      beside.remove();
    }
  } catch (error) {
    throw asRead(path, error);
  }
}

function move(building: string, target: string, path: string): void {
  try {
    // Of what may have come there since it was looked for, this replaces nothing but an empty folder.
    renameSync(building, target);
  } catch (error) {
    throw TAKEN.includes((error as NodeJS.ErrnoException).code) ? taken(path) : error;
  }
  syncDirectory(dirname(target));
}

function contentOf(database: LmdbState): { accounts: number; stateRoot: string } {
  let accounts = 0;
  for (const _ of database.addresses()) accounts++;
  return { accounts, stateRoot: bytesToHex(database.root()) };
}

/** @param newest number of the newest block, for the hashes of its last ones, where the state has any */
function copy(from: ListedState, to: LmdbState, newest: bigint | undefined): void {
  const diff = new Map<Address, AccountDiff>();
  for (const address of from.addresses()) {
    const account = from.account(address)!;
    const storage = new Map(from.slots(address));
    diff.set(address, { account, storageCleared: true, storage, code: from.code(account.codeHash) });
  }
  const hashes: [number: bigint, hash: bigint][] = [];
  if (newest !== undefined) {
    for (let number = newest; number >= 0n && number > newest - BLOCK_HASH_REACH; number--) {
      const hash = from.blockHash(number);
      if (hash !== 0n) hashes.push([number, hash]);
    }
  }
  to.apply(diff, hashes);
}
