/**
 * A transition: transactions on a state, of which those that are invalid are passed over, and what a block does beside
 * them. A block that is given whole is for `executor/block`; here it is what the transactions make of it.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { assembleMachine } from '../../evm/context.ts';
import type { Receipt } from '../../executor/block/index.ts';
import type { InvalidBlock } from '../../executor/block/reasons.ts';
import { blockEnvOf, checkRoom, receiptOf, requestsOf } from '../../executor/block/run-body.ts';
import { rootAfter } from '../../executor/block/state-root.ts';
import {
  payWithdrawals,
  refundDao,
  type SystemSurroundings,
  tellOfParent,
} from '../../executor/block/system.ts';
import { decodeTransaction } from '../../executor/decode.ts';
import { executeTransaction } from '../../executor/execute.ts';
import { blobGas } from '../../executor/intrinsic.ts';
import { type Invalid, isInvalid } from '../../executor/reasons.ts';
import type { Transaction } from '../../executor/transaction.ts';
import type { Rules } from '../../forks/rules.ts';
import { HALT_WORDS, isHostLimit } from '../../machine/halt.ts';
import type { Tracer } from '../../machine/tracer.ts';
import { toHex32 } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { OverlayState } from '../../state/overlay.ts';
import type { MemoryState } from '../../state/readers/memory.ts';
import { HashCache } from '../../state/root.ts';
import { World } from '../../state/world.ts';
import type { Env } from './t8n-env.ts';

/** What a transition starts from. */
export interface TransitionInput {
  readonly rules: Rules;
  readonly isDaoBlock: boolean;
  readonly chainId: bigint;
  readonly state: MemoryState;
  readonly env: Env;
  /** Each in its envelope. */
  readonly transactions: readonly Uint8Array[];
  /** Wei for the miner; negative for none, which leaves the coinbase untouched. */
  readonly reward: bigint;
  /** Runs the transactions alone: no calls of system contracts. */
  readonly isStateTest: boolean;
  readonly crypto: Crypto;
  readonly watch: TransactionWatch | undefined;
}

/** Watches transactions, each from before it is found valid. */
export interface TransactionWatch {
  readonly tracer: Tracer;
  /** @param index of the transaction among those that are valid so far */
  begin(index: number, hash: bigint): void;
  /** @param isValid without it, nothing of what it saw happened */
  end(isValid: boolean): void;
}

/** A transaction that ran. */
export interface Included {
  readonly bytes: Uint8Array;
  readonly tx: Transaction;
  readonly receipt: Receipt;
}

/** What came of a transition; the state it started from has become the one after it. */
export interface TransitionResult {
  readonly included: readonly Included[];
  readonly rejected: readonly { readonly index: number; readonly reason: Invalid }[];
  readonly gasUsed: bigint;
  readonly blobGasUsed: bigint;
  /** As a word. */
  readonly stateRoot: bigint;
  /** Each with its type in front. */
  readonly requests: readonly Uint8Array[];
}

/**
 * Runs a transition, or tells why there can be no such block.
 * @throws ErbiumError UNSUPPORTED where a limit of this program stops a transaction
 */
export function runTransition(input: TransitionInput): TransitionResult | InvalidBlock {
  const { rules, env, state, isStateTest } = input;
  const { header } = env;
  const hashes = new HashCache();
  const overlay = new OverlayState(state);
  const { system, transactions: around } = surroundings(input, overlay);
  if (input.isDaoBlock) refundDao(overlay, rules);
  if (!isStateTest) tellOfParent(system, header);

  const included: Included[] = [];
  const rejected: { index: number; reason: Invalid }[] = [];
  let gasUsed = 0n;
  let blobGasUsed = 0n;
  const runOne = (bytes: Uint8Array): Invalid | null => {
    const tx = decodeTransaction(bytes);
    if (isInvalid(tx)) return tx;
    const verdict = checkRoom(tx, header, gasUsed, blobGasUsed, rules);
    if (verdict !== null) return verdict;
    input.watch?.begin(included.length, keccakWord(bytes));
    const result = executeTransaction(around, tx);
    input.watch?.end(!isInvalid(result));
    if (isInvalid(result)) return result;
    if (isHostLimit(result.halt)) {
      const place = `transaction ${toHex32(keccakWord(bytes))}`;
      throw new ErbiumError('UNSUPPORTED', `${place}: ${HALT_WORDS[result.halt]}`);
    }
    overlay.apply(result.diff);
    gasUsed += result.gasUsed;
    blobGasUsed += blobGas(tx);
    const root = rules.receiptStatus ? null : rootAfter(state, overlay.diff(), hashes);
    included.push({ bytes, tx, receipt: receiptOf(tx, bytes, result, gasUsed, root) });
    return null;
  };
  for (const [index, bytes] of input.transactions.entries()) {
    const reason = runOne(bytes);
    if (reason !== null) rejected.push({ index, reason });
  }

  payReward(overlay, input);
  payWithdrawals(overlay, rules, env.withdrawals ?? []);
  const receipts = included.map(({ receipt }) => receipt);
  const requests = rules.requests && !isStateTest ? requestsOf(system, receipts) : [];
  if ('invalid' in requests) return requests;
  state.apply(overlay.diff());
  const stateRoot = rootAfter(state, new Map(), hashes);
  return { included, rejected, gasUsed, blobGasUsed, stateRoot, requests };
}

function surroundings(
  { rules, env, chainId, crypto, watch }: TransitionInput,
  state: OverlayState,
): { system: SystemSurroundings; transactions: SystemSurroundings } {
  const block = blockEnvOf(env.header, rules, chainId);
  const systemMachine = assembleMachine({ rules, crypto });
  const machine =
    watch === undefined ? systemMachine : assembleMachine({ rules, crypto, tracer: watch.tracer });
  return {
    system: { machine: systemMachine, state, block },
    transactions: { machine, state, block },
  };
}

const OMMER_DEPTH = 8n;
const NEPHEW_QUOTIENT = 32n;

/** The reward that the line gives, and the shares of uncles, which it tells of without their headers. */
function payReward(state: OverlayState, { rules, env, reward }: TransitionInput): void {
  if (reward < 0n) return;
  const world = new World(state);
  for (const { delta, address } of env.ommers) {
    world.addBalance(address, ((OMMER_DEPTH - delta) * reward) / OMMER_DEPTH);
  }
  world.addBalance(env.header.coinbase, reward + BigInt(env.ommers.length) * (reward / NEPHEW_QUOTIENT));
  state.apply(world.diff(rules.clearEmptyAccounts));
}
