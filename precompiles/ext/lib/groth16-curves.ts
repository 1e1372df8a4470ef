/** The two curves of Groth16: sizes and encodings of their points (EIP-196/197, EIP-2537), and their fields. */

import { bytesToHexDigits, hexToBytes } from '../../../src/primitives/bytes.ts';
import type { Fp2, G1Point, G2Point } from '../../crypto.ts';
import {
  encodeBls12G1,
  encodeBls12G2,
  encodeBn254G1,
  readBls12G1,
  readBls12G2,
  readBn254G1,
  readBn254G2,
} from '../../encoding.ts';

/** One curve as Groth16 needs it. */
export interface Groth16Curve {
  /** The byte in front of an input. */
  readonly id: 1 | 2;
  /** The name in files of snarkjs. */
  readonly name: 'bn128' | 'bls12381';
  /** Modulus of the coordinates. */
  readonly q: bigint;
  /** Order of the groups, which is the modulus of inputs and witnesses. */
  readonly r: bigint;
  /** Bytes of a coordinate in files of snarkjs, a multiple of 8. */
  readonly fieldBytes: number;
  /** Coefficient b of y^2 = x^3 + b. */
  readonly b: bigint;
  /** The same of the twisted curve. */
  readonly twistB: Fp2;
  /** r - 1 is divisible by 2 to this power and no higher. */
  readonly twoAdicity: number;
  readonly g1Length: number;
  readonly g2Length: number;
  /** The point, or null when a coordinate is not below the modulus. The input must be long enough. */
  readG1(input: Uint8Array, offset: number): G1Point | null;
  /** The point, or null when a coordinate is not below the modulus. The input must be long enough. */
  readG2(input: Uint8Array, offset: number): G2Point | null;
  writeG1(point: G1Point): Uint8Array;
  writeG2(point: G2Point): Uint8Array;
}

const hex64 = (value: bigint): string => value.toString(16).padStart(64, '0');

export const BN254: Groth16Curve = {
  id: 1,
  name: 'bn128',
  q: 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n,
  r: 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n,
  fieldBytes: 32,
  b: 3n,
  twistB: {
    c0: 0x2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5n,
    c1: 0x009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2n,
  },
  twoAdicity: 28,
  g1Length: 64,
  g2Length: 128,
  readG1: readBn254G1,
  readG2: readBn254G2,
  writeG1: (point) => encodeBn254G1(point)!,
  writeG2: ({ x, y }) => hexToBytes(hex64(x.c1) + hex64(x.c0) + hex64(y.c1) + hex64(y.c0)),
};

export const BLS12_381: Groth16Curve = {
  id: 2,
  name: 'bls12381',
  q: 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn,
  r: 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n,
  fieldBytes: 48,
  b: 4n,
  twistB: { c0: 4n, c1: 4n },
  twoAdicity: 32,
  g1Length: 128,
  g2Length: 256,
  readG1: readBls12G1,
  readG2: readBls12G2,
  writeG1: (point) => encodeBls12G1(point)!,
  writeG2: (point) => encodeBls12G2(point)!,
};

/** The curve of the byte in front of an input, or undefined. */
export const curveOfId = (id: number | undefined): Groth16Curve | undefined =>
  id === 1 ? BN254 : id === 2 ? BLS12_381 : undefined;

/** Unsigned little-endian value of any number of bytes, at least one. */
export const littleEndian = (bytes: Uint8Array): bigint =>
  // A copy: a view of a file, and `slice` of Node's own buffers, would reverse the file.
  BigInt(`0x${bytesToHexDigits(Uint8Array.from(bytes).reverse())}`);
