/** How a message ended. */

import { Halt } from '../machine/halt.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';

export interface MessageResult {
  readonly halt: Halt;
  /** Return data, revert data, or the code that a creation deployed. */
  readonly output: Uint8Array;
  readonly gasLeft: bigint;
  /** The contract that a successful creation made. */
  readonly created: Address | null;
}

/** A message that failed, with the gas that its caller gets back. */
export const failed = (halt: Halt, gasLeft = 0n): MessageResult => ({
  halt,
  output: EMPTY_BYTES,
  gasLeft,
  created: null,
});

export const succeeded = (output: Uint8Array, gasLeft: bigint): MessageResult => ({
  halt: Halt.Return,
  output,
  gasLeft,
  created: null,
});
