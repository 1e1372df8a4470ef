/**
 * Verification of ECVRF-P256-SHA256-TAI (RFC 9381, section 5.3 and suite 0x01). It knows no secret, so speed is all
 * that matters.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes, equalBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import type { G1Point } from '../../crypto.ts';
import { sumOfTerms, termOf } from '../../curve/group.ts';
import type { Point } from '../../curve/jacobian.ts';
import { GENERATOR_WIDTH, P256_B, P256_FIELD, P256_ORDER, p256Tables } from '../../noble/p256.ts';

/** Bytes of a compressed point, of the challenge and of a proof. */
export const POINT_LENGTH = 33;
export const CHALLENGE_LENGTH = 16;
export const PROOF_LENGTH = POINT_LENGTH + CHALLENGE_LENGTH + 32;

const SUITE = 0x01;
const ENCODE_TO_CURVE = 0x01;
const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = 0x00;

function squareTimes(value: bigint, times: number): bigint {
  let power = value;
  for (let i = 0; i < times; i++) power = (power * power) % P256_FIELD;
  return power;
}

/** A square root if there is one, which the caller must check: value^((P + 1) / 4). */
function squareRoot(value: bigint): bigint {
  // (P + 1) / 4 = (2^32 - 1) 2^222 + 2^190 + 2^94.
  const x2 = (squareTimes(value, 1) * value) % P256_FIELD;
  const x4 = (squareTimes(x2, 2) * x2) % P256_FIELD;
  const x8 = (squareTimes(x4, 4) * x4) % P256_FIELD;
  const x16 = (squareTimes(x8, 8) * x8) % P256_FIELD;
  const x32 = (squareTimes(x16, 16) * x16) % P256_FIELD;
  const high = (squareTimes(x32, 32) * value) % P256_FIELD;
  return squareTimes((squareTimes(high, 96) * value) % P256_FIELD, 94);
}

/** The point with a coordinate x and a parity of y, or null where the curve has none. */
function lift(x: bigint, parity: number): G1Point | null {
  if (x >= P256_FIELD) return null;
  const square = (x * x * x + (P256_FIELD - 3n) * x + P256_B) % P256_FIELD;
  const root = squareRoot(square);
  if ((root * root) % P256_FIELD !== square) return null;
  return { x, y: Number(root & 1n) === parity ? root : P256_FIELD - root };
}

/** The point of 33 compressed bytes (SEC 1, section 2.3.4), or null. There is no encoding of infinity of that length. */
function readPoint(bytes: Uint8Array): G1Point | null {
  const prefix = bytes[0]!;
  if (prefix !== 2 && prefix !== 3) return null;
  return lift(bytesToBigInt(bytes.subarray(1, POINT_LENGTH)), prefix & 1);
}

/** 33 bytes, or the one byte 0 for infinity, which is (0, 0) (SEC 1, section 2.3.3). */
export function writePoint({ x, y }: G1Point): Uint8Array {
  if (x === 0n && y === 0n) return new Uint8Array(1);
  const bytes = new Uint8Array(POINT_LENGTH);
  bytes[0] = y & 1n ? 3 : 2;
  bytes.set(toBytes32(x), 1);
  return bytes;
}

/**
 * A point that nobody knows a logarithm of (section 5.4.1.1), or null after 256 tries in vain, which a chance of
 * 2^-256 brings.
 * @param publicKey its 33 bytes, the salt of this suite
 */
export function encodeToCurve(publicKey: Uint8Array, alpha: Uint8Array): G1Point | null {
  // However long alpha is, it is hashed once for all tries.
  const prefix = sha256
    .create()
    .update(Uint8Array.of(SUITE, ENCODE_TO_CURVE))
    .update(publicKey)
    .update(alpha);
  for (let counter = 0; counter < 256; counter++) {
    const hash = prefix.clone().update(Uint8Array.of(counter, BACK)).digest();
    const point = lift(bytesToBigInt(hash), 0);
    if (point !== null) return point;
  }
  return null;
}

/** The challenge of five encoded points, 16 bytes (section 5.4.3). */
export const challengeOf = (...points: readonly Uint8Array[]): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(SUITE, CHALLENGE), ...points, Uint8Array.of(BACK))).subarray(
    0,
    CHALLENGE_LENGTH,
  );

/** The hash that a valid proof stands for, 32 bytes (section 5.2). Says nothing about an invalid one. */
const proofToHash = (gamma: Uint8Array): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(SUITE, PROOF_TO_HASH), gamma, Uint8Array.of(BACK)));

/**
 * The 32 bytes of random output that a proof vouches for, or null when it is not valid.
 * @param publicKey 33 bytes: a compressed point
 * @param proof 81 bytes: a compressed point, the challenge (16 bytes) and a number below the order (32)
 * @param alpha the message, of any length
 */
export function verifyVrf(publicKey: Uint8Array, proof: Uint8Array, alpha: Uint8Array): Uint8Array | null {
  if (publicKey.length !== POINT_LENGTH || proof.length !== PROOF_LENGTH) return null;
  const gammaBytes = proof.subarray(0, POINT_LENGTH);
  const challenge = proof.subarray(POINT_LENGTH, POINT_LENGTH + CHALLENGE_LENGTH);
  const s = bytesToBigInt(proof.subarray(POINT_LENGTH + CHALLENGE_LENGTH));
  if (s >= P256_ORDER) return null;
  const key = readPoint(publicKey);
  if (key === null) return null;
  const gamma = readPoint(gammaBytes);
  if (gamma === null) return null;
  const h = encodeToCurve(publicKey, alpha);
  if (h === null) return null;

  const { curve, generator } = p256Tables();
  const c = bytesToBigInt(challenge);
  const minus = (point: G1Point): Point => curve.negate(curve.fromAffine(point));
  const u = sumOfTerms(curve, [
    { table: generator, width: GENERATOR_WIDTH, scalar: s },
    termOf(curve, minus(key), c),
  ]);
  const v = sumOfTerms(curve, [termOf(curve, curve.fromAffine(h), s), termOf(curve, minus(gamma), c)]);
  const expected = challengeOf(
    publicKey,
    writePoint(h),
    gammaBytes,
    writePoint(curve.toAffine(u)),
    writePoint(curve.toAffine(v)),
  );
  return equalBytes(challenge, expected) ? proofToHash(gammaBytes) : null;
}
