/** Inputs of Ethereum's own precompiles: how each is laid out, and where its encoding has edges. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { nobleCrypto } from '../../../precompiles/crypto.ts';
import { encodeBls12G2 } from '../../../precompiles/encoding.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import type { Rules } from '../../forks/rules.ts';
import { concatBytes, toBytes32 } from '../../primitives/bytes.ts';
import { SECP256K1_ORDER } from '../../primitives/secp256k1.ts';
import { precompileInput } from '../generate/precompile-inputs.ts';
import { Random } from '../random.ts';
import { type InputKind, wordOf } from './kind.ts';

const BN254_P = bn254.fields.Fp.ORDER;
const BN254_R = bn254.fields.Fr.ORDER;
const BLS12_P = bls12_381.fields.Fp.ORDER;
const BLS12_R = bls12_381.fields.Fr.ORDER;
const SECP256K1_P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P256_P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const MAX = 2n ** 256n - 1n;

const around = (...values: readonly bigint[]): bigint[] =>
  values.flatMap((value) => [value - 1n, value, value + 1n]);
const SMALL: readonly bigint[] = [0n, 1n, 2n, 3n];
const powers = (...bits: readonly number[]): bigint[] => around(...bits.map((bit) => 1n << BigInt(bit)));

type Layout = Pick<InputKind, 'parts' | 'edges'> & Partial<Pick<InputKind, 'special' | 'mended'>>;

const MODEXP_LENGTHS = [0n, 1n, 32n, 33n, 1024n, 1025n, 1n << 32n, 1n << 64n, MAX];

/** Every three lengths, with a few bytes of operands behind them. */
const modexpHeaders = (): Uint8Array[] =>
  MODEXP_LENGTHS.flatMap((base) =>
    MODEXP_LENGTHS.flatMap((exponent) =>
      MODEXP_LENGTHS.map((modulus) =>
        concatBytes(toBytes32(base), toBytes32(exponent), toBytes32(modulus), new Uint8Array(70).fill(0x83)),
      ),
    ),
  );

/** v of other kinds of signatures, each with a valid rest. */
const ECRECOVER_V = [
  0n,
  1n,
  26n,
  27n,
  28n,
  29n,
  30n,
  31n,
  35n,
  36n,
  37n,
  38n,
  283n,
  284n,
  27n << 8n,
  27n << 248n,
];

/** A point of the twist of BN254 that is not in the subgroup, the factor of i first in each coordinate. */
function bn254Stray(): Uint8Array {
  const { Fp2 } = bn254.fields;
  const b = bn254.G2.Point.CURVE().b;
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    if (!isSquare(Fp2, square)) continue;
    const y = Fp2.sqrt(square);
    if (bn254.G2.Point.fromAffine({ x, y }).isTorsionFree()) continue;
    return concatBytes(...[x.c1, x.c0, y.c1, y.c0].map(toBytes32));
  }
}

/** A point of the twist of BLS12-381 that is not in the subgroup. */
function bls12Stray(): Uint8Array {
  const { Fp2 } = bls12_381.fields;
  const b = bls12_381.G2.Point.CURVE().b;
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    if (!isSquare(Fp2, square)) continue;
    const y = Fp2.sqrt(square);
    if (!bls12_381.G2.Point.fromAffine({ x, y }).isTorsionFree()) return encodeBls12G2({ x, y })!;
  }
}

type Fp2Field = typeof bn254.fields.Fp2;

/** Whether an element has a square root: its norm has one. */
function isSquare(field: Fp2Field, element: ReturnType<Fp2Field['fromBigTuple']>): boolean {
  try {
    return field.eql(field.sqr(field.sqrt(element)), element);
  } catch {
    return false;
  }
}

/** (0, 2) is on the curve of BLS12-381, and not in the subgroup. */
const BLS12_STRAY_G1 = concatBytes(new Uint8Array(127), Uint8Array.of(2));
const BLS12_G1 = concatBytes(
  ...Object.values(bls12_381.G1.Point.BASE.toAffine()).map((coordinate) => wordOf(coordinate, 64)),
);
const BLS12_G2 = encodeBls12G2(bls12_381.G2.Point.BASE.toAffine())!;
const BN254_G1 = concatBytes(toBytes32(1n), toBytes32(2n));

/** The versioned hash of the commitment that follows. */
function withVersionedHash(input: Uint8Array): Uint8Array {
  if (input.length < 144) return input;
  const copy = input.slice();
  copy.set(nobleCrypto.sha256(input.subarray(96, 144)), 0);
  copy[0] = 1;
  return copy;
}

const BN254: Layout = {
  parts: [32],
  edges: [...SMALL, ...around(BN254_P, BN254_R, 2n * BN254_P), BN254_P - 2n, 1n << 255n, MAX],
};
const BLS12_EDGES = [
  ...SMALL,
  ...around(BLS12_P, BLS12_R, 2n * BLS12_P),
  ...powers(381, 384, 511),
  2n ** 512n - 1n,
];
const BLS12: Layout = { parts: [64], edges: BLS12_EDGES };
const HASHED: Layout = { parts: [32], edges: [0n, MAX] };

const scalars = [0n, 1n, BLS12_R - 1n, BLS12_R, BLS12_R + 1n, MAX].map(toBytes32);
const terms = (points: readonly Uint8Array[]): Uint8Array[] =>
  points.flatMap((point) => scalars.map((scalar) => concatBytes(point, scalar)));
const times = (count: number, input: Uint8Array): Uint8Array =>
  concatBytes(...Array<Uint8Array>(count).fill(input));

