/** The curves of pairings with the fast cryptography and the default one: sums, subgroups, pairings, maps, openings. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { sumOfTerms } from '../../precompiles/curve/group.ts';
import { curveOver } from '../../precompiles/curve/jacobian.ts';
import { curveOverFp2 } from '../../precompiles/curve/jacobian-fp2.ts';
import { fastCrypto } from '../../precompiles/fast/index.ts';
import { type Fp2, type G2Point, nobleCrypto } from '../../precompiles/index.ts';
import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { Random } from '../helpers/random.ts';
import { be, FALSE, fp, join, outcome, TRUE } from './support.ts';

/** More of them find no more; ten times as many were run once. */
const ROUNDS = 24;

const fast = await fastCrypto();

const BN_P = bn254.fields.Fp.ORDER;
const BN_N = bn254.fields.Fr.ORDER;
const BLS_P = bls12_381.fields.Fp.ORDER;
const BLS_R = bls12_381.fields.Fr.ORDER;
const MAX = (1n << 256n) - 1n;

const number = (random: Random, length = 32): bigint => bytesToBigInt(random.bytes(length));

/** A scalar at which splitting, windows or reduction change, or any. */
function scalar(random: Random, order: bigint): bigint {
  const edges = [0n, 1n, 2n, order - 1n, order, order + 1n, MAX, 1n << 128n, (1n << 128n) - 1n];
  return random.below(3) === 0 ? random.pick(edges) : number(random);
}

const bnG1 = (k: bigint): Uint8Array => {
  const { x, y } = bn254.G1.Point.BASE.multiplyUnsafe(k % BN_N).toAffine();
  return join(be(x), be(y));
};
const bnG2Bytes = ({ x, y }: G2Point): Uint8Array => join(be(x.c1), be(x.c0), be(y.c1), be(y.c0));
const bnG2 = (k: bigint): Uint8Array => bnG2Bytes(bn254.G2.Point.BASE.multiplyUnsafe(k % BN_N).toAffine());

const blsG1Bytes = ({ x, y }: { x: bigint; y: bigint }): Uint8Array => join(fp(x), fp(y));
const blsG1 = (k: bigint): Uint8Array =>
  blsG1Bytes(bls12_381.G1.Point.BASE.multiplyUnsafe(k % BLS_R).toAffine());
const blsG2Bytes = ({ x, y }: G2Point): Uint8Array => join(fp(x.c0), fp(x.c1), fp(y.c0), fp(y.c1));
const blsG2 = (k: bigint): Uint8Array =>
  blsG2Bytes(bls12_381.G2.Point.BASE.multiplyUnsafe(k % BLS_R).toAffine());

/** The points of a twisted curve whose x are the first that have a y. */
function twistPoints(engine: typeof bn254 | typeof bls12_381, count: number): G2Point[] {
  const { Fp2 } = engine.fields;
  const found: G2Point[] = [];
  for (let i = 1n; found.length < count; i++) {
    const x = { c0: i, c1: 1n };
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), engine.G2.Point.CURVE().b);
    try {
      found.push({ x, y: Fp2.sqrt(square) as Fp2 });
    } catch {
      // No point has this x.
    }
  }
  return found;
}

/** Multiples of points of a twisted curve by the number of all its points over small divisors: of small order. */
function smallOrders(engine: typeof bn254 | typeof bls12_381, points: bigint, divisors: bigint[]): G2Point[] {
  const group = curveOverFp2(engine.fields.Fp.ORDER);
  return divisors.flatMap((divisor) =>
    twistPoints(engine, 2).map((point) => {
      expect(points % divisor).toBe(0n);
      const term = { table: [group.fromAffine(point)], width: 2, scalar: points / divisor };
      return group.toAffine(sumOfTerms(group, [term]));
    }),
  );
}

