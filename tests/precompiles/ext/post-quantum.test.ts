/** ML-DSA: what its precompiles accept, refuse and cost. The vectors of others are in post-quantum-vectors.test.ts. */

import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dilithiumVerify } from '../../../precompiles/ext/e100-dilithium-verify.ts';
import { dilithiumSign } from '../../../precompiles/ext/e101-dilithium-sign.ts';
import { dilithiumKeygen } from '../../../precompiles/ext/e105-dilithium-keygen.ts';
import { eip8355 } from '../../../precompiles/ext/eip8355.ts';
import { mlDsaOfLevel } from '../../../precompiles/ext/lib/ml-dsa.ts';
import { postQuantum } from '../../../precompiles/ext/post-quantum.ts';
import { nobleCrypto, type Precompile } from '../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../src/forks/fork.ts';
import { rulesOf } from '../../../src/forks/rules.ts';
import { bytesToHexDigits, concatBytes, hexToBytes, toBytes32 } from '../../../src/primitives/bytes.ts';
import { bytesFor, LEVELS, signMlDsa } from './samples/post-quantum.ts';
import { hasVectors, vectorFile } from './vectors.ts';

const rules = rulesOf(LATEST_FORK);
const run = (row: Precompile, ...parts: Uint8Array[]): Uint8Array | null =>
  row.run(concatBytes(...parts), nobleCrypto, rules);
const gas = (row: Precompile, input: Uint8Array): number => row.gas(input, rules);

const YES = toBytes32(1n);
const NO = toBytes32(0n);
const byte = (value: number): Uint8Array => Uint8Array.of(value);
const hash64 = (...parts: Uint8Array[]): Uint8Array => shake256(concatBytes(...parts), { dkLen: 64 });
const NO_LEVELS = [0, 1, 2, 3, 5, 43, 45, 64, 66, 86, 88, 128, 255];

/** Lengths of public key, secret key and signature, and prices of VERIFY, SIGN, KEYGEN and of the draft EIP-8355. */
const FACTS = {
  44: { lengths: [1_312, 2_560, 2_420], prices: [7_000, 200_000, 10_000, 6_500] },
  65: { lengths: [1_952, 4_032, 3_309], prices: [11_000, 270_000, 15_000, 9_000] },
  87: { lengths: [2_592, 4_896, 4_627], prices: [17_000, 300_000, 20_000, 13_500] },
} as const;

describe('the set postQuantum', () => {
  it('has its addresses, opcodes and marks', () => {
    expect(
      postQuantum.map(({ address, name, opcode, secret, forgeable }) => [
        address,
        name,
        opcode,
        secret,
        forgeable,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [0xe100n, 'DILITHIUM_VERIFY', 0xe0, undefined, undefined],
        [0xe101n, 'DILITHIUM_SIGN', 0xe1, true, undefined],
        [0xe105n, 'DILITHIUM_KEYGEN', 0xe2, true, undefined],
        [0xe10fn, 'FALCON_VERIFY', undefined, undefined, undefined],
        [0xe110n, 'SLH_DSA_VERIFY', undefined, undefined, undefined],
      ]),
    );
    expect(postQuantum).toHaveLength(5);
  });
});

