/** Transactions that a block may not contain, with the reason in the words of execution-spec-tests. */

import { code, deploying, store } from './assembler.ts';
import {
  CONTRACT,
  type Definition,
  ETHER,
  type Fork,
  forks,
  HELPER,
  MAX,
  SENDER,
  SENDER_SECRET,
  STRANGER,
} from './definition.ts';

const WORK = code(store(0, 1));
const BLOB_HASH = 1n << 248n;
const hashes = (count: number): bigint[] => Array.from({ length: count }, (_, n) => BLOB_HASH + BigInt(n));
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BLOB = {
  maxFeePerGas: 100,
  maxPriorityFeePerGas: 1,
  maxFeePerBlobGas: 1000,
  accessLists: [[]],
} as const;
const SET_CODE = { maxFeePerGas: 100, maxPriorityFeePerGas: 1, accessLists: [[]] } as const;
const BLOB_FORKS: readonly Fork[] = ['Cancun', 'Prague', 'Osaka', 'BPO1', 'BPO2'];

const rejection = (
  name: string,
  description: string,
  list: readonly Fork[],
  rejected: NonNullable<Definition['rejected']>,
  tx: Definition['tx'],
  rest: Partial<Definition> = {},
): Definition => ({
  path: `rejections/${name}`,
  description,
  forks: list,
  code: WORK,
  rejected,
  ...(tx === undefined ? {} : { tx }),
  ...rest,
});

const inAll = (list: readonly Fork[], exception: string): Partial<Record<Fork, string>> =>
  Object.fromEntries(list.map((fork) => [fork, exception]));

