/** Gas limits and access lists that fit a transaction, found by running it. */

import type { Paused } from '../evm/pause.ts';
import { isSuccess } from '../machine/halt.ts';
import type { Address } from '../primitives/address.ts';
import { addressToHex } from '../primitives/address.ts';
import { type Hex, toHex32 } from '../primitives/bytes.ts';
import { MAX_U256 } from '../primitives/u256.ts';
import type { TransactionResult } from './execute.ts';
import { intrinsicGas } from './intrinsic.ts';
import { attempt, type Environment, type Operation, resolve, withOverrides } from './operations.ts';
import { type Rejected, rejected, type TransactResult, transactionResult } from './outcome.ts';
import { type Invalid, isInvalid } from './reasons.ts';
import { accessListOf, type OperationOptions, type TransactionRequest } from './request.ts';
import type { AccessListEntry, UnsignedTransaction } from './transaction.ts';
import { type Checks, mostSpent } from './validate.ts';

/** What `estimateGas` found. */
export interface GasEstimate {
  /**
   * The least gas limit with which the transaction succeeds, but no less than it uses when it has plenty: with less,
   * a call inside it may fail that its sender wants to succeed. null where it does not succeed with the largest.
   */
  readonly gas: bigint | null;
  /** The run with that limit, or with the largest. */
  readonly result: TransactResult | Rejected;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** No gas limit that anybody gives is above it, and most estimates need not look above it. */
const MOST_GAS = 2n ** 40n;

/** The largest limit that the block, the fork and the sender's balance allow. */
function largestLimit(env: Environment, tx: UnsignedTransaction, from: Address, checks: Checks): bigint {
  let most = MOST_GAS;
  if (checks.blockGasLimit) most = min(most, env.block.gasLimit);
  const { maxTxGas } = env.machine.rules;
  if (Number.isFinite(maxTxGas)) most = min(most, BigInt(maxTxGas));
  if (checks.balance && tx.maxFeePerGas > 0n) {
    const rest = (env.state.account(from)?.balance ?? 0n) - mostSpent({ ...tx, gasLimit: 0n });
    // A sender without any is refused by the run itself, which says why.
    if (rest > 0n) most = min(most, rest / tx.maxFeePerGas);
  }
  return tx.maxFeePerGas === 0n ? most : min(most, MAX_U256 / tx.maxFeePerGas);
}

/**
 * Exact to the unit, as long as more gas never harms. A call keeps back one part in 64, and refunds come at the end, so
 * that the gas used is only where the search starts.
 */
export function* estimateGas(
  env: Environment,
  request: TransactionRequest,
  options: OperationOptions,
): Operation<GasEstimate> {
  const scope = withOverrides(env, options);
  const resolved = resolve(scope, request);
  if (isInvalid(resolved)) return { value: { gas: null, result: rejected(resolved) }, keep: null };
  const { tx, from, checks } = resolved;
  const limit = request.gas === undefined ? largestLimit(scope, tx, from, checks) : tx.gasLimit;
  const run = (gasLimit: bigint): Paused<TransactionResult | Invalid> =>
    attempt(scope, { ...tx, gasLimit }, from, checks);

  const first = yield* run(limit);
  if (isInvalid(first)) return { value: { gas: null, result: rejected(first) }, keep: null };
  let best = first;
  let high = limit;
  if (isSuccess(first.halt)) {
    const { gas, floor } = intrinsicGas(tx, scope.machine.rules);
    let low = max(max(gas, floor), first.gasUsed) - 1n;
    // Mostly little more than the gas used is enough, which spares half of the search.
    let probe = ((first.gasUsed + first.gasRefunded) * 65n) / 64n;
    while (high - low > 1n) {
      const middle = probe > low && probe < high ? probe : (low + high) / 2n;
      probe = 0n;
      const outcome = yield* run(middle);
      if (!isInvalid(outcome) && isSuccess(outcome.halt)) {
        high = middle;
        best = outcome;
      } else {
        low = middle;
      }
      if (scope.guard.stops())
        return {
          value: { gas: null, result: transactionResult(isInvalid(outcome) ? best : outcome, scope) },
          keep: null,
        };
    }
  }
  const value = { gas: isSuccess(best.halt) ? high : null, result: transactionResult(best, scope) };
  return { value, keep: null };
}

/** What `accessList` found. */
export interface AccessListResult {
  /** EIP-2930. Without what is warm anyway: sender, recipient, precompiles, and from Shanghai on the coinbase. */
  readonly accessList: readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[];
  /** The run with the list, where it ran. */
  readonly result: TransactResult | Rejected;
}

/** A list may change what a run does, and so what it accesses; this often it is made again. */
const LIST_ROUNDS = 8;

export function* accessList(
  env: Environment,
  request: TransactionRequest,
  options: OperationOptions,
): Operation<AccessListResult> {
  const scope = withOverrides(env, options);
  // The type follows from the list, and from a list that the caller knows better the search begins.
  const { type: _type, ...listed } = { accessList: [], ...request };
  let entries = accessListOf(request.accessList);
  for (let round = 1; ; round++) {
    const resolved = resolve(scope, listed);
    if (isInvalid(resolved)) return { value: { accessList: [], result: rejected(resolved) }, keep: null };
    const { tx, from, checks } = resolved;
    const outcome = yield* attempt(scope, { ...tx, accessList: entries }, from, checks);
    if (isInvalid(outcome)) return { value: { accessList: [], result: rejected(outcome) }, keep: null };
    const found = listOf(scope, tx, from, outcome);
    if (sizeOf(found) === sizeOf(entries) || round === LIST_ROUNDS) {
      const accessList = entries.map(({ address, storageKeys }) => ({
        address: addressToHex(address),
        storageKeys: storageKeys.map(toHex32),
      }));
      return { value: { accessList, result: transactionResult(outcome, scope) }, keep: null };
    }
    entries = found;
  }
}

const sizeOf = (list: readonly AccessListEntry[]): string =>
  `${list.length} ${list.flatMap((entry) => entry.storageKeys).length}`;

function listOf(
  env: Environment,
  tx: UnsignedTransaction,
  from: Address,
  outcome: TransactionResult,
): AccessListEntry[] {
  const { rules, precompiles } = env.machine;
  const entries: AccessListEntry[] = [];
  for (const { address, storageKeys, isNew } of outcome.world.accessed()) {
    const isWarm =
      address === from ||
      address === (tx.to ?? outcome.created) ||
      precompiles.has(address) ||
      (rules.warmCoinbase && address === env.block.coinbase);
    if (storageKeys.length > 0 ? !isNew : !isWarm && !isNew) entries.push({ address, storageKeys });
  }
  return entries;
}
