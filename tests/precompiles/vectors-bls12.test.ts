/** Edges of EIP-2537 with known answers. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { describe, expect, it } from 'vitest';
import { be, FALSE, fp, join, outcome, TRUE } from './support.ts';

describe('BLS12', () => {
  const { G1, G2, fields } = bls12_381;
  const P = fields.Fp.ORDER;
  const R = fields.Fr.ORDER;
  const encode1 = ({ x, y }: { x: bigint; y: bigint }) => join(fp(x), fp(y));
  type Fp2 = { c0: bigint; c1: bigint };
  const encode2 = ({ x, y }: { x: Fp2; y: Fp2 }) => join(fp(x.c0), fp(x.c1), fp(y.c0), fp(y.c1));
  const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
  const g = encode1(G1.Point.BASE.toAffine());
  const h = encode2(G2.Point.BASE.toAffine());
  const O1 = new Uint8Array(128);
  const O2 = new Uint8Array(256);

  // On the curve, outside of the subgroup: x = 4 of G1 and the first x = i of G2 that has a y.
  const y4 = fields.Fp.sqrt(68n);
  const outside1 = encode1({ x: 4n, y: y4 });
  const x2 = { c0: 2n, c1: 0n };
  const outside2 = (() => {
    for (let x = x2; ; x = { c0: x.c0 + 1n, c1: 0n }) {
      try {
        const y = fields.Fp2.sqrt(fields.Fp2.add(fields.Fp2.mul(fields.Fp2.sqr(x), x), { c0: 4n, c1: 4n }));
        return encode2({ x, y });
      } catch {
        // No point has this x.
      }
    }
  })();

  it('adds points outside of the subgroup', () => {
    const doubled1 = G1.Point.fromAffine({ x: 4n, y: y4 }).double().toAffine();
    expect(outcome(0x0bn, join(outside1, outside1))).toBe(hex(encode1(doubled1)));
    expect(outcome(0x0bn, join(outside1, O1))).toBe(hex(outside1));
    expect(outcome(0x0dn, join(outside2, O2))).toBe(hex(outside2));
    expect(outcome(0x0bn, join(g, encode1(G1.Point.BASE.negate().toAffine())))).toBe(hex(O1));
    expect(outcome(0x0dn, join(h, encode2(G2.Point.BASE.negate().toAffine())))).toBe(hex(O2));
  });

  it('multiplies and pairs in the subgroup only, infinity or 0 beside it or not', () => {
    expect(outcome(0x0cn, join(outside1, be(1)))).toBe('failure');
    expect(outcome(0x0cn, join(g, be(1), outside1, be(0)))).toBe('failure');
    expect(outcome(0x0en, join(outside2, be(1)))).toBe('failure');
    expect(outcome(0x0en, join(h, be(1), outside2, be(0)))).toBe('failure');
    expect(outcome(0x0fn, join(outside1, O2))).toBe('failure');
    expect(outcome(0x0fn, join(O1, outside2))).toBe('failure');
  });

  it('multiplies by any number', () => {
    expect(outcome(0x0cn, join(g, be(R)))).toBe(hex(O1));
    expect(outcome(0x0cn, join(g, be(R + 1n)))).toBe(hex(g));
    expect(outcome(0x0cn, join(O1, be(5)))).toBe(hex(O1));
    expect(outcome(0x0en, join(h, be(R)))).toBe(hex(O2));
    expect(outcome(0x0en, join(h, be(R + 1n)))).toBe(hex(h));
    // 1 * P + (R - 1) * P
    expect(outcome(0x0cn, join(g, be(1), g, be(R - 1n)))).toBe(hex(O1));
  });

  it.each([1, 2, 49, 50, 51, 128, 200])('sums %i products of equal points', (count) => {
    // Equal points collide in every table and bucket; the sum is known.
    const terms = Array.from({ length: count }, (_, i) => BigInt(i + 1) ** 40n % (1n << 256n));
    const total = terms.reduce((sum, k) => sum + k, 0n) % R;
    const input1 = join(...terms.flatMap((k) => [g, be(k)]));
    expect(outcome(0x0cn, input1)).toBe(hex(encode1(G1.Point.BASE.multiplyUnsafe(total).toAffine())));
    if (count > 60) return;
    const input2 = join(...terms.flatMap((k) => [h, be(k)]));
    expect(outcome(0x0en, input2)).toBe(hex(encode2(G2.Point.BASE.multiplyUnsafe(total).toAffine())));
  });

  it('pairs', () => {
    const minus = encode1(G1.Point.BASE.negate().toAffine());
    expect(outcome(0x0fn, join(g, h))).toBe(FALSE);
    expect(outcome(0x0fn, join(g, h, minus, h))).toBe(TRUE);
    expect(outcome(0x0fn, join(O1, h))).toBe(TRUE);
    expect(outcome(0x0fn, join(g, O2))).toBe(TRUE);
  });

  it.each([0x0bn, 0x0cn, 0x0dn, 0x0en, 0x0fn, 0x10n, 0x11n])('fails at %i for no input', (address) => {
    expect(outcome(address, '')).toBe('failure');
  });

  it('fails for coordinates that are not canonical or not on the curve', () => {
    for (const bad of [
      join(fp(P), fp(0n)),
      join(fp(0n), fp(1n)),
      join(be(1n << 384n, 64), fp(0n)),
      join(Uint8Array.of(1), g.subarray(1)),
    ]) {
      expect(outcome(0x0bn, join(bad, O1))).toBe('failure');
      expect(outcome(0x0bn, join(O1, bad))).toBe('failure');
      expect(outcome(0x0cn, join(bad, be(1)))).toBe('failure');
      expect(outcome(0x0fn, join(bad, O2))).toBe('failure');
    }
    expect(outcome(0x10n, fp(P))).toBe('failure');
    expect(outcome(0x10n, fp(P - 1n))).not.toBe('failure');
    expect(outcome(0x11n, join(fp(0n), fp(P)))).toBe('failure');
  });

  it('maps the kernel of the isogenies to infinity', () => {
    const kernel1 =
      0x053287da0e0815dc9541794c8b35ddc31ba75821e2bf11e238e9978812a768288b979af4a204a95c1e79dfedd252a3c5n;
    expect(outcome(0x10n, fp(kernel1))).toBe(hex(O1));
    const kernel2 = [
      0x16ce9bde53570b69b50aa33a30e4023a26e3b393e0fcd71607b97ec3c7e3f0c91d1544ee9ca873cfaf0a63ac04692d6an,
      0x13004bc47b23e05e1e4d876339f2834dec0e392157d4478f8a606480b760b9d58cc55e6cca489194ac02c01b160a11b1n,
    ] as const;
    expect(outcome(0x11n, join(fp(kernel2[0]), fp(kernel2[1])))).toBe(hex(O2));
  });
});
