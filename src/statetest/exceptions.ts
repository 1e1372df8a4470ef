/**
 * What a fixture says of the reason of a rejection, against our typed reason. execution-spec-tests name the
 * reason, with alternatives separated by `|`; older fixtures carry texts of their own.
 */

import type { InvalidReason } from '../executor/reasons.ts';

/** Codes of ours that one code of execution-spec-tests covers, where it is not the same word. */
const COVERED: Readonly<Record<string, readonly InvalidReason[]>> = {
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2: ['PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS'],
  NONCE_TOO_BIG: ['NONCE_IS_MAX', 'NONCE_OVERFLOW'],
};

/** Texts of fixtures before execution-spec-tests. */
const OLDER: Readonly<Record<string, readonly InvalidReason[]>> = {
  IntrinsicGas: ['INTRINSIC_GAS_TOO_LOW'],
  TR_IntrinsicGas: ['INTRINSIC_GAS_TOO_LOW', 'INTRINSIC_GAS_BELOW_FLOOR_GAS_COST'],
  TR_NoFunds: ['INSUFFICIENT_ACCOUNT_FUNDS'],
  TR_NoFundsX: ['INSUFFICIENT_ACCOUNT_FUNDS', 'GASLIMIT_PRICE_PRODUCT_OVERFLOW'],
  TR_NoFundsOrGas: ['INSUFFICIENT_ACCOUNT_FUNDS', 'INTRINSIC_GAS_TOO_LOW', 'GAS_ALLOWANCE_EXCEEDED'],
  TR_GasLimitReached: ['GAS_ALLOWANCE_EXCEEDED'],
  TR_TypeNotSupported: [
    'TYPE_1_TX_PRE_FORK',
    'TYPE_2_TX_PRE_FORK',
    'TYPE_3_TX_PRE_FORK',
    'TYPE_4_TX_PRE_FORK',
  ],
  TR_TypeNotSupportedBlob: ['TYPE_3_TX_PRE_FORK'],
  TR_FeeCapLessThanBlocks: ['INSUFFICIENT_MAX_FEE_PER_GAS'],
  TR_TipGtFeeCap: ['PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS'],
  TR_NonceHasMaxValue: ['NONCE_IS_MAX'],
  TR_NonceTooLow: ['NONCE_MISMATCH_TOO_LOW'],
  TR_NonceTooHigh: ['NONCE_MISMATCH_TOO_HIGH'],
  TR_InitCodeLimitExceeded: ['INITCODE_SIZE_EXCEEDED'],
  TR_BLOBCREATE: ['TYPE_3_TX_CONTRACT_CREATION'],
  TR_BLOBLIST_OVERSIZE: ['TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED', 'TYPE_3_TX_BLOB_COUNT_EXCEEDED'],
  TR_BLOBVERSION_INVALID: ['TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH'],
  TR_EMPTYBLOB: ['TYPE_3_TX_ZERO_BLOBS'],
  TR_RLP_WRONGVALUE: [
    'RLP_INVALID',
    'RLP_INVALID_FIELD',
    'RLP_LEADING_ZEROS',
    'VALUE_OVERFLOW',
    'GASPRICE_OVERFLOW',
  ],
  SenderNotEOA: ['SENDER_NOT_EOA'],
};

/** A fixture may write `constructor` as well. */
const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const EEST_PREFIX = 'TransactionException.';

/**
 * The reasons of ours that satisfy an `expectException`.
 * @returns an empty list for a text that is not known: no reason satisfies it
 */
export function acceptedReasons(expectException: string): readonly string[] {
  return expectException.split('|').flatMap((part): readonly string[] => {
    const text = part.trim();
    if (!text.startsWith(EEST_PREFIX)) return own(OLDER, text) ?? [];
    const code = text.slice(EEST_PREFIX.length);
    return own(COVERED, code) ?? [code];
  });
}
