/**
 * The groups of an instance of mcl, whose points stay in its memory. What is done with them is that of the default
 * cryptography, see ../curve/group.ts; index.ts says why.
 */

import type { Fp2, G1Point, G2Point } from '../crypto.ts';
import { type Endomorphism, splitScalar } from '../curve/glv.ts';
import { type Group, oddMultiples, type Term } from '../curve/group.ts';
import type { Ref } from './mcl.ts';
import { FP_SIZE, type Memory } from './memory.ts';

const FP2_SIZE = 2 * FP_SIZE;
/** Three coordinates: X / Z^2, Y / Z^3. */
export const G1_SIZE = 3 * FP_SIZE;
export const G2_SIZE = 3 * FP2_SIZE;

/** Each point is new memory of the operation. */
export interface PointGroup<Affine> extends Group<Ref> {
  /** Takes zeros for infinity; null for a point that is not on the curve. */
  fromAffine(point: Affine): Ref | null;
  /** Gives zeros for infinity. */
  toAffine(point: Ref): Affine;
  isInfinity(point: Ref): boolean;
  equal(a: Ref, b: Ref): boolean;
}

export interface FastG1 extends PointGroup<G1Point> {
  /** (x, y) -> (factor * x, y). */
  scaleX(point: Ref, factor: Ref): Ref;
}

export interface FastG2 extends PointGroup<G2Point> {
  /** The untwisted Frobenius map, given by its factors. */
  twistedFrobenius(point: Ref, factorX: Ref, factorY: Ref): Ref;
}

const isZero2 = ({ c0, c1 }: Fp2): boolean => c0 === 0n && c1 === 0n;

export function g1In(memory: Memory): FastG1 {
  const { mcl } = memory;
  const zero = memory.take(G1_SIZE);
  memory.clear(zero, G1_SIZE);
  const one = memory.fp(1n);
  memory.keep();
  return {
    zero,
    double(a) {
      const sum = memory.take(G1_SIZE);
      mcl._mclBnG1_dbl(sum, a);
      return sum;
    },
    add(a, b) {
      const sum = memory.take(G1_SIZE);
      mcl._mclBnG1_add(sum, a, b);
      return sum;
    },
    negate(a) {
      const negative = memory.take(G1_SIZE);
      mcl._mclBnG1_neg(negative, a);
      return negative;
    },
    fromAffine({ x, y }) {
      if (x === 0n && y === 0n) return zero;
      const point = memory.take(G1_SIZE);
      memory.setFp(point, x);
      memory.setFp(point + FP_SIZE, y);
      memory.copy(point + 2 * FP_SIZE, one, FP_SIZE);
      return mcl._mclBnG1_isValid(point) === 1 ? point : null;
    },
    toAffine(point) {
      if (mcl._mclBnG1_isZero(point) === 1) return { x: 0n, y: 0n };
      const affine = memory.take(G1_SIZE);
      mcl._mclBnG1_normalize(affine, point);
      return { x: memory.getFp(affine), y: memory.getFp(affine + FP_SIZE) };
    },
    isInfinity: (point) => mcl._mclBnG1_isZero(point) === 1,
    equal: (a, b) => mcl._mclBnG1_isEqual(a, b) === 1,
    scaleX(point, factor) {
      const image = memory.take(G1_SIZE);
      memory.copy(image, point, G1_SIZE);
      mcl._mclBnFp_mul(image, image, factor);
      return image;
    },
  };
}

export function setFp2(memory: Memory, to: Ref, { c0, c1 }: Fp2): void {
  memory.setFp(to, c0);
  memory.setFp(to + FP_SIZE, c1);
}

export function fp2(memory: Memory, element: Fp2): Ref {
  const at = memory.take(FP2_SIZE);
  setFp2(memory, at, element);
  return at;
}

export function g2In(memory: Memory): FastG2 {
  const { mcl } = memory;
  const zero = memory.take(G2_SIZE);
  memory.clear(zero, G2_SIZE);
  const one = fp2(memory, { c0: 1n, c1: 0n });
  memory.keep();
  const get = (from: Ref): Fp2 => ({ c0: memory.getFp(from), c1: memory.getFp(from + FP_SIZE) });
  return {
    zero,
    double(a) {
      const sum = memory.take(G2_SIZE);
      mcl._mclBnG2_dbl(sum, a);
      return sum;
    },
    add(a, b) {
      const sum = memory.take(G2_SIZE);
      mcl._mclBnG2_add(sum, a, b);
      return sum;
    },
    negate(a) {
      const negative = memory.take(G2_SIZE);
      mcl._mclBnG2_neg(negative, a);
      return negative;
    },
    fromAffine({ x, y }) {
      if (isZero2(x) && isZero2(y)) return zero;
      const point = memory.take(G2_SIZE);
      setFp2(memory, point, x);
      setFp2(memory, point + FP2_SIZE, y);
      memory.copy(point + 2 * FP2_SIZE, one, FP2_SIZE);
      return mcl._mclBnG2_isValid(point) === 1 ? point : null;
    },
    toAffine(point) {
      if (mcl._mclBnG2_isZero(point) === 1) return { x: { c0: 0n, c1: 0n }, y: { c0: 0n, c1: 0n } };
      const affine = memory.take(G2_SIZE);
      mcl._mclBnG2_normalize(affine, point);
      return { x: get(affine), y: get(affine + FP2_SIZE) };
    },
    isInfinity: (point) => mcl._mclBnG2_isZero(point) === 1,
    equal: (a, b) => mcl._mclBnG2_isEqual(a, b) === 1,
    twistedFrobenius(point, factorX, factorY) {
      const image = memory.take(G2_SIZE);
      memory.copy(image, point, G2_SIZE);
      for (let at = image; at < image + G2_SIZE; at += FP2_SIZE) {
        mcl._mclBnFp_neg(at + FP_SIZE, at + FP_SIZE);
      }
      mcl._mclBnFp2_mul(image, image, factorX);
      mcl._mclBnFp2_mul(image + FP2_SIZE, image + FP2_SIZE, factorY);
      return image;
    },
  };
}

const SPLIT_WIDTH = 5;

/** The two terms whose sum is k * point, as `splitPoint` of ../curve/glv.ts has it. */
export function splitPoint(g1: FastG1, endo: Endomorphism, beta: Ref, point: Ref, k: bigint): Term<Ref>[] {
  const [k1, k2] = splitScalar(endo, k);
  const table = oddMultiples(g1, point, 1 << (SPLIT_WIDTH - 2));
  const images = table.map((multiple) => g1.scaleX(multiple, beta));
  return [signedTerm(g1, table, k1), signedTerm(g1, images, k2)];
}

const signedTerm = (g1: FastG1, table: readonly Ref[], k: bigint): Term<Ref> =>
  k < 0n
    ? { table: table.map(g1.negate), width: SPLIT_WIDTH, scalar: -k }
    : { table, width: SPLIT_WIDTH, scalar: k };
