/**
 * What an embedded EVM can be asked for, each as work that pauses (see `src/evm/pause.ts`) and changes nothing: what
 * is to be kept is part of the result. Whether it runs at once or gives way to others is decided by `evm.ts`.
 */

import { type Machine, openContext, type Surroundings } from '../evm/context.ts';
import { runningAlone } from '../evm/message.ts';
import type { Paused } from '../evm/pause.ts';
import { isSuccess } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { isBytes } from '../primitives/bytes.ts';
import { type BytesInput, toAddressWord, toOwnBytes } from '../primitives/input.ts';
import type { StateDiff } from '../state/diff.ts';
import { OverlayState } from '../state/overlay.ts';
import type { StateReader } from '../state/reader.ts';
import { decodeTransaction } from './decode.ts';
import { executing, lend, type TransactionResult } from './execute.ts';
import { intrinsicGas } from './intrinsic.ts';
import {
  type EvmResult,
  messageResult,
  type Reader,
  type Rejected,
  rejected,
  type TransactResult,
  transactionResult,
} from './outcome.ts';
import { overridesOf } from './overrides.ts';
import { type Invalid, isInvalid } from './reasons.ts';
import {
  blockOf,
  type CallOptions,
  type CreateOptions,
  demand,
  type ExecuteOptions,
  type MessageInput,
  messageOf,
  type OperationOptions,
  type Prepared,
  prepare,
  type TransactionRequest,
} from './request.ts';
import { recoverSender } from './sender.ts';
import { SYSTEM_ADDRESS, SYSTEM_GAS } from './system-call.ts';
import type { UnsignedTransaction } from './transaction.ts';
import { type Checks, mostSpent } from './validate.ts';

/** What an operation works with. */
export interface Environment extends Reader {
  readonly machine: Machine;
  readonly state: StateReader;
  readonly block: BlockEnv;
  readonly checks: Checks;
  readonly memoryLimit: number | undefined;
}

/** The value of an operation, and the changes that stay. */
export interface Kept<T> {
  readonly value: T;
  readonly keep: StateDiff | null;
}

export type Operation<T> = Paused<Kept<T>>;

/** A transaction in its wire encoding, or one without a signature. */
export type TransactionInput = BytesInput | TransactionRequest;

/** The environment with the overrides of one operation. */
export function withOverrides(env: Environment, options: OperationOptions): Environment {
  const block = blockOf(options.block, env.block, env.machine.rules);
  if (options.overrides === undefined) return { ...env, block };
  const state = new OverlayState(env.state);
  state.apply(overridesOf(env.state, options.overrides));
  return { ...env, block, state };
}

const surroundings = ({ machine, state, block, guard, memoryLimit }: Environment): Surroundings => ({
  machine,
  state,
  block,
  interrupted: guard.interrupted,
  memoryLimit,
});

interface Target {
  /** null for a creation. */
  readonly to: Address | null;
  readonly isStatic: boolean;
}

/** Runs a message outside of any transaction: nobody pays for gas, and nothing is warm but what it names. */
function* message(env: Environment, input: MessageInput, { to, isStatic }: Target): Operation<EvmResult> {
  const { from, origin, gasPrice, blobHashes, value, gas } = input;
  demand(typeof isStatic === 'boolean', 'isStatic', 'true or false');
  demand(!isStatic || value === 0n, 'value', '0 for a static call');
  const { rules, tracer } = env.machine;
  const context = openContext(surroundings(env), { origin, gasPrice, blobHashes });
  const { host } = context;
  const { world } = host;
  tracer?.begin?.({ host, rules, from, to, gas, authorities: [] });
  if (!env.checks.balance) lend(world, from, value);
  const { data, accessList } = input;
  const result = yield* runningAlone(context, { from, to, value, gas, input: data, isStatic, accessList });
  const succeeded = isSuccess(result.halt);
  const diff: StateDiff = succeeded ? world.diff(rules.clearEmptyAccounts) : new Map();
  const refund = succeeded ? BigInt(world.refund) : 0n;
  const logs = succeeded ? world.logs : [];
  tracer?.end?.({ gasUsed: gas - result.gasLeft });
  return { value: messageResult(result, gas - result.gasLeft, refund, logs, diff, env), keep: diff };
}

export function* call(env: Environment, options: CallOptions): Operation<EvmResult> {
  const { isStatic = false } = options;
  const target = { to: toAddressWord(options.to, 'to'), isStatic };
  const { value } = yield* message(withOverrides(env, options), messageOf(options), target);
  return { value, keep: null };
}

/** The address of bare code, unless its caller says otherwise. */
const CODE_ADDRESS: Address = 0xc0den;

