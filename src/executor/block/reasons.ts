/**
 * Why a block is invalid. The codes are the identifiers of execution-spec-tests' `BlockException`, and where a
 * transaction is the cause, those of `../reasons.ts`.
 */

import { type Invalid, type InvalidReason, REASONS } from '../reasons.ts';

/** The reasons in words, by code. */
export const BLOCK_REASONS = {
  RLP_STRUCTURES_ENCODING: 'the encoding is not that of a block',
  RLP_INVALID_FIELD_OVERFLOW_64: 'a number exceeds 64 bits',
  RLP_INVALID_ADDRESS: 'an address has not 20 bytes',
  RLP_BLOCK_LIMIT_EXCEEDED: 'the encoding is longer than a block may be',
  INCORRECT_BLOCK_FORMAT: 'the block has not the fields of its fork',

  UNKNOWN_PARENT: 'the parent hash is not that of the parent',
  INVALID_BLOCK_NUMBER: "the number does not follow the parent's",
  INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT: "the timestamp is not after the parent's",
  INVALID_GASLIMIT: "the gas limit is too small or too far from the parent's",
  INVALID_GAS_USED_ABOVE_LIMIT: 'the gas used exceeds the gas limit',
  EXTRA_DATA_TOO_BIG: 'the extra data has more than 32 bytes',
  EXTRA_DATA_INVALID_DAO: 'the extra data is not that of the DAO fork',
  INVALID_BASEFEE_PER_GAS: 'the base fee does not follow from the parent',
  INVALID_DIFFICULTY: 'the difficulty does not follow from the parent',
  IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS: 'a block without proof of work has a difficulty or a nonce',
  IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS: 'a block without proof of work has uncles',
  INCORRECT_EXCESS_BLOB_GAS: 'the excess blob gas does not follow from the parent',

  TOO_MANY_UNCLES: 'the block has more than two uncles',
  UNCLE_IN_CHAIN: 'an uncle is in the chain already',
  UNCLE_IS_ANCESTOR: 'an uncle is an ancestor',
  UNCLE_IS_BROTHER: "an uncle's parent is the block's",
  UNCLE_UNKNOWN_PARENT: "an uncle's parent is not among the last ancestors",

  INVALID_UNCLES_HASH: 'the uncles are not those of the header',
  INVALID_TRANSACTIONS_ROOT: 'the transactions are not those of the header',
  INVALID_WITHDRAWALS_ROOT: 'the withdrawals are not those of the header',

  SYSTEM_CONTRACT_EMPTY: 'a system contract has no code',
  SYSTEM_CONTRACT_CALL_FAILED: 'the call of a system contract failed',
  INVALID_DEPOSIT_EVENT_LAYOUT: 'a log of the deposit contract is no deposit',

  INVALID_GAS_USED: 'the transactions used other gas than the header says',
  INCORRECT_BLOB_GAS_USED: 'the transactions used other blob gas than the header says',
  INVALID_LOG_BLOOM: 'the bloom filter is not that of the logs',
  INVALID_RECEIPTS_ROOT: 'the receipts are not those of the header',
  INVALID_REQUESTS: 'the requests are not those of the header',
  INVALID_STATE_ROOT: 'the state is not that of the header',
} as const;

/** The code of a reason. */
export type BlockReason = keyof typeof BLOCK_REASONS;

/** An invalid block: a value, not an exception. */
export interface InvalidBlock {
  /** A reason of the block's, or that of one of its transactions. */
  readonly invalid: BlockReason | InvalidReason;
  /** The numbers behind it, in words. */
  readonly detail: string;
  /** Index of the transaction that is invalid; null where it is the block itself. */
  readonly transaction: number | null;
}

export const invalidBlock = (invalid: BlockReason, detail: string): InvalidBlock => ({
  invalid,
  detail,
  transaction: null,
});

/** The block is invalid because of its transaction at `index`. */
export const invalidTransaction = ({ invalid, detail }: Invalid, index: number): InvalidBlock => ({
  invalid,
  detail,
  transaction: index,
});

/** Whether a value is an invalid block, and not a decoded or executed one. */
export const isInvalidBlock = (value: object): value is InvalidBlock =>
  'invalid' in value && 'transaction' in value;

/** The reason in one line, with the numbers behind it. */
export function describeInvalidBlock({ invalid, detail, transaction }: InvalidBlock): string {
  const words = { ...REASONS, ...BLOCK_REASONS }[invalid];
  return transaction === null ? `${words} (${detail})` : `transaction ${transaction}: ${words} (${detail})`;
}
