/**
 * The precompiles of the draft EIP-8355 (created 2026-07-30): check of an ML-DSA signature (FIPS 204).
 *
 * Input: public key (1312, 1952 or 2592 bytes), signature (2420, 3309 or 4627), message (the rest), signed with
 * pure ML-DSA under the empty context.
 * Output: 1 or 0 (32 bytes), 0 also for malformed input.
 * Gas: 6500, 9000 or 13500, and 6 for each 32-byte word of the message.
 */

import type { Precompile } from '../row.ts';
import { ML_DSA_44, ML_DSA_65, ML_DSA_87, type MlDsa, mlDsaVerify, mlDsaVerifyGas } from './lib/ml-dsa.ts';

const verifyRow = (address: bigint, name: string, base: number, set: MlDsa): Precompile => ({
  address,
  name,
  since: 'Frontier',
  gas: (input) => mlDsaVerifyGas(base, set, input.length, 0),
  run: (input) => mlDsaVerify(set, 'pure', input, 0),
});

/** VERIFY_MLDSA44, VERIFY_MLDSA65 and VERIFY_MLDSA87 at 0x12, 0x13 and 0x14. */
export const eip8355: readonly Precompile[] = [
  verifyRow(0x12n, 'VERIFY_MLDSA44', 6_500, ML_DSA_44),
  verifyRow(0x13n, 'VERIFY_MLDSA65', 9_000, ML_DSA_65),
  verifyRow(0x14n, 'VERIFY_MLDSA87', 13_500, ML_DSA_87),
];
