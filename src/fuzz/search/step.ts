/** What a search tries, as plain data: transactions, one after the other. */

import type { Address } from '../../primitives/address.ts';

/**
 * How a transaction meets the contract: the caller calls it; a contract of the attacker calls it, and calls again
 * whenever it is called; or ether is sent there by a self-destruct, which no code of the contract sees.
 */
export type Way = 'direct' | 'contract' | 'force';

/** One transaction of a sequence. */
export interface Step {
  readonly way: Way;
  /** Who signs. With way `contract`, the contract sees the attacker's contract as its caller. */
  readonly caller: Address;
  /** Wei. */
  readonly value: bigint;
  /** Empty where ether is forced. */
  readonly data: Uint8Array;
  /** With way `contract`: how often it calls again at most, and with what. */
  readonly reenterTimes: number;
  readonly reenterData: Uint8Array;
  /** Blocks and seconds since the transaction before it. */
  readonly blocks: bigint;
  readonly seconds: bigint;
}

/** What a search has found. */
export interface Finding {
  /** Of the goals given, which. */
  readonly goal: number;
  /** Findings of one search with the same one are one. */
  readonly cause: string;
  /** What was reached, in words. */
  readonly what: string;
  readonly steps: readonly FoundStep[];
}

/** A transaction of a finding, and how it came out. */
export interface FoundStep extends Step {
  readonly to: Address | null;
  /** Of the transaction. */
  readonly calldata: Uint8Array;
  /** Of the attacker's contract; null for other ways. */
  readonly attackerCode: Uint8Array | null;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly status: string;
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
}
