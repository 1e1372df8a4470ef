/**
 * The setup of Groth16 (https://eprint.iacr.org/2016/260) by one party, who then knows the secrets that forge proofs:
 * a proving key in the format of snarkjs (.zkey), made of a constraint system and a seed.
 */

import { FpInvertBatch } from '@noble/curves/abstract/modular.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { shake256 } from '@noble/hashes/sha3.js';
import type { G1Point, G2Point } from '../../precompiles/crypto.ts';
import { inverse } from '../../precompiles/curve/inverse.ts';
import { powersOf, rootOfUnity } from '../../precompiles/ext/lib/fft.ts';
import type { Groth16Curve } from '../../precompiles/ext/lib/groth16-curves.ts';
import { bytesToBigInt, concatBytes } from '../primitives/bytes.ts';
import { bad } from './zk-files.ts';
import { multiplesOn } from './zk-multiples.ts';
import type { ConstraintSystem } from './zk-r1cs.ts';

/** A number below the order for each name, unpredictable without the seed. */
function secretOf(seed: Uint8Array, name: string, { r }: Groth16Curve): bigint {
  const label = new TextEncoder().encode(`erbium groth16 setup v1 ${name}`);
  // 64 bytes: the rest is then as good as evenly distributed. Zero would make a key without use.
  return (bytesToBigInt(shake256(concatBytes(label, seed), { dkLen: 64 })) % (r - 1n)) + 1n;
}

/**
 * Values at a point of the polynomials that are 1 at one power of a root of unity and 0 at the others:
 * L_i(x) = (x^n - 1) w^i / (n (x - w^i)).
 */
function lagrange(curve: Groth16Curve, log: number, x: bigint): bigint[] {
  const { r } = curve;
  const { Fr } = (curve.id === 1 ? bn254 : bls12_381).fields;
  const size = 2 ** log;
  const powers = powersOf(rootOfUnity(curve, log), size, r);
  const scale = Fr.mul(Fr.sub(Fr.pow(x, BigInt(size)), 1n), inverse(BigInt(size), r));
  const inverses = FpInvertBatch(
    Fr,
    powers.map((power) => Fr.sub(x, power)),
    true,
  );
  return powers.map((power, i) => (((power * inverses[i]!) % r) * scale) % r);
}

/**
 * The least power of two that has a row for each constraint, each public input and the constant.
 * @throws ErbiumError UNREADABLE_FILE for a circuit that is too large for its curve
 */
export function domainLog({ curve, nPublic, constraints }: ConstraintSystem, path: string): number {
  const log = Math.floor(Math.log2(Math.max(1, constraints.length + nPublic))) + 1;
  // The proof needs a domain of twice the size.
  if (log >= curve.twoAdicity)
    throw bad(path, `${constraints.length} constraints are too many for the curve`);
  return log;
}

/** Polynomials of the circuit, one for each wire, at the secret point. */
function evaluate(system: ConstraintSystem, values: readonly bigint[]): [bigint[], bigint[], bigint[]] {
  const { curve, nVars, nPublic, constraints } = system;
  const zeros = (): bigint[] => new Array<bigint>(nVars).fill(0n);
  const results: [bigint[], bigint[], bigint[]] = [zeros(), zeros(), zeros()];
  for (const [row, sums] of constraints.entries()) {
    for (const [which, sum] of sums.entries()) {
      const target = results[which]!;
      for (const [wire, factor] of sum) target[wire] = (target[wire]! + factor * values[row]!) % curve.r;
    }
  }
  // A row of its own for each public input: otherwise one that no constraint uses could be exchanged in a proof.
  for (let wire = 0; wire <= nPublic; wire++) {
    results[0][wire] = (results[0][wire]! + values[constraints.length + wire]!) % curve.r;
  }
  return results;
}

/** Points that setting up makes, each of G2 for three of G1, which take as long. */
export const workOf = ({ nVars }: ConstraintSystem, log: number): number => 6 * nVars + 2 ** log;
const G2_WORK = 3;

/**
 * @param log of the domain
 * @param seed 32 bytes; who knows them forges proofs
 * @param progress called with the work done since the last call, `workOf` in all
 */
