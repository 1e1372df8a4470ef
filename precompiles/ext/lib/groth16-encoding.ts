/**
 * Between the JSON files of snarkjs (verification_key.json, proof.json, public.json) and the bytes of ZK_VERIFY.
 *
 * Strict: decimal strings without leading zeros (or bigints) below their modulus, affine points (z = 1) or
 * infinity, exact lengths. Whether points are on their curve is for ZK_VERIFY to say.
 */

import { concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { ErbiumError } from '../../../src/primitives/errors.ts';
import type { Fp2, G1Point, G2Point } from '../../crypto.ts';
import { BLS12_381, BN254, type Groth16Curve } from './groth16-curves.ts';
import { keyLength, proofLength } from './groth16-verify.ts';

/** Name of a curve, as snarkjs writes it. */
export type CurveName = Groth16Curve['name'];

const MAX_INPUTS = 65_535;

const refuse = (field: string, problem: string): never => {
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: ${problem}`);
};

function objectAt(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(field, 'expected an object');
  return value as Record<string, unknown>;
}

function listAt(value: unknown, field: string, length: number): unknown[] {
  if (!Array.isArray(value)) return refuse(field, 'expected a list');
  if (value.length !== length) refuse(field, `expected ${length} items, got ${value.length}`);
  // Holes become undefined.
  return Array.from(value);
}

/** A number of [0, modulus). */
function numberAt(value: unknown, field: string, modulus: bigint): bigint {
  let number: bigint;
  if (typeof value === 'bigint') number = value;
  // The longest modulus has 116 digits, and reading a number takes time that grows with the square of them.
  else if (typeof value === 'string' && value.length <= 116 && /^(0|[1-9][0-9]*)$/.test(value)) {
    number = BigInt(value);
  } else return refuse(field, 'expected a decimal number as a string');
  if (number < 0n || number >= modulus) refuse(field, 'is not below the modulus of the field');
  return number;
}

function fp2At(value: unknown, field: string, q: bigint): Fp2 {
  const [c0, c1] = listAt(value, field, 2);
  return { c0: numberAt(c0, `${field}[0]`, q), c1: numberAt(c1, `${field}[1]`, q) };
}

function g1At(value: unknown, field: string, curve: Groth16Curve): Uint8Array {
  const [x, y, z] = listAt(value, field, 3).map((item, i) => numberAt(item, `${field}[${i}]`, curve.q));
  if (z === 1n) {
    // Two zeros are infinity to us, and no point to snarkjs.
    if (x === 0n && y === 0n) refuse(field, 'is not on the curve');
    return curve.writeG1({ x: x!, y: y! });
  }
  if (z !== 0n || x !== 0n || y !== 1n)
    refuse(field, 'expected an affine point (z = 1), or 0, 1, 0 for infinity');
  return curve.writeG1({ x: 0n, y: 0n });
}

const isFp2 = ({ c0, c1 }: Fp2, value: bigint): boolean => c0 === value && c1 === 0n;

function g2At(value: unknown, field: string, curve: Groth16Curve): Uint8Array {
  const [x, y, z] = listAt(value, field, 3).map((item, i) => fp2At(item, `${field}[${i}]`, curve.q));
  const zero: Fp2 = { c0: 0n, c1: 0n };
  if (isFp2(z!, 1n)) {
    if (isFp2(x!, 0n) && isFp2(y!, 0n)) refuse(field, 'is not on the curve');
    return curve.writeG2({ x: x!, y: y! });
  }
  if (!(isFp2(z!, 0n) && isFp2(x!, 0n) && isFp2(y!, 1n))) {
    refuse(field, 'expected an affine point (z = 1), or 0, 1, 0 for infinity');
  }
  return curve.writeG2({ x: zero, y: zero });
}

/**
 * The curve that a name of snarkjs stands for.
 * @throws ErbiumError INVALID_ARGUMENT naming `field`
 */
export function curveNamed(name: unknown, field = 'curve'): Groth16Curve {
  if (name === 'bn128' || name === 'bn254') return BN254;
  if (name === 'bls12381' || name === 'bls12-381') return BLS12_381;
  return refuse(field, 'expected bn128 or bls12381');
}

function demandGroth16(file: Record<string, unknown>, field: string): void {
  if (file.protocol !== 'groth16') refuse(`${field}.protocol`, 'expected groth16');
}

/**
 * The byte of the curve and the verifying key, as an input of ZK_VERIFY begins: 515 + 64n or 1027 + 128n bytes for
 * n public inputs.
 * @param json the content of verification_key.json
 * @throws ErbiumError INVALID_ARGUMENT naming the field
 */
export function encodeVerifyingKey(json: unknown): Uint8Array {
  const file = objectAt(json, 'verifyingKey');
  demandGroth16(file, 'verifyingKey');
  const curve = curveNamed(file.curve, 'verifyingKey.curve');
  const count = file.nPublic;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > MAX_INPUTS) {
    return refuse('verifyingKey.nPublic', `expected a number from 0 to ${MAX_INPUTS}`);
  }
  const points = listAt(file.IC, 'verifyingKey.IC', count + 1);
  return concatBytes(
    Uint8Array.of(curve.id),
    g1At(file.vk_alpha_1, 'verifyingKey.vk_alpha_1', curve),
    g2At(file.vk_beta_2, 'verifyingKey.vk_beta_2', curve),
    g2At(file.vk_gamma_2, 'verifyingKey.vk_gamma_2', curve),
    g2At(file.vk_delta_2, 'verifyingKey.vk_delta_2', curve),
    Uint8Array.of(count >> 8, count & 255),
    ...points.map((point, i) => g1At(point, `verifyingKey.IC[${i}]`, curve)),
  );
}

/**
 * A, B and C: 256 or 512 bytes.
 * @param json the content of proof.json
 * @param curve the curve that the file must name; a file that names none is of this one
 * @throws ErbiumError INVALID_ARGUMENT naming the field
 */
export function encodeProof(json: unknown, curve?: CurveName): Uint8Array {
  const file = objectAt(json, 'proof');
  demandGroth16(file, 'proof');
  const own = curveNamed(file.curve ?? curve, 'proof.curve');
  if (curve !== undefined && own !== curveNamed(curve)) refuse('proof.curve', `expected ${curve}`);
  return concatBytes(
    g1At(file.pi_a, 'proof.pi_a', own),
    g2At(file.pi_b, 'proof.pi_b', own),
    g1At(file.pi_c, 'proof.pi_c', own),
  );
}

/**
 * Public inputs, 32 bytes each.
 * @param json the content of public.json, a list
 * @throws ErbiumError INVALID_ARGUMENT naming the field
 */
export function encodePublicInputs(json: unknown, curve: CurveName): Uint8Array {
  const { r } = curveNamed(curve);
  if (!Array.isArray(json)) return refuse('publicInputs', 'expected a list');
  if (json.length > MAX_INPUTS) refuse('publicInputs', `expected at most ${MAX_INPUTS} items`);
  return concatBytes(...Array.from(json, (value, i) => toBytes32(numberAt(value, `publicInputs[${i}]`, r))));
}

/**
 * The whole input of ZK_VERIFY: 771 + 96n bytes for BN254, 1539 + 160n for BLS12-381.
 * @param verifyingKey the content of verification_key.json
 * @param proof the content of proof.json
 * @param publicInputs the content of public.json
 * @throws ErbiumError INVALID_ARGUMENT naming the field
 */
export function encodeVerifyInput(verifyingKey: unknown, proof: unknown, publicInputs: unknown): Uint8Array {
  const key = encodeVerifyingKey(verifyingKey);
  const { name, nPublic } = describeKey(key);
  listAt(publicInputs, 'publicInputs', nPublic);
  return concatBytes(key, encodeProof(proof, name), encodePublicInputs(publicInputs, name));
}

function describeKey(key: Uint8Array): { readonly name: CurveName; readonly nPublic: number } {
  const curve = key[0] === 1 ? BN254 : BLS12_381;
  return { name: curve.name, nPublic: (key.length - keyLength(curve, 0)) / curve.g1Length };
}

/** The content of a proof.json of snarkjs. */
export interface ProofJson {
  readonly pi_a: string[];
  readonly pi_b: string[][];
  readonly pi_c: string[];
  readonly protocol: 'groth16';
  readonly curve: CurveName;
}

/** The content of a verification_key.json of snarkjs, as far as verifying needs it. */
export interface VerifyingKeyJson {
  readonly protocol: 'groth16';
  readonly curve: CurveName;
  readonly nPublic: number;
  readonly vk_alpha_1: string[];
  readonly vk_beta_2: string[][];
  readonly vk_gamma_2: string[][];
  readonly vk_delta_2: string[][];
  readonly IC: string[][];
}

function g1Json(point: G1Point | null, field: string): string[] {
  if (point === null) return refuse(field, 'a coordinate is not below the modulus of the field');
  const { x, y } = point;
  return x === 0n && y === 0n ? ['0', '1', '0'] : [`${x}`, `${y}`, '1'];
}

function g2Json(point: G2Point | null, field: string): string[][] {
  if (point === null) return refuse(field, 'a coordinate is not below the modulus of the field');
  const { x, y } = point;
  const [one, zero] = [
    ['1', '0'],
    ['0', '0'],
  ] as const;
  if (isFp2(x, 0n) && isFp2(y, 0n)) return [[...zero], [...one], [...zero]];
  return [[`${x.c0}`, `${x.c1}`], [`${y.c0}`, `${y.c1}`], [...one]];
}

/**
 * The content of a proof.json for 256 bytes of BN254 or 512 of BLS12-381.
 * @throws ErbiumError INVALID_ARGUMENT for another length, or a coordinate that is not canonical
 */
export function proofToJson(proof: Uint8Array, curve: CurveName): ProofJson {
  const own = curveNamed(curve);
  const { g1Length, g2Length, name } = own;
  if (proof.length !== proofLength(own)) {
    refuse('proof', `expected ${proofLength(own)} bytes, got ${proof.length}`);
  }
  return {
    pi_a: g1Json(own.readG1(proof, 0), 'proof.pi_a'),
    pi_b: g2Json(own.readG2(proof, g1Length), 'proof.pi_b'),
    pi_c: g1Json(own.readG1(proof, g1Length + g2Length), 'proof.pi_c'),
    protocol: 'groth16',
    curve: name,
  };
}

/**
 * The content of a verification_key.json for the byte of the curve and the verifying key.
 * @throws ErbiumError INVALID_ARGUMENT for an unknown curve, a wrong length, or a coordinate that is not canonical
 */
export function verifyingKeyToJson(key: Uint8Array): VerifyingKeyJson {
  const curve = key[0] === 1 ? BN254 : key[0] === 2 ? BLS12_381 : refuse('verifyingKey', 'unknown curve');
  const { g1Length, g2Length, name } = curve;
  const at = 1 + g1Length + 3 * g2Length;
  const nPublic = key.length < at + 2 ? 0 : key[at]! * 256 + key[at + 1]!;
  const length = keyLength(curve, nPublic);
  if (key.length !== length) refuse('verifyingKey', `expected ${length} bytes, got ${key.length}`);
  const g1 = (offset: number, field: string): string[] => g1Json(curve.readG1(key, offset), field);
  const g2 = (index: number, field: string): string[][] =>
    g2Json(curve.readG2(key, 1 + g1Length + index * g2Length), field);
  return {
    protocol: 'groth16',
    curve: name,
    nPublic,
    vk_alpha_1: g1(1, 'verifyingKey.vk_alpha_1'),
    vk_beta_2: g2(0, 'verifyingKey.vk_beta_2'),
    vk_gamma_2: g2(1, 'verifyingKey.vk_gamma_2'),
    vk_delta_2: g2(2, 'verifyingKey.vk_delta_2'),
    IC: Array.from({ length: nPublic + 1 }, (_, i) => g1(at + 2 + i * g1Length, `verifyingKey.IC[${i}]`)),
  };
}
