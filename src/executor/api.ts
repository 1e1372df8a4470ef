/** The EVM as embedders see it: what it can be asked for, and what it answers. */

import type { Rules } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Hex } from '../primitives/bytes.ts';
import type { AddressInput, BytesInput, WordInput } from '../primitives/input.ts';
import type { OverlayState } from '../state/overlay.ts';
import type { Debugger, DebugOptions, DebugRequest } from './debug/api.ts';
import type { AccessListResult, GasEstimate } from './estimate.ts';
import type { SystemCallOptions, TransactionInput } from './operations.ts';
import type { EvmResult, Rejected, TransactResult } from './outcome.ts';
import type {
  AccountPatch,
  BlockInput,
  CallOptions,
  CreateOptions,
  ExecuteOptions,
  OperationOptions,
  TransactionRequest,
} from './request.ts';

/** An account as it is read. */
export interface AccountView {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly code: Hex;
}

/** The operations, with `R<T>` as what they return: the value, or a promise of it. */
export interface Operations {
  /** Runs a message call. Pure: nothing of it stays, no warm slot either. */
  call(options: CallOptions): EvmResult;
  /** Runs init code as a message and, on success, keeps the contract in the state. */
  create(options: CreateOptions): EvmResult;
  /** Runs bytecode that is in no account. Pure. */
  execute(code: BytesInput, options?: ExecuteOptions): EvmResult;
  /**
   * Validates and runs a transaction and keeps its changes: one that is signed, in its wire encoding, or one without a
   * signature, whose sender is taken at its word.
   */
  transact(transaction: TransactionInput, options?: OperationOptions): TransactResult | Rejected;
  /** Transactions in a row, each on the state that the one before it left. Pure. */
  simulate(
    transactions: readonly TransactionInput[],
    options?: OperationOptions,
  ): readonly (TransactResult | Rejected)[];
  /** The least gas limit with which a transaction succeeds. Pure. */
  estimateGas(transaction: TransactionRequest, options?: OperationOptions): GasEstimate;
  /** What a transaction accesses, as an access list for it (EIP-2930). Pure. */
  accessList(transaction: TransactionRequest, options?: OperationOptions): AccessListResult;
  /** A call by the system (EIP-4788 and its kin): 30 million gas, paid by nobody. Its changes are kept. */
  systemCall(to: AddressInput, options?: SystemCallOptions): EvmResult;
  /** An account as it stands; null where there is none. */
  account(address: AddressInput): AccountView | null;
  /** A slot as it stands. */
  storage(address: AddressInput, key: WordInput): bigint;
}

/**
 * The operations for a state that has to be fetched, and for runs that others should not wait for: they give way every
 * few milliseconds, `signal` reaches them, and what the state lacks is fetched in one batch before they run again.
 * Those that change the state happen in the order in which they were asked for, each in the block of that moment; all
 * others start at once, from the state as it then is.
 */
export type AsyncEvm = {
  readonly [K in keyof Operations]: (
    ...args: Parameters<Operations[K]>
  ) => Promise<ReturnType<Operations[K]>>;
};

/** An EVM over a state. Its methods are functions of their own and may be taken from it. */
export interface Evm extends Operations {
  readonly rules: Rules;
  /** The state as it stands: that which `createEvm` was given, with all changes since. */
  readonly state: OverlayState;
  readonly block: BlockEnv;
  readonly async: AsyncEvm;
  /**
   * A debugger that leads a transaction, or a call, forwards and backwards. It starts from the state as it is now and
   * changes nothing in it. Over a state that has to be fetched, what the run needs is fetched first.
   * @throws ErbiumError as the operation itself does; a transaction that is invalid is a result
   */
  debug(request: DebugRequest, options?: DebugOptions): Promise<Debugger>;
  /** Changes fields of the block for all that follows. */
  setBlock(fields: BlockInput): void;
  /** Changes an account; what the patch leaves out stays. */
  setAccount(address: AddressInput, patch: AccountPatch): void;
  /** A point of state and block that `revert` returns to. */
  snapshot(): number;
  /**
   * Returns to a snapshot, which is used up with all later ones.
   * @throws ErbiumError INVALID_ARGUMENT where there is no such snapshot
   */
  revert(snapshot: number): void;
  /**
   * Writes all changes to the state that `createEvm` was given, in one step; snapshots from before are gone.
   * @returns the root of that state, 32 bytes
   * @throws ErbiumError INVALID_STATE where that state cannot be written to
   */
  commit(): Hex;
}
