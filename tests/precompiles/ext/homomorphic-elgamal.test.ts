/** Additive ElGamal through HE_ENCRYPT, HE_COMPUTE and HE_DECRYPT, beside the ristretto255 of noble. */

import { ristretto255 } from '@noble/curves/ed25519.js';
import { shake256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHexDigits, hexToBytes } from '../../../src/primitives/bytes.ts';
import {
  answer,
  elGamalCompute as compute,
  elGamalDecrypt as decrypt,
  elGamal,
  elGamalEncrypt as encrypt,
  join,
  priceOf,
  publicKey,
  run,
  SECRET_KEY,
  seed,
  u64,
} from './samples/homomorphic.ts';

const { Point } = ristretto255;
const ORDER = Point.Fn.ORDER;
const IDENTITY = new Uint8Array(32);
/** -1 as a field element in 32 bytes: an odd, and so no canonical, encoding. */
const NO_POINT = hexToBytes('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
/** p, which is 0 in another form. */
const ABOVE_P = hexToBytes('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
const littleOrder = Uint8Array.from(hexToBytes(ORDER.toString(16).padStart(64, '0'))).reverse();

const open = (ciphertext: Uint8Array, bits = 16): bigint | null => {
  const output = run(decrypt, join(1, SECRET_KEY, ciphertext, bits));
  return output === null ? null : BigInt(`0x${bytesToHexDigits(output)}`);
};
/** m·B of a ciphertext, by noble. */
const opened = (ciphertext: Uint8Array): string =>
  Point.fromBytes(ciphertext.subarray(32))
    .subtract(Point.fromBytes(ciphertext.subarray(0, 32)).multiply(1234567n))
    .toHex();
const multiple = (value: bigint): string =>
  Point.BASE.multiplyUnsafe(((value % ORDER) + ORDER) % ORDER).toHex();

const shorter = (input: Uint8Array): Uint8Array => input.subarray(0, input.length - 1);
function changed(input: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const copy = input.slice();
  copy.set(bytes, at);
  return copy;
}

describe('encryption', () => {
  it('is k·B and m·B + k·P with k from the seed and the statement', () => {
    const input = join(1, seed(9), publicKey(), u64(0x1_0000_0001));
    const wide = shake256(join(new TextEncoder().encode('erbium elgamal'), input), { dkLen: 64 });
    const k = BigInt(`0x${bytesToHexDigits(wide.reverse())}`) % ORDER;
    const c2 = Point.fromBytes(publicKey()).multiply(k).add(Point.BASE.multiply(0x1_0000_0001n));
    expect(answer(encrypt, input)).toEqual(join(Point.BASE.multiply(k).toBytes(), c2.toBytes()));
  });

  it('hides equal values behind other seeds and other keys', () => {
    const other = Point.BASE.multiply(7n).toBytes();
    const all = [
      elGamal(5, 1),
      elGamal(5, 2),
      answer(encrypt, join(1, seed(1), other, u64(5))),
      elGamal(6, 1),
    ];
    expect(new Set(all.map((ciphertext) => bytesToHexDigits(ciphertext.subarray(0, 32)))).size).toBe(4);
  });

  it('takes every number of 64 bits', () => {
    for (const value of [0n, 1n, 2n ** 32n, 2n ** 64n - 1n]) {
      expect(opened(elGamal(value))).toBe(multiple(value));
    }
  });

  it('refuses what is no statement', () => {
    const input = join(1, seed(1), publicKey(), u64(5));
    expect(run(encrypt, input)).not.toBeNull();
    for (const bad of [
      new Uint8Array(0),
      Uint8Array.of(1),
      shorter(input),
      join(input, 0),
      changed(input, 0, Uint8Array.of(0)),
      changed(input, 0, Uint8Array.of(4)),
      changed(input, 33, IDENTITY),
      changed(input, 33, NO_POINT),
      changed(input, 33, ABOVE_P),
      changed(input, 33, new Uint8Array(32).fill(0xff)),
    ]) {
      expect(run(encrypt, bad)).toBeNull();
    }
  });
});

describe('decryption', () => {
  // RFC 9496, A.1: multiples of the generator.
  it.each([
    ['0000000000000000000000000000000000000000000000000000000000000000', 0n],
    ['e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 1n],
    ['6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919', 2n],
    ['94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259', 3n],
  ])('opens %s as %d', (encoded, value) => {
    expect(open(join(IDENTITY, hexToBytes(encoded)), 8)).toBe(value);
    const c1 = Point.BASE.multiply(99n);
    const c2 = Point.fromHex(encoded).add(c1.multiply(1234567n));
    expect(open(join(c1.toBytes(), c2.toBytes()), 8)).toBe(value);
  });

  it('finds every number of 8 bits and no other', () => {
    for (let value = 0; value < 256; value++) {
      const c2 = Point.BASE.multiplyUnsafe(BigInt(value)).toBytes();
      expect(open(join(IDENTITY, c2), 8)).toBe(BigInt(value));
    }
    for (const value of [256n, 257n, ORDER - 1n, ORDER - 7n]) {
      expect(open(join(IDENTITY, Point.BASE.multiply(value).toBytes()), 8)).toBeNull();
    }
  });

  it('finds numbers at the ends of each range', () => {
    for (const [value, bits] of [
      [65_535, 16],
      [65_536, 32],
      [0xffff_ffff, 32],
    ] as const) {
      expect(open(elGamal(value), bits)).toBe(BigInt(value));
    }
    expect(open(elGamal(65_536), 16)).toBeNull();
    expect(open(elGamal(0x1_0000_0000), 32)).toBeNull();
  });

  it('refuses what is no statement', () => {
    const input = join(1, SECRET_KEY, elGamal(5), 8);
    expect(run(decrypt, input)).not.toBeNull();
    for (const bad of [
      new Uint8Array(0),
      Uint8Array.of(1),
      shorter(input),
      join(input, 0),
      changed(input, 0, Uint8Array.of(0)),
      changed(input, 1, IDENTITY),
      changed(input, 1, littleOrder),
      changed(input, 1, new Uint8Array(32).fill(0xff)),
      changed(input, 33, NO_POINT),
      changed(input, 65, NO_POINT),
      changed(input, 33, ABOVE_P),
      ...[0, 1, 7, 9, 15, 24, 31, 33, 64, 255].map((bits) => changed(input, 97, Uint8Array.of(bits))),
    ]) {
      expect(run(decrypt, bad)).toBeNull();
    }
    const another = changed(input, 1, Uint8Array.of(0x88));
    expect(run(decrypt, another)).toBeNull();
  });
});

describe('computation', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  it('adds, subtracts and multiplies what is hidden, modulo the order', () => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        const [a, b] = [elGamal(x), elGamal(y, 2)];
        expect(opened(answer(compute, join(1, 1, a, b)))).toBe(multiple(x + y));
        expect(opened(answer(compute, join(1, 2, a, b)))).toBe(multiple(x - y));
        expect(opened(answer(compute, join(1, 3, a, u64(y))))).toBe(multiple(x + y));
        expect(opened(answer(compute, join(1, 4, a, u64(y))))).toBe(multiple(x * y));
        const again = answer(compute, join(1, 6, seed(4), publicKey(), a));
        expect(opened(again)).toBe(multiple(x));
        expect(again.subarray(0, 32)).not.toEqual(a.subarray(0, 32));
      }),
      { numRuns: 25 },
    );
  });

  it('gives what HE_DECRYPT reads', () => {
    const sum = answer(compute, join(1, 1, elGamal(40_000), elGamal(200, 2)));
    expect(open(sum)).toBe(40_200n);
    expect(open(answer(compute, join(1, 2, sum, elGamal(200, 3))))).toBe(40_000n);
    expect(open(answer(compute, join(1, 4, elGamal(7), u64(6))))).toBe(42n);
  });

  it('has neutral ciphertexts as values', () => {
    const a = elGamal(5);
    expect(answer(compute, join(1, 2, a, a))).toEqual(new Uint8Array(64));
    expect(answer(compute, join(1, 4, a, u64(0)))).toEqual(new Uint8Array(64));
    expect(answer(compute, join(1, 1, a, new Uint8Array(64)))).toEqual(a);
  });

  it('refuses what is no statement', () => {
    const [a, b] = [elGamal(5), elGamal(6)];
    const inputs = [
      join(1, 1, a, b),
      join(1, 2, a, b),
      join(1, 3, a, u64(5)),
      join(1, 4, a, u64(5)),
      join(1, 6, seed(1), publicKey(), a),
    ];
    for (const input of inputs) {
      expect(run(compute, input)).not.toBeNull();
      expect(run(compute, shorter(input))).toBeNull();
      expect(run(compute, join(input, 0))).toBeNull();
      for (const operation of [0, 5, 7, 255]) {
        expect(run(compute, changed(input, 1, Uint8Array.of(operation)))).toBeNull();
      }
      for (const scheme of [0, 2, 3, 4, 255]) {
        expect(run(compute, changed(input, 0, Uint8Array.of(scheme)))).toBeNull();
      }
    }
    for (const at of [2, 34, 66, 98]) {
      expect(run(compute, changed(inputs[0]!, at, NO_POINT))).toBeNull();
      expect(run(compute, changed(inputs[0]!, at, ABOVE_P))).toBeNull();
    }
    for (const at of [34, 66, 98]) expect(run(compute, changed(inputs[4]!, at, NO_POINT))).toBeNull();
    expect(run(compute, changed(inputs[4]!, 34, IDENTITY))).toBeNull();
    expect(run(compute, new Uint8Array(0))).toBeNull();
    expect(run(compute, Uint8Array.of(1))).toBeNull();
  });
});