export const rejectionTests: readonly Definition[] = [
  rejection(
    'intrinsic-gas',
    'One gas less than a transfer costs.',
    forks('Frontier'),
    'INTRINSIC_GAS_TOO_LOW',
    {
      gasLimit: [20_999],
    },
  ),
  rejection(
    'intrinsic-gas-of-a-creation',
    'A creation costs 32,000 more from Homestead on (EIP-2).',
    ['Frontier', 'Homestead', 'Byzantium', 'Osaka'],
    inAll(['Homestead', 'Byzantium', 'Osaka'], 'INTRINSIC_GAS_TOO_LOW'),
    { to: null, data: [new Uint8Array(1)], gasLimit: [53_003] },
  ),
  rejection(
    'intrinsic-gas-of-init-code',
    'Two gas for a word of init code are too much from Shanghai on (EIP-3860).',
    ['London', 'Paris', 'Shanghai', 'Osaka'],
    { Shanghai: 'INTRINSIC_GAS_TOO_LOW', Osaka: 'INTRINSIC_GAS_TOO_LOW' },
    { to: null, data: [new Uint8Array(1)], gasLimit: [53_005] },
  ),
  rejection(
    'intrinsic-gas-of-an-access-list',
    'An access list costs 2,400 an address and 1,900 a key (EIP-2930).',
    ['Berlin', 'Osaka'],
    'INTRINSIC_GAS_TOO_LOW',
    { gasLimit: [21_000 + 2_400 + 2 * 1_900 - 1], accessLists: [[{ address: HELPER, keys: [1n, 2n] }]] },
  ),
  rejection(
    'calldata-floor',
    'A limit that covers the intrinsic gas but not the floor of calldata (EIP-7623).',
    ['Cancun', 'Prague', 'Osaka'],
    inAll(['Prague', 'Osaka'], 'INTRINSIC_GAS_BELOW_FLOOR_GAS_COST'),
    { data: [new Uint8Array(100).fill(1)], gasLimit: [24_999] },
    { code: code('STOP') },
  ),
  rejection(
    'funds-for-gas',
    'The sender cannot pay for the gas limit.',
    forks('Frontier'),
    'INSUFFICIENT_ACCOUNT_FUNDS',
    {},
    {
      accounts: [[SENDER, { balance: 9_999_999 }]],
    },
  ),
  rejection(
    'funds-for-value',
    'The sender can pay for the gas but not for the value, too.',
    ['Frontier', 'Byzantium', 'London', 'Osaka'],
    'INSUFFICIENT_ACCOUNT_FUNDS',
    { value: [1000n * ETHER] },
  ),
  rejection(
    'funds-for-the-fee-cap',
    'The sender must be able to pay the cap, not only the price (EIP-1559).',
    ['London', 'Osaka'],
    'INSUFFICIENT_ACCOUNT_FUNDS',
    { maxFeePerGas: 100, maxPriorityFeePerGas: 1 },
    { accounts: [[SENDER, { balance: 100n * 1_000_000n - 1n }]] },
  ),
  rejection(
    'funds-for-blobs',
    'The sender must be able to pay the cap of its blobs (EIP-4844).',
    BLOB_FORKS,
    'INSUFFICIENT_ACCOUNT_FUNDS',
    { ...BLOB, blobHashes: hashes(1) },
    { accounts: [[SENDER, { balance: 100n * 1_000_000n + 1000n * 131_072n - 1n }]] },
  ),
  rejection(
    'nonce-too-low',
    'A nonce that was used before.',
    ['Frontier', 'Byzantium', 'London', 'Osaka'],
    'NONCE_MISMATCH_TOO_LOW',
    { nonce: 4 },
    { accounts: [[SENDER, { nonce: 5, balance: ETHER }]] },
  ),
  rejection(
    'nonce-too-high',
    'A nonce that is not yet due.',
    ['Frontier', 'Byzantium', 'London', 'Osaka'],
    'NONCE_MISMATCH_TOO_HIGH',
    { nonce: 6 },
    { accounts: [[SENDER, { nonce: 5, balance: ETHER }]] },
  ),
  rejection(
    'nonce-at-its-end',
    'No transaction has the greatest nonce (EIP-2681).',
    ['Frontier', 'Berlin', 'Osaka'],
    'NONCE_IS_MAX',
    { nonce: 2n ** 64n - 1n },
    { accounts: [[SENDER, { nonce: 2n ** 64n - 1n, balance: ETHER }]] },
  ),
  rejection(
    'sender-with-code',
    'A contract does not send transactions (EIP-3607).',
    ['Frontier', 'Byzantium', 'London', 'Cancun', 'Osaka'],
    'SENDER_NOT_EOA',
    {},
    { accounts: [[SENDER, { balance: ETHER, code: code('STOP') }]] },
  ),
  rejection(
    'sender-that-delegates',
    'A delegation makes a contract of the sender before Prague (EIP-7702).',
    ['Cancun', 'Prague'],
    { Cancun: 'SENDER_NOT_EOA' },
    {},
    {
      accounts: [[SENDER, { balance: ETHER, code: Uint8Array.of(0xef, 1, 0, ...new Uint8Array(20)) }]],
    },
  ),
  rejection(
    'block-gas',
    'A gas limit beyond that of the block.',
    forks('Frontier'),
    'GAS_ALLOWANCE_EXCEEDED',
    { gasLimit: [1_000_001] },
    { env: { gasLimit: 1_000_000 } },
  ),
  rejection(
    'gas-cap',
    'A gas limit beyond 2^24 (EIP-7825).',
    ['Prague', 'Osaka', 'BPO1'],
    inAll(['Osaka', 'BPO1'], 'GAS_LIMIT_EXCEEDS_MAXIMUM'),
    { gasLimit: [16_777_217] },
  ),
  rejection(
    'fee-below-the-base-fee',
    'A price below the base fee (EIP-1559).',
    ['Berlin', 'London', 'Osaka'],
    inAll(['London', 'Osaka'], 'INSUFFICIENT_MAX_FEE_PER_GAS'),
    { gasPrice: 6 },
  ),
  rejection(
    'fee-cap-below-the-base-fee',
    'A cap below the base fee (EIP-1559).',
    ['London', 'Osaka'],
    'INSUFFICIENT_MAX_FEE_PER_GAS',
    { maxFeePerGas: 6, maxPriorityFeePerGas: 1 },
  ),
  rejection(
    'priority-fee-above-the-cap',
    'A priority fee above the cap (EIP-1559).',
    ['London', 'Osaka'],
    'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
    { maxFeePerGas: 100, maxPriorityFeePerGas: 101 },
  ),
  rejection(
    'type-1-before-berlin',
    'Access list transactions exist from Berlin on.',
    ['Frontier', 'Byzantium', 'Istanbul', 'Berlin'],
    inAll(['Frontier', 'Byzantium', 'Istanbul'], 'TYPE_1_TX_PRE_FORK'),
    { accessLists: [[]] },
  ),
  rejection(
    'type-2-before-london',
    'Fee market transactions exist from London on.',
    ['Istanbul', 'Berlin', 'London'],
    inAll(['Istanbul', 'Berlin'], 'TYPE_2_TX_PRE_FORK'),
    { maxFeePerGas: 100, maxPriorityFeePerGas: 1, accessLists: [[]] },
  ),
  rejection(
    'type-3-before-cancun',
    'Blob transactions exist from Cancun on.',
    ['Paris', 'Shanghai', 'Cancun'],
    inAll(['Paris', 'Shanghai'], 'TYPE_3_TX_PRE_FORK'),
    { ...BLOB, blobHashes: hashes(1) },
  ),
  rejection(
    'type-4-before-prague',
    'Set-code transactions exist from Prague on.',
    ['Shanghai', 'Cancun', 'Prague'],
    inAll(['Shanghai', 'Cancun'], 'TYPE_4_TX_PRE_FORK'),
    {
      ...SET_CODE,
      authorizations: [{ secretKey: SENDER_SECRET, address: HELPER, nonce: 1n }],
    },
  ),
  rejection(
    'init-code-size',
    'Init code of more than 49,152 bytes (EIP-3860).',
    ['Paris', 'Shanghai', 'Osaka'],
    inAll(['Shanghai', 'Osaka'], 'INITCODE_SIZE_EXCEEDED'),
    {
      to: null,
      data: [new Uint8Array(49_153)],
      gasLimit: [5_000_000],
    },
  ),
  rejection(
    'blob-count-of-a-block',
    'More blobs than a block may carry (EIP-4844).',
    ['Cancun', 'Prague', 'BPO1', 'BPO2'],
    {
      Cancun: 'TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED|TYPE_3_TX_BLOB_COUNT_EXCEEDED',
      BPO1: 'TYPE_3_TX_BLOB_COUNT_EXCEEDED|TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED',
      BPO2: 'TYPE_3_TX_BLOB_COUNT_EXCEEDED|TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED',
    },
    { ...BLOB, blobHashes: hashes(7) },
  ),
  rejection(
    'blob-count-of-a-transaction',
    'More than six blobs in one transaction (EIP-7594).',
    ['Prague', 'Osaka', 'BPO1', 'BPO2'],
    inAll(
      ['Osaka', 'BPO1', 'BPO2'],
      'TYPE_3_TX_BLOB_COUNT_EXCEEDED|TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED',
    ),
    { ...BLOB, blobHashes: hashes(7) },
  ),
  rejection(
    'blob-count-beyond-prague',
    'Ten blobs are too many for every block before BPO1, and for every transaction since Osaka.',
    BLOB_FORKS,
    'TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED|TYPE_3_TX_BLOB_COUNT_EXCEEDED',
    { ...BLOB, blobHashes: hashes(10) },
  ),
  rejection('no-blobs', 'A blob transaction without blobs (EIP-4844).', BLOB_FORKS, 'TYPE_3_TX_ZERO_BLOBS', {
    ...BLOB,
    blobHashes: [],
  }),
  rejection(
    'blob-hash-version',
    'A versioned hash of another version (EIP-4844).',
    BLOB_FORKS,
    'TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH',
    { ...BLOB, blobHashes: [BLOB_HASH, 2n * BLOB_HASH] },
  ),
  rejection(
    'blob-fee',
    'A cap below the blob base fee (EIP-4844), which falls with the update fraction.',
    BLOB_FORKS,
    {
      Cancun: 'INSUFFICIENT_MAX_FEE_PER_BLOB_GAS',
      Prague: 'INSUFFICIENT_MAX_FEE_PER_BLOB_GAS',
      Osaka: 'INSUFFICIENT_MAX_FEE_PER_BLOB_GAS',
    },
    { ...BLOB, maxFeePerBlobGas: 300, blobHashes: hashes(1) },
    { env: { excessBlobGas: 40_000_000 } },
  ),
  rejection(
    'blob-creation',
    'A blob transaction cannot create a contract (EIP-4844).',
    ['Cancun', 'Osaka'],
    'TYPE_3_TX_CONTRACT_CREATION',
    { ...BLOB, to: null, blobHashes: hashes(1), data: [deploying(WORK)] },
  ),
  rejection(
    'no-authorizations',
    'A set-code transaction without authorizations (EIP-7702).',
    ['Prague', 'Osaka'],
    'TYPE_4_EMPTY_AUTHORIZATION_LIST',
    { ...SET_CODE, authorizations: [] },
  ),
  rejection(
    'set-code-creation',
    'A set-code transaction cannot create a contract (EIP-7702).',
    ['Prague', 'Osaka'],
    'TYPE_4_TX_CONTRACT_CREATION',
    {
      ...SET_CODE,
      to: null,
      data: [deploying(WORK)],
      authorizations: [{ secretKey: SENDER_SECRET, address: HELPER, nonce: 1n }],
    },
  ),
  rejection(
    'another-chain',
    'A transaction that was signed for another chain (EIP-155, EIP-2930).',
    ['Byzantium', 'Berlin', 'Osaka'],
    'INVALID_CHAINID',
    {
      alter: (tx) => ({ ...tx, chainId: 2n }),
    },
  ),
  rejection(
    'another-chain-of-type-2',
    'A fee market transaction for another chain.',
    ['London', 'Osaka'],
    'INVALID_CHAINID',
    {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      accessLists: [[]],
      alter: (tx) => ({ ...tx, chainId: 2n }),
    },
  ),
  rejection(
    'signature-with-a-high-s',
    'A signature with s in the upper half of the order, valid in Frontier only (EIP-2).',
    ['Frontier', 'Homestead', 'Byzantium', 'Osaka'],
    inAll(['Homestead', 'Byzantium', 'Osaka'], 'INVALID_SIGNATURE_VRS'),
    {
      spoil: (tx) => ({ ...tx, s: N - tx.s, yParity: tx.yParity === 0 ? 1 : 0 }),
    },
  ),
  rejection(
    'signature-of-zeros',
    "A signature of zeros is nobody's.",
    ['Frontier', 'Byzantium', 'Osaka'],
    'INVALID_SIGNATURE_VRS',
    {
      spoil: (tx) => ({ ...tx, r: 0n, s: 0n }),
    },
  ),
  rejection(
    'chain-id-before-eip-155',
    'A signature that commits to a chain id is invalid before Spurious Dragon (EIP-155).',
    ['Frontier', 'EIP150', 'EIP158'],
    inAll(['Frontier', 'EIP150'], 'INVALID_SIGNATURE_VRS'),
    {
      alter: (tx) => ({ ...tx, chainId: 1n }),
    },
  ),
  rejection(
    'gas-limit-times-price',
    'Gas limit times price exceeds 256 bits.',
    ['Frontier', 'London', 'Osaka'],
    'GASLIMIT_PRICE_PRODUCT_OVERFLOW|INSUFFICIENT_ACCOUNT_FUNDS',
    { gasPrice: MAX, to: STRANGER, gasLimit: [21_000] },
    {
      accounts: [[SENDER, { balance: MAX }]],
    },
  ),
  rejection(
    'value-of-257-bits',
    'A value beyond 256 bits.',
    ['Frontier', 'London', 'Osaka'],
    'VALUE_OVERFLOW',
    { value: [2n ** 256n], to: CONTRACT },
  ),
];
