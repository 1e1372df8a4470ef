/** Valid inputs of HE_ENCRYPT, HE_COMPUTE and HE_DECRYPT, with ElGamal and with BFV. */

import { ristretto255 } from '@noble/curves/ed25519.js';
import {
  type BfvKeys,
  type BfvScheme,
  bfvKeyName,
  generateBfvKeys,
  homomorphic,
  homomorphicWith,
} from '../../../../precompiles/ext/homomorphic.ts';
import { nobleCrypto, type Precompile } from '../../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../../src/forks/fork.ts';
import { rulesOf } from '../../../../src/forks/rules.ts';
import { concatBytes } from '../../../../src/primitives/bytes.ts';
import type { Sample } from './sample.ts';

const rules = rulesOf(LATEST_FORK);

export const DEGREE: Readonly<Record<BfvScheme, number>> = { 2: 4096, 3: 8192 };
export const SCHEMES: readonly BfvScheme[] = [2, 3];

/** Bytes one after another; a number is one byte. */
export const join = (...parts: readonly (Uint8Array | number)[]): Uint8Array =>
  concatBytes(...parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));

export function u64(value: bigint | number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

export const run = (row: Precompile, input: Uint8Array): Uint8Array | null =>
  row.run(input, nobleCrypto, rules);

/** The answer to a valid input. */
export function answer(row: Precompile, input: Uint8Array): Uint8Array {
  const output = run(row, input);
  if (output === null) throw new Error(`${row.name} refused an input of ${input.length} bytes`);
  return output;
}

export const priceOf = (row: Precompile, input: Uint8Array): number => row.gas(input, rules);

export const [elGamalEncrypt, elGamalDecrypt, elGamalCompute] = homomorphic as [
  Precompile,
  Precompile,
  Precompile,
];

/** A pair of ElGamal keys; the secret one is the number 1234567. */
export const SECRET_KEY: Uint8Array = join(0x87, 0xd6, 0x12, new Uint8Array(29));
// noble blinds `multiply` with randomness, which some tests take away.
export const publicKey = (): Uint8Array => ristretto255.Point.BASE.multiplyUnsafe(1234567n).toBytes();

/** An ElGamal ciphertext of a value under the public key. */
export const elGamal = (value: bigint | number, byte = 1): Uint8Array =>
  answer(elGamalEncrypt, join(1, seed(byte), publicKey(), u64(value)));

/** A count and coefficients. */
export function plaintext(coefficients: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 + 4 * coefficients.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, coefficients.length);
  for (const [i, coefficient] of coefficients.entries()) view.setUint32(2 + 4 * i, coefficient);
  return bytes;
}

/** BFV with the keys of one owner for each degree. */
export interface BfvSetup {
  readonly keys: Readonly<Record<BfvScheme, BfvKeys>>;
  readonly encrypt: Precompile;
  readonly decrypt: Precompile;
  readonly compute: Precompile;
}

export async function setUpBfv(): Promise<BfvSetup> {
  const keys = { 2: await generateBfvKeys(seed(2), 2), 3: await generateBfvKeys(seed(3), 3) };
  const all = SCHEMES.flatMap((scheme) => Object.values(keys[scheme]));
  const [encrypt, decrypt, compute] = (await homomorphicWith({ keys: all })) as [
    Precompile,
    Precompile,
    Precompile,
  ];
  return { keys, encrypt, decrypt, compute };
}

export const encryptInput = (
  { keys }: BfvSetup,
  scheme: BfvScheme,
  coefficients: readonly number[],
  byte = 1,
): Uint8Array => join(scheme, seed(byte), bfvKeyName(keys[scheme].publicKey), plaintext(coefficients));

export const multiplyInput = (
  { keys }: BfvSetup,
  scheme: BfvScheme,
  a: Uint8Array,
  b: Uint8Array,
): Uint8Array => join(scheme, 5, bfvKeyName(keys[scheme].relinKeys), a, b);

export const decryptInput = ({ keys }: BfvSetup, scheme: BfvScheme, ciphertext: Uint8Array): Uint8Array =>
  join(scheme, bfvKeyName(keys[scheme].secretKey), ciphertext);

/** As many coefficients as asked for, of all sizes. */
export const manyCoefficients = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i * 7919 + 13) % 65_537);

function elGamalSamples(): Sample[] {
  const [a, b] = [elGamal(40_000), elGamal(200, 2)];
  const bits = [8, 16, 32] as const;
  return [
    {
      row: elGamalEncrypt,
      label: 'elgamal',
      input: join(1, seed(1), publicKey(), u64(0xffff_ffff_ffff_ffffn)),
    },
    { row: elGamalCompute, label: 'elgamal add', input: join(1, 1, a, b) },
    { row: elGamalCompute, label: 'elgamal subtract', input: join(1, 2, a, b) },
    { row: elGamalCompute, label: 'elgamal add number', input: join(1, 3, a, u64(0xffff_ffff_ffff_ffffn)) },
    {
      row: elGamalCompute,
      label: 'elgamal multiply by number',
      input: join(1, 4, a, u64(0xffff_ffff_ffff_ffffn)),
    },
    { row: elGamalCompute, label: 'elgamal re-randomise', input: join(1, 6, seed(3), publicKey(), a) },
    ...bits.map((count) => ({
      row: elGamalDecrypt,
      label: `elgamal bits=${count}`,
      input: join(1, SECRET_KEY, elGamal(2 ** count - 1), count),
    })),
  ];
}

function bfvSamples(setup: BfvSetup, scheme: BfvScheme): Sample[] {
  const degree = DEGREE[scheme];
  const full = manyCoefficients(degree);
  const { encrypt, compute, decrypt } = setup;
  const a = answer(encrypt, encryptInput(setup, scheme, full));
  const b = answer(encrypt, encryptInput(setup, scheme, [7, 1]));
  const name = `bfv degree=${degree}`;
  return [
    { row: encrypt, label: `${name} count=2`, input: encryptInput(setup, scheme, [7, 1]) },
    { row: encrypt, label: `${name} count=${degree}`, input: encryptInput(setup, scheme, full) },
    { row: compute, label: `${name} add`, input: join(scheme, 1, a, b) },
    { row: compute, label: `${name} subtract`, input: join(scheme, 2, a, b) },
    { row: compute, label: `${name} add plaintext`, input: join(scheme, 3, a, plaintext(full)) },
    { row: compute, label: `${name} multiply by plaintext`, input: join(scheme, 4, a, plaintext(full)) },
    { row: compute, label: `${name} multiply`, input: multiplyInput(setup, scheme, a, b) },
    { row: decrypt, label: name, input: decryptInput(setup, scheme, a) },
  ];
}

export async function samples(): Promise<Sample[]> {
  const setup = await setUpBfv();
  return [...elGamalSamples(), ...SCHEMES.flatMap((scheme) => bfvSamples(setup, scheme))];
}
