/**
 * Poseidon over the scalar field of BN254 as circomlib computes it: the state is 0 and the inputs, the hash is the
 * first element of the permuted state.
 *
 * A partial round raises one element only, so all others, s, change by s' = A s + w x, where x is the element raised,
 * and all that the next round needs of them is v . s. That is a linear system with one input and one output: in its
 * observer form a round takes 2t products and one reduction, not t^2 and t. The round constants of s, which nothing
 * raises, add up to one number a round. With both, a permutation of width 17 takes a quarter of the time.
 */

import { inverse } from '../../curve/inverse.ts';
import { FULL_ROUNDS, BN254_ORDER as P, poseidonConstants } from './poseidon-constants.ts';

const HALF = FULL_ROUNDS / 2;

interface Schedule {
  readonly partialRounds: number;
  /** Constants of the full rounds, with what is left of those of the partial rounds. */
  readonly before: readonly bigint[];
  readonly after: readonly bigint[];
  /** One constant for each partial round. */
  readonly partial: readonly bigint[];
  readonly matrix: readonly bigint[];
  /** The matrix, into the observer form. */
  readonly entry: readonly bigint[];
  /** Out of the observer form, without the first element. */
  readonly exit: readonly bigint[];
  /** One step of the observer form: z'[k] = z[k + 1] + feedback[k] z[0] + feed[k] x. */
  readonly feedback: readonly bigint[];
  readonly feed: readonly bigint[];
}

const canonical = (value: bigint): bigint => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

/** Product of two matrices, row by row; `inner` columns of the first are the rows of the second. */
function multiply(a: readonly bigint[], b: readonly bigint[], inner: number): bigint[] {
  const rows = a.length / inner;
  const columns = b.length / inner;
  const product: bigint[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0n;
      for (let k = 0; k < inner; k++) sum += a[i * inner + k]! * b[k * columns + j]!;
      product.push(canonical(sum));
    }
  }
  return product;
}

/** Inverse of a matrix (Gauss and Jordan, in place). No pivot of those inverted here is 0. */
function inverseOf(matrix: readonly bigint[], size: number): bigint[] {
  const m = [...matrix];
  for (let pivot = 0; pivot < size; pivot++) {
    const row = pivot * size;
    const reciprocal = inverse(m[row + pivot]!, P);
    m[row + pivot] = 1n;
    for (let j = 0; j < size; j++) m[row + j] = (m[row + j]! * reciprocal) % P;
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue;
      const factor = m[i * size + pivot]!;
      m[i * size + pivot] = 0n;
      for (let j = 0; j < size; j++) m[i * size + j] = (m[i * size + j]! - factor * m[row + j]!) % P;
    }
  }
  return m.map(canonical);
}

/** Lower triangular matrix with the same number all along each diagonal. */
function toeplitz(first: readonly bigint[]): bigint[] {
  const matrix: bigint[] = [];
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < first.length; j++) matrix.push(i >= j ? first[i - j]! : 0n);
  }
  return matrix;
}

function plan(width: number): Schedule {
  const { partialRounds, round, matrix } = poseidonConstants(width);
  const size = width - 1;
  const rows = (from: number, to: number): bigint[] => round.slice(from * width, to * width);

  // The matrix in blocks: its corner, v beside it, w and A below.
  const lower = matrix.slice(width);
  const v = matrix.slice(1, width);
  const w = lower.filter((_, i) => i % width === 0);
  const a = lower.filter((_, i) => i % width !== 0);

  // v A^k for all k below the size are independent; the next is a sum of them (Cayley and Hamilton).
  const observed: bigint[] = [];
  let last = v;
  for (let k = 0; k < size; k++) {
    observed.push(...last);
    last = multiply(last, a, size);
  }
  const inverted = inverseOf(observed, size);
  const feedback = multiply(last, inverted, size).reverse();
  const there = toeplitz([1n, ...feedback.slice(0, -1).map((value) => P - value)]);
  const backFirst = [1n];
  for (let n = 1; n < size; n++) {
    let sum = 0n;
    for (let j = 0; j < n; j++) sum += feedback[j]! * backFirst[n - 1 - j]!;
    backFirst.push(sum % P);
  }
  const observer = multiply(there, observed, size);

  // What the constants of s alone make of it.
  const partial: bigint[] = [];
  let carried = 0n;
  let drift = new Array<bigint>(size).fill(0n);
  for (let i = 0; i < partialRounds; i++) {
    const [first, ...others] = rows(HALF + i, HALF + i + 1);
    partial.push((first! + carried) % P);
    const sum = others.map((constant, j) => constant + drift[j]!);
    carried = multiply(v, sum, size)[0]!;
    drift = multiply(a, sum, size);
  }
  const after = rows(HALF + partialRounds, FULL_ROUNDS + partialRounds);
  for (const [i, extra] of [carried, ...drift].entries()) after[i] = (after[i]! + extra) % P;

  return {
    partialRounds,
    before: rows(0, HALF),
    after,
    partial,
    matrix,
    entry: [...matrix.slice(0, width), ...multiply(observer, lower, size)],
    exit: multiply(inverted, toeplitz(backFirst), size),
    feedback,
    feed: multiply(observer, w, size),
  };
}

const schedules: Schedule[] = [];

/** The fifth power. Two reductions of short products are faster than one of a long product. */
function raise(value: bigint): bigint {
  const square = (value * value) % P;
  return (((square * square) % P) * value) % P;
}

/** Products with the first rows of a matrix, as many as `output` is long. */
function mix(matrix: readonly bigint[], input: readonly bigint[], output: bigint[]): void {
  const size = input.length;
  for (let i = 0, at = 0; i < output.length; i++) {
    let sum = 0n;
    // One reduction for the sum of all products, which is less than twice as long as one.
    for (let j = 0; j < size; j++) sum += matrix[at++]! * input[j]!;
    output[i] = sum % P;
  }
}

/** @param inputs 1 to 16 numbers below the order of BN254 */
export function poseidon(inputs: readonly bigint[]): bigint {
  const width = inputs.length + 1;
  const schedule = (schedules[width] ??= plan(width));
  const { before, after, matrix, partial, feedback, feed, partialRounds } = schedule;

  let state = [0n, ...inputs];
  const raised = new Array<bigint>(width).fill(0n);
  for (let round = 0; round < HALF; round++) {
    for (let i = 0; i < width; i++) raised[i] = raise(state[i]! + before[round * width + i]!);
    mix(round === HALF - 1 ? schedule.entry : matrix, raised, state);
  }

  const corner = matrix[0]!;
  const size = width - 1;
  let first = state[0]!;
  // Only z[0] is reduced in each round; the others are sums of at most 2 * size products.
  const z = [...state.slice(1), 0n];
  for (let round = 0; round < partialRounds; round++) {
    const x = raise((first + partial[round]!) % P);
    const head = z[0]!;
    first = corner * x + head;
    for (let k = 0; k < size; k++) z[k] = z[k + 1]! + feedback[k]! * head + feed[k]! * x;
    z[0] = z[0]! % P;
  }
  for (let k = 0; k < size; k++) z[k] = z[k]! % P;
  z.length = size;
  const others = new Array<bigint>(size).fill(0n);
  mix(schedule.exit, z, others);
  state = [first % P, ...others];

  for (let round = 0; round < HALF; round++) {
    for (let i = 0; i < width; i++) raised[i] = raise(state[i]! + after[round * width + i]!);
    // Of the last round, the first element is all that is asked for.
    if (round === HALF - 1) state = [0n];
    mix(matrix, raised, state);
  }
  return state[0]!;
}
