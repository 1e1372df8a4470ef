import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeProof } from '../../../precompiles/ext/e10e-range-proof.ts';
import { rangeProofVerify } from '../../../precompiles/ext/e104-range-proof-verify.ts';
import { RANGE_PROOF_LABEL } from '../../../precompiles/ext/lib/bulletproofs-format.ts';
import { type Opening, proveRange } from '../../../precompiles/ext/lib/bulletproofs-prove.ts';
import { verifyRangeProof } from '../../../precompiles/ext/lib/bulletproofs-verify.ts';
import { Transcript } from '../../../precompiles/ext/lib/merlin.ts';
import { mulBase, ORDER } from '../../../precompiles/ext/lib/ristretto.ts';
import { bytesToHexDigits, concatBytes, hexToBytes } from '../../../src/primitives/bytes.ts';
import {
  encodedCommitment,
  gasOf,
  named,
  openingsOf,
  proveInput,
  run,
  verifyInput,
} from './samples/commitments.ts';
import { hasVectors, vectorFile } from './vectors.ts';

const YES = new Uint8Array(32);
YES[31] = 1;
const NO = new Uint8Array(32);

const proven = (bits: number, openings: readonly Opening[], seed = named('seed')): Uint8Array =>
  run(rangeProof, proveInput(bits, seed, openings))!;

/** The input with one byte changed. */
function changed(input: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = input.slice();
  copy[at]! ^= by;
  return copy;
}

