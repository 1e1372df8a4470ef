/** The curve of EIP-196 and EIP-197, also called alt_bn128. */

import { bn254 } from '@noble/curves/bn254.js';
import type { G1Point, G2Point, PointPair } from '../crypto.ts';

const P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const N = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

const INFINITY: G1Point = { x: 0n, y: 0n };

const isInfinity = ({ x, y }: G1Point): boolean => x === 0n && y === 0n;

/** The order of this curve is prime, so every point of it is in the group. */
const isOnCurve = (p: G1Point): boolean => isInfinity(p) || (p.y * p.y - p.x * p.x * p.x - 3n) % P === 0n;

export function add(a: G1Point, b: G1Point): G1Point | null {
  if (!isOnCurve(a) || !isOnCurve(b)) return null;
  const { Point } = bn254.G1;
  return Point.fromAffine(a).add(Point.fromAffine(b)).toAffine();
}

export function mul(point: G1Point, scalar: bigint): G1Point | null {
  if (!isOnCurve(point)) return null;
  const reduced = scalar % N;
  if (reduced === 0n || isInfinity(point)) return INFINITY;
  return bn254.G1.Point.fromAffine(point).multiplyUnsafe(reduced).toAffine();
}

export function pairingCheck(pairs: readonly PointPair[]): boolean | null {
  const { G1, G2, fields } = bn254;
  const finite: { g1: typeof G1.Point.BASE; g2: typeof G2.Point.BASE }[] = [];
  for (const pair of pairs) {
    if (!isOnCurve(pair.g1)) return null;
    const g2 = toValidG2(pair.g2);
    if (g2 === null) return null;
    if (!isInfinity(pair.g1) && !g2.is0()) finite.push({ g1: G1.Point.fromAffine(pair.g1), g2 });
  }
  return fields.Fp12.eql(bn254.pairingBatch(finite), fields.Fp12.ONE);
}

function toValidG2(point: G2Point): typeof bn254.G2.Point.BASE | null {
  try {
    const g2 = bn254.G2.Point.fromAffine(point);
    g2.assertValidity();
    return g2;
  } catch {
    return null;
  }
}
