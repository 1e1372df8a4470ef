import { ed25519, ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha3_512, shake256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pedersenAdd } from '../../../precompiles/ext/e10a-pedersen-add.ts';
import { pedersenCommit } from '../../../precompiles/ext/e109-pedersen-commit.ts';
import {
  add,
  BASE,
  BLINDING_BASE,
  decodePoint,
  encodePoint,
  encodeScalar,
  equal,
  fromUniformBytes,
  invertScalar,
  isZero,
  msm,
  msmWithTables,
  mul,
  mulBase,
  mulBlinding,
  negate,
  ORDER,
  type Point,
  prepare,
  readScalar,
  subtract,
  tablesOf,
  ZERO,
} from '../../../precompiles/ext/lib/ristretto.ts';
import { bytesToHexDigits, concatBytes, hexToBytes } from '../../../src/primitives/bytes.ts';
import { gasOf, named, namedScalar, run } from './samples/commitments.ts';

const Noble = ristretto255.Point;
const P = ed25519.Point.Fp.ORDER;

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : bytesToHexDigits(bytes));

function little(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

const commitInput = (value: bigint, blinding: bigint): Uint8Array =>
  concatBytes(little(value), little(blinding));

const randomPoint = (name: string): Point => fromUniformBytes(shake256(named(name), { dkLen: 64 }));

const scalars = fc.bigInt({ min: 0n, max: ORDER - 1n });
const EDGES = [0n, 1n, 2n, (1n << 127n) - 1n, 1n << 127n, 1n << 128n, 1n << 252n, ORDER - 2n, ORDER - 1n];

/** RFC 9496, A.1: multiples 0 to 15 of the generator. */
const MULTIPLES = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
  '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
  '94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259',
];

