/** Groth16 with noble's pairings: a proof made with the secrets of its key, and the check as the paper has it. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import type { Reference } from '../fuzz/precompile/judge.ts';
import { wordOf } from '../fuzz/precompile/kind.ts';
import { bytesToBigInt, concatBytes } from '../primitives/bytes.ts';
import { verdictOf } from './fuzz-precompile-ext-references.ts';

/** A curve with the length of its coordinates (EIP-197, EIP-2537). */
const CURVES = {
  1: { curve: bn254, size: 32, isImaginaryFirst: true },
  2: { curve: bls12_381, size: 64, isImaginaryFirst: false },
} as const;

type CurveId = keyof typeof CURVES;

/** Reads an input from its beginning. */
class Points {
  private readonly input: Uint8Array;
  private at: number;
  private readonly id: CurveId;

  constructor(input: Uint8Array, id: CurveId) {
    this.input = input;
    this.id = id;
    this.at = 1;
  }

  number(length: number): bigint {
    if (this.at + length > this.input.length) throw new Error('too short');
    this.at += length;
    return bytesToBigInt(this.input.subarray(this.at - length, this.at));
  }

  field(): bigint {
    const { curve, size } = CURVES[this.id];
    const value = this.number(size);
    if (value >= curve.fields.Fp.ORDER) throw new Error('no coordinate');
    return value;
  }

  g1() {
    const { Point } = CURVES[this.id].curve.G1;
    const [x, y] = [this.field(), this.field()];
    if (x === 0n && y === 0n) return Point.ZERO;
    const point = Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  }

  g2() {
    const { curve, isImaginaryFirst } = CURVES[this.id];
    const pairs = [0, 1].map(() => {
      const pair: [bigint, bigint] = [this.field(), this.field()];
      return isImaginaryFirst ? ([pair[1], pair[0]] as [bigint, bigint]) : pair;
    });
    const { Point } = curve.G2;
    if (pairs.flat().every((value) => value === 0n)) return Point.ZERO;
    const [x, y] = pairs.map((pair) => curve.fields.Fp2.fromBigTuple(pair));
    const point = Point.fromAffine({ x: x!, y: y! });
    point.assertValidity();
    return point;
  }

  end(): void {
    if (this.at !== this.input.length) throw new Error('too long');
  }
}

function isValid(input: Uint8Array): boolean {
  const id = input[0];
  if (id !== 1 && id !== 2) return false;
  const { curve } = CURVES[id];
  const points = new Points(input, id);
  const alpha = points.g1();
  const [beta, gamma, delta] = [points.g2(), points.g2(), points.g2()];
  const count = Number(points.number(2));
  const ic = Array.from({ length: count + 1 }, () => points.g1());
  const [a, b, c] = [points.g1(), points.g2(), points.g1()];
  const inputs = Array.from({ length: count }, () => points.number(32));
  points.end();
  if (inputs.some((value) => value >= curve.fields.Fr.ORDER)) return false;
  const sum = inputs.reduce((all, value, i) => all.add(ic[i + 1]!.multiplyUnsafe(value)), ic[0]!);
  const pairs = [
    { g1: a.negate(), g2: b },
    { g1: alpha, g2: beta },
    { g1: sum, g2: gamma },
    { g1: c, g2: delta },
  ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  return curve.fields.Fp12.eql(curve.pairingBatch(pairs), curve.fields.Fp12.ONE);
}

export const groth16Reference: Reference = verdictOf('@noble/curves pairings', isValid);

/** A key with one public input, 9, and a valid proof: alpha to delta are 2, 3, 5 and 7 times the generators. */
export function groth16Sample(id: CurveId): Uint8Array {
  const { curve, size, isImaginaryFirst } = CURVES[id];
  const order = curve.fields.Fr.ORDER;
  const g1 = (scalar: bigint): Uint8Array => {
    const { x, y } = curve.G1.Point.BASE.multiplyUnsafe(scalar).toAffine();
    return concatBytes(wordOf(x, size), wordOf(y, size));
  };
  const g2 = (scalar: bigint): Uint8Array => {
    const { x, y } = curve.G2.Point.BASE.multiplyUnsafe(scalar).toAffine();
    const parts = isImaginaryFirst ? [x.c1, x.c0, y.c1, y.c0] : [x.c0, x.c1, y.c0, y.c1];
    return concatBytes(...parts.map((part) => wordOf(part, size)));
  };
  const [alpha, beta, gamma, delta, first, second, input] = [2n, 3n, 5n, 7n, 11n, 13n, 9n];
  const [a, b] = [17n, 19n];
  const rest = a * b - alpha * beta - (first + input * second) * gamma;
  const c = curve.fields.Fr.create(rest * curve.fields.Fr.inv(delta));
  return concatBytes(
    Uint8Array.of(id),
    g1(alpha),
    ...[beta, gamma, delta].map(g2),
    wordOf(1n, 2),
    g1(first),
    g1(second),
    g1(a),
    g2(b),
    g1(c % order),
    wordOf(input, 32),
  );
}
