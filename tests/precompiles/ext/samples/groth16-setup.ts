/**
 * A trusted setup of Groth16 with known secrets, for tests: proving keys as snarkjs writes them, of circuits of any
 * size, and valid proofs for keys with any number of inputs without a circuit at all. Points are noble's.
 */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { inverse } from '../../../../precompiles/curve/inverse.ts';
import { powersOf, rootOfUnity } from '../../../../precompiles/ext/lib/fft.ts';
import { BLS12_381, BN254, type Groth16Curve } from '../../../../precompiles/ext/lib/groth16-curves.ts';
import { concatBytes, hexToBytes, toBytes32 } from '../../../../src/primitives/bytes.ts';
import { be } from '../../support.ts';

export { BLS12_381, BN254, type Groth16Curve };

export const bothCurves: readonly Groth16Curve[] = [BN254, BLS12_381];

/** Numbers that look random, from a seed. */
export function numbers(seed: number): (modulus: bigint) => bigint {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  return (modulus) => {
    let value = 0n;
    for (let i = 0; i < 6; i++) {
      state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
      value = (value << 64n) | (state ^ (state >> 29n));
    }
    return value % modulus;
  };
}

const engineOf = (curve: Groth16Curve) => (curve.id === 1 ? bn254 : bls12_381);

/** Multiples of the generator of G1, encoded. */
export function g1Times(curve: Groth16Curve, scalar: bigint): Uint8Array {
  const { Point } = engineOf(curve).G1;
  return curve.writeG1(scalar === 0n ? { x: 0n, y: 0n } : Point.BASE.multiply(scalar).toAffine());
}

/** Multiples of the generator of G2, encoded. */
export function g2Times(curve: Groth16Curve, scalar: bigint): Uint8Array {
  const { Point } = engineOf(curve).G2;
  if (scalar !== 0n) return curve.writeG2(Point.BASE.multiply(scalar).toAffine());
  return new Uint8Array(curve.g2Length);
}

/** The parts of an input of ZK_VERIFY. */
export interface Parts {
  alpha: Uint8Array;
  beta: Uint8Array;
  gamma: Uint8Array;
  delta: Uint8Array;
  ic: Uint8Array[];
  a: Uint8Array;
  b: Uint8Array;
  c: Uint8Array;
  inputs: Uint8Array[];
}

export const joinParts = (curve: Groth16Curve, parts: Parts): Uint8Array =>
  concatBytes(
    Uint8Array.of(curve.id),
    parts.alpha,
    parts.beta,
    parts.gamma,
    parts.delta,
    be(parts.ic.length - 1, 2),
    ...parts.ic,
    parts.a,
    parts.b,
    parts.c,
    ...parts.inputs,
  );

/**
 * A key with so many inputs and a valid proof for it, made with the secrets of the key.
 * @param infinite what is to be infinity: A, B, C or the combination of the inputs
 */
export function simulate(
  curve: Groth16Curve,
  count: number,
  seed: number,
  infinite?: 'a' | 'b' | 'c' | 'combined',
): Parts {
  const { r } = curve;
  const next = numbers(seed);
  const [alpha, beta, gamma, delta] = [next(r), next(r), next(r), next(r)];
  let a = infinite === 'a' ? 0n : next(r);
  const b = infinite === 'b' ? 0n : next(r);
  const ic = Array.from({ length: count + 1 }, () => next(r));
  const inputs = Array.from({ length: count }, () => next(r));
  const others = inputs.reduce((sum, input, i) => sum + input * ic[i + 1]!, 0n) % r;
  if (infinite === 'combined') ic[0] = (r - others) % r;
  const right = (alpha * beta + (ic[0]! + others) * gamma) % r;
  if (infinite === 'c') a = (right * inverse(b, r)) % r;
  const c = ((((a * b - right) * inverse(delta, r)) % r) + r) % r;
  return {
    alpha: g1Times(curve, alpha),
    beta: g2Times(curve, beta),
    gamma: g2Times(curve, gamma),
    delta: g2Times(curve, delta),
    ic: ic.map((scalar) => g1Times(curve, scalar)),
    a: g1Times(curve, a),
    b: g2Times(curve, b),
    c: g1Times(curve, c),
    inputs: inputs.map(toBytes32),
  };
}

