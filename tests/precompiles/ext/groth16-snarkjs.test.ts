/** Agreement with snarkjs, on both curves: what it verifies, and what it proves with the same key. */

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumOfTerms, termOf } from '../../../precompiles/curve/group.ts';
import { curveOver } from '../../../precompiles/curve/jacobian.ts';
import { curveOverFp2 } from '../../../precompiles/curve/jacobian-fp2.ts';
import { zkVerify } from '../../../precompiles/ext/e102-zk-verify.ts';
import {
  encodeVerifyInput,
  encodeVerifyingKey,
  proofToJson,
  verifyingKeyToJson,
} from '../../../precompiles/ext/lib/groth16-encoding.ts';
import { proveGroth16, publicInputsOf } from '../../../precompiles/ext/lib/groth16-prove.ts';
import { parseWtns } from '../../../precompiles/ext/lib/wtns.ts';
import { type ProvingKey, parseZkey } from '../../../precompiles/ext/lib/zkey.ts';
import { nobleCrypto } from '../../../precompiles/index.ts';
import { bytesToBigInt, concatBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { OSAKA } from '../support.ts';
import {
  bothCurves,
  chain,
  type Groth16Curve,
  g1Times,
  joinParts,
  numbers,
  type Parts,
  r1csFile,
  SEED,
  simulate,
  wtnsFile,
  zkeyFile,
} from './samples/groth16-setup.ts';

/** A file in memory, as snarkjs takes and fills it. */
interface MemoryFile {
  type: 'mem';
  data?: Uint8Array;
}

interface SnarkCurve {
  terminate(): Promise<void>;
}

interface Snarkjs {
  curves: { getCurveFromName(name: string, options?: { singleThread: boolean }): Promise<SnarkCurve> };
  powersOfTau: {
    newAccumulator(curve: SnarkCurve, power: number, file: MemoryFile): Promise<unknown>;
    beacon(from: MemoryFile, to: MemoryFile, name: string, beacon: string, rounds: number): Promise<unknown>;
    preparePhase2(from: MemoryFile, to: MemoryFile): Promise<unknown>;
  };
  zKey: {
    newZKey(r1cs: MemoryFile, ptau: MemoryFile, zkey: MemoryFile): Promise<unknown>;
    beacon(from: MemoryFile, to: MemoryFile, name: string, beacon: string, rounds: number): Promise<unknown>;
    exportVerificationKey(zkey: MemoryFile): Promise<object>;
  };
  groth16: {
    verify(key: object, inputs: readonly string[], proof: object): Promise<boolean>;
    prove(zkey: MemoryFile, witness: MemoryFile): Promise<{ proof: object; publicSignals: string[] }>;
  };
}

let snarkjs: Snarkjs;
const cache = globalThis as unknown as Record<string, SnarkCurve | null | undefined>;

beforeAll(async () => {
  // A name in a variable, because the package has no types.
  const name = 'snarkjs';
  snarkjs = (await import(name)) as Snarkjs;
  // It looks for its curves here; these have no worker threads.
  for (const curve of ['bn128', 'bls12381']) {
    cache[`curve_${curve}`] = await snarkjs.curves.getCurveFromName(curve, { singleThread: true });
  }
});

afterAll(async () => {
  for (const curve of ['bn128', 'bls12381']) {
    await cache[`curve_${curve}`]?.terminate();
    cache[`curve_${curve}`] = null;
  }
});

const memory = (data?: Uint8Array): MemoryFile =>
  data === undefined ? { type: 'mem' } : { type: 'mem', data };

/** What ZK_VERIFY answers. */
function ours(input: Uint8Array): boolean {
  const output = zkVerify.run(input, nobleCrypto, OSAKA)!;
  expect(output.length).toBe(32);
  return output[31] === 1;
}

const numbersOf = (bytes: Uint8Array, length: number): string[] =>
  Array.from({ length: bytes.length / length }, (_, i) =>
    bytesToBigInt(bytes.subarray(i * length, (i + 1) * length)).toString(),
  );

/** JSON of a point from bytes, without any check. */
function rawG1(curve: Groth16Curve, point: Uint8Array): string[] {
  const [x, y] = numbersOf(point, curve.g1Length / 2);
  return x === '0' && y === '0' ? ['0', '1', '0'] : [x!, y!, '1'];
}

function rawG2(curve: Groth16Curve, point: Uint8Array): string[][] {
  const [x0, x1, y0, y1] = numbersOf(point, curve.g2Length / 4) as [string, string, string, string];
  if ([x0, x1, y0, y1].every((value) => value === '0')) {
    return [
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ];
  }
  return curve.id === 1
    ? [
        [x1, x0],
        [y1, y0],
        ['1', '0'],
      ]
    : [
        [x0, x1],
        [y0, y1],
        ['1', '0'],
      ];
}

/** What snarkjs answers; an exception, which it throws for some nonsense, is a no. */
async function theirs(curve: Groth16Curve, parts: Parts): Promise<boolean> {
  const key = {
    protocol: 'groth16',
    curve: curve.name,
    nPublic: parts.inputs.length,
    vk_alpha_1: rawG1(curve, parts.alpha),
    vk_beta_2: rawG2(curve, parts.beta),
    vk_gamma_2: rawG2(curve, parts.gamma),
    vk_delta_2: rawG2(curve, parts.delta),
    IC: parts.ic.map((point) => rawG1(curve, point)),
  };
  const proof = {
    protocol: 'groth16',
    curve: curve.name,
    pi_a: rawG1(curve, parts.a),
    pi_b: rawG2(curve, parts.b),
    pi_c: rawG1(curve, parts.c),
  };
  const inputs = parts.inputs.map((input) => bytesToBigInt(input).toString());
  return snarkjs.groth16.verify(key, inputs, proof).catch(() => false);
}

const negate = (curve: Groth16Curve, point: Uint8Array): Uint8Array => {
  const { x, y } = curve.readG1(point, 0)!;
  return curve.writeG1({ x, y: curve.q - y });
};

const negate2 = (curve: Groth16Curve, point: Uint8Array): Uint8Array => {
  const { x, y } = curve.readG2(point, 0)!;
  const minus = (value: bigint): bigint => (value === 0n ? 0n : curve.q - value);
  return curve.writeG2({ x, y: { c0: minus(y.c0), c1: minus(y.c1) } });
};

/** The same bytes with one changed. */
const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** A point of G1's curve whose order divides the cofactor, added to a point. */
function leaveG1(curve: Groth16Curve, point: Uint8Array, x = 1n): Uint8Array {
  const { Fp } = bls12_381.fields;
  const square = (x * x * x + curve.b) % curve.q;
  if (!Fp.eql(Fp.pow(square, (curve.q - 1n) / 2n), 1n)) return leaveG1(curve, point, x + 1n);
  const g1 = curveOver(curve.q, 0);
  const stray = sumOfTerms(g1, [termOf(g1, g1.fromAffine({ x, y: Fp.sqrt(square) }), curve.r)]);
  expect(stray.z).not.toBe(0n);
  return curve.writeG1(g1.toAffine(g1.add(stray, g1.fromAffine(curve.readG1(point, 0)!))));
}

/** The same for the twisted curve. */
function leaveG2(curve: Groth16Curve, point: Uint8Array, c0 = 1n): Uint8Array {
  const { Fp2 } = (curve.id === 1 ? bn254 : bls12_381).fields;
  const x = Fp2.create({ c0, c1: 1n });
  const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.create(curve.twistB));
  let y: { c0: bigint; c1: bigint };
  try {
    y = Fp2.sqrt(square);
  } catch {
    return leaveG2(curve, point, c0 + 1n);
  }
  const g2 = curveOverFp2(curve.q);
  const stray = sumOfTerms(g2, [termOf(g2, g2.fromAffine({ x, y }), curve.r)]);
  expect(g2.isInfinity(stray)).toBe(false);
  return curve.writeG2(g2.toAffine(g2.add(stray, g2.fromAffine(curve.readG2(point, 0)!))));
}

