/**
 * examples/solidity/interfaces: what each library sends is the input of its precompile, byte for byte, and what it
 * answers is the output.
 */

import { shake256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Precompile } from '../../precompiles/row.ts';
import { addressToHex, bytesToHex, createEvm, type EvmResult } from '../../src/index.ts';
import { bytesToBigInt, concatBytes } from '../../src/primitives/bytes.ts';
import { allSamples, priceOf } from '../precompiles/ext/samples/index.ts';
import type { Sample } from '../precompiles/ext/samples/sample.ts';
import { FUNCTIONS, harness } from './solidity-harness.ts';
import { type Argument, type Contract, compile } from './solidity-support.ts';

/** Samples that cost more are of the same form, and take long. */
const MAX_GAS = 300_000;
const MAX_LENGTH = 200_000;

type Case = readonly [name: string, ...args: readonly Argument[]];

/** Consecutive parts of these lengths, and the rest. */
function cut(input: Uint8Array, ...lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  const parts = lengths.map((length) => input.subarray(at, (at += length)));
  return [...parts, input.subarray(at)];
}

/** Parts of one length. */
const words = (bytes: Uint8Array, length = 32): Uint8Array[] =>
  Array.from({ length: bytes.length / length }, (_, i) => bytes.subarray(length * i, length * (i + 1)));
const numbers = (bytes: Uint8Array): bigint[] => words(bytes).map((word) => bytesToBigInt(word));
const reversed = (bytes: Uint8Array): bigint => bytesToBigInt(Uint8Array.from(bytes).reverse());

const ML_DSA = { 44: [1312, 2420], 65: [1952, 3309], 87: [2592, 4627] } as const;
const FALCON = { 9: 897, 10: 1793 } as const;
const SLH_DSA = [
  ...[7856, 17088, 16224, 35664, 29792, 49856].map((length, i) => [32 + 16 * (i >> 1), length] as const),
];

const mlDsa = (level: number): readonly [number, number] => ML_DSA[level as keyof typeof ML_DSA];
const inputsOf = (key: Uint8Array, at: number): number => key[at]! * 256 + key[at + 1]!;

function mlDsaCase(level: number, input: Uint8Array, name: string): Case {
  const [key, signature, message] = cut(input, ...mlDsa(level));
  return [name, level, key!, signature!, message!];
}

function computeCase(input: Uint8Array): Case {
  const [scheme, operation] = [input[0]!, input[1]!];
  const rest = input.subarray(2);
  const pair = (bytes: Uint8Array): Uint8Array[] => words(bytes.subarray(0, 64));
  if (scheme === 1) {
    if (operation === 6) {
      const [seed, key, a] = cut(rest, 32, 32);
      return ['rerandomise', seed!, key!, pair(a!)];
    }
    const [a, b] = cut(rest, 64);
    if (operation === 1) return ['addElGamal', pair(a!), pair(b!)];
    if (operation === 2) return ['subtractElGamal', pair(a!), pair(b!)];
    return [operation === 3 ? 'addPlainElGamal' : 'multiplyPlainElGamal', pair(a!), bytesToBigInt(b!)];
  }
  const length = scheme === 2 ? 81_922 : 393_218;
  if (operation === 5) {
    const [key, a, b] = cut(rest, 32, length);
    return ['multiplyBfv', scheme, key!, a!, b!];
  }
  const [a, b] = cut(rest, length);
  if (operation < 3) return ['computeBfv', scheme, operation, a!, b!];
  return ['computeBfvPlain', scheme, operation, a!, b!.subarray(2)];
}

