/**
 * The state-test format of ethereum/tests and execution-spec-tests: pre-state, environment, a transaction with
 * lists of data, gas and value, and per fork what must come out for which indices.
 */

import type { AccessListEntry, Authorization } from '../executor/transaction.ts';
import type { BlobParams } from '../forks/blob-schedule.ts';
import type { Address } from '../primitives/address.ts';
import { bytesToBigInt } from '../primitives/bytes.ts';
import { type Field, parseJson } from '../primitives/json.ts';

/** An account of a fixture's pre-state. */
export interface FixtureAccount {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Uint8Array;
  readonly storage: ReadonlyMap<bigint, bigint>;
}

/** Accounts by address. */
export type FixtureState = ReadonlyMap<Address, FixtureAccount>;

/** The block of a fixture. */
export interface FixtureEnv {
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly difficulty: bigint;
  readonly random: bigint | undefined;
  readonly baseFee: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
}

/** The transaction of a fixture, with all its choices of data, gas and value. */
export interface FixtureTransaction {
  readonly nonce: bigint;
  readonly gasPrice: bigint | undefined;
  readonly maxFeePerGas: bigint | undefined;
  readonly maxPriorityFeePerGas: bigint | undefined;
  readonly maxFeePerBlobGas: bigint | undefined;
  readonly blobHashes: readonly bigint[] | undefined;
  readonly authorizations: readonly Authorization[] | undefined;
  readonly to: Address | null;
  readonly sender: Address | undefined;
  readonly secretKey: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
  readonly gasLimit: readonly bigint[];
  readonly value: readonly bigint[];
  /** One per data; undefined where the transaction has none. */
  readonly accessLists: readonly (readonly AccessListEntry[] | undefined)[] | undefined;
}

/** What must come out for one choice of data, gas and value. */
export interface FixturePost {
  readonly data: number;
  readonly gas: number;
  readonly value: number;
  /** State root, 32 bytes. */
  readonly hash: Uint8Array;
  /** keccak256 of the RLP of the logs, 32 bytes. */
  readonly logs: Uint8Array;
  readonly txbytes: Uint8Array | undefined;
  /** Why the transaction must be rejected, in the words of the fixture. */
  readonly expectException: string | undefined;
  /** The whole state afterwards. */
  readonly state: FixtureState | undefined;
}

/** A state test: an environment, a state, and a transaction with several variants. */
export interface StateTest {
  readonly file: string;
  readonly name: string;
  readonly env: FixtureEnv;
  readonly pre: FixtureState;
  readonly transaction: FixtureTransaction;
  readonly chainId: bigint;
  /** Blob parameters by fork, where the fixture brings its own. */
  readonly blobSchedule: ReadonlyMap<string, BlobParams>;
  /** By the fork's name as the fixture writes it. */
  readonly post: ReadonlyMap<string, readonly FixturePost[]>;
}

/**
 * The tests of one file.
 * @throws ErbiumError INVALID_FIXTURE naming the file and the field; also for a fixture of another kind
 */
export function parseFixture(text: string, file: string): StateTest[] {
  const tests = parseJson(text, file).entries();
  if (tests.length === 0) parseJson(text, file).fail('holds no tests');
  return tests.map(([name, test]) => parseTest(test, name));
}

function parseTest(test: Field, name: string): StateTest {
  const object = test.object();
  if ('blocks' in object || 'genesisBlockHeader' in object) {
    test.fail('a blockchain test, not a state test');
  }
  if (!('post' in object) || !('transaction' in object)) test.fail('not a state test');
  const config = test.maybe('config');
  return {
    file: test.file,
    name,
    env: parseEnv(test.get('env')),
    pre: parseState(test.get('pre')),
    transaction: parseTransaction(test.get('transaction')),
    chainId: config?.maybe('chainid')?.number(64) ?? 1n,
    blobSchedule: parseBlobSchedule(config),
    post: new Map(
      test
        .get('post')
        .entries()
        .map(([fork, list]) => [fork, list.list().map(parsePost)]),
    ),
  };
}

/** Blob parameters by fork, of the `config` of a fixture. */
export const parseBlobSchedule = (config: Field | undefined): ReadonlyMap<string, BlobParams> =>
  new Map(
    (config?.maybe('blobSchedule')?.entries() ?? []).map(([fork, params]) => [fork, parseBlobs(params)]),
  );