export function* execute(env: Environment, code: BytesInput, options: ExecuteOptions): Operation<EvmResult> {
  const to = options.to === undefined ? CODE_ADDRESS : toAddressWord(options.to, 'to');
  const overridden = withOverrides(env, options);
  const state = new OverlayState(overridden.state);
  state.apply(overridesOf(state, [[to, { code: toOwnBytes(code, 'code') }]]));
  const { isStatic = false } = options;
  const { value } = yield* message({ ...overridden, state }, messageOf(options), { to, isStatic });
  return { value, keep: null };
}

/** What is kept must not rest on accounts that were different for the operation only. */
function refuseOverrides(options: OperationOptions): void {
  demand(options.overrides === undefined, 'overrides', 'none, as the changes are kept; see setAccount');
}

export function* create(env: Environment, options: CreateOptions): Operation<EvmResult> {
  refuseOverrides(options);
  const target = { to: null, isStatic: false };
  return yield* message(withOverrides(env, options), messageOf(options), target);
}

/** A transaction with its sender and the checks that apply to it, or why there is none. */
export function resolve(
  env: Environment,
  input: TransactionInput,
): (Prepared & { checks: Checks }) | Invalid {
  const { machine, block, checks } = env;
  if (typeof input !== 'string' && !isBytes(input) && input !== undefined) {
    const prepared = prepare(input, machine.rules, block);
    const tx = input.gas === undefined && checks.balance ? affordable(env, prepared) : prepared.tx;
    // Without a signature the sender may be anybody, a contract as well.
    const own = { ...checks, senderCode: false, nonce: checks.nonce && !prepared.anyNonce };
    return { ...prepared, tx, checks: own };
  }
  const tx = decodeTransaction(toOwnBytes(input, 'transaction'));
  if (isInvalid(tx)) return tx;
  const recovered = recoverSender(tx, machine.rules, machine.crypto);
  return isInvalid(recovered) ? recovered : { tx, from: recovered.sender, anyNonce: false, checks };
}

/** The transaction with less than the default gas limit, where its sender cannot pay for that. */
function affordable({ state, machine }: Environment, { tx, from }: Prepared): UnsignedTransaction {
  if (tx.maxFeePerGas === 0n) return tx;
  const balance = state.account(from)?.balance ?? 0n;
  const rest = balance - mostSpent({ ...tx, gasLimit: 0n });
  const gasLimit = rest / tx.maxFeePerGas;
  const { gas, floor } = intrinsicGas(tx, machine.rules);
  // One that cannot pay for the least is told so.
  return gasLimit < tx.gasLimit && gasLimit >= gas && gasLimit >= floor ? { ...tx, gasLimit } : tx;
}

export const attempt = (
  env: Environment,
  tx: UnsignedTransaction,
  from: Address,
  checks: Checks,
): Paused<TransactionResult | Invalid> => executing(surroundings(env), tx, from, checks);

export function* transact(
  env: Environment,
  input: TransactionInput,
  options: OperationOptions,
): Operation<TransactResult | Rejected> {
  refuseOverrides(options);
  const overridden = withOverrides(env, options);
  const resolved = resolve(overridden, input);
  if (isInvalid(resolved)) return { value: rejected(resolved), keep: null };
  const outcome = yield* attempt(overridden, resolved.tx, resolved.from, resolved.checks);
  if (isInvalid(outcome)) return { value: rejected(outcome), keep: null };
  return { value: transactionResult(outcome, overridden), keep: outcome.diff };
}

/** Transactions one after the other, each on the state that those before it left. */
export function* simulate(
  env: Environment,
  inputs: readonly TransactionInput[],
  options: OperationOptions,
): Operation<(TransactResult | Rejected)[]> {
  demand(Array.isArray(inputs), 'transactions', 'a list');
  const overridden = withOverrides(env, options);
  const state = new OverlayState(overridden.state);
  const results: (TransactResult | Rejected)[] = [];
  for (const input of inputs) {
    const { value, keep } = yield* transact({ ...overridden, state }, input, {});
    results.push(value);
    if (value.status === 'limit') break;
    if (keep !== null) state.apply(keep);
  }
  return { value: results, keep: null };
}

/** The options of a call by the system. */
export interface SystemCallOptions extends OperationOptions {
  readonly data?: BytesInput;
}

export function* systemCall(env: Environment, to: Address, options: SystemCallOptions): Operation<EvmResult> {
  refuseOverrides(options);
  const input: MessageInput = {
    ...messageOf({ from: SYSTEM_ADDRESS, gas: SYSTEM_GAS }),
    data: toOwnBytes(options.data ?? '', 'data'),
  };
  return yield* message(withOverrides(env, options), input, { to, isStatic: false });
}