/** By the name of a precompile, the call that must send this input. */
const CASES: Readonly<Record<string, (input: Uint8Array) => Case>> = {
  DILITHIUM_VERIFY: (input) => mlDsaCase(input[0]!, input.subarray(1), 'dilithiumVerify'),
  VERIFY_MLDSA44: (input) => mlDsaCase(44, input, 'verifyMlDsa'),
  VERIFY_MLDSA65: (input) => mlDsaCase(65, input, 'verifyMlDsa'),
  VERIFY_MLDSA87: (input) => mlDsaCase(87, input, 'verifyMlDsa'),
  DILITHIUM_SIGN: (input) => ['dilithiumSign', input[0]!, input.subarray(1, 33), input.subarray(33)],
  DILITHIUM_KEYGEN: (input) => ['dilithiumKeygen', input[0]!, input.subarray(1)],
  FALCON_VERIFY(input) {
    const [, key, length, rest] = cut(input, 1, FALCON[input[0] as keyof typeof FALCON], 2);
    const [signature, message] = cut(rest!, length![0]! * 256 + length![1]!);
    return ['falconVerify', input[0]!, key!, signature!, message!];
  },
  SLH_DSA_VERIFY(input) {
    const [, key, signature, message] = cut(input, 1, ...SLH_DSA[(input[0]! - 20) % 6]!);
    return ['slhDsaVerify', input[0]!, key!, signature!, message!];
  },
  ZK_VERIFY(input) {
    const isShort = input[0] === 1;
    const count = inputsOf(input, isShort ? 449 : 897);
    const length = isShort ? 515 + 64 * count : 1027 + 128 * count;
    const [key, proof, inputs] = cut(input, length, isShort ? 256 : 512);
    return ['zkVerify', key!, proof!, numbers(inputs!)];
  },
  HE_ENCRYPT(input) {
    const [scheme, seed, key, rest] = cut(input, 1, 32, 32);
    if (scheme![0] === 1) return ['encryptElGamal', seed!, key!, bytesToBigInt(rest!)];
    return ['encryptBfv', scheme![0]!, seed!, key!, rest!.subarray(2)];
  },
  HE_DECRYPT(input) {
    const [scheme, key, rest] = cut(input, 1, 32);
    if (scheme![0] !== 1) return ['decryptBfv', scheme![0]!, key!, rest!];
    return ['decryptElGamal', key!, words(rest!.subarray(0, 64)), rest![64]!];
  },
  HE_COMPUTE: computeCase,
  PEDERSEN_ADD: (input) => ['pedersenAdd', ...words(input)],
  RANGE_PROOF_VERIFY(input) {
    const [header, commitments, proof] = cut(input, 2, 32 * input[1]!);
    return ['rangeProofVerify', header![0]!, words(commitments!), proof!];
  },
  RANGE_PROOF(input) {
    const [header, seed, values, blindings] = cut(input, 2, 32, 8 * input[1]!);
    return ['rangeProof', header![0]!, seed!, words(values!, 8).map(reversed), words(blindings!)];
  },
  CONFIDENTIAL_TX(input) {
    const [header, inputs, outputs, signature, context, proof] = cut(
      input,
      ...[10, 32 * input[0]!, 32 * input[1]!, 64, 32],
    );
    const fee = reversed(header!.subarray(2));
    return ['confidentialTx', words(inputs!), words(outputs!), fee, signature!, context!, proof!];
  },
  STEALTH_ADDRESS: (input) => ['stealthAddress', ...cut(input, 66)],
  STEALTH_SCAN(input) {
    const [view, spend, ephemeral, tag, address] = cut(input, 32, 33, 33, 1);
    return ['stealthScan', view!, spend!, ephemeral!, tag!, bytesToHex(address!)];
  },
  POSEIDON: (input) => ['poseidon', numbers(input)],
  VRF_VERIFY: (input) => ['vrf', ...cut(input, 33, 81)],
};

/** Tried below with inputs of their own: the samples are of any value, or of a key that costs more. */
const APART = ['PEDERSEN_COMMIT', 'ZK_PROVE'];

let contract: Contract;
let all: readonly Sample[];
let samples: readonly Sample[];

beforeAll(async () => {
  contract = compile({ 'Harness.sol': harness() }).Harness!;
  all = await allSamples();
  samples = all.filter((sample) => priceOf(sample) <= MAX_GAS && sample.input.length <= MAX_LENGTH);
});

