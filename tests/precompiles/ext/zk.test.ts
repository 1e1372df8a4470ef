/** ZK_VERIFY and ZK_PROVE: what they accept, what they refuse, and their prices. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zkVerify } from '../../../precompiles/ext/e102-zk-verify.ts';
import { zkProve } from '../../../precompiles/ext/e106-zk-prove.ts';
import { weaknessOf } from '../../../precompiles/ext/lib/groth16-verify.ts';
import { parseZkey } from '../../../precompiles/ext/lib/zkey.ts';
import { zk, zkWith } from '../../../precompiles/ext/zk.ts';
import { type Crypto, nobleCrypto } from '../../../precompiles/index.ts';
import { bytesToBigInt, bytesToHex, concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { be, FALSE, OSAKA, TRUE } from '../support.ts';
import {
  bothCurves,
  chain,
  type Groth16Curve,
  joinParts,
  type Parts,
  proveInput,
  SEED,
  simulate,
  zkeyFile,
} from './samples/groth16-setup.ts';

const verify = (input: Uint8Array, crypto: Crypto = nobleCrypto): string =>
  bytesToHex(zkVerify.run(input, crypto, OSAKA)!);

const byName = bothCurves.map((curve) => [curve.name, curve] as const);

describe.each(byName)('ZK_VERIFY on %s', (_, curve) => {
  const { q, r, g1Length, g2Length } = curve;
  const field = g1Length / 2;
  const parts = simulate(curve, 2, 11);
  const valid = joinParts(curve, parts);
  const answer = (change: Partial<Parts>): string => verify(joinParts(curve, { ...parts, ...change }));

  it('accepts valid proofs with any number of inputs', () => {
    for (const count of [0, 1, 2, 7]) {
      const input = joinParts(curve, simulate(curve, count, 20 + count));
      expect(input.length).toBe(curve.id === 1 ? 771 + 96 * count : 1539 + 160 * count);
      expect(verify(input), `${count}`).toBe(TRUE);
    }
  });

  it('refuses another length', () => {
    expect(verify(valid)).toBe(TRUE);
    expect(verify(valid.subarray(0, -1))).toBe(FALSE);
    expect(verify(concatBytes(valid, Uint8Array.of(0)))).toBe(FALSE);
    expect(verify(concatBytes(valid, new Uint8Array(32)))).toBe(FALSE);
    for (let length = 0; length < valid.length; length += 17) {
      expect(verify(valid.subarray(0, length)), `${length}`).toBe(FALSE);
    }
  });

  it('refuses a number of inputs that the length does not bear out', () => {
    const at = 1 + g1Length + 3 * g2Length;
    for (const count of [0, 1, 3, 256, 65_535]) {
      const input = valid.slice();
      input.set(be(count, 2), at);
      expect(verify(input), `${count}`).toBe(FALSE);
      expect(zkVerify.gas(input, OSAKA)).toBe(curve.id === 1 ? 181_000 : 168_100);
    }
  });

  it('refuses the other curve and unknown ones', () => {
    for (const id of [0, 3 - curve.id, 3, 255]) {
      const input = valid.slice();
      input[0] = id;
      expect(verify(input), `${id}`).toBe(FALSE);
    }
  });

  it('refuses inputs that are not below the order', () => {
    const [first, second] = parts.inputs as [Uint8Array, Uint8Array];
    expect(answer({ inputs: [toBytes32(bytesToBigInt(first) + r), second] })).toBe(FALSE);
    expect(answer({ inputs: [first, toBytes32(bytesToBigInt(second) + r)] })).toBe(FALSE);
    expect(answer({ inputs: [first, toBytes32(r)] })).toBe(FALSE);
    expect(answer({ inputs: [new Uint8Array(32).fill(255), second] })).toBe(FALSE);
  });

  it('takes 0 as an input where it is right, and not its other form', () => {
    const { ic } = parts;
    // Without the second point and with 0 in its place, the input makes no difference.
    const zero = joinParts(curve, { ...simulate(curve, 1, 30), ic: [...simulate(curve, 1, 30).ic, ic[1]!] });
    expect(verify(concatBytes(zero, new Uint8Array(32)))).toBe(TRUE);
    expect(verify(concatBytes(zero, toBytes32(r)))).toBe(FALSE);
  });

  it.each(['alpha', 'beta', 'gamma', 'delta', 'a', 'b', 'c'] as const)('refuses %s off its curve', (name) => {
    const point = parts[name];
    for (let end = field; end <= point.length; end += field) {
      const off = point.slice();
      off[end - 1]! ^= 1;
      expect(answer({ [name]: off }), `coordinate ending at ${end}`).toBe(FALSE);
      // A coordinate plus the modulus is the same number.
      const high = point.slice();
      high.set(be(bytesToBigInt(point.subarray(end - field, end)) + q, field), end - field);
      expect(answer({ [name]: high }), `coordinate ending at ${end}`).toBe(FALSE);
    }
    expect(answer({ [name]: new Uint8Array(point.length) }), 'infinity').toBe(FALSE);
    expect(answer({ [name]: new Uint8Array(point.length).fill(255) })).toBe(FALSE);
  });

  it('refuses points of IC off the curve, also where their input is 0', () => {
    for (const i of [0, 1, 2]) {
      const ic = parts.ic.map((point, j) =>
        i === j ? point.map((byte, k) => (k === 2 * field - 1 ? byte ^ 1 : byte)) : point,
      );
      expect(answer({ ic }), `IC[${i}]`).toBe(FALSE);
    }
    const one = simulate(curve, 1, 30);
    const off = parts.ic[1]!.slice();
    off[2 * field - 1]! ^= 1;
    const withZero = joinParts(curve, {
      ...one,
      ic: [...one.ic, off],
      inputs: [...one.inputs, new Uint8Array(32)],
    });
    expect(verify(withZero)).toBe(FALSE);
  });

  it('does not confuse inputs, points or proofs', () => {
    const other = simulate(curve, 2, 12);
    const [first, second] = parts.inputs as [Uint8Array, Uint8Array];
    expect(answer({ inputs: [second, first] })).toBe(FALSE);
    expect(answer({ ic: [parts.ic[0]!, parts.ic[2]!, parts.ic[1]!] })).toBe(FALSE);
    expect(answer({ a: other.a, b: other.b, c: other.c })).toBe(FALSE);
    expect(answer({ gamma: parts.delta, delta: parts.gamma })).toBe(FALSE);
    expect(verify(joinParts(curve, other))).toBe(TRUE);
  });

  it('costs what its page says', () => {
    for (const count of [0, 1, 5]) {
      const input = joinParts(curve, simulate(curve, count, 40));
      const [base, each] = curve.id === 1 ? [181_000, 6_150] : [168_100, 12_000];
      expect(zkVerify.gas(input, OSAKA)).toBe(base + each * count);
      expect(zkVerify.gas(input.subarray(1), OSAKA)).toBeGreaterThanOrEqual(168_100);
    }
    // Only the header counts: this is the longest input there is.
    const longest = new Uint8Array(curve.id === 1 ? 771 + 96 * 65_535 : 1539 + 160 * 65_535);
    longest[0] = curve.id;
    longest.fill(255, 1 + g1Length + 3 * g2Length, 3 + g1Length + 3 * g2Length);
    expect(zkVerify.gas(longest, OSAKA)).toBe(curve.id === 1 ? 403_221_250 : 786_588_100);
  });

  it('never changes its input, and works on a view', () => {
    const buffer = concatBytes(new Uint8Array(5).fill(9), valid, new Uint8Array(40).fill(9));
    const view = buffer.subarray(5, 5 + valid.length);
    expect(verify(view)).toBe(TRUE);
    expect(view).toEqual(valid);
  });

  it('asks the given provider', () => {
    const calls: string[] = [];
    const spying = new Proxy(nobleCrypto, {
      get(target, name: keyof Crypto) {
        calls.push(name);
        return target[name];
      },
    });
    expect(verify(valid, spying)).toBe(TRUE);
    expect([...new Set(calls)].sort()).toEqual(
      curve.id === 1 ? ['bn254Add', 'bn254Mul', 'bn254PairingCheck'] : ['bls12G1Msm', 'bls12PairingCheck'],
    );
    expect(
      verify(valid, { ...nobleCrypto, bn254PairingCheck: () => null, bls12PairingCheck: () => null }),
    ).toBe(FALSE);
  });

  it('refuses every proof with a byte changed', () => {
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const input = valid.slice();
        input[at]! ^= mask;
        return verify(input) === FALSE;
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is fooled by keys that prove nothing, of which the library warns', () => {
    const { ic, inputs, alpha, beta, gamma, delta } = parts;
    const keyOf = (change: Partial<Parts>): Uint8Array =>
      joinParts(curve, { ...parts, ...change }).subarray(0, 3 + g1Length + 3 * g2Length + 3 * g1Length);
    expect(weaknessOf(keyOf({}))).toBeNull();
    expect(weaknessOf(keyOf({ delta: gamma }))).toMatch(/gamma equals delta/);
    expect(weaknessOf(keyOf({ alpha: new Uint8Array(g1Length) }))).toMatch(/infinity/);
    for (const name of ['beta', 'gamma', 'delta'] as const) {
      expect(weaknessOf(keyOf({ [name]: new Uint8Array(g2Length) })), name).toMatch(/infinity/);
    }
    expect(weaknessOf(new Uint8Array(3))).toMatch(/not a/);
    const infinity = new Uint8Array(g1Length);
    // gamma is infinity: the inputs are bound to nothing.
    const free = { a: alpha, b: beta, c: infinity, gamma: new Uint8Array(g2Length) };
    expect(answer(free)).toBe(TRUE);
    // gamma is delta: C takes the inputs back.
    const sum = combination(curve, ic, inputs);
    expect(answer({ a: alpha, b: beta, c: sum, delta: gamma })).toBe(TRUE);
    expect(answer({ a: alpha, b: beta, c: sum, delta })).toBe(FALSE);
  });
});

/** Minus the combination of the inputs. */
function combination(curve: Groth16Curve, ic: Uint8Array[], inputs: Uint8Array[]): Uint8Array {
  const points = ic.map((point) => curve.readG1(point, 0)!);
  const scalars = [1n, ...inputs.map(bytesToBigInt)];
  let sum = { x: 0n, y: 0n };
  points.forEach((point, i) => {
    const term =
      curve.id === 1
        ? nobleCrypto.bn254Mul(point, scalars[i]!)!
        : nobleCrypto.bls12G1Msm([{ point, scalar: scalars[i]! }])!;
    sum = curve.id === 1 ? nobleCrypto.bn254Add(sum, term)! : nobleCrypto.bls12G1Add(sum, term)!;
  });
  return curve.writeG1({ x: sum.x, y: curve.q - sum.y });
}

