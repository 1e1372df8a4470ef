/**
 * Reader of Groth16 proving keys (.zkey) of snarkjs: binary, numbers little-endian, coordinates in Montgomery form
 * with the radix 2^(8 * bytes of a coordinate), infinity as zeros.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '../../../src/primitives/bytes.ts';
import type { Fp2, G1Point, G2Point } from '../../crypto.ts';
import { inverse } from '../../curve/inverse.ts';
import { BLS12_381, BN254, type Groth16Curve } from './groth16-curves.ts';
import { type Reader, refuse, sectionsOf } from './sections.ts';

/** A coefficient of the constraint system: `value` times wire `column` in constraint `row`. */
export interface Coefficients {
  readonly count: number;
  /** 0 for the left factors, 1 for the right ones. */
  readonly matrix: Uint8Array;
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  readonly value: readonly bigint[];
}

/** A Groth16 proving key. All points are on their curves; whether they are in the subgroup is not checked. */
export interface ProvingKey {
  readonly curve: Groth16Curve;
  /** keccak256 of the file. */
  readonly hash: Uint8Array;
  /** Wires, the constant 1 and the public inputs among them. */
  readonly nVars: number;
  readonly nPublic: number;
  /** A power of two. */
  readonly domainSize: number;
  /** The byte of the curve and the verifying key, as an input of ZK_VERIFY begins. */
  readonly verifyingKey: Uint8Array;
  readonly alpha1: G1Point;
  readonly beta1: G1Point;
  readonly delta1: G1Point;
  readonly beta2: G2Point;
  readonly delta2: G2Point;
  readonly coefficients: Coefficients;
  readonly a: readonly G1Point[];
  readonly b1: readonly G1Point[];
  readonly b2: readonly G2Point[];
  /** One for each wire that is neither public nor the constant. */
  readonly c: readonly G1Point[];
  readonly h: readonly G1Point[];
}

/** Readers of points of one curve. */
function pointReaders({ q, b, twistB, fieldBytes }: Groth16Curve) {
  const unscale = inverse(1n << BigInt(8 * fieldBytes), q);
  const field = (from: Reader): bigint => (from.below(fieldBytes, q) * unscale) % q;
  const fp2 = (from: Reader): Fp2 => ({ c0: field(from), c1: field(from) });

  const g1 = (from: Reader, place: string): G1Point => {
    const [x, y] = [field(from), field(from)];
    if ((x !== 0n || y !== 0n) && (y * y - x * x * x - b) % q !== 0n)
      refuse(place, 'a point is not on the curve');
    return { x, y };
  };

  const g2 = (from: Reader, place: string): G2Point => {
    const [x, y] = [fp2(from), fp2(from)];
    if (x.c0 === 0n && x.c1 === 0n && y.c0 === 0n && y.c1 === 0n) return { x, y };
    const s0 = ((x.c0 + x.c1) * (x.c0 - x.c1)) % q;
    const s1 = (2n * x.c0 * x.c1) % q;
    const d0 = (y.c0 + y.c1) * (y.c0 - y.c1) - s0 * x.c0 + s1 * x.c1 - twistB.c0;
    const d1 = 2n * y.c0 * y.c1 - s0 * x.c1 - s1 * x.c0 - twistB.c1;
    if (d0 % q !== 0n || d1 % q !== 0n) refuse(place, 'a point is not on the curve');
    return { x, y };
  };
  return { g1, g2 };
}

function readCoefficients(from: Reader, curve: Groth16Curve, rows: number, columns: number): Coefficients {
  const place = 'zkey section 4';
  const count = from.u32();
  if (from.left !== 44 * count) refuse(place, `expected ${count} coefficients in ${44 * count} bytes`);
  // A coefficient is in Montgomery form twice.
  const unscale = inverse(1n << 512n, curve.r);
  const matrix = new Uint8Array(count);
  const row = new Uint32Array(count);
  const column = new Uint32Array(count);
  const value: bigint[] = [];
  for (let i = 0; i < count; i++) {
    const which = from.u32();
    if (which > 1) refuse(place, `coefficient ${i} is of an unknown matrix`);
    matrix[i] = which;
    row[i] = from.u32();
    column[i] = from.u32();
    if (row[i]! >= rows || column[i]! >= columns) refuse(place, `coefficient ${i} is outside of its matrix`);
    value.push((from.below(32, curve.r) * unscale) % curve.r);
  }
  return { count, matrix, row, column, value };
}