describe('BN254', () => {
  it('adds and multiplies', () => {
    const random = new Random(4);
    for (let i = 0; i < ROUNDS; i++) {
      const [a, b] = [scalar(random, BN_N), scalar(random, BN_N)];
      expect(outcome(6n, join(bnG1(a), bnG1(b)))).not.toBe('failure');
      outcome(6n, join(bnG1(a), bnG1(a)));
      outcome(6n, join(bnG1(a), bnG1(BN_N - (a % BN_N))));
      expect(outcome(7n, join(bnG1(a), be(scalar(random, BN_N))))).not.toBe('failure');
    }
  });

  it.each([0, 1, 2, 16, 17])('pairs %i times', (count) => {
    const random = new Random(count);
    const pairs = Array.from({ length: count }, () => join(bnG1(number(random)), bnG2(number(random))));
    expect(outcome(8n, join(...pairs))).toBe(count === 0 ? TRUE : FALSE);
    // (P, Q) with (-P, Q) and infinity on either side.
    const k = number(random) % BN_N;
    const Q = bnG2(number(random));
    const cancelled = join(
      bnG1(k),
      Q,
      new Uint8Array(64),
      Q,
      bnG1(BN_N - k),
      Q,
      bnG1(k),
      new Uint8Array(128),
    );
    expect(outcome(8n, cancelled)).toBe(TRUE);
    outcome(8n, join(...pairs, cancelled));
  });

  it('refuses points of the twisted curve outside of the subgroup', () => {
    const cofactor = 2n * BN_P - BN_N;
    const outside = [...twistPoints(bn254, 4), ...smallOrders(bn254, cofactor * BN_N, [10_069n, 5_864_401n])];
    const group = curveOverFp2(BN_P);
    const base = group.fromAffine(bn254.G2.Point.BASE.toAffine());
    for (const point of outside) {
      expect(outcome(8n, join(bnG1(1n), bnG2Bytes(point)))).toBe('failure');
      const shifted = group.toAffine(group.add(base, group.fromAffine(point)));
      expect(outcome(8n, join(bnG1(1n), bnG2(1n), bnG1(1n), bnG2Bytes(shifted)))).toBe('failure');
    }
  });
});

