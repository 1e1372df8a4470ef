/** What `erbium zk` cannot use: exit code 2, and a message that names the file and the field. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseR1cs } from '../../src/cli/zk-r1cs.ts';
import { witnessOf } from '../../src/cli/zk-witness.ts';
import { erbium, useFolder } from './support.ts';

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const HUGE = '1'.repeat(1_000_000);

const product = (values: number): string => `pragma circom 2.1.0;
template Product() {
  signal input a;
  signal input b[${values}];
  signal output c;
  a * (a - 3) === 0;
  var sum = 0;
  for (var i = 0; i < ${values}; i++) sum += b[i];
  c <== a * sum;
}
component main = Product();
`;

type Json = Record<string, unknown>;

const folder = useFolder();
const at = (name: string): string => join(folder.path, name);
const files = { key: 'keys/verification_key.json', inputs: 'public.json', proof: 'proof.json' } as const;
type Name = keyof typeof files;
const NAMES = Object.keys(files) as Name[];
const contents: Record<Name, unknown> = { key: {}, inputs: {}, proof: {} };

/** All three files, one of them bad. */
const paths = (bad: Name): Record<Name, string> => {
  const all: Record<Name, string> = { ...files };
  all[bad] = 'bad.json';
  return all;
};

beforeAll(() => {
  folder.write('product.circom', product(2));
  folder.write('three.circom', product(3));
  folder.write('input.json', { a: 3, b: [1, 2] });
  for (const args of [
    ['setup', 'product.circom', 'keys'],
    ['setup', 'three.circom', 'three'],
    ['setup', 'product.circom', 'bls', '--curve', 'bls12-381'],
    ['prove', 'keys', 'input.json'],
  ]) {
    expect(erbium(['zk', ...args], { cwd: folder.path }).status).toBe(0);
  }
  for (const name of NAMES) contents[name] = JSON.parse(readFileSync(at(files[name]), 'utf8'));
});

/** Runs the command in the folder, which must refuse with these messages, in few words, and print nothing else. */
function refuses(args: readonly string[], ...messages: string[]): void {
  const { status, stdout, stderr } = erbium(['zk', ...args], { cwd: folder.path });
  for (const message of messages) expect(stderr).toContain(message);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.length).toBeLessThan(2_500);
}

describe('verify and export', () => {
  it.each<[Name, (json: Json) => unknown, string]>([
    ['key', () => [], 'verifyingKey: expected an object'],
    ['key', () => null, 'verifyingKey: expected an object'],
    ['key', (key) => ({ ...key, protocol: 'plonk' }), 'verifyingKey.protocol: expected groth16'],
    ['key', (key) => ({ ...key, curve: 'bls12381x' }), 'verifyingKey.curve'],
    ['key', (key) => ({ ...key, vk_alpha_1: undefined }), 'verifyingKey.vk_alpha_1'],
    ['key', (key) => ({ ...key, vk_gamma_2: [['1', '2'], ['3'], ['1', '0']] }), 'verifyingKey.vk_gamma_2[1]'],
    ['key', (key) => ({ ...key, IC: [] }), 'verifyingKey.IC: expected 2 items'],
    ['key', (key) => ({ ...key, nPublic: 1e9 }), 'verifyingKey.nPublic'],
    ['key', (key) => ({ ...key, vk_alpha_1: [HUGE, '1', '1'] }), 'verifyingKey.vk_alpha_1[0]'],
    ['inputs', () => ({}), 'publicInputs: expected a list'],
    ['inputs', () => [], 'publicInputs: expected 1 items, got 0'],
    ['inputs', () => ['1', '2'], 'publicInputs: expected 1 items, got 2'],
    ['inputs', () => [`${R}`], 'publicInputs[0]: is not below'],
    ['inputs', () => [HUGE], 'publicInputs[0]'],
    ['inputs', () => [3], 'publicInputs[0]'],
    ['proof', () => 7, 'proof: expected an object'],
    ['proof', (proof) => ({ ...proof, pi_b: undefined }), 'proof.pi_b'],
    ['proof', (proof) => ({ ...proof, pi_c: ['1', '2', '3'] }), 'proof.pi_c'],
    ['proof', (proof) => ({ ...proof, curve: 'bls12381' }), 'proof.curve: expected bn128'],
    ['proof', (proof) => ({ ...proof, pi_a: [HUGE, '1', '1'] }), 'proof.pi_a[0]'],
  ])('%s: %#', (name, change, message) => {
    folder.write('bad.json', change(contents[name] as Json));
    const { key, inputs, proof } = paths(name);
    for (const command of ['verify', 'export'])
      refuses([command, key, inputs, proof], `bad.json: ${message}`);
    if (name === 'key') refuses(['export', key], `bad.json: ${message}`);
  });

  it.each(['{', '', HUGE.slice(0, 100_000), '['.repeat(100_000)])('no JSON, or none of use: %#', (text) => {
    folder.write('bad.json', text);
    for (const name of NAMES) {
      const { key, inputs, proof } = paths(name);
      refuses(['verify', key, inputs, proof], 'bad.json: ');
    }
  });

  it('wrong usage', () => {
    refuses(['verify', files.key, files.inputs], "missing required argument 'proof'");
    refuses(['export', files.key, files.inputs], "missing required argument 'proof'");
    refuses(['export', files.key, '--json', '--solidity'], '--json and --solidity');
    refuses(['verify', 'none.json', files.inputs, files.proof], 'none.json: no such file or folder');
    refuses(['verify', 'keys', files.inputs, files.proof], 'keys: is a folder');
    refuses(['verify', files.key, files.inputs, files.key], 'verification_key.json: proof.pi_a');
  });
});

