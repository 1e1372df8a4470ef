/**
 * BLS12_G1ADD (EIP-2537): sum of two points of the first curve, which need not be in the subgroup.
 *
 * Input: two points of 128 bytes. Output: a point (128 bytes); failure when a point is invalid.
 * Gas: 375.
 */

import { BLS12_G1_LENGTH, encodeBls12G1, readBls12G1 } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bls12G1Add: Precompile = {
  address: 0x0bn,
  name: 'BLS12_G1ADD',
  since: 'Prague',
  gas: () => 375,
  run(input, crypto) {
    if (input.length !== 2 * BLS12_G1_LENGTH) return null;
    const a = readBls12G1(input, 0);
    const b = readBls12G1(input, BLS12_G1_LENGTH);
    return a === null || b === null ? null : encodeBls12G1(crypto.bls12G1Add(a, b));
  },
};