describe('BLS12-381', () => {
  const h1 = 0x396c8c005555e1568c00aaab0000aaabn;
  const h2 =
    0x5d543a95414e7f1091d50792876a202cd91de4547085abaa68a205b2e5a7ddfa628f1cb4d9e82ef21537e293a6691ae1616ec6e786f0c70cf1c38e31c7238e5n;

  /** Points of G1's curve outside of the subgroup: any, and some of small order. */
  function outside1(): { x: bigint; y: bigint }[] {
    const group = curveOver(BLS_P, 0);
    const any = { x: 4n, y: bls12_381.fields.Fp.sqrt(68n) };
    const small = [3n, 11n, 10_177n].map((order) =>
      group.toAffine(
        sumOfTerms(group, [{ table: [group.fromAffine(any)], width: 2, scalar: (h1 * BLS_R) / order }]),
      ),
    );
    // (0, 2) has order 3.
    return [any, { x: 0n, y: 2n }, { x: 0n, y: BLS_P - 2n }, ...small];
  }
  const outside2 = () => [
    ...twistPoints(bls12_381, 3),
    ...smallOrders(bls12_381, h2 * BLS_R, [13n, 169n, 23n, 2_713n]),
  ];

  it('adds inside and outside of the subgroup', () => {
    const random = new Random(5);
    const points1 = [
      ...outside1().map(blsG1Bytes),
      blsG1(1n),
      blsG1(BLS_R - 1n),
      blsG1(number(random)),
      new Uint8Array(128),
    ];
    const points2 = [
      ...outside2().map(blsG2Bytes),
      blsG2(1n),
      blsG2(BLS_R - 1n),
      blsG2(number(random)),
      new Uint8Array(256),
    ];
    for (const [address, points] of [
      [0xbn, points1],
      [0xdn, points2],
    ] as const) {
      for (const a of points)
        for (const b of points) expect(outcome(address, join(a, b))).not.toBe('failure');
    }
  });

  it('refuses points outside of the subgroups', () => {
    const group1 = curveOver(BLS_P, 0);
    const base1 = group1.fromAffine(bls12_381.G1.Point.BASE.toAffine());
    for (const point of outside1()) {
      if (point.x === 0n && point.y === 0n) continue;
      const shifted = group1.toAffine(group1.add(base1, group1.fromAffine(point)));
      for (const bad of [point, shifted]) {
        expect(outcome(0xcn, join(blsG1(1n), be(1), blsG1Bytes(bad), be(0)))).toBe('failure');
        expect(outcome(0xfn, join(blsG1Bytes(bad), new Uint8Array(256)))).toBe('failure');
      }
    }
    const group2 = curveOverFp2(BLS_P);
    const base2 = group2.fromAffine(bls12_381.G2.Point.BASE.toAffine());
    for (const point of outside2()) {
      if (point.x.c0 === 0n && point.x.c1 === 0n) continue;
      const shifted = group2.toAffine(group2.add(base2, group2.fromAffine(point)));
      for (const bad of [point, shifted]) {
        expect(outcome(0xen, join(blsG2(1n), be(1), blsG2Bytes(bad), be(0)))).toBe('failure');
        expect(outcome(0xfn, join(new Uint8Array(128), blsG2Bytes(bad)))).toBe('failure');
      }
    }
  });

  const products = (seed: number, count: number, point: (k: bigint) => Uint8Array): Uint8Array => {
    const random = new Random(seed);
    const few = Array.from({ length: Math.min(count, 20) }, () => point(scalar(random, BLS_R)));
    return join(...Array.from({ length: count }, () => [random.pick(few), be(scalar(random, BLS_R))]).flat());
  };

  it.each([1, 2, 3, 50, 128, 129])('sums %i products', (count) => {
    expect(outcome(0xcn, products(count, count, blsG1))).not.toBe('failure');
    expect(outcome(0xen, products(count, count, blsG2))).not.toBe('failure');
  });

  it('multiplies', () => {
    const random = new Random(6);
    for (let i = 0; i < ROUNDS / 2; i++) {
      expect(outcome(0xcn, join(blsG1(number(random)), be(scalar(random, BLS_R))))).not.toBe('failure');
      expect(outcome(0xen, join(blsG2(number(random)), be(scalar(random, BLS_R))))).not.toBe('failure');
    }
  });

  it('sums a long input in the same memory', () => {
    // The last of the batches fails, and what follows works.
    const good = join(...Array.from({ length: 129 }, () => [blsG1(5n), be(MAX)]).flat());
    expect(outcome(0xcn, good)).not.toBe('failure');
    expect(outcome(0xcn, join(good, blsG1Bytes(outside1()[0]!), be(1)))).toBe('failure');
    expect(outcome(0xcn, good)).not.toBe('failure');
    // Every digit of every scalar is as far from zero as it gets.
    const far = join(
      ...Array.from({ length: 128 }, (_, i) => [blsG2(BigInt(i + 1)), be(BLS_R - 1n - BigInt(i))]).flat(),
    );
    expect(outcome(0xen, far)).not.toBe('failure');
  });

  it.each([1, 2, 17])('pairs %i times', (count) => {
    const random = new Random(count);
    const pairs = Array.from({ length: count }, () => join(blsG1(number(random)), blsG2(number(random))));
    expect(outcome(0xfn, join(...pairs))).toBe(FALSE);
    const k = number(random) % BLS_R;
    const Q = blsG2(number(random));
    const cancelled = join(
      blsG1(k),
      Q,
      new Uint8Array(128),
      Q,
      blsG1(BLS_R - k),
      Q,
      blsG1(k),
      new Uint8Array(256),
    );
    expect(outcome(0xfn, cancelled)).toBe(TRUE);
    outcome(0xfn, join(...pairs, cancelled));
  });

  it('maps', () => {
    const { Fp, Fp2 } = bls12_381.fields;
    const random = new Random(7);
    const elements = [0n, 1n, 2n, BLS_P - 1n, BLS_P >> 1n];
    for (let i = 0; i < ROUNDS / 2; i++) elements.push(number(random, 64) % BLS_P);
    // Where the map divides by zero: Z * u^2 = -1, Z being 11.
    const root = attempt(() => Fp.sqrt(Fp.neg(Fp.inv(11n))));
    if (root !== null) elements.push(root);
    for (const element of elements) expect(outcome(0x10n, fp(element))).not.toBe('failure');

    const pairs = elements.map((c0): Fp2 => ({ c0, c1: random.pick(elements) }));
    pairs.push({ c0: 0n, c1: 0n }, { c0: 0n, c1: 1n }, { c0: 1n, c1: 0n });
    // Z is -(2 + u).
    const root2 = attempt(() => Fp2.sqrt(Fp2.inv({ c0: 2n, c1: 1n } as never)) as Fp2);
    if (root2 !== null) pairs.push(root2);
    for (const { c0, c1 } of pairs) expect(outcome(0x11n, join(fp(c0), fp(c1)))).not.toBe('failure');
  });

  it('verifies openings of polynomials', () => {
    // Of degree 1, a + b * tau, whose quotient is b: the setup's [tau]_1 is not known, so b is 0 and the proof infinity.
    const random = new Random(8);
    const infinity = join(Uint8Array.of(0xc0), new Uint8Array(47));
    for (let i = 0; i < ROUNDS / 4; i++) {
      const value = number(random) % BLS_R;
      const commitment = bls12_381.G1.Point.BASE.multiplyUnsafe(value).toBytes(true);
      const z = number(random) % BLS_R;
      const other = bls12_381.G1.Point.BASE.multiply(1n + (number(random) % 1_000n)).toBytes(true);
      for (const [c, y, proof] of [
        [commitment, value, infinity],
        [commitment, value + 1n, infinity],
        [commitment, value, other],
        [other, value, commitment],
        [infinity, 0n, infinity],
        [random.bytes(48), value, infinity],
        [commitment, value, join(Uint8Array.of(0x80 | random.below(32)), random.bytes(47))],
      ] as const) {
        expect(fast.verifyKzgProof(c, z, y % BLS_R, proof)).toBe(
          nobleCrypto.verifyKzgProof(c, z, y % BLS_R, proof),
        );
      }
      expect(fast.verifyKzgProof(commitment, z, value, infinity)).toBe(true);
    }
  });
});

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
