/**
 * SHA256 (Yellow Paper, appendix E.1).
 *
 * Input: any bytes. Output: the hash (32 bytes). Gas: 60 and 12 per word.
 */

import { gasByWords } from './encoding.ts';
import type { Precompile } from './row.ts';

export const sha256: Precompile = {
  address: 0x02n,
  name: 'SHA256',
  since: 'Frontier',
  gas: (input) => gasByWords(60, 12, input.length),
  run: (input, crypto) => crypto.sha256(input),
};
