/**
 * What callers may pass for bytes, words and addresses, and its one meaning. Anything else is an error that
 * names the field.
 */

import { type Address, MAX_ADDRESS } from './address.ts';
import { bytesToBigInt, hexToBytes, isBytes } from './bytes.ts';
import { ErbiumError } from './errors.ts';
import { MAX_U256 } from './u256.ts';

/** Hex with or without `0x`, or the bytes themselves. */
export type BytesInput = string | Uint8Array;

/** A bigint, a safe whole number, hex with `0x`, or decimal digits. */
export type WordInput = bigint | number | string;

/** 40 hex digits with or without `0x`, 20 bytes, or the number itself. */
export type AddressInput = string | Uint8Array | bigint;

/** More digits than any number that is accepted; longer texts are not worth converting. */
const MAX_DIGITS = 1_000;
const HUGE = 1n << 4_096n;

/** A value in an error's words, whatever it is. */
export function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint' && (value > HUGE || value < -HUGE)) return 'a number of over 1,000 digits';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** @throws ErbiumError INVALID_HEX or INVALID_ARGUMENT naming `field` */
export function toBytes(value: BytesInput, field: string): Uint8Array {
  if (isBytes(value)) return value;
  if (typeof value === 'string') return hexToBytes(value.trim(), field);
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected hex or bytes, got ${show(value)}`);
}

/** As `toBytes`, in an array of one's own, which its owner cannot alter later. */
export const toOwnBytes = (value: BytesInput, field: string): Uint8Array =>
  isBytes(value) ? value.slice() : toBytes(value, field);

/** @throws ErbiumError INVALID_NUMBER naming `field`, also for negative numbers and those above `max` */
export function toWord(value: WordInput, field: string, max: bigint = MAX_U256): bigint {
  const number = wordOf(value);
  if (number === undefined) {
    throw new ErbiumError('INVALID_NUMBER', `${field}: ${show(value)} is no whole number`);
  }
  if (number < 0n) throw new ErbiumError('INVALID_NUMBER', `${field}: ${show(value)} is negative`);
  if (number > max) {
    throw new ErbiumError('INVALID_NUMBER', `${field}: ${show(value)} is above the maximum of ${max}`);
  }
  return number;
}

function wordOf(value: WordInput): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!/^(0[xX][0-9a-fA-F]+|-?[0-9]+)$/.test(text)) return undefined;
  if (text.length <= MAX_DIGITS) return BigInt(text);
  return text.startsWith('-') ? -HUGE : HUGE;
}

/** @throws ErbiumError INVALID_ARGUMENT, INVALID_HEX or INVALID_NUMBER naming `field` */
export function toAddressWord(value: AddressInput, field: string): Address {
  if (typeof value === 'bigint') return toWord(value, field, MAX_ADDRESS);
  if (typeof value !== 'string' && !isBytes(value)) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `${field}: expected an address, 20 bytes as hex or bytes, or a bigint, got ${show(value)}`,
    );
  }
  const bytes = toBytes(value, field);
  if (bytes.length === 20) return bytesToBigInt(bytes);
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: an address has 20 bytes, got ${bytes.length}`);
}
