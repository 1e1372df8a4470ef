/** Every precompile against the one of another implementation, on random valid and nearly valid input. */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM, getActivePrecompiles } from '@ethereumjs/evm';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/index.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { be, fp, join, precompileAt } from './support.ts';

const PAIRS = [
  ['Byzantium', Hardfork.Byzantium],
  ['Istanbul', Hardfork.Istanbul],
  ['Berlin', Hardfork.Berlin],
  ['Osaka', Hardfork.Osaka],
] as const;

const GAS_LIMIT = 1n << 40n;

interface Result {
  readonly gas: number | undefined;
  readonly output: string;
}

const references = new Map<string, { readonly evm: EVM; readonly common: Common }>();

beforeAll(async () => {
  for (const [fork, hardfork] of PAIRS) {
    const common = new Common({ chain: Mainnet, hardfork });
    references.set(fork, { common, evm: await createEVM({ common }) });
  }
});

/** Result of the other implementation; the gas of a failure is all of it and says nothing. */
async function reference(fork: string, address: bigint, data: Uint8Array): Promise<Result> {
  const { evm, common } = references.get(fork)!;
  const call = getActivePrecompiles(common).get(address.toString(16).padStart(40, '0'))!;
  const result = await call({ data, gasLimit: GAS_LIMIT, common, _EVM: evm });
  if (result.exceptionError !== undefined) return { gas: undefined, output: 'failure' };
  return { gas: Number(result.executionGasUsed), output: bytesToHex(result.returnValue) };
}

function ours(fork: (typeof PAIRS)[number][0], address: bigint, data: Uint8Array): Result {
  const rules = rulesOf(fork);
  const precompile = precompileAt(address, rules);
  const output = precompile.run(data, nobleCrypto, rules);
  if (output === null) return { gas: undefined, output: 'failure' };
  return { gas: precompile.gas(data, rules), output: bytesToHex(output) };
}

/** Flips a bit of the input in a fifth of the cases, cuts or extends it in another. */
const spoil = (input: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(input, fc.nat(4), fc.nat(), fc.nat(7)).map(([bytes, way, at, bit]) => {
    const copy = bytes.slice();
    if (way === 0 && copy.length > 0) copy[at % copy.length]! ^= 1 << bit;
    if (way === 1) return at % 2 === 0 ? copy.subarray(0, at % (copy.length + 1)) : join(copy, be(at, 4));
    return copy;
  });

/** Of few cases chance may make all bad ones. */
const SEED = 4;

async function compare(
  fork: (typeof PAIRS)[number][0],
  address: bigint,
  input: fc.Arbitrary<Uint8Array>,
  numRuns: number,
  expectSuccess = true,
): Promise<void> {
  let failures = 0;
  let successes = 0;
  await fc.assert(
    fc.asyncProperty(input, async (data) => {
      const expected = await reference(fork, address, data);
      expect(ours(fork, address, data)).toEqual(expected);
      if (expected.output === 'failure') failures++;
      else if (expected.output !== '0x') successes++;
    }),
    { numRuns, seed: SEED },
  );
  // Neither all bad nor, where input can be bad, all good.
  if (expectSuccess) expect(successes).toBeGreaterThan(numRuns / 10);
  expect(failures).toBeLessThan(numRuns);
}

const word = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
/** Scalars among which the special ones are common. */
const scalarOf = (order: bigint) =>
  fc.oneof(
    fc.constantFrom(0n, 1n, 2n, order - 1n, order, order + 1n, (1n << 256n) - 1n, 1n << 128n),
    word,
    fc.bigInt({ min: 0n, max: 1n << 64n }),
  );
const short = fc.uint8Array({ maxLength: 300 });

describe.each(PAIRS)('in %s', (fork) => {
  it.each([2n, 3n, 4n])('hash or copy %i', async (address) => {
    await compare(fork, address, short, 50);
  });

  it('MODEXP', async () => {
    const operand = fc.uint8Array({ maxLength: 100 });
    const input = fc
      .tuple(operand, operand, operand)
      .map(([b, e, m]) => join(be(b.length), be(e.length), be(m.length), b, e, m));
    // Cut short only: a spoilt length would cost more than the machine has.
    const cut = fc
      .tuple(input, fc.nat(100))
      .map(([bytes, missing]) => bytes.subarray(0, Math.max(96, bytes.length - missing)));
    await compare(fork, 5n, cut, 60);
    await compare(fork, 5n, input, 150);
  });

  const N = bn254.fields.Fr.ORDER;
  const g1 = fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Uint8Array(64)) },
    {
      weight: 6,
      arbitrary: fc.bigInt({ min: 1n, max: N - 1n }).map((k) => {
        const { x, y } = bn254.G1.Point.BASE.multiply(k).toAffine();
        return join(be(x), be(y));
      }),
    },
  );
  const g2 = fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Uint8Array(128)) },
    {
      weight: 6,
      arbitrary: fc.bigInt({ min: 1n, max: N - 1n }).map((k) => {
        const { x, y } = bn254.G2.Point.BASE.multiply(k).toAffine();
        return join(be(x.c1), be(x.c0), be(y.c1), be(y.c0));
      }),
    },
  );

  it('BN254_ADD', async () => {
    await compare(fork, 6n, spoil(fc.tuple(g1, g1).map((points) => join(...points))), 40);
    await compare(
      fork,
      6n,
      g1.map((point) => join(point, point)),
      5,
    );
  });

  it('BN254_MUL', async () => {
    const input = fc.tuple(g1, scalarOf(N)).map(([point, k]) => join(point, be(k)));
    await compare(fork, 7n, spoil(input), 40);
  });

  it('BN254_PAIRING', async () => {
    const input = fc.array(fc.tuple(g1, g2), { maxLength: 3 }).map((pairs) => join(...pairs.flat()));
    await compare(fork, 8n, spoil(input), 12, false);
  });
});

