/** Every type of transaction, and what a transaction does before and after its code runs. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { createAddress } from '../../src/primitives/address.ts';
import { concatBytes, toBytes20 } from '../../src/primitives/bytes.ts';
import { call, code, deploying, store, storeAll } from './assembler.ts';
import {
  COINBASE,
  CONTRACT,
  type Definition,
  ETHER,
  FORKS,
  forks,
  HELPER,
  MAX,
  SECOND_HELPER,
  SENDER,
  SENDER_SECRET,
  STRANGER,
  secretOf,
} from './definition.ts';

const RUNTIME = code(store(0, 1));
const AUTHORITY_SECRET = secretOf('authority');
const AUTHORITY = nobleCrypto.secretToAddress(AUTHORITY_SECRET);
const SECOND_SECRET = secretOf('second authority');
const SECOND_AUTHORITY = nobleCrypto.secretToAddress(SECOND_SECRET);
/** The code of an account that delegates (EIP-7702). */
const delegationTo = (address: bigint): Uint8Array =>
  concatBytes(Uint8Array.of(0xef, 0x01, 0x00), toBytes20(address));
const BLOB_HASH = 1n << 248n;
const NONZERO = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);
const SET_CODE = { maxFeePerGas: 100, maxPriorityFeePerGas: 1 } as const;

