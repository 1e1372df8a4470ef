/** ECDSA verification over P-256 (secp256r1). Verification knows no secret, so speed is all that matters. */

import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { oddMultiples, sumOfTerms, termOf } from '../curve/group.ts';
import { inverse } from '../curve/inverse.ts';
import { type Curve, curveOver, type Point } from '../curve/jacobian.ts';

/** P-256 (SP 800-186, section 3.2.1.3): modulus of the field, order of the group, and b of y^2 = x^3 - 3x + b. */
export const P256_FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
export const GENERATOR = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

export const GENERATOR_WIDTH = 8;

let tables: { readonly curve: Curve; readonly generator: readonly Point[] } | undefined;

/** The curve, and the multiples of its generator for `GENERATOR_WIDTH`. */
export function p256Tables(): NonNullable<typeof tables> {
  if (tables === undefined) {
    const curve = curveOver(P256_FIELD, -3);
    const multiples = oddMultiples(curve, curve.fromAffine(GENERATOR), 1 << (GENERATOR_WIDTH - 2));
    tables = { curve, generator: multiples.map((point) => curve.fromAffine(curve.toAffine(point))) };
  }
  return tables;
}

export function p256Verify(hash: Uint8Array, r: bigint, s: bigint, x: bigint, y: bigint): boolean {
  if (r <= 0n || r >= P256_ORDER || s <= 0n || s >= P256_ORDER) return false;
  if (x < 0n || x >= P256_FIELD || y < 0n || y >= P256_FIELD) return false;
  // Infinity, encoded as (0, 0), fails the curve equation as well.
  if ((y * y - x * x * x + 3n * x - P256_B) % P256_FIELD !== 0n) return false;
  const { curve, generator } = p256Tables();
  const reciprocal = inverse(s, P256_ORDER);
  const sum = sumOfTerms(curve, [
    { table: generator, width: GENERATOR_WIDTH, scalar: (bytesToBigInt(hash) * reciprocal) % P256_ORDER },
    termOf(curve, { x, y, z: 1n }, (r * reciprocal) % P256_ORDER),
  ]);
  return sum.z !== 0n && curve.toAffine(sum).x % P256_ORDER === r;
}
