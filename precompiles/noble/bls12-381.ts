/** The curves of EIP-2537. */

import { pippenger } from '@noble/curves/abstract/curve.js';
import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { Fp2, G1Point, G2Point, PointPair, ScaledPoint } from '../crypto.ts';

export type NobleG1 = WeierstrassPoint<bigint>;
type NobleG2 = WeierstrassPoint<Fp2>;

const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** The point, or null when it is not on the curve. */
function toG1({ x, y }: G1Point): NobleG1 | null {
  const { Point } = bls12_381.G1;
  if (x === 0n && y === 0n) return Point.ZERO;
  return (y * y - x * x * x - 4n) % P === 0n ? Point.fromAffine({ x, y }) : null;
}

/** The point, or null when it is not on the curve. */
function toG2({ x, y }: G2Point): NobleG2 | null {
  const { Point } = bls12_381.G2;
  const { Fp2 } = bls12_381.fields;
  if (x.c0 === 0n && x.c1 === 0n && y.c0 === 0n && y.c1 === 0n) return Point.ZERO;
  const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Point.CURVE().b);
  return Fp2.eql(Fp2.sqr(y), right) ? Point.fromAffine({ x, y }) : null;
}

export function g1Add(a: G1Point, b: G1Point): G1Point | null {
  const left = toG1(a);
  const right = toG1(b);
  return left === null || right === null ? null : left.add(right).toAffine();
}

export function g2Add(a: G2Point, b: G2Point): G2Point | null {
  const left = toG2(a);
  const right = toG2(b);
  return left === null || right === null ? null : left.add(right).toAffine();
}

export function g1Msm(terms: readonly ScaledPoint<G1Point>[]): G1Point | null {
  const points: NobleG1[] = [];
  const scalars: bigint[] = [];
  for (const { point, scalar } of terms) {
    const g1 = toG1(point);
    if (g1 === null || !g1.isTorsionFree()) return null;
    points.push(g1);
    scalars.push(scalar % R);
  }
  return pippenger(bls12_381.G1.Point, points, scalars).toAffine();
}

export function g2Msm(terms: readonly ScaledPoint<G2Point>[]): G2Point | null {
  const points: NobleG2[] = [];
  const scalars: bigint[] = [];
  for (const { point, scalar } of terms) {
    const g2 = toG2(point);
    if (g2 === null || !g2.isTorsionFree()) return null;
    points.push(g2);
    scalars.push(scalar % R);
  }
  return pippenger(bls12_381.G2.Point, points, scalars).toAffine();
}

export function pairingCheck(pairs: readonly PointPair[]): boolean | null {
  const finite: { g1: NobleG1; g2: NobleG2 }[] = [];
  for (const pair of pairs) {
    const g1 = toG1(pair.g1);
    if (g1 === null || !g1.isTorsionFree()) return null;
    const g2 = toG2(pair.g2);
    if (g2 === null || !g2.isTorsionFree()) return null;
    if (!g1.is0() && !g2.is0()) finite.push({ g1, g2 });
  }
  const { Fp12 } = bls12_381.fields;
  return Fp12.eql(bls12_381.pairingBatch(finite), Fp12.ONE);
}

// noble declares these two with the type of the map before the cofactor is cleared.
type MapToCurve<E, P> = (element: E) => P;

export function mapToG1(element: bigint): G1Point {
  const map = bls12_381.G1.mapToCurve as unknown as MapToCurve<bigint, NobleG1>;
  return map(element).toAffine();
}

export function mapToG2({ c0, c1 }: Fp2): G2Point {
  const map = bls12_381.G2.mapToCurve as unknown as MapToCurve<[bigint, bigint], NobleG2>;
  return map([c0, c1]).toAffine();
}
