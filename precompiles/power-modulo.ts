/** Modular exponentiation of big numbers. */

/** Bits of the exponent that one multiplication handles, by the number of its bits. */
const windowBits = (bits: number): number =>
  bits <= 24 ? 1 : bits <= 80 ? 3 : bits <= 240 ? 4 : bits <= 672 ? 5 : 6;

/**
 * base^exponent mod modulus, by a sliding window.
 *
 * @param exponent big-endian; no bytes, or only zeros, for the exponent 0, for which the power is 1
 * @param modulus not 0
 */
export function powerModulo(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  let first = 0;
  while (first < exponent.length && exponent[first] === 0) first++;
  if (first === exponent.length) return 1n % modulus;
  const start = base % modulus;
  if (start <= 1n) return start;

  // Bits are numbered from the most significant bit of the first byte on.
  const end = exponent.length * 8;
  let at = first * 8 + Math.clz32(exponent[first]!) - 24;
  const window = windowBits(end - at);
  const bit = (position: number): number => (exponent[position >> 3]! >> (7 - (position & 7))) & 1;

  // start^1, start^3, start^5, ...
  const odd = [start];
  if (window > 1) {
    const square = (start * start) % modulus;
    for (let i = 1; i < 1 << (window - 1); i++) odd.push((odd[i - 1]! * square) % modulus);
  }

  let power = 1n;
  while (at < end) {
    if (bit(at) === 0) {
      power = (power * power) % modulus;
      at++;
      continue;
    }
    let last = Math.min(at + window, end) - 1;
    while (bit(last) === 0) last--;
    let digit = 0;
    for (; at <= last; at++) {
      digit = digit * 2 + bit(at);
      if (power !== 1n) power = (power * power) % modulus;
    }
    power = power === 1n ? odd[digit >> 1]! : (power * odd[digit >> 1]!) % modulus;
  }
  return power;
}
