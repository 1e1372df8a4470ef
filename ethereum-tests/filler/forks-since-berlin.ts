/** Changes of forks from Berlin on: the outcome of each test differs before and after. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { concatBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { call, code, create, deploying, push, store, storeAll } from './assembler.ts';
import { change, instruction, precompile } from './change.ts';
import {
  COINBASE,
  CONTRACT,
  type Definition,
  ETHER,
  HELPER,
  MAX,
  SENDER,
  STRANGER,
  secretOf,
} from './definition.ts';

const AUTHORITY_SECRET = secretOf('authority');
const AUTHORITY = nobleCrypto.secretToAddress(AUTHORITY_SECRET);
const BLOB_HASH = 1n << 248n;

const word = (value: bigint | number): Uint8Array => toBytes32(BigInt(value));
const MODEXP_SMALL = concatBytes(word(1), word(1), word(1), Uint8Array.of(3, 5, 7));
const deployingByte = (byte: number): Uint8Array => code(byte, 0, 'MSTORE8', 1, 0, 'RETURN');

export const lateForkTests: readonly Definition[] = [
  // Berlin
  precompile('eip-2565-modexp-gas', 'Prices of MODEXP.', 'Istanbul', 'Berlin', 5n, MODEXP_SMALL),
  change('eip-2929-cold-and-warm', 'First accesses cost more than later ones.', 'Istanbul', 'Berlin', {
    code: code(
      [0, 'SLOAD', 0, 'SLOAD', 'POP', 'POP'],
      [HELPER, 'BALANCE', HELPER, 'EXTCODEHASH', 'POP', 'POP'],
      [1, 1, 'SSTORE'],
      [HELPER, 'SELFDESTRUCT'],
    ),
  }),
  change('eip-2930-access-lists', 'Type 1.', 'Istanbul', 'Berlin', {
    code: code(store(0, 1)),
    tx: { accessLists: [[{ address: CONTRACT, keys: [0n] }]] },
    rejected: { Istanbul: 'TYPE_1_TX_PRE_FORK' },
  }),

  // London
  change('eip-1559-base-fee', 'The base fee is burnt.', 'Berlin', 'London', {
    tx: { to: STRANGER, value: [1] },
  }),
  change('eip-1559-type-2', 'Type 2.', 'Berlin', 'London', {
    code: code(store(0, 'GASPRICE')),
    tx: { maxFeePerGas: 100, maxPriorityFeePerGas: 2, accessLists: [[]] },
    rejected: { Berlin: 'TYPE_2_TX_PRE_FORK' },
    expect: { 0: 9 },
  }),
  instruction('eip-3198-basefee', 'BASEFEE.', 'Berlin', 'London', 'BASEFEE'),
  change(
    'eip-3529-refunds',
    'Clearing a slot gives back 4,800, and all refunds at most a fifth.',
    'Berlin',
    'London',
    {
      code: code([0, 0, 'SSTORE']),
      storage: { 0: 1 },
      env: { baseFee: 0 },
    },
  ),
  change('eip-3529-selfdestruct', 'SELFDESTRUCT gives nothing back.', 'Berlin', 'London', {
    code: code('CALLER', 'SELFDESTRUCT'),
    env: { baseFee: 0 },
  }),
  change('eip-3541-code-of-ef', 'Code cannot start with 0xEF.', 'Berlin', 'London', {
    code: code(
      store(0, create(deployingByte(0xef)), 'ISZERO'),
      store(1, create(deployingByte(0xfe)), 'ISZERO'),
    ),
    env: { baseFee: 0 },
    tx: { gasLimit: [16_000_000] },
    expectIn: { Berlin: { 0: 0, 1: 0 }, London: { 0: 1, 1: 0 } },
  }),

  // Paris
  change('eip-4399-prevrandao', '0x44 is the randomness of the block.', 'London', 'Paris', {
    code: code(store(0, 'PREVRANDAO')),
    expectIn: { London: { 0: 0x20000 } },
  }),

  // Shanghai
  change('eip-3651-warm-coinbase', 'The coinbase is warm.', 'Paris', 'Shanghai', {
    code: code(store(0, 'GAS', COINBASE, 'BALANCE', 'POP', 'GAS', 'SWAP1', 'SUB')),
  }),
  instruction('eip-3855-push0', 'PUSH0.', 'Paris', 'Shanghai', 'PUSH0', 'ISZERO'),
  change(
    'eip-3860-init-code-gas',
    'Init code costs 2 a word, in transactions and in CREATE.',
    'Paris',
    'Shanghai',
    {
      tx: { to: null, data: [code(create(deploying(code('STOP'))))] },
    },
  ),
  change(
    'eip-3860-init-code-size',
    'CREATE with more than 49,152 bytes ends the frame.',
    'Paris',
    'Shanghai',
    {
      code: code(store(0, 1), [49_153, 0, 0, 'CREATE']),
      fails: ['Shanghai'],
    },
  ),

  // Cancun
  instruction(
    'eip-1153-transient-storage',
    'TSTORE and TLOAD.',
    'Shanghai',
    'Cancun',
    5,
    1,
    'TSTORE',
    1,
    'TLOAD',
  ),
  change('eip-4844-type-3', 'Type 3.', 'Shanghai', 'Cancun', {
    code: code(store(0, 1)),
    tx: {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      maxFeePerBlobGas: 10,
      blobHashes: [BLOB_HASH],
      accessLists: [[]],
    },
    rejected: { Shanghai: 'TYPE_3_TX_PRE_FORK' },
  }),
  instruction('eip-4844-blobhash', 'BLOBHASH.', 'Shanghai', 'Cancun', 0, 'BLOBHASH'),
  precompile(
    'eip-4844-point-evaluation',
    'The precompile fails for no input.',
    'Shanghai',
    'Cancun',
    0x0an,
    new Uint8Array(0),
  ),
  instruction('eip-5656-mcopy', 'MCOPY.', 'Shanghai', 'Cancun', 32, 0, 32, 'MCOPY', 'MSIZE'),
  change('eip-6780-selfdestruct', 'SELFDESTRUCT removes only what is new.', 'Shanghai', 'Cancun', {
    code: code(store(0, 1), 'CALLER', 'SELFDESTRUCT'),
    storage: { 1: 1 },
  }),
  instruction('eip-7516-blobbasefee', 'BLOBBASEFEE.', 'Shanghai', 'Cancun', 'BLOBBASEFEE'),

  // Prague
  precompile(
    'eip-2537-bls12-381',
    'The sum of two points at infinity.',
    'Cancun',
    'Prague',
    0x0bn,
    new Uint8Array(256),
  ),
  change('eip-7623-calldata-floor', 'Calldata costs at least 10 a token.', 'Cancun', 'Prague', {
    code: code('STOP'),
    tx: { data: [new Uint8Array(200).fill(1)] },
  }),
  change('eip-7691-blob-fee', 'The blob base fee grows more slowly.', 'Cancun', 'Prague', {
    withoutBlobSchedule: true,
    code: code(store(0, 'BLOBBASEFEE')),
    env: { excessBlobGas: 30_000_000 },
  }),
  change('eip-7691-more-blobs', 'A block has up to nine blobs.', 'Cancun', 'Prague', {
    withoutBlobSchedule: true,
    code: code(store(0, 8, 'BLOBHASH', 'ISZERO')),
    tx: {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      maxFeePerBlobGas: 10,
      blobHashes: Array.from({ length: 9 }, (_, n) => BLOB_HASH + BigInt(n)),
      accessLists: [[]],
    },
    rejected: { Cancun: 'TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED|TYPE_3_TX_BLOB_COUNT_EXCEEDED' },
  }),
  change('eip-7702-set-code', 'Type 4.', 'Cancun', 'Prague', {
    code: code(store(0, AUTHORITY, 'EXTCODESIZE')),
    tx: {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      accessLists: [[]],
      authorizations: [{ secretKey: AUTHORITY_SECRET, address: HELPER }],
    },
    rejected: { Cancun: 'TYPE_4_TX_PRE_FORK' },
  }),
  change(
    'eip-7702-delegated-code',
    'A designator as code makes a call run the code of another.',
    'Cancun',
    'Prague',
    {
      code: code(store(0, call('CALL', AUTHORITY, { gas: 50_000 }))),
      accounts: [
        [AUTHORITY, { nonce: 1, code: concatBytes(Uint8Array.of(0xef, 1, 0), word(HELPER).subarray(12)) }],
        [HELPER, { nonce: 1, code: code(store(0, 1)) }],
      ],
      expectIn: { Cancun: { 0: 0 }, Prague: { 0: 1 } },
    },
  ),

  // Osaka
  change('eip-7594-blobs-of-a-transaction', 'A transaction has at most six blobs.', 'Prague', 'Osaka', {
    code: code(store(0, 1)),
    tx: {
      maxFeePerGas: 100,
      maxPriorityFeePerGas: 1,
      maxFeePerBlobGas: 10,
      blobHashes: Array.from({ length: 7 }, (_, n) => BLOB_HASH + BigInt(n)),
      accessLists: [[]],
    },
    rejected: { Osaka: 'TYPE_3_TX_BLOB_COUNT_EXCEEDED|TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED' },
  }),
  precompile(
    'eip-7823-modexp-size',
    'MODEXP fails for numbers of more than 1,024 bytes, even where they are not there.',
    'Prague',
    'Osaka',
    5n,
    concatBytes(word(1025), word(0), word(1), Uint8Array.of(3)),
  ),
  change('eip-7825-gas-limit', 'A transaction has at most 16,777,216 gas.', 'Prague', 'Osaka', {
    code: code(store(0, 1)),
    tx: { gasLimit: [16_777_217] },
    rejected: { Osaka: 'GAS_LIMIT_EXCEEDS_MAXIMUM' },
  }),
  precompile('eip-7883-modexp-gas', 'Prices of MODEXP.', 'Prague', 'Osaka', 5n, MODEXP_SMALL),
  instruction('eip-7939-clz', 'CLZ.', 'Prague', 'Osaka', 1, 'CLZ'),
  precompile(
    'eip-7951-p256verify',
    'The precompile costs 6,900, and gives nothing for no input.',
    'Prague',
    'Osaka',
    0x100n,
    new Uint8Array(0),
  ),

  // Blob parameters only
  change('bpo1-blob-fee', 'The blob base fee grows more slowly.', 'Osaka', 'BPO1', {
    withoutBlobSchedule: true,
    code: code(store(0, 'BLOBBASEFEE')),
    env: { excessBlobGas: 30_000_000 },
  }),
  change('bpo2-blob-fee', 'The blob base fee grows more slowly, again.', 'BPO1', 'BPO2', {
    withoutBlobSchedule: true,
    code: code(store(0, 'BLOBBASEFEE')),
    env: { excessBlobGas: 30_000_000 },
  }),
  {
    path: 'forks/every-fork-pays-its-price',
    description: 'The same work in every fork: what is left to the sender tells its gas.',
    forks: [
      'Frontier',
      'Homestead',
      'EIP150',
      'EIP158',
      'Byzantium',
      'Constantinople',
      'ConstantinopleFix',
      'Istanbul',
      'MuirGlacier',
      'Berlin',
      'London',
      'ArrowGlacier',
      'GrayGlacier',
      'Paris',
      'Shanghai',
      'Cancun',
      'Prague',
      'Osaka',
      'BPO1',
      'BPO2',
    ],
    code: code(
      storeAll([
        [push(32, MAX), 3, 'EXP'],
        [HELPER, 'BALANCE'],
        [call('CALL', HELPER, { value: 1 })],
        [create(deploying(code('STOP')))],
      ]),
      [0, 9, 'SSTORE'],
    ),
    storage: { 9: 9 },
    accounts: [[SENDER, { balance: ETHER }]],
    env: { baseFee: 0 },
    tx: { data: [new Uint8Array(40).fill(1)] },
  },
];