/** By name; made when asked for, since the points take some milliseconds. */
const LAYOUTS: Readonly<Record<string, () => Layout>> = {
  ECRECOVER: () => ({
    parts: [32],
    edges: [...SMALL, ...ECRECOVER_V, ...around(SECP256K1_ORDER, SECP256K1_ORDER / 2n, SECP256K1_P), MAX],
  }),
  SHA256: () => HASHED,
  RIPEMD160: () => HASHED,
  ID: () => HASHED,
  MODEXP: () => ({
    parts: [32],
    edges: [
      ...SMALL,
      31n,
      32n,
      33n,
      63n,
      64n,
      65n,
      96n,
      255n,
      256n,
      1023n,
      1024n,
      1025n,
      ...powers(16, 31, 32, 53, 64, 255),
      MAX,
    ],
    special: modexpHeaders(),
  }),
  BN254_ADD: () => BN254,
  BN254_MUL: () => BN254,
  BN254_PAIRING: () => {
    const stray = bn254Stray();
    const infinity = new Uint8Array(64);
    return {
      ...BN254,
      special: [
        concatBytes(BN254_G1, stray),
        concatBytes(infinity, stray),
        concatBytes(BN254_G1, new Uint8Array(128)),
        ...[1, 2, 3, 5, 10].map((count) => times(count, new Uint8Array(192))),
        ...[2, 3].map((count) => times(count, concatBytes(BN254_G1, stray))),
      ],
    };
  },
  BLAKE2F: () => ({
    parts: [4, ...Array<number>(26).fill(8), 1],
    edges: [...SMALL, 12n, 255n, ...powers(8, 16, 20), 2n ** 31n, 2n ** 32n - 1n, 2n ** 64n - 1n],
  }),
  KZG_POINT_EVALUATION: () => ({
    parts: [32, 32, 32, 48, 48],
    edges: [
      ...SMALL,
      ...around(BLS12_R),
      MAX,
      // Compressed points: infinity with each of its flags wrong, and numbers that are no coordinate.
      ...[0xc0n, 0xe0n, 0x80n, 0xa0n, 0x40n, 0x60n, 0x20n].flatMap((flags) => [
        flags << 376n,
        (flags << 376n) | 1n,
        (flags << 376n) | 4n,
        (flags << 376n) | BLS12_P,
        (flags << 376n) | (BLS12_P - 1n),
        (flags << 376n) | (2n ** 376n - 1n),
      ]),
    ],
    // Commitment and proof of the polynomial 0 under other versions.
    special: [0, 1, 2, 255].map((version) => {
      const infinity = wordOf(0xc0n << 376n, 48);
      const opening = concatBytes(toBytes32(0n), toBytes32(5n), toBytes32(0n), infinity, infinity);
      return withVersionedHash(opening).fill(version, 0, 1);
    }),
    mended: withVersionedHash,
  }),
  BLS12_G1ADD: () => ({
    ...BLS12,
    special: [
      concatBytes(BLS12_STRAY_G1, BLS12_G1),
      times(2, BLS12_STRAY_G1),
      concatBytes(BLS12_STRAY_G1, new Uint8Array(128)),
    ],
  }),
  BLS12_G2ADD: () => {
    const stray = bls12Stray();
    return {
      ...BLS12,
      special: [concatBytes(stray, BLS12_G2), times(2, stray), concatBytes(stray, new Uint8Array(256))],
    };
  },
  BLS12_G1MSM: () => ({
    parts: [64, 64, 32],
    edges: BLS12_EDGES,
    special: terms([BLS12_G1, BLS12_STRAY_G1, new Uint8Array(128)]).flatMap((term) => [
      term,
      times(2, term),
      concatBytes(term, BLS12_G1, toBytes32(5n)),
    ]),
  }),
  BLS12_G2MSM: () => ({
    parts: [64, 64, 64, 64, 32],
    edges: BLS12_EDGES,
    special: terms([BLS12_G2, bls12Stray(), new Uint8Array(256)]).flatMap((term) => [
      term,
      times(2, term),
      concatBytes(term, BLS12_G2, toBytes32(5n)),
    ]),
  }),
  BLS12_PAIRING_CHECK: () => {
    const g1s = [BLS12_G1, BLS12_STRAY_G1, new Uint8Array(128)];
    const g2s = [BLS12_G2, bls12Stray(), new Uint8Array(256)];
    const pairs = g1s.flatMap((g1) => g2s.map((g2) => concatBytes(g1, g2)));
    return {
      ...BLS12,
      special: [...pairs, ...pairs.map((pair) => times(2, pair)), times(5, new Uint8Array(384))],
    };
  },
  BLS12_MAP_FP_TO_G1: () => BLS12,
  BLS12_MAP_FP2_TO_G2: () => BLS12,
  P256VERIFY: () => ({
    parts: [32],
    edges: [...SMALL, ...around(P256_N, P256_N / 2n, P256_P), 1n << 255n, MAX],
  }),
};

const SAMPLES = 3;
const MOST_TRIES = 200;

/** How inputs of one of Ethereum's precompiles are made. Samples are those that the row takes under the rules. */
export function ethereumKind(row: Precompile, rules: Rules): InputKind {
  const layout = (LAYOUTS[row.name] ?? (() => HASHED))();
  const random = new Random(1n);
  const samples: Uint8Array[] = [];
  for (let i = 0; i < MOST_TRIES && samples.length < SAMPLES; i++) {
    const input = precompileInput(random, row);
    if (input.length === 0 || row.gas(input, rules) > 100_000) continue;
    const output = row.run(input, nobleCrypto, rules);
    if (output !== null && output.length > 0) samples.push(input);
  }
  return { special: [], ...layout, samples, fresh: (source) => precompileInput(source, row) };
}
