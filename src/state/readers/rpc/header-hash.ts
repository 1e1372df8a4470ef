/**
 * The hash of a block header as JSON-RPC gives it. Chains with other fields than ../header-fields.ts has have other
 * hashes, which cannot be checked here.
 */

import { toMinimalBytes } from '../../../primitives/bytes.ts';
import { keccakWord } from '../../../primitives/keccak.ts';
import { encodeRlp } from '../../../primitives/rlp.ts';
import { FIRST_FIELDS, type HeaderField, LATER_FIELDS } from '../header-fields.ts';
import { bytesOf, fieldOf, quantityOf } from './decode.ts';

/** Bytes of a field that are accepted: more extra data than any chain has. */
export const MAX_FIELD_BYTES = 4_096;

function partOf(value: unknown, [, size]: HeaderField): Uint8Array | undefined {
  if (size === 0) {
    const number = quantityOf(value);
    return number === undefined ? undefined : toMinimalBytes(number);
  }
  const bytes = bytesOf(value, MAX_FIELD_BYTES);
  return bytes === undefined || size === undefined || bytes.length === size ? bytes : undefined;
}

/**
 * The hash as a word; undefined where a field is missing or malformed, or a later one is there without those before it:
 * the hash would not be of that field, which is read all the same.
 */
export function headerHash(header: unknown): bigint | undefined {
  const isThere = ([name]: HeaderField): boolean => {
    const value = fieldOf(header, name);
    return value !== undefined && value !== null;
  };
  const absent = LATER_FIELDS.findIndex((field) => !isThere(field));
  const later = absent < 0 ? LATER_FIELDS : LATER_FIELDS.slice(0, absent);
  if (LATER_FIELDS.slice(later.length).some(isThere)) return undefined;
  const parts: Uint8Array[] = [];
  for (const field of [...FIRST_FIELDS, ...later]) {
    const bytes = partOf(fieldOf(header, field[0]), field);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  return keccakWord(encodeRlp(parts));
}
