/** Every reason to refuse a transaction, each with a transaction that meets it. */

import { describe, expect, it } from 'vitest';
import { decodeTransaction } from '../../src/executor/decode.ts';
import { type InvalidReason, isInvalid, REASONS } from '../../src/executor/reasons.ts';
import { encodeTransaction, type Transaction, TxType } from '../../src/executor/transaction.ts';
import { concatBytes, EMPTY_BYTES, hexToBytes } from '../../src/primitives/bytes.ts';
import { encodeRlp, type RlpInput } from '../../src/primitives/rlp.ts';
import { attempt, authorization, signed, type TransactOptions, TX_BLOCK } from '../helpers/transact.ts';

const U256 = 2n ** 256n - 1n;
const BLOB = { type: TxType.Blob, blobHashes: [1n << 248n], maxFeePerBlobGas: 5n } as const;
const HASH = 1n << 248n;

/** What decoding says of bytes, and running of what they decode to. */
function reasonOf(bytes: Uint8Array, options: TransactOptions = {}): string {
  const tx = decodeTransaction(bytes);
  if (isInvalid(tx)) return tx.invalid;
  const outcome = attempt(tx, options);
  return isInvalid(outcome) ? outcome.invalid : 'valid';
}

const tx = (fields: Parameters<typeof signed>[0] = {}): Uint8Array => encodeTransaction(signed(fields));

/** A fee market transaction with one field replaced. */
function typed(at: number, field: RlpInput, type = 2): Uint8Array {
  const fields: RlpInput[] = [1n, 0n, 3n, 10n, 100_000n, new Uint8Array(20), 0n, EMPTY_BYTES, []];
  if (type === 3) fields.push(5n, [hexToBytes(`01${'00'.repeat(31)}`)]);
  if (type === 4) fields.push([[1n, new Uint8Array(20), 0n, 0n, 1n, 1n]]);
  fields.push(0n, 1n, 1n);
  fields[at] = field;
  return concatBytes(Uint8Array.of(type), encodeRlp(fields));
}

/** A legacy transaction with one field replaced. */
function legacy(at: number, field: RlpInput): Uint8Array {
  const fields: RlpInput[] = [0n, 10n, 100_000n, new Uint8Array(20), 0n, EMPTY_BYTES, 27n, 1n, 1n];
  fields[at] = field;
  return encodeRlp(fields);
}

const altered = (change: (tx: Transaction) => Partial<Transaction>): Uint8Array => {
  const plain = signed();
  return encodeTransaction({ ...plain, ...change(plain) });
};

const TOO_LONG_64 = new Uint8Array(9).fill(1);
const TOO_LONG_256 = new Uint8Array(33).fill(1);

type Case = readonly [bytes: () => Uint8Array, options?: TransactOptions];

