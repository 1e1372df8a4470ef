/** The anonymous vote: what its README says, its circuit under attack, and a contract that checks its proofs. */

import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { poseidon2 } from 'poseidon-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { zkVerify } from '../../precompiles/ext/e102-zk-verify.ts';
import { encodeVerifyInput } from '../../precompiles/ext/lib/groth16-encoding.ts';
import { proveGroth16, publicInputsOf } from '../../precompiles/ext/lib/groth16-prove.ts';
import { type ProvingKey, parseZkey } from '../../precompiles/ext/lib/zkey.ts';
import { witnessOf } from '../../src/cli/zk-witness.ts';
import { createEvm } from '../../src/index.ts';
import { bytesToBigInt, concatBytes } from '../../src/primitives/bytes.ts';
import { shell, useFolder } from '../cli/support.ts';

const EXAMPLE = `${import.meta.dirname}/../../examples/zk`;
const readme = readFileSync(`${EXAMPLE}/README.md`, 'utf8');

/** Commands of the README in their order, each with what it prints. */
const commands = [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
  [...block!.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, line, output]) => ({
    line: line!,
    output: output!,
  })),
);

// The package has no types.
const snarkjs = createRequire(import.meta.url)('snarkjs') as {
  groth16: { verify(key: unknown, inputs: unknown, proof: unknown): Promise<boolean> };
  curves: { getCurveFromName(name: string): Promise<{ terminate(): Promise<void> }> };
};

type Input = Record<string, string | string[]>;

/** In their order. */
const PUBLIC = ['root', 'nullifierHash', 'electionId', 'vote'] as const;

const folder = useFolder();
const at = (name: string): string => join(folder.path, name);
const parse = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

const input = parse<Input>(`${EXAMPLE}/input.json`);
const outcomes: { line: string; output: string }[] = [];
let key: ProvingKey;
let wasm: Uint8Array;

beforeAll(async () => {
  for (const name of ['vote.circom', 'input.json']) copyFileSync(`${EXAMPLE}/${name}`, at(name));
  symlinkSync(`${import.meta.dirname}/../../node_modules`, at('node_modules'));
  for (const { line } of commands) {
    outcomes.push({ line, output: (await shell(line, folder.path)).stdout });
  }
  key = parseZkey(readFileSync(at('keys/circuit.zkey')));
  wasm = readFileSync(at('keys/circuit.wasm'));
});

afterAll(async () => (await snarkjs.curves.getCurveFromName('bn128')).terminate());

const witness = (changes: Input = {}): bigint[] =>
  witnessOf({
    wasm,
    wasmPath: 'circuit.wasm',
    input: { ...input, ...changes },
    inputPath: 'input.json',
    r: key.curve.r,
    wires: key.nVars,
  });

/** Input of ZK_VERIFY for a vote. */
function inputFor(changes: Input = {}): Uint8Array {
  const values = witness(changes);
  const proof = proveGroth16(key, values, new Uint8Array(32));
  return concatBytes(key.verifyingKey, proof, publicInputsOf(key, values));
}

const check = (bytes: Uint8Array): bigint =>
  bytesToBigInt(zkVerify.run(bytes, nobleCrypto, createEvm().rules)!);

