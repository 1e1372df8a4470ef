/** Requests to the consensus layer: what they are made of and how a block commits to them (EIP-6110, EIP-7685). */

import type { Crypto } from '../../../precompiles/crypto.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt, bytesToHex, concatBytes } from '../../primitives/bytes.ts';
import type { LogRecord } from '../../state/world.ts';
import { type InvalidBlock, invalidBlock } from './reasons.ts';

/** First byte of the request that has all deposits of a block. */
export const DEPOSIT_REQUEST_TYPE = 0;

/** keccak256 of `DepositEvent(bytes,bytes,bytes,bytes,bytes)`. */
const DEPOSIT_EVENT = 0x649b_bc62_d0e3_1342_afea_4e5c_d82d_4049_e7e1_ee91_2fc0_889a_a790_803b_e390_38c5n;

/** Where the five byte strings of a deposit stand in the data of its log, and how long each is. */
const DEPOSIT_PARTS = [
  { name: 'public key', offset: 160, length: 48 },
  { name: 'withdrawal credentials', offset: 256, length: 32 },
  { name: 'amount', offset: 320, length: 8 },
  { name: 'signature', offset: 384, length: 96 },
  { name: 'index', offset: 512, length: 8 },
] as const;

const DEPOSIT_DATA_BYTES = 576;
const WORD_BYTES = 32;

const wordAt = (data: Uint8Array, offset: number): bigint =>
  bytesToBigInt(data.subarray(offset, offset + WORD_BYTES));

const bad = (detail: string): InvalidBlock => invalidBlock('INVALID_DEPOSIT_EVENT_LAYOUT', detail);

/** The deposit of a log's data. The consensus layer relies on every byte standing where the contract puts it. */
function readDeposit(data: Uint8Array): Uint8Array | InvalidBlock {
  if (data.length !== DEPOSIT_DATA_BYTES) return bad(`${data.length} bytes, not ${DEPOSIT_DATA_BYTES}`);
  const parts: Uint8Array[] = [];
  for (const [index, { name, offset, length }] of DEPOSIT_PARTS.entries()) {
    const where = wordAt(data, index * WORD_BYTES);
    if (where !== BigInt(offset)) return bad(`the ${name} starts at byte ${where}, not ${offset}`);
    const size = wordAt(data, offset);
    if (size !== BigInt(length)) return bad(`the ${name} has ${size} bytes, not ${length}`);
    const start = offset + WORD_BYTES;
    parts.push(data.subarray(start, start + length));
  }
  return concatBytes(...parts);
}

/** The deposits that a block's logs tell of, one after the other. */
export function depositsOf(logs: Iterable<LogRecord>, contract: Address): Uint8Array | InvalidBlock {
  const deposits: Uint8Array[] = [];
  for (const { address, topics, data } of logs) {
    if (address !== contract || topics[0] !== DEPOSIT_EVENT) continue;
    const deposit = readDeposit(data);
    if ('invalid' in deposit) return { ...deposit, detail: `${deposit.detail} in ${bytesToHex(data)}` };
    deposits.push(deposit);
  }
  return concatBytes(...deposits);
}

/** Commitment to requests, each with its type in front and none of them empty; as a word. */
export const requestsHash = (requests: readonly Uint8Array[], crypto: Crypto): bigint =>
  bytesToBigInt(crypto.sha256(concatBytes(...requests.map((request) => crypto.sha256(request)))));