const CASES: Readonly<Record<InvalidReason, readonly Case[]>> = {
  TYPE_NOT_SUPPORTED: [
    [() => Uint8Array.of(5, 0xc0)],
    [() => Uint8Array.of(0, 0xc0)],
    [() => Uint8Array.of(0x7f)],
    [() => Uint8Array.of(0xbf)],
  ],
  TYPE_1_TX_PRE_FORK: [[() => tx({ type: TxType.AccessList }), { fork: 'Istanbul' }]],
  TYPE_2_TX_PRE_FORK: [[() => tx(), { fork: 'Berlin' }]],
  TYPE_3_TX_PRE_FORK: [[() => tx(BLOB), { fork: 'Shanghai' }]],
  TYPE_4_TX_PRE_FORK: [
    [() => tx({ type: TxType.SetCode, authorizations: [authorization()] }), { fork: 'Cancun' }],
  ],

  RLP_INVALID: [
    [() => EMPTY_BYTES],
    [() => Uint8Array.of(2)],
    [() => Uint8Array.of(2, 0x80)],
    [() => concatBytes(tx(), Uint8Array.of(0))],
    [() => tx().subarray(0, -1)],
    [() => hexToBytes('0xf800')],
  ],
  RLP_FIELD_COUNT: [
    [() => Uint8Array.of(0xc0)],
    [() => Uint8Array.of(1, 0xc0)],
    [() => concatBytes(Uint8Array.of(2), encodeRlp(new Array<bigint>(13).fill(1n)))],
    [() => encodeRlp(new Array<bigint>(8).fill(1n))],
  ],
  RLP_INVALID_FIELD: [
    [() => typed(0, TOO_LONG_256)],
    [() => typed(7, [])],
    [() => typed(8, 1n)],
    [() => typed(8, [[new Uint8Array(19), []]])],
    [() => typed(8, [[new Uint8Array(20), [new Uint8Array(31)]]])],
    [() => typed(8, [[new Uint8Array(20)]])],
    [() => typed(10, [new Uint8Array(33)], 3)],
    [() => typed(9, [], 3)],
    [() => legacy(0, [])],
  ],
  RLP_LEADING_ZEROS: [
    [() => typed(1, Uint8Array.of(0))],
    [() => typed(6, Uint8Array.of(0, 1))],
    [() => legacy(2, Uint8Array.of(0, 1))],
    [() => legacy(7, Uint8Array.of(0, 1))],
  ],
  ADDRESS_TOO_SHORT: [[() => typed(5, new Uint8Array(19))], [() => legacy(3, Uint8Array.of(1))]],
  ADDRESS_TOO_LONG: [[() => typed(5, new Uint8Array(21))], [() => legacy(3, new Uint8Array(32))]],
  NONCE_OVERFLOW: [[() => typed(1, TOO_LONG_64)], [() => legacy(0, TOO_LONG_64)]],
  GASLIMIT_OVERFLOW: [[() => typed(4, TOO_LONG_64)], [() => legacy(2, TOO_LONG_64)]],
  GASPRICE_OVERFLOW: [[() => typed(3, TOO_LONG_256)], [() => legacy(1, TOO_LONG_256)]],
  PRIORITY_OVERFLOW: [[() => typed(2, TOO_LONG_256)]],
  VALUE_OVERFLOW: [[() => typed(6, TOO_LONG_256)], [() => legacy(4, TOO_LONG_256)]],

  INVALID_SIGNATURE_VRS: [
    [() => legacy(6, 26n)],
    [() => legacy(6, 29n)],
    [() => legacy(6, 34n)],
    [() => legacy(6, 0n)],
    [() => typed(9, 2n)],
    [() => typed(10, TOO_LONG_256)],
    [() => altered(() => ({ r: 0n }))],
    [() => altered(() => ({ s: 0n }))],
    [() => altered(() => ({ r: U256 }))],
    // The other of the two signatures: valid before Homestead only.
    [() => altered(({ s, yParity }) => ({ s: ORDER - s, yParity: yParity === 0 ? 1 : 0 }))],
    [() => tx({ type: TxType.Legacy }), { fork: 'TangerineWhistle' }],
  ],
  INVALID_CHAINID: [
    [() => tx({ chainId: 2n })],
    [() => tx({ type: TxType.Legacy, chainId: 2n })],
    [() => tx({ chainId: 0n })],
  ],

  SENDER_NOT_EOA: [
    [() => tx(), { sender: { balance: 10n ** 18n, code: Uint8Array.of(0) } }],
    [
      () => tx(),
      { fork: 'Cancun', sender: { balance: 10n ** 18n, code: hexToBytes(`ef0100${'11'.repeat(20)}`) } },
    ],
  ],
  NONCE_IS_MAX: [
    [() => tx({ nonce: 2n ** 64n - 1n }), { sender: { balance: 10n ** 18n, nonce: 2n ** 64n - 1n } }],
  ],
  NONCE_MISMATCH_TOO_LOW: [[() => tx(), { sender: { balance: 10n ** 18n, nonce: 1n } }]],
  NONCE_MISMATCH_TOO_HIGH: [[() => tx({ nonce: 1n })]],
  INSUFFICIENT_ACCOUNT_FUNDS: [
    [() => tx({ value: 1n }), { sender: { balance: 10_000_000n } }],
    [() => tx(), { sender: { balance: 9_999_999n } }],
    [() => tx(), { sender: {} }],
    // Blobs are paid for at the highest price that the sender bids.
    [() => tx(BLOB), { sender: { balance: 10_000_000n + 131_072n * 5n - 1n } }],
  ],
  GASLIMIT_PRICE_PRODUCT_OVERFLOW: [[() => tx({ maxFeePerGas: U256 })]],

  INTRINSIC_GAS_TOO_LOW: [[() => tx({ gasLimit: 20_999n })], [() => tx({ gasLimit: 52_999n, to: null })]],
  INTRINSIC_GAS_BELOW_FLOOR_GAS_COST: [[() => tx({ gasLimit: 21_000n + 39n, data: Uint8Array.of(1) })]],
  GAS_ALLOWANCE_EXCEEDED: [[() => tx({ gasLimit: 30_000_001n }), { fork: 'Prague' }]],
  GAS_LIMIT_EXCEEDS_MAXIMUM: [[() => tx({ gasLimit: 16_777_217n })]],
  INITCODE_SIZE_EXCEEDED: [[() => tx({ gasLimit: 10_000_000n, to: null, data: new Uint8Array(49_153) })]],

  INSUFFICIENT_MAX_FEE_PER_GAS: [
    [() => tx({ maxFeePerGas: 6n })],
    [() => tx({ type: TxType.Legacy, maxFeePerGas: 6n })],
  ],
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS: [[() => tx({ maxPriorityFeePerGas: 11n })]],

  TYPE_3_TX_ZERO_BLOBS: [[() => tx({ ...BLOB, blobHashes: [] })]],
  TYPE_3_TX_BLOB_COUNT_EXCEEDED: [[() => tx({ ...BLOB, blobHashes: new Array<bigint>(7).fill(HASH) })]],
  TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED: [
    [() => tx({ ...BLOB, blobHashes: new Array<bigint>(7).fill(HASH) }), { fork: 'Cancun' }],
    [() => tx({ ...BLOB, blobHashes: new Array<bigint>(10).fill(HASH) }), { fork: 'Prague' }],
  ],
  TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH: [
    [() => tx({ ...BLOB, blobHashes: [HASH, 2n << 248n] })],
    [() => tx({ ...BLOB, blobHashes: [0n] })],
  ],
  TYPE_3_TX_CONTRACT_CREATION: [[() => tx({ ...BLOB, to: null })]],
  INSUFFICIENT_MAX_FEE_PER_BLOB_GAS: [[() => tx(BLOB), { block: { blobBaseFee: 6n } }]],

  TYPE_4_EMPTY_AUTHORIZATION_LIST: [[() => tx({ type: TxType.SetCode })]],
  TYPE_4_TX_CONTRACT_CREATION: [
    [() => tx({ type: TxType.SetCode, to: null, authorizations: [authorization()] })],
  ],
  TYPE_4_INVALID_AUTHORIZATION_FORMAT: [
    [() => typed(9, [1n], 4)],
    [() => typed(9, [[1n, new Uint8Array(20), 0n, 0n, 1n]], 4)],
    [() => typed(9, [[1n, new Uint8Array(19), 0n, 0n, 1n, 1n]], 4)],
    [() => typed(9, [[1n, new Uint8Array(20), TOO_LONG_64, 0n, 1n, 1n]], 4)],
    [() => typed(9, [[1n, new Uint8Array(20), 0n, 256n, 1n, 1n]], 4)],
    [() => typed(9, [[1n, new Uint8Array(20), 0n, 0n, TOO_LONG_256, 1n]], 4)],
  ],
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const flat = Object.entries(CASES).flatMap(([reason, list]) =>
  list.map(([bytes, options]) => [reason, bytes, options] as const),
);

describe('a transaction is refused', () => {
  it.each(flat)('for %s', (reason, bytes, options) => {
    expect(reasonOf(bytes(), options)).toBe(reason);
  });

  it('for every reason there is', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(REASONS).sort());
    for (const list of Object.values(CASES)) expect(list.length).toBeGreaterThan(0);
    for (const words of Object.values(REASONS)) expect(words.length).toBeGreaterThan(10);
  });
});

