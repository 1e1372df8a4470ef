/**
 * Addresses and accounts in the shape of `@ethereumjs/util`, and what callers may pass for them. Owns no state: an
 * `Account` is a copy that nobody watches.
 */

import { type Address as AddressWord, addressToHex } from '../primitives/address.ts';
import { bytesToHex, EMPTY_BYTES, equalBytes, type Hex, hexToBytes, toBytes20 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import {
  type BytesInput,
  toAddressWord,
  toBytes,
  type WordInput,
  toWord as wordOf,
} from '../primitives/input.ts';
import { EMPTY_CODE_HASH, keccak256 } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';

/** Anything with 20 bytes in `bytes`, as the `Address` of `@ethereumjs/util`; hex; or the bytes themselves. */
export type AddressLike = { readonly bytes: Uint8Array } | string | Uint8Array;

/** The methods of the `Address` of `@ethereumjs/util` that programs use. */
export class Address {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array) || bytes.length !== 20) {
      throw new ErbiumError('INVALID_ARGUMENT', 'address: expected 20 bytes');
    }
    this.bytes = bytes;
  }

  equals(other: { readonly bytes: Uint8Array }): boolean {
    return equalBytes(this.bytes, other.bytes);
  }

  isZero(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }

  toString(): Hex {
    return bytesToHex(this.bytes);
  }

  toBytes(): Uint8Array {
    return this.bytes.slice();
  }
}

export const addressOf = (word: AddressWord): Address => new Address(toBytes20(word));

/** The key under which a `Map` of `@ethereumjs/evm` keeps an address: `0x` and 40 digits. */
export const addressKey = (word: AddressWord): Hex => addressToHex(word);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** @throws ErbiumError INVALID_ARGUMENT or INVALID_HEX naming `field` */
export function addressFrom(value: AddressLike, field: string): AddressWord {
  if (isObject(value) && !(value instanceof Uint8Array) && 'bytes' in value) {
    return toAddressWord(value.bytes, field);
  }
  // A bigint is no address there, and a number that was meant as one would pass unseen.
  if (typeof value === 'string' || value instanceof Uint8Array) return toAddressWord(value, field);
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected an Address, hex or 20 bytes`);
}

export const addressOr = (
  value: AddressLike | undefined,
  field: string,
  otherwise: AddressWord,
): AddressWord => (value === undefined ? otherwise : addressFrom(value, field));

/** @throws ErbiumError INVALID_NUMBER naming `field` */
export const wordOr = (value: WordInput | undefined, field: string, otherwise = 0n, max?: bigint): bigint =>
  value === undefined ? otherwise : wordOf(value, field, max);

export const bytesOr = (value: BytesInput | undefined, field: string): Uint8Array =>
  value === undefined ? EMPTY_BYTES : toBytes(value, field);

/** A word of at most 32 bytes. */
export function wordFromBytes(value: BytesInput, field: string): bigint {
  const bytes = toBytes(value, field);
  if (bytes.length > 32) {
    throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected at most 32 bytes, got ${bytes.length}`);
  }
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
}

/** keccak256 of no bytes, and of the RLP of an empty string: an account without code and without storage. */
export const EMPTY_CODE_HASH_BYTES: Uint8Array = hexToBytes(EMPTY_CODE_HASH.toString(16));
const EMPTY_STORAGE_ROOT: Uint8Array = keccak256(Uint8Array.of(0x80));

/** Fields of an account; those left out stay as they are. */
export interface AccountFields {
  readonly nonce?: WordInput | undefined;
  readonly balance?: WordInput | undefined;
  readonly storageRoot?: Uint8Array | undefined;
  readonly codeHash?: Uint8Array | undefined;
}

/** The fields and methods of the `Account` of `@ethereumjs/util` that programs use; `storageRoot` is not kept. */
export class Account {
  nonce: bigint;
  balance: bigint;
  storageRoot: Uint8Array;
  codeHash: Uint8Array;

  constructor(
    nonce: WordInput = 0n,
    balance: WordInput = 0n,
    storageRoot: Uint8Array = EMPTY_STORAGE_ROOT,
    codeHash: Uint8Array = EMPTY_CODE_HASH_BYTES,
  ) {
    this.nonce = wordOf(nonce, 'nonce', MAX_U64);
    this.balance = wordOf(balance, 'balance');
    this.storageRoot = storageRoot;
    this.codeHash = codeHash;
  }

  isContract(): boolean {
    return !equalBytes(this.codeHash, EMPTY_CODE_HASH_BYTES);
  }

  isEmpty(): boolean {
    return this.nonce === 0n && this.balance === 0n && !this.isContract();
  }
}
