/** VRF_VERIFY against the examples of RFC 9381, against a verifier on another curve library, and by what it refuses. */

import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vrfVerify } from '../../../precompiles/ext/e112-vrf-verify.ts';
import { verifyVrf } from '../../../precompiles/ext/lib/ecvrf.ts';
import { proveVrf, vrfPublicKey } from '../../../precompiles/ext/lib/ecvrf-prove.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import {
  bytesToBigInt,
  bytesToHexDigits,
  concatBytes,
  hexToBytes,
  toBytes32,
} from '../../../src/primitives/bytes.ts';
import { OSAKA } from '../support.ts';
import { vrfInput } from './samples/research.ts';

const { Point } = p256;
const ORDER = Point.Fn.ORDER;
const FIELD = Point.Fp.ORDER;
const NO = new Uint8Array(64);
const of = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

const run = (input: Uint8Array): Uint8Array => vrfVerify.run(input, nobleCrypto, OSAKA)!;
const yes = (beta: Uint8Array): Uint8Array => concatBytes(toBytes32(1n), beta);

const put = (input: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array => {
  const changed = input.slice();
  changed.set(bytes, offset);
  return changed;
};

/** RFC 9381, appendix B.1, examples 10 to 12. */
const EXAMPLES = [
  {
    number: 10,
    secretKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    publicKey: '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
    alpha: 'sample',
    proof:
      '035b5c726e8c0e2c488a107c600578ee75cb702343c153cb1eb8dec77f4b5071b4a53f0a46f018bc2c56e58d383f2305e0' +
      '975972c26feea0eb122fe7893c15af376b33edf7de17c6ea056d4d82de6bc02f',
    beta: 'a3ad7b0ef73d8fc6655053ea22f9bede8c743f08bbed3d38821f0e16474b505e',
  },
  {
    number: 11,
    secretKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    publicKey: '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
    alpha: 'test',
    proof:
      '034dac60aba508ba0c01aa9be80377ebd7562c4a52d74722e0abae7dc3080ddb56c19e067b15a8a8174905b13617804534' +
      '214f935b94c2287f797e393eb0816969d864f37625b443f30f1a5a33f2b3c854',
    beta: 'a284f94ceec2ff4b3794629da7cbafa49121972671b466cab4ce170aa365f26d',
  },
  {
    number: 12,
    secretKey: '2ca1411a41b17b24cc8c3b089cfd033f1920202a6c0de8abb97df1498d50d2c8',
    publicKey: '03596375e6ce57e0f20294fc46bdfcfd19a39f8161b58695b3ec5b3d16427c274d',
    alpha: 'Example using ECDSA key from Appendix L.4.2 of ANSI.X9-62-2005',
    proof:
      '03d03398bf53aa23831d7d1b2937e005fb0062cbefa06796579f2a1fc7e7b8c667d091c00b0f5c3619d10ecea44363b5a5' +
      '99cadc5b2957e223fec62e81f7b4825fc799a771a3d7334b9186bdbee87316b1',
    beta: '90871e06da5caa39a3c61578ebb844de8635e27ac0b13e829997d0d95dd98c19',
  },
].map(({ number, alpha, ...hex }) => ({
  number,
  alpha: new TextEncoder().encode(alpha),
  secretKey: hexToBytes(hex.secretKey),
  publicKey: hexToBytes(hex.publicKey),
  proof: hexToBytes(hex.proof),
  beta: hexToBytes(hex.beta),
}));
const [EXAMPLE] = EXAMPLES as [(typeof EXAMPLES)[0]];

/** SEC 1 bytes of a point, also of infinity. */
const bytesOf = (point: InstanceType<typeof Point>): Uint8Array =>
  point.is0() ? of(0) : point.toBytes(true);

/** The point that a message stands for, try by try, each hash from its start. */
function messagePoint(publicKey: Uint8Array, alpha: Uint8Array): InstanceType<typeof Point> {
  for (let counter = 0; ; counter++) {
    const hash = sha256(concatBytes(of(1, 1), publicKey, alpha, of(counter, 0)));
    try {
      return Point.fromBytes(concatBytes(of(2), hash));
    } catch {}
  }
}

interface Making {
  readonly key: bigint;
  /** Secret that gamma is made with, by an honest prover the key. */
  readonly gammaKey?: bigint;
  /** Secret that s is made with. */
  readonly responseKey?: bigint;
  readonly nonce: bigint;
  readonly alpha: Uint8Array;
}

/** The input of a prover who chooses the nonce and may cheat. */
function made({ key, gammaKey = key, responseKey = key, nonce, alpha }: Making): Uint8Array {
  const publicKey = Point.BASE.multiply(key).toBytes(true);
  const h = messagePoint(publicKey, alpha);
  const gamma = bytesOf(h.multiply(gammaKey));
  const points = [publicKey, bytesOf(h), gamma];
  for (const base of [Point.BASE, h]) points.push(bytesOf(base.multiplyUnsafe(nonce)));
  const challenge = sha256(concatBytes(of(1, 2), ...points, of(0))).subarray(0, 16);
  const s = (nonce + bytesToBigInt(challenge) * responseKey) % ORDER;
  return concatBytes(publicKey, gamma, challenge, toBytes32(s), alpha);
}

describe('the examples of RFC 9381', () => {
  it.each(EXAMPLES)('$number is valid', ({ publicKey, proof, alpha, beta }) => {
    expect(run(concatBytes(publicKey, proof, alpha))).toEqual(yes(beta));
  });

  it.each(EXAMPLES)('$number is what the prover makes', ({ secretKey, publicKey, proof, alpha }) => {
    expect(vrfPublicKey(secretKey)).toEqual(publicKey);
    expect(proveVrf(secretKey, alpha)).toEqual(proof);
  });

  it('are not valid for one another', () => {
    for (const { publicKey, alpha } of EXAMPLES) {
      for (const { proof, beta } of EXAMPLES) {
        const own = EXAMPLES.find((example) => example.alpha === alpha)!;
        const expected = own.proof === proof ? yes(beta) : NO;
        expect(run(concatBytes(publicKey, proof, alpha))).toEqual(expected);
      }
    }
  });
});

describe('proofs of any message', () => {
  const key = fc.bigInt({ min: 1n, max: ORDER - 1n });

  it('are valid, and their output is the hash of key times point', () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 300 }), (secret, alpha) => {
        const publicKey = Point.BASE.multiply(secret).toBytes(true);
        const gamma = messagePoint(publicKey, alpha).multiply(secret).toBytes(true);
        expect(run(vrfInput(toBytes32(secret), alpha))).toEqual(
          yes(sha256(concatBytes(of(1, 3), gamma, of(0)))),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('with another nonce are valid, with the same output', () => {
    fc.assert(
      fc.property(key, key, fc.uint8Array({ maxLength: 40 }), (secret, nonce, alpha) => {
        const input = made({ key: secret, nonce, alpha });
        const usual = vrfInput(toBytes32(secret), alpha);
        expect(bytesToHexDigits(input)).not.toBe(bytesToHexDigits(usual));
        expect(run(input)).toEqual(run(usual));
        expect(run(input)[31]).toBe(1);
      }),
      { numRuns: 10 },
    );
  });

  it('with the nonce 0 are valid too: infinity is one byte', () => {
    const input = made({ key: 7n, nonce: 0n, alpha: of(1, 2, 3) });
    expect(run(input)[31]).toBe(1);
    expect(run(input)).toEqual(run(vrfInput(toBytes32(7n), of(1, 2, 3))));
  });

  it('that take eleven tries are valid', () => {
    const alpha = new TextEncoder().encode('alpha251');
    const publicKey = vrfPublicKey(toBytes32(12_345n))!;
    const onCurve = Array.from({ length: 11 }, (_, counter) => {
      const x = bytesToBigInt(sha256(concatBytes(of(1, 1), publicKey, alpha, of(counter, 0))));
      const square = Point.Fp.create(x ** 3n - 3n * x + Point.CURVE().b);
      return Point.Fp.pow(square, (FIELD - 1n) / 2n) === 1n;
    });
    expect(onCurve.indexOf(true)).toBe(10);
    expect(run(vrfInput(toBytes32(12_345n), alpha))[31]).toBe(1);
  });

  it('leave the input alone, and give fresh bytes', () => {
    const memory = concatBytes(new Uint8Array(7), vrfInput(toBytes32(9n), of(1)), new Uint8Array(9));
    const before = memory.slice();
    const output = run(memory.subarray(7, memory.length - 9));
    expect(output[31]).toBe(1);
    expect(output.buffer).not.toBe(memory.buffer);
    expect(memory).toEqual(before);
  });
});

describe('it answers 0 to', () => {
  const { publicKey, proof, alpha } = EXAMPLE;
  const valid = concatBytes(publicKey, proof, alpha);
  const changed = (offset: number, bytes: Uint8Array): Uint8Array => put(valid, offset, bytes);

  it('a cheat whose output is not of the key', () => {
    // The first equation holds, the second does not.
    expect(run(made({ key: 5n, nonce: 11n, alpha }))[31]).toBe(1);
    expect(run(made({ key: 5n, gammaKey: 6n, nonce: 11n, alpha }))).toEqual(NO);
  });

  it('a cheat who does not know the key', () => {
    // The second equation holds, the first does not.
    expect(run(made({ key: 5n, gammaKey: 6n, responseKey: 6n, nonce: 11n, alpha }))).toEqual(NO);
  });

  it.each([0, 1, 33, 113])('%d bytes', (length) => {
    expect(run(valid.subarray(0, length))).toEqual(NO);
  });

  it('a message one byte short or long', () => {
    expect(run(valid)[31]).toBe(1);
    expect(run(valid.subarray(0, valid.length - 1))).toEqual(NO);
    expect(run(concatBytes(valid, of(0)))).toEqual(NO);
  });

  it('a changed bit of any byte', () => {
    for (let at = 0; at < valid.length; at++) {
      expect(run(changed(at, of(valid[at]! ^ (1 << (at % 8)))))).toEqual(NO);
    }
  });

  it.each([0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0xff])('a key or point with prefix %d', (prefix) => {
    expect(run(changed(0, of(prefix)))).toEqual(NO);
    expect(run(changed(33, of(prefix)))).toEqual(NO);
  });

  it.each([
    ['of no point', 1n],
    ['of the modulus', FIELD],
    ['above the modulus', FIELD + 5n],
    ['of all ones', 2n ** 256n - 1n],
  ])('a coordinate %s', (_, x) => {
    expect(run(changed(1, toBytes32(x)))).toEqual(NO);
    expect(run(changed(34, toBytes32(x)))).toEqual(NO);
  });

  it('a number s above the order, though it is valid below', () => {
    // With the secret key 1 and the nonce 0, s is the challenge: short enough to add the order.
    const input = made({ key: 1n, nonce: 0n, alpha });
    const s = bytesToBigInt(input.subarray(82, 114));
    expect(s).toBe(bytesToBigInt(input.subarray(66, 82)));
    expect(run(input)[31]).toBe(1);
    expect(run(put(input, 82, toBytes32(s + ORDER)))).toEqual(NO);
  });

  it.each([0n, ORDER, 2n ** 256n - 1n])('the number %d as s', (s) => {
    expect(run(changed(82, toBytes32(s)))).toEqual(NO);
  });
});

describe('the library', () => {
  const { secretKey, publicKey, proof, alpha, beta } = EXAMPLE;

  it('gives the output of a valid proof, and takes exact lengths only', () => {
    expect(verifyVrf(publicKey, proof, alpha)).toEqual(beta);
    expect(verifyVrf(publicKey.subarray(1), proof, alpha)).toBeNull();
    expect(verifyVrf(concatBytes(publicKey, of(0)), proof, alpha)).toBeNull();
    expect(verifyVrf(publicKey, proof.subarray(0, 80), alpha)).toBeNull();
    expect(verifyVrf(publicKey, concatBytes(proof, of(0)), alpha)).toBeNull();
  });

  it('proves with secret keys in range only', () => {
    for (const bad of [
      toBytes32(0n),
      toBytes32(ORDER),
      secretKey.subarray(1),
      concatBytes(of(0), secretKey),
    ]) {
      expect(proveVrf(bad, alpha)).toBeNull();
      expect(vrfPublicKey(bad)).toBeNull();
    }
    expect(proveVrf(toBytes32(ORDER - 1n), alpha)).toHaveLength(81);
  });
});

describe('the price', () => {
  it.each([
    [0, 20_000],
    [114, 20_000],
    [115, 20_006],
    [146, 20_006],
    [147, 20_012],
    [114 + 3_200, 20_600],
  ])('of %d bytes is %d', (length, price) => {
    expect(vrfVerify.gas(new Uint8Array(length), OSAKA)).toBe(price);
  });
});