describe('in Osaka', () => {
  it('ECRECOVER', async () => {
    const key = fc.bigInt({ min: 1n, max: secp256k1.Point.Fn.ORDER - 1n });
    const input = fc
      .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), key, fc.boolean())
      .map(([hash, k, high]) => {
        const bytes = secp256k1.sign(hash, be(k), { prehash: false, format: 'recovered' });
        const { r, s, recovery } = secp256k1.Signature.fromBytes(bytes, 'recovered');
        // The other s, with the other parity, recovers the same key.
        const parity = high ? 1 - recovery! : recovery!;
        return join(hash, be(27 + parity), be(r), be(high ? secp256k1.Point.Fn.ORDER - s : s));
      });
    await compare('Osaka', 1n, spoil(input), 60);
  });

  it('BLAKE2F', async () => {
    const input = fc
      .tuple(fc.nat(40), fc.uint8Array({ minLength: 208, maxLength: 208 }), fc.nat(2))
      .map(([rounds, middle, flag]) => join(be(rounds, 4), middle, be(flag, 1)));
    // The number of rounds must stay one that can run.
    const spoilt = spoil(input).map((bytes) =>
      join(new Uint8Array(Math.min(3, bytes.length)), bytes.subarray(3)),
    );
    await compare('Osaka', 9n, spoilt, 100);
  });

  it('P256VERIFY', async () => {
    const order = p256.Point.Fn.ORDER;
    const input = fc
      .tuple(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.bigInt({ min: 1n, max: order - 1n }),
        fc.boolean(),
      )
      .map(([hash, k, high]) => {
        const { r, s } = p256.Signature.fromBytes(p256.sign(hash, be(k), { prehash: false }));
        const key = p256.getPublicKey(be(k), false).subarray(1);
        return join(hash, be(r), be(high ? order - s : s), key);
      });
    await compare('Osaka', 0x100n, spoil(input), 40);
  });

  const R = bls12_381.fields.Fr.ORDER;
  const g1 = fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Uint8Array(128)) },
    {
      weight: 6,
      arbitrary: fc.bigInt({ min: 1n, max: R - 1n }).map((k) => {
        const { x, y } = bls12_381.G1.Point.BASE.multiply(k).toAffine();
        return join(fp(x), fp(y));
      }),
    },
  );
  const g2 = fc.oneof(
    { weight: 1, arbitrary: fc.constant(new Uint8Array(256)) },
    {
      weight: 6,
      arbitrary: fc.bigInt({ min: 1n, max: R - 1n }).map((k) => {
        const { x, y } = bls12_381.G2.Point.BASE.multiply(k).toAffine();
        return join(fp(x.c0), fp(x.c1), fp(y.c0), fp(y.c1));
      }),
    },
  );
  const field = fc.bigInt({ min: 0n, max: bls12_381.fields.Fp.ORDER - 1n });

  it('BLS12_G1ADD', async () => {
    await compare('Osaka', 0x0bn, spoil(fc.tuple(g1, g1).map((points) => join(...points))), 30);
    await compare(
      'Osaka',
      0x0bn,
      g1.map((point) => join(point, point)),
      5,
    );
  });

  it('BLS12_G2ADD', async () => {
    await compare('Osaka', 0x0dn, spoil(fc.tuple(g2, g2).map((points) => join(...points))), 20);
    await compare(
      'Osaka',
      0x0dn,
      g2.map((point) => join(point, point)),
      5,
    );
  });

  const msm = (point: fc.Arbitrary<Uint8Array>, maxLength: number) =>
    fc
      .array(fc.tuple(point, scalarOf(R)), { minLength: 1, maxLength })
      .map((terms) => join(...terms.flatMap(([p, k]) => [p, be(k)])));

  it('BLS12_G1MSM', async () => {
    await compare('Osaka', 0x0cn, spoil(msm(g1, 4)), 25);
    await compare('Osaka', 0x0cn, msm(g1, 40), 3);
    // Enough for buckets.
    const many = fc.array(fc.tuple(g1, scalarOf(R)), { minLength: 60, maxLength: 70 });
    await compare(
      'Osaka',
      0x0cn,
      many.map((terms) => join(...terms.flatMap(([p, k]) => [p, be(k)]))),
      2,
    );
  });

  it('BLS12_G2MSM', async () => {
    await compare('Osaka', 0x0en, spoil(msm(g2, 3)), 15);
    await compare('Osaka', 0x0en, msm(g2, 30), 2);
  });

  it('BLS12_PAIRING_CHECK', async () => {
    const input = fc.array(fc.tuple(g1, g2), { maxLength: 2 }).map((pairs) => join(...pairs.flat()));
    await compare('Osaka', 0x0fn, spoil(input), 12, false);
  });

  it('BLS12_MAP_FP_TO_G1', async () => {
    await compare('Osaka', 0x10n, spoil(field.map(fp)), 30);
  });

  it('BLS12_MAP_FP2_TO_G2', async () => {
    await compare('Osaka', 0x11n, spoil(fc.tuple(field, field).map(([a, b]) => join(fp(a), fp(b)))), 20);
  });
});
