/**
 * Openings of KZG commitments, checked with noble's pairing in the plainest way (EIP-4844, verify_kzg_proof): a second
 * path beside the precompile's own, which @ethereumjs/evm does not bring.
 */

import { bls12_381 } from '@noble/curves/bls12-381.js';

const { G1, G2, fields } = bls12_381;

/** [tau]_2 of the ceremony of mainnet. */
const TAU_G2 =
  'b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72' +
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2';

let tau: ReturnType<typeof G2.Point.fromHex> | undefined;

/** Whether a polynomial has the value y at z; null where an argument is none. */
export function verifyKzgProof(commitment: string, z: bigint, y: bigint, proof: string): boolean | null {
  const order = fields.Fr.ORDER;
  if (z >= order || y >= order) return null;
  try {
    const [c, pi] = [commitment, proof].map((hex) => {
      const point = G1.Point.fromHex(hex.replace(/^0x/, ''));
      if (!point.equals(G1.Point.ZERO)) point.assertValidity();
      return point;
    });
    const minusY = G1.Point.BASE.multiplyUnsafe((order - y) % order);
    const minusZ = G2.Point.BASE.multiplyUnsafe((order - z) % order);
    const left = { g1: c!.add(minusY), g2: G2.Point.BASE.negate() };
    tau ??= G2.Point.fromHex(TAU_G2);
    const right = { g1: pi!, g2: tau.add(minusZ) };
    // noble pairs no infinity, whose pairing is one.
    const pairs = [left, right].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
    return fields.Fp12.eql(bls12_381.pairingBatch(pairs), fields.Fp12.ONE);
  } catch {
    return null;
  }
}
