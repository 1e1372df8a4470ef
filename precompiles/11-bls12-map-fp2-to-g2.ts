/**
 * BLS12_MAP_FP2_TO_G2 (EIP-2537): the point of the second group that an element of Fp2 maps to.
 *
 * Input: an element of Fp2 (128 bytes). Output: a point (256 bytes); failure when the element is not
 * canonical.
 * Gas: 23800.
 */

import { BLS12_FP2_LENGTH, encodeBls12G2, readBls12Fp2 } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bls12MapFp2ToG2: Precompile = {
  address: 0x11n,
  name: 'BLS12_MAP_FP2_TO_G2',
  since: 'Prague',
  gas: () => 23_800,
  run(input, crypto) {
    if (input.length !== BLS12_FP2_LENGTH) return null;
    const element = readBls12Fp2(input, 0);
    return element === null ? null : encodeBls12G2(crypto.bls12MapToG2(element));
  },
};
