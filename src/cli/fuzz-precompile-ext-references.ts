/** Other implementations of extensions, each as short as the libraries that come with Erbium let it be. */

import { grainGenConstants, poseidon } from '@noble/curves/abstract/poseidon.js';
import { bn254 } from '@noble/curves/bn254.js';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { mlDsa44, mlDsa65, mlDsa87 } from '../../precompiles/ext/lib/noble-post-quantum.ts';
import type { Answer, Reference } from '../fuzz/precompile/judge.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../primitives/bytes.ts';

/** A function that returns null, or throws, for what is invalid; it knows no gas. */
export function referenceOf(name: string, answer: (input: Uint8Array) => Uint8Array | null): Reference {
  const refused = (why: string): Answer => ({ kind: 'failure', why });
  return {
    name,
    answer(input) {
      try {
        // A copy: a library may keep it or write to it.
        const output = answer(input.slice());
        return output === null ? refused('invalid') : { kind: 'output', gas: Number.NaN, output };
      } catch (error) {
        return refused(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** 1 or 0 in 32 bytes; 0 also where it throws. */
export const verdictOf = (name: string, isValid: (input: Uint8Array) => boolean): Reference =>
  referenceOf(name, (input) => {
    try {
      return toBytes32(isValid(input) ? 1n : 0n);
    } catch {
      return toBytes32(0n);
    }
  });

const { Point } = ristretto255;

/** Words of 32 bytes that fill an input. */
const wordsOf = (input: Uint8Array): Uint8Array[] =>
  Array.from({ length: input.length / 32 }, (_, i) => input.slice(32 * i, 32 * i + 32));

export const pedersenAddReference: Reference = referenceOf('@noble/curves ristretto255', (input) => {
  if (input.length !== 64) return null;
  const [a, b] = wordsOf(input).map((bytes) => Point.fromBytes(bytes));
  return a!.add(b!).toBytes();
});

export const pedersenCommitReference: Reference = referenceOf('@noble/curves ristretto255', (input) => {
  if (input.length !== 64) return null;
  const [value, blinding] = wordsOf(input).map((bytes) => Point.Fn.fromBytes(bytes));
  // The second base as the dalek library makes it.
  const base = ristretto255_hasher.deriveToCurve!(sha3_512(Point.BASE.toBytes()));
  return Point.BASE.multiplyUnsafe(value!).add(base.multiplyUnsafe(blinding!)).toBytes();
});

const { Fr } = bn254.fields;
/** Rounds that circomlib has for the widths 2 to 17. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];
const permutations = new Map<number, (values: bigint[]) => bigint[]>();

function permutationOf(t: number): (values: bigint[]) => bigint[] {
  let permutation = permutations.get(t);
  if (permutation === undefined) {
    const options = { Fp: Fr, t, roundsFull: 8, roundsPartial: PARTIAL_ROUNDS[t - 2]!, sboxPower: 5 };
    permutation = poseidon({ ...options, ...grainGenConstants(options) });
    permutations.set(t, permutation);
  }
  return permutation;
}

export const poseidonReference: Reference = referenceOf('@noble/curves poseidon', (input) => {
  const count = input.length / 32;
  if (!Number.isInteger(count) || count < 1 || count > 16) return null;
  const values = wordsOf(input).map(bytesToBigInt);
  if (values.some((value) => value >= Fr.ORDER)) return null;
  return toBytes32(permutationOf(count + 1)([0n, ...values])[0]!);
});

const ML_DSA = new Map([
  [44, { scheme: mlDsa44, key: 1_312, signature: 2_420 }],
  [65, { scheme: mlDsa65, key: 1_952, signature: 3_309 }],
  [87, { scheme: mlDsa87, key: 2_592, signature: 4_627 }],
]);

const PURE = '@noble/post-quantum ML-DSA';

/** Signature of a message behind the key, under a context. */
function isSigned(level: number, input: Uint8Array, hasContext: boolean): boolean {
  const set = ML_DSA.get(level);
  if (set === undefined) return false;
  const [key, rest] = [input.slice(0, set.key), input.slice(set.key)];
  const [signature, tail] = [rest.slice(0, set.signature), rest.slice(set.signature)];
  if (!hasContext) return set.scheme.verify(signature, tail, key);
  const length = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint16(0);
  const context = tail.slice(2, 2 + length);
  if (context.length !== length) return false;
  return set.scheme.verify(signature, tail.slice(2 + length), key, { context });
}

/** The check of EIP-8355. */
export const mlDsaReference = (level: number): Reference =>
  verdictOf(PURE, (input) => isSigned(level, input, false));

export function dilithiumReference(operation: 'verify' | 'sign' | 'keygen'): Reference {
  if (operation === 'verify') {
    const pure = verdictOf(PURE, (input) =>
      ML_DSA.has(input[0]!)
        ? isSigned(input[0]!, input.slice(1), false)
        : isSigned(input[0]! - 32, input.slice(1), true),
    );
    const forms = [...ML_DSA.keys()].flatMap((level) => [level + 64, level + 128]);
    return {
      name: PURE,
      answer: (input, rules, limit) =>
        forms.includes(input[0]!)
          ? { kind: 'unknown', why: 'knows messages, with a context or without one, and no other forms' }
          : pure.answer(input, rules, limit),
    };
  }
  return referenceOf(PURE, (input) => {
    const set = ML_DSA.get(input[0]!);
    const seed = input.slice(1, 33);
    if (set === undefined || seed.length !== 32) return null;
    if (operation === 'keygen' && input.length !== 33) return null;
    const { publicKey, secretKey } = set.scheme.keygen(seed);
    if (operation === 'keygen') return concatBytes(publicKey, secretKey);
    return set.scheme.sign(input.slice(33), secretKey, { extraEntropy: false });
  });
}