type Row = readonly (readonly [wire: number, coefficient: bigint])[];

/** A rank-1 constraint system: in each row, left times right is out. Wire 0 is 1, public wires follow. */
export interface Circuit {
  readonly nVars: number;
  readonly nPublic: number;
  readonly rows: readonly { readonly left: Row; readonly right: Row; readonly out: Row }[];
}

/**
 * x[i + 1] = x[i] * (x[i] + 3), `steps` times, with the first values behind x[0] made public. The witness is that of a
 * random x[0].
 */
export function chain(
  { r }: Groth16Curve,
  steps: number,
  nPublic: number,
  seed = 1,
): { readonly circuit: Circuit; readonly witness: bigint[] } {
  const first = 1 + nPublic;
  const rows: Circuit['rows'][number][] = [];
  const values = [numbers(seed)(r)];
  for (let i = 0; i < steps; i++) {
    rows.push({
      left: [[first + i, 1n]],
      right: [
        [first + i, 1n],
        [0, 3n],
      ],
      out: [[first + i + 1, 1n]],
    });
    values.push((values[i]! * (values[i]! + 3n)) % r);
  }
  for (let i = 0; i < nPublic; i++) {
    rows.push({ left: [[first + i + 1, r - 2n]], right: [[0, 1n]], out: [[1 + i, r - 2n]] });
  }
  const circuit = { nVars: first + steps + 1, nPublic, rows };
  return { circuit, witness: [1n, ...values.slice(1, 1 + nPublic), ...values] };
}

const le = (value: bigint | number, length: number): Uint8Array => be(value, length).reverse();

export function container(
  magic: string,
  version: number,
  sections: readonly (readonly [number, Uint8Array])[],
) {
  return concatBytes(
    new TextEncoder().encode(magic),
    le(version, 4),
    le(sections.length, 4),
    ...sections.flatMap(([id, data]) => [le(id, 4), le(data.length, 8), data]),
  );
}

export const wtnsFile = ({ r }: Groth16Curve, witness: readonly bigint[]): Uint8Array =>
  container('wtns', 2, [
    [1, concatBytes(le(32, 4), le(r, 32), le(witness.length, 4))],
    [2, concatBytes(...witness.map((value) => le(value, 32)))],
  ]);

export function r1csFile({ r }: Groth16Curve, { nVars, nPublic, rows }: Circuit): Uint8Array {
  const row = (terms: Row): Uint8Array[] => [
    le(terms.length, 4),
    ...terms.flatMap(([wire, coefficient]) => [le(wire, 4), le(coefficient, 32)]),
  ];
  const header = [le(32, 4), le(r, 32), le(nVars, 4), le(nPublic, 4), le(0, 4), le(1, 4), le(nVars, 8)];
  return container('r1cs', 1, [
    [1, concatBytes(...header, le(rows.length, 4))],
    [2, concatBytes(...rows.flatMap(({ left, right, out }) => [...row(left), ...row(right), ...row(out)]))],
    [3, concatBytes(...Array.from({ length: nVars }, (_, i) => le(i, 8)))],
  ]);
}

