/**
 * DILITHIUM_SIGN (FIPS 204, ML-DSA): deterministic signature by the key pair of a seed.
 *
 * Input: level (1 byte: 44, 65 or 87), seed (32 bytes), message (the rest).
 * Output: signature (2420, 3309 or 4627 bytes) of pure ML-DSA under the empty context, the variant of FIPS 204
 * with 32 zero bytes for randomness; failure for an unknown level or a short seed.
 * Gas: 200000, 270000 or 300000, and 6 for each 32-byte word of the message; 200000 for an unknown level.
 *
 * Takes a seed because nothing bounds how often signing starts over with an expanded key made for that. With
 * the key of a seed it starts over with a probability of 0.76, 0.80 or 0.74, and three times the price is
 * reached after 210, 210 or 160 times: less than one message in 2^66, whatever the seed.
 */

import { gasByWords } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { MESSAGE_WORD_GAS, ML_DSA_44, mlDsaOfLevel, SEED_LENGTH } from './lib/ml-dsa.ts';

const MESSAGE_AT = 1 + SEED_LENGTH;

export const dilithiumSign: Precompile = {
  address: 0xe101n,
  name: 'DILITHIUM_SIGN',
  since: 'Frontier',
  opcode: 0xe1,
  secret: true,
  gas: (input) =>
    gasByWords(
      (mlDsaOfLevel(input[0]) ?? ML_DSA_44).signGas,
      MESSAGE_WORD_GAS,
      Math.max(0, input.length - MESSAGE_AT),
    ),
  run(input) {
    const set = mlDsaOfLevel(input[0]);
    if (set === null || input.length < MESSAGE_AT) return null;
    const { secretKey } = set.scheme.keygen(input.subarray(1, MESSAGE_AT));
    // Without the option the library draws randomness.
    return set.scheme.sign(input.subarray(MESSAGE_AT), secretKey, { extraEntropy: false });
  },
};
