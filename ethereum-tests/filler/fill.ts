/**
 * Fills a definition: runs it in every fork and writes down what came out, as a state test. It checks what the
 * definition says must come out, so that a mistake in a definition is not recorded as a truth.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { decodeTransaction } from '../../src/executor/decode.ts';
import { executeFrom, type TransactionResult } from '../../src/executor/execute.ts';
import { logsHash } from '../../src/executor/fixture-hashes.ts';
import { type Invalid, isInvalid } from '../../src/executor/reasons.ts';
import { recoverSender, signTransaction } from '../../src/executor/sender.ts';
import { authorizationHash, encodeTransaction, type Transaction } from '../../src/executor/transaction.ts';
import { blobBaseFee } from '../../src/forks/blob-schedule.ts';
import { parseFork } from '../../src/forks/fork.ts';
import { type Rules, rulesOf } from '../../src/forks/rules.ts';
import { isSuccess } from '../../src/machine/halt.ts';
import type { BlockEnv } from '../../src/machine/host.ts';
import { addressToHex } from '../../src/primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../../src/primitives/bytes.ts';
import { keccakWord } from '../../src/primitives/keccak.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { casesOf, type StateTestCase } from '../../src/statetest/case.ts';
import { acceptedReasons } from '../../src/statetest/exceptions.ts';
import { parseFixture } from '../../src/statetest/fixture.ts';
import { unsignedOf } from '../../src/statetest/transaction.ts';
import {
  type AccountDefinition,
  type AuthorizationDefinition,
  COINBASE,
  CONTRACT,
  type Definition,
  ETHER,
  type Fork,
  SENDER,
  SENDER_SECRET,
} from './definition.ts';

const CHAIN_ID = 1n;
const EXCEPTION_PREFIX = 'TransactionException.';
/** Tests with more cases in a fork go without the state afterwards, which would make up most of the file. */
const MOST_WITH_STATE = 4;
/** Nor is the state written down where a contract is longer. */
const LONGEST_CODE = 4096;
/** Longer transactions are built from their fields and signed by whoever runs the test. */
const LONGEST_TXBYTES = 4096;
const PLACEHOLDER = toHex32(0n);

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `0x` and an even number of digits, as state tests write numbers. */
function number(value: bigint | number): Hex {
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

function accountJson({
  nonce = 0,
  balance = 0,
  code = new Uint8Array(0),
  storage = {},
}: AccountDefinition): Json {
  return {
    nonce: number(nonce),
    balance: number(balance),
    code: bytesToHex(code),
    storage: Object.fromEntries(
      Object.entries(storage).map(([key, value]) => [number(BigInt(key)), number(value)]),
    ),
  };
}

function preOf(definition: Definition): Json {
  const accounts = new Map<bigint, AccountDefinition>([[SENDER, { balance: 1000n * ETHER }]]);
  if (definition.code !== undefined) {
    const { code, storage = {} } = definition;
    accounts.set(CONTRACT, { nonce: 1, balance: ETHER, code, storage });
  }
  for (const [address, account] of definition.accounts ?? []) accounts.set(address, account);
  return Object.fromEntries(
    [...accounts].map(([address, account]) => [addressToHex(address), accountJson(account)]),
  );
}

function authorizationJson({
  secretKey,
  address,
  chainId = CHAIN_ID,
  nonce = 0n,
  s,
}: AuthorizationDefinition): Json {
  const signature = nobleCrypto.sign(authorizationHash({ chainId, address, nonce }), secretKey);
  return {
    chainId: number(chainId),
    address: addressToHex(address),
    nonce: number(nonce),
    v: number(signature.yParity),
    r: number(signature.r),
    s: number(s ?? signature.s),
    signer: addressToHex(nobleCrypto.secretToAddress(secretKey)),
    yParity: number(signature.yParity),
  };
}

function transactionJson({ tx = {} }: Definition): Json {
  const secretKey = tx.secretKey ?? SENDER_SECRET;
  const dynamic = tx.maxFeePerGas !== undefined;
  return {
    nonce: number(tx.nonce ?? 0),
    ...(dynamic
      ? { maxPriorityFeePerGas: number(tx.maxPriorityFeePerGas ?? 0), maxFeePerGas: number(tx.maxFeePerGas!) }
      : { gasPrice: number(tx.gasPrice ?? 10) }),
    gasLimit: (tx.gasLimit ?? [1_000_000]).map(number),
    to: tx.to === null ? '' : addressToHex(tx.to ?? CONTRACT),
    value: (tx.value ?? [0]).map(number),
    data: (tx.data ?? [new Uint8Array(0)]).map(bytesToHex),
    ...(tx.accessLists === undefined
      ? {}
      : {
          accessLists: tx.accessLists.map(
            (list) =>
              list?.map(({ address, keys }) => ({
                address: addressToHex(address),
                storageKeys: keys.map(toHex32),
              })) ?? null,
          ),
        }),
    ...(tx.authorizations === undefined
      ? {}
      : { authorizationList: tx.authorizations.map(authorizationJson) }),
    ...(tx.maxFeePerBlobGas === undefined ? {} : { maxFeePerBlobGas: number(tx.maxFeePerBlobGas) }),
    ...(tx.blobHashes === undefined ? {} : { blobVersionedHashes: tx.blobHashes.map(toHex32) }),
    sender: addressToHex(nobleCrypto.secretToAddress(secretKey)),
    secretKey: bytesToHex(secretKey),
  };
}

function configOf({ forks, withoutBlobSchedule = false }: Definition): Json {
  const schedule = forks.flatMap((fork): [string, Json][] => {
    const { blobs } = rulesOf(parseFork(fork));
    if (blobs === null || withoutBlobSchedule) return [];
    const { target, max, baseFeeUpdateFraction } = blobs;
    return [
      [
        fork,
        { target: number(target), max: number(max), baseFeeUpdateFraction: number(baseFeeUpdateFraction) },
      ],
    ];
  });
  return {
    chainid: number(CHAIN_ID),
    ...(schedule.length === 0 ? {} : { blobSchedule: Object.fromEntries(schedule) }),
  };
}

interface EmptyPost {
  readonly hash: Hex;
  readonly logs: Hex;
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
}

function emptyPosts({ tx = {} }: Definition): EmptyPost[] {
  const indices = (list: readonly unknown[] | undefined): number[] => (list ?? [0]).map((_, index) => index);
  return indices(tx.data).flatMap((data) =>
    indices(tx.gasLimit).flatMap((gas) =>
      indices(tx.value).map((value) => ({
        hash: PLACEHOLDER,
        logs: PLACEHOLDER,
        indexes: { data, gas, value },
      })),
    ),
  );
}

const nameOf = ({ path }: Definition): string => path.slice(path.indexOf('/') + 1);

/** The test with empty posts, from which the cases are read and run. */
function skeletonOf(definition: Definition) {
  const { env = {}, forks } = definition;
  return {
    env: {
      currentCoinbase: addressToHex(env.coinbase ?? COINBASE),
      currentGasLimit: number(env.gasLimit ?? 30_000_000),
      currentNumber: number(env.number ?? 1),
      currentTimestamp: number(1000),
      currentDifficulty: number(0x20000),
      currentRandom: toHex32(keccakWord(Uint8Array.of(1))),
      currentBaseFee: number(env.baseFee ?? 7),
      currentExcessBlobGas: number(env.excessBlobGas ?? 0),
    },
    pre: preOf(definition),
    transaction: transactionJson(definition),
    post: Object.fromEntries(forks.map((fork) => [fork, emptyPosts(definition)])),
    config: configOf(definition),
    _info: {
      comment: 'written for Erbium and filled by ethereum-tests/filler',
      description: definition.description,
    },
  };
}

function blockOf(testCase: StateTestCase, rules: Rules): BlockEnv {
  const { env, chainId } = testCase.test;
  return {
    ...env,
    prevRandao: env.random!,
    baseFee: rules.baseFee ? env.baseFee! : 0n,
    blobBaseFee: rules.blobs === null ? 0n : blobBaseFee(env.excessBlobGas!, rules.blobs),
    chainId,
  };
}

const ascii = new TextEncoder();

/** State tests define the hash of block n as keccak256 of n in decimal digits. */
const preState = (testCase: StateTestCase): MemoryState => {
  const state = new MemoryState((number) => keccakWord(ascii.encode(`${number}`)));
  for (const [address, account] of testCase.test.pre) state.put(address, account);
  return state;
};

const stateJson = (state: MemoryState): Json =>
  Object.fromEntries(
    [...state.addresses()]
      .sort((a, b) => (a < b ? -1 : 1))
      .map((address): [string, Json] => {
        const { nonce, balance, codeHash } = state.account(address)!;
        const slots = [...state.slots(address)].sort(([a], [b]) => (a < b ? -1 : 1));
        return [
          addressToHex(address),
          {
            nonce: number(nonce),
            balance: number(balance),
            code: bytesToHex(state.code(codeHash)),
            storage: Object.fromEntries(slots.map(([key, value]) => [number(key), number(value)])),
          },
        ];
      }),
  );

const isLong = (state: MemoryState): boolean =>
  [...state.addresses()].some(
    (address) => state.code(state.account(address)!.codeHash).length > LONGEST_CODE,
  );

interface Outcome {
  readonly result: TransactionResult | Invalid;
  readonly after: MemoryState;
  readonly txbytes: Uint8Array;
}

function runCase(definition: Definition, testCase: StateTestCase): Outcome {
  const rules = rulesOf(parseFork(testCase.fork));
  const { alter, spoil, secretKey = SENDER_SECRET } = definition.tx ?? {};
  const plain = unsignedOf(testCase, rules);
  const unsigned = alter === undefined ? plain : alter(plain);
  const signed: Transaction = signTransaction(unsigned, secretKey, nobleCrypto);
  const txbytes = encodeTransaction(spoil === undefined ? signed : spoil(signed));
  const machine = createMachine({ rules });
  const after = preState(testCase);
  const tx = decodeTransaction(txbytes);
  if (isInvalid(tx)) return { result: tx, after, txbytes };
  const recovered = recoverSender(tx, rules, machine.crypto);
  if (isInvalid(recovered)) return { result: recovered, after, txbytes };
  const block = blockOf(testCase, rules);
  const result = executeFrom({ machine, state: after.clone(), block }, tx, recovered.sender);
  if (!isInvalid(result)) after.apply(result.diff);
  return { result, after, txbytes };
}

const rejectionOf = ({ rejected }: Definition, fork: Fork): string | undefined =>
  typeof rejected === 'string' || rejected === undefined ? rejected : rejected[fork];

/** Whether it came out as the definition says. */
function check(definition: Definition, fork: Fork, { result, after }: Outcome): void {
  const fail = (problem: string): never => {
    throw new Error(`${definition.path} in ${fork}: ${problem}`);
  };
  const exception = rejectionOf(definition, fork);
  if (isInvalid(result)) {
    if (exception === undefined) fail(`rejected: ${result.invalid} (${result.detail})`);
    const accepted = acceptedReasons(toExpectException(exception!));
    if (!accepted.includes(result.invalid)) fail(`rejected for ${result.invalid}, not ${exception}`);
    return;
  }
  if (exception !== undefined) fail(`ran, but should be rejected for ${exception}`);
  const shouldFail = definition.fails === true || (definition.fails?.includes(fork) ?? false);
  if (isSuccess(result.halt) === shouldFail) fail(`ended with halt ${result.halt}`);
  const expected = definition.expectIn?.[fork] ?? definition.expect;
  for (const [key, value] of Object.entries(expected ?? {})) {
    const got = after.storage(CONTRACT, BigInt(key));
    if (got !== BigInt(value)) fail(`slot ${key} is ${got}, not ${value}`);
  }
}

const toExpectException = (exception: string): string =>
  exception
    .split('|')
    .map((name) => EXCEPTION_PREFIX + name)
    .join('|');

function checkDifferences(definition: Definition, posts: ReadonlyMap<Fork, readonly FilledPost[]>): void {
  const essence = (fork: Fork): string =>
    JSON.stringify(
      (posts.get(fork) ?? []).map(({ hash, logs, expectException }) => [hash, logs, expectException ?? null]),
    );
  for (const [before, after] of definition.differs ?? []) {
    if (!posts.has(before) || !posts.has(after) || essence(before) === essence(after)) {
      throw new Error(`${definition.path}: ${before} and ${after} do not differ`);
    }
  }
}

interface FilledPost {
  readonly hash: Hex;
  readonly logs: Hex;
  readonly txbytes?: Hex;
  readonly indexes: Json;
  readonly state?: Json;
  readonly expectException?: string;
}

/**
 * The state test of a definition, as the text of its file.
 * @throws Error where something else came out than the definition says
 */
export function fill(definition: Definition): string {
  const skeleton = skeletonOf(definition);
  const name = nameOf(definition);
  const [test] = parseFixture(JSON.stringify({ [name]: skeleton }), definition.path);
  const perFork = emptyPosts(definition).length;
  const posts = new Map<Fork, FilledPost[]>(definition.forks.map((fork) => [fork, []]));
  for (const testCase of casesOf(test!)) {
    const fork = testCase.fork as Fork;
    const outcome = runCase(definition, testCase);
    check(definition, fork, outcome);
    const { result, after, txbytes } = outcome;
    const { data, gas, value } = testCase.post;
    posts.get(fork)!.push({
      hash: bytesToHex(after.root()),
      logs: bytesToHex(logsHash(isInvalid(result) ? [] : result.logs)),
      ...(txbytes.length > LONGEST_TXBYTES ? {} : { txbytes: bytesToHex(txbytes) }),
      indexes: { data, gas, value },
      ...(perFork > MOST_WITH_STATE || isLong(after) ? {} : { state: stateJson(after) }),
      ...(isInvalid(result) ? { expectException: toExpectException(rejectionOf(definition, fork)!) } : {}),
    });
  }
  checkDifferences(definition, posts);
  const filled = { [name]: { ...skeleton, post: Object.fromEntries(posts) } };
  return `${JSON.stringify(filled, null, 2)}\n`;
}
