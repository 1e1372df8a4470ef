/**
 * Additive ElGamal on ristretto255 (RFC 9496): a value m under the public key P = x·B is (C1, C2) = (k·B, m·B + k·P),
 * and sums of ciphertexts hold sums of values, modulo the order of the group. Whoever decrypts has m·B and searches
 * for m.
 */

import { shake256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '../../../src/primitives/bytes.ts';
import {
  add,
  BASE,
  decodePoint,
  encodePoint,
  isZero,
  mul,
  mulBase,
  negate,
  type Point,
  prepare,
  readScalar,
  subtract,
  wideScalar,
  ZERO,
} from './ristretto.ts';

/** A ciphertext, decoded. */
export interface ElGamalCiphertext {
  readonly c1: Point;
  readonly c2: Point;
}

/** Length of a ciphertext: C1 and C2. */
export const ELGAMAL_LENGTH = 64;

/** The public key in 32 bytes at `offset`: any element but the neutral one, which would hide nothing. */
export function readPublicKey(input: Uint8Array, offset: number): Point | null {
  const key = decodePoint(input, offset);
  return key === null || isZero(key) ? null : key;
}

/** The secret key in 32 little-endian bytes at `offset`, or null when it is 0 or not below the order. */
export function readSecretKey(input: Uint8Array, offset: number): bigint | null {
  const key = readScalar(input, offset);
  return key === 0n ? null : key;
}

/** The ciphertext in 64 bytes at `offset`, or null when a half of it is no encoding of an element. */
export function readCiphertext(input: Uint8Array, offset: number): ElGamalCiphertext | null {
  const c1 = decodePoint(input, offset);
  const c2 = c1 === null ? null : decodePoint(input, offset + 32);
  return c1 === null || c2 === null ? null : { c1, c2 };
}

/** The 64 bytes of a ciphertext. */
export const encodeCiphertext = ({ c1, c2 }: ElGamalCiphertext): Uint8Array =>
  concatBytes(encodePoint(c1), encodePoint(c2));

export const addCiphertexts = (a: ElGamalCiphertext, b: ElGamalCiphertext): ElGamalCiphertext => ({
  c1: add(a.c1, b.c1),
  c2: add(a.c2, b.c2),
});

export const subtractCiphertexts = (a: ElGamalCiphertext, b: ElGamalCiphertext): ElGamalCiphertext => ({
  c1: subtract(a.c1, b.c1),
  c2: subtract(a.c2, b.c2),
});

export const addNumber = ({ c1, c2 }: ElGamalCiphertext, number: bigint): ElGamalCiphertext => ({
  c1,
  c2: add(c2, mulBase(number)),
});

export const multiplyByNumber = ({ c1, c2 }: ElGamalCiphertext, number: bigint): ElGamalCiphertext => ({
  c1: mul(c1, number),
  c2: mul(c2, number),
});

/** The number k of an encryption: SHAKE256 of everything that is encrypted, a secret seed with it. */
const randomScalar = (statement: Uint8Array): bigint =>
  wideScalar(shake256(concatBytes(new TextEncoder().encode('erbium elgamal'), statement), { dkLen: 64 }));

/** An encryption of a number under a key, with randomness from the statement. */
export function encrypt(key: Point, value: bigint, statement: Uint8Array): ElGamalCiphertext {
  const k = randomScalar(statement);
  return { c1: mulBase(k), c2: add(mul(key, k), mulBase(value)) };
}

/** m·B of a ciphertext. */
export const openElement = ({ c1, c2 }: ElGamalCiphertext, secretKey: bigint): Point =>
  subtract(c2, mul(c1, secretKey));

/** How many multiples of B the search for a number up to `bound` lists, and how many steps it takes over them. */
function searchShape(bound: number): { babies: number; stride: number; giants: number } {
  const babies = Math.ceil(Math.sqrt(bound / 2));
  const stride = 2 * babies + 1;
  return { babies, stride, giants: Math.floor((bound + babies) / stride) };
}

const P = 2n ** 255n - 19n;
const canonical = (value: bigint): bigint => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

const BATCH = 256;

/** The points start, start + step, …, `count` of them, with their affine coordinates. */
function* affineMultiples(
  start: Point,
  step: Point,
  count: number,
): Generator<readonly [index: number, x: bigint, y: bigint]> {
  let point = start;
  for (let done = 0; done < count; done += BATCH) {
    const batch: Point[] = [];
    for (let i = Math.min(BATCH, count - done); i > 0; i--) {
      batch.push(point);
      point = add(point, step);
    }
    for (const [i, { x, y }] of prepare(batch).entries()) yield [done + i, canonical(x), canonical(y)];
  }
}

/** Eight points of the curve stand for one element of the group; eight times these are one point. */
function eightTimes(element: Point): Point {
  const two = add(element, element);
  const four = add(two, two);
  return add(four, four);
}

/**
 * The number m ≤ bound with m·B = element, or null when there is none: baby steps and giant steps (Shanks), with
 * nothing kept from one search for another, so that each one costs the same.
 */
export function discreteLogarithm(element: Point, bound: number): number | null {
  const { babies, stride, giants } = searchShape(bound);
  const unit = eightTimes(BASE);
  // Points and their opposites have the same y, so that one entry serves j and -j.
  const indexByY = new Map<bigint, number>();
  const xs: bigint[] = [];
  for (const [j, x, y] of affineMultiples(ZERO, prepare([unit])[0]!, babies + 1)) {
    indexByY.set(y, j);
    xs.push(x);
  }
  const back = prepare([negate(mul(unit, BigInt(stride)))])[0]!;
  for (const [i, x, y] of affineMultiples(eightTimes(element), back, giants + 1)) {
    const j = indexByY.get(y);
    if (j === undefined) continue;
    const value = i * stride + (xs[j] === x ? j : -j);
    return value >= 0 && value <= bound ? value : null;
  }
  return null;
}
