/** Contracts and random transactions for the comparison with a real node. */

import { nobleCrypto } from '../../../precompiles/index.ts';
import {
  type AccessListEntry,
  type Authorization,
  authorizationHash,
  TxType,
  type UnsignedTransaction,
} from '../../../src/executor/transaction.ts';
import { concatBytes, EMPTY_BYTES, toBytes32 } from '../../../src/primitives/bytes.ts';
import {
  call,
  code,
  create,
  deploys,
  hex,
  jump,
  jumpi,
  label,
  type Piece,
  push,
} from '../../helpers/assembler.ts';
import { likelyProgram, Random } from '../../helpers/random.ts';

export const KEYS: readonly Uint8Array[] = [1n, 2n, 3n].map((n) => toBytes32(0xe7b1_0000n + n));
export const SENDERS: readonly bigint[] = KEYS.map((key) => nobleCrypto.secretToAddress(key));
const AUTHORITY_KEYS: readonly Uint8Array[] = [1n, 2n].map((n) => toBytes32(0xa070_0000n + n));
/** They have to exist: anvil takes every account to exist, and refunds gas for it (EIP-7702). */
export const AUTHORITIES: readonly bigint[] = AUTHORITY_KEYS.map((key) => nobleCrypto.secretToAddress(key));

const BASE = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0000n;
const at = (index: number): bigint => BASE + BigInt(index) * 0x100n;
const NOBODY = 0xbeef_0000_0000_0000_0000_0000_0000_0000_0000_0000n;
const PRECOMPILES: readonly bigint[] = [...Array.from({ length: 17 }, (_, i) => BigInt(i + 1)), 0x100n];

/** The n-th word of the call data. */
const arg = (n: number): Piece => [push(32 * n), 'CALLDATALOAD'];

/** Stores the words that pieces leave, one after the other, and returns them all. */
const returns = (...words: readonly Piece[]): Piece => [
  words.map((word, i) => [word, push(32 * i), 'MSTORE']),
  push(32 * words.length),
  push(0),
  'RETURN',
];

/** All return data after what lies in memory up to `from`, and the end. */
const passOn = (from: number, end: 'RETURN' | 'REVERT'): Piece => [
  ['RETURNDATASIZE', push(0), push(from), 'RETURNDATACOPY'],
  ['RETURNDATASIZE', push(from), 'ADD', push(0), end],
];

const ENVIRONMENT = code(
  returns(
    ...['NUMBER', 'TIMESTAMP', 'COINBASE', 'PREVRANDAO', 'GASLIMIT', 'BASEFEE', 'BLOBBASEFEE', 'CHAINID'],
    ...['GASPRICE', 'ORIGIN', 'CALLER', 'CALLVALUE', 'CALLDATASIZE', 'CODESIZE', 'SELFBALANCE', 'ADDRESS'],
    // A block hash so many blocks back, and what there is to know about an account.
    [arg(0), 'NUMBER', 'SUB', 'BLOCKHASH'],
    [arg(1), 'BALANCE'],
    [arg(1), 'EXTCODESIZE'],
    [arg(1), 'EXTCODEHASH'],
    [push(0), 'BLOBHASH'],
    'MSIZE',
    'GAS',
  ),
);

/** Reads and writes the slot of word 0 twice: word 1, then word 2. */
const STORAGE = code(
  ...[arg(0), 'SLOAD', push(0), 'MSTORE', arg(1), arg(0), 'SSTORE', 'GAS', push(32), 'MSTORE'],
  ...[arg(2), arg(0), 'SSTORE', arg(0), 'SLOAD', push(64), 'MSTORE', 'GAS', push(96), 'MSTORE'],
  ...[push(128), push(0), 'RETURN'],
);

