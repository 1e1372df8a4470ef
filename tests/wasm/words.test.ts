/** The emitted word operations: what `primitives/u256` says of every operation, and nothing written but the result. */

import { describe, expect, it } from 'vitest';
import * as u256 from '../../src/primitives/u256.ts';
import { ValueType } from '../../src/wasm/assembler/code.ts';
import { ModuleBuilder } from '../../src/wasm/assembler/module.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';
import * as words from '../../src/wasm/words/index.ts';
import { emitReciprocal, emitReciprocalOfTwo } from '../../src/wasm/words/reciprocal.ts';

const { I32, I64 } = ValueType;
const TEMPLATES = {
  ...{ add: words.add, sub: words.sub, lt: words.lt, gt: words.gt, slt: words.slt, sgt: words.sgt },
  ...{ eq: words.eq, iszero: words.iszero, and: words.and, or: words.or, xor: words.xor, not: words.not },
  ...{ shl: words.shl, shr: words.shr, sar: words.sar },
};
const SCRATCH = 1_024;
const SP = 4_096;

type Operation = keyof typeof TEMPLATES | keyof words.Words | keyof words.LongWords;

function instance() {
  const module = new ModuleBuilder();
  module.importMemory(1, 1);
  const functions = Object.entries({ ...words.emitWords(module), ...words.emitLongWords(module, SCRATCH) });
  for (const [name, template] of Object.entries(TEMPLATES)) {
    const func = module.begin([I32], []);
    const temps = Array.from({ length: 7 }, () => func.local(I64));
    functions.push([name, func.end(template(func.params[0], { i64: temps }))]);
  }
  for (const [name, func] of functions) module.exportFunction(name, func);
  const { Memory, Module, Instance } = webAssembly()!;
  const memory = new Memory({ initial: 1, maximum: 1 });
  const { exports } = new Instance(new Module(module.encode()), { '': { memory } });
  return {
    limbs: new BigUint64Array(memory.buffer),
    exports: exports as Record<Operation, (sp: number) => void>,
  };
}

const { limbs, exports } = instance();
// Neither zero nor anything that an operation leaves.
limbs.forEach((_, i) => {
  limbs[i] = 0x0123_4567_89ab_cdefn * BigInt(2 * i + 1);
});
const before = limbs.slice();
const inScratch = (limb: number): boolean =>
  limb >= SCRATCH / 8 && limb < (SCRATCH + words.SCRATCH_BYTES) / 8;

/** Puts the operands at `sp`, the first on top, and gives what is in the place of the last. */
function run(name: Operation, operands: readonly bigint[], sp = SP): bigint {
  let at = sp / 8;
  for (const operand of operands) {
    limbs[at] = operand;
    limbs[at + 1] = operand >> 64n;
    limbs[at + 2] = operand >> 128n;
    limbs[at + 3] = operand >> 192n;
    at += 4;
  }
  exports[name](sp);
  at -= 4;
  return limbs[at]! | (limbs[at + 1]! << 64n) | (limbs[at + 2]! << 128n) | (limbs[at + 3]! << 192n);
}

const BINARY = [
  ...['add', 'mul', 'sub', 'div', 'sdiv', 'mod', 'smod', 'exp', 'signextend', 'lt', 'gt', 'slt', 'sgt'],
  ...['eq', 'and', 'or', 'xor', 'byte', 'shl', 'shr', 'sar'],
] as const;
const UNARY = ['iszero', 'not', 'clz'] as const;
const TERNARY = ['addmod', 'mulmod'] as const;

const SEMANTICS: Readonly<Record<Operation, (...operands: readonly bigint[]) => bigint>> = u256;

/** Compares without the cost of an `expect` for each. */
function check(name: Operation, operands: readonly bigint[]): void {
  const result = run(name, operands);
  const expected = SEMANTICS[name](...operands);
  if (result !== expected) {
    expect({ name, operands, result }).toEqual({ name, operands, result: expected });
  }
}

const { MAX_U256, MAX_U64 } = u256;
const BOUNDARIES = [32n, 63n, 64n, 65n, 127n, 128n, 191n, 192n, 255n].flatMap((k) => [
  (1n << k) - 1n,
  1n << k,
  (1n << k) + 1n,
]);
const LIMB_PATTERNS = Array.from({ length: 16 }, (_, mask) =>
  [0n, 1n, 2n, 3n].reduce((word, i) => ((mask >> Number(i)) & 1 ? word | (MAX_U64 << (64n * i)) : word), 0n),
);
const EDGES = [
  ...new Set([0n, 1n, 2n, 3n, 5n, 7n, 8n, 10n, 31n, 255n, 256n, 257n, 10n ** 18n]),
  ...new Set([...BOUNDARIES, ...LIMB_PATTERNS.slice(2), MAX_U256 - 1n, MAX_U256 ^ 0xffn]),
];

