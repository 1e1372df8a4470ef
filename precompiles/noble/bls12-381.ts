/**
 * The curves of EIP-2537. Pairings and maps are noble's; points are not, which makes subgroup checks and
 * multiplications several times as fast.
 */

import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { Fp2, G1Point, G2Point, PointPair, ScaledPoint } from '../crypto.ts';
import { multiScalarMultiply, sumOfTerms } from '../curve/group.ts';
import { type Curve, curveOver, type Point } from '../curve/jacobian.ts';
import { type Curve2, curveOverFp2, type Point2 } from '../curve/jacobian-fp2.ts';

export const P =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
export const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
/** Size of the parameter of the family of curves, which itself is negative; R = X^4 - X^2 + 1. */
export const X = 0xd201000000010000n;
export const X_SQUARED = X * X;

/** (x, y) -> (BETA * x, y) multiplies G1 by -X^2. */
export const BETA = 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffen;

/** Factors of the untwisted Frobenius map, which multiplies G2 by -X. */
export const PSI_X: Fp2 = {
  c0: 0n,
  c1: 0x1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaadn,
};
export const PSI_Y: Fp2 = {
  c0: 0x135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2n,
  c1: 0x6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09n,
};

let curves: { readonly g1: Curve; readonly g2: Curve2 } | undefined;

export function constantCurves(): NonNullable<typeof curves> {
  curves ??= { g1: curveOver(P, 0), g2: curveOverFp2(P) };
  return curves;
}

/** The point, or null when it is not on the curve. */
function toG1(point: G1Point): Point | null {
  const { x, y } = point;
  const infinite = x === 0n && y === 0n;
  if (!infinite && (y * y - x * x * x - 4n) % P !== 0n) return null;
  return constantCurves().g1.fromAffine(point);
}

/** The point, or null when it is not on the curve. */
function toG2(point: G2Point): Point2 | null {
  const { g2 } = constantCurves();
  const { x, y } = point;
  const q = g2.fromAffine(point);
  if (g2.isInfinity(q)) return q;
  // y^2 = x^3 + 4 + 4u
  const s0 = ((x.c0 + x.c1) * (x.c0 - x.c1)) % P;
  const s1 = (2n * x.c0 * x.c1) % P;
  const d0 = (y.c0 + y.c1) * (y.c0 - y.c1) - s0 * x.c0 + s1 * x.c1 - 4n;
  const d1 = 2n * y.c0 * y.c1 - s0 * x.c1 - s1 * x.c0 - 4n;
  return d0 % P === 0n && d1 % P === 0n ? q : null;
}

const phi = ({ x, y, z }: Point): Point => ({ x: (x * BETA) % P, y, z });

const psi = (point: Point2): Point2 => constantCurves().g2.twistedFrobenius(point, PSI_X, PSI_Y);

/** phi(P) = -[X^2]P exactly in the subgroup: the resultant with phi^2 + phi + 1 is the order. */
export function toSubgroupG1(point: G1Point): Point | null {
  const p = toG1(point);
  if (p === null) return null;
  const { g1 } = constantCurves();
  const once = sumOfTerms(g1, [{ table: [p], width: 2, scalar: X }]);
  const twice = sumOfTerms(g1, [{ table: [once], width: 2, scalar: X }]);
  return g1.equal(phi(p), g1.negate(twice)) ? p : null;
}

/** psi(Q) = -[X]Q exactly in the subgroup, https://eprint.iacr.org/2021/1130. */
function toSubgroupG2(point: G2Point): Point2 | null {
  const q = toG2(point);
  if (q === null) return null;
  const { g2 } = constantCurves();
  const multiple = sumOfTerms(g2, [{ table: [q], width: 2, scalar: X }]);
  return g2.equal(psi(q), g2.negate(multiple)) ? q : null;
}

export function g1Add(a: G1Point, b: G1Point): G1Point | null {
  const left = toG1(a);
  const right = toG1(b);
  if (left === null || right === null) return null;
  const { g1 } = constantCurves();
  return g1.toAffine(g1.add(left, right));
}