/** A proof made into one that is no longer valid, in ways that snarkjs refuses too. */
function corruptions(curve: Groth16Curve): ((parts: Parts, random: bigint) => Partial<Parts>)[] {
  const { r, g1Length, g2Length } = curve;
  const field = g1Length / 2;
  const input = (parts: Parts, change: (value: bigint) => bigint): Partial<Parts> => ({
    inputs: parts.inputs.map((value, i) => (i === 0 ? toBytes32(change(bytesToBigInt(value))) : value)),
  });
  const infinity = new Uint8Array(g1Length);
  return [
    (parts, random) => input(parts, (value) => (value + (random % 1000n) + 1n) % r),
    (parts) => input(parts, (value) => value + r),
    ({ inputs }) => ({ inputs: [inputs[1]!, inputs[0]!] }),
    // The last byte of each coordinate.
    ({ a }) => ({ a: changed(a, field - 1) }),
    ({ a }) => ({ a: changed(a, 2 * field - 1) }),
    ({ b }) => ({ b: changed(b, field - 1) }),
    ({ b }) => ({ b: changed(b, 2 * field - 1) }),
    ({ b }) => ({ b: changed(b, 3 * field - 1) }),
    ({ b }) => ({ b: changed(b, 4 * field - 1) }),
    ({ c }) => ({ c: changed(c, field - 1) }),
    ({ c }) => ({ c: changed(c, 2 * field - 1) }),
    ({ a, c }) => ({ a: c, c: a }),
    ({ beta }) => ({ b: beta }),
    ({ a }) => ({ a: negate(curve, a) }),
    ({ b }) => ({ b: negate2(curve, b) }),
    ({ c }) => ({ c: negate(curve, c) }),
    () => ({ a: infinity }),
    () => ({ b: new Uint8Array(g2Length) }),
    () => ({ c: infinity }),
    (_, random) => ({ c: g1Times(curve, (random % (r - 1n)) + 1n) }),
  ];
}

