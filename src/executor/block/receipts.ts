/** Receipts and the bloom filters of their logs (Yellow Paper, sections 4.4.1 and 4.4.2; EIP-658, EIP-2718). */

import type { Address } from '../../primitives/address.ts';
import { concatBytes, EMPTY_BYTES, toBytes20, toBytes32 } from '../../primitives/bytes.ts';
import { keccak256 } from '../../primitives/keccak.ts';
import { encodeRlp, type RlpInput } from '../../primitives/rlp.ts';
import type { LogRecord } from '../../state/world.ts';
import { TxType } from '../transaction.ts';

/** What a block keeps of a transaction. */
export interface Receipt {
  readonly type: TxType;
  readonly succeeded: boolean;
  /** The state after the transaction, as a word, where receipts have that instead of a status (before EIP-658). */
  readonly stateRoot: bigint | null;
  readonly gasUsed: bigint;
  /** Gas of this transaction and those before it. */
  readonly cumulativeGasUsed: bigint;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly logs: readonly LogRecord[];
  readonly sender: Address;
  /** The contract that a creation made. */
  readonly created: Address | null;
  /** Wei per gas. */
  readonly gasPrice: bigint;
  /** Hash of the transaction, as a word. */
  readonly transactionHash: bigint;
}

/** Bytes of a bloom filter. */
export const BLOOM_BYTES = 256;
const BLOOM_MASK = 8 * BLOOM_BYTES - 1;

/** Sets the three bits that stand for an item. */
function addToBloom(bloom: Uint8Array, item: Uint8Array): void {
  const hash = keccak256(item);
  for (const at of [0, 2, 4]) {
    const bit = ((hash[at]! << 8) | hash[at + 1]!) & BLOOM_MASK;
    bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}

/** The bloom filter of logs, 256 bytes. */
export function bloomOf(logs: readonly LogRecord[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    addToBloom(bloom, toBytes20(address));
    for (const topic of topics) addToBloom(bloom, toBytes32(topic));
  }
  return bloom;
}

/** The bloom filter of all logs of the receipts. */
export function joinBlooms(receipts: readonly Receipt[]): Uint8Array {
  const joined = new Uint8Array(BLOOM_BYTES);
  for (const { logsBloom } of receipts) for (let i = 0; i < BLOOM_BYTES; i++) joined[i]! |= logsBloom[i]!;
  return joined;
}

const SUCCESS = Uint8Array.of(1);

/** A receipt in its envelope. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { type, succeeded, stateRoot, cumulativeGasUsed, logsBloom, logs } = receipt;
  const outcome = stateRoot !== null ? toBytes32(stateRoot) : succeeded ? SUCCESS : EMPTY_BYTES;
  const logItems: RlpInput = logs.map((log) => [toBytes20(log.address), log.topics.map(toBytes32), log.data]);
  const payload = encodeRlp([outcome, cumulativeGasUsed, logsBloom, logItems]);
  return type === TxType.Legacy ? payload : concatBytes(Uint8Array.of(type), payload);
}
