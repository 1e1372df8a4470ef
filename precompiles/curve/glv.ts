/**
 * Splitting of scalars by an endomorphism that multiplies by a known constant (Gallant, Lambert, Vanstone):
 * one multiplication by a long scalar becomes two by scalars of half the length.
 */

import { type Term, termOf } from './group.ts';
import type { Curve, Point } from './jacobian.ts';

/** (x, y) -> (beta * x, y) multiplies by lambda modulo the order n. */
export interface Endomorphism {
  readonly p: bigint;
  readonly n: bigint;
  readonly beta: bigint;
  /** Two short vectors (u, v) with u + v * lambda = 0 modulo n. */
  readonly basis: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
}

/** Short vectors by the extended Euclidean algorithm, stopped half-way (Guide to ECC, algorithm 3.74). */
export function endomorphism(p: bigint, n: bigint, beta: bigint, lambda: bigint): Endomorphism {
  let [r0, r1] = [n, lambda];
  let [t0, t1] = [0n, 1n];
  while (r1 * r1 >= n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  const quotient = r0 / r1;
  const [r2, t2] = [r0 - quotient * r1, t0 - quotient * t1];
  const last = r0 * r0 + t0 * t0 <= r2 * r2 + t2 * t2 ? ([r0, -t0] as const) : ([r2, -t2] as const);
  return { p, n, beta, basis: [[r1, -t1], last] };
}

const divideRounding = (a: bigint, b: bigint): bigint => (2n * a + (a < 0n ? -b : b)) / (2n * b);

/** Two numbers of about half the length of n, of any sign, with k = k1 + k2 * lambda modulo n. */
export function splitScalar({ n, basis }: Endomorphism, k: bigint): [bigint, bigint] {
  const [[a1, b1], [a2, b2]] = basis;
  // The determinant of the basis is n or -n.
  const determinant = a1 * b2 - a2 * b1;
  const c1 = divideRounding(determinant > 0n ? b2 * k : -b2 * k, n);
  const c2 = divideRounding(determinant > 0n ? -b1 * k : b1 * k, n);
  return [k - c1 * a1 - c2 * a2, -c1 * b1 - c2 * b2];
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** A table of the images under the endomorphism, and one of the points themselves, signed by the scalars. */
export function splitTerm(
  curve: Curve,
  endo: Endomorphism,
  table: readonly Point[],
  width: number,
  k: bigint,
): [Term<Point>, Term<Point>] {
  const [k1, k2] = splitScalar(endo, k);
  const image = ({ x, y, z }: Point): Point => ({ x: (x * endo.beta) % endo.p, y: k2 < 0n ? -y : y, z });
  return [
    { table: k1 < 0n ? table.map(curve.negate) : table, width, scalar: magnitude(k1) },
    { table: table.map(image), width, scalar: magnitude(k2) },
  ];
}

/** The terms whose sum is k * point. */
export function splitPoint(
  curve: Curve,
  endo: Endomorphism,
  point: Point,
  k: bigint,
): [Term<Point>, Term<Point>] {
  const { table, width } = termOf(curve, point, 0n);
  return splitTerm(curve, endo, table, width, k);
}
