/** Transactions from bytes. What does not decode is an invalid transaction, with the reason as a value. */

import type { Address } from '../primitives/address.ts';
import { bytesToBigInt, demandBytes, EMPTY_BYTES, isBytes } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { decodeRlp, type RlpItem } from '../primitives/rlp.ts';
import { type Invalid, type InvalidReason, invalid } from './reasons.ts';
import { type AccessListEntry, type Authorization, type Transaction, TxType } from './transaction.ts';

/** Fields of each type, signature included. */
const FIELD_COUNT: Readonly<Record<TxType, number>> = { 0: 9, 1: 11, 2: 12, 3: 14, 4: 13 };

/**
 * Reads the fields of one transaction in order. The first field of a wrong form is kept as the reason; reading
 * goes on with zeros, so that the reader needs no exit in every line.
 */
class Fields {
  problem: Invalid | null = null;
  private readonly items: readonly RlpItem[];
  private at = 0;

  constructor(items: readonly RlpItem[]) {
    this.items = items;
  }

  fail(reason: InvalidReason, detail: string): void {
    this.problem ??= invalid(reason, detail);
  }

  next(): RlpItem {
    return this.items[this.at++] ?? EMPTY_BYTES;
  }

  bytes(name: string): Uint8Array {
    const item = this.next();
    if (isBytes(item)) return item;
    this.fail('RLP_INVALID_FIELD', `${name} is a list`);
    return EMPTY_BYTES;
  }

  list(name: string): readonly RlpItem[] {
    const item = this.next();
    if (!isBytes(item)) return item;
    this.fail('RLP_INVALID_FIELD', `${name} is no list`);
    return [];
  }

  number(name: string, bits: 8 | 64 | 256, overflow: InvalidReason = 'RLP_INVALID_FIELD'): bigint {
    const bytes = this.bytes(name);
    if (bytes[0] === 0) this.fail('RLP_LEADING_ZEROS', `${name} starts with a zero byte`);
    if (bytes.length * 8 > bits) {
      this.fail(overflow, `${name} has ${bytes.length} bytes`);
      return 0n;
    }
    return bytesToBigInt(bytes);
  }

  /** Exactly `length` bytes as a number. */
  fixed(name: string, length: number): bigint {
    const bytes = this.bytes(name);
    if (bytes.length === length) return bytesToBigInt(bytes);
    this.fail('RLP_INVALID_FIELD', `${name} has ${bytes.length} bytes, not ${length}`);
    return 0n;
  }

  to(): Address | null {
    const bytes = this.bytes('to');
    if (bytes.length === 0) return null;
    if (bytes.length < 20) this.fail('ADDRESS_TOO_SHORT', `to has ${bytes.length} bytes`);
    if (bytes.length > 20) this.fail('ADDRESS_TOO_LONG', `to has ${bytes.length} bytes`);
    return bytes.length === 20 ? bytesToBigInt(bytes) : 0n;
  }

  /** A list of lists with `count` fields each, read by `read`. */
  tuples<T>(name: string, count: number, bad: InvalidReason, read: (fields: Fields) => T): T[] {
    return this.list(name).map((item, index) => {
      const items = isBytes(item) ? [] : item;
      if (items.length !== count) this.fail(bad, `${name}[${index}] has not ${count} fields`);
      const fields = new Fields(items);
      const value = read(fields);
      if (fields.problem !== null) this.fail(bad, `${name}[${index}]: ${fields.problem.detail}`);
      return value;
    });
  }

  words(name: string): bigint[] {
    const fields = new Fields(this.list(name));
    const words = fields.items.map((_, index) => fields.fixed(`${name}[${index}]`, 32));
    this.problem ??= fields.problem;
    return words;
  }

  accessList(): AccessListEntry[] {
    return this.tuples('accessList', 2, 'RLP_INVALID_FIELD', (entry) => ({
      address: entry.fixed('address', 20),
      storageKeys: entry.words('storageKeys'),
    }));
  }

  authorizations(): Authorization[] {
    return this.tuples('authorizationList', 6, 'TYPE_4_INVALID_AUTHORIZATION_FORMAT', (entry) => ({
      chainId: entry.number('chainId', 256),
      address: entry.fixed('address', 20),
      nonce: entry.number('nonce', 64),
      yParity: entry.number('yParity', 8),
      r: entry.number('r', 256),
      s: entry.number('s', 256),
    }));
  }
}

