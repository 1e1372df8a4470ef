/** `runTx` in the shape of `@ethereumjs/vm`: a transaction from its sender to its receipt. */

import { finish } from '../evm/pause.ts';
import { executing } from '../executor/execute.ts';
import { blobGas, intrinsicGas } from '../executor/intrinsic.ts';
import { ALL_CHECKS } from '../executor/validate.ts';
import { type Address, createAddress } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { WordInput } from '../primitives/input.ts';
import type { StateDiff } from '../state/diff.ts';
import { AccessListBuilder, type AccessListItem } from './access-list.ts';
import { type BlockLike, blockEnvOf, CallReader } from './block.ts';
import { type Bloom, bloomOf } from './bloom.ts';
import { checkLimits, demandObject, refuse } from './errors.ts';
import { EVM } from './evm.ts';
import { rulesFor } from './hardfork.ts';
import type { Kit } from './machines.ts';
import { type EVMResult, execResultOf, type Log } from './result.ts';
import { type Attempt, inTurn, lookAt, type Session } from './session.ts';
import { isBlobTx, type Sent, sentOf, type TxLike, valid } from './tx.ts';
import { addressOf, wordOr } from './values.ts';

/** The options of `runTx`. */
export interface RunTxOpts {
  /** An object of `@ethereumjs/tx`, or the bytes or hex of the wire encoding. */
  readonly tx: TxLike | Uint8Array | string;
  /** By default a block 0 with base fee 7 and a gas limit of 2^56 - 1. */
  readonly block?: BlockLike | undefined;
  readonly skipNonce?: boolean;
  /** Gives the sender what it lacks. */
  readonly skipBalance?: boolean;
  readonly skipBlockGasLimitValidation?: boolean;
  readonly skipHardForkValidation?: boolean;
  readonly reportAccessList?: boolean;
  /** Gas of the block so far, for the receipt; that of the block's header by default. */
  readonly blockGasUsed?: WordInput;
}

/** The receipt of a transaction. */
export interface TxReceipt {
  readonly cumulativeBlockGasUsed: bigint;
  readonly bitvector: Uint8Array;
  readonly logs: Log[];
  /** From the fork on that has it. */
  readonly status?: 0 | 1;
  /** Before that. */
  readonly stateRoot?: Uint8Array;
  readonly blobGasUsed?: bigint;
  readonly blobGasPrice?: bigint;
}

/** How a transaction ended. */
export interface RunTxResult extends EVMResult {
  /** What the sender paid for. */
  readonly totalGasSpent: bigint;
  readonly blockGasSpent: bigint;
  /** The refund counter, of which a part at most is paid out; 0 where the floor for calldata is paid. */
  readonly gasRefund: bigint;
  /** Wei. */
  readonly amountSpent: bigint;
  /** Wei for the coinbase. */
  readonly minerValue: bigint;
  readonly bloom: Bloom;
  readonly receipt: TxReceipt;
  readonly blobGasUsed?: bigint;
  readonly accessList?: AccessListItem[];
}

const NOT_SUPPORTED = {
  reportPreimages: 'read the addresses from the diff of transact, in createEvm of erbium',
};

/** That of an empty header there. */
const DEFAULTS = { gasLimit: 2n ** 56n - 1n, baseFee: 7n, blobBaseFee: 1n };

/** Instruction that came with the status of receipts (EIP-140, EIP-658). */
const REVERT = 0xfd;

/**
 * Validates and runs a transaction, and keeps what it changed.
 * @param vm an EVM of this door, or an object with one as `evm`
 * @throws (as a rejection) InvalidTransactionError; ErbiumError naming the option that is wrong; or whatever a
 * listener threw. The state is then as before
 */
export async function runTx(vm: EVM | { readonly evm: EVM }, opts: RunTxOpts): Promise<RunTxResult> {
  demandObject(opts, 'options');
  refuse(opts, NOT_SUPPORTED);
  const { session } = evmOf(vm);
  const { common, machines, stateManager, journal } = session;
  const kit = machines.of(rulesFor(common));
  checkFork(session, opts);
  const sent = sentOf(opts.tx, kit.machine.rules, kit.machine.crypto);
  try {
    const { diff: _, ...result } = await inTurn(session, (attempt) => run(session, kit, sent, opts, attempt));
    if (hasStatus(kit)) return result;
    const { status: _status, ...receipt } = result.receipt;
    return { ...result, receipt: { ...receipt, stateRoot: await stateManager.getStateRoot() } };
  } finally {
    journal.cleanJournal();
  }
}

