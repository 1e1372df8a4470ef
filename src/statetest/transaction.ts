/** The transaction of a case: decoded from `txbytes` where the fixture has them, built and signed otherwise. */

import type { Crypto } from '../../precompiles/crypto.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { type Invalid, isInvalid } from '../executor/reasons.ts';
import { recoverSender, signTransaction } from '../executor/sender.ts';
import {
  encodeTransaction,
  type Transaction,
  TxType,
  type UnsignedTransaction,
} from '../executor/transaction.ts';
import type { Rules } from '../forks/rules.ts';
import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToBigInt } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { SECP256K1_ORDER } from '../primitives/secp256k1.ts';
import { caseId, type StateTestCase } from './case.ts';
import type { FixtureTransaction } from './fixture.ts';

export interface CaseTransaction {
  readonly tx: Transaction;
  readonly sender: Address;
}

/** As `bytesOf` and `decoded`. */
export const transactionOf = (
  testCase: StateTestCase,
  rules: Rules,
  crypto: Crypto,
): CaseTransaction | Invalid => decoded(bytesOf(testCase, rules, crypto), testCase, rules, crypto);

/**
 * The transaction of a case from its bytes, with who signed it.
 * @throws ErbiumError INVALID_FIXTURE where that is not the sender that the fixture names
 */
export function decoded(
  bytes: Uint8Array,
  testCase: StateTestCase,
  rules: Rules,
  crypto: Crypto,
): CaseTransaction | Invalid {
  const fixture = testCase.test.transaction;
  const tx = decodeTransaction(bytes);
  if (isInvalid(tx)) return tx;
  const recovered = recoverSender(tx, rules, crypto);
  if (isInvalid(recovered)) return recovered;
  const { sender } = recovered;
  if (fixture.sender !== undefined && fixture.sender !== sender) {
    fail(testCase, `signed by ${addressToHex(sender)}, but sender is ${addressToHex(fixture.sender)}`);
  }
  return { tx, sender };
}

/**
 * The transaction as it travels, which may be no valid one.
 * @throws ErbiumError INVALID_FIXTURE where the fixture contradicts itself: indices beyond their lists, or no key to sign
 *   with
 */
export function bytesOf(testCase: StateTestCase, rules: Rules, crypto: Crypto): Uint8Array {
  // Also where there are txbytes: a case with a wrong index is not the case that its author meant.
  chosen(testCase);
  return testCase.post.txbytes ?? sign(testCase, rules, crypto);
}

function sign(testCase: StateTestCase, rules: Rules, crypto: Crypto): Uint8Array {
  const { secretKey } = testCase.test.transaction;
  if (secretKey === undefined) return fail(testCase, 'has neither txbytes nor secretKey');
  const key = bytesToBigInt(secretKey);
  if (key === 0n || key >= SECP256K1_ORDER) fail(testCase, 'transaction.secretKey is no key of secp256k1');
  return encodeTransaction(signTransaction(unsignedOf(testCase, rules), secretKey, crypto));
}

function typeOf(fixture: FixtureTransaction, accessList: unknown): TxType {
  if (fixture.authorizations !== undefined) return TxType.SetCode;
  if (fixture.blobHashes !== undefined || fixture.maxFeePerBlobGas !== undefined) return TxType.Blob;
  if (fixture.maxFeePerGas !== undefined) return TxType.FeeMarket;
  return accessList === undefined ? TxType.Legacy : TxType.AccessList;
}

/** The data, gas limit and value that the indices of a case stand for. */
function chosen(testCase: StateTestCase): Pick<UnsignedTransaction, 'data' | 'gasLimit' | 'value'> {
  const { test, post } = testCase;
  const { data, gasLimit, value } = test.transaction;
  const pick = <T>(list: readonly T[], index: number, name: string): T => {
    if (index < list.length) return list[index]!;
    return fail(testCase, `index ${index} is beyond transaction.${name}, which has ${list.length}`);
  };
  return {
    data: pick(data, post.data, 'data'),
    gasLimit: pick(gasLimit, post.gas, 'gasLimit'),
    value: pick(value, post.value, 'value'),
  };
}

/** The transaction with the indices of a case filled in. */
export function unsignedOf(testCase: StateTestCase, rules: Rules): UnsignedTransaction {
  const { test, post } = testCase;
  const fixture = test.transaction;
  const lists = fixture.accessLists;
  if (lists !== undefined && post.data >= lists.length) {
    fail(testCase, `index ${post.data} is beyond transaction.accessLists, which has ${lists.length}`);
  }
  const accessList = lists?.[post.data];
  const type = typeOf(fixture, accessList);
  const price = fixture.maxFeePerGas ?? fixture.gasPrice;
  if (price === undefined) fail(testCase, 'transaction has no gas price');
  return {
    type,
    chainId: type === TxType.Legacy && !rules.replayProtection ? null : test.chainId,
    nonce: fixture.nonce,
    ...chosen(testCase),
    maxPriorityFeePerGas: fixture.maxPriorityFeePerGas ?? price!,
    maxFeePerGas: price!,
    to: fixture.to,
    accessList: accessList ?? [],
    maxFeePerBlobGas: fixture.maxFeePerBlobGas ?? 0n,
    blobHashes: fixture.blobHashes ?? [],
    authorizations: fixture.authorizations ?? [],
  };
}

function fail(testCase: StateTestCase, problem: string): never {
  throw new ErbiumError('INVALID_FIXTURE', `${testCase.test.file}: ${caseId(testCase)}: ${problem}`);
}
