/** BFV as a host has it: its keys, its randomness and its memory. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BfvKeys,
  type BfvScheme,
  bfvKeyName,
  generateBfvKeys,
  homomorphicWith,
} from '../../../precompiles/ext/homomorphic.ts';
import { changed, encrypted as encryptedBy, expectSame, hashOf, LENGTH, T } from './homomorphic-support.ts';
import {
  answer,
  type BfvSetup,
  decryptInput,
  encryptInput,
  join,
  multiplyInput,
  plaintext,
  run,
  seed,
  setUpBfv,
} from './samples/homomorphic.ts';

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
interface Wasm {
  Memory: new (options: { initial: number }) => WasmMemory;
  instantiate(...given: unknown[]): Promise<{ instance: { exports: Record<string, unknown> } }>;
}

// Watched, because nothing else shows what the library keeps.
let memory: WasmMemory | undefined;
const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
const { instantiate } = wasm;
wasm.instantiate = async (...given) => {
  const result = await instantiate(...given);
  for (const value of Object.values(result.instance.exports)) {
    if (value instanceof wasm.Memory) memory = value;
  }
  return result;
};

let setup: BfvSetup;
beforeAll(async () => {
  setup = await setUpBfv();
});

const encrypted = (scheme: BfvScheme, coefficients: readonly number[], byte = 1): Uint8Array =>
  encryptedBy(setup, scheme, coefficients, byte);
const compute = (input: Uint8Array): Uint8Array => answer(setup.compute, input);

describe('determinism', () => {
  // Of Microsoft SEAL 4.1 as node-seal 6.0.3 and 5.1.7 have it, alike.
  it.each([
    [
      2,
      {
        publicKey: 'f1b5dcc21f27fa9eeebd82325aaebc41ddb2df74958a5be3f5ae87758f27b5a0',
        relinKeys: 'ab3951547d9e33d75edbb58815330d56c46d5b593d2ec0062d09172fe4ece69b',
        secretKey: 'de217ee0c04139003ba2cbd88e5c63537c19faf13ddb3f80f804d8b89aaaac07',
        ciphertext: '949ebb2e7b8fbb26e851ab1206ebc4b45588900adc78f1f606a21d504e49e376',
        product: '071c4cadb3b9410f0454913e4a69d48d31979cc94506f3424b85ced65af34a1d',
      },
    ],
    [
      3,
      {
        publicKey: '44be4723733eff4e13b55f53944a0cd66b7b60d773ead380a71f19fbf1a202c0',
        relinKeys: '5f78916fabb0de23c30e93a9d43d96f88dd5132f68e4951a84bddb0c53f0e067',
        secretKey: '51db62aa878628f7f78aa9202ae87ce42d9d7113b81fe56119f3de05193763fa',
        ciphertext: '5aa3a5ef9b5fcdb14811577220a979ed4b7f09779a601755c0aa0334a8fb01e4',
        product: 'a2804d3711803fc667da15a440ae820d77c3b872c1c69885dd973698564f16ac',
      },
    ],
  ] as const)('has the same bytes everywhere for scheme %d', (scheme, pinned) => {
    const { publicKey, relinKeys, secretKey } = setup.keys[scheme];
    const ciphertext = encrypted(scheme, [7, 1]);
    const result = compute(multiplyInput(setup, scheme, ciphertext, ciphertext));
    expect({
      publicKey: hashOf(publicKey),
      relinKeys: hashOf(relinKeys),
      secretKey: hashOf(secretKey),
      ciphertext: hashOf(ciphertext),
      product: hashOf(result),
    }).toEqual(pinned);
  });

  it('draws nothing from the platform, and leaves it as it was', async () => {
    const throws = (): never => {
      throw new Error('randomness');
    };
    const before = encrypted(2, [7, 1]);
    const { random } = Math;
    const own = Object.getOwnPropertyDescriptor(crypto, 'getRandomValues');
    crypto.getRandomValues = throws;
    Math.random = throws;
    try {
      expectSame(encrypted(2, [7, 1]), before);
      expect(compute(multiplyInput(setup, 2, before, before))).toHaveLength(LENGTH[2]);
      const again = await generateBfvKeys(seed(2), 2);
      for (const [name, key] of Object.entries(setup.keys[2])) expectSame(again[name as keyof BfvKeys], key);
      expect(crypto.getRandomValues).toBe(throws);
    } finally {
      Math.random = random;
      if (own === undefined) delete (crypto as { getRandomValues?: unknown }).getRandomValues;
      else Object.defineProperty(crypto, 'getRandomValues', own);
    }
    encrypted(2, [7, 1]);
    expect(Object.getOwnPropertyDescriptor(crypto, 'getRandomValues')).toEqual(own);
    expect(crypto.getRandomValues(new Uint8Array(32))).not.toEqual(
      crypto.getRandomValues(new Uint8Array(32)),
    );
  });

  it('takes its randomness from the seed, the key and the plaintext', async () => {
    const keys = await generateBfvKeys(seed(8), 2);
    const [encrypt] = await homomorphicWith({ keys: [keys.publicKey, setup.keys[2].publicKey] });
    const name = bfvKeyName(keys.publicKey);
    const all = [
      encrypted(2, [7]),
      encrypted(2, [7], 2),
      encrypted(2, [8]),
      encrypted(2, [7, 0]),
      answer(encrypt!, join(2, seed(1), name, plaintext([7]))),
    ];
    // Equal randomness would give equal second halves for different plaintexts.
    const halves = all.map((ciphertext) => hashOf(ciphertext.subarray(2 + 4096 * 2 * 5)));
    expect(new Set(halves).size).toBe(all.length);
    expect(hashOf(keys.secretKey)).not.toBe(hashOf(setup.keys[2].secretKey));
  });

  it('does not depend on where the input lies, and does not touch it', () => {
    const input = encryptInput(setup, 2, [7, 1]);
    const around = new Uint8Array(input.length + 7).fill(0xa5);
    around.set(input, 3);
    const expected = encrypted(2, [7, 1]);
    expectSame(answer(setup.encrypt, around.subarray(3, 3 + input.length)), expected);
    expect(around.subarray(3, 3 + input.length)).toEqual(input);
    const output = answer(setup.encrypt, input);
    input.fill(0);
    expectSame(output, expected);
  });
});

it('does not grow in two thousand operations, refused ones among them', () => {
  const a = encrypted(2, [7, 1]);
  const calls = [
    [setup.encrypt, encryptInput(setup, 2, [7, 1])],
    [setup.compute, join(2, 1, a, a)],
    [setup.compute, join(2, 2, a, a)],
    [setup.compute, join(2, 3, a, plaintext([1]))],
    [setup.compute, join(2, 4, a, plaintext([]))],
    [setup.compute, multiplyInput(setup, 2, a, a)],
    [setup.decrypt, decryptInput(setup, 2, a)],
    [setup.decrypt, decryptInput(setup, 2, changed(a, 2, 0xff, 0xff, 0xff, 0xff, 0xff))],
    [setup.compute, multiplyInput(setup, 2, a, changed(a, a.length - 5, 0xff, 0xff, 0xff, 0xff, 0xff))],
    [setup.encrypt, encryptInput(setup, 2, [T])],
  ] as const;
  for (const [row, input] of calls) run(row, input);
  expect(memory).toBeDefined();
  const size = memory!.buffer.byteLength;
  for (let i = 0; i < 200; i++) for (const [row, input] of calls) run(row, input);
  expect(memory!.buffer.byteLength).toBe(size);
  expect(size).toBeLessThan(96 * 2 ** 20);
});

describe('keys', () => {
  it('are refused, by number, when they are none', async () => {
    const { publicKey, relinKeys, secretKey } = setup.keys[2];
    const size = memory!.buffer.byteLength;
    for (const bad of [
      new Uint8Array(0),
      Uint8Array.of(2),
      Uint8Array.of(2, 2),
      publicKey.subarray(0, publicKey.length - 1),
      join(publicKey, 0),
      join(relinKeys, 0),
      secretKey.subarray(0, secretKey.length - 1),
      changed(publicKey, 0, 3),
      changed(publicKey, 0, 1),
      changed(publicKey, 0, 0),
      changed(publicKey, 1, 3),
      changed(publicKey, 1, 4),
      changed(publicKey, 2, 0xff, 0xff, 0xff, 0xff, 0xff),
      changed(relinKeys, relinKeys.length - 5, 0xff, 0xff, 0xff, 0xff, 0xff),
      changed(secretKey, 2, 0xff, 0xff, 0xff, 0xff, 0xff),
      encrypted(2, [7]),
      new Uint8Array(2_000).fill(0xff),
    ]) {
      const error = await homomorphicWith({ keys: [publicKey, bad] }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('keys[1]') });
    }
    expect(memory!.buffer.byteLength).toBe(size);
  });

  it('are known to those alone that were given them', async () => {
    const [encrypt, decrypt, calculate] = await homomorphicWith({ keys: [] });
    const a = encrypted(2, [7]);
    expect(run(encrypt!, encryptInput(setup, 2, [7]))).toBeNull();
    expect(run(decrypt!, decryptInput(setup, 2, a))).toBeNull();
    expect(run(calculate!, multiplyInput(setup, 2, a, a))).toBeNull();
    expectSame(answer(calculate!, join(2, 1, a, a)), compute(join(2, 1, a, a)));
  });

  it('are named by their bytes', () => {
    expect(bfvKeyName(setup.keys[2].publicKey)).toEqual(keccak_256(setup.keys[2].publicKey));
  });

  it('are made of 32 bytes and a known scheme', async () => {
    await expect(generateBfvKeys(new Uint8Array(31), 2)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(generateBfvKeys(seed(1), 1 as 2)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(generateBfvKeys('00' as never, 2)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
