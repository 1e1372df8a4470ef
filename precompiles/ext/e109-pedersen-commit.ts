/**
 * PEDERSEN_COMMIT: a commitment to a value on ristretto255, value * B + blinding * B_blinding (Pedersen 1991; bases
 * as the dalek library has them).
 *
 * Input: value (32 bytes) and blinding (32), scalars, little-endian and below the group's order; exactly 64 bytes.
 * Output: the commitment (32 bytes, RFC 9496); failure when anything is not as said.
 * Gas: 3000.
 */

import type { Precompile } from '../row.ts';
import { commit, encodePoint, readScalar } from './lib/ristretto.ts';

export const pedersenCommit: Precompile = {
  address: 0xe109n,
  name: 'PEDERSEN_COMMIT',
  since: 'Frontier',
  opcode: 0xf2,
  gas: () => 3_000,
  run(input) {
    if (input.length !== 64) return null;
    const value = readScalar(input, 0);
    const blinding = readScalar(input, 32);
    return value === null || blinding === null ? null : encodePoint(commit(value, blinding));
  },
};