export async function makeKey(
  system: ConstraintSystem,
  log: number,
  seed: Uint8Array,
  progress: (work: number) => void,
): Promise<Uint8Array> {
  const { curve, nVars, nPublic } = system;
  const { r } = curve;
  const [tau, alpha, beta, delta] = ['tau', 'alpha', 'beta', 'delta'].map((name) =>
    secretOf(seed, name, curve),
  ) as [bigint, bigint, bigint, bigint];
  const perDelta = inverse(delta, r);

  const [a, b, c] = evaluate(system, lagrange(curve, log, tau));
  const combined = a.map((value, i) => (beta * value + alpha * b[i]! + c[i]!) % r);
  const ic = combined.slice(0, nPublic + 1);
  const rest = combined.slice(nPublic + 1).map((value) => (value * perDelta) % r);
  const odd = lagrange(curve, log + 1, tau).filter((_, i) => i % 2 === 1);
  const quotient = odd.map((value) => (value * perDelta) % r);

  const one = multiplesOn(curve, progress);
  const two = multiplesOn(curve, (points) => progress(G2_WORK * points));
  const [alpha1, beta1, delta1] = await one.g1([alpha, beta, delta]);
  const [beta2, gamma2, delta2] = await two.g2([beta, 1n, delta]);
  const { g1, g2, number } = writersOf(curve);
  const header = [
    u32(curve.fieldBytes),
    number(curve.q, curve.fieldBytes),
    u32(32),
    number(r, 32),
    u32(nVars),
    u32(nPublic),
    u32(2 ** log),
    g1([alpha1!, beta1!]),
    g2([beta2!, gamma2!]),
    g1([delta1!]),
    g2([delta2!]),
  ];
  return container('zkey', [
    // The protocol: Groth16.
    [1, u32(1)],
    [2, concatBytes(...header)],
    [3, g1(await one.g1(ic))],
    [4, coefficients(system)],
    [5, g1(await one.g1(a))],
    [6, g1(await one.g1(b))],
    [7, g2(await two.g2(b))],
    [8, g1(await one.g1(rest))],
    [9, g1(await one.g1(quotient))],
    // The hash of a circuit in a ceremony, and the number of contributions: there are none.
    [10, new Uint8Array(68)],
  ]);
}

/** Coefficients of the left and right factors, each in Montgomery form twice. */
function coefficients({ curve, nPublic, constraints }: ConstraintSystem): Uint8Array {
  const { r } = curve;
  const scale = (1n << 512n) % r;
  const items: [matrix: number, row: number, wire: number, factor: bigint][] = [];
  for (const [row, [a, b]] of constraints.entries()) {
    for (const [wire, factor] of a) items.push([0, row, wire, factor]);
    for (const [wire, factor] of b) items.push([1, row, wire, factor]);
  }
  for (let wire = 0; wire <= nPublic; wire++) items.push([0, constraints.length + wire, wire, 1n]);
  const bytes = new Uint8Array(4 + 44 * items.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, items.length, true);
  for (const [i, [matrix, row, wire, factor]] of items.entries()) {
    const at = 4 + 44 * i;
    view.setUint32(at, matrix, true);
    view.setUint32(at + 4, row, true);
    view.setUint32(at + 8, wire, true);
    writeLittleEndian(view, at + 12, (factor * scale) % r, 32);
  }
  return bytes;
}

function writeLittleEndian(view: DataView, at: number, value: bigint, length: number): void {
  for (let i = 0; i < length; i += 8) view.setBigUint64(at + i, (value >> BigInt(8 * i)) & MASK, true);
}

const MASK = (1n << 64n) - 1n;

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Writers of coordinates in Montgomery form; infinity is zeros. */
function writersOf({ q, fieldBytes }: Groth16Curve) {
  const number = (value: bigint, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    writeLittleEndian(new DataView(bytes.buffer), 0, value, length);
    return bytes;
  };
  const scale = (1n << BigInt(8 * fieldBytes)) % q;
  const write = (points: readonly (readonly bigint[] | null)[], width: number): Uint8Array => {
    const bytes = new Uint8Array(points.length * width * fieldBytes);
    const view = new DataView(bytes.buffer);
    for (const [i, point] of points.entries()) {
      for (const [k, coordinate] of (point ?? []).entries()) {
        writeLittleEndian(view, (i * width + k) * fieldBytes, (coordinate * scale) % q, fieldBytes);
      }
    }
    return bytes;
  };
  return {
    number,
    g1: (points: readonly (G1Point | null)[]) =>
      write(
        points.map((p) => p && [p.x, p.y]),
        2,
      ),
    g2: (points: readonly (G2Point | null)[]) =>
      write(
        points.map((p) => p && [p.x.c0, p.x.c1, p.y.c0, p.y.c1]),
        4,
      ),
  };
}

/** A binary file of the circom tools: a magic word, version 1, and numbered sections. */
function container(
  magic: string,
  sections: readonly (readonly [id: number, content: Uint8Array])[],
): Uint8Array {
  const parts = [new TextEncoder().encode(magic), u32(1), u32(sections.length)];
  for (const [id, content] of sections) {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(content.length), true);
    parts.push(u32(id), length, content);
  }
  return concatBytes(...parts);
}
