/** Valid inputs of the operations on commitments. */

import { nobleCrypto } from '../../../../precompiles/crypto.ts';
import { commitments } from '../../../../precompiles/ext/commitments.ts';
import { pedersenAdd } from '../../../../precompiles/ext/e10a-pedersen-add.ts';
import { confidentialTx } from '../../../../precompiles/ext/e10b-confidential-tx.ts';
import { rangeProof } from '../../../../precompiles/ext/e10e-range-proof.ts';
import { rangeProofVerify } from '../../../../precompiles/ext/e104-range-proof-verify.ts';
import { pedersenCommit } from '../../../../precompiles/ext/e109-pedersen-commit.ts';
import type { Opening } from '../../../../precompiles/ext/lib/bulletproofs-prove.ts';
import {
  type ConfidentialTransfer,
  encodeConfidentialTransfer,
  proveConfidentialTransfer,
} from '../../../../precompiles/ext/lib/confidential.ts';
import { commit, encodePoint, encodeScalar, wideScalar } from '../../../../precompiles/ext/lib/ristretto.ts';
import type { Precompile } from '../../../../precompiles/index.ts';
import { LATEST_FORK } from '../../../../src/forks/fork.ts';
import { rulesOf } from '../../../../src/forks/rules.ts';
import { concatBytes } from '../../../../src/primitives/bytes.ts';
import { keccak256 } from '../../../../src/primitives/keccak.ts';
import type { Sample } from './sample.ts';

const RULES = rulesOf(LATEST_FORK);

export const run = (row: Precompile, input: Uint8Array): Uint8Array | null =>
  row.run(input, nobleCrypto, RULES);

export const gasOf = (row: Precompile, input: Uint8Array): number => row.gas(input, RULES);

/** 32 bytes, the same for the same name. */
export const named = (name: string): Uint8Array => keccak256(new TextEncoder().encode(name));

export const namedScalar = (name: string): bigint => wideScalar(concatBytes(named(name), named(`${name}'`)));

export function littleU64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** Input of RANGE_PROOF. */
export const proveInput = (bits: number, seed: Uint8Array, openings: readonly Opening[]): Uint8Array =>
  concatBytes(
    Uint8Array.of(bits, openings.length),
    seed,
    ...openings.map(({ value }) => littleU64(value)),
    ...openings.map(({ blinding }) => encodeScalar(blinding)),
  );

/** Input of RANGE_PROOF_VERIFY, of what RANGE_PROOF answered. */
export const verifyInput = (bits: number, parties: number, proven: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(bits, parties), proven);

export const encodedCommitment = ({ value, blinding }: Opening): Uint8Array =>
  encodePoint(commit(value, blinding));

/** Values at both ends of the range, and some between. */
export const openingsOf = (bits: number, parties: number): Opening[] =>
  Array.from({ length: parties }, (_, i) => ({
    value: i === 0 ? (1n << BigInt(bits)) - 1n : BigInt(i - 1) * 31n,
    blinding: namedScalar(`blinding ${i}`),
  }));

/** A valid transfer of `inputs` commitments to `outputs`. */
export function transferOf(inputs: number, outputs: number, name = 'transfer'): ConfidentialTransfer {
  const fee = 7n;
  const to = Array.from({ length: outputs }, (_, i) => ({
    value: BigInt(inputs) * 1000n + BigInt(i),
    blinding: namedScalar(`${name} output ${i}`),
  }));
  const total = to.reduce((sum, { value }) => sum + value, fee);
  const from = Array.from({ length: inputs }, (_, i) => ({
    value: i === 0 ? total - BigInt(inputs - 1) : 1n,
    blinding: namedScalar(`${name} input ${i}`),
  }));
  const transfer = proveConfidentialTransfer(from, to, fee, named(`${name} context`), named(`${name} seed`));
  if (transfer === null) throw new Error(`no transfer of ${inputs} to ${outputs}`);
  return transfer;
}

/** One of each price. */
const PROOF_SIZES: readonly (readonly [bits: number, parties: number])[] = [
  [8, 1],
  [16, 1],
  [32, 1],
  [64, 1],
  [16, 8],
  [64, 4],
  [64, 8],
];
const TRANSFER_SIZES = [
  [1, 1],
  [2, 2],
  [3, 4],
  [2, 8],
] as const;

let made: Sample[] | undefined;

export function samples(): Sample[] {
  made ??= makeSamples();
  return made;
}

function makeSamples(): Sample[] {
  const a = encodedCommitment({ value: 5n, blinding: namedScalar('a') });
  const b = encodedCommitment({ value: 6n, blinding: namedScalar('b') });
  const all: Sample[] = [
    {
      row: pedersenCommit,
      label: 'any',
      input: concatBytes(encodeScalar(namedScalar('value')), encodeScalar(namedScalar('blinding'))),
    },
    { row: pedersenAdd, label: 'any', input: concatBytes(a, b) },
  ];
  for (const [bits, parties] of PROOF_SIZES) {
    const label = `n=${bits} m=${parties}`;
    const input = proveInput(bits, named('seed'), openingsOf(bits, parties));
    const proven = run(rangeProof, input);
    if (proven === null) throw new Error(`no proof for ${label}`);
    all.push(
      { row: rangeProof, label, input },
      { row: rangeProofVerify, label, input: verifyInput(bits, parties, proven) },
    );
  }
  for (const [inputs, outputs] of TRANSFER_SIZES) {
    const input = encodeConfidentialTransfer(transferOf(inputs, outputs));
    all.push({ row: confidentialTx, label: `nIn=${inputs} nOut=${outputs}`, input });
  }
  const missing = commitments.filter((row) => !all.some((sample) => sample.row === row));
  if (missing.length > 0) throw new Error(`no sample of ${missing.map(({ name }) => name).join(', ')}`);
  return all;
}
