/** Transactions of all types in one shape, their encoding and their signing hash (EIP-2718 and its types). */

import type { Address } from '../primitives/address.ts';
import { concatBytes, EMPTY_BYTES, toBytes20, toBytes32 } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { encodeRlp, type RlpInput } from '../primitives/rlp.ts';

/** The types of transactions (EIP-2718). */
export const TxType = { Legacy: 0, AccessList: 1, FeeMarket: 2, Blob: 3, SetCode: 4 } as const;

export type TxType = (typeof TxType)[keyof typeof TxType];

/** EIP-2930. */
export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly bigint[];
}

/** EIP-7702: `authority` lets its account run the code of `address`. */
export interface Authorization {
  /** 0 for every chain. */
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly yParity: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** A transaction without its signature. Fields that a type lacks are empty or 0. Amounts are in wei. */
export interface UnsignedTransaction {
  readonly type: TxType;
  /** null for a legacy transaction that commits to no chain (before EIP-155). */
  readonly chainId: bigint | null;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** Equal to `maxFeePerGas` for the types that have one gas price only. */
  readonly maxPriorityFeePerGas: bigint;
  /** The gas price, for the types that have only that. */
  readonly maxFeePerGas: bigint;
  /** null creates a contract. */
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  readonly maxFeePerBlobGas: bigint;
  readonly blobHashes: readonly bigint[];
  readonly authorizations: readonly Authorization[];
}

/** A signed transaction. */
export interface Transaction extends UnsignedTransaction {
  readonly yParity: 0 | 1;
  readonly r: bigint;
  readonly s: bigint;
}

const accessListRlp = (list: readonly AccessListEntry[]): RlpInput =>
  list.map(({ address, storageKeys }) => [toBytes20(address), storageKeys.map(toBytes32)]);

const authorizationsRlp = (list: readonly Authorization[]): RlpInput =>
  list.map((a) => [a.chainId, toBytes20(a.address), a.nonce, a.yParity, a.r, a.s]);

/** The fields that are signed, in order; for a legacy transaction without the chain id. */
function fields(tx: UnsignedTransaction): RlpInput[] {
  const to = tx.to === null ? EMPTY_BYTES : toBytes20(tx.to);
  const tail = [tx.gasLimit, to, tx.value, tx.data];
  if (tx.type === TxType.Legacy) return [tx.nonce, tx.maxFeePerGas, ...tail];
  const head = [tx.chainId ?? 0n, tx.nonce];
  if (tx.type === TxType.AccessList) return [...head, tx.maxFeePerGas, ...tail, accessListRlp(tx.accessList)];
  const common = [...head, tx.maxPriorityFeePerGas, tx.maxFeePerGas, ...tail, accessListRlp(tx.accessList)];
  if (tx.type === TxType.FeeMarket) return common;
  if (tx.type === TxType.Blob) return [...common, tx.maxFeePerBlobGas, tx.blobHashes.map(toBytes32)];
  return [...common, authorizationsRlp(tx.authorizations)];
}

const envelope = (type: TxType, payload: RlpInput[]): Uint8Array =>
  type === TxType.Legacy ? encodeRlp(payload) : concatBytes(Uint8Array.of(type), encodeRlp(payload));

/** The 32-byte hash that the sender signs (EIP-155 for legacy transactions with a chain id). */
export function signingHash(tx: UnsignedTransaction): Uint8Array {
  const payload = fields(tx);
  if (tx.type === TxType.Legacy && tx.chainId !== null) payload.push(tx.chainId, 0n, 0n);
  return keccak256(envelope(tx.type, payload));
}

/** The transaction as it travels. */
export function encodeTransaction(tx: Transaction): Uint8Array {
  const v = tx.type === TxType.Legacy ? legacyV(tx) : BigInt(tx.yParity);
  return envelope(tx.type, [...fields(tx), v, tx.r, tx.s]);
}

const legacyV = ({ chainId, yParity }: Transaction): bigint =>
  BigInt(yParity) + (chainId === null ? 27n : 35n + 2n * chainId);

/** What an authority signs: keccak256(0x05 || rlp([chain_id, address, nonce])). */
export const authorizationHash = (a: Pick<Authorization, 'chainId' | 'address' | 'nonce'>): Uint8Array =>
  keccak256(concatBytes(Uint8Array.of(0x05), encodeRlp([a.chainId, toBytes20(a.address), a.nonce])));
