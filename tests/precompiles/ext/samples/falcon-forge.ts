/**
 * A second implementation of the public side of Falcon, from its specification (1.2), without a secret key: takes a
 * short (s1, s2) and makes the key for which it is the signature of a message, h = (c - s1) / s2.
 */

import { shake256 } from '@noble/hashes/sha3.js';

const Q = 12_289;
/** Generates the multiplicative group modulo Q. */
const GENERATOR = 11;

/** What a signature's squared length may be (table 3.3). */
export const FALCON_BOUND = { 9: 34_034_726, 10: 70_265_242 } as const;
export type LogDegree = keyof typeof FALCON_BOUND;

export interface FalconSignature {
  readonly publicKey: Uint8Array;
  /** Detached and as short as it gets. */
  readonly signature: Uint8Array;
}

const modQ = (value: number): number => ((value % Q) + Q) % Q;

function power(base: number, exponent: number): number {
  let result = 1;
  for (let left = exponent, square = base; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % Q;
    square = (square * square) % Q;
  }
  return result;
}

/** HashToPoint (algorithm 3). */
export function hashToPoint(log: LogDegree, salt: Uint8Array, message: Uint8Array): number[] {
  const stream = shake256.create().update(salt).update(message);
  const point: number[] = [];
  while (point.length < 2 ** log) {
    const [high, low] = stream.xof(2);
    const t = high! * 256 + low!;
    if (t < 5 * Q) point.push(t % Q);
  }
  return point;
}

/** Bits, the first one being the highest of a byte. */
class BitWriter {
  #bits: number[] = [];
  put(value: number, width: number): this {
    for (let i = width - 1; i >= 0; i--) this.#bits.push((value >> i) & 1);
    return this;
  }
  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => {
      bytes[i >> 3]! |= bit << (7 - (i & 7));
    });
    return bytes;
  }
}

/** Compress (algorithm 17) without padding. */
export function compress(s2: readonly number[]): Uint8Array {
  const writer = new BitWriter();
  for (const s of s2) {
    const size = Math.abs(s);
    writer
      .put(s < 0 ? 1 : 0, 1)
      .put(size & 127, 7)
      .put(1, (size >> 7) + 1);
  }
  return writer.bytes();
}

/** Coefficients below 2^14, as a public key has them (section 3.11.4). */
export function encodeKey(log: LogDegree, h: readonly number[]): Uint8Array {
  const writer = new BitWriter();
  for (const value of h) writer.put(value, 14);
  return Uint8Array.of(log, ...writer.bytes());
}

/** Salt and s2 as a detached signature. */
export const encodeSignature = (log: LogDegree, salt: Uint8Array, s2: readonly number[]): Uint8Array =>
  Uint8Array.of(0x30 + log, ...salt, ...compress(s2));

/** The values of a polynomial at the odd powers of psi, which are the roots of x^n + 1. */
function evaluate(poly: readonly number[], psi: number): number[] {
  return poly.map((_, j) => {
    const at = power(psi, 2 * j + 1);
    let value = 0;
    for (let i = poly.length - 1; i >= 0; i--) value = (value * at + modQ(poly[i]!)) % Q;
    return value;
  });
}

/** Inverse of `evaluate`. */
function interpolate(values: readonly number[], psi: number): number[] {
  const n = values.length;
  const inverse = power(psi, Q - 2);
  const scale = power(n, Q - 2);
  return values.map((_, i) => {
    const step = power(inverse, 2 * i);
    let at = power(inverse, i);
    let sum = 0;
    for (const value of values) {
      sum = (sum + value * at) % Q;
      at = (at * step) % Q;
    }
    return (sum * scale) % Q;
  });
}

/** The key for which (s1, s2) signs a message, or null where s2 has no inverse. */
export function keyFor(
  log: LogDegree,
  salt: Uint8Array,
  message: Uint8Array,
  s1: readonly number[],
  s2: readonly number[],
): Uint8Array | null {
  const psi = power(GENERATOR, (Q - 1) / 2 ** (log + 1));
  const c = hashToPoint(log, salt, message);
  const divisor = evaluate(s2, psi);
  if (divisor.includes(0)) return null;
  const dividend = evaluate(
    c.map((value, i) => value - s1[i]!),
    psi,
  );
  return encodeKey(
    log,
    interpolate(
      dividend.map((value, i) => (value * power(divisor[i]!, Q - 2)) % Q),
      psi,
    ),
  );
}

/** Small numbers, spread like a bell with this deviation. */
function bell(stream: Uint8Array, at: number, deviation: number): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += stream[4 * at + i]! - 127.5;
  // The deviation of the sum of four bytes is 147.8.
  return Math.round((sum * deviation) / 147.8);
}

/** A signature as long as real ones are, and its key. */
export function forgeFalcon(log: LogDegree, message: Uint8Array, label: number): FalconSignature {
  const n = 2 ** log;
  for (let attempt = 0; ; attempt++) {
    const stream = shake256(Uint8Array.of(log, label, attempt), { dkLen: 40 + 8 * n });
    const salt = stream.slice(0, 40);
    const s1 = Array.from({ length: n }, (_, i) => bell(stream.subarray(40), i, 180));
    const s2 = Array.from({ length: n }, (_, i) => bell(stream.subarray(40), n + i, 150));
    const publicKey = keyFor(log, salt, message, s1, s2);
    if (publicKey !== null) return { publicKey, signature: encodeSignature(log, salt, s2) };
  }
}
