/** Inputs of the precompiles over BN254 and BLS12-381. No point is the generator and no scalar short. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { inverse } from '../../precompiles/curve/inverse.ts';
import type { Fp2, G1Point, G2Point } from '../../precompiles/index.ts';
import { bytesToBigInt, concatBytes, hexToBytes } from '../../src/primitives/bytes.ts';
import { Random } from '../../tests/helpers/random.ts';

/** A label and what makes the input. */
export type Inputs = readonly (readonly [label: string, make: () => Uint8Array])[];

/** What the encodings of EIP-197 and EIP-2537 differ in. */
interface Form {
  readonly engine: typeof bn254 | typeof bls12_381;
  readonly fieldLength: number;
  /** The order in which an element of Fp2 is written. */
  readonly fp2: (element: Fp2) => readonly bigint[];
}

const BN254: Form = { engine: bn254, fieldLength: 32, fp2: ({ c0, c1 }) => [c1, c0] };
const BLS12_381: Form = { engine: bls12_381, fieldLength: 64, fp2: ({ c0, c1 }) => [c0, c1] };

const encode = ({ fieldLength }: Form, elements: readonly bigint[]): Uint8Array =>
  hexToBytes(elements.map((element) => element.toString(16).padStart(2 * fieldLength, '0')).join(''));

const writeG1 = (form: Form, { x, y }: G1Point): Uint8Array => encode(form, [x, y]);
const writeG2 = (form: Form, { x, y }: G2Point): Uint8Array => encode(form, [...form.fp2(x), ...form.fp2(y)]);

const orderOf = ({ engine }: Form): bigint => engine.fields.Fr.ORDER;

/** A scalar as long as the order, from a seed. */
const scalarOf = (form: Form, seed: number): bigint =>
  (bytesToBigInt(new Random(seed).bytes(40)) % (orderOf(form) - 1n)) + 1n;

const g1 = (form: Form, scalar: bigint): Uint8Array =>
  writeG1(form, form.engine.G1.Point.BASE.multiply(scalar).toAffine());
const g2 = (form: Form, scalar: bigint): Uint8Array =>
  writeG2(form, form.engine.G2.Point.BASE.multiply(scalar).toAffine());

/** Pairs whose product is one, but for a single one, whose product cannot be. */
function pairs(form: Form, count: number): Uint8Array {
  const order = orderOf(form);
  const left = Array.from({ length: count }, (_, i) => scalarOf(form, 100 + i));
  const right = Array.from({ length: count }, (_, i) => scalarOf(form, 200 + i));
  if (count > 1) {
    const sum = left.slice(1).reduce((total, scalar, i) => total + scalar * right[i + 1]!, 0n) % order;
    left[0] = ((order - sum) * inverse(right[0]!, order)) % order;
  }
  return concatBytes(...left.flatMap((scalar, i) => [g1(form, scalar), g2(form, right[i]!)]));
}

/** Different points, scalars of 256 bits. */
function terms(write: (scalar: bigint) => Uint8Array, count: number): Uint8Array {
  const parts = Array.from({ length: count }, (_, i) => {
    const factor = new Random(300 + i).bytes(32);
    factor[0]! |= 0x80;
    return concatBytes(write(scalarOf(BLS12_381, 500 + i)), factor);
  });
  return concatBytes(...parts);
}

const element = (seed: number): bigint =>
  bytesToBigInt(new Random(seed).bytes(64)) % bls12_381.fields.Fp.ORDER;

const sum = (form: Form, write: typeof g1): Uint8Array =>
  concatBytes(write(form, scalarOf(form, 1)), write(form, scalarOf(form, 2)));

const multiple = (factor: Uint8Array): Uint8Array => concatBytes(g1(BN254, scalarOf(BN254, 1)), factor);

const pairings = (form: Form, counts: readonly number[]): Inputs =>
  counts.map((count) => [`pairs=${count}`, () => pairs(form, count)]);

const products = (write: typeof g1): Inputs =>
  [1, 16, 128].map((count) => [`k=${count}`, () => terms((scalar) => write(BLS12_381, scalar), count)]);

export const bn254Inputs: Readonly<Record<string, Inputs>> = {
  BN254_ADD: [['two points', () => sum(BN254, g1)]],
  BN254_MUL: [
    ['random scalar', () => multiple(new Random(6).bytes(32))],
    ['scalar 2^256-1', () => multiple(new Uint8Array(32).fill(0xff))],
  ],
  BN254_PAIRING: pairings(BN254, [1, 2, 8]),
};

export const bls12Inputs: Readonly<Record<string, Inputs>> = {
  BLS12_G1ADD: [['two points', () => sum(BLS12_381, g1)]],
  BLS12_G1MSM: products(g1),
  BLS12_G2ADD: [['two points', () => sum(BLS12_381, g2)]],
  BLS12_G2MSM: products(g2),
  BLS12_PAIRING_CHECK: pairings(BLS12_381, [1, 2, 4]),
  BLS12_MAP_FP_TO_G1: [['an element', () => encode(BLS12_381, [element(7)])]],
  BLS12_MAP_FP2_TO_G2: [['an element', () => encode(BLS12_381, [element(8), element(9)])]],
};
