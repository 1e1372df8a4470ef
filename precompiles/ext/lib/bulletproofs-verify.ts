/**
 * Verification of aggregated range proofs (Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell: Bulletproofs, 2018), in
 * one multi-scalar multiplication.
 */

import {
  appendInnerProduct,
  appendStatement,
  type Bases,
  isBitSize,
  isPartyCount,
  PEDERSEN_BASES,
  proofLength,
  roundsOf,
} from './bulletproofs-format.ts';
import { generators, generatorTables, MAX_TABLES } from './bulletproofs-generators.ts';
import type { Transcript } from './merlin.ts';
import {
  decodePoint,
  invertScalar,
  isZero,
  modOrder,
  msm,
  msmWithTables,
  type Point,
  readScalar,
} from './ristretto.ts';

/** A point of a proof, which must not be the identity, absorbed; null when it is or is no point. */
function readPoint(transcript: Transcript, label: string, proof: Uint8Array, offset: number): Point | null {
  const point = decodePoint(proof, offset);
  if (point === null || isZero(point)) return null;
  transcript.append(label, proof.subarray(offset, offset + 32));
  return point;
}

interface InnerProduct {
  readonly left: readonly Point[];
  readonly right: readonly Point[];
  /** Challenges, and their reciprocals. */
  readonly u: readonly bigint[];
  readonly inverse: readonly bigint[];
}

function readRounds(transcript: Transcript, proof: Uint8Array, rounds: number): InnerProduct | null {
  const left: Point[] = [];
  const right: Point[] = [];
  const u: bigint[] = [];
  for (let at = 224; left.length < rounds; at += 64) {
    const l = readPoint(transcript, 'L', proof, at);
    if (l === null) return null;
    const r = readPoint(transcript, 'R', proof, at + 32);
    if (r === null) return null;
    left.push(l);
    right.push(r);
    u.push(transcript.challengeScalar('u'));
  }
  return { left, right, u, inverse: u.map(invertScalar) };
}

/** For each generator the product of one challenge, or its reciprocal, of each round. */
function foldedScalars({ u, inverse }: InnerProduct): bigint[] {
  const s = [inverse.reduce((product, factor) => modOrder(product * factor), 1n)];
  for (let round = u.length - 1; round >= 0; round--) {
    const square = modOrder(u[round]! * u[round]!);
    const half = s.length;
    for (let i = 0; i < half; i++) s.push(modOrder(s[i]! * square));
  }
  return s;
}

/** 1 + base + base^2 + ..., `count` terms. */
function powerSum(base: bigint, count: number): bigint {
  let sum = 0n;
  for (let i = 0; i < count; i++) sum = modOrder(sum * base + 1n);
  return sum;
}

/**
 * Whether every one of `commitments` (32 bytes each, 1, 2, 4 or 8 of them) is to a value below 2^bits (8, 16, 32 or
 * 64), as `proof` (32 * (9 + 2 * log2(bits * count)) bytes) shows. Never throws.
 * @param transcript absorbs statement and proof; the prover's must hold the same
 */
export function verifyRangeProof(
  transcript: Transcript,
  bits: number,
  commitments: readonly Uint8Array[],
  proof: Uint8Array,
  bases: Bases = PEDERSEN_BASES,
): boolean {
  const parties = commitments.length;
  if (!isBitSize(bits) || !isPartyCount(parties) || proof.length !== proofLength(bits, parties)) return false;
  const size = bits * parties;
  const rounds = roundsOf(bits, parties);

  // What costs least is refused first.
  const tX = readScalar(proof, 128);
  const tXBlinding = readScalar(proof, 160);
  const eBlinding = readScalar(proof, 192);
  const a = readScalar(proof, proof.length - 64);
  const b = readScalar(proof, proof.length - 32);
  if (tX === null || tXBlinding === null || eBlinding === null || a === null || b === null) return false;
  const values: Point[] = [];
  for (const commitment of commitments) {
    const point = commitment.length === 32 ? decodePoint(commitment) : null;
    if (point === null) return false;
    values.push(point);
  }

  appendStatement(transcript, bits, parties, commitments);
  const pointA = readPoint(transcript, 'A', proof, 0);
  if (pointA === null) return false;
  const pointS = readPoint(transcript, 'S', proof, 32);
  if (pointS === null) return false;
  const y = transcript.challengeScalar('y');
  const z = transcript.challengeScalar('z');
  const t1 = readPoint(transcript, 'T_1', proof, 64);
  if (t1 === null) return false;
  const t2 = readPoint(transcript, 'T_2', proof, 96);
  if (t2 === null) return false;
  const x = transcript.challengeScalar('x');
  transcript.append('t_x', proof.subarray(128, 160));
  transcript.append('t_x_blinding', proof.subarray(160, 192));
  transcript.append('e_blinding', proof.subarray(192, 224));
  const w = transcript.challengeScalar('w');
  appendInnerProduct(transcript, size);
  const inner = readRounds(transcript, proof, rounds);
  if (inner === null) return false;

  // Two sums must be the identity: that of the polynomial, and that of the inner product. They are checked as one,
  // the first times a weight. Where the library draws the weight at random, here it is a challenge of the transcript
  // after all of the proof, a and b included: both sums are fixed before it, so for a wrong proof it must hit the one
  // weight in 2^252 at which they cancel, and every try costs the forger a hash.
  transcript.append('a', proof.subarray(proof.length - 64, proof.length - 32));
  transcript.append('b', proof.subarray(proof.length - 32));
  const weight = transcript.challengeScalar('weight');

  const zz = modOrder(z * z);
  const s = foldedScalars(inner);
  const inverseY = invertScalar(y);
  const gScalars: bigint[] = [];
  const hScalars: bigint[] = [];
  let powerY = 1n;
  let powerZ = zz;
  const valueScalars: bigint[] = [];
  for (let party = 0; party < parties; party++) {
    valueScalars.push(weight * powerZ);
    for (let bit = 0; bit < bits; bit++) {
      const i = party * bits + bit;
      gScalars.push(-z - a * s[i]!);
      hScalars.push(z + powerY * modOrder((powerZ << BigInt(bit)) - b * s[size - 1 - i]!));
      powerY = modOrder(powerY * inverseY);
    }
    powerZ = modOrder(powerZ * z);
  }
  const delta =
    (z - zz) * powerSum(y, size) - zz * z * modOrder(((1n << BigInt(bits)) - 1n) * powerSum(z, parties));

  const points = [
    pointA,
    pointS,
    t1,
    t2,
    ...inner.left,
    ...inner.right,
    bases.blinding,
    bases.value,
    ...values,
  ];
  const scalars = [
    1n,
    x,
    weight * x,
    weight * modOrder(x * x),
    ...inner.u.map((challenge) => challenge * challenge),
    ...inner.inverse.map((challenge) => challenge * challenge),
    -eBlinding - weight * tXBlinding,
    w * modOrder(tX - a * b) + weight * modOrder(delta - tX),
    ...valueScalars,
  ];
  const generatorScalars = [...gScalars, ...hScalars];
  const ofBoth = <T>(of: (letter: 'G' | 'H', bits: number, parties: number) => readonly T[]): T[] => [
    ...of('G', bits, parties),
    ...of('H', bits, parties),
  ];
  const sum =
    size <= MAX_TABLES
      ? msmWithTables(ofBoth(generatorTables), generatorScalars, points, scalars)
      : msm([...points, ...ofBoth(generators)], [...scalars, ...generatorScalars]);
  return isZero(sum);
}
