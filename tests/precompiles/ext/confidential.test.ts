import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidentialTx } from '../../../precompiles/ext/e10b-confidential-tx.ts';
import { RANGE_PROOF_LABEL } from '../../../precompiles/ext/lib/bulletproofs-format.ts';
import { type Opening, proveRange } from '../../../precompiles/ext/lib/bulletproofs-prove.ts';
import {
  type ConfidentialTransfer,
  encodeConfidentialTransfer,
  proveConfidentialTransfer,
  verifyConfidentialTransfer,
} from '../../../precompiles/ext/lib/confidential.ts';
import { Transcript } from '../../../precompiles/ext/lib/merlin.ts';
import {
  encodePoint,
  encodeScalar,
  modOrder,
  mulBlinding,
  ORDER,
  readScalar,
} from '../../../precompiles/ext/lib/ristretto.ts';
import { concatBytes } from '../../../src/primitives/bytes.ts';
import { encodedCommitment, gasOf, named, namedScalar, run, transferOf } from './samples/commitments.ts';

const YES = new Uint8Array(32);
YES[31] = 1;
const NO = new Uint8Array(32);

const answer = (transfer: ConfidentialTransfer): Uint8Array | null =>
  run(confidentialTx, encodeConfidentialTransfer(transfer));

const open = (value: bigint, name: string): Opening => ({ value, blinding: namedScalar(name) });

/**
 * What a dishonest prover can make: everything by the protocol, for amounts that no honest one would take. The steps
 * are written out here, since the library refuses.
 */
function forge(
  inputs: readonly Opening[],
  outputs: readonly Opening[],
  fee: bigint,
  context = named('context'),
): ConfidentialTransfer {
  const statement = {
    inputs: inputs.map(encodedCommitment),
    outputs: outputs.map(encodedCommitment),
    fee,
    context,
  };
  const transcript = new Transcript('erbium/confidential-tx/v1');
  transcript.append('context', context);
  transcript.appendU64('fee', fee);
  transcript.appendU64('inputs', inputs.length);
  for (const input of statement.inputs) transcript.append('input', input);
  transcript.appendU64('outputs', outputs.length);
  for (const output of statement.outputs) transcript.append('output', output);
  const sum = (openings: readonly Opening[]): bigint =>
    openings.reduce((total, { blinding }) => total + blinding, 0n);
  const nonce = namedScalar('nonce of a forger');
  const r = encodePoint(mulBlinding(nonce));
  transcript.append('R', r);
  const s = encodeScalar(nonce + transcript.challengeScalar('e') * (sum(inputs) - sum(outputs)));
  transcript.append('s', s);
  const { proof } = proveRange(transcript, 64, outputs, named('seed of a forger'));
  return { ...statement, signature: concatBytes(r, s), rangeProof: proof };
}

const base = transferOf(2, 2);