describe('a transaction is accepted', () => {
  it.each<[string, () => Uint8Array, TransactOptions?]>([
    ['a plain one', () => tx()],
    ['with the least gas', () => tx({ gasLimit: 21_000n })],
    ['with the least gas for its calldata', () => tx({ gasLimit: 21_040n, data: Uint8Array.of(1) })],
    ['with the most gas', () => tx({ gasLimit: 16_777_216n })],
    ['with all the gas of its block', () => tx({ gasLimit: 30_000_000n }), { fork: 'Prague' }],
    ['with exactly the funds', () => tx({ value: 1n }), { sender: { balance: 10_000_001n } }],
    [
      'with exactly the funds for blobs',
      () => tx(BLOB),
      { sender: { balance: 10_000_000n + 131_072n * 5n } },
    ],
    ['at the base fee', () => tx({ maxFeePerGas: 7n, maxPriorityFeePerGas: 7n })],
    ['at the blob base fee', () => tx(BLOB), { block: { blobBaseFee: 5n } }],
    [
      'with the last nonce',
      () => tx({ nonce: 2n ** 64n - 2n }),
      { sender: { balance: 10n ** 18n, nonce: 2n ** 64n - 2n } },
    ],
    [
      'with the longest init code',
      () => tx({ gasLimit: 10_000_000n, to: null, data: new Uint8Array(49_152) }),
    ],
    [
      'of a delegating sender',
      () => tx(),
      { sender: { balance: 10n ** 18n, code: hexToBytes(`ef0100${'11'.repeat(20)}`) } },
    ],
    ['with six blobs', () => tx({ ...BLOB, blobHashes: new Array<bigint>(6).fill(HASH) })],
    [
      'with nine blobs in Prague',
      () => tx({ ...BLOB, blobHashes: new Array<bigint>(9).fill(HASH) }),
      { fork: 'Prague' },
    ],
    ['without a chain', () => tx({ type: TxType.Legacy, chainId: null })],
    [
      'with a high s in Frontier',
      () => {
        const { s, yParity, ...rest } = signed({ type: TxType.Legacy, chainId: null });
        return encodeTransaction({ ...rest, s: ORDER - s, yParity: yParity === 0 ? 1 : 0 });
      },
      { fork: 'Frontier' },
    ],
  ])('%s', (_, bytes, options) => {
    expect(reasonOf(bytes(), options)).toBe('valid');
  });

  it('for a gas limit of 2^64 - 1 in a block that has it', () => {
    const bytes = tx({ gasLimit: 2n ** 64n - 1n });
    const options = {
      fork: 'Prague',
      block: { gasLimit: 2n ** 64n - 1n },
      sender: { balance: 10n ** 30n },
    } as const;
    expect(reasonOf(bytes, options)).toBe('valid');
    expect(TX_BLOCK.gasLimit).toBeLessThan(2n ** 64n - 1n);
  });
});
