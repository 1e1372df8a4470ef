/**
 * ID (Yellow Paper, appendix E.1): the input.
 *
 * Input: any bytes. Output: a copy of them. Gas: 15 and 3 per word.
 */

import { gasByWords } from './encoding.ts';
import type { Precompile } from './row.ts';

export const identity: Precompile = {
  address: 0x04n,
  name: 'ID',
  since: 'Frontier',
  gas: (input) => gasByWords(15, 3, input.length),
  // The input may be a view of memory that changes later; slice copies.
  run: (input) => input.slice(),
};
