/**
 * BLAKE2F (EIP-152): the compression function of BLAKE2b with a free number of rounds.
 *
 * Input: rounds (4 bytes, big-endian), state h (64), message m (128), offset t (16), final flag f (1, must be
 * 0 or 1); exactly 213 bytes. The words of h, m and t are little-endian.
 * Output: the new state (64 bytes); failure when length or flag is wrong.
 * Gas: 1 per round.
 */

import type { Precompile } from './row.ts';

const INPUT_LENGTH = 213;

/** Without a DataView, which takes as long as half of the twelve rounds of an ordinary call. */
const roundsOf = (input: Uint8Array): number =>
  ((input[0]! << 24) | (input[1]! << 16) | (input[2]! << 8) | input[3]!) >>> 0;

export const blake2f: Precompile = {
  address: 0x09n,
  name: 'BLAKE2F',
  since: 'Istanbul',
  // An input of another length fails, whatever it costs.
  gas: (input) => (input.length === INPUT_LENGTH ? roundsOf(input) : 0),
  run(input, crypto) {
    if (input.length !== INPUT_LENGTH) return null;
    const flag = input[212]!;
    return flag > 1 ? null : crypto.blake2f(roundsOf(input), input.subarray(4, 212), flag === 1);
  },
};