describe.each(LEVELS)('level %i', (level) => {
  const { lengths, prices } = FACTS[level];
  const [keyLength, secretLength, signatureLength] = lengths;
  const message = bytesFor('a message', 50);
  const { publicKey, signature } = signMlDsa(level, message);
  const draft = eip8355[LEVELS.indexOf(level)]!;
  const { scheme } = mlDsaOfLevel(level)!;

  it('accepts a signature, and one of the empty message', () => {
    expect(run(dilithiumVerify, byte(level), publicKey, signature, message)).toEqual(YES);
    expect(run(draft, publicKey, signature, message)).toEqual(YES);
    const empty = signMlDsa(level, new Uint8Array(0));
    expect(run(dilithiumVerify, byte(level), empty.publicKey, empty.signature)).toEqual(YES);
    expect(run(draft, empty.publicKey, empty.signature)).toEqual(YES);
  });

  it('refuses what is one byte short or long', () => {
    const whole = concatBytes(byte(level), publicKey, signature, message);
    expect(run(dilithiumVerify, whole.subarray(0, -1))).toEqual(NO);
    expect(run(dilithiumVerify, whole, byte(0))).toEqual(NO);
    expect(run(draft, whole.subarray(1, -1))).toEqual(NO);
    expect(run(draft, whole.subarray(1), byte(0))).toEqual(NO);
    const empty = signMlDsa(level, new Uint8Array(0));
    const signed = concatBytes(empty.publicKey, empty.signature);
    for (const cut of [1, signatureLength, signed.length - 1, signed.length]) {
      expect(run(dilithiumVerify, byte(level), signed.subarray(0, -cut))).toEqual(NO);
      expect(run(draft, signed.subarray(0, -cut))).toEqual(NO);
    }
    expect(run(dilithiumVerify, byte(level), signed, byte(0))).toEqual(NO);
    expect(run(draft, signed, byte(0))).toEqual(NO);
  });

  it('refuses any other bit', () => {
    const whole = concatBytes(publicKey, signature, message);
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const other = whole.slice();
        other[bit >> 3]! ^= 1 << (bit & 7);
        expect(run(draft, other)).toEqual(NO);
        expect(run(dilithiumVerify, byte(level), other)).toEqual(NO);
      }),
      { numRuns: 40, seed: level },
    );
  });

  it('takes the first byte for level and form alone', () => {
    for (const first of [...NO_LEVELS, ...LEVELS.filter((other) => other !== level)]) {
      expect(run(dilithiumVerify, byte(first), publicKey, signature, message)).toEqual(NO);
    }
    for (const added of [32, 64, 128]) {
      expect(run(dilithiumVerify, byte(level + added), publicKey, signature, message)).toEqual(NO);
    }
  });

  it('takes a context of at most 255 bytes', () => {
    const { secretKey } = scheme.keygen(bytesFor('key', 32));
    for (const length of [0, 1, 255]) {
      const context = bytesFor('context', length);
      const signed = scheme.sign(message, secretKey, { context, extraEntropy: false });
      const verify = (...tail: Uint8Array[]) =>
        run(dilithiumVerify, byte(level + 32), publicKey, signed, ...tail);
      expect(verify(Uint8Array.of(0, length), context, message)).toEqual(YES);
      expect(verify(Uint8Array.of(1, length), context, message)).toEqual(NO);
      expect(verify(Uint8Array.of(0, length ^ 1), context, message)).toEqual(NO);
      expect(verify(Uint8Array.of(0xff, 0xff), context, message)).toEqual(NO);
      expect(verify(byte(0))).toEqual(NO);
      expect(verify()).toEqual(NO);
      if (length > 0) expect(run(dilithiumVerify, byte(level), publicKey, signed, message)).toEqual(NO);
    }
  });

  it("takes M' and mu, mu of 64 bytes", () => {
    const formatted = concatBytes(Uint8Array.of(0, 0), message);
    const mu = hash64(hash64(publicKey), formatted);
    const verify = (added: number, tail: Uint8Array) =>
      run(dilithiumVerify, byte(level + added), publicKey, signature, tail);
    expect(verify(128, formatted)).toEqual(YES);
    expect(verify(128, message)).toEqual(NO);
    expect(verify(64, mu)).toEqual(YES);
    expect(verify(64, mu.subarray(1))).toEqual(NO);
    expect(verify(64, concatBytes(mu, byte(0)))).toEqual(NO);
    expect(verify(64, new Uint8Array(0))).toEqual(NO);
    expect(verify(64, bytesFor('another', 64))).toEqual(NO);
  });

  it("refuses the signature of a hashed message, except as M'", () => {
    const { secretKey } = scheme.keygen(bytesFor('key', 32));
    const hashed = scheme.prehash(sha512).sign(message, secretKey, { extraEntropy: false });
    expect(run(dilithiumVerify, byte(level), publicKey, hashed, message)).toEqual(NO);
    const oid = Uint8Array.of(6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3);
    const formatted = concatBytes(Uint8Array.of(1, 0), oid, sha512(message));
    expect(run(dilithiumVerify, byte(level + 128), publicKey, hashed, formatted)).toEqual(YES);
  });

  it('makes a pair of keys, of a seed of 32 bytes', () => {
    const seed = bytesFor('seed', 32);
    const output = run(dilithiumKeygen, byte(level), seed)!;
    expect(output).toHaveLength(keyLength + secretLength);
    // The secret key begins with rho, as the public key does, and has the hash of the public key after 64 bytes.
    const [own, secret] = [output.subarray(0, keyLength), output.subarray(keyLength)];
    expect(secret.subarray(0, 32)).toEqual(own.subarray(0, 32));
    expect(secret.subarray(64, 128)).toEqual(hash64(own));
    expect(run(dilithiumKeygen, byte(level), seed)).toEqual(output);
    expect(run(dilithiumKeygen, byte(level), bytesFor('other', 32))).not.toEqual(output);
    expect(run(dilithiumKeygen, byte(level), seed.subarray(1))).toBeNull();
    expect(run(dilithiumKeygen, byte(level), seed, byte(0))).toBeNull();
  });

  it('signs what it accepts, and without randomness', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        (seed, text) => {
          const keys = run(dilithiumKeygen, byte(level), seed)!;
          const signed = run(dilithiumSign, byte(level), seed, text)!;
          expect(signed).toHaveLength(signatureLength);
          // FIPS 204, algorithm 2: the deterministic variant has 32 zero bytes for randomness.
          const zeros = { extraEntropy: new Uint8Array(32) };
          expect(signed).toEqual(scheme.sign(text, keys.subarray(keyLength), zeros));
          expect(run(dilithiumVerify, byte(level), keys.subarray(0, keyLength), signed, text)).toEqual(YES);
        },
      ),
      { numRuns: 8, seed: level },
    );
  });

  it('does not sign with a short seed', () => {
    expect(run(dilithiumSign, byte(level), bytesFor('seed', 31))).toBeNull();
    expect(run(dilithiumSign, byte(level))).toBeNull();
    expect(run(dilithiumSign, byte(level), bytesFor('seed', 32))).toHaveLength(signatureLength);
  });

  it('costs by level and words of the message', () => {
    const [verifyGas, signGas, keygenGas, draftGas] = prices;
    const signed = keyLength + signatureLength;
    const atLevel = (length: number) => {
      const input = new Uint8Array(length);
      input[0] = level;
      return input;
    };
    for (const [length, words] of [
      [0, 0],
      [1, 1],
      [32, 1],
      [33, 2],
      [6_400, 200],
    ] as const) {
      expect(gas(draft, new Uint8Array(signed + length))).toBe(draftGas + 6 * words);
      expect(gas(dilithiumSign, atLevel(33 + length))).toBe(signGas + 6 * words);
      for (const added of [0, 32, 64, 128]) {
        const input = atLevel(1 + signed + length);
        input[0]! += added;
        expect(gas(dilithiumVerify, input)).toBe(verifyGas + 6 * words);
      }
    }
    for (const short of [1, 2, 32, 1 + signed - 1])
      expect(gas(dilithiumVerify, atLevel(short))).toBe(verifyGas);
    expect(gas(draft, new Uint8Array(0))).toBe(draftGas);
    expect(gas(draft, new Uint8Array(signed - 1))).toBe(draftGas);
    expect(gas(dilithiumSign, atLevel(2))).toBe(signGas);
    for (const length of [1, 33, 5_000]) expect(gas(dilithiumKeygen, atLevel(length))).toBe(keygenGas);
  });
});

