/** Reader of constraint systems (.r1cs), as circom writes them: binary, numbers little-endian. */

import { BLS12_381, BN254, type Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { type Reader, refuse, sectionsOf } from '../../precompiles/ext/lib/sections.ts';

/** A factor of a constraint: the sum of coefficients times wires. */
export type Sum = readonly (readonly [wire: number, coefficient: bigint])[];

/** (sum of a) * (sum of b) = sum of c, for each constraint. */
export interface ConstraintSystem {
  readonly curve: Groth16Curve;
  /** Wires, the constant 1 and the public inputs among them, in this order. */
  readonly nVars: number;
  readonly nPublic: number;
  readonly constraints: readonly (readonly [a: Sum, b: Sum, c: Sum])[];
}

const CONSTRAINT_BYTES = 12;
const TERM_BYTES = 36;
/** As many as the two bytes for their number in an input of ZK_VERIFY can say. */
const MAX_PUBLIC = 65_535;

/**
 * @param file sections 1 (header) and 2 (constraints); others, such as the names of wires in 3, are not read
 * @throws ErbiumError INVALID_ARGUMENT naming the section
 */
export function parseR1cs(file: Uint8Array): ConstraintSystem {
  const section = sectionsOf(file, 'r1cs', 1);
  const header = section(1);
  const place = 'r1cs section 1';
  if (header.u32() !== 32) refuse(place, 'expected numbers of 32 bytes');
  const modulus = header.below(32, 1n << 256n);
  const curve = [BN254, BLS12_381].find(({ r }) => r === modulus);
  if (curve === undefined) return refuse(place, 'the curve is neither BN254 nor BLS12-381');
  const nVars = header.u32();
  const nPublic = header.u32() + header.u32();
  header.u32();
  header.u64();
  const count = header.u32();
  header.end();
  if (nPublic > MAX_PUBLIC) refuse(place, `${nPublic} public inputs, ${MAX_PUBLIC} is the most`);
  if (nVars < nPublic + 1) refuse(place, `${nVars} wires are too few for ${nPublic} public inputs`);

  const data = section(2);
  if (data.left < CONSTRAINT_BYTES * count) refuse('r1cs section 2', `is too short for ${count} constraints`);
  const sum = (): Sum => readSum(data, nVars, curve.r);
  const constraints = Array.from({ length: count }, () => [sum(), sum(), sum()] as const);
  data.end();
  return { curve, nVars, nPublic, constraints };
}

function readSum(from: Reader, nVars: number, r: bigint): Sum {
  const count = from.u32();
  if (from.left < TERM_BYTES * count) refuse('r1cs section 2', `is too short for a sum of ${count} terms`);
  return Array.from({ length: count }, () => {
    const wire = from.u32();
    if (wire >= nVars) refuse('r1cs section 2', `wire ${wire} is not one of ${nVars}`);
    return [wire, from.below(32, r)] as const;
  });
}
