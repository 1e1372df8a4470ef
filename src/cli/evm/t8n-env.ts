/** The environment of a transition: the block as far as its maker chooses it, or what that follows from. */

import { EMPTY_TRIE_ROOT, EMPTY_UNCLES_HASH } from '../../executor/block/empty.ts';
import { nextBaseFee, nextDifficulty, nextExcessBlobGas } from '../../executor/block/fees.ts';
import type { Header, Withdrawal } from '../../executor/block/index.ts';
import { BLOOM_BYTES } from '../../executor/block/receipts.ts';
import type { Rules } from '../../forks/rules.ts';
import type { Address } from '../../primitives/address.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { Field } from '../../primitives/json.ts';
import { ExitError } from './command.ts';
import { TOOL_EXIT } from './exits.ts';
import { wordOf } from './inputs.ts';
import type { Place } from './network.ts';

/** An uncle: how many blocks before the block it is, and whose. */
export interface Ommer {
  readonly delta: bigint;
  readonly address: Address;
}

/** The environment. */
export interface Env {
  readonly header: Header;
  readonly blockHashes: ReadonlyMap<bigint, bigint>;
  readonly ommers: readonly Ommer[];
  /** null before there were any. */
  readonly withdrawals: readonly Withdrawal[] | null;
}

export const placeOf = (env: Field): Place => ({
  number: env.get('currentNumber').number(64),
  timestamp: env.get('currentTimestamp').number(64),
  difficulty: env.maybe('currentDifficulty')?.number(),
});

const config = (problem: string): ExitError => new ExitError(TOOL_EXIT.CONFIG, 'INVALID_ARGUMENT', problem);

/**
 * @param isStateTest whether the block does nothing but run its transactions, so that what else it needs may be missing
 * @throws ErbiumError INVALID_FIXTURE naming a field of a wrong form, or INVALID_ARGUMENT where the fork needs another
 */
export function readEnv(env: Field, rules: Rules, isStateTest: boolean): Env {
  const { number, timestamp } = placeOf(env);
  const blockHashes = readHashes(env);
  const difficulty = difficultyOf(env, rules);
  const random = env.maybe('currentRandom')?.number();
  if (!rules.proofOfWork && random === undefined) {
    throw config('post-merge requires currentRandom to be defined in env');
  }
  const withdrawals = env.maybe('withdrawals')?.list().map(readWithdrawal);
  if (rules.withdrawals && withdrawals === undefined && !isStateTest) {
    throw config("Shanghai config but missing 'withdrawals' in env section");
  }
  const beaconRoot = env.maybe('parentBeaconBlockRoot');
  const hasBeaconRoot = rules.beaconRootContract !== 0n;
  if (hasBeaconRoot && beaconRoot === undefined && !isStateTest) {
    throw config('post-cancun env requires parentBeaconBlockRoot to be set');
  }
  const header: Header = {
    ...NO_HEADER,
    parentHash: blockHashes.get(number - 1n) ?? 0n,
    coinbase: env.get('currentCoinbase').address(),
    gasLimit: env.get('currentGasLimit').number(64),
    number,
    timestamp,
    difficulty,
    mixHash: rules.proofOfWork ? 0n : random!,
    baseFee: rules.baseFee ? baseFeeOf(env, number) : null,
    excessBlobGas: rules.blobs === null ? null : excessBlobGasOf(env, rules),
    parentBeaconRoot: hasBeaconRoot ? (beaconRoot === undefined ? 0n : wordOf(beaconRoot)) : null,
  };
  return {
    header,
    blockHashes,
    ommers: env.maybe('ommers')?.list().map(readOmmer) ?? [],
    withdrawals: rules.withdrawals ? (withdrawals ?? []) : null,
  };
}

