/** Prices by length that several instructions share (Yellow Paper, appendix G). */

import { wordsOf } from '../src/machine/gas.ts';
import { toNumber } from '../src/primitives/bytes.ts';

export const COPY_WORD_GAS = 3;
export const HASH_WORD_GAS = 6;

/** Gas for every started word of `size` bytes; inexact only where memory fails for its size anyway. */
export const copyGas = (size: bigint, perWord: number): number => perWord * wordsOf(toNumber(size));
