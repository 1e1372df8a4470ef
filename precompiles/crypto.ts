/**
 * The replaceable provider of the cryptography that precompiles and transactions need, and the one used by
 * default, built on the noble libraries. Owns no encodings: values come decoded, see encoding.ts.
 *
 * Every operation is synchronous and pure. None throws: what is invalid is a value.
 */

import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Address } from '../src/primitives/address.ts';
import { compressBlake2b } from './blake2b.ts';
import * as bls from './noble/bls12-381.ts';
import * as bn from './noble/bn254.ts';
import { verifyKzgProof } from './noble/kzg.ts';
import { p256Verify } from './noble/p256.ts';
import { recoverAddress, secretToAddress, sign } from './noble/secp256k1.ts';

/** A point of a curve over a prime field. (0, 0), which is on none of the curves here, is infinity. */
export interface G1Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** c0 + c1 * u, with u^2 = -1. */
export interface Fp2 {
  readonly c0: bigint;
  readonly c1: bigint;
}

/** A point of a curve over the quadratic extension. All coordinates zero is infinity. */
export interface G2Point {
  readonly x: Fp2;
  readonly y: Fp2;
}

/** The two points of one pairing. */
export interface PointPair {
  readonly g1: G1Point;
  readonly g2: G2Point;
}

/** One product of a multi-scalar multiplication. */
export interface ScaledPoint<P> {
  readonly point: P;
  /** Any non-negative number; it counts modulo the order of the group. */
  readonly scalar: bigint;
}

/** A signature over secp256k1. */
export interface Signature {
  readonly r: bigint;
  /** At most half of the group order. */
  readonly s: bigint;
  readonly yParity: 0 | 1;
}

/**
 * Coordinates must be below the modulus of their field; that a point lies on its curve and, where it says so,
 * in the subgroup of prime order is checked here, and null is the answer when it does not.
 */
export interface Crypto {
  /**
   * Address of the key that signed a 32-byte hash, or null when there is none. r and s must be in [1, n); an
   * s above n/2 is accepted.
   */
  recoverAddress(hash: Uint8Array, yParity: 0 | 1, r: bigint, s: bigint): Address | null;
  /** Deterministic signature (RFC 6979) of a 32-byte hash with a valid 32-byte secret key. */
  sign(hash: Uint8Array, secretKey: Uint8Array): Signature;
  /** Address of a valid 32-byte secret key. */
  secretToAddress(secretKey: Uint8Array): Address;

  /** 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** 20 bytes. */
  ripemd160(data: Uint8Array): Uint8Array;
  /**
   * The compression function of BLAKE2b (EIP-152), which gives the new state, 64 bytes.
   * @param rounds below 2^32
   * @param words state (64 bytes), message (128) and offset (16), one after the other
   */
  blake2f(rounds: number, words: Uint8Array, isLast: boolean): Uint8Array;

  /** ECDSA over P-256 of a 32-byte hash with the public key (x, y). Takes any numbers. */
  p256Verify(hash: Uint8Array, r: bigint, s: bigint, x: bigint, y: bigint): boolean;

  bn254Add(a: G1Point, b: G1Point): G1Point | null;
  /** The scalar is any non-negative number. */
  bn254Mul(point: G1Point, scalar: bigint): G1Point | null;
  /** Whether the product of the pairings is one. G2 points must be in the subgroup. */
  bn254PairingCheck(pairs: readonly PointPair[]): boolean | null;

  /** No subgroup check. */
  bls12G1Add(a: G1Point, b: G1Point): G1Point | null;
  /** No subgroup check. */
  bls12G2Add(a: G2Point, b: G2Point): G2Point | null;
  /** Points must be in the subgroup. */
  bls12G1Msm(terms: readonly ScaledPoint<G1Point>[]): G1Point | null;
  /** Points must be in the subgroup. */
  bls12G2Msm(terms: readonly ScaledPoint<G2Point>[]): G2Point | null;
  /** Whether the product of the pairings is one. Points must be in their subgroups. */
  bls12PairingCheck(pairs: readonly PointPair[]): boolean | null;
  /** Simplified SWU map, isogeny and cofactor clearing of RFC 9380. */
  bls12MapToG1(element: bigint): G1Point;
  /** Simplified SWU map, isogeny and cofactor clearing of RFC 9380. */
  bls12MapToG2(element: Fp2): G2Point;

  /**
   * Whether the polynomial behind a commitment has the value y at z (EIP-4844). Commitment and proof are
   * compressed G1 points of 48 bytes, any bytes allowed; z and y are below the order of the group.
   */
  verifyKzgProof(commitment: Uint8Array, z: bigint, y: bigint, proof: Uint8Array): boolean;
}

/** The default cryptography, built on the noble libraries. */
export const nobleCrypto: Crypto = {
  recoverAddress,
  sign,
  secretToAddress,
  sha256: (data) => sha256(data),
  ripemd160: (data) => ripemd160(data),
  blake2f: compressBlake2b,
  p256Verify,
  bn254Add: bn.add,
  bn254Mul: bn.mul,
  bn254PairingCheck: bn.pairingCheck,
  bls12G1Add: bls.g1Add,
  bls12G2Add: bls.g2Add,
  bls12G1Msm: bls.g1Msm,
  bls12G2Msm: bls.g2Msm,
  bls12PairingCheck: bls.pairingCheck,
  bls12MapToG1: bls.mapToG1,
  bls12MapToG2: bls.mapToG2,
  verifyKzgProof,
};
