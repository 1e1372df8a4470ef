/**
 * Making aggregated range proofs (Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell: Bulletproofs, 2018), by one prover
 * who knows all of the values. Not in constant time: whoever can measure it may learn values and blindings.
 */

import { concatBytes } from '../../../src/primitives/bytes.ts';
import { appendInnerProduct, appendStatement, type Bases, PEDERSEN_BASES } from './bulletproofs-format.ts';
import { generators } from './bulletproofs-generators.ts';
import type { Transcript } from './merlin.ts';
import {
  add,
  encodePoint,
  encodeScalar,
  invertScalar,
  modOrder,
  msm,
  type Point,
  prepare,
  subtract,
  ZERO,
} from './ristretto.ts';

/** A value, below 2^bits, and what hides it. */
export interface Opening {
  readonly value: bigint;
  readonly blinding: bigint;
}

export interface RangeProof {
  /** 32 bytes each. */
  readonly commitments: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

function innerProduct(a: readonly bigint[], b: readonly bigint[]): bigint {
  let sum = 0n;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return modOrder(sum);
}

/** Generators after some rounds: each is a sum of `points`, those at the same place modulo the size, times `scalars`. */
interface Folded {
  points: readonly Point[];
  scalars: bigint[];
}

/** From this many generators on it pays to add them up after three rounds, rather than to carry all to the end. */
const MIN_COLLECTED = 64;
const COLLECT_ROUNDS = 3;

/** Folds generators into `size` points. */
function collect(folded: Folded, size: number): Folded {
  const sums: Point[] = [];
  for (let i = 0; i < size; i++) {
    const points: Point[] = [];
    const scalars: bigint[] = [];
    for (let at = i; at < folded.points.length; at += size) {
      points.push(folded.points[at]!);
      scalars.push(folded.scalars[at]!);
    }
    sums.push(msm(points, scalars));
  }
  return { points: prepare(sums), scalars: new Array<bigint>(size).fill(1n) };
}

/** The inner product argument for <a, b>, with `q` for the product: L and R of each round, a and b. */
function proveInnerProduct(
  transcript: Transcript,
  q: Point,
  gens: readonly [g: Folded, h: Folded],
  vectors: readonly [a: readonly bigint[], b: readonly bigint[]],
): Uint8Array {
  let [g, h] = gens;
  let [a, b] = vectors;
  appendInnerProduct(transcript, a.length);
  const output: Uint8Array[] = [];
  for (let round = 0; a.length > 1; round++) {
    if (round === COLLECT_ROUNDS && g.points.length >= MIN_COLLECTED) {
      g = collect(g, a.length);
      h = collect(h, a.length);
    }
    const size = a.length;
    const half = size / 2;
    const left = { points: [q], scalars: [innerProduct(a.slice(0, half), b.slice(half))] };
    const right = { points: [q], scalars: [innerProduct(a.slice(half), b.slice(0, half))] };
    for (let i = 0; i < g.points.length; i++) {
      const at = i % size;
      const other = (at + half) % size;
      const [forG, forH] = at < half ? [right, left] : [left, right];
      forG.points.push(g.points[i]!);
      forG.scalars.push(a[other]! * g.scalars[i]!);
      forH.points.push(h.points[i]!);
      forH.scalars.push(b[other]! * h.scalars[i]!);
    }
    for (const [label, { points, scalars }] of [['L', left] as const, ['R', right] as const]) {
      const encoded = encodePoint(msm(points, scalars));
      transcript.append(label, encoded);
      output.push(encoded);
    }
    const u = transcript.challengeScalar('u');
    const inverseU = invertScalar(u);
    const [a0, b0] = [a, b];
    a = a0.slice(0, half).map((low, i) => modOrder(low * u + a0[half + i]! * inverseU));
    b = b0.slice(0, half).map((low, i) => modOrder(low * inverseU + b0[half + i]! * u));
    g.scalars = g.scalars.map((scalar, i) => modOrder(scalar * (i % size < half ? inverseU : u)));
    h.scalars = h.scalars.map((scalar, i) => modOrder(scalar * (i % size < half ? u : inverseU)));
  }
  return concatBytes(...output, encodeScalar(a[0]!), encodeScalar(b[0]!));
}

/**
 * Commitments to 1, 2, 4 or 8 values and a proof that each is below 2^bits (8, 16, 32 or 64). Bits beyond those are
 * ignored, which makes a proof that does not verify: callers refuse such values.
 * @param transcript absorbs statement and proof, as the verifier's will
 * @param seed 32 secret bytes. All random numbers are of it and of the whole statement, so that it may serve again;
 *   the same input gives the same proof
 */
export function proveRange(
  transcript: Transcript,
  bits: number,
  openings: readonly Opening[],
  seed: Uint8Array,
  bases: Bases = PEDERSEN_BASES,
): RangeProof {
  const parties = openings.length;
  const size = bits * parties;
  const pedersen = (value: bigint, blinding: bigint): Uint8Array =>
    encodePoint(msm([bases.value, bases.blinding], [value, blinding]));
  const commitments = openings.map(({ value, blinding }) => pedersen(value, blinding));
  appendStatement(transcript, bits, parties, commitments);
  const nonce = transcript.nonces([
    ['seed', seed],
    ...openings.flatMap(({ value, blinding }) => [
      ['v', encodeScalar(value)] as const,
      ['v_blinding', encodeScalar(blinding)] as const,
    ]),
  ]);
  const nonces = (): bigint[] => Array.from({ length: size }, nonce);

  const g = generators('G', bits, parties);
  const h = generators('H', bits, parties);
  const isSet = Array.from(
    { length: size },
    (_, i) => ((openings[Math.floor(i / bits)]!.value >> BigInt(i % bits)) & 1n) === 1n,
  );
  const aBlinding = nonce();
  const sBlinding = nonce();
  const sL = nonces();
  const sR = nonces();
  const bitSum = isSet.reduce((sum, set, i) => (set ? add(sum, g[i]!) : subtract(sum, h[i]!)), ZERO);
  const pointA = encodePoint(add(bitSum, msm([bases.blinding], [aBlinding])));
  const pointS = encodePoint(msm([bases.blinding, ...g, ...h], [sBlinding, ...sL, ...sR]));
  transcript.append('A', pointA);
  transcript.append('S', pointS);
  const y = transcript.challengeScalar('y');
  const z = transcript.challengeScalar('z');

  // l(X) = l0 + sL X and r(X) = r0 + r1 X.
  const l0: bigint[] = [];
  const r0: bigint[] = [];
  const r1: bigint[] = [];
  const inverseY = invertScalar(y);
  const inversePowers: bigint[] = [];
  const powersZ: bigint[] = [];
  let powerY = 1n;
  let inversePower = 1n;
  let powerZ = modOrder(z * z);
  for (let i = 0; i < size; i++) {
    if (i % bits === 0) {
      if (i > 0) powerZ = modOrder(powerZ * z);
      powersZ.push(powerZ);
    }
    const bit = isSet[i]! ? 1n : 0n;
    l0.push(modOrder(bit - z));
    r0.push(modOrder(powerY * (bit - 1n + z) + (powerZ << BigInt(i % bits))));
    r1.push(modOrder(powerY * sR[i]!));
    inversePowers.push(inversePower);
    powerY = modOrder(powerY * y);
    inversePower = modOrder(inversePower * inverseY);
  }
  const t1 = modOrder(innerProduct(l0, r1) + innerProduct(sL, r0));
  const t2 = innerProduct(sL, r1);
  const t1Blinding = nonce();
  const t2Blinding = nonce();
  const pointT1 = pedersen(t1, t1Blinding);
  const pointT2 = pedersen(t2, t2Blinding);
  transcript.append('T_1', pointT1);
  transcript.append('T_2', pointT2);
  const x = transcript.challengeScalar('x');

  const l = l0.map((value, i) => modOrder(value + sL[i]! * x));
  const r = r0.map((value, i) => modOrder(value + r1[i]! * x));
  const valueBlinding = openings.reduce((sum, { blinding }, i) => sum + blinding * powersZ[i]!, 0n);
  const tX = encodeScalar(innerProduct(l, r));
  const tXBlinding = encodeScalar(valueBlinding + t1Blinding * x + t2Blinding * x * x);
  const eBlinding = encodeScalar(aBlinding + sBlinding * x);
  transcript.append('t_x', tX);
  transcript.append('t_x_blinding', tXBlinding);
  transcript.append('e_blinding', eBlinding);
  const w = transcript.challengeScalar('w');

  const inner = proveInnerProduct(
    transcript,
    msm([bases.value], [w]),
    [
      { points: g, scalars: new Array<bigint>(size).fill(1n) },
      { points: h, scalars: inversePowers },
    ],
    [l, r],
  );
  return {
    commitments,
    proof: concatBytes(pointA, pointS, pointT1, pointT2, tX, tXBlinding, eBlinding, inner),
  };
}
