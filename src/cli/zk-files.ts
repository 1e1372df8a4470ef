/** Files of snarkjs as `erbium zk` reads and writes them: JSON, and sections of binary files. */

import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { syncDirectory } from '../state/readers/lmdb/files.ts';
import { readFile, unreadable } from './input.ts';
import { misused } from './state.ts';
import { Temporary } from './temporary.ts';

/** What setup makes in its folder. */
export const CIRCUIT_FILES = {
  r1cs: 'circuit.r1cs',
  wasm: 'circuit.wasm',
  zkey: 'circuit.zkey',
  verifyingKey: 'verification_key.json',
} as const;

/** Bytes of a seed. */
const SEED_LENGTH = 32;

// Inputs of large circuits have a few megabytes; keys and proofs some hundred bytes for each public input.
const MAX_JSON_BYTES = 1 << 27;

export const bad = (path: string, problem: string): ErbiumError =>
  new ErbiumError('UNREADABLE_FILE', `${path}: ${problem}`);

/**
 * @param path a file; `-` is standard input where that is allowed
 * @throws ErbiumError UNREADABLE_FILE
 */
export function readJson(path: string, isPipeAllowed = false): unknown {
  const isPiped = isPipeAllowed && path === '-';
  const name = isPiped ? 'standard input' : path;
  if (!isPiped && sizeOf(path) > MAX_JSON_BYTES) throw bad(path, 'is longer than 128 MiB');
  const text = readFile(isPiped ? 0 : path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(name, `is no JSON: ${(error as Error).message}`);
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws ErbiumError UNREADABLE_FILE */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Work on the content of a file, whose errors then name the file in front of the field. */
export function within<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    throw new ErbiumError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/** Writes files that take the place of those that are there, each when all are written. */
export function writeFiles(files: readonly (readonly [path: string, content: string])[]): void {
  const written: { readonly path: string; readonly temporary: Temporary }[] = [];
  try {
    for (const [path, content] of files) {
      try {
        if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw bad(path, 'is no file');
        written.push({ path, temporary: new Temporary(() => writeBeside(path, content)) });
      } catch (error) {
        throw error instanceof ErbiumError ? error : unreadable(path, error);
      }
    }
    for (const { path, temporary } of written) {
      renameSync(temporary.path, path);
      syncDirectory(dirname(path));
    }
  } finally {
    for (const { temporary } of written) temporary.remove();
  }
}

function writeBeside(path: string, content: string): string {
  const name = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  // Flushed: else, after the machine fails, the name could be there without the content.
  writeFileSync(name, content, { flag: 'wx', flush: true });
  return name;
}

/**
 * @returns 32 bytes, of the system where none are given
 * @throws ErbiumError INVALID_ARGUMENT
 */
export function seedOf(text: string | undefined): Uint8Array {
  if (text === undefined) return randomBytes(SEED_LENGTH);
  const digits = text.replace(/^0x/i, '');
  // What was given is not repeated: it is a secret.
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw misused('--seed: expected 32 bytes, which is 64 hex digits');
  return hexToBytes(`0x${digits}`);
}