describe.each(bothCurves.map((curve) => [curve.name, curve] as const))('%s', (_, curve) => {
  it('accepts 50 valid proofs that snarkjs accepts', { timeout: 300_000 }, async () => {
    for (let i = 0; i < 50; i++) {
      const parts = simulate(curve, i % 5, 1_000 + i);
      expect(ours(joinParts(curve, parts)), `proof ${i}`).toBe(true);
      expect(await theirs(curve, parts), `proof ${i}`).toBe(true);
    }
  });

  it('refuses 200 corrupted proofs that snarkjs refuses', { timeout: 300_000 }, async () => {
    const next = numbers(77);
    const kinds = corruptions(curve);
    for (let i = 0; i < 10; i++) {
      const parts = simulate(curve, 2, 2_000 + i);
      for (const [kind, corrupt] of kinds.entries()) {
        const corrupted = { ...parts, ...corrupt(parts, next(curve.r)) };
        expect(ours(joinParts(curve, corrupted)), `kind ${kind}`).toBe(false);
        expect(await theirs(curve, corrupted), `kind ${kind}`).toBe(false);
      }
    }
    expect(kinds.length * 10).toBe(200);
  });

  it('accepts as snarkjs does: both of A and B negated, which is another proof of the same', async () => {
    const parts = simulate(curve, 1, 3);
    const other = { ...parts, a: negate(curve, parts.a), b: negate2(curve, parts.b) };
    expect(ours(joinParts(curve, other))).toBe(true);
    expect(await theirs(curve, other)).toBe(true);
  });

  it('refuses points outside of the subgroup, some of which snarkjs accepts', async () => {
    const parts = simulate(curve, 1, 4);
    const answers: Record<string, boolean> = {};
    const strays: Record<string, Partial<Parts>> = { b: { b: leaveG2(curve, parts.b) } };
    if (curve.id === 2) {
      strays.a = { a: leaveG1(curve, parts.a) };
      strays.c = { c: leaveG1(curve, parts.c) };
      strays.alpha = { alpha: leaveG1(curve, parts.alpha) };
      strays.ic0 = { ic: [leaveG1(curve, parts.ic[0]!), parts.ic[1]!] };
      strays.ic1 = { ic: [parts.ic[0]!, leaveG1(curve, parts.ic[1]!)] };
    }
    strays.gamma = { gamma: leaveG2(curve, parts.gamma) };
    for (const [name, stray] of Object.entries(strays)) {
      const input = joinParts(curve, { ...parts, ...stray });
      expect(ours(input), name).toBe(false);
      answers[name] = await theirs(curve, { ...parts, ...stray });
    }
    // The pairing of a point of G1 whose order divides the cofactor is 1, so that snarkjs does not notice.
    expect(answers).toEqual(
      curve.id === 1
        ? { b: false, gamma: false }
        : { a: true, alpha: true, b: false, c: true, gamma: false, ic0: true, ic1: true },
    );
  });

  it.each(['a', 'b', 'c', 'combined'] as const)(
    'accepts infinity for %s where the equation holds',
    async (what) => {
      const parts = simulate(curve, 2, 6, what);
      expect(ours(joinParts(curve, parts))).toBe(true);
      // snarkjs gets the pairing with infinity in G2 wrong.
      expect(await theirs(curve, parts)).toBe(what !== 'b');
    },
  );

  it('refuses coordinates that are not reduced, which snarkjs accepts', async () => {
    const parts = simulate(curve, 1, 5);
    const field = curve.g1Length / 2;
    const x = bytesToBigInt(parts.a.subarray(0, field)) + curve.q;
    const a = parts.a.slice();
    for (let i = field - 1, rest = x; i >= 0; i--, rest >>= 8n) a[i] = Number(rest & 255n);
    expect(ours(joinParts(curve, { ...parts, a }))).toBe(false);
    expect(await theirs(curve, { ...parts, a })).toBe(true);
  });
});