describe('without a level', () => {
  it('verifies to 0, makes and signs nothing, at the least price', () => {
    for (const input of [
      new Uint8Array(0),
      ...NO_LEVELS.map((level) => concatBytes(byte(level), bytesFor('x', 32))),
    ]) {
      expect(run(dilithiumVerify, input)).toEqual(NO);
      expect(run(dilithiumSign, input)).toBeNull();
      expect(run(dilithiumKeygen, input)).toBeNull();
      expect(gas(dilithiumVerify, input)).toBe(7_000);
      expect(gas(dilithiumSign, input)).toBe(200_000);
      expect(gas(dilithiumKeygen, input)).toBe(10_000);
    }
  });
});

describe('EIP-8355', () => {
  it('has three precompiles', () => {
    expect(eip8355.map(({ address, name }) => [address, name])).toEqual([
      [0x12n, 'VERIFY_MLDSA44'],
      [0x13n, 'VERIFY_MLDSA65'],
      [0x14n, 'VERIFY_MLDSA87'],
    ]);
  });

  it('answers its third case: an input too short to read', () => {
    const input = hexToBytes('5468697320697320696e76616c696420696e707574');
    expect(run(eip8355[0]!, input)).toEqual(NO);
    expect(gas(eip8355[0]!, input)).toBe(6_500);
  });

  it.skipIf(!hasVectors)('answers its first and second case, of Wycheproof', () => {
    const { testGroups } = JSON.parse(vectorFile('wycheproof-mldsa44-verify.json.gz').toString()) as {
      testGroups: { publicKey: string; tests: { tcId: number; msg: string; sig: string }[] }[];
    };
    const { publicKey, tests } = testGroups[0]!;
    for (const [tcId, digest, answer] of [
      [1, '872ee5f073e71700e7f355e5e086cf380127390a6b5d0cc3e5912f42db4f25ae', YES],
      [8, '56d2be7f5895ade316de20f76b4fa7138f8e232fd59fda6ba5faf879ed63b0cd', NO],
    ] as const) {
      const { msg, sig } = tests.find((test) => test.tcId === tcId)!;
      const input = hexToBytes(publicKey + sig + msg);
      expect(bytesToHexDigits(sha256(input))).toBe(digest);
      expect(run(eip8355[0]!, input)).toEqual(answer);
      expect(gas(eip8355[0]!, input)).toBe(6_506);
    }
  });
});