const NO_HEADER: Header = {
  parentHash: 0n,
  unclesHash: EMPTY_UNCLES_HASH,
  coinbase: 0n,
  stateRoot: 0n,
  transactionsRoot: EMPTY_TRIE_ROOT,
  receiptsRoot: EMPTY_TRIE_ROOT,
  logsBloom: new Uint8Array(BLOOM_BYTES),
  difficulty: 0n,
  number: 0n,
  gasLimit: 0n,
  gasUsed: 0n,
  timestamp: 0n,
  extraData: EMPTY_BYTES,
  mixHash: 0n,
  nonce: 0n,
  baseFee: null,
  withdrawalsRoot: null,
  blobGasUsed: null,
  excessBlobGas: null,
  parentBeaconRoot: null,
  requestsHash: null,
};

function difficultyOf(env: Field, rules: Rules): bigint {
  const { number, timestamp, difficulty } = placeOf(env);
  if (!rules.proofOfWork) {
    if ((difficulty ?? 0n) === 0n) return 0n;
    throw config('post-merge difficulty must be zero (or omitted) in env');
  }
  if (difficulty !== undefined) return difficulty;
  const parentDifficulty = env.maybe('parentDifficulty')?.number();
  if (parentDifficulty === undefined) {
    throw config(
      'currentDifficulty was not provided, and cannot be calculated due to missing parentDifficulty',
    );
  }
  if (number === 0n) throw config('currentDifficulty needs to be provided for block number 0');
  const parentTimestamp = env.maybe('parentTimestamp')?.number(64) ?? 0n;
  if (timestamp <= parentTimestamp) {
    throw config(
      'currentDifficulty cannot be calculated -- ' +
        `currentTime (${timestamp}) needs to be after parent time (${parentTimestamp})`,
    );
  }
  const given = env.maybe('parentUncleHash');
  const unclesHash = given === undefined ? 0n : wordOf(given);
  const parent: Header = {
    ...NO_HEADER,
    timestamp: parentTimestamp,
    difficulty: parentDifficulty,
    unclesHash: unclesHash === 0n ? EMPTY_UNCLES_HASH : unclesHash,
  };
  return nextDifficulty(parent, number, timestamp, rules);
}

function baseFeeOf(env: Field, number: bigint): bigint {
  const given = env.maybe('currentBaseFee');
  if (given !== undefined) return given.number();
  const baseFee = env.maybe('parentBaseFee')?.number();
  if (baseFee === undefined || number === 0n) {
    throw config("EIP-1559 config but missing 'parentBaseFee' in env section");
  }
  const gasLimit = env.get('parentGasLimit').number(64);
  if (gasLimit < 2n) env.get('parentGasLimit').fail('too small to compute a base fee from');
  return nextBaseFee({ ...NO_HEADER, baseFee, gasLimit, gasUsed: env.get('parentGasUsed').number(64) });
}

function excessBlobGasOf(env: Field, rules: Rules): bigint {
  const given = env.maybe('currentExcessBlobGas');
  if (given !== undefined) return given.number(64);
  const excessBlobGas = env.maybe('parentExcessBlobGas')?.number(64);
  const blobGasUsed = env.maybe('parentBlobGasUsed')?.number(64);
  if (excessBlobGas === undefined || blobGasUsed === undefined) return 0n;
  const baseFee = env.maybe('parentBaseFee')?.number() ?? null;
  return nextExcessBlobGas({ ...NO_HEADER, excessBlobGas, blobGasUsed, baseFee }, rules, rules.blobs!);
}

const readHashes = (env: Field): ReadonlyMap<bigint, bigint> =>
  new Map(
    (env.maybe('blockHashes')?.entries() ?? []).map(([number, hash]) => [
      hash.key(number).number(64),
      wordOf(hash),
    ]),
  );

const readOmmer = (ommer: Field): Ommer => {
  const delta = ommer.get('delta').number(64);
  if (delta > 8n) ommer.get('delta').fail('an uncle is at most 8 blocks before its nephew');
  return { delta, address: ommer.get('address').address() };
};

export const readWithdrawal = (withdrawal: Field): Withdrawal => ({
  index: withdrawal.get('index').number(64),
  validatorIndex: withdrawal.get('validatorIndex').number(64),
  address: withdrawal.get('address').address(),
  amount: withdrawal.get('amount').number(64),
});
