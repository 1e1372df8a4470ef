/**
 * What a node's values may look like, and nothing else. Source: the Ethereum JSON-RPC specification (quantities have
 * no leading zeros, data has an even number of digits). undefined stands for a value that is not what it should be.
 */

import { MAX_ADDRESS } from '../../../primitives/address.ts';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { MAX_U64, MAX_U256 } from '../../../primitives/u256.ts';

/** Bytes of code that are accepted: far above the limit of any known chain, and no burden to hold. */
export const MAX_CODE_BYTES = 1 << 20;

/** A number without leading zeros. */
export function quantityOf(value: unknown, max: bigint = MAX_U256): bigint | undefined {
  if (typeof value !== 'string' || !/^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/.test(value)) return undefined;
  const number = BigInt(value);
  return number <= max ? number : undefined;
}

export const countOf = (value: unknown): bigint | undefined => quantityOf(value, MAX_U64);

/** A word as exactly 32 bytes. */
export const hashOf = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value) ? BigInt(value) : undefined;

/** A slot: 32 bytes by the specification, but some nodes give the shortest form. */
export const slotOf = (value: unknown): bigint | undefined => hashOf(value) ?? quantityOf(value);

export function addressOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value)) return undefined;
  const address = BigInt(value);
  return address <= MAX_ADDRESS ? address : undefined;
}

/** Data of at most `maxBytes`. */
export function bytesOf(value: unknown, maxBytes: number): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length % 2 !== 0 || value.length > 2 + 2 * maxBytes)
    return undefined;
  // Looks for one wrong digit instead of all right ones, which takes no stack however long the text is.
  return value.startsWith('0x') && !/[^0-9a-fA-F]/.test(value.slice(2)) ? hexToBytes(value) : undefined;
}

export const codeOf = (value: unknown): Uint8Array | undefined => bytesOf(value, MAX_CODE_BYTES);

/** A field of an object, or undefined. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
