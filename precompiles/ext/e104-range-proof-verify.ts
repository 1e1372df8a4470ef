/**
 * RANGE_PROOF_VERIFY: whether committed values are all below 2^n, by an aggregated Bulletproof on ristretto255
 * (Bünz et al. 2018; layout, generators and transcript of version 1 of the dalek library).
 *
 * Input: n (1 byte: 8, 16, 32 or 64), m (1 byte: 1, 2, 4 or 8), m commitments (32 bytes each), and the proof
 * (32 * (9 + 2 * log2(n * m)) bytes), to its exact end.
 * Output: 32 bytes, 1 when the proof is valid and 0 when anything is not.
 * Gas: 20000 and 800 for each of the n * m bits.
 */

import { encodeTrue } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import {
  isBitSize,
  isPartyCount,
  proofLength,
  RANGE_PROOF_LABEL,
  slices,
  verifyGas,
} from './lib/bulletproofs-format.ts';
import { verifyRangeProof } from './lib/bulletproofs-verify.ts';
import { Transcript } from './lib/merlin.ts';

export const rangeProofVerify: Precompile = {
  address: 0xe104n,
  name: 'RANGE_PROOF_VERIFY',
  since: 'Frontier',
  forgeable: true,
  gas: ([bits = 0, parties = 0]) => verifyGas(bits, parties),
  run(input) {
    const [bits = 0, parties = 0] = input;
    const proofAt = 2 + 32 * parties;
    const valid =
      isBitSize(bits) &&
      isPartyCount(parties) &&
      input.length === proofAt + proofLength(bits, parties) &&
      verifyRangeProof(
        new Transcript(RANGE_PROOF_LABEL),
        bits,
        slices(input, 2, parties),
        input.subarray(proofAt),
      );
    return valid ? encodeTrue() : new Uint8Array(32);
  },
};
