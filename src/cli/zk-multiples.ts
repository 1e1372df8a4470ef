/** Many multiples of the generators of a curve: with tables, and by affine additions that share their inversions. */

import { type CurvePoint, type CurvePointCons, normalizeZ } from '@noble/curves/abstract/curve.js';
import { FpInvertBatch, type IField } from '@noble/curves/abstract/modular.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import type { Fp2, G1Point, G2Point } from '../../precompiles/crypto.ts';
import type { Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { toBytes32 } from '../primitives/bytes.ts';
import { turn } from './temporary.ts';

export interface Multiples {
  /** The generator of G1 times each scalar of [0, r); null is infinity. */
  g1(scalars: readonly bigint[]): Promise<(G1Point | null)[]>;
  g2(scalars: readonly bigint[]): Promise<(G2Point | null)[]>;
}

interface Affine<F> {
  readonly x: F;
  readonly y: F;
}

// One window for each byte of a scalar.
const WINDOWS = 32;
const DIGITS = 256;
/** Points that share an inversion; also as long as a signal waits, which is some tenths of a second. */
const BATCH = 1024;

/** @param progress called with the number of points that were made since the last call */
export function multiplesOn(curve: Groth16Curve, progress: (points: number) => void): Multiples {
  const { G1, G2 } = curve.id === 1 ? bn254 : bls12_381;
  const { Fp, Fp2 } = (curve.id === 1 ? bn254 : bls12_381).fields;
  return {
    g1: multiplier(G1.Point as unknown as PointType<bigint>, Fp, progress),
    g2: multiplier(G2.Point as unknown as PointType<Fp2>, Fp2, progress),
  };
}

/** What is needed of noble's two kinds of points, under one type. */
type PointType<F> = CurvePointCons<AnyPoint<F>>;
interface AnyPoint<F> extends CurvePoint<F, AnyPoint<F>> {}

function multiplier<F>(
  Point: PointType<F>,
  field: IField<F>,
  progress: (points: number) => void,
): (scalars: readonly bigint[]) => Promise<(Affine<F> | null)[]> {
  let windows: readonly (readonly Affine<F>[])[] | undefined;
  return async (scalars) => {
    windows ??= windowsOf(Point);
    const results: (Affine<F> | null)[] = [];
    for (let start = 0; start < scalars.length; start += BATCH) {
      const part = scalars.slice(start, start + BATCH);
      results.push(...multiplyAll(windows, field, part));
      progress(part.length);
      await turn();
    }
    return results;
  };
}

/** For each window, the generator times 256^window * digit; nothing at digit 0. */
function windowsOf<F>(Point: PointType<F>): Affine<F>[][] {
  const windows: Affine<F>[][] = [];
  let base = Point.BASE;
  for (let window = 0; window < WINDOWS; window++) {
    const multiples = [base];
    while (multiples.length < DIGITS) multiples.push(multiples[multiples.length - 1]!.add(base));
    base = multiples.pop()!;
    const points = normalizeZ(Point, multiples).map((point) => point.toAffine());
    windows.push([points[0]!, ...points]);
  }
  return windows;
}

function multiplyAll<F>(
  windows: readonly (readonly Affine<F>[])[],
  field: IField<F>,
  scalars: readonly bigint[],
): (Affine<F> | null)[] {
  const digits = scalars.map(toBytes32);
  const sums = new Array<Affine<F> | null>(scalars.length).fill(null);
  for (const [window, table] of windows.entries()) {
    const places: number[] = [];
    const terms: Affine<F>[] = [];
    const differences: F[] = [];
    for (let i = 0; i < sums.length; i++) {
      const digit = digits[i]![WINDOWS - 1 - window]!;
      if (digit === 0) continue;
      const term = table[digit]!;
      const sum = sums[i]!;
      if (sum === null) {
        sums[i] = term;
        continue;
      }
      places.push(i);
      terms.push(term);
      // Never 0: what is there is a smaller multiple than the term, and both together are below the order.
      differences.push(field.sub(term.x, sum.x));
    }
    const inverses = FpInvertBatch(field, differences, true);
    for (const [k, i] of places.entries()) {
      const { x, y } = sums[i]!;
      const term = terms[k]!;
      const slope = field.mul(field.sub(term.y, y), inverses[k]!);
      const sumX = field.sub(field.sub(field.sqr(slope), x), term.x);
      sums[i] = { x: sumX, y: field.sub(field.mul(slope, field.sub(x, sumX)), y) };
    }
  }
  return sums;
}
