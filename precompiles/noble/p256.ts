/** ECDSA verification over P-256 (secp256r1). Verification knows no secret, so speed is all that matters. */

import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { oddMultiples, sumOfTerms, termOf } from '../curve/group.ts';
import { inverse } from '../curve/inverse.ts';
import { type Curve, curveOver, type Point } from '../curve/jacobian.ts';

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const GENERATOR = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

const GENERATOR_WIDTH = 8;

let tables: { readonly curve: Curve; readonly generator: readonly Point[] } | undefined;

function constantTables(): NonNullable<typeof tables> {
  if (tables === undefined) {
    const curve = curveOver(P, -3);
    const multiples = oddMultiples(curve, curve.fromAffine(GENERATOR), 1 << (GENERATOR_WIDTH - 2));
    tables = { curve, generator: multiples.map((point) => curve.fromAffine(curve.toAffine(point))) };
  }
  return tables;
}

export function p256Verify(hash: Uint8Array, r: bigint, s: bigint, x: bigint, y: bigint): boolean {
  if (r <= 0n || r >= N || s <= 0n || s >= N) return false;
  if (x < 0n || x >= P || y < 0n || y >= P) return false;
  // Infinity, encoded as (0, 0), fails the curve equation as well.
  if ((y * y - x * x * x + 3n * x - B) % P !== 0n) return false;
  const { curve, generator } = constantTables();
  const reciprocal = inverse(s, N);
  const sum = sumOfTerms(curve, [
    { table: generator, width: GENERATOR_WIDTH, scalar: (bytesToBigInt(hash) * reciprocal) % N },
    termOf(curve, { x, y, z: 1n }, (r * reciprocal) % N),
  ]);
  return sum.z !== 0n && curve.toAffine(sum).x % N === r;
}
