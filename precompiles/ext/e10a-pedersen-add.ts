/**
 * PEDERSEN_ADD: the sum of two points of ristretto255, so of two commitments: it commits to the sum of the values
 * under the sum of the blindings.
 *
 * Input: two points (32 bytes each, RFC 9496), the identity allowed; exactly 64 bytes.
 * Output: their sum (32 bytes); failure when one is no canonical encoding, or the length is another.
 * Gas: 1000.
 */

import type { Precompile } from '../row.ts';
import { add, decodePoint, encodePoint } from './lib/ristretto.ts';

export const pedersenAdd: Precompile = {
  address: 0xe10an,
  name: 'PEDERSEN_ADD',
  since: 'Frontier',
  gas: () => 1_000,
  run(input) {
    if (input.length !== 64) return null;
    const a = decodePoint(input, 0);
    const b = decodePoint(input, 32);
    return a === null || b === null ? null : encodePoint(add(a, b));
  },
};
