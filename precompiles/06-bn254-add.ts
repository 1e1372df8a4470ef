/**
 * BN254_ADD (EIP-196): sum of two points.
 *
 * Input: two points of 64 bytes; padded with zeros, what follows is ignored.
 * Output: a point (64 bytes); failure when a point is invalid.
 * Gas: 500, from EIP-1108 on 150.
 */

import { encodeBn254G1, readBn254G1 } from './encoding.ts';
import type { Precompile } from './row.ts';

export const bn254Add: Precompile = {
  address: 0x06n,
  name: 'BN254_ADD',
  since: 'Byzantium',
  gas: (_input, rules) => rules.bn254AddGas,
  run(input, crypto) {
    const a = readBn254G1(input, 0);
    const b = readBn254G1(input, 64);
    return a === null || b === null ? null : encodeBn254G1(crypto.bn254Add(a, b));
  },
};