export function g2Add(a: G2Point, b: G2Point): G2Point | null {
  const left = toG2(a);
  const right = toG2(b);
  if (left === null || right === null) return null;
  const { g2 } = constantCurves();
  return g2.toAffine(g2.add(left, right));
}

/** Sum of products of points of the subgroup. */
export function sumOfMultiplesG1(terms: readonly (readonly [Point, bigint])[]): Point {
  const { g1 } = constantCurves();
  const points: Point[] = [];
  const scalars: bigint[] = [];
  const push = (point: Point, scalar: bigint): void => {
    if (scalar === 0n) return;
    points.push(point);
    scalars.push(scalar);
  };
  for (const [point, scalar] of terms) {
    if (point.z === 0n) continue;
    // k = k0 + k1 * X^2, and X^2 is -phi.
    const k = scalar % R;
    push(point, k % X_SQUARED);
    push(g1.negate(phi(point)), k / X_SQUARED);
  }
  return multiScalarMultiply(g1, points, scalars);
}

export function g1Msm(terms: readonly ScaledPoint<G1Point>[]): G1Point | null {
  const valid: [Point, bigint][] = [];
  for (const { point, scalar } of terms) {
    const p = toSubgroupG1(point);
    if (p === null) return null;
    valid.push([p, scalar]);
  }
  return constantCurves().g1.toAffine(sumOfMultiplesG1(valid));
}

export function g2Msm(terms: readonly ScaledPoint<G2Point>[]): G2Point | null {
  const { g2 } = constantCurves();
  const points: Point2[] = [];
  const scalars: bigint[] = [];
  for (const { point, scalar } of terms) {
    const q = toSubgroupG2(point);
    if (q === null) return null;
    if (g2.isInfinity(q)) continue;
    // k = k0 + k1 * X + k2 * X^2 + k3 * X^3, and X is -psi.
    let image = q;
    for (let k = scalar % R; k > 0n; k /= X) {
      const digit = k % X;
      if (digit > 0n) {
        points.push(image);
        scalars.push(digit);
      }
      image = g2.negate(psi(image));
    }
  }
  return g2.toAffine(multiScalarMultiply(g2, points, scalars));
}

/** The lines of a Miller loop, which depend on the point of G2 alone, and a finite point of G1. */
export type Loop = Parameters<typeof bls12_381.millerLoopBatch>[0][number];

/** Whether a product of pairings is one, with one final exponentiation for all of them. */
export function productIsOne(loops: Loop[]): boolean {
  if (loops.length === 0) return true;
  const { Fp12 } = bls12_381.fields;
  return Fp12.eql(Fp12.finalExponentiate(bls12_381.millerLoopBatch(loops)), Fp12.ONE);
}

export function pairingCheck(pairs: readonly PointPair[]): boolean | null {
  const { G2, utils } = bls12_381;
  const { g2: curve } = constantCurves();
  const loops: Loop[] = [];
  for (const { g1, g2 } of pairs) {
    const p = toSubgroupG1(g1);
    if (p === null) return null;
    const q = toSubgroupG2(g2);
    if (q === null) return null;
    if (p.z === 0n || curve.isInfinity(q)) continue;
    // noble's pairingBatch would check both points again.
    loops.push([utils.calcPairingPrecomputes(G2.Point.fromAffine(g2)), g1.x, g1.y]);
  }
  return productIsOne(loops);
}

// noble declares these two with the type of the map before the cofactor is cleared.
type MapToCurve<E, Result> = (element: E) => WeierstrassPoint<Result>;

export function mapToG1(element: bigint): G1Point {
  const map = bls12_381.G1.mapToCurve as unknown as MapToCurve<bigint, bigint>;
  return map(element).toAffine();
}

export function mapToG2({ c0, c1 }: Fp2): G2Point {
  const map = bls12_381.G2.mapToCurve as unknown as MapToCurve<[bigint, bigint], Fp2>;
  return map([c0, c1]).toAffine();
}