/** RFC 9496, A.2: what is no point. */
const BAD_ENCODINGS = [
  // Field elements that are not canonical.
  '00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  // Negative field elements.
  '0100000000000000000000000000000000000000000000000000000000000000',
  '01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20',
  'c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562',
  // No square root.
  '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
  '4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f',
  // Negative xy.
  '3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e',
  'a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220',
  // s = -1, which makes y = 0.
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

describe('ristretto255', () => {
  it('has the multiples of RFC 9496', () => {
    MULTIPLES.forEach((encoded, i) => {
      expect(hex(encodePoint(mulBase(BigInt(i))))).toBe(encoded);
      expect(hex(encodePoint(mul(BASE, BigInt(i))))).toBe(encoded);
      const decoded = decodePoint(hexToBytes(encoded));
      expect(decoded !== null && equal(decoded, mulBase(BigInt(i)))).toBe(true);
    });
  });

  it.each(BAD_ENCODINGS)('does not decode %s', (encoded) => {
    expect(decodePoint(hexToBytes(encoded))).toBeNull();
  });

  it('decodes what noble decodes, and nothing else', () => {
    let decoded = 0;
    for (let i = 0; i < 400; i++) {
      const bytes = named(`encoding ${i}`);
      bytes[31]! &= 0x7f;
      bytes[0]! &= 0xfe;
      let known: string | null;
      try {
        known = Noble.fromBytes(bytes).toHex();
      } catch {
        known = null;
      }
      const point = decodePoint(bytes);
      expect(point === null ? null : hex(encodePoint(point))).toBe(known);
      if (point !== null) decoded++;
    }
    expect(decoded).toBeGreaterThan(40);
  });

  it('encodes alike all four representatives of an element', () => {
    const point = randomPoint('torsion');
    const { x, y } = prepare([point])[0]!;
    const affine = ed25519.Point.fromAffine({ x: ((x % P) + P) % P, y: ((y % P) + P) % P });
    const torsion = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
    let other = affine;
    for (let i = 0; i < 4; i++) {
      const shifted: Point = { x: other.X, y: other.Y, z: other.Z, t: other.T, k: 0n };
      expect(encodePoint(shifted)).toEqual(encodePoint(point));
      expect(equal(shifted, point)).toBe(true);
      expect(isZero(subtract(shifted, point))).toBe(true);
      other = other.add(torsion.double());
    }
  });

  it('maps uniform bytes as RFC 9496 does', () => {
    // RFC 9496, A.3, and noble.
    const label = sha3_512(new Uint8Array(0));
    expect(encodePoint(fromUniformBytes(label))).toEqual(ristretto255_hasher.deriveToCurve!(label).toBytes());
    const bytes = hexToBytes(
      '5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1' +
        '4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6',
    );
    expect(hex(encodePoint(fromUniformBytes(bytes)))).toBe(
      '3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46',
    );
    for (let i = 0; i < 50; i++) {
      const some = shake256(named(`uniform ${i}`), { dkLen: 64 });
      expect(encodePoint(fromUniformBytes(some))).toEqual(ristretto255_hasher.deriveToCurve!(some).toBytes());
    }
  });

  it('has the second base of dalek', () => {
    expect(equal(fromUniformBytes(sha3_512(encodePoint(BASE))), BLINDING_BASE)).toBe(true);
    expect(hex(encodePoint(BLINDING_BASE))).toBe(
      '8c9240b456a9e6dc65c377a1048d745f94a08cdb7f44cbcd7b46f34048871134',
    );
  });

  it('multiplies as noble does, at the edges too', () => {
    const point = randomPoint('factor');
    const known = Noble.fromBytes(encodePoint(point));
    for (const scalar of [...EDGES, ...[0, 1, 2, 3, 4].map((i) => namedScalar(`scalar ${i}`))]) {
      expect(encodePoint(mul(point, scalar))).toEqual(known.multiplyUnsafe(scalar).toBytes());
      expect(encodePoint(mulBase(scalar))).toEqual(Noble.BASE.multiplyUnsafe(scalar).toBytes());
      expect(equal(mulBlinding(scalar), mul(BLINDING_BASE, scalar))).toBe(true);
    }
    expect(equal(mul(point, ORDER + 5n), mul(point, 5n))).toBe(true);
    expect(equal(mul(point, -5n), negate(mul(point, 5n)))).toBe(true);
  });

  it.each([0, 1, 2, 127, 128, 300])('adds up %i products', (count) => {
    const points = Array.from({ length: count }, (_, i) => mulBase(BigInt(i * i + 1)));
    const factors = points.map((_, i) => EDGES[i] ?? namedScalar(`factor ${i}`));
    const expected = mulBase(factors.reduce((sum, factor, i) => sum + factor * BigInt(i * i + 1), 0n));
    expect(equal(msm(points, factors), expected)).toBe(true);
    const half = count >> 1;
    const tables = tablesOf(points.slice(0, half));
    const mixed = msmWithTables(tables, factors.slice(0, half), points.slice(half), factors.slice(half));
    expect(equal(mixed, expected)).toBe(true);
  });

  it('reads scalars below the order only', () => {
    expect(readScalar(little(ORDER - 1n))).toBe(ORDER - 1n);
    expect(readScalar(little(ORDER))).toBeNull();
    expect(readScalar(little((1n << 256n) - 1n))).toBeNull();
    expect(readScalar(new Uint8Array(31))).toBeNull();
    expect(readScalar(concatBytes(Uint8Array.of(9), little(77n)), 1)).toBe(77n);
    expect(decodePoint(new Uint8Array(31))).toBeNull();
    expect(decodePoint(new Uint8Array(40), 9)).toBeNull();
    expect(encodeScalar(-1n)).toEqual(little(ORDER - 1n));
    expect(invertScalar(0n)).toBe(0n);
    expect((invertScalar(12345n) * 12345n) % ORDER).toBe(1n);
  });
});

describe('PEDERSEN_COMMIT', () => {
  it('commits with the two bases', () => {
    const zero = new Uint8Array(32);
    expect(run(pedersenCommit, commitInput(1n, 0n))).toEqual(Noble.BASE.toBytes());
    expect(hex(run(pedersenCommit, commitInput(0n, 1n)))).toBe(
      '8c9240b456a9e6dc65c377a1048d745f94a08cdb7f44cbcd7b46f34048871134',
    );
    expect(run(pedersenCommit, commitInput(0n, 0n))).toEqual(zero);
    const second = ristretto255_hasher.deriveToCurve!(sha3_512(Noble.BASE.toBytes()));
    for (const value of EDGES) {
      const blinding = namedScalar(`blinding of ${value}`);
      const known = Noble.BASE.multiplyUnsafe(value).add(second.multiplyUnsafe(blinding));
      expect(run(pedersenCommit, commitInput(value, blinding))).toEqual(known.toBytes());
    }
  });

  it('reads little-endian', () => {
    const input = new Uint8Array(64);
    input[0] = 2;
    expect(hex(run(pedersenCommit, input))).toBe(MULTIPLES[2]);
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['one byte short', new Uint8Array(63)],
    ['one byte long', new Uint8Array(65)],
    ['a value of the order', commitInput(ORDER, 0n)],
    ['a blinding of the order', commitInput(0n, ORDER)],
    ['the largest value', commitInput((1n << 256n) - 1n, 0n)],
    ['the largest blinding', commitInput(1n, (1n << 256n) - 1n)],
  ])('refuses %s', (_, input) => {
    expect(run(pedersenCommit, input)).toBeNull();
  });

  it('costs 3,000, whatever the input', () => {
    for (const length of [0, 63, 64, 1_000]) {
      expect(gasOf(pedersenCommit, new Uint8Array(length))).toBe(3_000);
    }
  });
});

describe('PEDERSEN_ADD', () => {
  const point = encodePoint(randomPoint('addend'));

  it('adds as noble does, doubling and identity included', () => {
    const known = Noble.fromBytes(point);
    const zero = new Uint8Array(32);
    const opposite = known.negate().toBytes();
    expect(run(pedersenAdd, concatBytes(point, point))).toEqual(known.double().toBytes());
    expect(run(pedersenAdd, concatBytes(point, zero))).toEqual(point);
    expect(run(pedersenAdd, concatBytes(zero, point))).toEqual(point);
    expect(run(pedersenAdd, concatBytes(zero, zero))).toEqual(zero);
    expect(run(pedersenAdd, concatBytes(point, opposite))).toEqual(zero);
  });

  it('adds values and blindings', () => {
    fc.assert(
      fc.property(scalars, scalars, scalars, scalars, (v1, r1, v2, r2) => {
        const sum = run(
          pedersenAdd,
          concatBytes(run(pedersenCommit, commitInput(v1, r1))!, run(pedersenCommit, commitInput(v2, r2))!),
        );
        expect(sum).toEqual(run(pedersenCommit, commitInput((v1 + v2) % ORDER, (r1 + r2) % ORDER)));
      }),
      { numRuns: 30 },
    );
  });

  it('does not care for the order', () => {
    fc.assert(
      fc.property(scalars, scalars, (a, b) => {
        const [one, two] = [encodePoint(mulBase(a)), encodePoint(mulBase(b))];
        expect(run(pedersenAdd, concatBytes(one, two))).toEqual(run(pedersenAdd, concatBytes(two, one)));
        expect(equal(add(mulBase(a), ZERO), mulBase(a))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it.each(BAD_ENCODINGS)('refuses %s on either side', (encoded) => {
    expect(run(pedersenAdd, concatBytes(hexToBytes(encoded), point))).toBeNull();
    expect(run(pedersenAdd, concatBytes(point, hexToBytes(encoded)))).toBeNull();
  });

  it.each([0, 32, 63, 65, 96])('refuses %i bytes', (length) => {
    expect(run(pedersenAdd, new Uint8Array(length))).toBeNull();
  });

  it('costs 1,000, whatever the input', () => {
    for (const length of [0, 64, 65]) expect(gasOf(pedersenAdd, new Uint8Array(length))).toBe(1_000);
  });
});
