/** Blob parameters by fork (EIP-7840, EIP-7892). */

import { MAX_U256 } from '../primitives/u256.ts';
import type { ForkName } from './fork.ts';

/** Blobs per block, and the divisor in the exponent of the blob base fee. */
export interface BlobParams {
  readonly target: number;
  readonly max: number;
  readonly baseFeeUpdateFraction: number;
}

export const BLOB_SCHEDULE = {
  Cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
  Prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
  BPO1: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193 },
  BPO2: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671 },
  BPO3: { target: 21, max: 32, baseFeeUpdateFraction: 20_609_697 },
  BPO4: { target: 14, max: 21, baseFeeUpdateFraction: 13_739_630 },
} as const satisfies Partial<Record<ForkName, BlobParams>>;

/** Gas of one blob (EIP-4844). */
export const GAS_PER_BLOB = 131_072;

const MIN_BLOB_BASE_FEE = 1n;

/**
 * Wei per blob gas (EIP-4844, `fake_exponential`).
 *
 * The sum has about as many terms as excess / fraction, so hostile excess values are bounded here: above
 * 2^256 - 1, the largest word, no sender can pay and the exact number does not matter.
 */
export function blobBaseFee(excessBlobGas: bigint, params: BlobParams): bigint {
  const denominator = BigInt(params.baseFeeUpdateFraction);
  if (excessBlobGas > denominator * 178n) return MAX_U256;
  let output = 0n;
  let term = MIN_BLOB_BASE_FEE * denominator;
  for (let i = 1n; term > 0n; i++) {
    output += term;
    term = (term * excessBlobGas) / (denominator * i);
  }
  const fee = output / denominator;
  return fee < MAX_U256 ? fee : MAX_U256;
}