/** Marsaglia's xorshift, of 64 bits. */
function generator(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    return state;
  };
}
const next = generator(0x9e37_79b9_7f4a_7c15n);
/** A word of 0 to 256 bits; some have limbs of all zeros or all ones. */
function random(): bigint {
  const shape = next();
  let word = 0n;
  for (let i = 0n; i < 4n; i++) {
    const kind = (shape >> (20n + 4n * i)) & 15n;
    word = (word << 64n) | (kind === 0n ? 0n : kind === 1n ? MAX_U64 : next());
  }
  return word >> (shape % 257n);
}
const RANDOM = 20_000;

const SPECIAL_MODULI = [
  // secp256k1, ed25519, BN254, P-256
  (1n << 256n) - (1n << 32n) - 977n,
  (1n << 255n) - 19n,
  0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n,
  (1n << 256n) - (1n << 224n) + (1n << 192n) + (1n << 96n) - 1n,
];
const HARD_LIMBS = [0n, 1n, 2n, MAX_U64, MAX_U64 - 1n, 1n << 63n, (1n << 63n) - 1n, (1n << 63n) + 1n];

describe('words in WebAssembly', () => {
  it('covers every operation', () => {
    expect([...BINARY, ...UNARY, ...TERNARY].sort()).toEqual(Object.keys(exports).sort());
  });

  it.each(UNARY)('%s', (name) => {
    for (const a of EDGES) check(name, [a]);
    for (let k = 0n; k < 256n; k++) check(name, [1n << k]);
    for (let i = 0; i < RANDOM; i++) check(name, [random()]);
  });

  it.each(BINARY)('%s', (name) => {
    for (const a of EDGES) for (const b of EDGES) check(name, [a, b]);
    for (let i = 0; i < RANDOM; i++) check(name, [random(), random()]);
  });

  it.each(['byte', 'signextend', 'shl', 'shr', 'sar', 'exp'] as const)('%s with small numbers', (name) => {
    for (let small = 0n; small <= 257n; small++) {
      for (const b of name === 'exp' ? [0n, 1n, 2n, 3n, 16n, 255n, 256n, 300n] : EDGES) {
        check(name, [small, b]);
        if (name === 'exp') check(name, [b, small]);
      }
      for (let i = 0; i < 20; i++) check(name, [small, random()]);
    }
  });

  it.each(TERNARY)('%s', (name) => {
    const some = [...EDGES.filter((_, i) => i % 3 === 0), ...SPECIAL_MODULI];
    for (const a of some) for (const b of some) for (const n of some) check(name, [a, b, n]);
    for (let i = 0; i < RANDOM; i++) check(name, [random(), random(), random()]);
    for (let i = 0; i < RANDOM / 4; i++) {
      const n = MAX_U256 - (random() >> (next() % 256n));
      check(name, [random() % n, random() % n, n]);
    }
  });

  // Digits at which an estimate from the upper limbs fails: dividends just below and at multiples of the divisor,
  // divisors with lower limbs that weigh most, or of which the dividend's upper limbs are a copy.
  it.each(['div', 'mod', 'sdiv', 'smod'] as const)('%s where the digits are hard to estimate', (name) => {
    const limb = (): bigint => HARD_LIMBS[Number(next() % BigInt(HARD_LIMBS.length))]!;
    for (let i = 0; i < RANDOM; i++) {
      const length = (next() % 3n) + 1n;
      let divisor = 0n;
      for (let k = 0n; k <= length; k++) divisor = (divisor << 64n) | limb();
      const digits = (limb() << 64n) | limb();
      const nearby = divisor * (digits >> (next() % 128n)) - (limb() >> (next() % 64n));
      check(name, [BigInt.asUintN(256, nearby), divisor]);
      check(name, [BigInt.asUintN(256, (divisor << (64n * (3n - length))) | limb()), divisor]);
    }
  });

  it('mulmod where the digits are hard to estimate', () => {
    const limb = (): bigint => HARD_LIMBS[Number(next() % BigInt(HARD_LIMBS.length))]!;
    const word = (): bigint => (limb() << 192n) | (limb() << 128n) | (limb() << 64n) | limb();
    for (let i = 0; i < RANDOM; i++) {
      const n = word() >> (64n * (next() % 3n));
      check('mulmod', [word(), word(), n]);
      check('mulmod', [n, word(), n + 1n > MAX_U256 ? n : n + 1n]);
      check('addmod', [word(), word(), n]);
    }
  });

  // From its third product on, a modulus is known.
  it('mulmod by the same modulus several times over, and by another between', () => {
    const limb = (): bigint => HARD_LIMBS[Number(next() % BigInt(HARD_LIMBS.length))]!;
    const hard = (): bigint => (limb() << 192n) | (limb() << 128n) | (limb() << 64n) | limb();
    for (let i = 0; i < RANDOM / 20; i++) {
      const n = [SPECIAL_MODULI[(i >> 2) % 4]!, hard(), random(), 1n << (255n - (next() % 64n))][i % 4]!;
      for (let k = 0; k < 20; k++) {
        const residue = (word: bigint): bigint => (k % 3 === 0 || n === 0n ? word : word % n);
        check('mulmod', [residue(k % 2 === 0 ? hard() : random()), residue(hard()), n]);
        check(
          'mulmod',
          [n - (next() & 1n), residue(n ^ limb()), n].map((word) => BigInt.asUintN(256, word)),
        );
        if (k === 10) check('mulmod', [n, MAX_U256, hard()]);
      }
    }
  });

  it('finds the operands wherever the stack is, and writes to the place of the last one only', () => {
    const wide = [MAX_U256 - 2n, MAX_U256 / 3n, (1n << 200n) + 12_345n];
    const narrow = [97n, 1_000n, 7n];
    const signed = [MAX_U256 - 4n, u256.fromSigned(-3n), 10n];
    for (const name of [...BINARY, ...UNARY, ...TERNARY]) {
      const count = (UNARY as readonly string[]).includes(name)
        ? 1
        : (TERNARY as readonly string[]).includes(name)
          ? 3
          : 2;
      for (const values of [wide, narrow, signed, [0n, 0n, 0n], [wide[0]!, 3n, MAX_U256], [255n, ...wide]]) {
        for (const sp of [0, 32, 4_104, 65_536 - 32 * count]) {
          limbs.set(before);
          const operands = values.slice(0, count);
          const result = run(name, operands, sp);
          const expected = before.slice();
          [...operands.slice(0, -1), result].forEach((word, i) => {
            for (let k = 0; k < 4; k++) expected[sp / 8 + 4 * i + k] = word >> BigInt(64 * k);
          });
          const changed = [...limbs.keys()].filter((i) => limbs[i] !== expected[i] && !inScratch(i));
          expect({ name, operands, sp, changed, result }).toEqual({
            ...{ name, operands, sp, changed: [] },
            result: SEMANTICS[name](...operands),
          });
        }
      }
    }
  });
});

