/** Vectors of NIST (ACVP) and Wycheproof for ML-DSA, each through a precompile. */

import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512, shake128, shake256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { dilithiumVerify } from '../../../precompiles/ext/e100-dilithium-verify.ts';
import { dilithiumKeygen } from '../../../precompiles/ext/e105-dilithium-keygen.ts';
import { eip8355 } from '../../../precompiles/ext/eip8355.ts';
import { nobleCrypto, type Precompile } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { bytesToHexDigits, concatBytes, hexToBytes } from '../../../src/primitives/bytes.ts';
import { hasVectors, vectorFile } from './vectors.ts';

const LEVELS = [44, 65, 87];
const CONTEXT = 32;
const MU = 64;
const FORMATTED = 128;

/** What a group of ACVP's sigVer says about its tests. */
interface AcvpGroup {
  readonly tgId: number;
  readonly parameterSet: string;
  readonly signatureInterface?: 'external' | 'internal';
  readonly preHash?: 'pure' | 'preHash';
  readonly externalMu?: boolean;
  readonly tests: readonly AcvpTest[];
}

interface AcvpTest {
  readonly tcId: number;
  readonly seed?: string;
  readonly pk: string;
  readonly sk: string;
  readonly message: string;
  readonly mu: string;
  readonly context: string;
  readonly hashAlg: string;
  readonly signature: string;
  readonly testPassed: boolean;
}

interface WycheproofGroup {
  readonly publicKey: string;
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly ctx?: string;
    readonly sig: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

const read = <T>(name: string): T => JSON.parse(vectorFile(name).toString()) as T;

const run = (row: Precompile, ...parts: Uint8Array[]): Uint8Array | null =>
  row.run(concatBytes(...parts), nobleCrypto, rulesOf(LATEST_FORK));

/** The verdict of a precompile that always gives one. */
function verdict(row: Precompile, ...parts: Uint8Array[]): boolean {
  const output = run(row, ...parts)!;
  expect(output).toHaveLength(32);
  expect(output.subarray(0, 31).every((byte) => byte === 0)).toBe(true);
  expect(output[31]! <= 1).toBe(true);
  return output[31] === 1;
}

/** By name: the last number of the object identifier 2.16.840.1.101.3.4.2.n, and the hash (FIPS 204, section 5.4). */
const HASHES: Readonly<Record<string, [number, (message: Uint8Array) => Uint8Array]>> = {
  'SHA2-256': [1, sha256],
  'SHA2-384': [2, sha384],
  'SHA2-512': [3, sha512],
  'SHA2-224': [4, sha224],
  'SHA2-512/224': [5, sha512_224],
  'SHA2-512/256': [6, sha512_256],
  'SHA3-224': [7, sha3_224],
  'SHA3-256': [8, sha3_256],
  'SHA3-384': [9, sha3_384],
  'SHA3-512': [10, sha3_512],
  'SHAKE-128': [11, (message) => shake128(message, { dkLen: 32 })],
  'SHAKE-256': [12, (message) => shake256(message, { dkLen: 64 })],
};

/** A context and a message, as DILITHIUM_VERIFY takes them. */
const withContext = (context: Uint8Array, message: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(context.length >> 8, context.length & 255), context, message);

/** M' of a message with a context (algorithm 3), for those that have one. */
const formatPure = (context: Uint8Array, message: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0, context.length), context, message);

/** M' of a hashed message (algorithm 5). */
function formatHashed(context: Uint8Array, message: Uint8Array, hashAlg: string): Uint8Array {
  const [identifier, hash] = HASHES[hashAlg]!;
  const oid = Uint8Array.of(6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, identifier);
  return concatBytes(Uint8Array.of(1, context.length), context, oid, hash(message));
}

/** Selector of DILITHIUM_VERIFY and what stands in the place of the message. */
function encodingOf(group: AcvpGroup, test: AcvpTest, level: number): [kind: string, number, Uint8Array] {
  if (group.signatureInterface === 'internal') {
    return group.externalMu === true
      ? ['mu', level + MU, hexToBytes(test.mu)]
      : ["M'", level + FORMATTED, hexToBytes(test.message)];
  }
  const message = hexToBytes(test.message);
  const context = hexToBytes(test.context);
  if (group.preHash === 'preHash') {
    return ['hashed', level + FORMATTED, formatHashed(context, message, test.hashAlg)];
  }
  return context.length === 0
    ? ['no context', level, message]
    : ['context', level + CONTEXT, withContext(context, message)];
}

