/**
 * RANGE_PROOF: commitments to values and an aggregated Bulletproof that each is below 2^n; RANGE_PROOF_VERIFY takes
 * them behind n and m as they are.
 *
 * Input: n (1 byte: 8, 16, 32 or 64), m (1 byte: 1, 2, 4 or 8), seed (32), m values (8 bytes each, little-endian),
 * m blindings (32 bytes each, scalars, little-endian and below the group's order); exactly 34 + 40 * m bytes. All of
 * it but n and m is secret.
 * Output: m commitments (32 bytes each) and the proof (32 * (9 + 2 * log2(n * m)) bytes), the same for the same
 * input; failure when a value is 2^n or more, or anything is not as said.
 * Gas: 8500 for each of the n * m bits.
 */

import { concatBytes } from '../../src/primitives/bytes.ts';
import type { Precompile } from '../row.ts';
import { isBitSize, isPartyCount, proveGas, RANGE_PROOF_LABEL } from './lib/bulletproofs-format.ts';
import { type Opening, proveRange } from './lib/bulletproofs-prove.ts';
import { Transcript } from './lib/merlin.ts';
import { readScalar } from './lib/ristretto.ts';

const SEED_END = 34;

function readOpenings(input: Uint8Array, bits: number, parties: number): Opening[] | null {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const openings: Opening[] = [];
  for (let i = 0; i < parties; i++) {
    const value = view.getBigUint64(SEED_END + 8 * i, true);
    const blinding = readScalar(input, SEED_END + 8 * parties + 32 * i);
    if (blinding === null || value >> BigInt(bits) !== 0n) return null;
    openings.push({ value, blinding });
  }
  return openings;
}

export const rangeProof: Precompile = {
  address: 0xe10en,
  name: 'RANGE_PROOF',
  since: 'Frontier',
  opcode: 0xf1,
  secret: true,
  gas: ([bits = 0, parties = 0]) => proveGas(bits, parties),
  run(input) {
    const [bits = 0, parties = 0] = input;
    if (!isBitSize(bits) || !isPartyCount(parties) || input.length !== SEED_END + 40 * parties) return null;
    const openings = readOpenings(input, bits, parties);
    if (openings === null) return null;
    const seed = input.slice(2, SEED_END);
    const { commitments, proof } = proveRange(new Transcript(RANGE_PROOF_LABEL), bits, openings, seed);
    return concatBytes(...commitments, proof);
  },
};
