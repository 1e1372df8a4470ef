/**
 * BLS12_PAIRING_CHECK (EIP-2537): whether a product of pairings is one.
 *
 * Input: one or more pairs of a G1 point (128 bytes) and a G2 point (256).
 * Output: 1 or 0 (32 bytes); failure when a point is invalid or outside of its subgroup.
 * Gas: 37700 and 32600 per pair.
 */

import type { PointPair } from './crypto.ts';
import { BLS12_G1_LENGTH, BLS12_G2_LENGTH, encodeTrue, readBls12G1, readBls12G2 } from './encoding.ts';
import type { Precompile } from './row.ts';

const PAIR_LENGTH = BLS12_G1_LENGTH + BLS12_G2_LENGTH;

export const bls12PairingCheck: Precompile = {
  address: 0x0fn,
  name: 'BLS12_PAIRING_CHECK',
  since: 'Prague',
  gas: (input) => 37_700 + 32_600 * Math.floor(input.length / PAIR_LENGTH),
  run(input, crypto) {
    if (input.length === 0 || input.length % PAIR_LENGTH !== 0) return null;
    const pairs: PointPair[] = [];
    for (let at = 0; at < input.length; at += PAIR_LENGTH) {
      const g1 = readBls12G1(input, at);
      const g2 = readBls12G2(input, at + BLS12_G1_LENGTH);
      if (g1 === null || g2 === null) return null;
      pairs.push({ g1, g2 });
    }
    const isOne = crypto.bls12PairingCheck(pairs);
    if (isOne === null) return null;
    return isOne ? encodeTrue() : new Uint8Array(32);
  },
};
