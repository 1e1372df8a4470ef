/**
 * The body of a block, run on the state of its parent: system calls, transactions, rewards, withdrawals, requests. What
 * it leads to is told, not compared; whether the header says the same is for `chain.ts`.
 */

import type { Machine } from '../../evm/context.ts';
import { blobBaseFee, GAS_PER_BLOB } from '../../forks/blob-schedule.ts';
import type { Rules } from '../../forks/rules.ts';
import { HALT_WORDS, isHostLimit, isSuccess } from '../../machine/halt.ts';
import type { BlockEnv } from '../../machine/host.ts';
import { concatBytes } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import type { StateDiff } from '../../state/diff.ts';
import { OverlayState } from '../../state/overlay.ts';
import type { HashCache } from '../../state/root.ts';
import { decodeTransaction } from '../decode.ts';
import { executeTransaction, type TransactionResult } from '../execute.ts';
import { blobGas } from '../intrinsic.ts';
import { type Invalid, type InvalidReason, invalid, isInvalid } from '../reasons.ts';
import type { Transaction } from '../transaction.ts';
import { type Block, envelopesRoot } from './block.ts';
import type { Header } from './header.ts';
import { type InvalidBlock, invalidBlock, invalidTransaction } from './reasons.ts';
import { bloomOf, encodeReceipt, joinBlooms, type Receipt } from './receipts.ts';
import { DEPOSIT_REQUEST_TYPE, depositsOf, requestsHash } from './requests.ts';
import { type BlockState, rootAfter } from './state-root.ts';
import {
  askForRequests,
  payRewards,
  payWithdrawals,
  refundDao,
  type SystemSurroundings,
  tellOfParent,
} from './system.ts';

/** The fields of a header that follow from running the body. */
export type Commitments = Pick<
  Header,
  'gasUsed' | 'logsBloom' | 'receiptsRoot' | 'stateRoot' | 'blobGasUsed' | 'requestsHash'
>;

/** What a block does. */
export interface BlockResult {
  /** One for each transaction. */
  readonly receipts: readonly Receipt[];
  /** Requests to the consensus layer, each with its type in front (EIP-7685). */
  readonly requests: readonly Uint8Array[];
  /** Changes of the parent's state, to be applied to it. */
  readonly diff: StateDiff;
  /** What the header of the block must say of it. */
  readonly commitments: Commitments;
}

/** What runs transactions, and what runs calls by the system, which no tracer sees. */
export interface Machines {
  readonly machine: Machine;
  readonly systemMachine: Machine;
}

/** What the blocks of a chain share. */
export interface BodyOptions extends Machines {
  readonly chainId: bigint;
  readonly isDaoBlock: boolean;
  readonly hashes: HashCache;
}

/** The block as its transactions see it. */
export function blockEnvOf(header: Header, rules: Rules, chainId: bigint): BlockEnv {
  return {
    number: header.number,
    timestamp: header.timestamp,
    coinbase: header.coinbase,
    gasLimit: header.gasLimit,
    difficulty: header.difficulty,
    prevRandao: header.mixHash,
    baseFee: header.baseFee ?? 0n,
    blobBaseFee: rules.blobs === null ? 0n : blobBaseFee(header.excessBlobGas ?? 0n, rules.blobs),
    chainId,
  };
}

/** Reasons that say that the bytes are no transaction at all, for which blocks have one of their own. */
const NO_TRANSACTION: ReadonlySet<InvalidReason> = new Set<InvalidReason>([
  'RLP_INVALID',
  'RLP_FIELD_COUNT',
  'RLP_INVALID_FIELD',
  'RLP_LEADING_ZEROS',
]);

function decodeAll(transactions: readonly Uint8Array[]): Transaction[] | InvalidBlock {
  const decoded: Transaction[] = [];
  for (const [index, bytes] of transactions.entries()) {
    const tx = decodeTransaction(bytes);
    if (isInvalid(tx)) {
      if (!NO_TRANSACTION.has(tx.invalid)) return invalidTransaction(tx, index);
      return invalidBlock('RLP_STRUCTURES_ENCODING', `transactions[${index}]: ${tx.detail}`);
    }
    decoded.push(tx);
  }
  return decoded;
}

/**
 * Runs the body of a block with the inputs that its header gives; the commitments of the header are not read.
 * @throws ErbiumError UNSUPPORTED where a limit of the host ends a transaction: the block is neither valid nor invalid
 */
