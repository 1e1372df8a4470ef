/**
 * BLS12_G2ADD (EIP-2537): sum of two points of the second curve, which need not be in the subgroup.
 *
 * Input: two points of 256 bytes. Output: a point (256 bytes); failure when a point is invalid.
 * Gas: 600.
 */

import { BLS12_G2_LENGTH, encodeBls12G2, readBls12G2 } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bls12G2Add: Precompile = {
  address: 0x0dn,
  name: 'BLS12_G2ADD',
  since: 'Prague',
  gas: () => 600,
  run(input, crypto) {
    if (input.length !== 2 * BLS12_G2_LENGTH) return null;
    const a = readBls12G2(input, 0);
    const b = readBls12G2(input, BLS12_G2_LENGTH);
    return a === null || b === null ? null : encodeBls12G2(crypto.bls12G2Add(a, b));
  },
};
