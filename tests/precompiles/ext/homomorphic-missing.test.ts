/** Where the optional package node-seal is not installed, or not fit. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesToHexDigits } from '../../../src/primitives/bytes.ts';

beforeEach(() => vi.resetModules());

const load = () => import('../../../precompiles/ext/homomorphic.ts');

describe('without node-seal', () => {
  beforeEach(() => {
    vi.doMock('node-seal/allows_wasm_web_es.js', () => {
      throw new Error('Cannot find package');
    });
  });

  it('BFV says what to install', async () => {
    const { homomorphicWith, generateBfvKeys } = await load();
    const expected = { code: 'MISSING_PACKAGE', message: expect.stringContaining('npm install node-seal') };
    await expect(homomorphicWith({ keys: [] })).rejects.toMatchObject(expected);
    await expect(generateBfvKeys(new Uint8Array(32), 2)).rejects.toMatchObject(expected);
    await expect(homomorphicWith({ keys: [] })).rejects.toMatchObject(expected);
  });

  it('ElGamal works', async () => {
    const { homomorphic } = await load();
    const { elGamal } = await import('./samples/homomorphic.ts');
    expect(homomorphic.map(({ name }) => name)).toEqual(['HE_ENCRYPT', 'HE_DECRYPT', 'HE_COMPUTE']);
    expect(elGamal(5)).toHaveLength(64);
  });
});

type Call = (...given: unknown[]) => unknown;

/** node-seal as it is, but while it makes a context the platform's randomness is `source`. */
function mockSource(source: (view: Uint8Array) => Uint8Array): void {
  const around =
    (call: Call): Call =>
    (...given) => {
      const { getRandomValues } = crypto;
      crypto.getRandomValues = source as typeof getRandomValues;
      try {
        return call(...given);
      } finally {
        crypto.getRandomValues = getRandomValues;
      }
    };
  vi.doMock('node-seal/allows_wasm_web_es.js', async (original) => {
    const module = await original<{ default: () => Promise<Record<string, unknown>> }>();
    const start = async () => {
      const library = await module.default();
      const { Context, Modulus } = library as Record<string, Call>;
      const { BFVDefault } = library.CoeffModulus as Record<string, Call>;
      return {
        ...library,
        Context: around(Context!),
        Modulus: around(Modulus!),
        CoeffModulus: { BFVDefault: around(BFVDefault!) },
      };
    };
    return { default: start };
  });
}

it('BFV starts, and makes the same keys, where the platform has no randomness', async () => {
  vi.doUnmock('node-seal/allows_wasm_web_es.js');
  const { getRandomValues } = crypto;
  const { random } = Math;
  crypto.getRandomValues = Math.random = (): never => {
    throw new Error('randomness');
  };
  try {
    const { generateBfvKeys, bfvKeyName, homomorphicWith } = await load();
    const { secretKey } = await generateBfvKeys(new Uint8Array(32).fill(2), 2);
    expect(bytesToHexDigits(bfvKeyName(secretKey))).toBe(
      'de217ee0c04139003ba2cbd88e5c63537c19faf13ddb3f80f804d8b89aaaac07',
    );
    expect(await homomorphicWith({ keys: [secretKey] })).toHaveLength(3);
  } finally {
    crypto.getRandomValues = getRandomValues;
    Math.random = random;
  }
});

describe('with a node-seal that is not fit', () => {
  it('BFV does not start on randomness from elsewhere', async () => {
    const own = crypto.getRandomValues.bind(crypto);
    mockSource((view) => own(view));
    const { homomorphicWith } = await load();
    const message = expect.stringContaining('randomness');
    await expect(homomorphicWith({ keys: [] })).rejects.toMatchObject({ code: 'INVALID_STATE', message });
  });

  it('BFV reports a failure of the library as an error', async () => {
    // Its test of primes fails with a bare number where its bases are always zero.
    mockSource((view) => view.fill(0));
    const { homomorphicWith } = await load();
    const error = await homomorphicWith({ keys: [] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'INVALID_STATE', message: expect.stringContaining('node-seal') });
  });
});
