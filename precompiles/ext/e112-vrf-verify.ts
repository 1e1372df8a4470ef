/**
 * VRF_VERIFY: check of a verifiable random output, ECVRF-P256-SHA256-TAI.
 *
 * Input: public key (33 bytes), proof (81: point 33, challenge 16, number 32), message (any length).
 * Output: 1 (32 bytes) and the random output (32) when the proof is valid; 64 zero bytes when anything is not.
 * Gas: 20000 + 6 per word of the message.
 * Source: RFC 9381, suite 0x01. A quantum computer forges it.
 */

import { gasByWords } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { POINT_LENGTH, PROOF_LENGTH, verifyVrf } from './lib/ecvrf.ts';

const HEADER_LENGTH = POINT_LENGTH + PROOF_LENGTH;

export const vrfVerify: Precompile = {
  address: 0xe112n,
  name: 'VRF_VERIFY',
  since: 'Frontier',
  forgeable: true,
  gas: (input) => gasByWords(20_000, 6, Math.max(input.length - HEADER_LENGTH, 0)),
  run(input) {
    const output = new Uint8Array(64);
    if (input.length < HEADER_LENGTH) return output;
    const beta = verifyVrf(
      input.subarray(0, POINT_LENGTH),
      input.subarray(POINT_LENGTH, HEADER_LENGTH),
      input.subarray(HEADER_LENGTH),
    );
    if (beta === null) return output;
    output[31] = 1;
    output.set(beta, 32);
    return output;
  },
};