describe('prove', () => {
  it.each<[unknown, string]>([
    [[], 'inputs: expected an object'],
    [{}, 'signals: 0 values are given, and the circuit takes 3'],
    [{ a: 3 }, 'signals: 1 values'],
    [{ a: 3, b: [1] }, 'b: expected 2 values, got 1'],
    [{ a: 3, b: [1, [2, 3]] }, 'b: expected 2 values, got 3'],
    [{ a: 3, b: [1, 2], e: 1 }, 'e: is no input of the circuit'],
    [{ a: 3, b: [1, 2], constructor: 1 }, 'constructor: is no input of the circuit'],
    [{ a: 4, b: [1, 2] }, 'the inputs do not satisfy the circuit: Error in template Product'],
    [{ a: 3, b: [1, 2.5] }, 'b[1]: expected a whole number'],
    [{ a: 3, b: [1, 2 ** 53] }, 'b[1]: expected a whole number'],
    [{ a: 3, b: [1, null] }, 'b[1]: expected a whole number'],
    [{ a: true, b: [1, 2] }, 'a: expected a whole number'],
    [{ a: '3 ', b: [1, 2] }, 'a: expected a whole number'],
    [{ a: '', b: [1, 2] }, 'a: expected a whole number'],
    [{ a: 3, b: [1, HUGE] }, 'b[1]: expected a whole number'],
    [{ a: `${R}`, b: [1, 2] }, 'a: is not below the modulus'],
    [{ a: `${-R}`, b: [1, 2] }, 'a: is not below the modulus'],
    [{ a: { x: 3 }, b: [1, 2] }, 'a.x: is no input of the circuit'],
  ])('inputs: %#', (input, message) => {
    folder.write('bad.json', input);
    refuses(['prove', 'keys', 'bad.json', '--out', 'none.json'], `bad.json: ${message}`);
    expect(existsSync(at('none.json'))).toBe(false);
  });

  it.each([
    [
      'lists',
      `{"a": ${'['.repeat(200_000)}3${']'.repeat(200_000)}, "b": [1]}`,
      'b: expected 2 values, got 1',
    ],
    ['objects', `{"a": ${'{"":'.repeat(100_000)}3${'}'.repeat(100_000)}}`, 'is nested too deep'],
    ['objects without a name', `${'{"":'.repeat(100_000)}3${'}'.repeat(100_000)}`, 'is nested too deep'],
  ])('inputs nested without end: %s', (_, text, message) => {
    folder.write('bad.json', text);
    refuses(['prove', 'keys', 'bad.json', '--out', 'none.json'], 'bad.json: ', message);
  });

  it('a key that is truncated or spoilt anywhere', () => {
    const zkey = readFileSync(at('keys/circuit.zkey'));
    const prove = (file: Uint8Array, ...messages: string[]): void => {
      writeFileSync(at('bad.zkey'), file);
      const args = ['prove', 'bad.zkey', 'input.json', '--wasm', 'keys/circuit.wasm', '--out', 'none.json'];
      refuses(args, 'bad.zkey: zkey', ...messages);
    };
    for (const length of [0, 3, 11, 100, zkey.length - 1]) prove(zkey.subarray(0, length));
    prove(Buffer.concat([zkey, Buffer.alloc(1)]), '1 bytes too many');
    const protocol = Buffer.from(zkey);
    protocol[24] = 2;
    prove(protocol, 'section 1: the protocol is not Groth16');
  });

  it('files of two circuits or curves', () => {
    const prove = (key: string, wasm: string, ...messages: string[]): void =>
      refuses(['prove', key, 'input.json', '--wasm', wasm, '--out', 'none.json'], ...messages);
    prove('keys', 'three/circuit.wasm', 'three/circuit.wasm: has 6 wires, and the key 5');
    prove('keys', 'bls/circuit.wasm', 'bls/circuit.wasm: is for another curve than the key');
    prove('bls', 'keys/circuit.wasm', 'is for another curve');
    prove('keys', 'input.json', 'input.json: WebAssembly.Module()');
    prove('keys', 'none.wasm', 'none.wasm: no such file');
    const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    writeFileSync(at('empty.wasm'), Uint8Array.from(empty));
    prove('keys', 'empty.wasm', 'empty.wasm: is not of circom 2: has no getVersion');
    prove('none', 'keys/circuit.wasm', 'none: no such file or folder');
    refuses(['prove', 'keys/circuit.zkey', 'none.json'], 'none.json: no such file');
    refuses(['prove', 'three/verification_key.json', 'input.json'], 'zkey: is no file of this kind');
  });

  it('a seed, without repeating it, and names to write', () => {
    for (const seed of ['', '0x', 'SECRET', '12', `${'0'.repeat(64)}00`, `${'0'.repeat(63)}g`]) {
      const { status, stderr } = erbium(['zk', 'prove', 'keys', 'input.json', '--seed', seed], {
        cwd: folder.path,
      });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'erbium: --seed: expected 32 bytes, which is 64 hex digits\n',
      });
    }
    refuses(['prove', 'keys', 'input.json', '--out', ''], '--out and --public');
    refuses(['prove', 'keys', 'input.json', '--out', 'x.json', '--public', './x.json'], 'both are x.json');
    mkdirSync(at('taken'), { recursive: true });
    const before = readdirSync(folder.path);
    refuses(['prove', 'keys', 'input.json', '--out', 'x.json', '--public', 'taken'], 'taken: is no file');
    refuses(['prove', 'keys', 'input.json', '--out', 'none/x.json'], 'none/');
    expect(readdirSync(folder.path)).toEqual(before);
  });
});

