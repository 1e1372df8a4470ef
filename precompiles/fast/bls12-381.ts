/** The curves of EIP-2537, and the check of a KZG opening proof (EIP-4844), which is over them. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import type { Crypto, G1Point, G2Point, ScaledPoint } from '../crypto.ts';
import { multiScalarMultiply, sumOfTerms } from '../curve/group.ts';
import { BETA, P, PSI_X, PSI_Y, R, X, X_SQUARED } from '../noble/bls12-381.ts';
import { readCompressed, TAU_G2 } from '../noble/kzg.ts';
import { fp2, G1_SIZE, G2_SIZE, g1In, g2In, type PointGroup } from './group.ts';
import { loadMcl, type Ref } from './mcl.ts';
import { FP_SIZE, Memory } from './memory.ts';
import { PairingProduct, pairingCheck } from './pairing.ts';

/** Products that are summed at a time, so that the longest input needs no more memory than this. */
const BATCH = 128;
/** 3.4 MB at most for those of G2: 10 windows of 1,152 points. */
const ROOM = 4 << 20;
/** The map of RFC 9380. */
const HASH_TO_CURVE = 5;

type Bls12 =
  | 'bls12G1Add'
  | 'bls12G2Add'
  | 'bls12G1Msm'
  | 'bls12G2Msm'
  | 'bls12PairingCheck'
  | 'bls12MapToG1'
  | 'bls12MapToG2'
  | 'verifyKzgProof';

/** Collects products of points and scalars. */
type Push = (point: Ref, scalar: bigint) => void;

