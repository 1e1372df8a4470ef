/**
 * Prover of Groth16 (https://eprint.iacr.org/2016/260), for the proving keys of snarkjs. Deterministic: the two
 * blinding factors come from a seed, the key and the whole witness.
 *
 * Not in constant time: the time taken depends on the witness.
 */

import { shake256 } from '@noble/hashes/sha3.js';
import { bytesToBigInt, concatBytes, demandBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { type Group, multiScalarMultiply } from '../../curve/group.ts';
import { curveOver } from '../../curve/jacobian.ts';
import { curveOverFp2 } from '../../curve/jacobian-fp2.ts';
import { shiftDomain } from './fft.ts';
import { refuse } from './sections.ts';
import type { ProvingKey } from './zkey.ts';

const BLINDING = new TextEncoder().encode('erbium groth16 blinding v1');

/** A group with the conversion from affine coordinates. */
interface AffineGroup<P, A> extends Group<P> {
  fromAffine(point: A): P;
}

/** Sum of scalars times points; wires are mostly 0 or 1, which cost nothing or one addition. */
function combine<P, A>(group: AffineGroup<P, A>, points: readonly A[], scalars: readonly bigint[]): P {
  const bases: P[] = [];
  const factors: bigint[] = [];
  let sum = group.zero;
  for (let i = 0; i < points.length; i++) {
    const scalar = scalars[i]!;
    if (scalar === 0n) continue;
    const base = group.fromAffine(points[i]!);
    if (base === group.zero) continue;
    if (scalar === 1n) {
      sum = group.add(sum, base);
    } else {
      bases.push(base);
      factors.push(scalar);
    }
  }
  return group.add(multiScalarMultiply(group, bases, factors), sum);
}

/** Two numbers below the order, unpredictable without the seed, and different for each key and witness. */
function blindingFactors(key: ProvingKey, seed: Uint8Array, witness: readonly bigint[]): [bigint, bigint] {
  const hash = shake256.create({ dkLen: 128 }).update(BLINDING).update(key.hash).update(seed);
  for (const value of witness) hash.update(toBytes32(value));
  const bytes = hash.digest();
  const { r } = key.curve;
  return [bytesToBigInt(bytes.subarray(0, 64)) % r, bytesToBigInt(bytes.subarray(64)) % r];
}

/** The quotient, as its values at the odd powers of the root of order 2 * domainSize times the vanishing polynomial. */
function quotient({ curve, domainSize, coefficients }: ProvingKey, witness: readonly bigint[]): bigint[] {
  const { r } = curve;
  const { count, matrix, row, column, value } = coefficients;
  const left = new Array<bigint>(domainSize).fill(0n);
  const right = new Array<bigint>(domainSize).fill(0n);
  for (let i = 0; i < count; i++) {
    const target = matrix[i] === 0 ? left : right;
    const at = row[i]!;
    target[at] = (target[at]! + value[i]! * witness[column[i]!]!) % r;
  }
  const product = left.map((factor, i) => (factor * right[i]!) % r);
  const shift = shiftDomain(curve, Math.log2(domainSize));
  shift(left);
  shift(right);
  shift(product);
  return product.map((value, i) => {
    const difference = (left[i]! * right[i]! - value) % r;
    return difference < 0n ? difference + r : difference;
  });
}

/**
 * A proof: A, B and C in 256 or 512 bytes, as in the input of ZK_VERIFY. A witness that does not satisfy the circuit
 * gives a proof that does not verify: check it.
 * @param witness a value in [0, r) for each wire, the first of which is 1
 * @param seed 32 bytes that nobody else knows; the proof hides nothing from who knows them
 * @throws ErbiumError INVALID_ARGUMENT for a witness or a seed that is not of this form
 */
export function proveGroth16(key: ProvingKey, witness: readonly bigint[], seed: Uint8Array): Uint8Array {
  const { curve, nVars, nPublic } = key;
  demandBytes(seed, 'seed');
  if (seed.length !== 32) refuse('seed', `expected 32 bytes, got ${seed.length}`);
  if (witness.length !== nVars) refuse('witness', `expected ${nVars} values, got ${witness.length}`);
  for (let i = 0; i < nVars; i++) {
    const value: unknown = witness[i];
    if (typeof value !== 'bigint' || value < 0n || value >= curve.r) {
      refuse(`witness[${i}]`, 'expected a bigint below the order of the curve');
    }
  }
  if (witness[0] !== 1n) refuse('witness[0]', 'expected 1');

  const [r, s] = blindingFactors(key, seed, witness);
  const g1 = curveOver(curve.q, 0);
  const g2 = curveOverFp2(curve.q);
  const a = combine(g1, [...key.a, key.alpha1, key.delta1], [...witness, 1n, r]);
  const b1 = combine(g1, [...key.b1, key.beta1, key.delta1], [...witness, 1n, s]);
  const b2 = combine(g2, [...key.b2, key.beta2, key.delta2], [...witness, 1n, s]);
  const proofA = g1.toAffine(a);
  // C = witness and quotient over delta + sA + rB - rs delta.
  const c = combine(
    g1,
    [...key.c, ...key.h, proofA, g1.toAffine(b1), key.delta1],
    [
      ...witness.slice(nPublic + 1),
      ...quotient(key, witness),
      s,
      r,
      (curve.r - ((r * s) % curve.r)) % curve.r,
    ],
  );
  return concatBytes(curve.writeG1(proofA), curve.writeG2(g2.toAffine(b2)), curve.writeG1(g1.toAffine(c)));
}

/** The public inputs in a witness, 32 bytes each. */
export const publicInputsOf = ({ nPublic }: ProvingKey, witness: readonly bigint[]): Uint8Array =>
  concatBytes(...witness.slice(1, nPublic + 1).map(toBytes32));
