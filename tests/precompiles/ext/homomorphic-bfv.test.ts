/** BFV through HE_ENCRYPT, HE_COMPUTE and HE_DECRYPT, beside plain arithmetic of polynomials. */

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BfvScheme, bfvKeyName } from '../../../precompiles/ext/homomorphic.ts';
import {
  changed,
  decrypted as decryptedBy,
  encrypted as encryptedBy,
  expectSame,
  LENGTH,
  T,
} from './homomorphic-support.ts';
import {
  answer,
  type BfvSetup,
  DEGREE,
  decryptInput,
  elGamalCompute,
  elGamalDecrypt,
  elGamalEncrypt,
  encryptInput,
  join,
  manyCoefficients,
  multiplyInput,
  plaintext,
  priceOf,
  run,
  SCHEMES,
  seed,
  setUpBfv,
} from './samples/homomorphic.ts';

/** The primes of a ciphertext and the bytes of a residue, as SEAL's table of default parameters has them. */
const PRIMES: Readonly<Record<BfvScheme, readonly number[]>> = {
  2: [0xffffee001, 0xffffc4001],
  3: [0x7fffffd8001, 0x7fffffc8001, 0xfffffffc001, 0xffffff6c001],
};
const WIDTH: Readonly<Record<BfvScheme, number>> = { 2: 5, 3: 6 };
let setup: BfvSetup;
beforeAll(async () => {
  setup = await setUpBfv();
});

const encrypted = (scheme: BfvScheme, coefficients: readonly number[], byte = 1): Uint8Array =>
  encryptedBy(setup, scheme, coefficients, byte);
const decrypted = (scheme: BfvScheme, ciphertext: Uint8Array): number[] =>
  decryptedBy(setup, scheme, ciphertext);
const compute = (input: Uint8Array): Uint8Array => answer(setup.compute, input);

function padded(scheme: BfvScheme, coefficients: readonly number[]): number[] {
  return [...coefficients, ...new Array<number>(DEGREE[scheme] - coefficients.length).fill(0)];
}

/** Product of a polynomial and a short one, modulo x^degree + 1 and 65537. */
function product(scheme: BfvScheme, a: readonly number[], short: readonly number[]): number[] {
  const degree = DEGREE[scheme];
  const result = new Array<number>(degree).fill(0);
  for (const [j, y] of short.entries()) {
    for (const [i, x] of a.entries()) {
      const at = (i + j) % degree;
      const term = (x * y) % T;
      result[at] = (result[at]! + (i + j < degree ? term : T - term)) % T;
    }
  }
  return result;
}

function residues(scheme: BfvScheme, ciphertext: Uint8Array): number[] {
  const width = WIDTH[scheme];
  const numbers: number[] = [];
  for (let at = 2; at < ciphertext.length; at += width) {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + ciphertext[at + i]!;
    numbers.push(value);
  }
  return numbers;
}
/** The prime that the residue with this index is below. */
const primeAt = (scheme: BfvScheme, index: number): number =>
  PRIMES[scheme][Math.floor(index / DEGREE[scheme]) % PRIMES[scheme].length]!;

function bigEndian(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256);
}

