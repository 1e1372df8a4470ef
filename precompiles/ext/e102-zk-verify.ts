/**
 * ZK_VERIFY (extension): check of a Groth16 proof over BN254 or BLS12-381 (https://eprint.iacr.org/2016/260).
 *
 * Input: curve (1 byte: 1 is BN254, 2 is BLS12-381), verifying key (alpha in G1; beta, gamma, delta in G2; number
 * n of public inputs, 2 bytes; n + 1 points IC in G1), proof (A in G1, B in G2, C in G1), n inputs of 32 bytes.
 * Points as in EIP-197 (64 and 128 bytes) and EIP-2537 (128 and 256): 771 + 96n bytes, or 1539 + 160n.
 * Output: 1 (32 bytes) when e(A, B) = e(alpha, beta) e(IC[0] + sum of inputs[i] IC[i + 1], gamma) e(C, delta);
 * 0 (32 bytes) when it is not, or anything is malformed.
 * Gas: 181000 + 6150n for BN254, 168100 + 12000n for BLS12-381; what is malformed costs as if n were 0.
 */

import { encodeTrue } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { priceOfVerification, verifyGroth16 } from './lib/groth16-verify.ts';

export const zkVerify: Precompile = {
  address: 0xe102n,
  name: 'ZK_VERIFY',
  since: 'Frontier',
  opcode: 0xe4,
  forgeable: true,
  gas: priceOfVerification,
  run: (input, crypto) => (verifyGroth16(input, crypto) ? encodeTrue() : new Uint8Array(32)),
};
