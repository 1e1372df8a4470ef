/** Files of snarkjs as `erbium zk` reads and writes them: JSON, and sections of binary files. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { hexToBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { unreadable } from './input.ts';
import { misused } from './state.ts';

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
const MAX_JSON_BYTES = 2 ** 27 - 1;
/** What one buffer of Node's can hold in every version. */
const MAX_KEY_BYTES = 2 ** 31 - 1;

export const bad = (path: string, problem: string): ErbiumError =>
  new ErbiumError('UNREADABLE_FILE', `${path}: ${problem}`);

/**
 * @param path a file; `-` is standard input where that is allowed
 * @throws ErbiumError UNREADABLE_FILE
 */
export function readJson(path: string, isPipeAllowed = false): unknown {
  const isPiped = isPipeAllowed && path === '-';
  const name = isPiped ? 'standard input' : path;
  const text = readLimited(isPiped ? STANDARD_INPUT : path, name, MAX_JSON_BYTES).toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(name, `is no JSON: ${(error as Error).message}`);
  }
}

/** @throws ErbiumError UNREADABLE_FILE */
export const readBytes = (path: string): Uint8Array => readLimited(path, path, MAX_KEY_BYTES);

const STANDARD_INPUT = 0;
const PART_BYTES = 1 << 20;

/** Reads in parts: what is no regular file does not say how long it is, and may have no end. */
function readLimited(source: string | typeof STANDARD_INPUT, name: string, most: number): Buffer {
  let file: number = STANDARD_INPUT;
  try {
    if (typeof source === 'string') {
      const { isCharacter, size } = shapeOf(source);
      if (isCharacter) throw bad(name, 'is no file');
      if (size > most) throw tooLong(name, most);
      file = openSync(source, 'r');
    }
    const parts: Buffer[] = [];
    for (let total = 0; ; ) {
      const part = Buffer.allocUnsafe(PART_BYTES);
      const count = readSync(file, part, 0, PART_BYTES, null);
      if (count === 0) return Buffer.concat(parts);
      total += count;
      if (total > most) throw tooLong(name, most);
      parts.push(part.subarray(0, count));
    }
  } catch (error) {
    throw error instanceof ErbiumError ? error : unreadable(name, error);
  } finally {
    if (file !== STANDARD_INPUT) closeSync(file);
  }
}

const tooLong = (name: string, most: number): ErbiumError =>
  bad(name, `is longer than ${(most + 1) / (1 << 20)} MiB`);

function shapeOf(path: string): { isCharacter: boolean; size: number } {
  const found = statSync(path);
  return { isCharacter: found.isCharacterDevice(), size: found.size };
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
