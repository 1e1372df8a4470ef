import { createCipheriv } from 'node:crypto';
import { falcon512 } from '@noble/post-quantum/falcon.js';
import { describe, expect, it } from 'vitest';
import { falconVerify } from '../../../precompiles/ext/e10f-falcon-verify.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { bytesToHexDigits, concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { encodeKey, encodeSignature, FALCON_BOUND, forgeFalcon, keyFor } from './samples/falcon-forge.ts';
import { bytesFor, falconInput } from './samples/post-quantum.ts';

const rules = rulesOf(LATEST_FORK);
const YES = toBytes32(1n);
const NO = toBytes32(0n);
const run = (input: Uint8Array): Uint8Array | null => falconVerify.run(input, nobleCrypto, rules);
const gas = (input: Uint8Array): number => falconVerify.gas(input, rules);

/** NIST's generator of known answers: AES-256 in counter mode (SP 800-90A) without derivation function. */
function nistRandom(entropy: Uint8Array): (length: number) => Uint8Array {
  let key = new Uint8Array(32);
  let counter = 0n;
  const blocks = (count: number): Uint8Array => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const list: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      counter = (counter + 1n) & ((1n << 128n) - 1n);
      list.push(new Uint8Array(cipher.update(toBytes32(counter).subarray(16))));
    }
    return concatBytes(...list);
  };
  const update = (provided: Uint8Array): void => {
    const state = blocks(3).map((byte, i) => byte ^ (provided[i] ?? 0));
    key = state.slice(0, 32);
    counter = BigInt(`0x${bytesToHexDigits(state.subarray(32))}`);
  };
  update(entropy);
  return (length) => {
    const output = blocks(Math.ceil(length / 16)).slice(0, length);
    update(new Uint8Array(48));
    return output;
  };
}

describe('the first known answer of the submission to NIST', () => {
  const outer = nistRandom(Uint8Array.from({ length: 48 }, (_, i) => i));
  const seed = outer(48);
  const message = outer(33);
  const random = nistRandom(seed);
  const { publicKey, secretKey } = falcon512.keygen(random(48));
  // The types leave out the option by which the library takes its random bytes.
  const signature = falcon512.sign(message, secretKey, { random } as object);

  it('is made here', () => {
    expect(bytesToHexDigits(seed)).toMatch(/^061550234d158c5e.*dbd2e1ffa1$/);
    expect(bytesToHexDigits(message)).toMatch(/^d81c4d8d734fcbfb.*57bb556ac8$/);
    expect(bytesToHexDigits(publicKey)).toMatch(
      /^096ba86cb658a8f445c9a5e4c28374be.*20525330599ab601d454688e294c8c3e$/,
    );
    expect(bytesToHexDigits(signature)).toMatch(
      /^3933b3c07507e4201748494d832b6ee2.*834b88222bd08c3abe124e80$/,
    );
  });

  it('is accepted', () => {
    expect(run(falconInput(9, publicKey, signature, message))).toEqual(YES);
    const padded = concatBytes(signature, new Uint8Array(666 - signature.length));
    expect(run(falconInput(9, publicKey, padded, message))).toEqual(YES);
  });
});

const DEGREES = [
  { log: 9, price: 5_000, key: 897, padded: 666, max: 752 },
  { log: 10, price: 7_500, key: 1_793, padded: 1_280, max: 1_462 },
] as const;

