/** Files of snarkjs: strict readers of hostile JSON and binary files. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeProof,
  encodePublicInputs,
  encodeVerifyInput,
  encodeVerifyingKey,
  proofToJson,
  verifyingKeyToJson,
} from '../../../precompiles/ext/lib/groth16-encoding.ts';
import { proveGroth16 } from '../../../precompiles/ext/lib/groth16-prove.ts';
import { parseWtns } from '../../../precompiles/ext/lib/wtns.ts';
import { parseZkey } from '../../../precompiles/ext/lib/zkey.ts';
import { bytesToBigInt, concatBytes } from '../../../src/primitives/bytes.ts';
import { ErbiumError } from '../../../src/primitives/errors.ts';
import {
  bothCurves,
  chain,
  container,
  joinParts,
  SEED,
  simulate,
  wtnsFile,
  zkeyFile,
} from './samples/groth16-setup.ts';

const byName = bothCurves.map((curve) => [curve.name, curve] as const);

/** The message of the ErbiumError that a call throws. */
function message(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    expect(error.code).toBe('INVALID_ARGUMENT');
    return error.message;
  }
  throw new Error('nothing was thrown');
}

describe.each(byName)('JSON of %s', (name, curve) => {
  const parts = simulate(curve, 2, 50);
  const input = joinParts(curve, parts);
  const keyBytes = input.subarray(0, 3 + curve.g1Length + 3 * curve.g2Length + 3 * curve.g1Length);
  const proofBytes = concatBytes(parts.a, parts.b, parts.c);
  const key = verifyingKeyToJson(keyBytes);
  const proof = proofToJson(proofBytes, name);
  const inputs = parts.inputs.map((value) => bytesToBigInt(value).toString());

  it('is the same after both ways', () => {
    expect(encodeVerifyingKey(key)).toEqual(keyBytes);
    expect(encodeProof(proof)).toEqual(proofBytes);
    expect(encodeVerifyInput(key, proof, inputs)).toEqual(input);
    expect(encodeVerifyInput(JSON.parse(JSON.stringify(key)), proof, inputs.map(BigInt))).toEqual(input);
    expect(encodePublicInputs([], name)).toEqual(new Uint8Array(0));
  });

  it('writes infinity as snarkjs does', () => {
    const none = proofToJson(new Uint8Array(proofBytes.length), name);
    expect(none.pi_a).toEqual(['0', '1', '0']);
    expect(none.pi_b).toEqual([
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ]);
    expect(encodeProof(none)).toEqual(new Uint8Array(proofBytes.length));
  });

  it('takes the curve from the caller where the proof names none', () => {
    const { curve: _, ...nameless } = proof;
    expect(encodeProof(nameless, name)).toEqual(proofBytes);
    expect(message(() => encodeProof(nameless))).toMatch(/^proof\.curve: /);
    expect(message(() => encodeProof(proof, name === 'bn128' ? 'bls12381' : 'bn128'))).toMatch(
      /^proof\.curve: /,
    );
  });

  const x = proof.pi_a[0]!;
  const rest = proof.pi_a.slice(1);
  it.each<[string, object, RegExp]>([
    ['another protocol', { protocol: 'plonk' }, /^proof\.protocol/],
    ['another curve', { curve: 'secp256k1' }, /^proof\.curve/],
    ['no point', { pi_a: undefined }, /^proof\.pi_a: expected a list/],
    ['text', { pi_c: 'abc' }, /^proof\.pi_c: expected a list/],
    ['two coordinates', { pi_a: proof.pi_a.slice(0, 2) }, /^proof\.pi_a: expected 3 items, got 2/],
    ['four coordinates', { pi_a: [...proof.pi_a, '1'] }, /^proof\.pi_a: expected 3 items, got 4/],
    ['a number', { pi_a: [5, ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['hex', { pi_a: ['0x5', ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['a sign', { pi_a: [`-${x}`, ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['a leading zero', { pi_a: [`0${x}`, ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['a line feed', { pi_a: [`${x}\n`, ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['a negative bigint', { pi_a: [-1n, ...rest] }, /^proof\.pi_a\[0\]: is not below/],
    ['the modulus', { pi_a: [`${curve.q}`, ...rest] }, /^proof\.pi_a\[0\]: is not below/],
    ['a million digits', { pi_a: ['9'.repeat(1e6), ...rest] }, /^proof\.pi_a\[0\]: expected a decimal/],
    ['z = 2', { pi_a: [x, rest[0], '2'] }, /^proof\.pi_a: expected an affine point/],
    ['z = 0 with coordinates', { pi_a: [x, rest[0], '0'] }, /^proof\.pi_a: expected an affine point/],
    ['0, 0', { pi_a: ['0', '0', '1'] }, /^proof\.pi_a: is not on the curve/],
    ['flat G2', { pi_b: ['1', '2', '1'] }, /^proof\.pi_b\[0\]: expected a list/],
    ['holes', { pi_b: new Array(3) }, /^proof\.pi_b\[0\]: expected a list/],
    ['z = u', { pi_b: [...proof.pi_b.slice(0, 2), ['0', '1']] }, /^proof\.pi_b: expected an affine/],
    [
      '0, 0 in G2',
      {
        pi_b: [
          ['0', '0'],
          ['0', '0'],
          ['1', '0'],
        ],
      },
      /^proof\.pi_b: is not on the curve/,
    ],
  ])('refuses %s in a proof', (_, change, pattern) => {
    expect(message(() => encodeProof({ ...proof, ...change }))).toMatch(pattern);
  });

  it.each<[string, object, RegExp]>([
    ['another protocol', { protocol: 'fflonk' }, /^verifyingKey\.protocol/],
    ['no curve', { curve: undefined }, /^verifyingKey\.curve/],
    ['an inherited name', { curve: '__proto__' }, /^verifyingKey\.curve/],
    ['too few inputs', { nPublic: 1 }, /^verifyingKey\.IC: expected 2 items, got 3/],
    ['a million inputs', { nPublic: 1e6 }, /^verifyingKey\.nPublic/],
    ['half an input', { nPublic: 1.5 }, /^verifyingKey\.nPublic/],
    ['NaN inputs', { nPublic: Number.NaN }, /^verifyingKey\.nPublic/],
    ['text for a count', { nPublic: '2' }, /^verifyingKey\.nPublic/],
    ['minus one inputs', { nPublic: -1, IC: [] }, /^verifyingKey\.nPublic/],
    ['a list with holes', { IC: new Array(3) }, /^verifyingKey\.IC\[0\]: expected a list/],
    ['an object for a list', { IC: { length: 3 } }, /^verifyingKey\.IC: expected a list/],
    ['no alpha', { vk_alpha_1: null }, /^verifyingKey\.vk_alpha_1/],
    ['G1 for beta', { vk_beta_2: key.vk_alpha_1 }, /^verifyingKey\.vk_beta_2\[0\]/],
    ['no gamma', { vk_gamma_2: [] }, /^verifyingKey\.vk_gamma_2/],
    ['no delta', { vk_delta_2: {} }, /^verifyingKey\.vk_delta_2/],
  ])('refuses %s in a key', (_, change, pattern) => {
    expect(message(() => encodeVerifyingKey({ ...key, ...change }))).toMatch(pattern);
  });

  it('refuses inputs that are none', () => {
    const call = (value: unknown) => message(() => encodeVerifyInput(key, proof, value));
    expect(call(inputs.slice(1))).toMatch(/^publicInputs: expected 2 items, got 1/);
    expect(call([...inputs, '0'])).toMatch(/^publicInputs: expected 2 items, got 3/);
    expect(call({})).toMatch(/^publicInputs: expected a list/);
    expect(call([inputs[0], `${curve.r}`])).toMatch(/^publicInputs\[1\]: is not below/);
    expect(call(new Array(2))).toMatch(/^publicInputs\[0\]: expected a decimal/);
    expect(call([inputs[0], 1e21])).toMatch(/^publicInputs\[1\]: expected a decimal/);
    expect(message(() => encodePublicInputs('12', name))).toMatch(/^publicInputs: expected a list/);
    expect(message(() => encodePublicInputs(new Array(65_536), name))).toMatch(
      /^publicInputs: expected at most/,
    );
    for (const nothing of [null, undefined, 7, 'x', []]) {
      expect(message(() => encodeVerifyingKey(nothing))).toMatch(/^verifyingKey: expected an object/);
      expect(message(() => encodeProof(nothing))).toMatch(/^proof: expected an object/);
    }
  });

  it('refuses bytes that are no proof or key', () => {
    expect(message(() => proofToJson(proofBytes.subarray(1), name))).toMatch(/^proof: expected \d+ bytes/);
    expect(
      message(() =>
        proofToJson(
          proofBytes.map(() => 255),
          name,
        ),
      ),
    ).toMatch(/^proof\.pi_a: /);
    expect(message(() => verifyingKeyToJson(keyBytes.subarray(0, -1)))).toMatch(
      /^verifyingKey: expected \d+ bytes/,
    );
    expect(message(() => verifyingKeyToJson(new Uint8Array(0)))).toMatch(/^verifyingKey: unknown curve/);
    expect(message(() => verifyingKeyToJson(Uint8Array.of(curve.id)))).toMatch(/^verifyingKey: expected/);
  });
});

/** A file of sections with one of them replaced. */
function withSection(
  file: Uint8Array,
  id: number,
  change: (old: Uint8Array) => Uint8Array | null,
): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const sections: [number, Uint8Array][] = [];
  for (let at = 12; at < file.length; ) {
    const found = view.getUint32(at, true);
    const length = Number(view.getBigUint64(at + 4, true));
    const old = file.slice(at + 12, at + 12 + length);
    const data = found === id ? change(old) : old;
    if (data !== null) sections.push([found, data]);
    at += 12 + length;
  }
  return container(String.fromCharCode(...file.subarray(0, 4)), view.getUint32(4, true), sections);
}

const poke =
  (at: number, ...bytes: number[]) =>
  (old: Uint8Array): Uint8Array => {
    const copy = old.slice();
    copy.set(bytes, at);
    return copy;
  };

describe.each(byName)('zkey of %s', (_, curve) => {
  const { circuit, witness } = chain(curve, 5, 1);
  const file = zkeyFile(curve, circuit);
  const fb = curve.fieldBytes;
  const parse = (id: number, change: (old: Uint8Array) => Uint8Array | null): string =>
    message(() => parseZkey(withSection(file, id, change)));

  it('is read', () => {
    expect(parseZkey(file)).toMatchObject({ nVars: circuit.nVars, nPublic: 1, domainSize: 8 });
    expect(withSection(file, 99, (old) => old)).toEqual(file);
  });

  it('may stand in the middle of a buffer', () => {
    const buffer = concatBytes(new Uint8Array(3).fill(7), file, new Uint8Array(9).fill(7));
    expect(parseZkey(buffer.subarray(3, 3 + file.length))).toEqual(parseZkey(file));
    // Buffer's own `slice` is a view.
    const ofNode = Buffer.from(file);
    expect(parseZkey(ofNode)).toEqual(parseZkey(file));
    expect(Buffer.compare(ofNode, file)).toBe(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('needs section %i, and all of it', (id) => {
    expect(parse(id, () => null)).toBe(`zkey section ${id}: is missing`);
    expect(parse(id, (old) => old.subarray(0, -1))).toMatch(new RegExp(`^zkey section ${id}: `));
    expect(parse(id, (old) => concatBytes(old, Uint8Array.of(0)))).toMatch(
      new RegExp(`^zkey section ${id}: `),
    );
    expect(parse(id, () => new Uint8Array(0))).toMatch(new RegExp(`^zkey section ${id}: `));
  });

  it('does not need other sections', () => {
    expect(parseZkey(withSection(file, 10, () => null)).nVars).toBe(circuit.nVars);
  });

  it('refuses a wrong container', () => {
    expect(message(() => parseZkey(new Uint8Array(0)))).toMatch(/^zkey: ends/);
    expect(message(() => parseZkey(wtnsFile(curve, witness)))).toMatch(/^zkey: is no file/);
    expect(message(() => parseZkey(poke(4, 2)(file)))).toMatch(/^zkey: version 2/);
    expect(message(() => parseZkey(concatBytes(file, Uint8Array.of(0))))).toMatch(/^zkey: 1 bytes too many/);
    expect(message(() => parseZkey(poke(8, 255, 255, 255, 255)(file)))).toMatch(/^zkey: ends/);
    // Length of the first section, near 2^32 and 2^64.
    expect(message(() => parseZkey(poke(16, 255, 255, 255, 255)(file)))).toMatch(
      /^zkey section 1: is longer/,
    );
    expect(message(() => parseZkey(poke(16, ...Array(8).fill(255))(file)))).toMatch(
      /^zkey section 1: is longer/,
    );
    const twice = container('zkey', 1, [
      [1, Uint8Array.of(1, 0, 0, 0)],
      [1, Uint8Array.of(1, 0, 0, 0)],
    ]);
    expect(message(() => parseZkey(twice))).toMatch(/^zkey section 1: is there twice/);
    expect(message(() => parseZkey('0x00' as never))).toMatch(/expected bytes/);
  });

  it('refuses another protocol or curve', () => {
    expect(parse(1, poke(0, 2))).toMatch(/section 1: the protocol/);
    expect(parse(2, poke(0, 64))).toMatch(/section 2: the curve/);
    expect(parse(2, poke(0, 0))).toMatch(/section 2: the curve/);
    expect(parse(2, poke(4, 0))).toMatch(/section 2: the curve/);
    expect(parse(2, poke(4 + fb, 48))).toMatch(/section 2: the curve/);
    expect(parse(2, poke(8 + fb, 9))).toMatch(/section 2: the curve/);
  });

  it('refuses sizes that do not fit', () => {
    const sizes = 8 + fb + 32;
    const huge = [255, 255, 255, 255];
    expect(parse(2, poke(sizes, ...huge))).toMatch(/section (5|8): expected/);
    expect(parse(2, poke(sizes, 1, 0, 0, 0))).toMatch(/section 2: 1 wires/);
    expect(parse(2, poke(sizes, 0, 0, 0, 0))).toMatch(/section 2: 0 wires/);
    expect(parse(2, poke(sizes + 4, ...huge))).toMatch(/section 2: 4294967295 public/);
    expect(parse(2, poke(sizes + 4, 2))).toMatch(/section 3: expected 3 points/);
    expect(parse(2, poke(sizes + 8, ...huge))).toMatch(/section 2: the domain size/);
    for (const size of [0, 1, 3, 6, 7]) expect(parse(2, poke(sizes + 8, size))).toMatch(/the domain size/);
    expect(parse(2, poke(sizes + 8, 0, 0, 0, 128))).toMatch(
      curve.id === 1 ? /domain size/ : /section 9: expected/,
    );
    expect(parse(2, poke(sizes + 8, 16))).toMatch(/section 9: expected 16 points/);
  });

  it('refuses coefficients outside of their matrices', () => {
    expect(parse(4, poke(0, 255, 255, 255, 255))).toMatch(/section 4: expected 4294967295/);
    expect(parse(4, poke(4, 2))).toMatch(/section 4: coefficient 0 is of an unknown matrix/);
    expect(parse(4, poke(8, 8))).toMatch(/section 4: coefficient 0 is outside/);
    expect(parse(4, poke(12, circuit.nVars))).toMatch(/section 4: coefficient 0 is outside/);
    expect(parse(4, poke(12, 0, 0, 0, 128))).toMatch(/section 4: coefficient 0 is outside/);
    expect(parse(4, poke(16, ...Array(32).fill(255)))).toMatch(/section 4: a number is not below/);
  });

  it.each([3, 5, 6, 7, 8, 9])('refuses points of section %i off the curve', (id) => {
    // Points may be infinity, so look for one that is not.
    const change = (fill: (at: number, old: Uint8Array) => Uint8Array) => (old: Uint8Array) =>
      fill(
        old.findIndex((byte) => byte !== 0),
        old,
      );
    expect(
      parse(
        id,
        change((at, old) => poke(at, old[at]! ^ 1)(old)),
      ),
    ).toMatch(`section ${id}: a point is not on`);
    expect(parse(id, poke(0, ...Array(fb).fill(255)))).toMatch(`section ${id}: a number is not below`);
  });

  it('survives any change', () => {
    fc.assert(
      fc.property(
        fc.nat(file.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 9 }),
        fc.nat(file.length),
        (at, bytes, length) => {
          const copy = file.slice(0, Math.max(length, at + bytes.length));
          copy.set(bytes.subarray(0, copy.length - at), at);
          try {
            parseZkey(copy);
          } catch (error) {
            return error instanceof ErbiumError && error.code === 'INVALID_ARGUMENT';
          }
          return true;
        },
      ),
      { numRuns: 400, seed: 2 },
    );
  });

  it('proves for witnesses of the right form only', () => {
    const key = parseZkey(file);
    expect(message(() => proveGroth16(key, witness.slice(1), SEED))).toMatch(/^witness: expected/);
    expect(message(() => proveGroth16(key, [2n, ...witness.slice(1)], SEED))).toMatch(/^witness\[0\]/);
    const bad = (value: unknown) => message(() => proveGroth16(key, witness.with(3, value as bigint), SEED));
    for (const value of [curve.r, -1n, 5, '5', undefined]) expect(bad(value)).toMatch(/^witness\[3\]/);
    expect(message(() => proveGroth16(key, witness, SEED.subarray(1)))).toMatch(/^seed: expected 32/);
    expect(message(() => proveGroth16(key, witness, '00' as never))).toMatch(/^seed: expected bytes/);
  });
});

describe.each(byName)('wtns of %s', (_, curve) => {
  const { witness } = chain(curve, 3, 1);
  const file = wtnsFile(curve, witness);
  const parse = (id: number, change: (old: Uint8Array) => Uint8Array | null): string =>
    message(() => parseWtns(withSection(file, id, change)));

  it('is read', () => {
    expect(parseWtns(file)).toEqual({ curve, values: witness });
  });

  it('names the section that is wrong', () => {
    expect(parse(1, () => null)).toBe('wtns section 1: is missing');
    expect(parse(2, () => null)).toBe('wtns section 2: is missing');
    expect(parse(1, (old) => old.subarray(1))).toMatch(/^wtns section 1/);
    expect(parse(1, (old) => concatBytes(old, Uint8Array.of(0)))).toMatch(
      /^wtns section 1: 1 bytes too many/,
    );
    expect(parse(1, poke(0, 31))).toMatch(/^wtns section 1: expected numbers of 32/);
    expect(parse(1, poke(4, 77))).toMatch(/^wtns section 1: the curve/);
    expect(parse(1, poke(36, 255, 255, 255, 255))).toMatch(/^wtns section 2: expected 4294967295/);
    expect(parse(2, (old) => old.subarray(1))).toMatch(/^wtns section 2: expected/);
    expect(parse(2, poke(32, ...Array(32).fill(255)))).toMatch(/^wtns section 2: a number is not below/);
    expect(message(() => parseWtns(poke(4, 3)(file)))).toMatch(/^wtns: version 3/);
    for (let length = 0; length < file.length; length += 5) {
      expect(message(() => parseWtns(file.subarray(0, length)))).toMatch(/^wtns/);
    }
  });
});
