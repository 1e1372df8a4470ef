/** Layout of the input of ZK_VERIFY, and the check itself. */

import { bytesToBigInt, equalBytes } from '../../../src/primitives/bytes.ts';
import type { Crypto, G1Point, G2Point, ScaledPoint } from '../../crypto.ts';
import { BN254, curveOfId, type Groth16Curve } from './groth16-curves.ts';

/** Bytes of alpha, beta, gamma and delta with the byte of the curve in front. */
const headLength = ({ g1Length, g2Length }: Groth16Curve): number => 1 + g1Length + 3 * g2Length;

/** Bytes of the curve and a verifying key with this many public inputs. */
export const keyLength = (curve: Groth16Curve, count: number): number =>
  headLength(curve) + 2 + (count + 1) * curve.g1Length;

/** Bytes of A, B and C. */
export const proofLength = ({ g1Length, g2Length }: Groth16Curve): number => 2 * g1Length + g2Length;

/** The curve and the number of public inputs. */
export interface Statement {
  readonly curve: Groth16Curve;
  readonly count: number;
}

/** What the header says, or null when the curve is unknown or the length is not exactly what it implies. */
export function statementOf(input: Uint8Array): Statement | null {
  const curve = curveOfId(input[0]);
  if (curve === undefined) return null;
  const at = headLength(curve);
  if (input.length < at + 2) return null;
  const count = input[at]! * 256 + input[at + 1]!;
  return input.length === keyLength(curve, count) + proofLength(curve) + 32 * count ? { curve, count } : null;
}

/** Gas of a check with so many public inputs. */
export const verifyGas = ({ id }: Groth16Curve, count: number): number =>
  id === 1 ? 181_000 + 6_150 * count : 168_100 + 12_000 * count;

/** Gas of an input; what is malformed costs as much as a key without public inputs. */
export function priceOfVerification(input: Uint8Array): number {
  const statement = statementOf(input);
  return verifyGas(curveOfId(input[0]) ?? BN254, statement?.count ?? 0);
}

/** IC[0] + the sum of the inputs times IC[i + 1], or null when a point is invalid. */
function combine(
  { id }: Groth16Curve,
  crypto: Crypto,
  first: G1Point,
  terms: readonly ScaledPoint<G1Point>[],
): G1Point | null {
  if (id === 2) return crypto.bls12G1Msm([{ point: first, scalar: 1n }, ...terms]);
  let sum: G1Point | null = first;
  for (const { point, scalar } of terms) {
    const product = crypto.bn254Mul(point, scalar);
    sum = product === null ? null : crypto.bn254Add(sum, product);
    if (sum === null) return null;
  }
  return sum;
}

/** Whether an input of ZK_VERIFY holds a valid proof; malformed input does not. */
export function verifyGroth16(input: Uint8Array, crypto: Crypto): boolean {
  const statement = statementOf(input);
  if (statement === null) return false;
  const { curve, count } = statement;
  const { q, r, g1Length, g2Length } = curve;

  let at = 1;
  let canonical = true;
  const g1 = (): G1Point => {
    const point = curve.readG1(input, at);
    at += g1Length;
    canonical &&= point !== null;
    return point ?? { x: 0n, y: 0n };
  };
  const g2 = (): G2Point => {
    const point = curve.readG2(input, at);
    at += g2Length;
    canonical &&= point !== null;
    return point ?? { x: { c0: 0n, c1: 0n }, y: { c0: 0n, c1: 0n } };
  };

  const alpha = g1();
  const beta = g2();
  const gamma = g2();
  const delta = g2();
  at += 2;
  const first = g1();
  const points = Array.from({ length: count }, g1);
  const a = g1();
  const b = g2();
  const c = g1();
  if (!canonical) return false;
  const terms: ScaledPoint<G1Point>[] = [];
  for (const point of points) {
    const scalar = bytesToBigInt(input.subarray(at, at + 32));
    if (scalar >= r) return false;
    terms.push({ point, scalar });
    at += 32;
  }

  const combined = combine(curve, crypto, first, terms);
  if (combined === null) return false;
  const isOne = (curve.id === 1 ? crypto.bn254PairingCheck : crypto.bls12PairingCheck).call(crypto, [
    { g1: { x: a.x, y: a.y === 0n ? 0n : q - a.y }, g2: b },
    { g1: alpha, g2: beta },
    { g1: combined, g2: gamma },
    { g1: c, g2: delta },
  ]);
  return isOne === true;
}

/**
 * Why a verifying key proves nothing to whoever has it, or null when no such reason is known. ZK_VERIFY takes such
 * keys, because their owner may know, as in a test.
 * @param key the byte of the curve and the verifying key
 */
export function weaknessOf(key: Uint8Array): string | null {
  const curve = curveOfId(key[0]);
  if (curve === undefined || key.length < keyLength(curve, 0)) return 'not a verifying key';
  const { g1Length, g2Length } = curve;
  const beta = key.subarray(1 + g1Length, 1 + g1Length + g2Length);
  const gamma = key.subarray(1 + g1Length + g2Length, 1 + g1Length + 2 * g2Length);
  const delta = key.subarray(1 + g1Length + 2 * g2Length, headLength(curve));
  const isInfinity = (point: Uint8Array): boolean => point.every((byte) => byte === 0);
  if ([key.subarray(1, 1 + g1Length), beta, gamma, delta].some(isInfinity)) {
    return 'alpha, beta, gamma or delta is infinity';
  }
  // A = alpha, B = beta and C = minus the combination of the inputs verify then, or plus where the points are opposite.
  const half = g2Length / 2;
  const sameX = equalBytes(gamma.subarray(0, half), delta.subarray(0, half));
  return sameX ? 'gamma equals delta, or is its opposite: the key never had a contribution' : null;
}
