/** The words of fixtures for the reason of a rejection. */

import { describe, expect, it } from 'vitest';
import { REASONS } from '../../src/executor/reasons.ts';
import { acceptedReasons } from '../../src/statetest/index.ts';

describe('acceptedReasons', () => {
  it('takes each of our reasons by its own name', () => {
    for (const reason of Object.keys(REASONS))
      expect(acceptedReasons(`TransactionException.${reason}`)).toEqual([reason]);
  });

  it('takes alternatives, with and without spaces', () => {
    for (const bar of ['|', ' | ']) {
      expect(
        acceptedReasons(`TransactionException.NONCE_IS_MAX${bar}TransactionException.SENDER_NOT_EOA`),
      ).toEqual(['NONCE_IS_MAX', 'SENDER_NOT_EOA']);
    }
    expect(acceptedReasons('Nonsense|TransactionException.SENDER_NOT_EOA|TR_NoFunds')).toEqual([
      'SENDER_NOT_EOA',
      'INSUFFICIENT_ACCOUNT_FUNDS',
    ]);
  });

  it('knows names that cover others', () => {
    expect(acceptedReasons('TransactionException.NONCE_TOO_BIG')).toEqual(['NONCE_IS_MAX', 'NONCE_OVERFLOW']);
    expect(acceptedReasons('TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2')).toEqual([
      'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
    ]);
  });

  it.each([
    ['IntrinsicGas', 'INTRINSIC_GAS_TOO_LOW'],
    ['TR_IntrinsicGas', 'INTRINSIC_GAS_BELOW_FLOOR_GAS_COST'],
    ['TR_NoFunds', 'INSUFFICIENT_ACCOUNT_FUNDS'],
    ['TR_NoFundsX', 'GASLIMIT_PRICE_PRODUCT_OVERFLOW'],
    ['TR_NoFundsOrGas', 'INTRINSIC_GAS_TOO_LOW'],
    ['TR_GasLimitReached', 'GAS_ALLOWANCE_EXCEEDED'],
    ['TR_TypeNotSupported', 'TYPE_2_TX_PRE_FORK'],
    ['TR_TypeNotSupportedBlob', 'TYPE_3_TX_PRE_FORK'],
    ['TR_FeeCapLessThanBlocks', 'INSUFFICIENT_MAX_FEE_PER_GAS'],
    ['TR_TipGtFeeCap', 'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS'],
    ['TR_NonceHasMaxValue', 'NONCE_IS_MAX'],
    ['TR_NonceTooLow', 'NONCE_MISMATCH_TOO_LOW'],
    ['TR_NonceTooHigh', 'NONCE_MISMATCH_TOO_HIGH'],
    ['TR_InitCodeLimitExceeded', 'INITCODE_SIZE_EXCEEDED'],
    ['TR_BLOBCREATE', 'TYPE_3_TX_CONTRACT_CREATION'],
    ['TR_BLOBLIST_OVERSIZE', 'TYPE_3_TX_BLOB_COUNT_EXCEEDED'],
    ['TR_BLOBVERSION_INVALID', 'TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH'],
    ['TR_EMPTYBLOB', 'TYPE_3_TX_ZERO_BLOBS'],
    ['TR_RLP_WRONGVALUE', 'RLP_LEADING_ZEROS'],
    ['SenderNotEOA', 'SENDER_NOT_EOA'],
  ])('knows the older text %s', (text, reason) => {
    const reasons = acceptedReasons(text);
    expect(reasons).toContain(reason);
    for (const accepted of reasons) expect(Object.keys(REASONS)).toContain(accepted);
  });

  it.each(['', ' ', '|', 'unknown', 'NONCE_IS_MAX', 'tr_nofunds', 'BlockException.GASLIMIT_TOO_BIG'])(
    'satisfies nothing with %j',
    (text) => {
      expect(acceptedReasons(text)).toEqual([]);
    },
  );

  it.each(['TransactionException.', 'TransactionException.NO_SUCH_REASON', 'TransactionException.toString'])(
    'is satisfied by no reason of ours with %s',
    (text) => {
      const ours = new Set<string>(Object.keys(REASONS));
      expect(acceptedReasons(text).filter((reason) => ours.has(reason))).toEqual([]);
    },
  );

  it.each([
    'constructor',
    'toString',
    '__proto__',
    'TransactionException.constructor',
    'TransactionException.__proto__',
  ])('takes %s for a word like any other', (text) => {
    for (const reason of acceptedReasons(text))
      expect(reason).toBe(text.replace('TransactionException.', ''));
  });
});
