/**
 * What a handler may ask of the world outside its frame. The machine knows this interface only; the journaled
 * state behind it is joined in `src/evm/host.ts`.
 */

import type { Address } from '../primitives/address.ts';
import type { Code } from './code.ts';

/** The block as opcodes see it. Words are bigints because they go to the stack as they are. */
export interface BlockEnv {
  readonly number: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  /** DIFFICULTY before Paris. */
  readonly difficulty: bigint;
  /** PREVRANDAO from Paris on. */
  readonly prevRandao: bigint;
  /** Wei per gas; 0 before London. */
  readonly baseFee: bigint;
  /** Wei per blob gas; 0 before Cancun. */
  readonly blobBaseFee: bigint;
  readonly chainId: bigint;
}

/** The transaction as opcodes see it. */
export interface TxEnv {
  readonly origin: Address;
  /** Effective price in wei per gas. */
  readonly gasPrice: bigint;
  readonly blobHashes: readonly bigint[];
}

/** A storage slot during a transaction. Only the host changes it. */
export interface Slot {
  readonly value: bigint;
  /** The value before the transaction. */
  readonly original: bigint;
  /** Accessed before in this transaction (EIP-2929). */
  readonly warm: boolean;
}

/** A log as LOG0 to LOG4 make it. */
export interface Log {
  readonly address: Address;
  readonly topics: readonly bigint[];
  readonly data: Uint8Array;
}

/** What a handler may ask of the world. */
export interface Host {
  readonly block: BlockEnv;
  readonly tx: TxEnv;

  /** Marks an account as accessed; true if it was cold. */
  touchAccount(address: Address): boolean;
  balance(address: Address): bigint;
  /** Whether the account is in the state, empty or not. */
  exists(address: Address): boolean;
  /** No code, nonce 0, balance 0; true also where there is no account (EIP-161). */
  isEmpty(address: Address): boolean;
  /** The account's own code; a delegation is not followed. */
  code(address: Address): Code;
  /** keccak256 of the code, or 0 for an account that does not exist or is empty (EIP-1052). */
  codeHash(address: Address): bigint;
  /** Hash of one of the 256 blocks before this one; 0 for any other number. */
  blockHash(number: bigint): bigint;

  slot(address: Address, key: bigint): Slot;
  warmSlot(slot: Slot): void;
  setSlot(slot: Slot, value: bigint): void;
  transientLoad(address: Address, key: bigint): bigint;
  transientStore(address: Address, key: bigint, value: bigint): void;

  /** How often changes have been taken back so far: a value of a slot that was read before may have changed since. */
  readonly rollbacks: number;

  log(log: Log): void;
  /** Adds to the refund counter; negative amounts take back. */
  refund(gas: number): void;
  /**
   * Moves the whole balance to `beneficiary` and marks the account for removal where the rules say so.
   * Returns true when this call is the first to mark it.
   */
  selfDestruct(address: Address, beneficiary: Address): boolean;
  nonce(address: Address): bigint;
  /** Current value of the refund counter. */
  refundCounter(): number;

  /** Asked now and then while a run has a host limit; true stops it. Absent where there is none. */
  readonly interrupted?: (() => boolean) | undefined;
}
