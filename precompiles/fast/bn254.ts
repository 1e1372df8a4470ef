/** The curve of EIP-196 and EIP-197, also called alt_bn128. */

import type { Crypto, G2Point } from '../crypto.ts';
import { endomorphism } from '../curve/glv.ts';
import { sumOfTerms } from '../curve/group.ts';
import { BETA, LAMBDA, N, P, PSI_X, PSI_Y, X } from '../noble/bn254.ts';
import { fp2, g1In, g2In, splitPoint } from './group.ts';
import { loadMcl, type Ref } from './mcl.ts';
import { Memory } from './memory.ts';
import { pairingCheck } from './pairing.ts';

/** Some 150 points of G2, or 350 of G1, and the pairs. */
const ROOM = 128 << 10;

/** @throws ErbiumError as loadMcl */
export async function loadBn254(): Promise<Pick<Crypto, 'bn254Add' | 'bn254Mul' | 'bn254PairingCheck'>> {
  const memory = new Memory(await loadMcl('bn254'), 32, ROOM);
  const g1 = g1In(memory);
  const g2 = g2In(memory);
  const endo = endomorphism(P, N, BETA, LAMBDA);
  const beta = memory.fp(BETA);
  const psiX = fp2(memory, PSI_X);
  const psiY = fp2(memory, PSI_Y);
  memory.keep();

  const psi = (q: Ref): Ref => g2.twistedFrobenius(q, psiX, psiY);

  /** The check of ../noble/bn254.ts. */
  function toSubgroupG2(affine: G2Point): Ref | null {
    const point = g2.fromAffine(affine);
    if (point === null || g2.isInfinity(point)) return point;
    const xQ = sumOfTerms(g2, [{ table: [point], width: 2, scalar: X }]);
    const once = psi(xQ);
    const twice = psi(once);
    const left = g2.add(g2.add(xQ, point), g2.add(once, twice));
    return g2.equal(left, g2.double(psi(twice))) ? point : null;
  }

  // The order of this curve is prime, so every point of it is in the group.
  const curve = { memory, g1, g2, toSubgroupG1: g1.fromAffine, toSubgroupG2 };

  return {
    bn254Add(a, b) {
      memory.begin();
      const left = g1.fromAffine(a);
      const right = g1.fromAffine(b);
      return left === null || right === null ? null : g1.toAffine(g1.add(left, right));
    },
    bn254Mul(affine, scalar) {
      memory.begin();
      const point = g1.fromAffine(affine);
      if (point === null) return null;
      return g1.toAffine(sumOfTerms(g1, splitPoint(g1, endo, beta, point, scalar % N)));
    },
    bn254PairingCheck: (pairs) => pairingCheck(curve, pairs),
  };
}