interface Called {
  readonly result: EvmResult;
  /** What the precompile was sent, and what it answered. */
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

const used = new Set<string>();

/** Calls a function of the harness, where this is the only precompile there is. */
function call(row: Precompile, [name, ...args]: Case): Called {
  used.add(name);
  let input = new Uint8Array();
  let output = new Uint8Array();
  const recorder: Precompile = {
    ...row,
    run(sent, ...others) {
      input = Uint8Array.from(sent);
      const answer = row.run(sent, ...others);
      output = Uint8Array.from(answer ?? []);
      return answer;
    },
  };
  const evm = createEvm({ precompiles: [recorder], allowSecrets: true, abi: contract.abi });
  const to = evm.create({ data: contract.deploy() }).created!;
  return { result: evm.call({ to, data: contract.encode(name, ...args) }), input, output };
}

/** What a function of the harness gives, as bytes of the precompile. */
function bytesOf(name: string, { result }: Called): string {
  const value = contract.decode(name, result.output);
  const word = (part: bigint | boolean): string => BigInt(part).toString(16).padStart(64, '0');
  const parts = (Array.isArray(value) ? value : [value]).map((part) =>
    typeof part === 'string' ? part.slice(2) : word(part as bigint | boolean),
  );
  return `0x${parts.join('')}`;
}

function check(row: Precompile, input: Uint8Array, one: Case): void {
  const called = call(row, one);
  expect(called.result.status).toBe('success');
  expect(bytesToHex(called.input)).toBe(bytesToHex(input));
  expect(called.output.length).toBeGreaterThan(0);
  expect(bytesOf(one[0], called)).toBe(bytesToHex(called.output));
}

describe.each(Object.keys(CASES))('%s', (name) => {
  it('is sent what it takes, and its answer is given', () => {
    const own = samples.filter(({ row }) => row.name === name);
    expect(own.length).toBeGreaterThan(0);
    for (const { row, input } of own) check(row, input, CASES[name]!(input));
  });

  it('is missed where it is not', () => {
    const { row, input } = samples.find((sample) => sample.row.name === name)!;
    const elsewhere = { ...row, address: 0xe1ffn };
    const { result } = call(elsewhere, CASES[name]!(input));
    expect(result.error).toMatchObject({ name: 'ExtensionNotActive', args: [addressToHex(row.address)] });
  });
});

describe('the others', () => {
  it('there are none: every precompile has a library', () => {
    const names = new Set(all.map(({ row }) => row.name));
    for (const name of names) expect([...Object.keys(CASES), ...APART]).toContain(name);
    for (const name of Object.keys(CASES)) expect(names).toContain(name);
  });

  it('PEDERSEN_COMMIT is sent values with their lowest byte first', () => {
    const row = samples.find((sample) => sample.row.name === 'PEDERSEN_COMMIT')!.row;
    const value = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
    const blinding = concatBytes(new Uint8Array(30).fill(9), Uint8Array.of(8, 1));
    const input = concatBytes(value, new Uint8Array(24), blinding);
    check(row, input, ['pedersenCommit', 0x0102030405060708n, blinding]);
  });

  it('POSEIDON of two numbers is that of a list of them', () => {
    const { row, input } = samples.find(
      (sample) => sample.row.name === 'POSEIDON' && sample.input.length === 64,
    )!;
    check(row, input, ['poseidonPair', ...numbers(input)]);
  });

  it('DILITHIUM_VERIFY takes a message as FIPS 204 formats it, and its representative', () => {
    const { row, input } = samples.find((sample) => sample.row.name === 'DILITHIUM_VERIFY')!;
    const level = input[0]!;
    const [key, signature, message] = cut(input.subarray(1), ...mlDsa(level));
    const formatted = concatBytes(Uint8Array.of(0, 0), message!);
    const parts = [key!, signature!] as const;
    const formattedInput = concatBytes(Uint8Array.of(level + 128), ...parts, formatted);
    check(row, formattedInput, ['dilithiumFormatted', level, ...parts, formatted]);
    const tr = shake256(key!, { dkLen: 64 });
    const mu = shake256(concatBytes(tr, formatted), { dkLen: 64 });
    const muInput = concatBytes(Uint8Array.of(level + 64), ...parts, mu);
    check(row, muInput, ['dilithiumMu', level, ...parts, ...words(mu)]);
    for (const name of ['dilithiumFormatted', 'dilithiumMu', 'dilithiumVerify']) {
      const rest = name === 'dilithiumMu' ? words(mu) : [name === 'dilithiumVerify' ? message! : formatted];
      const { result } = call(row, [name, level, ...parts, ...rest]);
      expect(contract.decode(name, result.output)).toBe(true);
    }
  });

  it('ZK_PROVE is sent the name of the key, the seed and the witness', () => {
    const { row, input } = all.find((sample) => sample.row.name === 'ZK_PROVE')!;
    const [key, seed, witness] = cut(input, 32, 32);
    check(row, input, ['zkProve', 1, key!, seed!, numbers(witness!)]);
  });
});

describe('other lengths', () => {
  const caseOf = (name: string): { row: Precompile; one: Case } => {
    const { row, input } = samples.find((sample) => sample.row.name === name)!;
    return { row, one: CASES[name]!(input) };
  };
  const verdictOf = (row: Precompile, one: Case): unknown => {
    const called = call(row, one);
    expect(called.result.status).toBe('success');
    expect(called.input.length).toBe(0);
    return contract.decode(one[0], called.result.output);
  };

  it.each([
    ['DILITHIUM_VERIFY', 2],
    ['DILITHIUM_VERIFY', 3],
    ['VERIFY_MLDSA44', 2],
    ['VERIFY_MLDSA65', 3],
    ['FALCON_VERIFY', 2],
    ['SLH_DSA_VERIFY', 2],
    ['SLH_DSA_VERIFY', 3],
    ['ZK_VERIFY', 1],
    ['ZK_VERIFY', 2],
    ['RANGE_PROOF_VERIFY', 3],
    ['CONFIDENTIAL_TX', 4],
    ['CONFIDENTIAL_TX', 6],
  ] as const)('%s is not even asked where part %i is longer or shorter', (name, index) => {
    const { row, one } = caseOf(name);
    for (const change of [
      (b: Uint8Array) => b.subarray(1),
      (b: Uint8Array) => concatBytes(b, Uint8Array.of(0)),
    ]) {
      const changed = one.map((part, i) => (i === index ? change(part as Uint8Array) : part));
      expect(verdictOf(row, changed as unknown as Case)).toBe(false);
    }
  });

  it('a key of VRF_VERIFY that is longer is none', () => {
    const { row, one } = caseOf('VRF_VERIFY');
    const [name, key, ...rest] = one;
    const long = concatBytes(key as Uint8Array, Uint8Array.of(0));
    expect(verdictOf(row, [name, long, ...rest])).toEqual([false, `0x${'0'.repeat(64)}`]);
  });
});

it('every function has been called', () => {
  for (const [name] of FUNCTIONS) expect(used).toContain(name);
});