describe('setup', () => {
  it.each<[string, string[], string]>([
    ['a folder that is there', ['product.circom', 'keys'], 'keys: is there already'],
    ['a folder as the circuit', ['keys', 'none'], 'keys: is no file'],
    ['no circuit', ['none.circom', 'none'], 'none.circom: no such file or folder'],
    ['no circom', ['input.json', 'none'], 'input.json: does not compile'],
    ['another curve', ['product.circom', 'none', '--curve', 'p256'], '--curve "p256": expected bn254'],
    ['a short seed', ['product.circom', 'none', '--seed', '00'], '--seed: expected 32 bytes'],
    ['no name', ['product.circom', ''], 'the second argument: expected the name of a folder'],
    ['no powers of tau', ['product.circom', 'none', '--ptau', 'none.ptau'], 'none.ptau: no such file'],
    ['a file in the way', ['product.circom', 'input.json/x'], 'input.json'],
  ])('%s', (_, args, message) => {
    const before = readdirSync(folder.path);
    refuses(['setup', ...args], message);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('takes an empty folder', () => {
    mkdirSync(at('empty'));
    expect(erbium(['zk', 'setup', 'product.circom', 'empty'], { cwd: folder.path }).status).toBe(0);
  });
});

describe('the readers', () => {
  it('of constraints refuse every truncation, and never more than a typed error', () => {
    const file = readFileSync(at('keys/circuit.r1cs'));
    expect(parseR1cs(file)).toMatchObject({ nPublic: 1, nVars: 5 });
    const typed = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    for (let length = 0; length < file.length; length++) {
      expect(() => parseR1cs(file.subarray(0, length))).toThrow(typed);
    }
    // Any 4 bytes that are taken for a number may be the largest.
    for (let at = 0; at + 4 <= file.length; at++) {
      const copy = Buffer.from(file);
      copy.writeUInt32LE(0xffffffff, at);
      try {
        parseR1cs(copy);
      } catch (error) {
        expect(error).toEqual(typed);
      }
    }
  });

  it('of circuits never throw more than a typed error', () => {
    const wasm = readFileSync(at('keys/circuit.wasm'));
    const request = { wasmPath: 'x.wasm', input: { a: 3, b: [5, 6] }, inputPath: 'x.json', r: R, wires: 5 };
    expect(witnessOf({ ...request, wasm })).toEqual([1n, 33n, 3n, 5n, 6n]);
    for (let length = 0; length < wasm.length; length += 997) {
      expect(() => witnessOf({ ...request, wasm: wasm.subarray(0, length) })).toThrow(/^x\.wasm: /);
    }
  });
});
