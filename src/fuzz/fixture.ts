/**
 * A case as a filled state test, in the format of execution-spec-tests, which every client's runner reads. Owns the
 * writing only; the reading stands with the state tests.
 *
 * What counts for nothing is not written, because runners of other clients stumble over it: block fields that the
 * fork lacks (a `currentRandom` turns a London block of geth into one after the merge) and slots of value 0.
 */

import { opTableOf } from '../../opcodes/optable.ts';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { isInvalid } from '../executor/reasons.ts';
import { recoverAuthority, signTransaction } from '../executor/sender.ts';
import {
  type Authorization,
  encodeTransaction,
  TxType,
  type UnsignedTransaction,
} from '../executor/transaction.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToBigInt, bytesToHex, type Hex, toHex32 } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { type CaseAccount, type CaseBlock, CHAIN_ID, type FuzzCase } from './case.ts';
import type { Outcome } from './execute.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object, with its keys in the order in which they are written. */
export interface JsonObject {
  readonly [key: string]: Json;
}

const EXCEPTION_PREFIX = 'TransactionException.';
const DIFFICULTY_OR_RANDOM = 0x44;

/** `0x` and an even number of digits, as state tests write numbers. */
function number(value: bigint | number): Hex {
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

const byKey = <T>([a]: readonly [bigint, T], [b]: readonly [bigint, T]): number => (a < b ? -1 : 1);

/** Whether blocks have a random number in the place of a difficulty (EIP-4399). */
const hasRandom = (rules: Rules): boolean =>
  opTableOf(rules).rows[DIFFICULTY_OR_RANDOM]?.name === 'PREVRANDAO';

/** The block with 0 in the fields that count for nothing under `rules`. */
export function blockUnder(block: CaseBlock, rules: Rules): CaseBlock {
  const isRandom = hasRandom(rules);
  return {
    ...block,
    difficulty: isRandom ? 0n : block.difficulty,
    prevRandao: isRandom ? block.prevRandao : 0n,
    baseFee: rules.baseFee ? block.baseFee : 0n,
    excessBlobGas: rules.blobs === null ? 0n : block.excessBlobGas,
  };
}

/** Whether the sender's key is known. A case from a file that names only the sender has a key of zeros. */
export const hasKey = ({ secretKey }: FuzzCase): boolean => bytesToBigInt(secretKey) !== 0n;

function envJson(block: CaseBlock, rules: Rules): Json {
  const { coinbase, gasLimit, number: height, timestamp, difficulty, prevRandao } = blockUnder(block, rules);
  return {
    currentCoinbase: addressToHex(coinbase),
    currentGasLimit: number(gasLimit),
    currentNumber: number(height),
    currentTimestamp: number(timestamp),
    currentDifficulty: number(difficulty),
    ...(hasRandom(rules) ? { currentRandom: toHex32(prevRandao) } : {}),
    ...(rules.baseFee ? { currentBaseFee: number(block.baseFee) } : {}),
    ...(rules.blobs === null ? {} : { currentExcessBlobGas: number(block.excessBlobGas) }),
  };
}

const accountJson = ({ nonce, balance, code, storage }: CaseAccount): Json => ({
  nonce: number(nonce),
  balance: number(balance),
  code: bytesToHex(code),
  storage: Object.fromEntries(
    [...storage]
      .filter(([, value]) => value !== 0n)
      .sort(byKey)
      .map(([key, value]) => [number(key), number(value)]),
  ),
});

const preJson = ({ pre }: FuzzCase): Json =>
  Object.fromEntries(
    [...pre].sort(byKey).map(([address, account]) => [addressToHex(address), accountJson(account)]),
  );

function authorizationJson(authorization: Authorization): Json {
  const { chainId, address, nonce, yParity, r, s } = authorization;
  const signer = recoverAuthority(authorization, nobleCrypto);
  return {
    chainId: number(chainId),
    address: addressToHex(address),
    nonce: number(nonce),
    v: number(yParity),
    r: number(r),
    s: number(s),
    ...(signer === null ? {} : { signer: addressToHex(signer) }),
    yParity: number(yParity),
  };
}

/** The fields that make readers see the type that it has. */
function transactionJson(fuzzCase: FuzzCase): Json {
  const { tx, sender, secretKey } = fuzzCase;
  const hasTwoFees = tx.type !== TxType.Legacy && tx.type !== TxType.AccessList;
  const accessList = tx.accessList.map(({ address, storageKeys }) => ({
    address: addressToHex(address),
    storageKeys: storageKeys.map(toHex32),
  }));
  return {
    nonce: number(tx.nonce),
    ...(hasTwoFees
      ? { maxPriorityFeePerGas: number(tx.maxPriorityFeePerGas), maxFeePerGas: number(tx.maxFeePerGas) }
      : { gasPrice: number(tx.maxFeePerGas) }),
    gasLimit: [number(tx.gasLimit)],
    to: tx.to === null ? '' : addressToHex(tx.to),
    value: [number(tx.value)],
    data: [bytesToHex(tx.data)],
    ...(tx.type === TxType.Legacy ? {} : { accessLists: [accessList] }),
    ...(tx.type === TxType.SetCode ? { authorizationList: tx.authorizations.map(authorizationJson) } : {}),
    ...(tx.type === TxType.Blob
      ? { maxFeePerBlobGas: number(tx.maxFeePerBlobGas), blobVersionedHashes: tx.blobHashes.map(toHex32) }
      : {}),
    sender: addressToHex(sender),
    ...(hasKey(fuzzCase) ? { secretKey: bytesToHex(secretKey) } : {}),
  };
}

function configJson({ blobs }: Rules, forkName: string): Json {
  const chainid = number(CHAIN_ID);
  if (blobs === null) return { chainid };
  const { target, max, baseFeeUpdateFraction } = blobs;
  const schedule = {
    target: number(target),
    max: number(max),
    baseFeeUpdateFraction: number(baseFeeUpdateFraction),
  };
  return { chainid, blobSchedule: { [forkName]: schedule } };
}

/**
 * Before EIP-155 no signature commits to a chain. A case of another fork that was moved there may still name ours; it
 * runs the same without.
 */
function signable(tx: UnsignedTransaction, rules: Rules): UnsignedTransaction {
  const isUnprotected = tx.type === TxType.Legacy && !rules.replayProtection && tx.chainId === CHAIN_ID;
  return isUnprotected ? { ...tx, chainId: null } : tx;
}

function signedBytes({ tx, secretKey, sender }: FuzzCase, rules: Rules, name: string): Uint8Array {
  const fail = (problem: string): never => {
    throw new ErbiumError('INVALID_ARGUMENT', `${name}: ${problem}`);
  };
  const signer = nobleCrypto.secretToAddress(secretKey);
  if (signer !== sender) {
    fail(`the secret key is that of ${addressToHex(signer)}, but the sender is ${addressToHex(sender)}`);
  }
  const unsigned = signable(tx, rules);
  if (unsigned.type === TxType.Legacy && unsigned.chainId !== null && !rules.replayProtection) {
    fail(`transaction.chainId: ${unsigned.chainId} in ${rules.fork}, which knows no chain ids`);
  }
  const bytes = encodeTransaction(signTransaction(unsigned, secretKey, nobleCrypto));
  const decoded = decodeTransaction(bytes);
  if (isInvalid(decoded)) fail(`transaction: ${decoded.detail}`);
  return bytes;
}

/**
 * The state test of a case and how it came out: an object with one test.
 * @param name of the test
 * @param forkName the fork as the readers call it, where the state tests have another name for it than we have
 * @throws ErbiumError INVALID_ARGUMENT naming the test and the field, where the transaction has no encoding or the
 *   key is not the sender's
 */
export function fixtureOf(
  fuzzCase: FuzzCase,
  outcome: Outcome,
  name: string,
  forkName: string = fuzzCase.fork,
): JsonObject {
  const rules = rulesOf(fuzzCase.fork);
  const post = {
    hash: outcome.stateRoot,
    logs: outcome.logsHash,
    // Without the key there is no signature: readers go by the sender.
    ...(hasKey(fuzzCase) ? { txbytes: bytesToHex(signedBytes(fuzzCase, rules, name)) } : {}),
    indexes: { data: 0, gas: 0, value: 0 },
    // Our reasons are the identifiers of execution-spec-tests.
    ...(outcome.invalid === null ? {} : { expectException: EXCEPTION_PREFIX + outcome.invalid }),
  };
  const test = {
    env: envJson(fuzzCase.block, rules),
    pre: preJson(fuzzCase),
    transaction: transactionJson(fuzzCase),
    post: { [forkName]: [post] },
    config: configJson(rules, forkName),
    _info: { comment: 'made by erbium fuzz' },
  };
  return { [name]: test };
}

/** The text of the file of `fixtureOf`; the same for equal cases. */
export const fixtureText = (
  fuzzCase: FuzzCase,
  outcome: Outcome,
  name: string,
  forkName: string = fuzzCase.fork,
): string => `${JSON.stringify(fixtureOf(fuzzCase, outcome, name, forkName), null, 2)}\n`;