export function runBody(
  state: BlockState,
  { header, transactions, uncles, withdrawals }: Block,
  { machine, systemMachine, chainId, isDaoBlock, hashes }: BodyOptions,
): BlockResult | InvalidBlock {
  const { rules } = machine;
  const decoded = decodeAll(transactions);
  if ('invalid' in decoded) return decoded;
  const overlay = new OverlayState(state);
  const around = { machine, state: overlay, block: blockEnvOf(header, rules, chainId) };
  const system: SystemSurroundings = { ...around, machine: systemMachine };
  if (isDaoBlock) refundDao(overlay, rules);
  tellOfParent(system, header);

  const receipts: Receipt[] = [];
  let gasUsed = 0n;
  let blobGasUsed = 0n;
  for (const [index, tx] of decoded.entries()) {
    const verdict = checkRoom(tx, header, gasUsed, blobGasUsed, rules);
    if (verdict !== null) return invalidTransaction(verdict, index);
    const result = executeTransaction(around, tx);
    if (isInvalid(result)) return invalidTransaction(result, index);
    if (isHostLimit(result.halt)) {
      throw new ErbiumError('UNSUPPORTED', `transactions[${index}]: ${HALT_WORDS[result.halt]}`);
    }
    overlay.apply(result.diff);
    gasUsed += result.gasUsed;
    blobGasUsed += blobGas(tx);
    const root = rules.receiptStatus ? null : rootAfter(state, overlay.diff(), hashes);
    receipts.push(receiptOf(tx, transactions[index]!, result, gasUsed, root));
  }

  payRewards(overlay, rules, header, uncles);
  payWithdrawals(overlay, rules, withdrawals ?? []);
  const requests = rules.requests ? requestsOf(system, receipts) : [];
  if ('invalid' in requests) return requests;
  const diff = overlay.diff();
  return {
    receipts,
    requests,
    diff,
    commitments: {
      gasUsed,
      logsBloom: joinBlooms(receipts),
      receiptsRoot: envelopesRoot(receipts.map(encodeReceipt)),
      stateRoot: rootAfter(state, diff, hashes),
      blobGasUsed: rules.blobs === null ? null : blobGasUsed,
      requestsHash: rules.requests ? requestsHash(requests, machine.crypto) : null,
    },
  };
}

/** The transaction fits into what those before it left of the block. */
export function checkRoom(
  tx: Transaction,
  header: Header,
  gasUsed: bigint,
  blobGasUsed: bigint,
  rules: Rules,
): Invalid | null {
  const gasLeft = header.gasLimit - gasUsed;
  if (tx.gasLimit > gasLeft) return invalid('GAS_ALLOWANCE_EXCEEDED', `${tx.gasLimit} above ${gasLeft}`);
  if (rules.blobs === null) return null;
  const limit = BigInt(rules.blobs.max * GAS_PER_BLOB);
  const wanted = blobGasUsed + blobGas(tx);
  if (wanted <= limit) return null;
  return invalid('TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED', `blob gas ${wanted} above ${limit}`);
}

/** What a block keeps of a transaction that ran. */
export function receiptOf(
  tx: Transaction,
  bytes: Uint8Array,
  result: TransactionResult,
  cumulativeGasUsed: bigint,
  stateRoot: bigint | null,
): Receipt {
  const { sender, halt, gasUsed, gasPrice, logs, created } = result;
  return {
    type: tx.type,
    succeeded: isSuccess(halt),
    stateRoot,
    gasUsed,
    cumulativeGasUsed,
    logsBloom: bloomOf(logs),
    logs,
    sender,
    created,
    gasPrice,
    transactionHash: keccakWord(bytes),
  };
}

/** All requests of a block in the order of their types; those without content are left out. */
export function requestsOf(
  around: SystemSurroundings,
  receipts: readonly Receipt[],
): Uint8Array[] | InvalidBlock {
  const { depositContract } = around.machine.rules;
  const deposits = depositsOf(
    receipts.flatMap(({ logs }) => logs),
    depositContract,
  );
  if ('invalid' in deposits) return deposits;
  const others = askForRequests(around);
  if ('invalid' in others || deposits.length === 0) return others;
  return [concatBytes(Uint8Array.of(DEPOSIT_REQUEST_TYPE), deposits), ...others];
}
