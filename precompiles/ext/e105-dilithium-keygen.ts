/**
 * DILITHIUM_KEYGEN (FIPS 204, ML-DSA, algorithm 6): the key pair of a seed.
 *
 * Input: level (1 byte: 44, 65 or 87) and seed (32 bytes); exactly 33 bytes.
 * Output: public key (1312, 1952 or 2592 bytes) and expanded secret key (2560, 4032 or 4896); failure for an
 * unknown level or another length.
 * Gas: 10000, 15000 or 20000; 10000 for an unknown level.
 */

import { concatBytes } from '../../src/primitives/bytes.ts';
import type { Precompile } from '../row.ts';
import { ML_DSA_44, mlDsaOfLevel, SEED_LENGTH } from './lib/ml-dsa.ts';

export const dilithiumKeygen: Precompile = {
  address: 0xe105n,
  name: 'DILITHIUM_KEYGEN',
  since: 'Frontier',
  opcode: 0xe2,
  secret: true,
  gas: (input) => (mlDsaOfLevel(input[0]) ?? ML_DSA_44).keygenGas,
  run(input) {
    const set = mlDsaOfLevel(input[0]);
    if (set === null || input.length !== 1 + SEED_LENGTH) return null;
    const { publicKey, secretKey } = set.scheme.keygen(input.subarray(1));
    return concatBytes(publicKey, secretKey);
  },
};