describe.each(byName)('ZK_PROVE on %s', (_, curve) => {
  const { circuit, witness } = chain(curve, 12, 2);
  const file = zkeyFile(curve, circuit);
  const key = parseZkey(file);
  const other = zkeyFile(curve, chain(curve, 3, 0).circuit);
  const row = zkWith({ provingKeys: [other, file] })[1]!;
  const hash = keccak_256(file);
  const input = proveInput(hash, SEED, witness);
  const run = (bytes: Uint8Array): Uint8Array | null => row.run(bytes, nobleCrypto, OSAKA);
  const proofBytes = curve.id === 1 ? 256 : 512;

  it('makes a proof that verifies', () => {
    const proof = run(input)!;
    expect(proof.length).toBe(proofBytes);
    const inputs = witness.slice(1, 3).map(toBytes32);
    expect(verify(concatBytes(key.verifyingKey, proof, ...inputs))).toBe(TRUE);
    expect(verify(concatBytes(key.verifyingKey, proof, ...inputs.reverse()))).toBe(FALSE);
  });

  it('makes the same proof each time, and another for another seed or witness', () => {
    const proof = run(input)!;
    expect(run(input)).toEqual(proof);
    const proofs = [proof];
    for (const at of [32, 63]) {
      const seed = input.slice();
      seed[at]! ^= 1;
      proofs.push(run(seed)!);
    }
    proofs.push(run(proveInput(hash, SEED, chain(curve, 12, 2, 99).witness))!);
    // A differs in the blinding factor, B too.
    const points = proofs.flatMap((bytes) => [bytes.slice(0, curve.g1Length), bytes.slice(-curve.g1Length)]);
    expect(new Set(points.map(bytesToHex)).size).toBe(8);
  });

  it('fails for values that do not satisfy the circuit', () => {
    for (const at of [1, 2, 3, 5, witness.length - 1]) {
      const wrong = witness.map((value, i) => (i === at ? (value + 1n) % curve.r : value));
      expect(run(proveInput(hash, SEED, wrong)), `wire ${at}`).toBeNull();
    }
    expect(run(proveInput(hash, SEED, [0n, ...witness.slice(1)]))).toBeNull();
    expect(run(proveInput(hash, SEED, [2n, ...witness.slice(1)]))).toBeNull();
    expect(
      run(
        proveInput(
          hash,
          SEED,
          witness.map(() => 0n),
        ),
      ),
    ).toBeNull();
  });

  it('fails for values that are not below the order, though right modulo it', () => {
    for (const at of [0, 1, 4, witness.length - 1]) {
      const wrong = witness.map((value, i) => (i === at ? value + curve.r : value));
      expect(run(proveInput(hash, SEED, wrong)), `wire ${at}`).toBeNull();
    }
  });

  it('fails for another length or an unknown key', () => {
    expect(run(input.subarray(0, -1))).toBeNull();
    expect(run(input.subarray(0, -32))).toBeNull();
    expect(run(concatBytes(input, Uint8Array.of(0)))).toBeNull();
    expect(run(concatBytes(input, new Uint8Array(32)))).toBeNull();
    for (const length of [0, 1, 31, 32, 63, 64, 65]) expect(run(input.subarray(0, length))).toBeNull();
    const unknown = input.slice();
    unknown[31]! ^= 1;
    expect(run(unknown)).toBeNull();
    expect(zkProve.run(input, nobleCrypto, OSAKA)).toBeNull();
  });

  it('costs by the size of the key', () => {
    const { count } = key.coefficients;
    expect([key.nVars, key.domainSize, count]).toEqual([16, 32, 12 * 3 + 2 * 2 + 3]);
    const price =
      curve.id === 1
        ? 30_000 + 181_000 + 2 * 6_150 + 16 * 4_500 + 32 * 1_600 + 3 * count
        : 30_000 + 168_100 + 2 * 12_000 + 16 * 7_500 + 32 * 2_300 + 3 * count;
    expect(row.gas(input, OSAKA)).toBe(price);
    expect(row.gas(input.subarray(0, 64), OSAKA)).toBe(price);
    expect(row.gas(proveInput(keccak_256(other), SEED, []), OSAKA)).toBeLessThan(price);
    expect(row.gas(new Uint8Array(0), OSAKA)).toBe(3_000);
    expect(row.gas(new Uint8Array(1_000_000), OSAKA)).toBe(3_000);
    expect(zkProve.gas(input, OSAKA)).toBe(3_000);
  });

  it('proves with wires that are 0 and 1', () => {
    // 0 * (0 + 3) = 0, all along the chain.
    const zeros = witness.map((_, i) => (i === 0 ? 1n : 0n));
    expect(run(proveInput(hash, SEED, zeros))?.length).toBe(proofBytes);
  });
});

describe('the rows', () => {
  it('are ZK_VERIFY and ZK_PROVE', () => {
    const facts = [
      ['ZK_VERIFY', 0xe102n, 0xe4, undefined],
      ['ZK_PROVE', 0xe106n, 0xe3, true],
    ];
    for (const rows of [zk, zkWith({}), zkWith({ provingKeys: [] })]) {
      expect(rows.map(({ name, address, opcode, secret }) => [name, address, opcode, secret])).toEqual(facts);
    }
  });

  it('name the proving key that is unreadable', () => {
    const { circuit } = chain(bothCurves[0]!, 1, 0);
    const file = zkeyFile(bothCurves[0]!, circuit);
    expect(() => zkWith({ provingKeys: [file, file.subarray(0, 900)] })).toThrow(/provingKeys\[1\]: zkey/);
    expect(() => zkWith({ provingKeys: ['key' as never] })).toThrow(/provingKeys\[0\]: expected bytes/);
  });
});
