import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleCrypto, PRECOMPILES } from '../../precompiles/index.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { be, join, OSAKA } from './support.ts';

/** Lengths around which the layouts of the precompiles change. */
const LENGTHS = [0, 1, 32, 64, 96, 128, 160, 192, 213, 256, 288, 320, 384, 512, 576, 768];

const length = fc.oneof(
  fc.constantFrom(...LENGTHS),
  fc.constantFrom(...LENGTHS).chain((n) => fc.integer({ min: Math.max(n - 1, 0), max: n + 1 })),
  fc.nat(900),
);

/** Words near the edges of what the decoders tell apart. */
const edgeWord = fc.constantFrom(
  ...[
    0n,
    1n,
    2n,
    27n,
    28n,
    (1n << 256n) - 1n,
    0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd46n,
    0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n,
    0x1a0111ea397fe69a4b1ba7b6434bacd7n,
    0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaaan,
    0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn,
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n,
  ].map((word) => be(word)),
);

const noise = length.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
const edges = length.chain((n) =>
  fc
    .array(fc.oneof(edgeWord, fc.uint8Array({ minLength: 32, maxLength: 32 })), {
      minLength: Math.ceil(n / 32),
      maxLength: Math.ceil(n / 32),
    })
    .map((words) => join(...words).subarray(0, n)),
);

/** Three small numbers first: lengths that MODEXP can run, and that mean little to the others. */
const header = fc
  .tuple(fc.nat(70), fc.nat(70), fc.nat(70), fc.uint8Array({ maxLength: 200 }))
  .map(([a, b, c, rest]) => join(be(a), be(b), be(c), rest));

/** Above this an input is not worth running: a block could not hold it. */
const AFFORDABLE = 30_000_000;

describe.each(PRECOMPILES.map((precompile) => ({ name: precompile.name, precompile })))(
  '$name with hostile input',
  ({ precompile }) => {
    const forks = precompile.since === 'Byzantium' ? ['Byzantium', 'Berlin', 'Osaka'] : ['Osaka'];

    it.each(forks)('returns under the rules of %s', (fork) => {
      const rules = rulesOf(fork as 'Osaka');
      let ran = 0;
      fc.assert(
        fc.property(fc.oneof(noise, edges, header), (input) => {
          const before = input.slice();
          const gas = precompile.gas(input, rules);
          expect(gas).toBeGreaterThanOrEqual(0);
          if (gas > AFFORDABLE) return;
          ran++;
          const output = precompile.run(input, nobleCrypto, rules);
          expect(output === null || output instanceof Uint8Array).toBe(true);
          expect(input).toEqual(before);
        }),
        { numRuns: 400 },
      );
      expect(ran).toBeGreaterThan(50);
    });

    it('returns an output that shares no memory with the input', () => {
      const input = new Uint8Array(64).fill(7);
      const output = precompile.run(input, nobleCrypto, OSAKA);
      if (output !== null && output.length > 0) expect(output.buffer).not.toBe(input.buffer);
    });

    it('reads a view into a larger buffer', () => {
      const lengths = LENGTHS.filter((n) => n > 0);
      for (const n of lengths) {
        const outer = new Uint8Array(n + 20).fill(0xee);
        outer.fill(0, 10, 10 + n);
        const view = outer.subarray(10, 10 + n);
        const copy = new Uint8Array(n);
        expect(precompile.gas(view, OSAKA)).toBe(precompile.gas(copy, OSAKA));
        expect(precompile.run(view, nobleCrypto, OSAKA)).toEqual(precompile.run(copy, nobleCrypto, OSAKA));
      }
    });
  },
);
