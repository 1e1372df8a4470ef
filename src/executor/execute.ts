/**
 * One transaction from its sender to its receipt (Yellow Paper, section 6), one function per step. The caller
 * gets the state's changes as a diff and decides what to do with them.
 */

import { type Context, openContext, type Surroundings } from '../evm/context.ts';
import { finish, type Paused, running } from '../evm/pause.ts';
import type { MessageResult } from '../evm/result.ts';
import { warmUp } from '../evm/warm.ts';
import type { Rules } from '../forks/rules.ts';
import { type Halt, isHostLimit } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import { MessageKind } from '../machine/message.ts';
import type { RunStart } from '../machine/tracer.ts';
import { type Address, createAddress } from '../primitives/address.ts';
import type { StateDiff } from '../state/diff.ts';
import type { LogRecord, World } from '../state/world.ts';
import { authorize } from './authorize.ts';
import { blobGas, type IntrinsicGas, intrinsicGas } from './intrinsic.ts';
import { type Invalid, isInvalid } from './reasons.ts';
import { recoverAuthority, recoverSender } from './sender.ts';
import type { Transaction, UnsignedTransaction } from './transaction.ts';
import { ALL_CHECKS, type Checks, mostSpent, validateTransaction } from './validate.ts';

export interface TransactionResult {
  readonly sender: Address;
  readonly halt: Halt;
  /** Return data, revert data, or the code of the contract made. */
  readonly output: Uint8Array;
  /** What the sender paid for, after refunds. */
  readonly gasUsed: bigint;
  readonly gasRefunded: bigint;
  readonly logs: readonly LogRecord[];
  readonly created: Address | null;
  readonly diff: StateDiff;
  /** Effective price in wei per gas. */
  readonly gasPrice: bigint;
  /** The world as the transaction left it. */
  readonly world: World;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Validates a signed transaction, runs it, and returns its result and changes, or why it is invalid. */
export function executeTransaction(around: Surroundings, tx: Transaction): TransactionResult | Invalid {
  const { rules, crypto } = around.machine;
  const recovered = recoverSender(tx, rules, crypto);
  return isInvalid(recovered) ? recovered : executeFrom(around, tx, recovered.sender);
}

/** As `executeTransaction`, for a sender that is known already. Where the host interrupts, the run ends. */
export const executeFrom = (
  around: Surroundings,
  tx: UnsignedTransaction,
  sender: Address,
): TransactionResult | Invalid => finish(executing(around, tx, sender, ALL_CHECKS));

/** As `executeFrom`, in parts: it pauses where the host interrupts. */
export function* executing(
  around: Surroundings,
  given: UnsignedTransaction,
  sender: Address,
  checks: Checks,
): Paused<TransactionResult | Invalid> {
  const { machine, block } = around;
  const { rules } = machine;
  const gasPrice = effectiveGasPrice(given, block);
  const context = openContext(around, { origin: sender, gasPrice, blobHashes: given.blobHashes });
  const { world } = context.host;
  const verdict = validateTransaction(given, sender, rules, block, world, checks);
  if (verdict !== null) return verdict;
  machine.tracer?.begin?.(startOf(context, given, sender));
  const tx = checks.nonce ? given : { ...given, nonce: world.account(sender).nonce };
  if (!checks.balance) lend(world, sender, mostSpent(tx));

  buyGas(world, tx, sender, gasPrice, block);
  if (tx.to !== null) world.setNonce(sender, tx.nonce + 1n);
  warmUp(context, sender, tx.to, tx.accessList);
  authorize(tx.authorizations, block.chainId, rules, world, machine.crypto);
  const intrinsic = intrinsicGas(tx, rules);
  const result = yield* topOf(context, tx, sender, tx.gasLimit - intrinsic.gas);
  // Field by field: a spread of so many takes 6 us.
  const { halt, output, created } = result;
  if (isHostLimit(halt)) {
    const gasUsed = tx.gasLimit - result.gasLeft;
    machine.tracer?.end?.({ gasUsed });
    const changes = { gasUsed, gasRefunded: 0n, logs: [], diff: new Map() };
    return { ...changes, halt, output, created, sender, gasPrice, world };
  }
  const gas = settleGas(tx, intrinsic, result, world.refund, rules);
  world.addBalance(sender, (tx.gasLimit - gas.used) * gasPrice);
  payCoinbase(world, block, gas.used, gasPrice);
  const [gasUsed, gasRefunded] = [gas.used, gas.refunded];
  machine.tracer?.end?.({ gasUsed });
  const { logs } = world;
  const diff = world.diff(rules.clearEmptyAccounts);
  return { sender, halt, output, gasUsed, gasRefunded, logs, created, diff, gasPrice, world };
}

/** For a tracer. */
function startOf({ host, rules, crypto }: Context, tx: UnsignedTransaction, from: Address): RunStart {
  const authorities = tx.authorizations
    .map((authorization) => recoverAuthority(authorization, crypto))
    .filter((authority) => authority !== null);
  return { host, rules, from, to: tx.to, gas: tx.gasLimit, authorities };
}

/** Gives an account what it lacks. */
export function lend(world: World, address: Address, wanted: bigint): void {
  const { balance } = world.account(address);
  if (balance < wanted) world.addBalance(address, wanted - balance);
}

/** What the sender pays per gas (EIP-1559). */
export const effectiveGasPrice = (tx: UnsignedTransaction, block: BlockEnv): bigint =>
  min(tx.maxFeePerGas, block.baseFee + tx.maxPriorityFeePerGas);

/** Takes the price of the whole gas limit and of the blobs; the latter is burnt. */
function buyGas(
  world: World,
  tx: UnsignedTransaction,
  sender: Address,
  gasPrice: bigint,
  block: BlockEnv,
): void {
  const blobCost = blobGas(tx) * block.blobBaseFee;
  world.subBalance(sender, tx.gasLimit * gasPrice + blobCost);
}

/** Runs the call or creation that the transaction asks for. */
function topOf(
  context: Context,
  tx: UnsignedTransaction,
  sender: Address,
  gas: bigint,
): Paused<MessageResult> {
  const { host, rules } = context;
  const isCreation = tx.to === null;
  const address = tx.to ?? createAddress(sender, tx.nonce);
  if (rules.delegation && !isCreation) {
    const { delegate } = host.code(address);
    if (delegate !== null) host.world.warmAccount(delegate, true);
  }
  return running(context, {
    kind: isCreation ? MessageKind.Create : MessageKind.Call,
    caller: sender,
    address,
    codeAddress: address,
    value: tx.value,
    input: tx.data,
    gas,
    isStatic: false,
    depth: 0,
    outputOffset: 0,
    outputSize: 0,
  });
}

/** Gas that the sender pays for: what was used, less refunds, but no less than the floor (EIP-3529, EIP-7623). */
function settleGas(
  tx: UnsignedTransaction,
  intrinsic: IntrinsicGas,
  result: MessageResult,
  refundCounter: number,
  rules: Rules,
): { used: bigint; refunded: bigint } {
  const used = tx.gasLimit - result.gasLeft;
  const refunded = min(used / BigInt(rules.refundQuotient), BigInt(refundCounter));
  return { used: max(used - refunded, intrinsic.floor), refunded };
}

/** The base fee is burnt, the rest goes to the coinbase. */
function payCoinbase(world: World, block: BlockEnv, gasUsed: bigint, gasPrice: bigint): void {
  // Below the base fee, which only a simulation can be, nothing is left to pay.
  world.addBalance(block.coinbase, gasUsed * max(gasPrice - block.baseFee, 0n));
}