describe('prices', () => {
  it('are fixed for each operation', () => {
    expect(priceOf(encrypt, join(1, seed(1), publicKey(), u64(5)))).toBe(8_000);
    expect([1, 2, 3, 4, 6].map((operation) => priceOf(compute, Uint8Array.of(1, operation)))).toEqual([
      2_000, 2_000, 2_000, 3_000, 8_000,
    ]);
    const input = join(1, SECRET_KEY, elGamal(5), 8);
    expect([8, 16, 32].map((bits) => priceOf(decrypt, changed(input, 97, Uint8Array.of(bits))))).toEqual([
      4_000, 10_000, 2_200_000,
    ]);
  });

  it('of malformed inputs are numbers, the lowest ones', () => {
    for (const input of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(9, 99)]) {
      expect(priceOf(encrypt, input)).toBe(8_000);
      expect(priceOf(compute, input)).toBe(2_000);
      expect(priceOf(decrypt, input)).toBe(4_000);
    }
  });
});

it('is what its rows say', () => {
  expect(
    [encrypt, decrypt, compute].map(({ address, name, opcode, secret }) => [address, name, opcode, secret]),
  ).toEqual([
    [0xe103n, 'HE_ENCRYPT', 0xe5, undefined],
    [0xe107n, 'HE_DECRYPT', 0xe6, true],
    [0xe108n, 'HE_COMPUTE', 0xe7, undefined],
  ]);
});
