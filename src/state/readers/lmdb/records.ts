/**
 * Records of accounts and slots. Owns their bytes, and the leaves that the tries make of them (Yellow Paper,
 * section 4.1); the records of trie nodes are in `nodes.ts`.
 *
 * Every record of the state starts with its stamp, the version that wrote it: by it a reader of an older root sees
 * at once that an entry is as it was then.
 *
 * account: stamp, address (20), length of the nonce, length of the balance, flags, nonce, balance, storage root if
 * there is storage, code hash if there is code. slot: stamp, key (32), value.
 */

import { bytesToBigInt, readWord, writeWord } from '../../../primitives/bytes.ts';
import { EMPTY_CODE_HASH } from '../../../primitives/keccak.ts';
import type { AccountInfo } from '../../reader.ts';
import { EMPTY_ROOT } from '../../trie.ts';
import { HASH_BYTES, readVersion, VERSION_BYTES } from './keys.ts';

export const STAMP_BYTES: number = VERSION_BYTES;

const ADDRESS_AT = STAMP_BYTES;
const LENGTHS_AT = ADDRESS_AT + 20;
const BODY_AT = LENGTHS_AT + 3;
const HAS_STORAGE = 1;
const HAS_CODE = 2;

const SLOT_KEY_AT = STAMP_BYTES;
const SLOT_VALUE_AT = SLOT_KEY_AT + 32;

// Buffers only: nothing in them outlives a call.
const WORD = new Uint8Array(32);
const WORD_VIEW = new DataView(WORD.buffer);
const RECORD = new Uint8Array(BODY_AT + 4 * 32);

export const stampOf = (record: Uint8Array): number => readVersion(record, 0);

/** Writes a number as its shortest bytes into RECORD and returns their count. */
function writeMinimal(at: number, value: bigint): number {
  if (value === 0n) return 0;
  writeWord(WORD_VIEW, 0, value);
  let first = 0;
  while (WORD[first] === 0) first++;
  for (let i = first; i < 32; i++) RECORD[at++] = WORD[i]!;
  return 32 - first;
}

function readMinimal(record: Uint8Array, at: number, length: number): bigint {
  if (length === 0) return 0n;
  WORD.fill(0, 0, 32 - length);
  for (let i = 32 - length; i < 32; i++) WORD[i] = record[at++]!;
  return readWord(WORD_VIEW, 0);
}

/**
 * The record of an account, yet without a stamp.
 * @param storageRoot null where nothing is stored
 */
export function encodeAccount(
  address: bigint,
  { nonce, balance, codeHash }: AccountInfo,
  storageRoot: Uint8Array | null,
): Uint8Array {
  writeWord(WORD_VIEW, 0, address);
  for (let i = 0; i < 20; i++) RECORD[ADDRESS_AT + i] = WORD[12 + i]!;
  let at = BODY_AT;
  at += RECORD[LENGTHS_AT] = writeMinimal(at, nonce);
  at += RECORD[LENGTHS_AT + 1] = writeMinimal(at, balance);
  let flags = 0;
  if (storageRoot !== null) {
    flags |= HAS_STORAGE;
    RECORD.set(storageRoot, at);
    at += HASH_BYTES;
  }
  if (codeHash !== EMPTY_CODE_HASH) {
    flags |= HAS_CODE;
    writeWord(WORD_VIEW, 0, codeHash);
    RECORD.set(WORD, at);
    at += HASH_BYTES;
  }
  RECORD[LENGTHS_AT + 2] = flags;
  return RECORD.slice(0, at);
}

/** May be given a buffer that holds until the next read only: nothing returned shares its bytes. */
export function accountOf(record: Uint8Array): AccountInfo {
  const nonceLength = record[LENGTHS_AT]!;
  const balanceLength = record[LENGTHS_AT + 1]!;
  const flags = record[LENGTHS_AT + 2]!;
  const afterNumbers = BODY_AT + nonceLength + balanceLength;
  return {
    nonce: readMinimal(record, BODY_AT, nonceLength),
    balance: readMinimal(record, BODY_AT + nonceLength, balanceLength),
    codeHash:
      (flags & HAS_CODE) === 0
        ? EMPTY_CODE_HASH
        : readMinimal(record, afterNumbers + ((flags & HAS_STORAGE) === 0 ? 0 : HASH_BYTES), HASH_BYTES),
  };
}