describe('CONFIDENTIAL_TX', () => {
  it.each([
    [1, 1],
    [2, 1],
    [1, 2],
    [3, 4],
    [20, 1],
  ])('takes a transfer of %i to %i', (inputs, outputs) => {
    expect(answer(transferOf(inputs, outputs))).toEqual(YES);
  });

  it('takes what the protocol says, written out', () => {
    expect(answer(forge([open(10n, 'a'), open(5n, 'b')], [open(12n, 'c')], 3n))).toEqual(YES);
  });

  it('takes amounts and fees at the ends of their range', () => {
    const most = (1n << 64n) - 1n;
    const context = named('context');
    const cases: [Opening[], Opening[], bigint][] = [
      [[open(most, 'a')], [open(most, 'b')], 0n],
      [[open(most, 'a')], [open(0n, 'b')], most],
      [[open(most, 'a'), open(most, 'b')], [open(most, 'c'), open(0n, 'd')], most],
    ];
    for (const [inputs, outputs, fee] of cases) {
      expect(answer(proveConfidentialTransfer(inputs, outputs, fee, context, named('seed'))!)).toEqual(YES);
    }
  });

  it('takes any split of an amount', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
        fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
        fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
        (a, b, fee) => {
          const transfer = proveConfidentialTransfer(
            [open(a + b + fee, 'in')],
            [open(a, 'one'), open(b, 'two')],
            fee,
            named('context'),
            named('seed'),
          );
          expect(answer(transfer!)).toEqual(YES);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('makes the same transfer of the same seed, and other nonces for another context', () => {
    const make = (context: string): ConfidentialTransfer =>
      proveConfidentialTransfer([open(9n, 'a')], [open(9n, 'b')], 0n, named(context), named('seed'))!;
    expect(make('one')).toEqual(make('one'));
    const [one, two] = [make('one'), make('two')];
    expect(one.signature.subarray(0, 32)).not.toEqual(two.signature.subarray(0, 32));
    expect(one.rangeProof.subarray(0, 32)).not.toEqual(two.rangeProof.subarray(0, 32));
  });
});

describe('CONFIDENTIAL_TX refuses money from nothing', () => {
  it.each<[string, Opening[], Opening[], bigint]>([
    ['outputs above inputs', [open(10n, 'a')], [open(11n, 'b')], 0n],
    ['a fee from nowhere', [open(10n, 'a')], [open(10n, 'b')], 1n],
    ['outputs below inputs', [open(10n, 'a')], [open(8n, 'b')], 1n],
    ['a negative output', [open(10n, 'a')], [open(110n, 'b'), open(-100n, 'c')], 0n],
    ['a negative output modulo the order', [open(1n, 'a')], [open(2n, 'b'), open(ORDER - 1n, 'c')], 0n],
    ['an output of 2^64', [open(1n << 64n, 'a')], [open(1n << 64n, 'b')], 0n],
    [
      'outputs that wrap around 2^64',
      [open(4n, 'a')],
      [open((1n << 63n) + 2n, 'b'), open((1n << 63n) + 2n, 'c')],
      0n,
    ],
    [
      'outputs that wrap around the order',
      [open(6n, 'a')],
      [open((ORDER + 1n) / 2n + 2n, 'b'), open((ORDER + 1n) / 2n + 3n, 'c')],
      0n,
    ],
  ])('%s', (_, inputs, outputs, fee) => {
    expect(answer(forge(inputs, outputs, fee))).toEqual(NO);
    expect(proveConfidentialTransfer(inputs, outputs, fee, named('context'), named('seed'))).toBeNull();
  });

  it('an input counted twice', () => {
    const note = open(10n, 'a');
    const outputs = [open(20n, 'b')];
    expect(answer(forge([note, note], outputs, 0n))).toEqual(NO);
    expect(proveConfidentialTransfer([note, note], outputs, 0n, named('context'), named('s'))).toBeNull();
    expect(answer(forge([note, open(10n, 'c')], outputs, 0n))).toEqual(YES);
  });

  it('an output that could not be told from another', () => {
    const [half, whole] = [open(5n, 'b'), open(10n, 'a')];
    expect(answer(forge([whole], [half, half], 0n))).toEqual(NO);
    expect(proveConfidentialTransfer([whole], [half, half], 0n, named('context'), named('s'))).toBeNull();
  });

  it('identities, which hide nothing', () => {
    const nothing = { value: 0n, blinding: 0n };
    expect(answer(forge([open(5n, 'a'), nothing], [open(5n, 'b')], 0n))).toEqual(NO);
    expect(answer(forge([open(5n, 'a')], [open(5n, 'b'), nothing], 0n))).toEqual(NO);
    expect(answer({ ...base, inputs: [base.inputs[0]!, NO] })).toEqual(NO);
    expect(answer({ ...base, signature: concatBytes(NO, base.signature.subarray(32)) })).toEqual(NO);
  });

  it('an excess of zero, for which everyone has the key', () => {
    const note = open(5n, 'a');
    expect(answer(forge([note], [note], 0n))).toEqual(NO);
    expect(proveConfidentialTransfer([note], [note], 0n, named('context'), named('s'))).toBeNull();
  });

  it('no inputs', () => {
    expect(answer(forge([], [open(0n, 'b')], 0n))).toEqual(NO);
    expect(proveConfidentialTransfer([], [open(0n, 'b')], 0n, named('context'), named('s'))).toBeNull();
  });
});

describe('CONFIDENTIAL_TX refuses other parts', () => {
  it('another fee, context or order', () => {
    expect(answer(base)).toEqual(YES);
    expect(answer({ ...base, fee: base.fee + 1n })).toEqual(NO);
    expect(answer({ ...base, fee: 0n })).toEqual(NO);
    expect(answer({ ...base, context: named('replayed') })).toEqual(NO);
    expect(answer({ ...base, inputs: [...base.inputs].reverse() })).toEqual(NO);
    expect(answer({ ...base, outputs: [...base.outputs].reverse() })).toEqual(NO);
    expect(answer({ ...base, inputs: base.outputs, outputs: base.inputs })).toEqual(NO);
  });

  it('parts of another transfer, valid there', () => {
    // The same amounts and commitments, so that everything but the transcript fits.
    const make = (context: string): ConfidentialTransfer =>
      proveConfidentialTransfer([open(9n, 'a')], [open(9n, 'b')], 0n, named(context), named('seed'))!;
    const [one, two] = [make('one'), make('two')];
    expect(answer(one)).toEqual(YES);
    expect(answer(two)).toEqual(YES);
    expect(answer({ ...one, signature: two.signature })).toEqual(NO);
    expect(answer({ ...one, rangeProof: two.rangeProof })).toEqual(NO);
    expect(answer({ ...one, signature: two.signature, rangeProof: two.rangeProof })).toEqual(NO);
  });

  it('a range proof that anyone saw elsewhere', () => {
    const outputs = [open(12n, 'c')];
    const valid = forge([open(15n, 'a')], outputs, 3n);
    const { proof } = proveRange(new Transcript(RANGE_PROOF_LABEL), 64, outputs, named('seed'));
    expect(answer(valid)).toEqual(YES);
    expect(answer({ ...valid, rangeProof: proof })).toEqual(NO);
  });

  it('a signature in another form', () => {
    const s = readScalar(base.signature, 32)!;
    const r = base.signature.subarray(0, 32);
    const raw = (value: bigint): Uint8Array =>
      Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
    expect(answer({ ...base, signature: concatBytes(r, raw(s)) })).toEqual(YES);
    for (const other of [s + ORDER, s + 2n * ORDER, modOrder(-s), modOrder(s + 1n), 0n]) {
      expect(answer({ ...base, signature: concatBytes(r, raw(other)) })).toEqual(NO);
    }
    expect(answer({ ...base, signature: concatBytes(raw(1n), raw(s)) })).toEqual(NO);
  });

  it('any byte that is changed', () => {
    const input = encodeConfidentialTransfer(transferOf(1, 1));
    expect(run(confidentialTx, input)).toEqual(YES);
    // Every byte before the range proof, and some of it.
    const positions = Array.from({ length: 170 }, (_, at) => at);
    for (let at = 170; at < input.length; at += 23) positions.push(at);
    for (const at of positions) {
      const copy = input.slice();
      copy[at]! ^= 1 << (at % 8);
      expect(run(confidentialTx, copy), `byte ${at}`).toEqual(NO);
    }
  });

  it('another length, or counts of another', () => {
    const input = encodeConfidentialTransfer(base);
    expect(run(confidentialTx, input)).toEqual(YES);
    expect(run(confidentialTx, new Uint8Array(0))).toEqual(NO);
    for (const length of [1, 2, 9, 10, 74, input.length - 1]) {
      expect(run(confidentialTx, input.subarray(0, length))).toEqual(NO);
    }
    expect(run(confidentialTx, concatBytes(input, Uint8Array.of(0)))).toEqual(NO);
    for (const header of [
      [0, 2],
      [1, 3],
      [3, 1],
      [2, 0],
      [2, 255],
      [255, 255],
    ]) {
      const copy = input.slice();
      copy.set(header);
      expect(run(confidentialTx, copy), `${header}`).toEqual(NO);
    }
    // Three outputs, at what would be the length.
    expect(run(confidentialTx, new Uint8Array(10 + 32 * 5 + 96 + 960).fill(2, 0, 1).fill(3, 1, 2))).toEqual(
      NO,
    );
  });

  it('what is no point, on both sides', () => {
    const bad = new Uint8Array(32).fill(255);
    expect(answer({ ...base, inputs: [base.inputs[0]!, bad] })).toEqual(NO);
    expect(answer({ ...base, outputs: [base.outputs[0]!, bad] })).toEqual(NO);
  });
});

describe('proveConfidentialTransfer', () => {
  it('refuses counts and contexts that the operation has no room for', () => {
    const notes = (count: number): Opening[] => Array.from({ length: count }, (_, i) => open(1n, `n ${i}`));
    const prove = (inputs: number, outputs: number, context = named('c')): unknown =>
      proveConfidentialTransfer(notes(inputs), notes(outputs), BigInt(inputs - outputs), context, named('s'));
    expect(prove(3, 3)).toBeNull();
    expect(prove(17, 16)).toBeNull();
    expect(prove(1, 0)).toBeNull();
    expect(prove(256, 1)).toBeNull();
    expect(prove(2, 1, new Uint8Array(31))).toBeNull();
    expect(prove(2, 1)).not.toBeNull();
  });
});

describe('verifyConfidentialTransfer', () => {
  it('refuses what the encoding of the operation cannot hold', () => {
    const inputs = [open(10n, 'a')];
    expect(verifyConfidentialTransfer(forge(inputs, [open(7n, 'b')], 3n))).toBe(true);
    expect(verifyConfidentialTransfer(forge(inputs, [open(13n, 'b')], -3n))).toBe(false);
    expect(verifyConfidentialTransfer(forge([open(1n << 64n, 'a')], [open(0n, 'b')], 1n << 64n))).toBe(false);
    expect(verifyConfidentialTransfer(forge(inputs, [open(7n, 'b')], 3n, new Uint8Array(31)))).toBe(false);
    const long = concatBytes(base.signature, Uint8Array.of(0));
    expect(verifyConfidentialTransfer({ ...base, signature: long })).toBe(false);
  });
});

describe('price of CONFIDENTIAL_TX', () => {
  it('is by commitments and outputs', () => {
    for (const outputs of [1, 2, 4, 8]) {
      for (const inputs of [1, 2, 255]) {
        expect(gasOf(confidentialTx, Uint8Array.of(inputs, outputs))).toBe(
          2_000 * (inputs + outputs) + 20_000 + 800 * 64 * outputs,
        );
      }
    }
    for (const header of [[], [0], [0, 0], [1, 3], [1, 255]]) {
      expect(gasOf(confidentialTx, Uint8Array.from(header))).toBe(75_200);
    }
  });
});
