/**
 * The fast cryptography against the default one: every precompile on valid, mutated and hostile input. The examples of
 * the EIPs run with both as well, see `outcome`.
 */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { p256 } from '@noble/curves/nist.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { standardSamples } from '../../bench/gas/standard.ts';
import { fastCrypto } from '../../precompiles/fast/index.ts';
import { nobleCrypto, PRECOMPILES } from '../../precompiles/index.ts';
import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { Random } from '../helpers/random.ts';
import { be, join, OSAKA, outcome, TRUE } from './support.ts';

/** More of them find no more; ten times as many were run once. */
const ROUNDS = 24;

const fast = await fastCrypto();

const SECP_P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const SECP_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const SECP_G = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
const BN_P = bn254.fields.Fp.ORDER;
const BN_N = bn254.fields.Fr.ORDER;
const BLS_P = bls12_381.fields.Fp.ORDER;
const BLS_R = bls12_381.fields.Fr.ORDER;
const MAX = (1n << 256n) - 1n;

const number = (random: Random, length = 32): bigint => bytesToBigInt(random.bytes(length));

describe('every precompile', () => {
  it('has samples', () => {
    expect(new Set(standardSamples().map(({ row }) => row.name)).size).toBe(PRECOMPILES.length);
  });

  const small = standardSamples().filter(({ input }) => input.length < 2_000);

  it.each(PRECOMPILES.map((row) => ({ name: row.name, row })))(
    '$name on valid and mutated input',
    ({ row }) => {
      const random = new Random(Number(row.address));
      const rounds = row.name === 'MODEXP' ? 1 : ROUNDS / 8;
      for (const { input } of small.filter((sample) => sample.row === row)) {
        expect(outcome(row.address, input)).not.toBe('failure');
        for (let i = 0; i < rounds; i++) {
          const flipped = input.slice();
          if (input.length > 0 && row.name !== 'MODEXP')
            flipped[random.below(input.length)]! ^= 1 << random.below(8);
          outcome(row.address, flipped);
          outcome(row.address, input.subarray(0, random.below(input.length + 1)));
          outcome(row.address, join(input, random.bytes(random.below(40))));
        }
      }
    },
  );

  const edges = [0n, 1n, 2n, 27n, 28n, MAX, BN_P - 1n, BN_P, BN_N, SECP_P, SECP_N, BLS_R, BLS_P >> 256n].map(
    (word) => be(word),
  );

  it.each(PRECOMPILES.filter(({ name }) => !['MODEXP', 'BLAKE2F'].includes(name)))(
    '$name on hostile words',
    (row) => {
      const random = new Random(Number(row.address) + 1_000);
      const lengths = [64, 96, 128, 160, 192, 256, 288, 384, 512];
      for (let i = 0; i < ROUNDS; i++) {
        const words = Array.from({ length: random.pick(lengths) / 32 }, () =>
          random.below(5) === 0 ? random.bytes(32) : random.pick(edges),
        );
        outcome(row.address, join(...words));
      }
    },
  );
});

describe('recovery', () => {
  const call = (hash: bigint, v: number, r: bigint, s: bigint): string =>
    outcome(1n, join(be(hash), be(v), be(r), be(s)));

  it('of random numbers, of which half are the x of a point', () => {
    const random = new Random(1);
    let found = 0;
    for (let i = 0; i < 4 * ROUNDS; i++) {
      if (call(number(random), 27 + random.below(2), number(random), number(random)) !== '0x') found++;
    }
    expect(found).toBeGreaterThan(ROUNDS);
    expect(found).toBeLessThan(3 * ROUNDS);
  });

  it('of special numbers', () => {
    const special = [
      0n,
      1n,
      2n,
      3n,
      5n,
      SECP_N >> 1n,
      (SECP_N >> 1n) + 1n,
      SECP_N - 1n,
      SECP_N,
      SECP_G,
      SECP_P - 1n,
      MAX,
    ];
    // Above the field less the order, r + n is no coordinate; below, it is one that only another v would mean.
    const overflow = [SECP_P - SECP_N, SECP_P - SECP_N - 1n];
    for (const r of [...special, ...overflow]) {
      for (const s of special) {
        call(r ^ s, 27, r, s);
        call(s, 28, r, s);
      }
    }
  });

  it('of points that collide with the tables of the generator', () => {
    // R = G: hash and s choose how often it is added to itself or its opposite.
    for (const [hash, s] of [
      [1n, 1n],
      [1n, 2n],
      [2n, 1n],
      [SECP_N, 1n],
      [0n, 7n],
      [SECP_N - 1n, 1n],
      [SECP_N + 1n, 1n],
    ]) {
      call(hash!, 27, SECP_G, s!);
      call(hash!, 28, SECP_G, s!);
    }
    expect(call(77n, 27, SECP_G, 77n)).toBe('0x');
  });

  it('refuses numbers that no precompile passes on', () => {
    const hash = be(1);
    for (const bad of [-1n, 0n, SECP_N, 1n << 256n, (1n << 300n) + 1n]) {
      expect(fast.recoverAddress(hash, 0, bad, 1n)).toBeNull();
      expect(fast.recoverAddress(hash, 0, SECP_G, bad)).toBeNull();
      expect(fast.p256Verify(hash, bad, 1n, 1n, 1n)).toBe(false);
    }
  });

  it('finds who signed', () => {
    const random = new Random(2);
    for (let i = 0; i < ROUNDS; i++) {
      const [hash, key] = [random.bytes(32), random.bytes(32)];
      const { r, s, yParity } = nobleCrypto.sign(hash, key);
      expect(fast.recoverAddress(hash, yParity, r, s)).toBe(nobleCrypto.secretToAddress(key));
      const flipped = yParity === 0 ? 1 : 0;
      expect(fast.recoverAddress(hash, flipped, r, SECP_N - s)).toBe(nobleCrypto.secretToAddress(key));
    }
  });
});

