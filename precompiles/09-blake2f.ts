/**
 * BLAKE2F (EIP-152): the compression function of BLAKE2b with a free number of rounds.
 *
 * Input: rounds (4 bytes, big-endian), state h (64), message m (128), offset t (16), final flag f (1, must be
 * 0 or 1); exactly 213 bytes. The words of h, m and t are little-endian.
 * Output: the new state (64 bytes); failure when length or flag is wrong.
 * Gas: 1 per round.
 */

import { compressBlake2b } from './blake2b.ts';
import type { Precompile } from './row.ts';

const INPUT_LENGTH = 213;

const roundsOf = (input: Uint8Array): number =>
  input.length < 4 ? 0 : new DataView(input.buffer, input.byteOffset).getUint32(0);

export const blake2f: Precompile = {
  address: 0x09n,
  name: 'BLAKE2F',
  since: 'Istanbul',
  // An input of another length fails, whatever it costs.
  gas: (input) => (input.length === INPUT_LENGTH ? roundsOf(input) : 0),
  run(input) {
    if (input.length !== INPUT_LENGTH) return null;
    const flag = input[212]!;
    if (flag > 1) return null;
    return compressBlake2b(
      roundsOf(input),
      input.subarray(4, 68),
      input.subarray(68, 196),
      input.subarray(196, 212),
      flag === 1,
    );
  },
};
