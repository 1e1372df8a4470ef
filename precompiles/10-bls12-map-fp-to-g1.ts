/**
 * BLS12_MAP_FP_TO_G1 (EIP-2537): the point of the first group that a field element maps to.
 *
 * Input: a field element (64 bytes). Output: a point (128 bytes); failure when the element is not canonical.
 * Gas: 5500.
 */

import { BLS12_FP_LENGTH, encodeBls12G1, readBls12Fp } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bls12MapFpToG1: Precompile = {
  address: 0x10n,
  name: 'BLS12_MAP_FP_TO_G1',
  since: 'Prague',
  gas: () => 5_500,
  run(input, crypto) {
    if (input.length !== BLS12_FP_LENGTH) return null;
    const element = readBls12Fp(input, 0);
    return element === null ? null : encodeBls12G1(crypto.bls12MapToG1(element));
  },
};
