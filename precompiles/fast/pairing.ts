/** Products of pairings in an instance of mcl. */

import type { PointPair } from '../crypto.ts';
import { type FastG1, type FastG2, G1_SIZE, G2_SIZE } from './group.ts';
import type { Ref } from './mcl.ts';
import { FP_SIZE, type Memory } from './memory.ts';

const FP12_SIZE = 12 * FP_SIZE;
/** As many pairs as mcl puts into one loop. */
const BATCH = 16;

/** The groups of a curve, with what a point must be to enter a pairing. */
export interface PairingCurve {
  readonly memory: Memory;
  readonly g1: FastG1;
  readonly g2: FastG2;
  /** Null for a point that is not on the curve or not in the subgroup. */
  toSubgroupG1(point: PointPair['g1']): Ref | null;
  toSubgroupG2(point: PointPair['g2']): Ref | null;
}

/** Collects pairs, and then tells whether the product of their pairings is one. Several use the same memory. */
export class PairingProduct {
  private readonly memory: Memory;
  private readonly left: Ref;
  private readonly right: Ref;
  private readonly product: Ref;
  private readonly factor: Ref;
  private waiting = 0;
  private empty = true;

  constructor(memory: Memory) {
    this.memory = memory;
    this.left = memory.take(BATCH * G1_SIZE);
    this.right = memory.take(BATCH * G2_SIZE);
    this.product = memory.take(FP12_SIZE);
    this.factor = memory.take(FP12_SIZE);
  }

  /** Both points are finite. */
  push(p: Ref, q: Ref): void {
    this.memory.copy(this.left + this.waiting * G1_SIZE, p, G1_SIZE);
    this.memory.copy(this.right + this.waiting * G2_SIZE, q, G2_SIZE);
    if (++this.waiting === BATCH) this.multiply();
  }

  isOne(): boolean {
    this.multiply();
    if (this.empty) return true;
    const { mcl } = this.memory;
    mcl._mclBn_finalExp(this.product, this.product);
    return mcl._mclBnGT_isOne(this.product) === 1;
  }

  private multiply(): void {
    if (this.waiting === 0) return;
    const { mcl } = this.memory;
    mcl._mclBn_millerLoopVec(this.empty ? this.product : this.factor, this.left, this.right, this.waiting);
    if (!this.empty) mcl._mclBnGT_mul(this.product, this.product, this.factor);
    this.empty = false;
    this.waiting = 0;
  }
}

export function pairingCheck(curve: PairingCurve, pairs: readonly PointPair[]): boolean | null {
  const { memory, g1, g2 } = curve;
  memory.begin();
  const product = new PairingProduct(memory);
  for (const pair of pairs) {
    const valid = memory.scoped(() => {
      const p = curve.toSubgroupG1(pair.g1);
      if (p === null) return false;
      const q = curve.toSubgroupG2(pair.g2);
      if (q === null) return false;
      if (!g1.isInfinity(p) && !g2.isInfinity(q)) product.push(p, q);
      return true;
    });
    if (!valid) return null;
  }
  return product.isOne();
}