describe.each(DEGREES)('degree 2^$log', ({ log, price, key, padded, max }) => {
  const message = bytesFor('falcon', 40);
  const { publicKey, signature } = forgeFalcon(log, message, 1);
  const n = 2 ** log;
  const salt = bytesFor('salt', 40);
  const zeros = (): number[] => new Array<number>(n).fill(0);
  const verify = (own: Uint8Array, text: Uint8Array = message, pk: Uint8Array = publicKey) =>
    run(falconInput(log, pk, own, text));
  /** Verdict on (s1, s2) under the key that fits them. */
  const verdictOn = (s1: number[], s2: number[]) =>
    verify(encodeSignature(log, salt, s2), message, keyFor(log, salt, message, s1, s2)!);

  it('accepts a signature, also of the empty message', () => {
    expect(publicKey).toHaveLength(key);
    expect(verify(signature)).toEqual(YES);
    const empty = forgeFalcon(log, new Uint8Array(0), 2);
    expect(verify(empty.signature, new Uint8Array(0), empty.publicKey)).toEqual(YES);
  });

  it('accepts padding with zeros to the fixed length, and to no other', () => {
    expect(signature.length).toBeLessThan(padded);
    const pad = (length: number) => concatBytes(signature, new Uint8Array(length - signature.length));
    expect(verify(pad(padded))).toEqual(YES);
    for (const length of [signature.length + 1, padded - 1, padded + 1, max, max + 1]) {
      if (length !== padded) expect(verify(pad(length))).toEqual(NO);
    }
    const other = pad(padded);
    other[padded - 1] = 1;
    expect(verify(other)).toEqual(NO);
  });

  it('accepts what is as long as the bound, and nothing longer', () => {
    const s2 = Array.from({ length: n }, (_, i) => ((i * 37) % 201) - 100);
    const square = s2.reduce((sum, s) => sum + s * s, 0);
    /** Coefficients whose squares add up to a number. */
    const ofSquare = (total: number): number[] => {
      const s1 = zeros();
      for (let i = 0, left = total; left > 0; i++) {
        s1[i] = Math.min(4_000, Math.floor(Math.sqrt(left))) * (i % 2 === 0 ? 1 : -1);
        left -= s1[i]! ** 2;
      }
      return s1;
    };
    expect(verdictOn(ofSquare(FALCON_BOUND[log] - square), s2)).toEqual(YES);
    expect(verdictOn(ofSquare(FALCON_BOUND[log] - square + 1), s2)).toEqual(NO);
    // Squares that add up to more than 2^32 do not come round to a small number.
    const wide = zeros().map((_, i) => (i < 512 ? 6_000 : 0));
    expect(verdictOn(wide, s2)).toEqual(NO);
  });

  it('accepts coefficients of at most 2047', () => {
    const s2 = zeros();
    s2[0] = -2_047;
    expect(verdictOn(zeros(), s2)).toEqual(YES);
    s2[0] = 2_048;
    expect(verdictOn(zeros(), s2)).toEqual(NO);
  });

  it('refuses a negative zero', () => {
    const s2 = zeros();
    s2[5] = 1;
    const pk = keyFor(log, salt, message, zeros(), s2)!;
    const own = encodeSignature(log, salt, s2);
    expect(verify(own, message, pk)).toEqual(YES);
    own[41]! ^= 0x80;
    expect(verify(own, message, pk)).toEqual(NO);
  });

  it('refuses coefficients of the key from q on', () => {
    // s2 = 1 makes h = c - s1: a small h is a matter of choosing s1.
    const s2 = zeros();
    s2[0] = 1;
    const c = coefficients(keyFor(log, salt, message, zeros(), s2)!);
    const at = c.findIndex((value) => value < 2_000);
    expect(at).toBeGreaterThanOrEqual(0);
    const own = encodeSignature(log, salt, s2);
    expect(verify(own, message, encodeKey(log, c))).toEqual(YES);
    c[at]! += 12_289;
    expect(verify(own, message, encodeKey(log, c))).toEqual(NO);
  });

  it('refuses other headers of key and signature', () => {
    for (const header of [0x00, 0x20 + log, 0x29, 0x30, 0x30 + (19 - log), 0x50 + log, 0xff]) {
      const own = signature.slice();
      own[0] = header;
      expect(verify(own)).toEqual(NO);
    }
    const pk = publicKey.slice();
    pk[0] = 19 - log;
    expect(verify(signature, message, pk)).toEqual(NO);
  });

  it('refuses every wrong length', () => {
    const whole = falconInput(log, publicKey, signature, message);
    const lengthAt = 1 + key;
    const withLength = (length: number) => {
      const other = whole.slice();
      other[lengthAt] = length >> 8;
      other[lengthAt + 1] = length & 255;
      return other;
    };
    expect(run(withLength(signature.length))).toEqual(YES);
    for (const length of [
      0,
      1,
      40,
      41,
      signature.length - 1,
      signature.length + 1,
      padded,
      max,
      max + 1,
      65_535,
    ]) {
      expect(run(withLength(length))).toEqual(NO);
    }
    expect(run(whole.subarray(0, -1))).toEqual(NO);
    expect(run(concatBytes(whole, Uint8Array.of(0)))).toEqual(NO);
    for (const length of [0, 1, 2, key, lengthAt + 1, lengthAt + 2, whole.length - message.length - 1]) {
      expect(run(whole.subarray(0, length))).toEqual(NO);
    }
  });

  it('refuses another degree', () => {
    for (const other of [0, 8, 19 - log, 11, log + 128, 255]) {
      expect(run(falconInput(other, publicKey, signature, message))).toEqual(NO);
    }
  });

  it('costs by degree and words of the message', () => {
    for (const [length, words] of [
      [0, 0],
      [1, 1],
      [32, 1],
      [33, 2],
      [6_400, 200],
    ] as const) {
      expect(gas(falconInput(log, publicKey, signature, new Uint8Array(length)))).toBe(price + 6 * words);
    }
    expect(gas(Uint8Array.of(log))).toBe(price);
    expect(gas(concatBytes(Uint8Array.of(log), publicKey, Uint8Array.of(255, 255)))).toBe(price);
    for (const other of [[], [0], [8], [11], [255]]) expect(gas(Uint8Array.from(other))).toBe(5_000);
  });
});

/** The coefficients of an encoded key. */
function coefficients(publicKey: Uint8Array): number[] {
  const bits = Array.from(publicKey.subarray(1), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{14}/g) ?? []).map((digits) => Number.parseInt(digits, 2));
}
