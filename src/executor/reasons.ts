/**
 * Why a transaction is invalid. The codes are the identifiers of execution-spec-tests' `TransactionException`;
 * the words of other clients are rendered from them elsewhere, never parsed.
 */

export const REASONS = {
  TYPE_NOT_SUPPORTED: 'the transaction type does not exist',
  TYPE_1_TX_PRE_FORK: 'access list transactions do not exist in this fork',
  TYPE_2_TX_PRE_FORK: 'fee market transactions do not exist in this fork',
  TYPE_3_TX_PRE_FORK: 'blob transactions do not exist in this fork',
  TYPE_4_TX_PRE_FORK: 'set-code transactions do not exist in this fork',

  RLP_INVALID: 'the encoding is not canonical RLP',
  RLP_FIELD_COUNT: 'the transaction has too few or too many fields',
  RLP_INVALID_FIELD: 'a field has the wrong form',
  RLP_LEADING_ZEROS: 'a number has leading zeros',
  ADDRESS_TOO_SHORT: 'the recipient has less than 20 bytes',
  ADDRESS_TOO_LONG: 'the recipient has more than 20 bytes',
  NONCE_OVERFLOW: 'the nonce exceeds 64 bits',
  GASLIMIT_OVERFLOW: 'the gas limit exceeds 64 bits',
  GASPRICE_OVERFLOW: 'the gas price exceeds 256 bits',
  PRIORITY_OVERFLOW: 'the priority fee exceeds 256 bits',
  VALUE_OVERFLOW: 'the value exceeds 256 bits',

  INVALID_SIGNATURE_VRS: 'the signature is invalid',
  INVALID_CHAINID: 'the transaction is for another chain',

  SENDER_NOT_EOA: 'the sender has code',
  NONCE_IS_MAX: 'the nonce is 2^64 - 1',
  NONCE_MISMATCH_TOO_LOW: 'the nonce is below that of the sender',
  NONCE_MISMATCH_TOO_HIGH: 'the nonce is above that of the sender',
  INSUFFICIENT_ACCOUNT_FUNDS: 'the sender cannot pay for value and gas',
  GASLIMIT_PRICE_PRODUCT_OVERFLOW: 'gas limit times price exceeds 256 bits',

  INTRINSIC_GAS_TOO_LOW: 'the gas limit is below the intrinsic cost',
  INTRINSIC_GAS_BELOW_FLOOR_GAS_COST: 'the gas limit is below the floor for its calldata',
  GAS_ALLOWANCE_EXCEEDED: 'the gas limit exceeds what is left in the block',
  GAS_LIMIT_EXCEEDS_MAXIMUM: 'the gas limit exceeds that of a transaction',
  INITCODE_SIZE_EXCEEDED: 'the init code is too long',

  INSUFFICIENT_MAX_FEE_PER_GAS: 'the maximum fee is below the base fee',
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS: 'the priority fee exceeds the maximum fee',

  TYPE_3_TX_ZERO_BLOBS: 'a blob transaction has no blobs',
  TYPE_3_TX_BLOB_COUNT_EXCEEDED: 'more blobs than a transaction may carry',
  TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED: 'more blobs than a block may carry',
  TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH: 'a blob hash has an unknown version',
  TYPE_3_TX_CONTRACT_CREATION: 'a blob transaction cannot create a contract',
  INSUFFICIENT_MAX_FEE_PER_BLOB_GAS: 'the maximum blob fee is below the blob base fee',

  TYPE_4_EMPTY_AUTHORIZATION_LIST: 'a set-code transaction has no authorizations',
  TYPE_4_TX_CONTRACT_CREATION: 'a set-code transaction cannot create a contract',
  TYPE_4_INVALID_AUTHORIZATION_FORMAT: 'an authorization has the wrong form',
} as const;

/** The code of a reason. */
export type InvalidReason = keyof typeof REASONS;

/** An invalid transaction: a value, not an exception. */
export interface Invalid {
  readonly invalid: InvalidReason;
  /** The numbers behind it, in words. */
  readonly detail: string;
}

export const invalid = (reason: InvalidReason, detail: string): Invalid => ({ invalid: reason, detail });

/** Whether a value is an invalid transaction, and not a decoded or executed one. */
export const isInvalid = (value: object): value is Invalid => 'invalid' in value;
