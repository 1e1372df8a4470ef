/**
 * ZK_PROVE (extension): a Groth16 proof (https://eprint.iacr.org/2016/260) with a proving key of the host.
 *
 * Input: keccak256 of the proving key, a .zkey file of snarkjs (32 bytes), seed (32), the value of each wire of the
 * circuit (32 each, big-endian, below the order of the curve, the first of which is 1): 64 + 32 * wires bytes.
 * Output: A, B and C as in ZK_VERIFY (256 bytes for BN254, 512 for BLS12-381); failure when the key is unknown, the
 * length or a value is wrong, or the proof does not verify because the values do not satisfy the circuit.
 * Gas: from the size of the key, see priceOfProof; 3000 when the key is unknown.
 */

import { bytesToBigInt, bytesToHexDigits, concatBytes } from '../../src/primitives/bytes.ts';
import type { Crypto } from '../crypto.ts';
import type { Precompile } from '../row.ts';
import { proveGroth16, publicInputsOf } from './lib/groth16-prove.ts';
import { verifyGas, verifyGroth16 } from './lib/groth16-verify.ts';
import type { ProvingKey } from './lib/zkey.ts';

const UNKNOWN_KEY_GAS = 3_000;

/** Gas for each part of a key, by the byte of the curve; measured. */
const PRICES = {
  1: { base: 30_000, perVariable: 4_500, perDomain: 1_600, perCoefficient: 3 },
  2: { base: 30_000, perVariable: 7_500, perDomain: 2_300, perCoefficient: 3 },
} as const;

/** Gas of a proof with this key: what it takes to make, and to verify. */
export function priceOfProof({ curve, nVars, nPublic, domainSize, coefficients }: ProvingKey): number {
  const { base, perVariable, perDomain, perCoefficient } = PRICES[curve.id];
  return (
    base +
    verifyGas(curve, nPublic) +
    perVariable * nVars +
    perDomain * domainSize +
    perCoefficient * coefficients.count
  );
}

/** The proof, or null when the values are no witness. */
function run(key: ProvingKey, input: Uint8Array, crypto: Crypto): Uint8Array | null {
  const { curve, nVars, verifyingKey } = key;
  if (input.length !== 64 + 32 * nVars) return null;
  const witness: bigint[] = [];
  for (let at = 64; at < input.length; at += 32) {
    const value = bytesToBigInt(input.subarray(at, at + 32));
    if (value >= curve.r) return null;
    witness.push(value);
  }
  if (witness[0] !== 1n) return null;
  const proof = proveGroth16(key, witness, input.subarray(32, 64));
  const inputs = publicInputsOf(key, witness);
  return verifyGroth16(concatBytes(verifyingKey, proof, inputs), crypto) ? proof : null;
}

/** ZK_PROVE with these proving keys. */
export function zkProveWith(keys: readonly ProvingKey[]): Precompile {
  const byHash = new Map(keys.map((key) => [bytesToHexDigits(key.hash), key]));
  const keyOf = (input: Uint8Array): ProvingKey | undefined =>
    byHash.get(bytesToHexDigits(input.subarray(0, 32)));
  return {
    address: 0xe106n,
    name: 'ZK_PROVE',
    since: 'Frontier',
    opcode: 0xe3,
    secret: true,
    gas(input) {
      const key = keyOf(input);
      return key === undefined ? UNKNOWN_KEY_GAS : priceOfProof(key);
    },
    run(input, crypto) {
      const key = keyOf(input);
      return key === undefined ? null : run(key, input, crypto);
    },
  };
}

/** ZK_PROVE without proving keys. */
export const zkProve: Precompile = zkProveWith([]);
