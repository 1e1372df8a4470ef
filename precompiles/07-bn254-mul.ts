/**
 * BN254_MUL (EIP-196): multiple of a point.
 *
 * Input: a point (64 bytes), a scalar (32, any number); padded with zeros, what follows is ignored.
 * Output: a point (64 bytes); failure when the point is invalid.
 * Gas: 40000, from EIP-1108 on 6000.
 */

import { encodeBn254G1, readBn254G1, wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bn254Mul: Precompile = {
  address: 0x07n,
  name: 'BN254_MUL',
  since: 'Byzantium',
  gas: (_input, rules) => rules.bn254MulGas,
  run(input, crypto) {
    const point = readBn254G1(input, 0);
    return point === null ? null : encodeBn254G1(crypto.bn254Mul(point, wordAt(input, 64)));
  },
};
