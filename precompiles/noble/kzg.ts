/** Check of a KZG opening proof (EIP-4844). */

import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { hexToBytes } from '../../src/primitives/bytes.ts';

/** [tau]_2 of the mainnet ceremony, compressed. */
const TAU_G2 =
  'b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72' +
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2';

type Lines = ReturnType<typeof bls12_381.utils.calcPairingPrecomputes>;

// Both G2 points of the check are constants, so the lines of their Miller loops are as well.
let lines: { readonly negatedGenerator: Lines; readonly tau: Lines } | undefined;

function constantLines(): NonNullable<typeof lines> {
  const { Point } = bls12_381.G2;
  const { calcPairingPrecomputes } = bls12_381.utils;
  lines ??= {
    negatedGenerator: calcPairingPrecomputes(Point.BASE.negate()),
    tau: calcPairingPrecomputes(Point.fromBytes(hexToBytes(TAU_G2))),
  };
  return lines;
}

/** A compressed point in the subgroup, or null. */
function decompress(bytes: Uint8Array): WeierstrassPoint<bigint> | null {
  // noble also takes the uncompressed form, which is longer, and reports every other fault by throwing.
  if (bytes.length !== 48) return null;
  try {
    return bls12_381.G1.Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

export function verifyKzgProof(commitment: Uint8Array, z: bigint, y: bigint, proof: Uint8Array): boolean {
  const c = decompress(commitment);
  const pi = decompress(proof);
  if (c === null || pi === null) return false;
  const { G1, fields } = bls12_381;
  // e(C - [y], -[1]) * e(pi, [tau] - [z]) = 1, with the term of z moved to the left factor, where it is a
  // multiplication in G1 instead of G2.
  const left = c.subtract(G1.Point.BASE.multiplyUnsafe(y)).add(pi.multiplyUnsafe(z));
  const constants = constantLines();
  const loops: [Lines, bigint, bigint][] = [];
  for (const [point, line] of [
    [left, constants.negatedGenerator],
    [pi, constants.tau],
  ] as const) {
    if (point.is0()) continue;
    const affine = point.toAffine();
    loops.push([line, affine.x, affine.y]);
  }
  const product = bls12_381.millerLoopBatch(loops);
  return fields.Fp12.eql(fields.Fp12.finalExponentiate(product), fields.Fp12.ONE);
}
