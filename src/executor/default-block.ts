/** The block of whoever names none. */

import type { BlockEnv } from '../machine/host.ts';
import { MAX_U64 } from '../primitives/u256.ts';

/** Zeros, chain 1, a gas limit of 2^64 - 1, and the least blob base fee there is. */
export const DEFAULT_BLOCK: BlockEnv = Object.freeze({
  number: 0n,
  timestamp: 0n,
  coinbase: 0n,
  gasLimit: MAX_U64,
  difficulty: 0n,
  prevRandao: 0n,
  baseFee: 0n,
  blobBaseFee: 1n,
  chainId: 1n,
});
