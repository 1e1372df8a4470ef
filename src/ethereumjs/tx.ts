/** Transactions from objects in the shape of `@ethereumjs/tx`, or from bytes: what to run, and who sends it. */

import type { Crypto } from '../../precompiles/crypto.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { type Invalid, isInvalid, REASONS } from '../executor/reasons.ts';
import { recoverSender } from '../executor/sender.ts';
import { type Transaction, TxType } from '../executor/transaction.ts';
import type { Rules } from '../forks/rules.ts';
import type { Address } from '../primitives/address.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toBytes } from '../primitives/input.ts';
import { decodeRlp, encodeRlp, type RlpInput } from '../primitives/rlp.ts';
import { InvalidTransactionError } from './errors.ts';
import { type AddressLike, addressFrom } from './values.ts';

/** What is read of a transaction of `@ethereumjs/tx`. */
export interface TxLike {
  /** The bytes that travel; without blobs. */
  serialize(): Uint8Array;
  /** Replaced by programs that send without a key. */
  getSenderAddress(): AddressLike;
  isSigned?(): boolean;
}

export interface Sent {
  readonly tx: Transaction;
  readonly sender: Address;
}

/** @throws InvalidTransactionError with what is wrong */
export function valid<T extends object>(value: T | Invalid): T {
  if (!isInvalid(value)) return value;
  throw new InvalidTransactionError(value.invalid, `${REASONS[value.invalid]} (${value.detail})`);
}

/**
 * @param tx an object, or the transaction in its wire encoding
 * @throws ErbiumError INVALID_ARGUMENT or INVALID_HEX; InvalidTransactionError; whatever `getSenderAddress` throws
 */
export function sentOf(tx: TxLike | string | Uint8Array, rules: Rules, crypto: Crypto): Sent {
  if (typeof tx === 'string' || tx instanceof Uint8Array) {
    const decoded = valid(decodeTransaction(toBytes(tx, 'tx')));
    return { tx: decoded, sender: valid(recoverSender(decoded, rules, crypto)).sender };
  }
  if (typeof tx?.serialize !== 'function' || typeof tx.getSenderAddress !== 'function') {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      'tx: expected a transaction with serialize() and getSenderAddress()',
    );
  }
  const bytes = toBytes(tx.serialize(), 'tx.serialize()');
  const signed = tx.isSigned?.() === false ? withSignature(bytes) : bytes;
  const sender = addressFrom(tx.getSenderAddress(), 'tx.getSenderAddress()');
  return { tx: valid(decodeTransaction(signed)), sender };
}

/** The encoding with a signature of nobody in place of the one that is missing: its sender is given. */
function withSignature(bytes: Uint8Array): Uint8Array {
  const isLegacy = bytes[0]! >= 0xc0;
  const items = decodeRlp(isLegacy ? bytes : bytes.subarray(1), 'tx.serialize()');
  if (items instanceof Uint8Array) return bytes;
  const fields = [...items.slice(0, items.length - 3), isLegacy ? 27n : 0n, 1n, 1n] as RlpInput[];
  return isLegacy ? encodeRlp(fields) : concatBytes(bytes.subarray(0, 1), encodeRlp(fields));
}

export const isBlobTx = (tx: Transaction): boolean => tx.type === TxType.Blob;