describe('P-256', () => {
  it('verifies signatures, also with keys that collide with the tables of the generator', () => {
    const random = new Random(3);
    const keys = [1n, 2n, 3n, p256.Point.Fn.ORDER - 1n, p256.Point.Fn.ORDER - 2n].map((key) => be(key));
    for (let i = 0; i < ROUNDS; i++) {
      const key = keys[i] ?? random.bytes(32);
      const hash = i % 3 === 0 ? be(i) : random.bytes(32);
      const signature = p256.sign(hash, key, { prehash: false, lowS: false, format: 'compact' });
      const input = join(hash, signature, p256.getPublicKey(key, false).subarray(1));
      expect(outcome(0x100n, input)).toBe(TRUE);
      input[random.below(160)]! ^= 1 << random.below(8);
      expect(outcome(0x100n, input)).toBe('0x');
    }
  });
});

describe('the package', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => vi.doUnmock('mcl-wasm/dist/mcl_c.js'));
  const load = async () => (await import('../../precompiles/fast/index.ts')).fastCrypto();

  it('is named where it is missing', async () => {
    vi.doMock('mcl-wasm/dist/mcl_c.js', () => {
      throw new Error('Cannot find package');
    });
    const message = expect.stringContaining('npm install mcl-wasm');
    await expect(load()).rejects.toMatchObject({ code: 'MISSING_PACKAGE', message });
  });

  it.each([
    ['has another interface', async () => ({})],
    ['was built for other sizes', async () => ({ _mclBn_init: () => -1 })],
  ])('is refused where it %s', async (_what, createModule) => {
    vi.doMock('mcl-wasm/dist/mcl_c.js', () => ({ default: createModule }));
    const message = expect.stringContaining('mcl-wasm');
    await expect(load()).rejects.toMatchObject({ code: 'INVALID_STATE', message });
  });

  it('leaves its own door alone', async () => {
    const mcl = await import('mcl-wasm');
    await mcl.init(mcl.BN254);
    await load();
    expect(mcl.curveType).toBe(mcl.BN254);
  });

  it('makes only those curves fast that are asked for', async () => {
    const some = await fastCrypto(['secp256k1']);
    expect(some.recoverAddress).toBe(fast.recoverAddress);
    expect({ ...some, recoverAddress: null }).toEqual({ ...nobleCrypto, recoverAddress: null });
    expect(await fastCrypto([])).toEqual(nobleCrypto);
    expect(Object.keys(fast).sort()).toEqual(Object.keys(nobleCrypto).sort());
  });

  it('gets no more memory than at the start, for views of it would be lost', async () => {
    const memories: { readonly buffer: ArrayBuffer }[] = [];
    vi.doMock('mcl-wasm/dist/mcl_c.js', async (original) => {
      const { default: createModule } = await original<{ default: (options: object) => Promise<Instance> }>();
      return {
        default: async (options: object) => {
          const instance = await createModule(options);
          memories.push(instance.wasmMemory);
          return instance;
        },
      };
    });
    const fresh = await import('../../precompiles/fast/index.ts');
    // One by one: of imports at the same time only the first gets the mock.
    for (const curve of ['secp256k1', 'p256', 'bn254', 'bls12'] as const) await fresh.fastCrypto([curve]);
    const crypto = await fresh.fastCrypto();
    const buffers = memories.map(({ buffer }) => buffer);
    expect(buffers).toHaveLength(4);
    for (const { row, input } of standardSamples()) {
      if (row.name !== 'MODEXP') expect(row.run(input, crypto, OSAKA)).not.toBeNull();
    }
    // Memory that has grown leaves an old buffer of no length.
    for (const buffer of buffers) expect(buffer.byteLength).toBeGreaterThan(0);
  });
});

interface Instance {
  readonly wasmMemory: { readonly buffer: ArrayBuffer };
}
