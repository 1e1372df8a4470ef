/** Reader of witness files (.wtns) of circom and snarkjs. */

import { BLS12_381, BN254, type Groth16Curve } from './groth16-curves.ts';
import { refuse, sectionsOf } from './sections.ts';

/** A witness: the values of all wires of a circuit, the first of which is 1. */
export interface Witness {
  readonly curve: Groth16Curve;
  readonly values: readonly bigint[];
}

/**
 * @param file sections 1 (modulus and number of values) and 2 (values)
 * @throws ErbiumError INVALID_ARGUMENT naming the section
 */
export function parseWtns(file: Uint8Array): Witness {
  const section = sectionsOf(file, 'wtns', 2);
  const header = section(1);
  if (header.u32() !== 32) refuse('wtns section 1', 'expected numbers of 32 bytes');
  const modulus = header.below(32, 1n << 256n);
  const curve = [BN254, BLS12_381].find(({ r }) => r === modulus);
  if (curve === undefined) return refuse('wtns section 1', 'the curve is neither BN254 nor BLS12-381');
  const count = header.u32();
  header.end();
  const data = section(2);
  if (data.left !== 32 * count) refuse('wtns section 2', `expected ${count} values in ${32 * count} bytes`);
  return { curve, values: Array.from({ length: count }, () => data.below(32, curve.r)) };
}