export const addressOf = (record: Uint8Array): bigint => readMinimal(record, ADDRESS_AT, 20);

export const hasStorageOf = (record: Uint8Array): boolean => (record[LENGTHS_AT + 2]! & HAS_STORAGE) !== 0;

/** 32 fresh bytes, or null where nothing is stored. */
export function storageRootOf(record: Uint8Array): Uint8Array | null {
  if (!hasStorageOf(record)) return null;
  const at = BODY_AT + record[LENGTHS_AT]! + record[LENGTHS_AT + 1]!;
  return Uint8Array.from(record.subarray(at, at + HASH_BYTES));
}

/** Whether two records differ in their stamps at most. */
export function sameRecord(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = STAMP_BYTES; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The record of a slot, yet without a stamp. */
export function encodeSlot(key: bigint, value: bigint): Uint8Array {
  const length = writeMinimal(SLOT_VALUE_AT, value);
  writeWord(WORD_VIEW, 0, key);
  RECORD.set(WORD, SLOT_KEY_AT);
  return RECORD.slice(0, SLOT_VALUE_AT + length);
}

/** As `accountOf`, of the record's own length, which a buffer that is used again does not tell. */
export const slotValueOf = (record: Uint8Array, length: number = record.length): bigint =>
  readMinimal(record, SLOT_VALUE_AT, length - SLOT_VALUE_AT);

export const slotKeyOf = (record: Uint8Array): bigint =>
  bytesToBigInt(record.subarray(SLOT_KEY_AT, SLOT_VALUE_AT));

/** Writes the RLP of the shortest bytes of a number into RECORD, and returns where it ends. */
function writeString(at: number, record: Uint8Array, from: number, length: number): number {
  if (length !== 1 || record[from]! >= 0x80) RECORD[at++] = 0x80 + length;
  for (let i = 0; i < length; i++) RECORD[at++] = record[from + i]!;
  return at;
}

/** The leaf of an account: RLP of [nonce, balance, storage root, code hash], straight from its record. */
export function accountLeaf(record: Uint8Array): Uint8Array {
  const nonceLength = record[LENGTHS_AT]!;
  const balanceLength = record[LENGTHS_AT + 1]!;
  const flags = record[LENGTHS_AT + 2]!;
  let from = BODY_AT + nonceLength + balanceLength;
  // The two hashes make the list longer than 55 bytes, and it is never longer than 255.
  let at = writeString(2, record, BODY_AT, nonceLength);
  at = writeString(at, record, BODY_AT + nonceLength, balanceLength);
  RECORD[at++] = 0x80 + HASH_BYTES;
  if ((flags & HAS_STORAGE) === 0) {
    RECORD.set(EMPTY_ROOT, at);
  } else {
    RECORD.set(record.subarray(from, from + HASH_BYTES), at);
    from += HASH_BYTES;
  }
  at += HASH_BYTES;
  RECORD[at++] = 0x80 + HASH_BYTES;
  if ((flags & HAS_CODE) === 0) {
    writeWord(WORD_VIEW, 0, EMPTY_CODE_HASH);
    RECORD.set(WORD, at);
  } else {
    RECORD.set(record.subarray(from, from + HASH_BYTES), at);
  }
  at += HASH_BYTES;
  RECORD[0] = 0xf8;
  RECORD[1] = at - 2;
  return RECORD.slice(0, at);
}

/** The leaf of a slot: RLP of its value, straight from its record. */
export const slotLeaf = (record: Uint8Array): Uint8Array =>
  RECORD.slice(0, writeString(0, record, SLOT_VALUE_AT, record.length - SLOT_VALUE_AT));
