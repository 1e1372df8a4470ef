/**
 * Proofs of ECVRF-P256-SHA256-TAI (RFC 9381, section 5.1), for tests and for whoever runs an oracle. Products with the
 * secret key are noble's, with its guards for secrets.
 */

import { p256 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { P256_ORDER } from '../../noble/p256.ts';
import { challengeOf, encodeToCurve, writePoint } from './ecvrf.ts';

/** A number in [1, order), or null. */
function readSecret(secretKey: Uint8Array): bigint | null {
  if (secretKey.length !== 32) return null;
  const secret = bytesToBigInt(secretKey);
  return secret > 0n && secret < P256_ORDER ? secret : null;
}

/** The number that RFC 6979, section 3.2, draws for a message and a key. */
function nonceOf(secret: bigint, message: Uint8Array): bigint {
  const seed = concatBytes(toBytes32(secret), toBytes32(bytesToBigInt(sha256(message)) % P256_ORDER));
  let v: Uint8Array = new Uint8Array(32).fill(1);
  let key: Uint8Array = new Uint8Array(32);
  for (const step of [0, 1]) {
    key = hmac(sha256, key, concatBytes(v, Uint8Array.of(step), seed));
    v = hmac(sha256, key, v);
  }
  for (;;) {
    v = hmac(sha256, key, v);
    const nonce = bytesToBigInt(v);
    if (nonce > 0n && nonce < P256_ORDER) return nonce;
    key = hmac(sha256, key, concatBytes(v, Uint8Array.of(0)));
    v = hmac(sha256, key, v);
  }
}

/** The public key of a secret key of 32 bytes, 33 bytes; null when the secret key is not in [1, order). */
export function vrfPublicKey(secretKey: Uint8Array): Uint8Array | null {
  const secret = readSecret(secretKey);
  return secret === null ? null : p256.Point.BASE.multiply(secret).toBytes(true);
}

/**
 * The proof for a message, 81 bytes, always the same one; null when the secret key (32 bytes) is not in [1, order).
 * `verifyVrf` gives the output that it stands for.
 */
export function proveVrf(secretKey: Uint8Array, alpha: Uint8Array): Uint8Array | null {
  const secret = readSecret(secretKey);
  if (secret === null) return null;
  const publicKey = p256.Point.BASE.multiply(secret).toBytes(true);
  const h = encodeToCurve(publicKey, alpha);
  if (h === null) return null;
  const hBytes = writePoint(h);
  const hPoint = p256.Point.fromAffine(h);
  const gamma = hPoint.multiply(secret).toBytes(true);
  const nonce = nonceOf(secret, hBytes);
  const u = p256.Point.BASE.multiply(nonce).toBytes(true);
  const v = hPoint.multiply(nonce).toBytes(true);
  const challenge = challengeOf(publicKey, hBytes, gamma, u, v);
  const s = (nonce + bytesToBigInt(challenge) * secret) % P256_ORDER;
  return concatBytes(gamma, challenge, toBytes32(s));
}