/**
 * @param file sections 1 (protocol), 2 (header), 3 (IC), 4 (coefficients), 5 to 9 (points A, B1, B2, C, H); others,
 * such as the contributions in 10, are not read
 * @throws ErbiumError INVALID_ARGUMENT naming the section
 */
export function parseZkey(file: Uint8Array): ProvingKey {
  const section = sectionsOf(file, 'zkey', 1);
  const protocol = section(1);
  if (protocol.u32() !== 1) refuse('zkey section 1', 'the protocol is not Groth16');
  protocol.end();

  const header = section(2);
  const place = 'zkey section 2';
  const fieldBytes = header.u32();
  const curve = [BN254, BLS12_381].find((known) => known.fieldBytes === fieldBytes);
  if (curve === undefined) return refuse(place, 'the curve is neither BN254 nor BLS12-381');
  const limit = 1n << BigInt(8 * fieldBytes);
  if (
    header.below(fieldBytes, limit) !== curve.q ||
    header.u32() !== 32 ||
    header.below(32, limit) !== curve.r
  ) {
    refuse(place, 'the curve is neither BN254 nor BLS12-381');
  }
  const nVars = header.u32();
  const nPublic = header.u32();
  const domainSize = header.u32();
  if (nPublic > 65_535) refuse(place, `${nPublic} public inputs, 65535 is the most`);
  if (nVars < nPublic + 1) refuse(place, `${nVars} wires are too few for ${nPublic} public inputs`);
  const power = Math.log2(domainSize);
  if (!Number.isInteger(power) || power < 1 || power >= curve.twoAdicity) {
    refuse(place, `the domain size ${domainSize} is no power of two that the field has`);
  }

  const { g1, g2 } = pointReaders(curve);
  const alpha1 = g1(header, place);
  const beta1 = g1(header, place);
  const beta2 = g2(header, place);
  const gamma2 = g2(header, place);
  const delta1 = g1(header, place);
  const delta2 = g2(header, place);
  header.end();

  const points = <P>(
    id: number,
    count: number,
    pointBytes: number,
    read: (from: Reader, place: string) => P,
  ) => {
    const from = section(id);
    const where = `zkey section ${id}`;
    if (from.left !== count * pointBytes)
      refuse(where, `expected ${count} points in ${count * pointBytes} bytes`);
    return Array.from({ length: count }, () => read(from, where));
  };
  const [g1Bytes, g2Bytes] = [2 * fieldBytes, 4 * fieldBytes];
  const ic = points(3, nPublic + 1, g1Bytes, g1);
  return {
    curve,
    hash: keccak_256(file),
    nVars,
    nPublic,
    domainSize,
    verifyingKey: concatBytes(
      Uint8Array.of(curve.id),
      curve.writeG1(alpha1),
      curve.writeG2(beta2),
      curve.writeG2(gamma2),
      curve.writeG2(delta2),
      Uint8Array.of(nPublic >> 8, nPublic & 255),
      ...ic.map(curve.writeG1),
    ),
    alpha1,
    beta1,
    delta1,
    beta2,
    delta2,
    coefficients: readCoefficients(section(4), curve, domainSize, nVars),
    a: points(5, nVars, g1Bytes, g1),
    b1: points(6, nVars, g1Bytes, g1),
    b2: points(7, nVars, g2Bytes, g2),
    c: points(8, nVars - nPublic - 1, g1Bytes, g1),
    h: points(9, domainSize, g1Bytes, g1),
  };
}