/** The proving key of a circuit, with secrets from a seed. */
export function zkeyFile(curve: Groth16Curve, circuit: Circuit, seed = 7): Uint8Array {
  const { r, q, fieldBytes } = curve;
  const { nVars, nPublic, rows } = circuit;
  const next = numbers(seed);
  const [tau, alpha, beta, gamma, delta] = Array.from({ length: 5 }, () => next(r)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const log = Math.max(1, Math.ceil(Math.log2(rows.length + nPublic + 1)));
  const size = 2 ** log;

  // Lagrange polynomials of a domain, at tau.
  const lagrange = (bits: number): bigint[] => {
    const points = powersOf(rootOfUnity(curve, bits), 2 ** bits, r);
    let vanishing = tau;
    for (let i = 0; i < bits; i++) vanishing = (vanishing * vanishing) % r;
    const scale = ((vanishing - 1n) * inverse(2n ** BigInt(bits), r)) % r;
    return points.map((point) => (((point * scale) % r) * inverse(tau - point + r, r)) % r);
  };
  const basis = lagrange(log);
  const [lefts, rights, outs] = [0, 1, 2].map(() => new Array<bigint>(nVars).fill(0n)) as [
    bigint[],
    bigint[],
    bigint[],
  ];
  const montgomeryTwice = (1n << 512n) % r;
  const coefficients: Uint8Array[] = [];
  const put = (matrix: 0 | 1, row: number, wire: number, value: bigint): void => {
    coefficients.push(le(matrix, 4), le(row, 4), le(wire, 4), le((value * montgomeryTwice) % r, 32));
    const target = matrix === 0 ? lefts : rights;
    target[wire] = (target[wire]! + value * basis[row]!) % r;
  };
  rows.forEach(({ left, right, out }, row) => {
    for (const [wire, value] of left) put(0, row, wire, value);
    for (const [wire, value] of right) put(1, row, wire, value);
    for (const [wire, value] of out) outs[wire] = (outs[wire]! + value * basis[row]!) % r;
  });
  for (let wire = 0; wire <= nPublic; wire++) put(0, rows.length + wire, wire, 1n);

  const radix = 1n << BigInt(8 * fieldBytes);
  const field = (value: bigint): Uint8Array => le((value * radix) % q, fieldBytes);
  const { G1, G2 } = engineOf(curve);
  const g1 = (scalars: readonly bigint[]): Uint8Array => {
    const points = scalars.map((s) => (s === 0n ? G1.Point.ZERO : G1.Point.BASE.multiply(s)));
    return concatBytes(
      ...points.map((point) => {
        const { x, y } = point.toAffine();
        return point.is0() ? new Uint8Array(2 * fieldBytes) : concatBytes(field(x), field(y));
      }),
    );
  };
  const g2 = (scalars: readonly bigint[]): Uint8Array => {
    const points = scalars.map((s) => (s === 0n ? G2.Point.ZERO : G2.Point.BASE.multiply(s)));
    return concatBytes(
      ...points.map((point) => {
        const { x, y } = point.toAffine();
        if (point.is0()) return new Uint8Array(4 * fieldBytes);
        return concatBytes(field(x.c0), field(x.c1), field(y.c0), field(y.c1));
      }),
    );
  };

  const over = (divisor: bigint, wires: readonly number[]): bigint[] => {
    const share = inverse(divisor, r);
    return wires.map(
      (wire) => (((beta * lefts[wire]! + alpha * rights[wire]! + outs[wire]!) % r) * share) % r,
    );
  };
  const wires = Array.from({ length: nVars }, (_, i) => i);
  const perDelta = inverse(delta, r);
  const odd = lagrange(log + 1).filter((_, i) => i % 2 === 1);
  const header = [le(fieldBytes, 4), le(q, fieldBytes), le(32, 4), le(r, 32), le(nVars, 4), le(nPublic, 4)];
  return container('zkey', 1, [
    [1, le(1, 4)],
    [2, concatBytes(...header, le(size, 4), g1([alpha, beta]), g2([beta, gamma]), g1([delta]), g2([delta]))],
    [3, g1(over(gamma, wires.slice(0, nPublic + 1)))],
    [4, concatBytes(le(coefficients.length / 4, 4), ...coefficients)],
    [5, g1(lefts)],
    [6, g1(rights)],
    [7, g2(rights)],
    [8, g1(over(delta, wires.slice(nPublic + 1)))],
    [9, g1(odd.map((value) => (value * perDelta) % r))],
    [10, concatBytes(new Uint8Array(64), le(0, 4))],
  ]);
}

/** Input of ZK_PROVE. */
export const proveInput = (hash: Uint8Array, seed: Uint8Array, witness: readonly bigint[]): Uint8Array =>
  concatBytes(hash, seed, ...witness.map(toBytes32));

export const SEED: Uint8Array = hexToBytes('5eed'.repeat(16));