/** A transaction from its EIP-2718 envelope, or the reason why the bytes are none. */
export function decodeTransaction(bytes: Uint8Array): Transaction | Invalid {
  demandBytes(bytes, 'transaction');
  const first = bytes[0];
  if (first === undefined) return invalid('RLP_INVALID', 'no bytes');
  const isLegacy = first >= 0xc0;
  if (!isLegacy && (first < TxType.AccessList || first > TxType.SetCode)) {
    return invalid('TYPE_NOT_SUPPORTED', `type ${first}`);
  }
  const type = (isLegacy ? TxType.Legacy : first) as TxType;
  let items: RlpItem;
  try {
    items = decodeRlp(isLegacy ? bytes : bytes.subarray(1), 'transaction');
  } catch (error) {
    if (error instanceof ErbiumError) return invalid('RLP_INVALID', error.message);
    throw error;
  }
  if (isBytes(items)) return invalid('RLP_INVALID', 'the payload is no list');
  if (items.length !== FIELD_COUNT[type]) {
    return invalid('RLP_FIELD_COUNT', `${items.length} fields, not ${FIELD_COUNT[type]}`);
  }
  const fields = new Fields(items);
  const tx = type === TxType.Legacy ? readLegacy(fields) : readTyped(fields, type);
  return fields.problem ?? tx;
}

function readLegacy(fields: Fields): Transaction {
  const nonce = fields.number('nonce', 64, 'NONCE_OVERFLOW');
  const gasPrice = fields.number('gasPrice', 256, 'GASPRICE_OVERFLOW');
  const gasLimit = fields.number('gasLimit', 64, 'GASLIMIT_OVERFLOW');
  const to = fields.to();
  const value = fields.number('value', 256, 'VALUE_OVERFLOW');
  const data = fields.bytes('data');
  const v = fields.number('v', 256, 'INVALID_SIGNATURE_VRS');
  const isProtected = v >= 35n;
  if (v !== 27n && v !== 28n && !isProtected) fields.fail('INVALID_SIGNATURE_VRS', `v is ${v}`);
  return {
    type: TxType.Legacy,
    chainId: isProtected ? (v - 35n) / 2n : null,
    nonce,
    gasLimit,
    maxPriorityFeePerGas: gasPrice,
    maxFeePerGas: gasPrice,
    to,
    value,
    data,
    accessList: [],
    maxFeePerBlobGas: 0n,
    blobHashes: [],
    authorizations: [],
    yParity: (v - (isProtected ? 35n : 27n)) % 2n === 0n ? 0 : 1,
    r: fields.number('r', 256, 'INVALID_SIGNATURE_VRS'),
    s: fields.number('s', 256, 'INVALID_SIGNATURE_VRS'),
  };
}

function readTyped(fields: Fields, type: TxType): Transaction {
  const chainId = fields.number('chainId', 256);
  const nonce = fields.number('nonce', 64, 'NONCE_OVERFLOW');
  const price = fields.number(
    type === TxType.AccessList ? 'gasPrice' : 'maxPriorityFeePerGas',
    256,
    type === TxType.AccessList ? 'GASPRICE_OVERFLOW' : 'PRIORITY_OVERFLOW',
  );
  const maxFeePerGas =
    type === TxType.AccessList ? price : fields.number('maxFeePerGas', 256, 'GASPRICE_OVERFLOW');
  const gasLimit = fields.number('gasLimit', 64, 'GASLIMIT_OVERFLOW');
  const to = fields.to();
  const value = fields.number('value', 256, 'VALUE_OVERFLOW');
  const data = fields.bytes('data');
  const accessList = fields.accessList();
  const maxFeePerBlobGas = type === TxType.Blob ? fields.number('maxFeePerBlobGas', 256) : 0n;
  const blobHashes = type === TxType.Blob ? fields.words('blobVersionedHashes') : [];
  const authorizations = type === TxType.SetCode ? fields.authorizations() : [];
  const yParity = fields.number('yParity', 8, 'INVALID_SIGNATURE_VRS');
  if (yParity > 1n) fields.fail('INVALID_SIGNATURE_VRS', `yParity is ${yParity}`);
  return {
    type,
    chainId,
    nonce,
    gasLimit,
    maxPriorityFeePerGas: price,
    maxFeePerGas,
    to,
    value,
    data,
    accessList,
    maxFeePerBlobGas,
    blobHashes,
    authorizations,
    yParity: yParity === 0n ? 0 : 1,
    r: fields.number('r', 256, 'INVALID_SIGNATURE_VRS'),
    s: fields.number('s', 256, 'INVALID_SIGNATURE_VRS'),
  };
}