describe.each(bothCurves.map((curve) => [curve.name, curve] as const))(
  '%s with a key of snarkjs',
  (_, curve) => {
    const { circuit, witness } = chain(curve, 20, 2);
    let file: Uint8Array;
    let key: ProvingKey;
    let exported: object;

    beforeAll(async () => {
      const engine = await snarkjs.curves.getCurveFromName(curve.name);
      const [started, random, prepared, plain, final] = Array.from({ length: 5 }, () => memory());
      const beacon = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20';
      await snarkjs.powersOfTau.newAccumulator(engine, 5, started!);
      await snarkjs.powersOfTau.beacon(started!, random!, 'test', beacon, 10);
      await snarkjs.powersOfTau.preparePhase2(random!, prepared!);
      await snarkjs.zKey.newZKey(memory(r1csFile(curve, circuit)), prepared!, plain!);
      await snarkjs.zKey.beacon(plain!, final!, 'test', beacon, 10);
      exported = await snarkjs.zKey.exportVerificationKey(final!);
      file = final!.data!;
      key = parseZkey(file);
    });

    it('reads the key', () => {
      expect(key).toMatchObject({ curve, nVars: circuit.nVars, nPublic: 2, domainSize: 32 });
      expect(key.verifyingKey).toEqual(encodeVerifyingKey(exported));
      expect(verifyingKeyToJson(key.verifyingKey)).toMatchObject({ IC: (exported as { IC: unknown }).IC });
    });

    it('proves what snarkjs verifies', async () => {
      const values = parseWtns(wtnsFile(curve, witness)).values;
      const proof = proveGroth16(key, values, SEED);
      const inputs = values.slice(1, 3).map(String);
      expect(ours(concatBytes(key.verifyingKey, proof, publicInputsOf(key, values)))).toBe(true);
      expect(await snarkjs.groth16.verify(exported, inputs, proofToJson(proof, curve.name))).toBe(true);
      const false1 = [`${(values[1]! + 1n) % curve.r}`, inputs[1]!];
      expect(await snarkjs.groth16.verify(exported, false1, proofToJson(proof, curve.name))).toBe(false);
    });

    it('verifies what snarkjs proves', async () => {
      const { proof, publicSignals } = await snarkjs.groth16.prove(
        memory(file),
        memory(wtnsFile(curve, witness)),
      );
      expect(ours(encodeVerifyInput(exported, proof, publicSignals))).toBe(true);
      expect(ours(encodeVerifyInput(exported, proof, [publicSignals[1], publicSignals[0]]))).toBe(false);
    });

    it('writes keys in the tests that snarkjs proves with', async () => {
      const own = zkeyFile(curve, circuit);
      const { proof, publicSignals } = await snarkjs.groth16.prove(
        memory(own),
        memory(wtnsFile(curve, witness)),
      );
      const json = verifyingKeyToJson(parseZkey(own).verifyingKey);
      expect(ours(encodeVerifyInput(json, proof, publicSignals))).toBe(true);
    });

    it('proves circuits of a thousand constraints', { timeout: 300_000 }, async () => {
      const large = chain(curve, 1000, 1);
      const largeKey = parseZkey(zkeyFile(curve, large.circuit));
      const proof = proveGroth16(largeKey, large.witness, SEED);
      const json = verifyingKeyToJson(largeKey.verifyingKey);
      expect(
        await snarkjs.groth16.verify(json, [`${large.witness[1]}`], proofToJson(proof, curve.name)),
      ).toBe(true);
    });
  },
);
