/**
 * A case: a world, a block and one transaction under one fork, which is all that a state test has. What a case is made
 * of is plain data; two cases with the same data are the same case.
 */

import type { UnsignedTransaction } from '../executor/transaction.ts';
import type { ForkName } from '../forks/fork.ts';
import { isDelegation } from '../machine/code.ts';
import type { Address } from '../primitives/address.ts';

/** An account before the transaction. */
export interface CaseAccount {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly code: Uint8Array;
  readonly storage: ReadonlyMap<bigint, bigint>;
}

/** The block. Fields that a fork lacks count for nothing under it. */
export interface CaseBlock {
  readonly number: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly difficulty: bigint;
  readonly prevRandao: bigint;
  /** Wei per gas. */
  readonly baseFee: bigint;
  readonly excessBlobGas: bigint;
}

/** A case: everything that its outcome depends on. */
export interface FuzzCase {
  readonly fork: ForkName;
  readonly block: CaseBlock;
  readonly pre: ReadonlyMap<Address, CaseAccount>;
  /** Of chain 1. Its authorizations are signed already. */
  readonly tx: UnsignedTransaction;
  /** Of the sender, 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly sender: Address;
}

export const CHAIN_ID = 1n;

/**
 * Whether an account can have such code. What begins as a delegation and is none can be nobody's (EIP-3541, and
 * EIP-7702 on what is older), so EVMs may read it as they like.
 */
export const isPossibleCode = (code: Uint8Array): boolean =>
  isDelegation(code) || code[0] !== 0xef || code[1] !== 0x01 || code[2] !== 0x00;

/** The block of a case to which it does not matter. */
export const DEFAULT_BLOCK: CaseBlock = {
  number: 1n,
  timestamp: 1_000n,
  coinbase: 0xc014n,
  gasLimit: 30_000_000n,
  difficulty: 0x20000n,
  prevRandao: 0n,
  baseFee: 7n,
  excessBlobGas: 0n,
};