describe('the README', () => {
  it('has commands', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  it('shows what they print', () => {
    expect(outcomes).toEqual(commands);
  });

  it('makes a proof that snarkjs takes too, and for no other public input', async () => {
    const [verifyingKey, inputs, proof] = ['keys/verification_key.json', 'public.json', 'proof.json'].map(
      (name) => parse<string[]>(at(name)),
    ) as [unknown, string[], unknown];
    expect(inputs).toEqual(PUBLIC.map((name) => input[name]));
    expect(await snarkjs.groth16.verify(verifyingKey, inputs, proof)).toBe(true);
    expect(check(encodeVerifyInput(verifyingKey, proof, inputs))).toBe(1n);
    for (const [i, value] of inputs.entries()) {
      const others = inputs.with(i, `${BigInt(value) ^ 1n}`);
      expect(await snarkjs.groth16.verify(verifyingKey, others, proof)).toBe(false);
      expect(check(encodeVerifyInput(verifyingKey, proof, others))).toBe(0n);
    }
  });
});

describe('the circuit', () => {
  const hash = (a: unknown, b: unknown): string => `${poseidon2([BigInt(a as string), BigInt(b as string)])}`;

  /** What a voter with these secrets at this place of a list of strangers gives, computed without the circuit. */
  function voter(place: number, nullifier: string, secret: string, electionId: string): Input {
    let level = Array.from({ length: 16 }, (_, i) => hash(7 + i, 9));
    level[place] = hash(nullifier, secret);
    const siblings: string[] = [];
    const isRight: string[] = [];
    for (let index = place; level.length > 1; index >>= 1) {
      siblings.push(level[index ^ 1]!);
      isRight.push(`${index & 1}`);
      level = level.filter((_, i) => i % 2 === 0).map((left, i) => hash(left, level[2 * i + 1]));
    }
    const nullifierHash = hash(nullifier, electionId);
    return { root: level[0]!, nullifierHash, electionId, nullifier, secret, siblings, isRight };
  }

  it.each([0, 5, 10, 15])('takes a voter at place %i, for and against', (place) => {
    for (const vote of ['0', '1']) {
      const mine: Input = { ...voter(place, '11', '22', '33'), vote };
      expect(witness(mine).slice(1, 5)).toEqual(PUBLIC.map((name) => BigInt(mine[name] as string)));
    }
  });

  it('has a proof that is good for one voter, vote and election only', () => {
    const mine = { ...voter(6, '11', '22', '33'), vote: '0' };
    const bytes = inputFor(mine);
    expect(check(bytes)).toBe(1n);
    const publicAt = bytes.length - 128;
    const other = inputFor({ ...voter(6, '11', '22', '34'), vote: '1' });
    expect(check(other)).toBe(1n);
    for (let i = 0; i < 4; i++) {
      const mixed = bytes.slice();
      const start = publicAt + 32 * i;
      mixed.set(other.subarray(start, start + 32), start);
      // The list is the same.
      expect(check(mixed)).toBe(i === 0 ? 1n : 0n);
    }
  });

  const unsatisfied = /the inputs do not satisfy the circuit: Error in template/;

  it.each<[string, Input]>([
    ['two votes at once', { vote: '2' }],
    ['a vote of minus one', { vote: '-1' }],
    ['another secret', { secret: '2007' }],
    ['another nullifier', { nullifier: '1007' }],
    ['another nullifier hash', { nullifierHash: '1' }],
    ['another election', { electionId: '2' }],
    ['another list', { root: '1' }],
    ['another way', { isRight: ['0', '0', '1', '0'] }],
    ['a way that is neither left nor right', { isRight: ['2', '0', '1', '0'] }],
  ])('refuses %s', (_, changes) => {
    expect(() => witness(changes)).toThrow(unsatisfied);
  });

  it('refuses with a proof what it refuses as input: a witness made by hand gives none', () => {
    const values = witness();
    const forged = values.with(4, 0n);
    const proof = proveGroth16(key, forged, new Uint8Array(32));
    // A vote alone is free; the secrets behind the other inputs are not.
    expect(check(concatBytes(key.verifyingKey, proof, publicInputsOf(key, forged)))).toBe(1n);
    for (const [wire, value] of [
      [4, 2n],
      [2, values[2]! + 1n],
    ] as const) {
      const wrong = values.with(wire, value);
      const made = proveGroth16(key, wrong, new Uint8Array(32));
      expect(check(concatBytes(key.verifyingKey, made, publicInputsOf(key, wrong)))).toBe(0n);
    }
  });
});

describe('a contract', () => {
  // CALLDATACOPY(0x40, 0, CALLDATASIZE); MSTORE(0x20, CALL(GAS, 0xe102, 0, 0x40, CALLDATASIZE, 0, 0x20)); RETURN(0, 0x40)
  const CODE = '0x36600060403760206000366040600061e1025af160205260406000f3';

  let bytes: Uint8Array;
  beforeAll(() => {
    bytes = inputFor();
  });

  it('checks proofs with ZK_VERIFY', () => {
    const evm = createEvm({ precompiles: [zkVerify] });
    const to = '0x00000000000000000000000000000000000000aa';
    evm.setAccount(to, { code: CODE });
    const ask = (data: Uint8Array): string => {
      const { status, output } = evm.call({ to, data, gas: 1_000_000n });
      expect(status).toBe('success');
      return output;
    };
    const words = (...numbers: number[]): string =>
      `0x${numbers.map((n) => n.toString(16).padStart(64, '0')).join('')}`;
    expect(ask(bytes)).toBe(words(1, 1));
    const other = bytes.slice();
    other[other.length - 1]! ^= 1;
    expect(ask(other)).toBe(words(0, 1));
    expect(ask(bytes.subarray(1))).toBe(words(0, 1));
    expect(ask(new Uint8Array(0))).toBe(words(0, 1));
    // Without the extension nothing stands at that address, and nothing is answered.
    const plain = createEvm();
    plain.setAccount(to, { code: CODE });
    expect(plain.call({ to, data: bytes }).output).toBe(words(0, 1));
    const { gasUsed } = evm.call({ to, data: bytes, gas: 1_000_000n });
    expect(Number(gasUsed)).toBeGreaterThanOrEqual(181_000 + 4 * 6_150);
  });

  it('gets no answer for want of gas', () => {
    const evm = createEvm({ precompiles: [zkVerify] });
    const { status, output } = evm.execute(CODE, { data: bytes, gas: 200_000n });
    expect(status).toBe('success');
    expect(output).toBe(`0x${'0'.repeat(128)}`);
  });
});
