/**
 * ECRECOVER (Yellow Paper, appendix E.1): the address that signed a hash.
 *
 * Input: hash (32 bytes), v (32), r (32), s (32); padded with zeros, what follows is ignored.
 * Output: 12 zero bytes and the address (20); nothing when there is no such key.
 * Gas: 3000.
 */

import { EMPTY_BYTES, toBytes32 } from '../src/primitives/bytes.ts';
import { readPadded, wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

export const ecrecover: Precompile = {
  address: 0x01n,
  name: 'ECRECOVER',
  since: 'Frontier',
  forgeable: true,
  gas: () => 3000,
  run(input, crypto) {
    const v = wordAt(input, 32);
    if (v !== 27n && v !== 28n) return EMPTY_BYTES;
    const signer = crypto.recoverAddress(
      readPadded(input, 0, 32),
      v === 27n ? 0 : 1,
      wordAt(input, 64),
      wordAt(input, 96),
    );
    return signer === null ? EMPTY_BYTES : toBytes32(signer);
  },
};
