/**
 * RIPEMD160 (Yellow Paper, appendix E.1).
 *
 * Input: any bytes. Output: 12 zero bytes and the hash (20 bytes). Gas: 600 and 120 per word.
 */

import { gasByWords } from './encoding.ts';
import type { Precompile } from './row.ts';

export const ripemd160: Precompile = {
  address: 0x03n,
  name: 'RIPEMD160',
  since: 'Frontier',
  gas: (input) => gasByWords(600, 120, input.length),
  run(input, crypto) {
    const output = new Uint8Array(32);
    output.set(crypto.ripemd160(input), 12);
    return output;
  },
};
