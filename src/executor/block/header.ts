/**
 * Block headers: their fields, encoding and hash (Yellow Paper, section 4.4, and the EIPs that added fields). Which
 * fields a header has follows from the rules of its block; whether their values are right is for `header-rules.ts`.
 */

import type { Rules } from '../../forks/rules.ts';
import type { RulesAt } from '../../forks/schedule.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt, isBytes, toBytes20, toBytes32 } from '../../primitives/bytes.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { encodeRlp, type RlpInput, type RlpItem } from '../../primitives/rlp.ts';
import { type InvalidBlock, invalidBlock, isInvalidBlock } from './reasons.ts';

/** A block header. Hashes and roots are words; fields that the block's fork lacks are null. */
export interface Header {
  readonly parentHash: bigint;
  /** keccak256 of the RLP of the uncles' headers. */
  readonly unclesHash: bigint;
  readonly coinbase: Address;
  readonly stateRoot: bigint;
  readonly transactionsRoot: bigint;
  readonly receiptsRoot: bigint;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
  /** At most 32 bytes. */
  readonly extraData: Uint8Array;
  /** The randomness of the beacon chain (EIP-4399), and part of the proof of work before it. */
  readonly mixHash: bigint;
  /** 8 bytes, as a number. */
  readonly nonce: bigint;
  /** Wei per gas (EIP-1559). */
  readonly baseFee: bigint | null;
  /** EIP-4895. */
  readonly withdrawalsRoot: bigint | null;
  /** EIP-4844. */
  readonly blobGasUsed: bigint | null;
  /** EIP-4844. */
  readonly excessBlobGas: bigint | null;
  /** EIP-4788. */
  readonly parentBeaconRoot: bigint | null;
  /** EIP-7685. */
  readonly requestsHash: bigint | null;
}

/** `number` has up to 64 bits, `wide` up to 256; the others have a length of their own. */
type Form = 'word' | 'address' | 'bloom' | 'nonce' | 'bytes' | 'number' | 'wide';

type HeaderField = readonly [name: keyof Header, form: Form, exists?: (rules: Rules) => boolean];

const hasBlobs = (rules: Rules): boolean => rules.blobs !== null;

/** In the order in which they are encoded. */
const FIELDS: readonly HeaderField[] = [
  ['parentHash', 'word'],
  ['unclesHash', 'word'],
  ['coinbase', 'address'],
  ['stateRoot', 'word'],
  ['transactionsRoot', 'word'],
  ['receiptsRoot', 'word'],
  ['logsBloom', 'bloom'],
  ['difficulty', 'wide'],
  ['number', 'number'],
  ['gasLimit', 'number'],
  ['gasUsed', 'number'],
  ['timestamp', 'number'],
  ['extraData', 'bytes'],
  ['mixHash', 'word'],
  ['nonce', 'nonce'],
  ['baseFee', 'wide', (rules) => rules.baseFee],
  ['withdrawalsRoot', 'word', (rules) => rules.withdrawals],
  ['blobGasUsed', 'number', hasBlobs],
  ['excessBlobGas', 'number', hasBlobs],
  ['parentBeaconRoot', 'word', (rules) => rules.beaconRootContract !== 0n],
  ['requestsHash', 'word', (rules) => rules.requests],
];

const COMMON_FIELDS = FIELDS.filter(([, , exists]) => exists === undefined).length;
const placeOf = (name: keyof Header): number => FIELDS.findIndex((field) => field[0] === name);
const NUMBER = placeOf('number');
const TIMESTAMP = placeOf('timestamp');

const LENGTHS: Readonly<Partial<Record<Form, number>>> = { word: 32, address: 20, bloom: 256, nonce: 8 };

const toNonce = (nonce: bigint): Uint8Array => toBytes32(nonce).subarray(24);

function toRlp(form: Form, value: bigint | Uint8Array): RlpInput {
  if (isBytes(value)) return value;
  if (form === 'word') return toBytes32(value);
  if (form === 'address') return toBytes20(value);
  return form === 'nonce' ? toNonce(value) : value;
}

/** A header as a list of fields; those that are null are left out. */
export function headerRlp(header: Header): RlpInput[] {
  const items: RlpInput[] = [];
  for (const [name, form] of FIELDS) {
    const value = header[name];
    if (value !== null) items.push(toRlp(form, value));
  }
  return items;
}

/** The hash of a block, which is that of its header, as a word. */
export const hashHeader = (header: Header): bigint => keccakWord(encodeRlp(headerRlp(header)));

/** The first field that the rules ask for and the header lacks, or has against the rules. */
export const wrongField = (header: Header, rules: Rules): keyof Header | undefined =>
  FIELDS.find(([name, , exists]) => (header[name] !== null) !== (exists?.(rules) ?? true))?.[0];

type Value = bigint | Uint8Array;

function readNumber(name: string, bytes: Uint8Array, bits: number): bigint | InvalidBlock {
  if (bytes[0] === 0) return invalidBlock('RLP_STRUCTURES_ENCODING', `${name} starts with a zero byte`);
  if (bytes.length * 8 > bits) {
    const reason = bits === 64 ? 'RLP_INVALID_FIELD_OVERFLOW_64' : 'RLP_STRUCTURES_ENCODING';
    return invalidBlock(reason, `${name} has ${bytes.length} bytes`);
  }
  return bytesToBigInt(bytes);
}

function readField([name, form]: HeaderField, item: RlpItem): Value | InvalidBlock {
  if (!isBytes(item)) return invalidBlock('RLP_STRUCTURES_ENCODING', `${name} is a list`);
  if (form === 'number' || form === 'wide') return readNumber(name, item, form === 'number' ? 64 : 256);
  const length = LENGTHS[form];
  if (length !== undefined && item.length !== length) {
    const reason = form === 'address' ? 'RLP_INVALID_ADDRESS' : 'RLP_STRUCTURES_ENCODING';
    return invalidBlock(reason, `${name} has ${item.length} bytes, not ${length}`);
  }
  // A copy: what is decoded may be a part of something that its owner alters.
  return form === 'bloom' || form === 'bytes' ? item.slice() : bytesToBigInt(item);
}

/** A header from its list of fields, or the reason why they are none. */
export function readHeader(items: RlpItem, rulesAt: RulesAt): Header | InvalidBlock {
  if (isBytes(items)) return invalidBlock('RLP_STRUCTURES_ENCODING', 'the header is no list');
  if (items.length < COMMON_FIELDS) {
    return invalidBlock('INCORRECT_BLOCK_FORMAT', `the header has ${items.length} fields`);
  }
  const number = readField(FIELDS[NUMBER]!, items[NUMBER]!);
  if (isInvalid(number)) return number;
  const timestamp = readField(FIELDS[TIMESTAMP]!, items[TIMESTAMP]!);
  if (isInvalid(timestamp)) return timestamp;
  const rules = rulesAt(number as bigint, timestamp as bigint);
  const fields = FIELDS.filter(([, , exists]) => exists?.(rules) ?? true);
  if (items.length !== fields.length) {
    const detail = `the header has ${items.length} fields, not ${fields.length}`;
    return invalidBlock('INCORRECT_BLOCK_FORMAT', detail);
  }
  const header: Record<string, Value | null> = Object.fromEntries(FIELDS.map(([name]) => [name, null]));
  for (const [index, field] of fields.entries()) {
    const value = readField(field, items[index]!);
    if (isInvalid(value)) return value;
    header[field[0]] = value;
  }
  return header as unknown as Header;
}

const isInvalid = (value: Value | InvalidBlock): value is InvalidBlock =>
  typeof value === 'object' && isInvalidBlock(value);
