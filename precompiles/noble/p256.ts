/** ECDSA verification over P-256 (secp256r1). */

import { p256 } from '@noble/curves/nist.js';
import { bytesToBigInt } from '../../src/primitives/bytes.ts';

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

export function p256Verify(hash: Uint8Array, r: bigint, s: bigint, x: bigint, y: bigint): boolean {
  if (r <= 0n || r >= N || s <= 0n || s >= N) return false;
  if (x < 0n || x >= P || y < 0n || y >= P) return false;
  // Infinity, encoded as (0, 0), fails the curve equation as well.
  if ((y * y - x * x * x + 3n * x - B) % P !== 0n) return false;
  const { Point } = p256;
  const inverse = Point.Fn.inv(s);
  const u1 = (bytesToBigInt(hash) * inverse) % N;
  const u2 = (r * inverse) % N;
  const point = Point.BASE.mulAddUnsafe(u1, Point.fromAffine({ x, y }), u2);
  return !point.is0() && point.toAffine().x % N === r;
}
