/** The curve of EIP-196 and EIP-197, also called alt_bn128. Pairings are noble's, points are not. */

import { bn254 } from '@noble/curves/bn254.js';
import type { Fp2, G1Point, G2Point, PointPair } from '../crypto.ts';
import { type Endomorphism, endomorphism, splitPoint } from '../curve/glv.ts';
import { sumOfTerms } from '../curve/group.ts';
import { type Curve, curveOver } from '../curve/jacobian.ts';
import { type Curve2, curveOverFp2 } from '../curve/jacobian-fp2.ts';

export const P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
export const N = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
/** Parameter of the family of curves. */
export const X = 4965661367192848881n;
export const BETA = 0x59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffen;
export const LAMBDA = 0xb3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90ddn;

/** Factors of the untwisted Frobenius map of G2. */
export const PSI_X: Fp2 = {
  c0: 0x2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553dn,
  c1: 0x16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2n,
};
export const PSI_Y: Fp2 = {
  c0: 0x63cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135an,
  c1: 0x7c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3n,
};
/** 3 / (9 + u), the constant of the twisted curve. */
const TWIST_B: Fp2 = {
  c0: 0x2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5n,
  c1: 0x009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2n,
};

interface Curves {
  readonly g1: Curve;
  readonly endo: Endomorphism;
  readonly g2: Curve2;
}

let curves: Curves | undefined;

function constantCurves(): Curves {
  curves ??= { g1: curveOver(P, 0), endo: endomorphism(P, N, BETA, LAMBDA), g2: curveOverFp2(P) };
  return curves;
}

const isInfinity = ({ x, y }: G1Point): boolean => x === 0n && y === 0n;

/** The order of this curve is prime, so every point of it is in the group. */
const isOnCurve = (p: G1Point): boolean => isInfinity(p) || (p.y * p.y - p.x * p.x * p.x - 3n) % P === 0n;

export function add(a: G1Point, b: G1Point): G1Point | null {
  if (!isOnCurve(a) || !isOnCurve(b)) return null;
  const { g1 } = constantCurves();
  return g1.toAffine(g1.add(g1.fromAffine(a), g1.fromAffine(b)));
}

export function mul(point: G1Point, scalar: bigint): G1Point | null {
  if (!isOnCurve(point)) return null;
  const { g1, endo } = constantCurves();
  return g1.toAffine(sumOfTerms(g1, splitPoint(g1, endo, g1.fromAffine(point), scalar % N)));
}

/** Whether a finite point is on the twisted curve and in the subgroup. */
function isValidG2({ x, y }: G2Point): boolean {
  const { Fp2 } = bn254.fields;
  if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), TWIST_B))) return false;
  const { g2 } = constantCurves();
  const psi = (q: ReturnType<typeof g2.fromAffine>) => g2.twistedFrobenius(q, PSI_X, PSI_Y);
  // [x+1]Q + psi([x]Q) + psi^2([x]Q) = psi^3([2x]Q), https://eprint.iacr.org/2022/348. It is sufficient
  // because the resultant of this polynomial in psi and of the characteristic polynomial of psi has no factor
  // in common with the cofactor.
  const point = g2.fromAffine({ x, y });
  const xQ = sumOfTerms(g2, [{ table: [point], width: 2, scalar: X }]);
  const once = psi(xQ);
  const twice = psi(once);
  const left = g2.add(g2.add(xQ, point), g2.add(once, twice));
  return g2.equal(left, g2.double(psi(twice)));
}

export function pairingCheck(pairs: readonly PointPair[]): boolean | null {
  const { G2, fields, millerLoopBatch, utils } = bn254;
  const loops: Parameters<typeof millerLoopBatch>[0] = [];
  for (const { g1, g2 } of pairs) {
    if (!isOnCurve(g1)) return null;
    const { x, y } = g2;
    if (x.c0 === 0n && x.c1 === 0n && y.c0 === 0n && y.c1 === 0n) continue;
    if (!isValidG2(g2)) return null;
    if (isInfinity(g1)) continue;
    // noble's pairingBatch would check both points again.
    loops.push([utils.calcPairingPrecomputes(G2.Point.fromAffine(g2)), g1.x, g1.y]);
  }
  if (loops.length === 0) return true;
  const { Fp12 } = fields;
  return Fp12.eql(Fp12.finalExponentiate(millerLoopBatch(loops)), Fp12.ONE);
}
