/**
 * The constants of Poseidon over the scalar field of BN254, derived as its authors' generator derives them (Poseidon
 * paper, eprint 2019/458, appendix E), with the parameters that circomlib uses: x^5, 254 bits, 8 full rounds.
 *
 * Derived once per width, on first use, in 0.3 to 3 ms.
 */

import { readWord } from '../../../src/primitives/bytes.ts';
import { inverse } from '../../curve/inverse.ts';

/** Order of the group of BN254, the field of its circuits. */
export const BN254_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

const FIELD_BITS = 254;

export const FULL_ROUNDS = 8;

/** Partial rounds for the widths 2 to 17. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

export const MIN_WIDTH = 2;
export const MAX_WIDTH = 17;

export interface PoseidonConstants {
  readonly partialRounds: number;
  /** `width` elements for each round. */
  readonly round: readonly bigint[];
  /** Matrix of `width` rows, one after the other. */
  readonly matrix: readonly bigint[];
}

/** For each byte of four pairs of bits, the second bits of the pairs whose first is 1, below a leading 1. */
const SHRUNK = new Uint8Array(256);

function fillShrunk(): void {
  for (let byte = 0; byte < 256; byte++) {
    let kept = 1;
    for (let shift = 6; shift >= 0; shift -= 2) {
      const pair = (byte >> shift) & 3;
      if (pair >= 2) kept = (kept << 1) | (pair & 1);
    }
    SHRUNK[byte] = kept;
  }
}

/** Field elements from the self-shrinking Grain generator. */
class Grain {
  /** The 80 bits of the register, earliest first, in words of 16. */
  readonly #register: Uint16Array;
  /** Bits not yet handed out, below a leading 1. */
  #pending = 1;
  readonly #element = new DataView(new ArrayBuffer(32));

  constructor(width: number, partialRounds: number) {
    if (SHRUNK[0] === 0) fillShrunk();
    const seed =
      `01${'0000'}${binary(FIELD_BITS, 12)}${binary(width, 12)}` +
      `${binary(FULL_ROUNDS, 10)}${binary(partialRounds, 10)}${'1'.repeat(30)}`;
    this.#register = Uint16Array.from({ length: 5 }, (_, i) =>
      Number.parseInt(seed.slice(16 * i, 16 * i + 16), 2),
    );
    for (let discarded = 0; discarded < 160; discarded += 16) this.#clock();
  }

  /** The next 16 bits of the register: each is the sum of those 80, 67, 57, 42, 29 and 18 places before it. */
  #clock(): number {
    const r = this.#register;
    const r0 = r[0]!;
    const r1 = r[1]!;
    const r2 = r[2]!;
    const r3 = r[3]!;
    const r4 = r[4]!;
    const next =
      (r0 ^
        ((r0 << 13) | (r1 >> 3)) ^
        ((r1 << 7) | (r2 >> 9)) ^
        ((r2 << 6) | (r3 >> 10)) ^
        ((r3 << 3) | (r4 >> 13)) ^
        ((r3 << 14) | (r4 >> 2))) &
      0xffff;
    r[0] = r1;
    r[1] = r2;
    r[2] = r3;
    r[3] = r4;
    r[4] = next;
    return next;
  }

  /** The next bits, at most 16, as a number. */
  #bits(count: number): number {
    let pending = this.#pending;
    let have = 31 - Math.clz32(pending);
    while (have < count) {
      const word = this.#clock();
      for (let shift = 8; shift >= 0; shift -= 8) {
        const kept = SHRUNK[(word >> shift) & 0xff]!;
        const length = 31 - Math.clz32(kept);
        pending = (pending << length) | (kept ^ (1 << length));
        have += length;
      }
    }
    const rest = have - count;
    const value = (pending >> rest) ^ (1 << count);
    this.#pending = (pending & ((1 << rest) - 1)) | (1 << rest);
    return value;
  }

  /** A number of 254 bits. */
  number(): bigint {
    const view = this.#element;
    view.setUint16(0, this.#bits(FIELD_BITS % 16));
    for (let at = 2; at < 32; at += 2) view.setUint16(at, this.#bits(16));
    return readWord(view, 0);
  }

  /** A field element, all equally likely: numbers above are passed over. */
  element(): bigint {
    for (;;) {
      const number = this.number();
      if (number < BN254_ORDER) return number;
    }
  }
}

const binary = (value: number, bits: number): string => value.toString(2).padStart(bits, '0');

/** 1 / (x_i + y_j), a Cauchy matrix: all its square parts can be inverted. */
function cauchyMatrix(grain: Grain, width: number): bigint[] {
  // The generator draws again where two are equal or a sum is 0, and checks subspaces; no width here needs that.
  const numbers = Array.from({ length: 2 * width }, () => grain.number());
  const sums: bigint[] = [];
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) sums.push((numbers[i]! + numbers[width + j]!) % BN254_ORDER);
  }
  return inverses(sums);
}

/** The inverses of numbers that are not 0, with one inversion for all of them (Montgomery). */
function inverses(values: readonly bigint[]): bigint[] {
  const products: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    products.push(product);
    product = (product * value) % BN254_ORDER;
  }
  let reciprocal = inverse(product, BN254_ORDER);
  const result = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (reciprocal * products[i]!) % BN254_ORDER;
    reciprocal = (reciprocal * values[i]!) % BN254_ORDER;
  }
  return result;
}

function derive(width: number): PoseidonConstants {
  const partialRounds = PARTIAL_ROUNDS[width - MIN_WIDTH]!;
  const grain = new Grain(width, partialRounds);
  const count = width * (FULL_ROUNDS + partialRounds);
  const round = Array.from({ length: count }, () => grain.element());
  return { partialRounds, round, matrix: cauchyMatrix(grain, width) };
}

const derived: PoseidonConstants[] = [];

/** @param width elements of the state, 2 to 17 */
export function poseidonConstants(width: number): PoseidonConstants {
  return (derived[width] ??= derive(width));
}
