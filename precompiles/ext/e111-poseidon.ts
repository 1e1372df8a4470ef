/**
 * POSEIDON: the hash of circuits over BN254, with the parameters of circomlib.
 *
 * Input: 1 to 16 numbers below the order of BN254 (32 bytes each).
 * Output: the hash, below that order (32 bytes); failure on any other length and on a number not below the order.
 * Gas: 500 + 15 t^2, where t is one more than the number of inputs.
 * Source: eprint 2019/458; circomlib, circuits/poseidon.circom.
 */

import { toBytes32 } from '../../src/primitives/bytes.ts';
import { wordAt } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { poseidon } from './lib/poseidon.ts';
import { BN254_ORDER, MAX_WIDTH, MIN_WIDTH } from './lib/poseidon-constants.ts';

/** Elements of the state for an input; for a malformed one of the nearest well-formed one. */
const widthOf = (length: number): number =>
  Math.min(Math.max(Math.ceil(length / 32) + 1, MIN_WIDTH), MAX_WIDTH);

export const poseidonHash: Precompile = {
  address: 0xe111n,
  name: 'POSEIDON',
  since: 'Frontier',
  gas: (input) => 500 + 15 * widthOf(input.length) ** 2,
  run(input) {
    const { length } = input;
    if (length === 0 || length % 32 !== 0 || length > 32 * (MAX_WIDTH - 1)) return null;
    const inputs: bigint[] = [];
    for (let at = 0; at < length; at += 32) {
      const word = wordAt(input, at);
      if (word >= BN254_ORDER) return null;
      inputs.push(word);
    }
    return toBytes32(poseidon(inputs));
  },
};
