/**
 * How precompiles read their input and write their output: words with zero padding, and the points of
 * EIP-196, EIP-197 (32-byte coordinates) and EIP-2537 (64-byte coordinates). Checks what encoding alone
 * decides, that a coordinate is canonical, and not whether a point is on its curve.
 */

import { bytesToBigInt, hexToBytes, toBytes32 } from '../src/primitives/bytes.ts';
import type { Fp2, G1Point, G2Point } from './crypto.ts';

const BN254_P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const BLS12_P =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

/** `length` bytes from `offset` on, with zeros for what lies behind the end of the input. */
export function readPadded(input: Uint8Array, offset: number, length: number): Uint8Array {
  const part = input.subarray(offset, offset + length);
  if (part.length === length) return part;
  const padded = new Uint8Array(length);
  padded.set(part);
  return padded;
}

/** The 32-byte word at `offset`, with zeros for what lies behind the end of the input. */
export const wordAt = (input: Uint8Array, offset: number): bigint =>
  bytesToBigInt(readPadded(input, offset, 32));

/** Gas that grows with the number of 32-byte words, the last one counting in full. */
export const gasByWords = (base: number, perWord: number, length: number): number =>
  base + perWord * Math.ceil(length / 32);

/** The word 1, for the precompiles that answer yes. */
export function encodeTrue(): Uint8Array {
  const output = new Uint8Array(32);
  output[31] = 1;
  return output;
}

/** A G1 point of EIP-196 in 64 bytes, or null when a coordinate is not below the modulus. */
export function readBn254G1(input: Uint8Array, offset: number): G1Point | null {
  const x = wordAt(input, offset);
  const y = wordAt(input, offset + 32);
  return x < BN254_P && y < BN254_P ? { x, y } : null;
}

/** An element of Fp2 of EIP-197 in 64 bytes: the factor of i comes first. */
function readBn254Fp2(input: Uint8Array, offset: number): Fp2 | null {
  const c1 = wordAt(input, offset);
  const c0 = wordAt(input, offset + 32);
  return c0 < BN254_P && c1 < BN254_P ? { c0, c1 } : null;
}

/** A G2 point of EIP-197 in 128 bytes, or null when a coordinate is not below the modulus. */
export function readBn254G2(input: Uint8Array, offset: number): G2Point | null {
  const x = readBn254Fp2(input, offset);
  const y = readBn254Fp2(input, offset + 64);
  return x === null || y === null ? null : { x, y };
}

/** 64 bytes, or null when there is no point. */
export function encodeBn254G1(point: G1Point | null): Uint8Array | null {
  if (point === null) return null;
  const output = new Uint8Array(64);
  output.set(toBytes32(point.x), 0);
  output.set(toBytes32(point.y), 32);
  return output;
}

/** Length of the encodings of EIP-2537 in bytes. */
export const BLS12_FP_LENGTH = 64;
export const BLS12_FP2_LENGTH = 128;
export const BLS12_G1_LENGTH = 128;
export const BLS12_G2_LENGTH = 256;

/** A field element of EIP-2537, or null when it is not canonical. The input must hold 64 bytes there. */
export function readBls12Fp(input: Uint8Array, offset: number): bigint | null {
  // Non-zero padding makes the number exceed the modulus, too.
  const element = bytesToBigInt(input.subarray(offset, offset + BLS12_FP_LENGTH));
  return element < BLS12_P ? element : null;
}

/** An element of Fp2, c0 first, or null when it is not canonical. The input must hold 128 bytes there. */
export function readBls12Fp2(input: Uint8Array, offset: number): Fp2 | null {
  const c0 = readBls12Fp(input, offset);
  const c1 = readBls12Fp(input, offset + BLS12_FP_LENGTH);
  return c0 === null || c1 === null ? null : { c0, c1 };
}

/** A G1 point, or null when a coordinate is not canonical. The input must hold 128 bytes there. */
export function readBls12G1(input: Uint8Array, offset: number): G1Point | null {
  const x = readBls12Fp(input, offset);
  const y = readBls12Fp(input, offset + BLS12_FP_LENGTH);
  return x === null || y === null ? null : { x, y };
}

/** A G2 point, or null when a coordinate is not canonical. The input must hold 256 bytes there. */
export function readBls12G2(input: Uint8Array, offset: number): G2Point | null {
  const x = readBls12Fp2(input, offset);
  const y = readBls12Fp2(input, offset + BLS12_FP2_LENGTH);
  return x === null || y === null ? null : { x, y };
}

function encodeFields(...elements: readonly bigint[]): Uint8Array {
  return hexToBytes(elements.map((element) => element.toString(16).padStart(128, '0')).join(''));
}

/** 128 bytes, or null when there is no point. */
export const encodeBls12G1 = (point: G1Point | null): Uint8Array | null =>
  point === null ? null : encodeFields(point.x, point.y);

/** 256 bytes, or null when there is no point. */
export const encodeBls12G2 = (point: G2Point | null): Uint8Array | null =>
  point === null ? null : encodeFields(point.x.c0, point.x.c1, point.y.c0, point.y.c1);