const LOGS = code(
  ...['CALLDATASIZE', push(0), push(0), 'CALLDATACOPY'],
  ...['CALLDATASIZE', push(0), 'LOG0', arg(0), 'CALLDATASIZE', push(0), 'LOG1'],
  ...[arg(0), arg(1), push(7), push(3), 'LOG2', arg(1), arg(0), 'CALLER', push(1), push(0), 'LOG3'],
  ...['GAS', 'TIMESTAMP', 'NUMBER', 'CALLER', push(0), push(0), 'LOG4'],
);

/** Calls word 0 with the data from word 2 on and word 1 as the value, in one of four ways; tells of its end. */
const caller = (kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL', gas: Piece): Uint8Array =>
  code(
    ...[push(64), 'CALLDATASIZE', 'SUB', push(64), push(0), 'CALLDATACOPY'],
    ...[push(0), push(0), push(64), 'CALLDATASIZE', 'SUB', push(0)],
    ...[kind === 'CALL' || kind === 'CALLCODE' ? arg(1) : [], arg(0), gas, kind],
    ...[
      push(0),
      'MSTORE',
      'GAS',
      push(32),
      'MSTORE',
      'RETURNDATASIZE',
      push(64),
      'MSTORE',
      passOn(96, 'RETURN'),
    ],
  );

/** Creates with the init code from word 1 on, by CREATE2 with the salt in word 0 where that is odd, and calls it. */
const CREATOR = code(
  ...[push(32), 'CALLDATASIZE', 'SUB', push(32), push(0), 'CALLDATACOPY'],
  ...[arg(0), push(1), 'AND', jumpi('two')],
  ...[push(32), 'CALLDATASIZE', 'SUB', push(0), 'CALLVALUE', 'CREATE', jump('made')],
  ...[label('two'), arg(0), push(32), 'CALLDATASIZE', 'SUB', push(0), 'CALLVALUE', 'CREATE2'],
  ...[label('made'), 'DUP1', push(0), 'MSTORE', 'RETURNDATASIZE', push(32), 'MSTORE'],
  ...[push(0), push(0), push(0), push(0), push(0), 'DUP6', 'GAS', 'CALL', push(64), 'MSTORE'],
  ...['EXTCODEHASH', push(96), 'MSTORE', passOn(128, 'RETURN')],
);

/** Changes storage and logs, then reverts with `Error(string)`: "no good". */
const REVERTER = code(
  ...[push(1), push(1), 'SSTORE', push(0), push(0), 'LOG0'],
  ...[push(0x08c379a0n << 224n), push(0), 'MSTORE', push(32), push(4), 'MSTORE', push(7), push(36), 'MSTORE'],
  ...[push(0x6e6f_2067_6f6f_64n << 200n), push(68), 'MSTORE', push(100), push(0), 'REVERT'],
);

const DESTROYER = code(arg(0), 'SELFDESTRUCT');

/** Stores transiently, is entered again by itself, and finds what it left. */
const TRANSIENT = code(
  ...[push(5), 'TLOAD', 'DUP1', push(0), 'MSTORE', push(3), 'LT', jumpi('end')],
  ...[push(5), 'TLOAD', push(1), 'ADD', push(5), 'TSTORE'],
  ...[push(32), push(32), push(0), push(0), push(0), 'ADDRESS', 'GAS', 'CALL', push(64), 'MSTORE'],
  ...[label('end'), 'GAS', push(96), 'MSTORE', push(128), push(0), 'RETURN'],
);

/** Hashes and copies memory as far as the words say. */
const MEMORY = code(
  ...['CALLDATASIZE', push(0), push(0), 'CALLDATACOPY', arg(1), arg(0), 'KECCAK256', push(0), 'MSTORE'],
  ...[
    arg(1),
    arg(0),
    push(32),
    'MCOPY',
    'MSIZE',
    push(32),
    'MSTORE',
    'GAS',
    push(64),
    'MSTORE',
    push(96),
    push(0),
  ],
  'RETURN',
);

const LOOP = code(label('again'), push(0), push(0), 'MSTORE', jump('again'));

/** Creates a contract that destroys itself in the same transaction. */
const SHORT_LIVED = code(
  create(deploys(DESTROYER), { value: 1 }),
  ...[push(0), 'MSTORE', push(0), push(0), push(32), push(64), push(0), push(0), 'MLOAD', 'GAS', 'CALL'],
  ...[push(32), 'MSTORE', push(0), 'MLOAD', 'BALANCE', push(64), 'MSTORE', push(96), push(0), 'RETURN'],
);

const RECURSION = code(
  call(at(13), { gas: ['GAS'] }),
  push(0),
  'MSTORE',
  'GAS',
  push(32),
  'MSTORE',
  push(64),
  push(0),
  'RETURN',
);

const WRITTEN: readonly Uint8Array[] = [
  ENVIRONMENT,
  STORAGE,
  LOGS,
  caller('CALL', 'GAS'),
  caller('CALLCODE', [push(50_000)]),
  caller('DELEGATECALL', 'GAS'),
  caller('STATICCALL', 'GAS'),
  CREATOR,
  REVERTER,
  DESTROYER,
  TRANSIENT,
  MEMORY,
  LOOP,
  RECURSION,
  SHORT_LIVED,
];
const PROGRAMS = 60;
const TARGETS: readonly bigint[] = Array.from({ length: WRITTEN.length + PROGRAMS }, (_, i) => at(i));

const programs = new Random(77);

export interface Contract {
  readonly address: bigint;
  readonly code: Uint8Array;
  readonly balance: bigint;
  readonly storage: readonly (readonly [key: bigint, value: bigint])[];
}

export const CONTRACTS: readonly Contract[] = TARGETS.map((address, i) => ({
  address,
  code: WRITTEN[i] ?? likelyProgram(programs, { targets: TARGETS, precompiles: PRECOMPILES }),
  balance: BigInt(i % 4) * 1_000n,
  storage: i % 2 === 0 ? [] : [0n, 1n, 2n, 7n].map((key) => [key, key * 1_000n + 1n] as const),
}));

export interface Chosen {
  readonly tx: UnsignedTransaction;
  readonly sender: bigint;
  /** Index of the sender's key. */
  readonly key: number;
}

/** Valid in most cases; some cannot pay, have too little gas for what they are, or the wrong nonce. */
export function randomTransaction(random: Random, chainId: bigint, baseFee: bigint, nonce: bigint): Chosen {
  const key = random.below(KEYS.length);
  const type = random.pick([TxType.Legacy, TxType.AccessList, TxType.FeeMarket, TxType.SetCode]);
  const to = type !== TxType.SetCode && random.below(5) === 0 ? null : recipient(random);
  const price = baseFee * 2n + BigInt(random.below(1_000));
  const isPriced = type === TxType.Legacy || type === TxType.AccessList;
  const mistake = random.below(25);
  return {
    key,
    sender: SENDERS[key]!,
    tx: {
      type,
      chainId: type === TxType.Legacy && random.below(4) === 0 ? null : chainId,
      nonce,
      gasLimit:
        mistake === 0 ? 21_000n - 1n : BigInt(random.pick([60_000, 120_000, 300_000, 1_000_000, 5_000_000])),
      maxPriorityFeePerGas: isPriced ? price : BigInt(random.below(1_000)),
      maxFeePerGas: price,
      to,
      value: mistake === 1 ? 10n ** 22n : random.pick([0n, 0n, 1n, 5n, 10n ** 18n]),
      data: dataFor(random, to),
      accessList: type === TxType.Legacy ? [] : accessList(random),
      maxFeePerBlobGas: 0n,
      blobHashes: [],
      authorizations: type === TxType.SetCode ? authorizations(random, chainId) : [],
    },
  };
}

function recipient(random: Random): bigint {
  const kind = random.below(20);
  if (kind < 10) return at(random.below(WRITTEN.length));
  if (kind === 10) return at(8);
  if (kind < 15) return random.pick(TARGETS);
  if (kind === 15) return NOBODY + BigInt(random.below(3));
  if (kind === 16) return random.pick(PRECOMPILES);
  if (kind === 17) return random.pick(SENDERS);
  return kind === 18 ? random.pick(AUTHORITIES) : at(3 + random.below(4));
}

function dataFor(random: Random, to: bigint | null): Uint8Array {
  if (to === null) return initCode(random);
  const index = TARGETS.indexOf(to);
  const word = (n: bigint): Uint8Array => toBytes32(n);
  const small = (bound: number): Uint8Array => word(BigInt(random.below(bound)));
  const address = (): Uint8Array =>
    word(random.pick([...TARGETS, ...SENDERS, ...AUTHORITIES, NOBODY, ...PRECOMPILES]));
  if (index === 0) return concatBytes(small(300), address());
  if (index === 1) return concatBytes(small(9), random.pick([small(3), word(random.word())]), small(3));
  if (index >= 3 && index <= 6) {
    const callee = random.below(3) === 0 ? random.pick(PRECOMPILES) : at(random.below(WRITTEN.length));
    const value = small(random.pick([1, 1, 2_000]));
    const inner = PRECOMPILES.includes(callee) ? precompileInput(random, callee) : dataFor(random, callee);
    return concatBytes(word(callee), value, inner);
  }
  if (index === 7) return concatBytes(small(4), initCode(random));
  if (index === 9) return address();
  if (index === 11)
    return concatBytes(small(random.pick([100, 100_000])), small(random.pick([100, 100_000])));
  return random.pick([EMPTY_BYTES, random.bytes(random.below(200)), concatBytes(small(9), small(9))]);
}

function initCode(random: Random): Uint8Array {
  const kind = random.below(6);
  const program = (): Uint8Array => likelyProgram(random, { targets: TARGETS, precompiles: PRECOMPILES });
  if (kind < 2) return deploys(program());
  if (kind === 2) return deploys(hex('ef0001'));
  if (kind === 3) return deploys(new Uint8Array(random.pick([100, 24_576, 24_577])));
  return kind === 4 ? program() : random.bytes(random.below(40));
}

/** Input that some precompiles accept, or anything. */
function precompileInput(random: Random, precompile: bigint): Uint8Array {
  if (random.below(3) === 0) return random.bytes(random.below(300));
  const words = (...numbers: bigint[]): Uint8Array => concatBytes(...numbers.map(toBytes32));
  if (precompile === 1n) {
    const hash = random.bytes(32);
    const { yParity, r, s } = nobleCrypto.sign(hash, KEYS[0]!);
    return concatBytes(hash, words(27n + BigInt(yParity), r, s));
  }
  if (precompile === 5n) {
    const length = 1 + random.below(40);
    const size = BigInt(length);
    return concatBytes(words(size, 2n, size), random.bytes(length), random.bytes(2), random.bytes(length));
  }
  if (precompile === 6n) return words(1n, 2n, 1n, 2n);
  if (precompile === 7n) return words(1n, 2n, BigInt(random.below(1_000)));
  if (precompile === 8n) return EMPTY_BYTES;
  if (precompile === 9n)
    return concatBytes(
      toBytes32(BigInt(random.below(20))).subarray(28),
      new Uint8Array(208),
      Uint8Array.of(1),
    );
  return random.bytes(random.below(200));
}

function accessList(random: Random): AccessListEntry[] {
  return Array.from({ length: random.below(4) }, () => ({
    address: random.pick([...TARGETS, NOBODY, 1n]),
    storageKeys: Array.from({ length: random.below(4) }, () => BigInt(random.below(9))),
  }));
}

function authorizations(random: Random, chainId: bigint): Authorization[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const fields = {
      chainId: random.pick([0n, chainId, chainId, chainId + 1n]),
      address: random.pick([...TARGETS.slice(0, WRITTEN.length), 0n, 2n]),
      nonce: random.pick([0n, 0n, 0n, 1n]),
    };
    const { yParity, r, s } = nobleCrypto.sign(authorizationHash(fields), random.pick(AUTHORITY_KEYS));
    return { ...fields, yParity: BigInt(yParity), r, s };
  });
}
