/** The transaction of a case: from its bytes, or built and signed. */

import { describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/index.ts';
import { isInvalid } from '../../src/executor/reasons.ts';
import { encodeTransaction, TxType } from '../../src/executor/transaction.ts';
import type { ForkName } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { type CaseTransaction, transactionOf } from '../../src/statetest/transaction.ts';
import { AUTHORITY, AUTHORITY_KEY, SENDER, signed } from '../helpers/transact.ts';
import { caseOf, FILE, messageOf, type Overrides, TARGET } from './support.ts';

const of = (overrides: Overrides, fork: ForkName = 'Osaka') =>
  transactionOf(caseOf({ ...overrides, fork }), rulesOf(fork), nobleCrypto);
const valid = (overrides: Overrides, fork?: ForkName): CaseTransaction => {
  const result = of(overrides, fork);
  if (isInvalid(result)) throw new Error(result.detail);
  return result;
};
const problem = (overrides: Overrides): string => messageOf(() => of(overrides));
const entry = { address: TARGET, storageKeys: ['0x05'] };

describe('transactionOf', () => {
  it.each<[string, Overrides, TxType]>([
    ['legacy', {}, TxType.Legacy],
    ['access list', { transaction: { accessLists: [[entry]] } }, TxType.AccessList],
    ['empty access list', { transaction: { accessLists: [[]] } }, TxType.AccessList],
    ['legacy beside an access list', { transaction: { accessLists: [null, [entry]] } }, TxType.Legacy],
    [
      'fee market',
      { transaction: { gasPrice: undefined, maxFeePerGas: '0x10', maxPriorityFeePerGas: '0x01' } },
      TxType.FeeMarket,
    ],
    [
      'blob',
      {
        transaction: {
          maxFeePerGas: '0x10',
          maxFeePerBlobGas: '0x01',
          blobVersionedHashes: [`0x01${'00'.repeat(31)}`],
        },
      },
      TxType.Blob,
    ],
    [
      'set code',
      {
        transaction: {
          maxFeePerGas: '0x10',
          authorizationList: [{ chainId: 1, address: TARGET, nonce: 0, v: 0, r: 1, s: 1 }],
        },
      },
      TxType.SetCode,
    ],
  ])('builds and signs: %s', (_name, overrides, type) => {
    const { tx, sender } = valid(overrides);
    expect(tx.type).toBe(type);
    expect(sender).toBe(SENDER);
    expect(tx).toMatchObject({ nonce: 0n, gasLimit: 1_000_000n, to: 0x70n, value: 0n, chainId: 1n });
  });

  it('takes the choice of data, gas and value', () => {
    const transaction = { data: ['0x', '0xaa'], gasLimit: [30_000, 40_000, 50_000], value: [1, 2] };
    const { tx } = valid({ transaction, post: { indexes: { data: 1, gas: 2, value: 1 } } });
    expect(tx).toMatchObject({ data: Uint8Array.of(0xaa), gasLimit: 50_000n, value: 2n });
  });

  it('commits to the chain where the fork can', () => {
    expect(valid({}, 'Homestead').tx.chainId).toBeNull();
    expect(valid({}, 'SpuriousDragon').tx.chainId).toBe(1n);
    expect(valid({ config: { chainid: '0x09' } }).tx.chainId).toBe(9n);
  });

  it('takes the bytes where they are given', () => {
    const bytes = bytesToHex(encodeTransaction(signed({ nonce: 77n }, AUTHORITY_KEY)));
    const { tx, sender } = valid({ post: { txbytes: bytes } });
    expect(tx.nonce).toBe(77n);
    expect(sender).toBe(AUTHORITY);
    expect(
      valid({
        post: { txbytes: bytes },
        transaction: { secretKey: undefined, sender: addressToHex(AUTHORITY) },
      }).sender,
    ).toBe(AUTHORITY);
  });

  it.each([
    ['0x', 'RLP_INVALID'],
    ['0xc0', 'RLP_FIELD_COUNT'],
    ['0xf80100', 'RLP_INVALID'],
    ['0x0500', 'TYPE_NOT_SUPPORTED'],
  ])('gives bytes that do not decode as a value: %s', (txbytes, invalid) => {
    expect(of({ post: { txbytes } })).toMatchObject({ invalid });
  });

  it('gives numbers beyond their type as a value', () => {
    expect(of({ transaction: { value: [`0x:bigint 0x1${'0'.repeat(64)}`] } })).toMatchObject({
      invalid: 'VALUE_OVERFLOW',
    });
    expect(of({ transaction: { nonce: '0x10000000000000000' } })).toMatchObject({
      invalid: 'NONCE_OVERFLOW',
    });
    expect(of({ transaction: { gasLimit: ['0x10000000000000000'] } })).toMatchObject({
      invalid: 'GASLIMIT_OVERFLOW',
    });
  });

  it('gives a signature that nobody made as a value', () => {
    const bytes = bytesToHex(encodeTransaction({ ...signed(), r: 0n }));
    expect(of({ post: { txbytes: bytes } })).toMatchObject({ invalid: 'INVALID_SIGNATURE_VRS' });
  });

  it.each<[string, Overrides, string]>([
    [
      'another sender',
      { transaction: { sender: TARGET } },
      `signed by ${addressToHex(SENDER)}, but sender is ${TARGET}`,
    ],
    ['no key', { transaction: { secretKey: undefined } }, 'has neither txbytes nor secretKey'],
    ['no price', { transaction: { gasPrice: undefined } }, 'transaction has no gas price'],
    [
      'a key of zeros',
      { transaction: { secretKey: `0x${'00'.repeat(32)}` } },
      'transaction.secretKey is no key of secp256k1',
    ],
    [
      'an index beyond data',
      { post: { indexes: { data: 1, gas: 0, value: 0 } } },
      'index 1 is beyond transaction.data, which has 1',
    ],
    [
      'an index beyond gasLimit',
      { post: { indexes: { data: 0, gas: 4, value: 0 } } },
      'index 4 is beyond transaction.gasLimit, which has 1',
    ],
    [
      'an index beyond value',
      { post: { indexes: { data: 0, gas: 0, value: 1 } } },
      'index 1 is beyond transaction.value, which has 1',
    ],
    [
      'an index beside bytes',
      { post: { txbytes: '0x', indexes: { data: 0, gas: 0, value: 1 } } },
      'beyond transaction.value',
    ],
  ])('is an error of the fixture: %s', (_name, overrides, text) => {
    expect(problem(overrides)).toMatch(/^folder\/file\.json: t\/Osaka\/d\dg\dv\d: /);
    expect(problem(overrides)).toContain(text);
    expect(problem(overrides).startsWith(FILE)).toBe(true);
  });

  it('takes the largest key there is', () => {
    const key = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140n;
    expect(valid({ transaction: { secretKey: `0x${key.toString(16)}` } }).sender).toBe(
      nobleCrypto.secretToAddress(Buffer.from(key.toString(16), 'hex')),
    );
    expect(problem({ transaction: { secretKey: `0x${(key + 1n).toString(16)}` } })).toContain(
      'no key of secp256k1',
    );
  });
});
