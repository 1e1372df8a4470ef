/** A block before it has run: what its maker chooses, and what follows from the parent. */

import type { RulesAt } from '../../forks/schedule.ts';
import type { Address } from '../../primitives/address.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import { type BytesInput, toOwnBytes } from '../../primitives/input.ts';
import { checkFields, demand } from '../request.ts';
import { type Block, envelopesRoot, unclesHash, type Withdrawal, withdrawalsRoot } from './block.ts';
import { nextBaseFee, nextDifficulty, nextExcessBlobGas } from './fees.ts';
import { type Header, hashHeader } from './header.ts';
import { parentGasLimit } from './header-rules.ts';
import { BLOOM_BYTES } from './receipts.ts';

/** What the maker of a block chooses. Fields that the block's fork lacks are passed over. */
export interface BlockTemplate {
  /** Seconds. */
  readonly timestamp: bigint;
  /** 0 by default. */
  readonly coinbase?: Address;
  /** The parent's by default. */
  readonly gasLimit?: bigint;
  /** At most 32 bytes; none by default. */
  readonly extraData?: Uint8Array;
  /** The randomness of the beacon chain, or part of the proof of work; 0 by default. */
  readonly mixHash?: bigint;
  /** Of the proof of work; 0 by default. */
  readonly nonce?: bigint;
  /** Hash of the beacon block before (EIP-4788); 0 by default. */
  readonly parentBeaconRoot?: bigint;
  /** Each in its EIP-2718 envelope, as bytes or hex; none by default. */
  readonly transactions?: readonly BytesInput[];
  readonly uncles?: readonly Header[];
  readonly withdrawals?: readonly Withdrawal[];
}

const FIELDS: readonly string[] = [
  ...(['timestamp', 'coinbase', 'gasLimit', 'extraData', 'mixHash', 'nonce'] as const),
  ...(['parentBeaconRoot', 'transactions', 'uncles', 'withdrawals'] as const),
] satisfies (keyof BlockTemplate)[];

/** A block whose header lacks what comes of running it. */
export function draftOf(parent: Header, template: BlockTemplate, rulesAt: RulesAt): Block {
  checkFields(template, 'template', FIELDS);
  demand(typeof template.timestamp === 'bigint', 'template.timestamp', 'seconds, as a bigint');
  const { timestamp, coinbase = 0n, extraData = EMPTY_BYTES, mixHash = 0n, nonce = 0n } = template;
  const { parentBeaconRoot = 0n, uncles = [] } = template;
  const transactions = (template.transactions ?? []).map((bytes, i) =>
    toOwnBytes(bytes, `transactions[${i}]`),
  );
  const number = parent.number + 1n;
  const rules = rulesAt(number, timestamp);
  const withdrawals = rules.withdrawals ? (template.withdrawals ?? []) : null;
  const header: Header = {
    parentHash: hashHeader(parent),
    unclesHash: unclesHash(uncles),
    coinbase,
    stateRoot: 0n,
    transactionsRoot: envelopesRoot(transactions),
    receiptsRoot: 0n,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    difficulty: rules.proofOfWork ? nextDifficulty(parent, number, timestamp, rules) : 0n,
    number,
    gasLimit: template.gasLimit ?? parentGasLimit(parent, rules),
    gasUsed: 0n,
    timestamp,
    extraData,
    mixHash,
    nonce,
    baseFee: rules.baseFee ? nextBaseFee(parent) : null,
    withdrawalsRoot: withdrawals === null ? null : withdrawalsRoot(withdrawals),
    blobGasUsed: rules.blobs === null ? null : 0n,
    excessBlobGas: rules.blobs === null ? null : nextExcessBlobGas(parent, rules, rules.blobs),
    parentBeaconRoot: rules.beaconRootContract === 0n ? null : parentBeaconRoot,
    requestsHash: rules.requests ? 0n : null,
  };
  return { header, transactions, uncles, withdrawals };
}