/** @throws ErbiumError as loadMcl */
export async function loadBls12(): Promise<Pick<Crypto, Bls12>> {
  const memory = new Memory(await loadMcl('bls12'), 48, ROOM);
  const { mcl } = memory;
  mcl._mclBn_setMapToMode(HASH_TO_CURVE);
  const g1 = g1In(memory);
  const g2 = g2In(memory);
  const beta = memory.fp(BETA);
  const psiX = fp2(memory, PSI_X);
  const psiY = fp2(memory, PSI_Y);
  const total1 = memory.take(G1_SIZE);
  const total2 = memory.take(G2_SIZE);
  const four = memory.fp(4n);
  const base = g1.fromAffine(bls12_381.G1.Point.BASE.toAffine())!;
  const negatedBase2 = g2.fromAffine(bls12_381.G2.Point.BASE.negate().toAffine())!;
  const tau = g2.fromAffine(bls12_381.G2.Point.fromBytes(hexToBytes(TAU_G2)).toAffine())!;
  memory.keep();

  const phi = (p: Ref): Ref => g1.scaleX(p, beta);
  const psi = (q: Ref): Ref => g2.twistedFrobenius(q, psiX, psiY);

  // The checks and the splitting of scalars are those of ../noble/bls12-381.ts.

  const timesX = <T>(group: PointGroup<T>, point: Ref): Ref =>
    sumOfTerms(group, [{ table: [point], width: 2, scalar: X }]);

  function toSubgroupG1(affine: G1Point): Ref | null {
    const p = g1.fromAffine(affine);
    if (p === null) return null;
    const holds = memory.scoped(() => g1.equal(phi(p), g1.negate(timesX(g1, timesX(g1, p)))));
    return holds ? p : null;
  }

  function toSubgroupG2(affine: G2Point): Ref | null {
    const q = g2.fromAffine(affine);
    if (q === null) return null;
    const holds = memory.scoped(() => g2.equal(psi(q), g2.negate(timesX(g2, q))));
    return holds ? q : null;
  }

  function split1(point: Ref, scalar: bigint, push: Push): void {
    const k = scalar % R;
    push(point, k % X_SQUARED);
    push(g1.negate(phi(point)), k / X_SQUARED);
  }

  function split2(point: Ref, scalar: bigint, push: Push): void {
    let image = point;
    for (let k = scalar % R; k > 0n; k /= X) {
      push(image, k % X);
      image = g2.negate(psi(image));
    }
  }

  /** Sum of the products that a function pushes. */
  function sumOf<T>(group: PointGroup<T>, collect: (push: Push) => void): Ref {
    const points: Ref[] = [];
    const scalars: bigint[] = [];
    collect((point, scalar) => {
      if (scalar === 0n || group.isInfinity(point)) return;
      points.push(point);
      scalars.push(scalar);
    });
    return multiScalarMultiply(group, points, scalars);
  }

  /** @param total where the sum of all batches is */
  function msm<T>(
    group: PointGroup<T>,
    total: Ref,
    size: number,
    toSubgroup: (affine: T) => Ref | null,
    split: typeof split1,
    terms: readonly ScaledPoint<T>[],
  ): T | null {
    memory.clear(total, size);
    for (let from = 0; from < terms.length; from += BATCH) {
      memory.begin();
      const batch = terms.slice(from, from + BATCH);
      const points = batch.map(({ point }) => toSubgroup(point));
      if (points.includes(null)) return null;
      const sum = sumOf(group, (push) => {
        for (const [i, { scalar }] of batch.entries()) split(points[i]!, scalar, push);
      });
      memory.copy(total, group.add(total, sum), size);
    }
    memory.begin();
    return group.toAffine(total);
  }

  function add<T>(group: PointGroup<T>, a: T, b: T): T | null {
    memory.begin();
    const left = group.fromAffine(a);
    const right = group.fromAffine(b);
    return left === null || right === null ? null : group.toAffine(group.add(left, right));
  }

  /** A compressed point in the subgroup, or null. */
  function decompress(bytes: Uint8Array): Ref | null {
    const read = readCompressed(bytes);
    if (read === null) return null;
    if (read === 'infinity') return g1.zero;
    const { x, isLarger } = read;
    const at = memory.fp(x);
    const root = memory.take(FP_SIZE);
    mcl._mclBnFp_sqr(root, at);
    mcl._mclBnFp_mul(root, root, at);
    mcl._mclBnFp_add(root, root, four);
    if (mcl._mclBnFp_squareRoot(root, root) !== 0) return null;
    const y = memory.getFp(root);
    return toSubgroupG1({ x, y: 2n * y > P === isLarger ? y : P - y });
  }

  const curve = { memory, g1, g2, toSubgroupG1, toSubgroupG2 };

  return {
    bls12G1Add: (a, b) => add(g1, a, b),
    bls12G2Add: (a, b) => add(g2, a, b),
    bls12G1Msm: (terms) => msm(g1, total1, G1_SIZE, toSubgroupG1, split1, terms),
    bls12G2Msm: (terms) => msm(g2, total2, G2_SIZE, toSubgroupG2, split2, terms),
    bls12PairingCheck: (pairs) => pairingCheck(curve, pairs),
    bls12MapToG1(element) {
      memory.begin();
      const point = memory.take(G1_SIZE);
      mcl._mclBnFp_mapToG1(point, memory.fp(element));
      return g1.toAffine(point);
    },
    bls12MapToG2(element) {
      memory.begin();
      const point = memory.take(G2_SIZE);
      mcl._mclBnFp2_mapToG2(point, fp2(memory, element));
      return g2.toAffine(point);
    },
    verifyKzgProof(commitment, z, y, proof) {
      memory.begin();
      const c = decompress(commitment);
      const pi = decompress(proof);
      if (c === null || pi === null) return false;
      // e(C - [y] + [z] pi, -[1]) * e(pi, [tau]) = 1, as in ../noble/kzg.ts.
      const left = sumOf(g1, (push) => {
        push(c, 1n);
        split1(base, R - y, push);
        split1(pi, z, push);
      });
      const product = new PairingProduct(memory);
      if (!g1.isInfinity(left)) product.push(left, negatedBase2);
      if (!g1.isInfinity(pi)) product.push(pi, tau);
      return product.isOne();
    },
  };
}
