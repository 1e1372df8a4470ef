/**
 * KZG_POINT_EVALUATION (EIP-4844): check that the polynomial behind a blob's commitment has a value at a
 * point.
 *
 * Input: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48); exactly 192 bytes.
 * Output: number of field elements in a blob (32), order of the group (32); failure when the proof is wrong
 * or anything is invalid.
 * Gas: 50000.
 */

import { hexToBytes } from '../src/primitives/bytes.ts';
import { wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const FIELD_ELEMENTS_PER_BLOB = 4096;
/** First byte of the versioned hash of a KZG commitment. */
const KZG_VERSION = 0x01;

const hex32 = (value: bigint | number): string => value.toString(16).padStart(64, '0');

export const pointEvaluation: Precompile = {
  address: 0x0an,
  name: 'KZG_POINT_EVALUATION',
  since: 'Cancun',
  forgeable: true,
  gas: () => 50_000,
  run(input, crypto) {
    if (input.length !== 192) return null;
    const z = wordAt(input, 32);
    const y = wordAt(input, 64);
    if (z >= ORDER || y >= ORDER) return null;
    const commitment = input.subarray(96, 144);
    const hash = crypto.sha256(commitment);
    if (input[0] !== KZG_VERSION) return null;
    for (let i = 1; i < 32; i++) if (input[i] !== hash[i]) return null;
    if (!crypto.verifyKzgProof(commitment, z, y, input.subarray(144))) return null;
    return hexToBytes(hex32(FIELD_ELEMENTS_PER_BLOB) + hex32(ORDER));
  },
};