// Division forgives most reciprocals that are one off, so it cannot show that they are right.
describe('reciprocals', () => {
  const module = new ModuleBuilder();
  module.exportFunction('one', emitReciprocal(module));
  module.exportFunction('two', emitReciprocalOfTwo(module));
  const { Module, Instance } = webAssembly()!;
  const { one, two } = new Instance(new Module(module.encode()), {}).exports as {
    one: (d: bigint) => bigint;
    two: (d1: bigint, d0: bigint) => bigint;
  };
  const TOP = 1n << 63n;
  const checkOne = (d: bigint): void => {
    const expected = ((1n << 128n) - 1n) / d - (1n << 64n);
    const v = BigInt.asUintN(64, one(d));
    if (v !== expected) expect({ d, v }).toEqual({ d, v: expected });
  };
  const checkTwo = (d1: bigint, d0: bigint): void => {
    const expected = ((1n << 192n) - 1n) / ((d1 << 64n) | d0) - (1n << 64n);
    const v = BigInt.asUintN(64, two(d1, d0));
    if (v !== expected) expect({ d1, d0, v }).toEqual({ d1, d0, v: expected });
  };

  it('of one limb', () => {
    for (const d of HARD_LIMBS) checkOne(d | TOP);
    // Every first approximation, at both ends.
    for (let d9 = 256n; d9 < 512n; d9++) {
      for (const d of [d9 << 55n, (d9 << 55n) + 1n, ((d9 + 1n) << 55n) - 1n]) checkOne(d);
    }
    for (let i = 0; i < RANDOM; i++) checkOne(next() | TOP);
  });

  it('of two limbs', () => {
    for (const d1 of HARD_LIMBS) for (const d0 of HARD_LIMBS) checkTwo(d1 | TOP, d0);
    for (let i = 0; i < RANDOM; i++) checkTwo(next() | TOP, i % 2 === 0 ? next() : next() >> (next() % 64n));
    // One in 2^64 is decided by the last limb of a product; found by solving for it.
    checkTwo(0x8951_d35e_4fcb_1f4cn, 0x9f54_2de5_c751_f00fn);
    checkTwo(0x8368_9382_1146_a346n, 0xc2bf_6579_b165_5683n);
    checkTwo(0x8ec3_64da_226c_4297n, 0xb712_f21d_3506_c77bn);
  });
});
