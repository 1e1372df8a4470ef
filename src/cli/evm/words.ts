/**
 * How geth says why a transaction or a block is invalid. The texts are an interface: tools search for them. What
 * follows a colon are the numbers, in words of ours.
 */

import { BLOCK_REASONS, type BlockReason, type InvalidBlock } from '../../executor/block/reasons.ts';
import { type Invalid, type InvalidReason, REASONS } from '../../executor/reasons.ts';

const TYPE_NOT_SUPPORTED = 'transaction type not supported';
const RLP = 'rlp: invalid transaction';

const noAddress = (type: string): string =>
  `rlp: input string too short for common.Address, decoding into (types.${type}).To`;

const TRANSACTION_WORDS: Readonly<Record<InvalidReason, string>> = {
  TYPE_NOT_SUPPORTED,
  TYPE_1_TX_PRE_FORK: TYPE_NOT_SUPPORTED,
  TYPE_2_TX_PRE_FORK: TYPE_NOT_SUPPORTED,
  TYPE_3_TX_PRE_FORK: TYPE_NOT_SUPPORTED,
  TYPE_4_TX_PRE_FORK: TYPE_NOT_SUPPORTED,
  RLP_INVALID: RLP,
  RLP_FIELD_COUNT: 'rlp: wrong number of elements for transaction',
  RLP_INVALID_FIELD: RLP,
  RLP_LEADING_ZEROS: 'rlp: non-canonical integer (leading zero bytes)',
  ADDRESS_TOO_SHORT: 'rlp: input string too short for common.Address',
  ADDRESS_TOO_LONG: 'rlp: input string too long for common.Address',
  NONCE_OVERFLOW: 'rlp: input string too long for uint64',
  GASLIMIT_OVERFLOW: 'rlp: input string too long for uint64',
  GASPRICE_OVERFLOW: 'max fee per gas higher than 2^256-1',
  PRIORITY_OVERFLOW: 'max priority fee per gas higher than 2^256-1',
  VALUE_OVERFLOW: 'rlp: value too large for uint256',
  INVALID_SIGNATURE_VRS: 'invalid transaction v, r, s values',
  INVALID_CHAINID: 'invalid chain id for signer',
  SENDER_NOT_EOA: 'sender not an eoa',
  NONCE_IS_MAX: 'nonce has max value',
  NONCE_MISMATCH_TOO_LOW: 'nonce too low',
  NONCE_MISMATCH_TOO_HIGH: 'nonce too high',
  INSUFFICIENT_ACCOUNT_FUNDS: 'insufficient funds for gas * price + value',
  GASLIMIT_PRICE_PRODUCT_OVERFLOW: 'insufficient funds for gas * price + value',
  INTRINSIC_GAS_TOO_LOW: 'intrinsic gas too low',
  INTRINSIC_GAS_BELOW_FLOOR_GAS_COST: 'insufficient gas for floor data gas cost',
  GAS_ALLOWANCE_EXCEEDED: 'gas limit reached',
  GAS_LIMIT_EXCEEDS_MAXIMUM: 'transaction gas limit too high',
  INITCODE_SIZE_EXCEEDED: 'max initcode size exceeded',
  INSUFFICIENT_MAX_FEE_PER_GAS: 'max fee per gas less than block base fee',
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS: 'max priority fee per gas higher than max fee per gas',
  TYPE_3_TX_ZERO_BLOBS: 'blob transaction missing blob hashes',
  TYPE_3_TX_BLOB_COUNT_EXCEEDED: 'blob transaction has too many blobs',
  TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED: 'blob gas would exceed maximum allowance',
  TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH: 'blob has invalid hash version',
  TYPE_3_TX_CONTRACT_CREATION: noAddress('BlobTx'),
  INSUFFICIENT_MAX_FEE_PER_BLOB_GAS: 'max fee per blob gas less than block blob gas fee',
  TYPE_4_EMPTY_AUTHORIZATION_LIST: 'EIP-7702 transaction with empty auth list',
  TYPE_4_TX_CONTRACT_CREATION: noAddress('SetCodeTx'),
  TYPE_4_INVALID_AUTHORIZATION_FORMAT: 'rlp: invalid authorization',
};

/** Where geth has no words of its own, ours stay. */
const BLOCK_WORDS: Readonly<Record<BlockReason, string>> = {
  ...BLOCK_REASONS,
  RLP_BLOCK_LIMIT_EXCEEDED: 'block RLP-encoded size exceeds maximum',
  UNKNOWN_PARENT: 'unknown ancestor',
  INVALID_BLOCK_NUMBER: 'invalid block number',
  INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT: 'invalid timestamp',
  INVALID_GASLIMIT: 'invalid gas limit',
  INVALID_GAS_USED_ABOVE_LIMIT: 'invalid gasUsed',
  EXTRA_DATA_TOO_BIG: 'invalid extradata length',
  INVALID_BASEFEE_PER_GAS: 'invalid baseFee',
  INVALID_DIFFICULTY: 'invalid difficulty',
  INCORRECT_EXCESS_BLOB_GAS: 'invalid excessBlobGas',
  TOO_MANY_UNCLES: 'too many uncles',
  UNCLE_IN_CHAIN: 'duplicate uncle',
  UNCLE_IS_ANCESTOR: 'uncle is ancestor',
  UNCLE_IS_BROTHER: "uncle's parent is not ancestor",
  UNCLE_UNKNOWN_PARENT: "uncle's parent is not ancestor",
  INVALID_UNCLES_HASH: 'uncle root hash mismatch',
  INVALID_TRANSACTIONS_ROOT: 'transaction root hash mismatch',
  INVALID_WITHDRAWALS_ROOT: 'withdrawals root hash mismatch',
  SYSTEM_CONTRACT_EMPTY: 'system call failed to execute: no code at the contract',
  SYSTEM_CONTRACT_CALL_FAILED: 'system call failed to execute: the contract failed',
  INVALID_DEPOSIT_EVENT_LAYOUT: 'failed to parse deposit logs',
  INVALID_GAS_USED: 'invalid gas used',
  INCORRECT_BLOB_GAS_USED: 'blob gas used mismatch',
  INVALID_LOG_BLOOM: 'invalid bloom',
  INVALID_RECEIPTS_ROOT: 'invalid receipt root hash',
  INVALID_REQUESTS: 'invalid requests hash',
  INVALID_STATE_ROOT: 'invalid merkle root',
};

/** The reason of a rejected transaction as geth's tools read it. */
export const gethWords = ({ invalid, detail }: Invalid): string => `${TRANSACTION_WORDS[invalid]}: ${detail}`;

const isTransactionReason = (reason: string): reason is InvalidReason => Object.hasOwn(REASONS, reason);

/** The reason of a rejected block as geth's tools read it. */
export function gethBlockWords({ invalid, detail, transaction }: InvalidBlock): string {
  const words = isTransactionReason(invalid) ? TRANSACTION_WORDS[invalid] : BLOCK_WORDS[invalid];
  return transaction === null
    ? `${words}: ${detail}`
    : `could not apply tx ${transaction}: ${words}: ${detail}`;
}
