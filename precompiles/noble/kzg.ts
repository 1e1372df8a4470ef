/** Check of a KZG opening proof (EIP-4844). */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToBigInt, hexToBytes } from '../../src/primitives/bytes.ts';
import type { Point } from '../curve/jacobian.ts';
import { powerModulo } from '../power-modulo.ts';
import { constantCurves, type Loop, productIsOne, sumOfMultiplesG1, toSubgroupG1 } from './bls12-381.ts';

const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** [tau]_2 of the mainnet ceremony, compressed. */
export const TAU_G2 =
  'b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72' +
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2';

interface Constants {
  /** Both G2 points of the check are constants, so the lines of their Miller loops are as well. */
  readonly negatedGenerator: Loop[0];
  readonly tau: Loop[0];
  /** (P + 1) / 4, the exponent of a square root. */
  readonly rootExponent: Uint8Array;
}

let constants: Constants | undefined;

function getConstants(): Constants {
  if (constants === undefined) {
    const { Point } = bls12_381.G2;
    const { calcPairingPrecomputes } = bls12_381.utils;
    constants = {
      negatedGenerator: calcPairingPrecomputes(Point.BASE.negate()),
      tau: calcPairingPrecomputes(Point.fromBytes(hexToBytes(TAU_G2))),
      rootExponent: hexToBytes(((P + 1n) / 4n).toString(16).padStart(96, '0')),
    };
  }
  return constants;
}

/** What a compressed point (48 bytes) says: infinity, or x and whether y is the larger of the two roots. */
export function readCompressed(bytes: Uint8Array): 'infinity' | { x: bigint; isLarger: boolean } | null {
  if (bytes.length !== 48) return null;
  const flags = bytes[0]! >> 5;
  const x = BigInt.asUintN(381, bytesToBigInt(bytes));
  // Of the three flags, the first one says that the point is compressed, the second that it is infinity.
  if (flags === 0b110) return x === 0n ? 'infinity' : null;
  if ((flags !== 0b100 && flags !== 0b101) || x >= P) return null;
  // The third flag selects the larger of the two roots.
  return { x, isLarger: flags === 0b101 };
}

/** A compressed point in the subgroup, or null. */
function decompress(bytes: Uint8Array): Point | null {
  const read = readCompressed(bytes);
  if (read === null) return null;
  if (read === 'infinity') return constantCurves().g1.zero;
  const { x } = read;
  const square = (x * x * x + 4n) % P;
  const root = powerModulo(square, getConstants().rootExponent, P);
  if ((root * root) % P !== square) return null;
  return toSubgroupG1({ x, y: 2n * root > P === read.isLarger ? root : P - root });
}

export function verifyKzgProof(commitment: Uint8Array, z: bigint, y: bigint, proof: Uint8Array): boolean {
  const c = decompress(commitment);
  const pi = decompress(proof);
  if (c === null || pi === null) return false;
  const { negatedGenerator, tau } = getConstants();
  const { g1 } = constantCurves();
  // e(C - [y], -[1]) * e(pi, [tau] - [z]) = 1, with the term of z moved to the left factor, where it is a
  // multiplication in G1 instead of G2.
  const { x: baseX, y: baseY } = bls12_381.G1.Point.BASE;
  const left = sumOfMultiplesG1([
    [c, 1n],
    [{ x: baseX, y: baseY, z: 1n }, R - y],
    [pi, z],
  ]);
  const loops: Loop[] = [];
  for (const [lines, point] of [
    [negatedGenerator, left],
    [tau, pi],
  ] as const) {
    if (point.z === 0n) continue;
    const affine = g1.toAffine(point);
    loops.push([lines, affine.x, affine.y]);
  }
  return productIsOne(loops);
}