describe('Merlin', () => {
  it('gives the challenges of the Rust library', () => {
    const transcript = new Transcript('test protocol');
    transcript.appendText('some label', 'some data');
    expect(bytesToHexDigits(transcript.challenge('challenge', 32))).toBe(
      'd5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615',
    );
  });

  it('depends on labels, messages, order, and what went before', () => {
    const challenge = (...messages: readonly (readonly [string, string])[]): string => {
      const transcript = new Transcript('protocol');
      for (const [label, message] of messages) transcript.appendText(label, message);
      return bytesToHexDigits(transcript.challenge('c', 16));
    };
    const all = [
      challenge(),
      challenge(['a', 'x']),
      challenge(['b', 'x']),
      challenge(['a', 'y']),
      challenge(['a', 'x'], ['a', 'y']),
      challenge(['a', 'y'], ['a', 'x']),
      challenge(['a', 'xa']),
      challenge(['ax', '']),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('absorbs and gives more than one block', () => {
    const long = (last: string): Uint8Array => {
      const transcript = new Transcript('protocol');
      transcript.appendText('long', 'x'.repeat(500) + last);
      return transcript.challenge('c', 400);
    };
    expect(long('a')).toEqual(long('a'));
    expect(long('a')).not.toEqual(long('b'));
    expect(new Set(long('a')).size).toBeGreaterThan(150);
  });

  it('draws nonces from statement and secrets, and leaves the transcript as it was', () => {
    const nonceOf = (message: string, secret: string): bigint => {
      const transcript = new Transcript('protocol');
      transcript.appendText('m', message);
      return transcript.nonces([['s', named(secret)]])();
    };
    expect(nonceOf('a', 's')).toBe(nonceOf('a', 's'));
    expect(nonceOf('a', 's')).not.toBe(nonceOf('b', 's'));
    expect(nonceOf('a', 's')).not.toBe(nonceOf('a', 't'));
    const [used, unused] = [new Transcript('p'), new Transcript('p')];
    used.nonces([['s', named('s')]])();
    expect(used.challenge('c', 8)).toEqual(unused.challenge('c', 8));
  });
});

describe.skipIf(!hasVectors)('RANGE_PROOF_VERIFY, proofs of the Rust library', () => {
  const vectors = hasVectors
    ? (JSON.parse(vectorFile('bulletproofs-dalek-v1.json').toString()) as { proofs: string[]; vc: string[] })
    : { proofs: [], vc: [] };
  const sizes = [8, 16, 32, 64].flatMap((bits) => [1, 2, 4, 8].map((parties) => [bits, parties] as const));

  it('has all of them', () => {
    expect(vectors.proofs.length).toBe(16);
    expect(vectors.vc.length).toBe(8);
  });

  it.each(sizes)('n=%i m=%i', (bits, parties) => {
    const proof = hexToBytes(vectors.proofs[sizes.findIndex(([n, m]) => n === bits && m === parties)]!);
    const commitments = vectors.vc.slice(0, parties).map((text) => hexToBytes(text));
    const input = concatBytes(Uint8Array.of(bits, parties), ...commitments, proof);
    expect(run(rangeProofVerify, input)).toEqual(YES);
    expect(run(rangeProofVerify, input.subarray(0, input.length - 1))).toEqual(NO);
    expect(run(rangeProofVerify, concatBytes(input, Uint8Array.of(0)))).toEqual(NO);

    // Every position of the smallest, with every bit in turn; of others some in every part.
    const positions =
      bits * parties <= 16
        ? Array.from(input, (_, at) => at)
        : Array.from(
            { length: bits * parties <= 128 ? 64 : 24 },
            (_, i) => 2 + ((i * 2_654_435) % (input.length - 2)),
          );
    for (const at of positions) {
      expect(run(rangeProofVerify, changed(input, at, 1 << (at % 8))), `byte ${at}`).toEqual(NO);
    }
  });

  it('refuses commitments in another order', () => {
    const [a, b] = vectors.vc.map((text) => hexToBytes(text)) as [Uint8Array, Uint8Array];
    const proof = hexToBytes(vectors.proofs[1]!);
    const header = Uint8Array.of(8, 2);
    expect(run(rangeProofVerify, concatBytes(header, a, b, proof))).toEqual(YES);
    expect(run(rangeProofVerify, concatBytes(header, b, a, proof))).toEqual(NO);
  });
});

describe('RANGE_PROOF', () => {
  it.each([
    [8, 1],
    [8, 2],
    [8, 8],
    [16, 4],
    [32, 2],
    [64, 1],
    [64, 4],
  ])('proves n=%i m=%i, to RANGE_PROOF_VERIFY', (bits, parties) => {
    const openings = openingsOf(bits, parties);
    const output = proven(bits, openings);
    expect(output.length).toBe(32 * parties + 32 * (9 + 2 * Math.log2(bits * parties)));
    expect(output.subarray(0, 32 * parties)).toEqual(concatBytes(...openings.map(encodedCommitment)));
    expect(run(rangeProofVerify, verifyInput(bits, parties, output))).toEqual(YES);
    // Another size of the same length.
    if (parties === 2) expect(run(rangeProofVerify, verifyInput(bits * 2, 1, output))).toEqual(NO);
  });

  it('proves random values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.bigInt({ min: 0n, max: ORDER - 1n })), {
          minLength: 2,
          maxLength: 2,
        }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (pairs, seed) => {
          const openings = pairs.map(([value, blinding]) => ({ value: BigInt(value), blinding }));
          expect(run(rangeProofVerify, verifyInput(8, 2, proven(8, openings, seed)))).toEqual(YES);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('answers the same for the same, and shares no nonce with another statement', () => {
    const one = [{ value: 5n, blinding: 7n }];
    const parts = (output: Uint8Array): string[] =>
      Array.from({ length: 5 }, (_, i) => bytesToHexDigits(output.subarray(32 * i, 32 * i + 32))).slice(1);
    expect(proven(8, one)).toEqual(proven(8, one));
    const all = [
      proven(8, one),
      proven(8, one, named('other')),
      proven(16, one),
      proven(8, [{ value: 6n, blinding: 7n }]),
      proven(8, [{ value: 5n, blinding: 8n }]),
    ].flatMap(parts);
    // A, S, T1 and T2 of each.
    expect(new Set(all).size).toBe(20);
  });

  it('refuses values out of range', () => {
    for (const bits of [8, 16, 32]) {
      const input = (value: bigint): Uint8Array => proveInput(bits, named('seed'), [{ value, blinding: 3n }]);
      expect(run(rangeProof, input((1n << BigInt(bits)) - 1n))).not.toBeNull();
      expect(run(rangeProof, input(1n << BigInt(bits)))).toBeNull();
      expect(run(rangeProof, input((1n << 64n) - 1n))).toBeNull();
    }
  });

  it('refuses everything else that is not as said', () => {
    const input = proveInput(8, named('seed'), openingsOf(8, 2));
    expect(run(rangeProof, input)).not.toBeNull();
    expect(run(rangeProof, new Uint8Array(0))).toBeNull();
    expect(run(rangeProof, input.subarray(0, 1))).toBeNull();
    expect(run(rangeProof, input.subarray(0, input.length - 1))).toBeNull();
    expect(run(rangeProof, concatBytes(input, Uint8Array.of(0)))).toBeNull();
    for (const bits of [0, 1, 7, 9, 24, 128, 255]) {
      expect(run(rangeProof, concatBytes(Uint8Array.of(bits), input.subarray(1)))).toBeNull();
    }
    for (const parties of [0, 1, 3, 4, 16, 255]) {
      expect(run(rangeProof, concatBytes(Uint8Array.of(8, parties), input.subarray(2)))).toBeNull();
    }
    // With the right length for each.
    expect(run(rangeProof, proveInput(9, named('seed'), openingsOf(8, 1)))).toBeNull();
    expect(run(rangeProof, proveInput(8, named('seed'), openingsOf(8, 3)))).toBeNull();
    expect(run(rangeProof, proveInput(8, named('seed'), openingsOf(8, 16)))).toBeNull();
    const last = input.slice();
    last.fill(255, last.length - 32);
    expect(run(rangeProof, last)).toBeNull();
  });
});

describe('RANGE_PROOF_VERIFY', () => {
  const openings = openingsOf(8, 1);
  const input = verifyInput(8, 1, proven(8, openings));

  /** The input with 32 bytes of the proof replaced, counted in 32 bytes: A, S, T1, T2, t_x, ... */
  const replaced = (part: number, bytes: Uint8Array): Uint8Array => {
    const copy = input.slice();
    copy.set(bytes, 34 + 32 * part);
    return copy;
  };

  it('takes the proof as it is', () => expect(run(rangeProofVerify, input)).toEqual(YES));

  it('refuses other lengths and sizes', () => {
    expect(run(rangeProofVerify, new Uint8Array(0))).toEqual(NO);
    expect(run(rangeProofVerify, input.subarray(0, input.length - 1))).toEqual(NO);
    expect(run(rangeProofVerify, concatBytes(input, Uint8Array.of(0)))).toEqual(NO);
    for (const bits of [0, 1, 4, 16, 128, 255]) {
      expect(run(rangeProofVerify, concatBytes(Uint8Array.of(bits), input.subarray(1)))).toEqual(NO);
    }
    for (const parties of [0, 2, 3, 16, 255]) {
      expect(run(rangeProofVerify, concatBytes(Uint8Array.of(8, parties), input.subarray(2)))).toEqual(NO);
    }
    for (const parties of [3, 16, 255])
      expect(
        run(rangeProofVerify, new Uint8Array(2 + 32 * parties + 4_000).fill(8, 0, 1).fill(parties, 1, 2)),
      ).toEqual(NO);
  });

  it('refuses the identity for every point of the proof', () => {
    const points = [0, 1, 2, 3, 7, 8, 9, 10, 11, 12];
    for (const part of points) expect(run(rangeProofVerify, replaced(part, NO)), `part ${part}`).toEqual(NO);
  });

  it('refuses scalars at or above the order, also where they would count the same', () => {
    for (const part of [4, 5, 6, 13, 14]) {
      const scalar = input.subarray(34 + 32 * part, 66 + 32 * part);
      const value = scalar.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
      const same = Uint8Array.from({ length: 32 }, (_, i) =>
        Number(((value + ORDER) >> BigInt(8 * i)) & 255n),
      );
      expect(run(rangeProofVerify, replaced(part, same)), `part ${part}`).toEqual(NO);
    }
  });

  it('does not take a proof for another value, or none', () => {
    for (const value of [0n, 254n, 256n, -1n]) {
      const other = input.slice();
      other.set(encodedCommitment({ value, blinding: openings[0]!.blinding }), 2);
      expect(run(rangeProofVerify, other)).toEqual(NO);
    }
    const none = input.slice();
    none.fill(255, 2, 34);
    expect(run(rangeProofVerify, none)).toEqual(NO);
  });

  it('takes a commitment to nothing, as the library does', () => {
    const output = proven(8, [{ value: 0n, blinding: 0n }]);
    expect(output.subarray(0, 32)).toEqual(NO);
    expect(run(rangeProofVerify, verifyInput(8, 1, output))).toEqual(YES);
  });

  it.each([
    ['2^8', 1n << 8n],
    ['2^64', 1n << 64n],
    ['minus one', -1n],
    ['half of the order', ORDER >> 1n],
  ])('refuses what an honest prover makes of %s', (_, value) => {
    const { commitments, proof } = proveRange(
      new Transcript(RANGE_PROOF_LABEL),
      8,
      [{ value, blinding: 99n }],
      named('seed'),
    );
    expect(commitments[0]).toEqual(encodedCommitment({ value, blinding: 99n }));
    expect(run(rangeProofVerify, concatBytes(Uint8Array.of(8, 1), commitments[0]!, proof))).toEqual(NO);
  });

  it('does not take a proof with another label or other bases', () => {
    const [commitment, proof] = [input.subarray(2, 34), input.subarray(34)];
    const verify = (label: string, bases?: Parameters<typeof verifyRangeProof>[4]): boolean =>
      verifyRangeProof(new Transcript(label), 8, [commitment], proof, bases);
    expect(verify(RANGE_PROOF_LABEL)).toBe(true);
    expect(verify('another')).toBe(false);
    expect(verify(RANGE_PROOF_LABEL, { value: mulBase(2n), blinding: mulBase(3n) })).toBe(false);
  });
});

describe('prices of range proofs', () => {
  it('are by bits, and those of the smallest for what is no size', () => {
    for (const bits of [8, 16, 32, 64]) {
      for (const parties of [1, 2, 4, 8]) {
        const header = Uint8Array.of(bits, parties);
        expect(gasOf(rangeProofVerify, header)).toBe(20_000 + 800 * bits * parties);
        expect(gasOf(rangeProof, header)).toBe(8_500 * bits * parties);
      }
    }
    for (const header of [[], [8], [8, 3], [9, 1], [255, 255], [0, 0]]) {
      expect(gasOf(rangeProofVerify, Uint8Array.from(header))).toBe(26_400);
      expect(gasOf(rangeProof, Uint8Array.from(header))).toBe(68_000);
    }
  });
});