describe.skipIf(!hasVectors)('NIST ACVP', () => {
  it('keyGen: 75 of 75 pairs of keys', () => {
    const prompt = read<{ testGroups: AcvpGroup[] }>('acvp-mldsa-keyGen-prompt.json.gz');
    const expected = read<{ testGroups: AcvpGroup[] }>('acvp-mldsa-keyGen-expectedResults.json.gz');
    const pairs = new Map(expected.testGroups.flatMap(({ tests }) => tests.map((test) => [test.tcId, test])));
    const counts: Record<string, number> = {};
    for (const { parameterSet, tests } of prompt.testGroups) {
      const level = Number(parameterSet.slice(-2));
      for (const { tcId, seed } of tests) {
        const output = run(dilithiumKeygen, Uint8Array.of(level), hexToBytes(seed!))!;
        const { pk, sk } = pairs.get(tcId)!;
        expect(bytesToHexDigits(output).toUpperCase(), `tcId ${tcId}`).toBe(pk + sk);
        counts[parameterSet] = (counts[parameterSet] ?? 0) + 1;
      }
    }
    expect(counts).toEqual({ 'ML-DSA-44': 25, 'ML-DSA-65': 25, 'ML-DSA-87': 25 });
  });

  it('sigVer: 180 of 180 verdicts', () => {
    const prompt = read<{ testGroups: AcvpGroup[] }>('acvp-mldsa-sigVer-prompt.json.gz');
    const expected = read<{ testGroups: AcvpGroup[] }>('acvp-mldsa-sigVer-expectedResults.json.gz');
    const passes = new Map(
      expected.testGroups.flatMap(({ tests }) => tests.map((test) => [test.tcId, test.testPassed])),
    );
    const counts: Record<string, number> = {};
    let accepted = 0;
    for (const group of prompt.testGroups) {
      const level = Number(group.parameterSet.slice(-2));
      for (const test of group.tests) {
        const [kind, selector, message] = encodingOf(group, test, level);
        const signed = [hexToBytes(test.pk), hexToBytes(test.signature), message];
        const valid = verdict(dilithiumVerify, Uint8Array.of(selector), ...signed);
        expect(valid, `tcId ${test.tcId}`).toBe(passes.get(test.tcId));
        if (group.preHash === 'pure') {
          const formatted = formatPure(hexToBytes(test.context), hexToBytes(test.message));
          const again = verdict(
            dilithiumVerify,
            Uint8Array.of(level + FORMATTED),
            signed[0]!,
            signed[1]!,
            formatted,
          );
          expect(again, `tcId ${test.tcId}, formatted`).toBe(valid);
        }
        if (kind === 'no context') {
          expect(verdict(eip8355[LEVELS.indexOf(level)]!, ...signed), `tcId ${test.tcId}`).toBe(valid);
        }
        counts[kind] = (counts[kind] ?? 0) + 1;
        if (valid) accepted++;
      }
    }
    expect(counts).toEqual({ 'no context': 3, context: 42, hashed: 45, "M'": 45, mu: 45 });
    expect(accepted).toBe([...passes.values()].filter((passed) => passed).length);
    expect(accepted).toBeGreaterThan(30);
  });
});

describe.skipIf(!hasVectors)('Wycheproof', () => {
  it('ML-DSA-44: 180 of 180 verdicts', () => {
    const { testGroups, numberOfTests } = read<{ testGroups: WycheproofGroup[]; numberOfTests: number }>(
      'wycheproof-mldsa44-verify.json.gz',
    );
    const counts: Record<string, number> = {};
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, ctx, sig, result } of tests) {
        const context = hexToBytes(ctx ?? '');
        const message = hexToBytes(msg);
        const signed = [hexToBytes(publicKey), hexToBytes(sig)];
        const valid =
          ctx === undefined
            ? verdict(dilithiumVerify, Uint8Array.of(44), ...signed, message)
            : verdict(dilithiumVerify, Uint8Array.of(44 + CONTEXT), ...signed, withContext(context, message));
        expect(valid, `tcId ${tcId}`).toBe(result === 'valid');
        if (context.length === 0)
          expect(verdict(eip8355[0]!, ...signed, message), `tcId ${tcId}`).toBe(valid);
        const kind =
          context.length === 0 ? 'no context' : context.length < 256 ? 'context' : 'context too long';
        counts[`${kind}, ${result}`] = (counts[`${kind}, ${result}`] ?? 0) + 1;
      }
    }
    expect(counts).toEqual({
      'no context, valid': 75,
      'no context, invalid': 98,
      'context, valid': 2,
      'context too long, invalid': 5,
    });
    expect(numberOfTests).toBe(180);
  });
});
