import { slh_dsa_sha2_128f } from '@noble/post-quantum/slh-dsa.js';
import { describe, expect, it } from 'vitest';
import { slhDsaVerify } from '../../../precompiles/ext/e110-slh-dsa-verify.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { bytesFor } from './samples/post-quantum.ts';
import { forgeSlhDsa, SLH_DSA_SETS } from './samples/slh-dsa-forge.ts';

const rules = rulesOf(LATEST_FORK);
const YES = toBytes32(1n);
const NO = toBytes32(0n);
const run = (set: number, ...parts: Uint8Array[]): Uint8Array | null =>
  slhDsaVerify.run(concatBytes(Uint8Array.of(set), ...parts), nobleCrypto, rules);
const gas = (set: number, length: number): number =>
  slhDsaVerify.gas(concatBytes(Uint8Array.of(set), new Uint8Array(length)), rules);

/** Lengths of the signature (FIPS 205, table 2) and prices, by number. */
const FACTS: Readonly<Record<number, readonly [signature: number, gas: number]>> = {
  20: [7_856, 15_000],
  21: [17_088, 35_000],
  22: [16_224, 22_000],
  23: [35_664, 55_000],
  24: [29_792, 32_000],
  25: [49_856, 60_000],
  26: [7_856, 75_000],
  27: [17_088, 220_000],
  28: [16_224, 105_000],
  29: [35_664, 300_000],
  30: [29_792, 165_000],
  31: [49_856, 330_000],
};

it('has all twelve sets', () => {
  expect(SLH_DSA_SETS.map(({ id }) => id)).toEqual(Object.keys(FACTS).map(Number));
});

describe.each(SLH_DSA_SETS)('$name', (set) => {
  const [signatureLength, price] = FACTS[set.id]!;
  const { id, n, a, k, h, d } = set;
  const message = bytesFor(set.name, 45);
  const { publicKey, signature } = forgeSlhDsa(set, message, 1);

  it('accepts a signature of a second implementation, also of the empty message', () => {
    expect(publicKey).toHaveLength(2 * n);
    expect(signature).toHaveLength(signatureLength);
    expect(run(id, publicKey, signature, message)).toEqual(YES);
    const empty = forgeSlhDsa(set, new Uint8Array(0), 2);
    expect(run(id, empty.publicKey, empty.signature)).toEqual(YES);
    expect(run(id, empty.publicKey, empty.signature.subarray(1))).toEqual(NO);
    expect(run(id, empty.publicKey, empty.signature, Uint8Array.of(0))).toEqual(NO);
  });

  it('refuses another bit in every part', () => {
    const forsEnd = n + k * (a + 1) * n;
    const layer = 2 * n + 3 + h / d;
    const parts = {
      randomiser: 0,
      'secret of the first tree': n,
      'path of the first tree': 2 * n,
      'path of the last tree': forsEnd - 1,
      'first chain': forsEnd,
      'checksum of the first layer': forsEnd + (2 * n + 2) * n,
      'path of the first layer': forsEnd + (2 * n + 3) * n,
      'chain of the last layer': signatureLength - layer * n,
      'end of the path of the last layer': signatureLength - 1,
    };
    for (const [part, at] of Object.entries(parts)) {
      const other = signature.slice();
      other[at]! ^= 1;
      expect(run(id, publicKey, other, message), part).toEqual(NO);
    }
    for (const at of [0, n - 1, n, 2 * n - 1]) {
      const other = publicKey.slice();
      other[at]! ^= 0x80;
      expect(run(id, other, signature, message)).toEqual(NO);
    }
  });

  it('refuses what is one byte short or long, and every other set', () => {
    expect(run(id, publicKey, signature, message.subarray(0, -1))).toEqual(NO);
    expect(run(id, publicKey, signature, message, Uint8Array.of(0))).toEqual(NO);
    expect(run(id, publicKey, signature.subarray(0, -1))).toEqual(NO);
    expect(run(id, publicKey.subarray(0, -1))).toEqual(NO);
    expect(run(id)).toEqual(NO);
    for (const other of [0, 17, 19, 32, 255, id < 26 ? id + 6 : id - 6]) {
      expect(run(other, publicKey, signature, message)).toEqual(NO);
    }
  });

  it('has the empty context', () => {
    const other = forgeSlhDsa(set, message, 3, Uint8Array.of(7));
    expect(run(id, other.publicKey, other.signature, message)).toEqual(NO);
  });

  it('costs by set and words of the message', () => {
    const start = 2 * n + signatureLength;
    for (const [length, words] of [
      [0, 0],
      [1, 1],
      [32, 1],
      [33, 2],
      [6_400, 200],
    ] as const) {
      expect(gas(id, start + length)).toBe(price + 6 * words);
    }
    expect(gas(id, 0)).toBe(price);
    expect(gas(id, start - 1)).toBe(price);
  });
});

it('accepts what the library signs', () => {
  const { publicKey, secretKey } = slh_dsa_sha2_128f.keygen(bytesFor('slh', 48));
  const message = bytesFor('signed by the library', 33);
  const signature = slh_dsa_sha2_128f.sign(message, secretKey, { extraEntropy: false });
  expect(run(21, publicKey, signature, message)).toEqual(YES);
  expect(run(21, publicKey, signature, message.subarray(1))).toEqual(NO);
});

it('answers without a set, at the least price', () => {
  expect(slhDsaVerify.run(new Uint8Array(0), nobleCrypto, rules)).toEqual(NO);
  expect(slhDsaVerify.gas(new Uint8Array(0), rules)).toBe(15_000);
  for (const set of [0, 19, 32, 255]) {
    expect(run(set, bytesFor('x', 20_000))).toEqual(NO);
    expect(gas(set, 20_000)).toBe(15_000);
  }
});