function evmOf(vm: EVM | { readonly evm: EVM }): EVM {
  const evm = 'evm' in vm ? vm.evm : vm;
  if (evm instanceof EVM) return evm;
  throw new ErbiumError(
    'INVALID_ARGUMENT',
    'vm: expected an EVM of erbium/ethereumjs, or an object with one',
  );
}

const hasStatus = ({ table }: Kit): boolean => table.rows[REVERT] !== undefined;

function checkFork({ common }: Session, { block, skipHardForkValidation = false }: RunTxOpts): void {
  const other = block?.common?.hardfork();
  if (skipHardForkValidation || other === undefined || other === common.hardfork()) return;
  throw new ErbiumError(
    'INVALID_ARGUMENT',
    `block: its hardfork is ${other}, that of the EVM ${common.hardfork()}; see skipHardForkValidation`,
  );
}

function run(
  session: Session,
  kit: Kit,
  { tx, sender }: Sent,
  opts: RunTxOpts,
  { hashes, isSilent }: Attempt,
): RunTxResult & { readonly diff: StateDiff } {
  const { common, stateManager, journal, interrupted, custom } = session;
  const { rules } = kit.machine;
  const block = blockEnvOf(opts.block, rules, kit.table, common, DEFAULTS);
  const isListed = opts.reportAccessList === true && rules.accessLists;
  const accessList = isListed ? listFor(kit, { tx, sender }, block.coinbase) : null;
  const look = lookAt(session, kit, {
    isSilent,
    hearsOutermost: true,
    accessList,
    watch: { creates: tx.to === null },
    shown: (world) => journal.apply(world),
  });
  const state = new CallReader(stateManager.core.reader, null, hashes);
  const checks = {
    ...ALL_CHECKS,
    balance: opts.skipBalance !== true,
    nonce: opts.skipNonce !== true,
    blockGasLimit: opts.skipBlockGasLimitValidation !== true,
  };
  // Before it is decided whether it runs, the nonce may be any.
  const { nonce } = stateManager.core.reader.account(sender) ?? { nonce: 0n };
  const around = { machine: look.machine, state, block, interrupted };
  const result = valid(finish(executing(around, tx, sender, checks)));
  look.close();
  checkLimits(result.halt);

  const created = tx.to === null ? createAddress(sender, nonce) : null;
  const intrinsic = intrinsicGas(tx, rules);
  const used = intrinsic.gas + look.gasUsed;
  const gasLeft = tx.gasLimit - used;
  const { world } = result;
  const execResult = execResultOf({
    result,
    gasUsed: look.gasUsed,
    gasLeft,
    world,
    watch: look.watch,
    custom,
  });
  const bloom = bloomOf(execResult.logs);
  const tip = result.gasPrice - block.baseFee;
  return {
    ...(created === null ? {} : { createdAddress: addressOf(created) }),
    execResult,
    totalGasSpent: result.gasUsed,
    blockGasSpent: result.gasUsed,
    gasRefund: used - result.gasRefunded < intrinsic.floor ? 0n : BigInt(world.refund),
    amountSpent: result.gasUsed * result.gasPrice,
    minerValue: result.gasUsed * tip,
    bloom,
    receipt: receiptOf(),
    ...(isBlobTx(tx) ? { blobGasUsed: blobGas(tx) } : {}),
    ...(accessList === null ? {} : { accessList: accessList.list() }),
    diff: result.diff,
  };

  function receiptOf(): TxReceipt {
    const before = wordOr(opts.blockGasUsed ?? opts.block?.header.gasUsed, 'blockGasUsed');
    return {
      cumulativeBlockGasUsed: before + result.gasUsed,
      bitvector: bloom.bitvector,
      logs: execResult.logs,
      status: execResult.exceptionError === undefined ? 1 : 0,
      ...(isBlobTx(tx) ? { blobGasUsed: blobGas(tx), blobGasPrice: block.blobBaseFee } : {}),
    };
  }
}

/** What a transaction accesses by itself is in the list only where its own list names it. */
function listFor({ machine }: Kit, { tx, sender }: Sent, coinbase: Address): AccessListBuilder {
  const warm = [sender, ...machine.precompiles.keys()];
  if (tx.to !== null) warm.push(tx.to);
  if (machine.rules.warmCoinbase) warm.push(coinbase);
  const list = new AccessListBuilder(warm);
  for (const { address, storageKeys } of tx.accessList) {
    const slots = list.add(address);
    for (const key of storageKeys) slots.add(key);
  }
  return list;
}