const parseBlobs = (params: Field): BlobParams => ({
  target: Number(params.get('target').number(32)),
  max: Number(params.get('max').number(32)),
  baseFeeUpdateFraction: parseFraction(params.get('baseFeeUpdateFraction')),
});

/** A divisor. */
function parseFraction(fraction: Field): number {
  const number = Number(fraction.number(53));
  if (number === 0) fraction.fail('must not be 0');
  return number;
}

const parseEnv = (env: Field): FixtureEnv => ({
  coinbase: env.get('currentCoinbase').address(),
  gasLimit: env.get('currentGasLimit').number(),
  number: env.get('currentNumber').number(),
  timestamp: env.get('currentTimestamp').number(),
  difficulty: env.maybe('currentDifficulty')?.number() ?? 0n,
  random: env.maybe('currentRandom')?.number(),
  baseFee: env.maybe('currentBaseFee')?.number(),
  excessBlobGas: env.maybe('currentExcessBlobGas')?.number(),
});

/** The accounts of a fixture's state. */
export const parseState = (state: Field): FixtureState =>
  new Map(
    state.entries().map(([address, account]) => [account.key(address).address(), parseAccount(account)]),
  );

const parseAccount = (account: Field): FixtureAccount => ({
  nonce: account.get('nonce').number(64),
  balance: account.get('balance').number(),
  code: account.get('code').bytes(),
  storage: new Map(
    account
      .get('storage')
      .entries()
      .map(([key, value]) => [value.key(key).number(), value.number()]),
  ),
});

function parseTransaction(tx: Field): FixtureTransaction {
  const to = tx.maybe('to');
  return {
    // Numbers beyond their type are valid in a fixture: it may expect their rejection.
    nonce: tx.get('nonce').number(),
    gasPrice: tx.maybe('gasPrice')?.number(512),
    maxFeePerGas: tx.maybe('maxFeePerGas')?.number(512),
    maxPriorityFeePerGas: tx.maybe('maxPriorityFeePerGas')?.number(512),
    maxFeePerBlobGas: tx.maybe('maxFeePerBlobGas')?.number(512),
    blobHashes: tx.maybe('blobVersionedHashes')?.list().map(parseWord),
    authorizations: tx.maybe('authorizationList')?.list().map(parseAuthorization),
    to: to === undefined || to.string() === '' || to.string() === '0x' ? null : to.address(),
    sender: tx.maybe('sender')?.address(),
    secretKey: tx.maybe('secretKey')?.fixed(32),
    data: tx
      .get('data')
      .list()
      .map((item) => item.bytes()),
    gasLimit: tx
      .get('gasLimit')
      .list()
      .map((item) => item.number()),
    value: tx
      .get('value')
      .list()
      .map((item) => item.number(512)),
    accessLists: tx
      .maybe('accessLists')
      ?.list()
      .map((item) => (item.value === null ? undefined : item.list().map(parseAccess))),
  };
}

const parseWord = (word: Field): bigint => bytesToBigInt(word.fixed(32));

const parseAccess = (entry: Field): AccessListEntry => ({
  address: entry.get('address').address(),
  storageKeys: entry
    .get('storageKeys')
    .list()
    .map((key) => key.number()),
});

const parseAuthorization = (entry: Field): Authorization => ({
  chainId: entry.get('chainId').number(),
  address: entry.get('address').address(),
  nonce: entry.get('nonce').number(),
  yParity: (entry.maybe('yParity') ?? entry.get('v')).number(),
  r: entry.get('r').number(),
  s: entry.get('s').number(),
});

function parsePost(post: Field): FixturePost {
  const indexes = post.get('indexes');
  return {
    data: indexes.get('data').index(),
    gas: indexes.get('gas').index(),
    value: indexes.get('value').index(),
    hash: post.get('hash').fixed(32),
    logs: post.get('logs').fixed(32),
    txbytes: post.maybe('txbytes')?.bytes(),
    expectException: post.maybe('expectException')?.string(),
    state: post.maybe('state') === undefined ? undefined : parseState(post.get('state')),
  };
}
