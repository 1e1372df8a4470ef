/** Transactions as JSON, signed or with a key to sign with. */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { signTransaction } from '../../executor/sender.ts';
import {
  type AccessListEntry,
  type Authorization,
  encodeTransaction,
  type Transaction,
  TxType,
  type UnsignedTransaction,
} from '../../executor/transaction.ts';
import { bytesToBigInt } from '../../primitives/bytes.ts';
import type { Field } from '../../primitives/json.ts';
import { SECP256K1_ORDER } from '../../primitives/secp256k1.ts';
import { wordOf } from './inputs.ts';

/**
 * A transaction in its envelope, signed where it brings a key and no signature.
 * @throws ErbiumError INVALID_FIXTURE naming the field
 */
export function readTransaction(json: Field, chainId: bigint, crypto: Crypto): Uint8Array {
  const tx = unsignedOf(json, chainId);
  const [v, r, s] = ['v', 'r', 's'].map((name) => json.maybe(name)?.number() ?? 0n) as [
    bigint,
    bigint,
    bigint,
  ];
  const secretKey = json.maybe('secretKey')?.fixed(32);
  if (secretKey !== undefined && v === 0n && r === 0n && s === 0n) {
    const key = bytesToBigInt(secretKey);
    if (key === 0n || key >= SECP256K1_ORDER) json.get('secretKey').fail('no key of secp256k1');
    const isProtected = json.maybe('protected')?.value !== false;
    const signed = { ...tx, chainId: tx.type === TxType.Legacy && !isProtected ? null : tx.chainId };
    return encodeTransaction(signTransaction(signed, secretKey, crypto));
  }
  return encodeTransaction(tx.type === TxType.Legacy ? legacy(json, tx, v, r, s) : typed(json, tx, v, r, s));
}

function legacy(json: Field, tx: UnsignedTransaction, v: bigint, r: bigint, s: bigint): Transaction {
  if (v === 27n || v === 28n) return { ...tx, chainId: null, yParity: v === 27n ? 0 : 1, r, s };
  if (v < 35n) json.get('v').fail(`invalid transaction v, r, s values: v is ${v}`);
  return { ...tx, chainId: (v - 35n) / 2n, yParity: v % 2n === 1n ? 0 : 1, r, s };
}

function typed(json: Field, tx: UnsignedTransaction, v: bigint, r: bigint, s: bigint): Transaction {
  const parity = json.maybe('yParity')?.number() ?? v;
  if (parity > 1n) json.fail(`invalid transaction v, r, s values: v is ${parity}`);
  return { ...tx, yParity: parity === 0n ? 0 : 1, r, s };
}

function typeOf(json: Field): TxType {
  const type = json.maybe('type');
  if (type !== undefined) {
    const number = Number(type.number(8));
    return (
      Object.values(TxType).find((each) => each === number) ?? type.fail('transaction type not supported')
    );
  }
  if (json.maybe('authorizationList') !== undefined) return TxType.SetCode;
  if (json.maybe('blobVersionedHashes') !== undefined) return TxType.Blob;
  if (json.maybe('maxFeePerGas') !== undefined) return TxType.FeeMarket;
  return json.maybe('accessList') === undefined ? TxType.Legacy : TxType.AccessList;
}

/** Tools do not agree on the name of some fields. */
const either = (json: Field, name: string, other: string): Field => json.maybe(name) ?? json.get(other);

function unsignedOf(json: Field, chainId: bigint): UnsignedTransaction {
  const type = typeOf(json);
  const hasOnePrice = type === TxType.Legacy || type === TxType.AccessList;
  const maxFeePerGas = json.get(hasOnePrice ? 'gasPrice' : 'maxFeePerGas').number();
  const to = json.maybe('to');
  return {
    type,
    chainId: json.maybe('chainId')?.number() ?? chainId,
    nonce: json.get('nonce').number(64),
    gasLimit: either(json, 'gas', 'gasLimit').number(64),
    maxPriorityFeePerGas: hasOnePrice ? maxFeePerGas : json.get('maxPriorityFeePerGas').number(),
    maxFeePerGas,
    to: to === undefined || to.value === '' || to.value === '0x' ? null : to.address(),
    value: json.get('value').number(),
    data: either(json, 'input', 'data').bytes(),
    accessList: type === TxType.Legacy ? [] : (json.maybe('accessList')?.list() ?? []).map(readAccess),
    maxFeePerBlobGas: type === TxType.Blob ? json.get('maxFeePerBlobGas').number() : 0n,
    blobHashes: type === TxType.Blob ? json.get('blobVersionedHashes').list().map(wordOf) : [],
    authorizations:
      type === TxType.SetCode ? json.get('authorizationList').list().map(readAuthorization) : [],
  };
}

const readAccess = (entry: Field): AccessListEntry => ({
  address: entry.get('address').address(),
  storageKeys: (entry.maybe('storageKeys')?.list() ?? []).map((key) => key.number()),
});

const readAuthorization = (entry: Field): Authorization => ({
  chainId: entry.get('chainId').number(),
  address: entry.get('address').address(),
  nonce: entry.get('nonce').number(64),
  yParity: either(entry, 'yParity', 'v').number(8),
  r: entry.get('r').number(),
  s: entry.get('s').number(),
});
