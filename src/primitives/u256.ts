/**
 * The 256-bit word functions of the EVM (Yellow Paper, appendix H.2): the one semantics that every engine
 * and every oracle calls. Arguments and results are bigints in [0, 2^256); nothing here checks that.
 *
 * `BigInt.asUintN(256, x)` costs 10-25 ns: a subtraction, or a mask where the range is exceeded at all, is
 * cheaper.
 */

import { toNumber } from './bytes.ts';

export const MAX_U256 = (1n << 256n) - 1n;
/** Largest gas limit and nonce. */
export const MAX_U64 = (1n << 64n) - 1n;
const MODULUS = 1n << 256n;
const SIGN_BIT = 1n << 255n;

/** Two's-complement reading of a word: a bigint in [-2^255, 2^255). */
export const toSigned = (a: bigint): bigint => (a >= SIGN_BIT ? a - MODULUS : a);

/** The word that represents a signed value in [-2^255, 2^255]. */
export const fromSigned = (a: bigint): bigint => (a < 0n ? a + MODULUS : a);

export function add(a: bigint, b: bigint): bigint {
  const sum = a + b;
  return sum > MAX_U256 ? sum - MODULUS : sum;
}

export function sub(a: bigint, b: bigint): bigint {
  const difference = a - b;
  return difference < 0n ? difference + MODULUS : difference;
}

export function mul(a: bigint, b: bigint): bigint {
  const product = a * b;
  return product > MAX_U256 ? product & MAX_U256 : product;
}

/** Unsigned quotient; 0 when the divisor is 0. */
export const div = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b);

/** Signed quotient, truncated towards zero; 0 when the divisor is 0; -2^255 / -1 wraps to -2^255. */
export function sdiv(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  return fromSigned(toSigned(a) / toSigned(b));
}

/** Unsigned remainder; 0 when the divisor is 0. */
export const mod = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a % b);

/** Signed remainder with the sign of the dividend; 0 when the divisor is 0. */
export function smod(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  return fromSigned(toSigned(a) % toSigned(b));
}

/** (a + b) mod n without wrapping at 2^256; 0 when n is 0. */
export const addmod = (a: bigint, b: bigint, n: bigint): bigint => (n === 0n ? 0n : (a + b) % n);

/** (a * b) mod n without wrapping at 2^256; 0 when n is 0. */
export const mulmod = (a: bigint, b: bigint, n: bigint): bigint => (n === 0n ? 0n : (a * b) % n);

/** a^e mod 2^256; 0^0 is 1. */
export function exp(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  if (base < 2n) return base;
  if (base === 2n) return exponent > 255n ? 0n : 1n << exponent;
  // An even base has at least one factor 2 per multiplication, so the power is 0 from 2^256 on.
  if ((base & 1n) === 0n && exponent > 255n) return 0n;
  let result = 1n;
  let square = base;
  for (let e = exponent; ; ) {
    if ((e & 1n) === 1n) result = BigInt.asUintN(256, result * square);
    e >>= 1n;
    if (e === 0n) return result;
    square = BigInt.asUintN(256, square * square);
  }
}

/** Masks of the lowest 1 to 31 bytes of a word, of all bits but their highest, and of the bytes above them. */
const LOW_BYTES = Array.from({ length: 31 }, (_, i) => (1n << BigInt(8 * i + 8)) - 1n);
const MAGNITUDES = LOW_BYTES.map((mask) => mask >> 1n);
const HIGH_BYTES = LOW_BYTES.map((mask) => MAX_U256 ^ mask);

/** Extends the sign of the byte at `index`, counted from the least significant one, over all higher bytes. */
export function signextend(index: bigint, value: bigint): bigint {
  if (index > 30n) return value;
  const i = toNumber(index);
  const low = value & LOW_BYTES[i]!;
  return low > MAGNITUDES[i]! ? low | HIGH_BYTES[i]! : low;
}

export const lt = (a: bigint, b: bigint): bigint => (a < b ? 1n : 0n);
export const gt = (a: bigint, b: bigint): bigint => (a > b ? 1n : 0n);
export const eq = (a: bigint, b: bigint): bigint => (a === b ? 1n : 0n);
export const iszero = (a: bigint): bigint => (a === 0n ? 1n : 0n);

export function slt(a: bigint, b: bigint): bigint {
  const negative = a >= SIGN_BIT;
  // Words of one sign are in the order of their values.
  if (negative !== b >= SIGN_BIT) return negative ? 1n : 0n;
  return a < b ? 1n : 0n;
}

export const sgt = (a: bigint, b: bigint): bigint => slt(b, a);

export const and = (a: bigint, b: bigint): bigint => a & b;
export const or = (a: bigint, b: bigint): bigint => a | b;
export const xor = (a: bigint, b: bigint): bigint => a ^ b;
export const not = (a: bigint): bigint => MAX_U256 ^ a;

/** The byte at `index`, counted from the most significant one; 0 beyond the word. */
export function byte(index: bigint, value: bigint): bigint {
  return index > 31n ? 0n : (value >> (248n - 8n * index)) & 0xffn;
}

export function shl(shift: bigint, value: bigint): bigint {
  if (shift > 255n) return 0n;
  const shifted = value << shift;
  return shifted > MAX_U256 ? shifted & MAX_U256 : shifted;
}

export const shr = (shift: bigint, value: bigint): bigint => (shift > 255n ? 0n : value >> shift);

/** Arithmetic shift right: the sign bit fills in from the left. */
export function sar(shift: bigint, value: bigint): bigint {
  if (value < SIGN_BIT) return shr(shift, value);
  return shift > 255n ? MAX_U256 : MODULUS + ((value - MODULUS) >> shift);
}

/** Count of leading zero bits, 256 for 0 (EIP-7939). */
export function clz(a: bigint): bigint {
  if (a === 0n) return 256n;
  const digits = a.toString(16);
  // The first digit has 28 leading zero bits too many as a 32-bit number.
  return BigInt(4 * (64 - digits.length) + Math.clz32(Number.parseInt(digits[0]!, 16)) - 28);
}
