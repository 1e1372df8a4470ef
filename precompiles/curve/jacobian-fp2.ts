/**
 * Points of y^2 = x^3 + b over the quadratic extension Fp[u] / (u^2 + 1), in Jacobian coordinates; see
 * jacobian.ts for the treatment of coordinates.
 */

import type { Fp2, G2Point } from '../crypto.ts';
import type { Group } from './group.ts';
import { inverse } from './inverse.ts';

export interface Point2 {
  readonly x: Fp2;
  readonly y: Fp2;
  /** 0 at infinity. */
  readonly z: Fp2;
}

export interface Curve2 extends Group<Point2> {
  /** Takes all zeros for infinity. Checks nothing. */
  fromAffine(point: G2Point): Point2;
  /** Gives all zeros for infinity, and coordinates in [0, p). */
  toAffine(point: Point2): G2Point;
  equal(a: Point2, b: Point2): boolean;
  isInfinity(point: Point2): boolean;
  /** (x, y) -> (conjugate of x * factorX, conjugate of y * factorY) in affine coordinates. */
  twistedFrobenius(point: Point2, factorX: Fp2, factorY: Fp2): Point2;
}

const FP2_ZERO: Fp2 = { c0: 0n, c1: 0n };
const FP2_ONE: Fp2 = { c0: 1n, c1: 0n };
const ZERO: Point2 = { x: FP2_ONE, y: FP2_ONE, z: FP2_ZERO };

const isZero = ({ c0, c1 }: Fp2): boolean => c0 === 0n && c1 === 0n;
const isOne = ({ c0, c1 }: Fp2): boolean => c0 === 1n && c1 === 0n;

/** A square that is not reduced. */
const wideSquare = ({ c0, c1 }: Fp2): Fp2 => ({ c0: (c0 + c1) * (c0 - c1), c1: 2n * c0 * c1 });

/** A product that is not reduced. */
const wideProduct = (a: Fp2, b: Fp2): Fp2 => ({
  c0: a.c0 * b.c0 - a.c1 * b.c1,
  c1: a.c0 * b.c1 + a.c1 * b.c0,
});

export function curveOverFp2(p: bigint): Curve2 {
  const reduce = ({ c0, c1 }: Fp2): Fp2 => ({ c0: c0 % p, c1: c1 % p });
  const mul = (a: Fp2, b: Fp2): Fp2 => reduce(wideProduct(a, b));
  const sqr = (a: Fp2): Fp2 => reduce(wideSquare(a));
  const canonical = ({ c0, c1 }: Fp2): Fp2 => {
    const r0 = c0 % p;
    const r1 = c1 % p;
    return { c0: r0 < 0n ? r0 + p : r0, c1: r1 < 0n ? r1 + p : r1 };
  };
  const equalFp2 = (a: Fp2, b: Fp2): boolean => (a.c0 - b.c0) % p === 0n && (a.c1 - b.c1) % p === 0n;
  const invert = ({ c0, c1 }: Fp2): Fp2 => {
    const norm = inverse(c0 * c0 + c1 * c1, p);
    return { c0: (c0 * norm) % p, c1: (-c1 * norm) % p };
  };

  const double = ({ x, y, z }: Point2): Point2 => {
    const yy = sqr(y);
    const xx = sqr(x);
    const slope: Fp2 = { c0: 3n * xx.c0, c1: 3n * xx.c1 };
    const xyy = wideProduct(x, yy);
    const d: Fp2 = { c0: (4n * xyy.c0) % p, c1: (4n * xyy.c1) % p };
    const s2 = wideSquare(slope);
    const x3: Fp2 = { c0: (s2.c0 - 2n * d.c0) % p, c1: (s2.c1 - 2n * d.c1) % p };
    const left = wideProduct(slope, { c0: d.c0 - x3.c0, c1: d.c1 - x3.c1 });
    const y4 = wideSquare(yy);
    const yz = wideProduct(y, z);
    return {
      x: x3,
      y: { c0: (left.c0 - 8n * y4.c0) % p, c1: (left.c1 - 8n * y4.c1) % p },
      z: { c0: (2n * yz.c0) % p, c1: (2n * yz.c1) % p },
    };
  };

  const add = (one: Point2, two: Point2): Point2 => {
    if (isZero(one.z)) return two;
    if (isZero(two.z)) return one;
    let x1 = one.x;
    let y1 = one.y;
    let z = one.z;
    if (!isOne(two.z)) {
      const zz2 = sqr(two.z);
      x1 = mul(x1, zz2);
      y1 = mul(y1, mul(two.z, zz2));
      z = mul(z, two.z);
    }
    const zz1 = sqr(one.z);
    const u2 = wideProduct(two.x, zz1);
    const s2 = wideProduct(two.y, mul(one.z, zz1));
    const h: Fp2 = { c0: (u2.c0 - x1.c0) % p, c1: (u2.c1 - x1.c1) % p };
    const r: Fp2 = { c0: (s2.c0 - y1.c0) % p, c1: (s2.c1 - y1.c1) % p };
    if (isZero(h)) return isZero(r) ? double(one) : ZERO;
    const hh = sqr(h);
    const hhh = mul(h, hh);
    const v = mul(x1, hh);
    const r2 = wideSquare(r);
    const x3: Fp2 = {
      c0: (r2.c0 - hhh.c0 - 2n * v.c0) % p,
      c1: (r2.c1 - hhh.c1 - 2n * v.c1) % p,
    };
    const left = wideProduct(r, { c0: v.c0 - x3.c0, c1: v.c1 - x3.c1 });
    const right = wideProduct(y1, hhh);
    return { x: x3, y: { c0: (left.c0 - right.c0) % p, c1: (left.c1 - right.c1) % p }, z: mul(z, h) };
  };

  const conjugate = ({ c0, c1 }: Fp2): Fp2 => ({ c0, c1: -c1 });

  return {
    zero: ZERO,
    double,
    add,
    negate: ({ x, y, z }) => ({ x, y: { c0: -y.c0, c1: -y.c1 }, z }),
    fromAffine: ({ x, y }) => (isZero(x) && isZero(y) ? ZERO : { x, y, z: FP2_ONE }),
    toAffine({ x, y, z }) {
      if (isZero(z)) return { x: FP2_ZERO, y: FP2_ZERO };
      if (isOne(z)) return { x: canonical(x), y: canonical(y) };
      const reciprocal = invert(z);
      const square = sqr(reciprocal);
      return {
        x: canonical(wideProduct(x, square)),
        y: canonical(wideProduct(y, mul(reciprocal, square))),
      };
    },
    equal(one, two) {
      if (isZero(one.z) || isZero(two.z)) return isZero(one.z) && isZero(two.z);
      const zz1 = sqr(one.z);
      const zz2 = sqr(two.z);
      return (
        equalFp2(wideProduct(one.x, zz2), wideProduct(two.x, zz1)) &&
        equalFp2(wideProduct(one.y, mul(two.z, zz2)), wideProduct(two.y, mul(one.z, zz1)))
      );
    },
    isInfinity: ({ z }) => isZero(z),
    twistedFrobenius: ({ x, y, z }, factorX, factorY) => ({
      x: mul(conjugate(x), factorX),
      y: mul(conjugate(y), factorY),
      z: conjugate(z),
    }),
  };
}