export const transactionTests: readonly Definition[] = [
  {
    path: 'transactions/transfer',
    description: 'Money from one account to another, which may not have existed.',
    forks: FORKS,
    tx: { to: STRANGER, value: [0, 1000], gasLimit: [21_000, 50_000] },
    differs: [
      ['EIP150', 'EIP158'],
      ['Berlin', 'London'],
    ],
  },
  {
    path: 'transactions/transfer-to-oneself',
    description: 'The sender is the recipient and the coinbase.',
    forks: ['Frontier', 'Byzantium', 'London', 'Osaka'],
    env: { coinbase: SENDER },
    tx: { to: SENDER, value: [1000] },
  },
  {
    path: 'transactions/glaciers-change-nothing',
    description: 'The forks that only moved the difficulty bomb run as their predecessors do.',
    forks: ['Istanbul', 'MuirGlacier', 'London', 'ArrowGlacier', 'GrayGlacier'],
    code: code(store(0, 'DIFFICULTY'), store(1, STRANGER, 'BALANCE')),
    tx: { value: [3] },
  },
  {
    path: 'transactions/creation',
    description:
      'A creation with value: the contract, its nonce and the cost of calldata, creation and code.',
    forks: forks('Frontier'),
    tx: { to: null, data: [deploying(RUNTIME)], value: [5] },
    differs: [
      ['Frontier', 'Homestead'],
      ['EIP150', 'EIP158'],
      ['ConstantinopleFix', 'Istanbul'],
      ['Paris', 'Shanghai'],
    ],
  },
  {
    path: 'transactions/creation-that-fails',
    description: 'Init code that fails and that reverts; the value stays with the sender.',
    forks: ['Byzantium', 'Berlin', 'Osaka'],
    tx: { to: null, data: [code('INVALID'), code(0, 0, 'REVERT')], value: [5] },
    fails: true,
  },
  {
    path: 'transactions/creation-of-nothing',
    description: 'A creation without init code makes an account without code.',
    forks: ['Frontier', 'EIP158', 'Berlin', 'Osaka'],
    tx: { to: null, value: [0, 5] },
  },
  {
    path: 'transactions/creation-at-an-address-with-a-nonce',
    description: 'A creation at an address that has a nonce takes all gas (EIP-684).',
    forks: ['Frontier', 'Byzantium', 'Berlin', 'Paris', 'Osaka'],
    accounts: [[createAddress(SENDER, 0n), { nonce: 1 }]],
    tx: { to: null, data: [deploying(RUNTIME)], value: [3] },
    fails: true,
  },
  {
    path: 'transactions/creation-at-an-address-with-code',
    description: 'A creation at an address that has code takes all gas (EIP-684).',
    forks: ['Frontier', 'Byzantium', 'Berlin', 'Paris', 'Osaka'],
    accounts: [[createAddress(SENDER, 0n), { code: code('STOP') }]],
    tx: { to: null, data: [deploying(RUNTIME)], value: [3] },
    fails: true,
  },
  {
    path: 'transactions/creation-at-an-address-with-storage',
    description: 'A creation at an address that has storage takes all gas (EIP-7610).',
    forks: ['Frontier', 'Byzantium', 'Berlin', 'Paris', 'Osaka'],
    accounts: [[createAddress(SENDER, 0n), { balance: 1, storage: { 1: 1 } }]],
    tx: { to: null, data: [deploying(RUNTIME)], value: [3] },
    fails: true,
  },
  {
    path: 'transactions/access-list',
    description: 'Type 1: what is listed costs in advance and is warm afterwards (EIP-2930).',
    forks: ['Berlin', 'London', 'Shanghai', 'Cancun', 'Osaka'],
    code: code(
      storeAll([
        [0, 'SLOAD'],
        [7, 'SLOAD'],
        [HELPER, 'BALANCE'],
      ]),
    ),
    storage: { 7: 77 },
    accounts: [[HELPER, { balance: 9 }]],
    tx: {
      data: [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3), Uint8Array.of(4)],
      accessLists: [
        null,
        [],
        [{ address: CONTRACT, keys: [0n, 7n] }],
        [
          { address: HELPER, keys: [] },
          { address: HELPER, keys: [1n] },
          { address: CONTRACT, keys: [7n, 7n] },
        ],
      ],
    },
    expect: { 0: 0, 1: 77, 2: 9 },
  },
  {
    path: 'transactions/access-list-creation',
    description: 'Type 1 with an access list that creates a contract.',
    forks: ['Berlin', 'Shanghai', 'Osaka'],
    tx: { to: null, data: [deploying(RUNTIME)], accessLists: [[{ address: STRANGER, keys: [1n] }]] },
  },
  {
    path: 'transactions/fee-market',
    description:
      'Type 2: the priority fee goes to the coinbase, the base fee to nobody, the rest stays (EIP-1559).',
    forks: ['London', 'Paris', 'Shanghai', 'Cancun', 'Prague', 'Osaka'],
    code: code(storeAll(['GASPRICE', 'BASEFEE'])),
    env: { baseFee: 1000 },
    tx: { maxFeePerGas: 1500, maxPriorityFeePerGas: 20 },
    expect: { 0: 1020, 1: 1000 },
  },
  {
    path: 'transactions/fee-market-with-a-tight-cap',
    description: 'Type 2: where the cap leaves less than the priority fee, the coinbase gets less.',
    forks: ['London', 'Osaka'],
    code: code(storeAll(['GASPRICE', ['COINBASE', 'BALANCE']])),
    env: { baseFee: 1000 },
    tx: { maxFeePerGas: 1005, maxPriorityFeePerGas: 20 },
    expect: { 0: 1005, 1: 0 },
  },
  {
    path: 'transactions/blob',
    description:
      'Type 3: BLOBHASH of its blobs and beyond them; blob gas is paid apart and burnt (EIP-4844).',
    forks: ['Cancun', 'Prague', 'Osaka', 'BPO1', 'BPO2'],
    code: code(
      storeAll([
        [0, 'BLOBHASH'],
        [1, 'BLOBHASH'],
        [2, 'BLOBHASH'],
        [MAX, 'BLOBHASH'],
      ]),
    ),
    env: { excessBlobGas: 60_000_000 },
    tx: {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      maxFeePerBlobGas: 10n ** 9n,
      blobHashes: [BLOB_HASH + 1n, BLOB_HASH + 2n],
      accessLists: [[]],
    },
    expect: { 0: BLOB_HASH + 1n, 1: BLOB_HASH + 2n, 2: 0, 3: 0 },
    differs: [
      ['Cancun', 'Prague'],
      ['Osaka', 'BPO1'],
      ['BPO1', 'BPO2'],
    ],
  },
  {
    path: 'transactions/blobhash-without-blobs',
    description: 'BLOBHASH in a transaction without blobs is zero.',
    forks: ['Cancun', 'Osaka'],
    code: code(store(0, 0, 'BLOBHASH', 'ISZERO')),
    expect: { 0: 1 },
  },
  {
    path: 'transactions/set-code',
    description:
      'Type 4: an account delegates to a contract and is called, in the same transaction (EIP-7702).',
    forks: ['Prague', 'Osaka', 'BPO1', 'BPO2'],
    code: code(
      store(0, call('CALL', AUTHORITY)),
      store(1, AUTHORITY, 'EXTCODESIZE'),
      store(2, AUTHORITY, 'EXTCODEHASH'),
    ),
    accounts: [[HELPER, { nonce: 1, code: code(storeAll(['ADDRESS', 'CALLER', 'CODESIZE'])) }]],
    tx: {
      ...SET_CODE,
      accessLists: [[]],
      authorizations: [{ secretKey: AUTHORITY_SECRET, address: HELPER }],
    },
    expect: { 0: 1, 1: 23 },
  },
  {
    path: 'transactions/set-code-for-an-account-that-exists',
    description:
      'Type 4: an authority that exists already brings a refund; a nonce that does not fit is passed over.',
    forks: ['Prague', 'Osaka'],
    code: code(store(0, 1)),
    accounts: [
      [AUTHORITY, { nonce: 3, balance: 5 }],
      [SECOND_AUTHORITY, { nonce: 3, balance: 5 }],
    ],
    tx: {
      ...SET_CODE,
      accessLists: [[]],
      authorizations: [
        { secretKey: AUTHORITY_SECRET, address: HELPER, nonce: 3n },
        { secretKey: SECOND_SECRET, address: HELPER, nonce: 4n },
      ],
    },
  },
  {
    path: 'transactions/set-code-that-counts-for-nothing',
    description:
      'Type 4: authorizations for another chain, with s in the upper half, of an account with code, with the greatest nonce.',
    forks: ['Prague', 'Osaka'],
    code: code(store(0, 1)),
    accounts: [[SECOND_AUTHORITY, { code: code('STOP') }]],
    tx: {
      ...SET_CODE,
      accessLists: [[]],
      authorizations: [
        { secretKey: AUTHORITY_SECRET, address: HELPER, chainId: 2n },
        { secretKey: AUTHORITY_SECRET, address: HELPER, s: 2n ** 255n },
        { secretKey: AUTHORITY_SECRET, address: HELPER, nonce: 2n ** 64n - 1n },
        { secretKey: SECOND_SECRET, address: HELPER },
      ],
    },
    expect: { 0: 1 },
  },
  {
    path: 'transactions/set-code-for-every-chain',
    description:
      'Type 4: an authorization for chain 0 counts on every chain; a later one replaces an earlier one; address 0 takes the code away.',
    forks: ['Prague', 'Osaka'],
    code: code(store(0, AUTHORITY, 'EXTCODESIZE'), store(1, SECOND_AUTHORITY, 'EXTCODESIZE')),
    accounts: [[SECOND_AUTHORITY, { nonce: 1, code: delegationTo(HELPER) }]],
    tx: {
      ...SET_CODE,
      accessLists: [[]],
      authorizations: [
        { secretKey: AUTHORITY_SECRET, address: HELPER, chainId: 0n },
        { secretKey: AUTHORITY_SECRET, address: SECOND_HELPER, nonce: 1n },
        { secretKey: SECOND_SECRET, address: 0n, nonce: 1n },
      ],
    },
    expect: { 0: 23, 1: 0 },
  },
  {
    path: 'transactions/set-code-by-the-sender',
    description:
      'Type 4: the sender delegates for itself, with the nonce after that of the transaction, and calls itself.',
    forks: ['Prague', 'Osaka'],
    accounts: [[HELPER, { nonce: 1, code: code(storeAll(['ADDRESS', 'CALLER', 'ORIGIN'])) }]],
    tx: {
      ...SET_CODE,
      to: SENDER,
      accessLists: [[]],
      authorizations: [{ secretKey: SENDER_SECRET, address: HELPER, nonce: 1n }],
    },
  },
  {
    path: 'transactions/set-code-of-a-run-that-fails',
    description: 'Type 4: delegations outlive the failure of the transaction.',
    forks: ['Prague', 'Osaka'],
    code: code(store(0, 1), 'INVALID'),
    tx: {
      ...SET_CODE,
      accessLists: [[]],
      authorizations: [{ secretKey: AUTHORITY_SECRET, address: HELPER }],
    },
    fails: true,
  },
  {
    path: 'transactions/delegation-to-a-delegation',
    description:
      'A delegation is followed once: the designator of the second account runs as code, and is invalid.',
    forks: ['Prague', 'Osaka'],
    code: code(
      store(0, call('CALL', AUTHORITY, { gas: 50_000 })),
      store(1, call('CALL', SECOND_AUTHORITY, { gas: 50_000 })),
      store(2, call('STATICCALL', STRANGER, { gas: 50_000 })),
    ),
    accounts: [
      [AUTHORITY, { nonce: 1, code: delegationTo(SECOND_AUTHORITY) }],
      [SECOND_AUTHORITY, { nonce: 1, code: delegationTo(HELPER) }],
      [HELPER, { nonce: 1, code: code(store(0, 1)) }],
      // To a precompile, which then does not run.
      [STRANGER, { nonce: 1, code: delegationTo(2n) }],
    ],
    expect: { 0: 0, 1: 1, 2: 1 },
  },
  {
    path: 'transactions/delegated-sender',
    description: 'An account that delegates may send transactions all the same (EIP-7702 amends EIP-3607).',
    forks: ['Prague', 'Osaka'],
    code: code(store(0, 'CALLER')),
    accounts: [
      [SENDER, { balance: ETHER, code: delegationTo(HELPER) }],
      [HELPER, { nonce: 1, code: code('INVALID') }],
    ],
    expect: { 0: SENDER },
  },
  {
    path: 'transactions/calldata-floor',
    description:
      'Much calldata and little work pays the floor since Prague; much work pays as before (EIP-7623).',
    forks: ['Istanbul', 'Cancun', 'Prague', 'Osaka'],
    code: code(
      0,
      'CALLDATALOAD',
      1,
      'EQ',
      '@work',
      'JUMPI',
      'STOP',
      'work:',
      store(0, 1),
      store(1, 1),
      store(2, 1),
    ),
    tx: { data: [NONZERO(64), new Uint8Array(500), concatBytes(new Uint8Array(31), Uint8Array.of(1))] },
    differs: [['Cancun', 'Prague']],
  },
  {
    path: 'transactions/refund-cap',
    description: 'Refunds are at most half of the gas used, and a fifth since London.',
    forks: ['Frontier', 'Istanbul', 'Berlin', 'London', 'Osaka'],
    code: code(Array.from({ length: 8 }, (_, slot) => [0, slot, 'SSTORE'])),
    storage: Object.fromEntries(Array.from({ length: 8 }, (_, slot) => [slot, 1])),
    differs: [['Berlin', 'London']],
  },
  {
    path: 'transactions/out-of-gas',
    description: 'A run that ends for want of gas pays for all of its limit and changes nothing else.',
    forks: ['Frontier', 'Byzantium', 'Berlin', 'London', 'Osaka'],
    code: code(store(0, 1)),
    tx: { gasLimit: [21_010, 30_000], value: [9] },
    fails: true,
  },
  {
    path: 'transactions/coinbase-that-exists-not',
    description: 'A coinbase that earns nothing is an empty account, which later forks do not keep.',
    forks: ['Frontier', 'EIP150', 'EIP158', 'London', 'Osaka'],
    accounts: [[STRANGER, {}]],
    env: { baseFee: 0, coinbase: COINBASE },
    tx: { to: STRANGER, gasPrice: 0 },
    differs: [['EIP150', 'EIP158']],
  },
];
