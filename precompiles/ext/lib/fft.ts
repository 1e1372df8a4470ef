/** Fourier transforms over the scalar fields of the two curves of Groth16, in place, in natural order. */

import { inverse } from '../../curve/inverse.ts';
import type { Groth16Curve } from './groth16-curves.ts';

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}

/** The root of unity of order 2^log, which snarkjs takes too: made of 5, the least non-residue of both fields. */
export const rootOfUnity = ({ r }: Groth16Curve, log: number): bigint =>
  power(5n, (r - 1n) >> BigInt(log), r);

/** Powers 1, w, w^2, ... of a root, `count` of them. */
export function powersOf(root: bigint, count: number, modulus: bigint): bigint[] {
  const powers: bigint[] = [];
  for (let i = 0, last = 1n; i < count; i++) {
    powers.push(last);
    last = (last * root) % modulus;
  }
  return powers;
}

/** Moves the item at each index to the index with the bits in reverse. */
function reverseBits(values: bigint[]): void {
  const half = values.length >> 1;
  for (let i = 1, j = 0; i < values.length; i++) {
    let bit = half;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [values[i], values[j]] = [values[j]!, values[i]!];
  }
}

/**
 * Values of a polynomial at the powers of a root of unity, from its coefficients.
 * @param values 2^k of them in [0, modulus), replaced by the result, also in [0, modulus)
 * @param roots the first half of the powers of the root of order 2^k
 */
export function transform(values: bigint[], roots: readonly bigint[], modulus: bigint): void {
  const size = values.length;
  reverseBits(values);
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let i = 0; i < half; i++) {
        const even = values[start + i]!;
        const odd = (values[start + i + half]! * roots[i * stride]!) % modulus;
        const sum = even + odd;
        const difference = even - odd;
        values[start + i] = sum >= modulus ? sum - modulus : sum;
        values[start + i + half] = difference < 0n ? difference + modulus : difference;
      }
    }
  }
}

/**
 * Takes values of a polynomial at the powers of the root of order n = 2^k to those at its odd fellows: the odd powers
 * of the root of order 2n.
 */
export function shiftDomain(curve: Groth16Curve, log: number): (values: bigint[]) => void {
  const { r } = curve;
  const size = 2 ** log;
  const root = rootOfUnity(curve, log);
  const roots = powersOf(root, size / 2, r);
  const backward = powersOf(inverse(root, r), size / 2, r);
  const share = inverse(BigInt(size), r);
  const shifts = powersOf(rootOfUnity(curve, log + 1), size, r).map((shift) => (shift * share) % r);
  return (values) => {
    transform(values, backward, r);
    for (let i = 0; i < size; i++) values[i] = (values[i]! * shifts[i]!) % r;
    transform(values, roots, r);
  };
}
