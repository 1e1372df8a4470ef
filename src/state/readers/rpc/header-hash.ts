/**
 * The hash of a block header as JSON-RPC gives it. Source: Yellow Paper, section 4.4, and the EIPs that added fields.
 * Chains with other fields have other hashes, which cannot be checked here.
 */

import { toMinimalBytes } from '../../../primitives/bytes.ts';
import { keccakWord } from '../../../primitives/keccak.ts';
import { encodeRlp } from '../../../primitives/rlp.ts';
import { bytesOf, fieldOf, quantityOf } from './decode.ts';

/** Name, and bytes of the field; 0 for a number, undefined for any length. */
type Field = readonly [name: string, bytes?: number];

const FIELDS: readonly Field[] = [
  ...([
    ['parentHash', 32],
    ['sha3Uncles', 32],
    ['miner', 20],
    ['stateRoot', 32],
  ] as const),
  ...([
    ['transactionsRoot', 32],
    ['receiptsRoot', 32],
    ['logsBloom', 256],
    ['difficulty', 0],
  ] as const),
  ...([['number', 0], ['gasLimit', 0], ['gasUsed', 0], ['timestamp', 0], ['extraData']] as const),
  ...([
    ['mixHash', 32],
    ['nonce', 8],
  ] as const),
];

/** Each comes only with those before it: EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685. */
const LATER_FIELDS: readonly Field[] = [
  ...([
    ['baseFeePerGas', 0],
    ['withdrawalsRoot', 32],
    ['blobGasUsed', 0],
    ['excessBlobGas', 0],
  ] as const),
  ...([
    ['parentBeaconBlockRoot', 32],
    ['requestsHash', 32],
  ] as const),
];

/** The fields that the hash is of. */
export const HASHED_FIELDS: readonly string[] = [...FIELDS, ...LATER_FIELDS].map(([name]) => name);

/** Bytes of a field that are accepted: more extra data than any chain has. */
export const MAX_FIELD_BYTES = 4_096;

function partOf(value: unknown, [, size]: Field): Uint8Array | undefined {
  if (size === 0) {
    const number = quantityOf(value);
    return number === undefined ? undefined : toMinimalBytes(number);
  }
  const bytes = bytesOf(value, MAX_FIELD_BYTES);
  return bytes === undefined || size === undefined || bytes.length === size ? bytes : undefined;
}

/** The hash as a word; undefined where a field is missing or malformed. */
export function headerHash(header: unknown): bigint | undefined {
  const fields = [...FIELDS];
  for (const field of LATER_FIELDS) {
    const value = fieldOf(header, field[0]);
    if (value === undefined || value === null) break;
    fields.push(field);
  }
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    const bytes = partOf(fieldOf(header, field[0]), field);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  return keccakWord(encodeRlp(parts));
}
