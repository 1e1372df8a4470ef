/**
 * BN254_PAIRING (EIP-197): whether a product of pairings is one.
 *
 * Input: any number of pairs of a G1 point (64 bytes) and a G2 point (128).
 * Output: 1 or 0 (32 bytes), 1 for no pairs; failure when a point is invalid, a G2 point is outside of the
 * subgroup, or the length is no multiple of 192.
 * Gas: 100000 and 80000 per pair, from EIP-1108 on 45000 and 34000.
 */

import type { PointPair } from './crypto.ts';
import { encodeTrue, readBn254G1, readBn254G2 } from './encoding.ts';
import type { Precompile } from './row.ts';

const PAIR_LENGTH = 192;

export const bn254Pairing: Precompile = {
  address: 0x08n,
  name: 'BN254_PAIRING',
  since: 'Byzantium',
  gas: (input, rules) => rules.bn254PairingGas + rules.bn254PairGas * Math.floor(input.length / PAIR_LENGTH),
  run(input, crypto) {
    if (input.length % PAIR_LENGTH !== 0) return null;
    const pairs: PointPair[] = [];
    for (let at = 0; at < input.length; at += PAIR_LENGTH) {
      const g1 = readBn254G1(input, at);
      const g2 = readBn254G2(input, at + 64);
      if (g1 === null || g2 === null) return null;
      pairs.push({ g1, g2 });
    }
    const isOne = crypto.bn254PairingCheck(pairs);
    if (isOne === null) return null;
    return isOne ? encodeTrue() : new Uint8Array(32);
  },
};