describe.each(SCHEMES)('scheme %d', (scheme) => {
  const degree = DEGREE[scheme];
  const full = manyCoefficients(degree);
  const short = [3, 0, 65_536, 40_000];

  it('opens what it encrypts', () => {
    for (const coefficients of [[], [0], [65_536], [1, 2, 3], full]) {
      const ciphertext = encrypted(scheme, coefficients);
      expect(ciphertext).toHaveLength(LENGTH[scheme]);
      expect(ciphertext.subarray(0, 2)).toEqual(Uint8Array.of(1, scheme));
      expect(decrypted(scheme, ciphertext)).toEqual(padded(scheme, coefficients));
    }
  });

  it('encodes residues below the primes of SEAL, big-endian', () => {
    const numbers = residues(scheme, encrypted(scheme, full));
    expect(numbers).toHaveLength(2 * PRIMES[scheme].length * degree);
    expect(numbers.every((value, i) => value < primeAt(scheme, i))).toBe(true);
    // Uniform residues come near each prime, so that a list in another order would show.
    for (let at = 0; at < numbers.length; at += degree) {
      expect(Math.max(...numbers.slice(at, at + degree)) / primeAt(scheme, at)).toBeGreaterThan(0.99);
    }
  });

  it('adds and subtracts residue by residue', () => {
    const [a, b] = [encrypted(scheme, full), encrypted(scheme, short, 2)];
    const [x, y] = [residues(scheme, a), residues(scheme, b)];
    const sums = x.map((value, i) => (value + y[i]!) % primeAt(scheme, i));
    const differences = x.map((value, i) => (value - y[i]! + primeAt(scheme, i)) % primeAt(scheme, i));
    expect(residues(scheme, compute(join(scheme, 1, a, b)))).toEqual(sums);
    expect(residues(scheme, compute(join(scheme, 2, a, b)))).toEqual(differences);
  });

  it('adds, subtracts and multiplies what is hidden', () => {
    const coefficient = fc.integer({ min: 0, max: T - 1 });
    const list = fc.array(coefficient, { minLength: 0, maxLength: 6 });
    fc.assert(
      fc.property(list, list, (x, y) => {
        const [left, right] = [padded(scheme, x), padded(scheme, y)];
        const [a, b] = [encrypted(scheme, x), encrypted(scheme, y, 2)];
        const sum = left.map((value, i) => (value + right[i]!) % T);
        const difference = left.map((value, i) => (value - right[i]! + T) % T);
        const open = (input: Uint8Array): number[] => decrypted(scheme, compute(input));
        expect(open(join(scheme, 1, a, b))).toEqual(sum);
        expect(open(join(scheme, 2, a, b))).toEqual(difference);
        expect(open(join(scheme, 3, a, plaintext(y)))).toEqual(sum);
        expect(open(join(scheme, 4, a, plaintext(y)))).toEqual(product(scheme, left, y));
        expect(open(multiplyInput(setup, scheme, a, b))).toEqual(product(scheme, left, y));
      }),
      { numRuns: 5 },
    );
  });

  it('multiplies modulo x^degree + 1', () => {
    const a = encrypted(scheme, full);
    const expected = product(scheme, full, short);
    expect(decrypted(scheme, compute(join(scheme, 4, a, plaintext(short))))).toEqual(expected);
    expect(decrypted(scheme, compute(multiplyInput(setup, scheme, a, encrypted(scheme, short, 2))))).toEqual(
      expected,
    );
  });

  it('has transparent ciphertexts as values', () => {
    const a = encrypted(scheme, full);
    const transparent = join(1, scheme, new Uint8Array(LENGTH[scheme] - 2));
    expectSame(compute(join(scheme, 2, a, a)), transparent);
    expectSame(compute(join(scheme, 4, a, plaintext([]))), transparent);
    expectSame(compute(join(scheme, 4, a, plaintext([0, 0]))), transparent);
    expectSame(compute(multiplyInput(setup, scheme, transparent, a)), transparent);
    expect(decrypted(scheme, transparent)).toEqual(padded(scheme, []));
    expectSame(compute(join(scheme, 1, transparent, a)), a);
  });

  it('stays right for as many products in a chain as its noise allows, and not for more', () => {
    const deepest = scheme === 2 ? 1 : 5;
    let ciphertext = encrypted(scheme, full);
    let expected = full;
    const factor = encrypted(scheme, [3, 1], 2);
    for (let depth = 1; depth <= deepest; depth++) {
      ciphertext = compute(multiplyInput(setup, scheme, ciphertext, factor));
      expected = product(scheme, expected, [3, 1]);
      expect(decrypted(scheme, ciphertext)).toEqual(expected);
    }
    let square = encrypted(scheme, [3]);
    let value = 3;
    for (let depth = 1; depth <= deepest; depth++) {
      square = compute(multiplyInput(setup, scheme, square, square));
      value = Number(BigInt(value) ** 2n % BigInt(T));
      expect(decrypted(scheme, square)).toEqual(padded(scheme, [value]));
    }
    square = compute(multiplyInput(setup, scheme, square, square));
    expect(decrypted(scheme, square)).not.toEqual(padded(scheme, [(value * value) % T]));
  });

  it('refuses statements to encrypt that are none', () => {
    const input = encryptInput(setup, scheme, [7, 1]);
    expect(run(setup.encrypt, input)).not.toBeNull();
    const tooMany = encryptInput(setup, scheme, [...full, 0]);
    for (const bad of [
      Uint8Array.of(scheme),
      input.subarray(0, 65),
      input.subarray(0, 66),
      input.subarray(0, input.length - 1),
      input.subarray(0, input.length - 4),
      join(input, 0),
      join(input, 0, 0, 0, 0),
      tooMany,
      changed(input, 65, 0xff, 0xff),
      changed(input, 67, 0, 1, 0, 1),
      changed(input, 67, 0xff, 0xff, 0xff, 0xff),
      changed(input, 33, input[33]! ^ 1),
      changed(input, 0, 5 - scheme),
      changed(input, 0, 0),
      changed(input, 0, 4),
      // Keys of another kind.
      join(scheme, seed(1), bfvKeyName(setup.keys[scheme].secretKey), plaintext([7])),
      join(scheme, seed(1), bfvKeyName(setup.keys[scheme].relinKeys), plaintext([7])),
    ]) {
      expect(run(setup.encrypt, bad)).toBeNull();
    }
  });

  it('refuses operands that are none', () => {
    const a = encrypted(scheme, [7]);
    const other = encrypted(scheme === 2 ? 3 : 2, [7]);
    const width = WIDTH[scheme];
    const last = a.length - width;
    const bad = [
      a.subarray(0, a.length - 1),
      join(a, 0),
      a.subarray(0, 0),
      other,
      changed(a, 0, 0),
      changed(a, 0, 2),
      changed(a, 1, 5 - scheme),
      changed(a, 2, ...bigEndian(PRIMES[scheme][0]!, width)),
      changed(a, 2, ...new Array<number>(width).fill(0xff)),
      changed(a, last, ...bigEndian(PRIMES[scheme].at(-1)!, width)),
      // Below the special prime and the first one, not below its own.
      changed(a, 2 + width * degree, ...bigEndian(PRIMES[scheme][1]!, width)),
    ];
    const largest = changed(a, last, ...bigEndian(PRIMES[scheme].at(-1)! - 1, width));
    expect(run(setup.compute, join(scheme, 1, a, largest))).not.toBeNull();
    for (const operand of bad) {
      expect(run(setup.decrypt, decryptInput(setup, scheme, operand))).toBeNull();
      expect(run(setup.compute, join(scheme, 1, a, operand))).toBeNull();
      expect(run(setup.compute, join(scheme, 2, operand, a))).toBeNull();
      expect(run(setup.compute, join(scheme, 3, operand, plaintext([1])))).toBeNull();
      expect(run(setup.compute, join(scheme, 4, operand, plaintext([1])))).toBeNull();
      expect(run(setup.compute, multiplyInput(setup, scheme, operand, a))).toBeNull();
      expect(run(setup.compute, multiplyInput(setup, scheme, a, operand))).toBeNull();
    }
    for (const operation of [0, 6, 7, 255]) {
      expect(run(setup.compute, join(scheme, operation, a, a))).toBeNull();
    }
    for (const plain of [[T], [0xffff_ffff], [...full, 0]]) {
      expect(run(setup.compute, join(scheme, 3, a, plaintext(plain)))).toBeNull();
      expect(run(setup.compute, join(scheme, 4, a, plaintext(plain)))).toBeNull();
    }
    expect(run(setup.compute, Uint8Array.of(scheme))).toBeNull();
    expect(run(setup.compute, Uint8Array.of(scheme, 5))).toBeNull();
    expect(run(setup.decrypt, Uint8Array.of(scheme))).toBeNull();
  });

  it('refuses keys that are unknown, of another kind or of another scheme', () => {
    const a = encrypted(scheme, [7]);
    const own = setup.keys[scheme];
    const foreign = setup.keys[scheme === 2 ? 3 : 2];
    for (const key of [own.publicKey, own.secretKey, foreign.relinKeys, seed(1)]) {
      expect(run(setup.compute, join(scheme, 5, bfvKeyName(key), a, a))).toBeNull();
    }
    for (const key of [own.publicKey, own.relinKeys, foreign.secretKey, seed(1)]) {
      expect(run(setup.decrypt, join(scheme, bfvKeyName(key), a))).toBeNull();
    }
    for (const key of [foreign.publicKey, seed(1)]) {
      expect(run(setup.encrypt, join(scheme, seed(1), bfvKeyName(key), plaintext([7])))).toBeNull();
    }
  });

  it('fails without the library, at the same price', () => {
    const a = encrypted(scheme, [7]);
    const pairs = [
      [elGamalEncrypt, setup.encrypt, encryptInput(setup, scheme, [7])],
      [elGamalDecrypt, setup.decrypt, decryptInput(setup, scheme, a)],
      [elGamalCompute, setup.compute, join(scheme, 1, a, a)],
    ] as const;
    for (const [without, having, input] of pairs) {
      expect(run(having, input)).not.toBeNull();
      expect(run(without, input)).toBeNull();
      expect(priceOf(without, input)).toBe(priceOf(having, input));
    }
  });

  it('has prices by operation and by words', () => {
    const times = scheme === 2 ? 1 : 4;
    const output = 3 * Math.ceil(LENGTH[scheme] / 32);
    const words = (length: number): number => 3 * Math.ceil(length / 32);
    const input = encryptInput(setup, scheme, [7, 1]);
    expect(priceOf(setup.encrypt, input)).toBe(times * 10_000 + words(75) + output);
    expect(priceOf(setup.encrypt, Uint8Array.of(scheme))).toBe(times * 10_000 + 3 + output);
    const a = encrypted(scheme, [7]);
    const base = [1_000, 1_000, 1_000, 4_000, 35_000];
    for (const [i, gas] of base.entries()) {
      const call = join(scheme, i + 1, a, a);
      expect(priceOf(setup.compute, call)).toBe(times * gas + words(call.length) + output);
    }
    expect(priceOf(setup.compute, Uint8Array.of(scheme))).toBe(times * 1_000 + 3 + output);
    expect(priceOf(setup.compute, Uint8Array.of(scheme, 99))).toBe(times * 1_000 + 3 + output);
    const call = decryptInput(setup, scheme, a);
    expect(priceOf(setup.decrypt, call)).toBe(times * 3_000 + words(call.length) + words(4 * degree));
  });
});
