/**
 * Transfers between commitments that show no amount: inputs and outputs balance, and no output is negative.
 *
 * With commitments v * B + r * B_blinding, the excess, inputs - outputs - fee * B, has no part in B exactly when the
 * amounts balance. A signature of Schnorr with the excess as its public key, over the base B_blinding, shows that. One
 * transcript holds the statement, the signature and the range proof of the outputs, so that no part of a transfer
 * fits into another: without the openings of the outputs nobody makes one.
 */

import { concatBytes } from '../../../src/primitives/bytes.ts';
import { proofLength } from './bulletproofs-format.ts';
import { type Opening, proveRange } from './bulletproofs-prove.ts';
import { verifyRangeProof } from './bulletproofs-verify.ts';
import { Transcript } from './merlin.ts';
import {
  add,
  commit,
  decodePoint,
  encodePoint,
  encodeScalar,
  isZero,
  modOrder,
  mul,
  mulBase,
  mulBlinding,
  type Point,
  readScalar,
  subtract,
  ZERO,
} from './ristretto.ts';

/** Amounts are below 2^64. */
export const AMOUNT_BITS = 64;
export const CONTEXT_LENGTH = 32;
const SEED_LENGTH = 32;
const isAmount = (value: bigint): boolean => value >= 0n && value >> BigInt(AMOUNT_BITS) === 0n;

const LABEL = 'erbium/confidential-tx/v1';

/** A transfer, its parts encoded: points and scalars of 32 bytes. */
export interface ConfidentialTransfer {
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  /** Below 2^64. */
  readonly fee: bigint;
  /** R and s, 64 bytes. */
  readonly signature: Uint8Array;
  /** What the transfer is for, such as a hash of chain, contract and nonce; 32 bytes. */
  readonly context: Uint8Array;
  readonly rangeProof: Uint8Array;
}

type Statement = Pick<ConfidentialTransfer, 'inputs' | 'outputs' | 'fee' | 'context'>;

function begin({ inputs, outputs, fee, context }: Statement): Transcript {
  const transcript = new Transcript(LABEL);
  transcript.append('context', context);
  transcript.appendU64('fee', fee);
  transcript.appendU64('inputs', inputs.length);
  for (const input of inputs) transcript.append('input', input);
  transcript.appendU64('outputs', outputs.length);
  for (const output of outputs) transcript.append('output', output);
  return transcript;
}

/** The challenge of the signature. */
function challengeOf(transcript: Transcript, r: Uint8Array): bigint {
  transcript.append('R', r);
  return transcript.challengeScalar('e');
}

/** Sum of points, or null when one is no point, is the identity, which hides nothing, or is there twice. */
function sumOf(commitments: readonly Uint8Array[]): Point | null {
  const seen = new Set<string>();
  let sum = ZERO;
  for (const commitment of commitments) {
    const point = decodePoint(commitment);
    if (point === null || isZero(point)) return null;
    seen.add(commitment.join());
    sum = add(sum, point);
  }
  return seen.size === commitments.length ? sum : null;
}

/**
 * Whether a transfer is valid. The range proof must be of 64 bits and all of the outputs, of which there are 1, 2, 4
 * or 8; refused are, too, no inputs, the same commitment twice on one side, the identity, and an excess of zero.
 */
export function verifyConfidentialTransfer(transfer: ConfidentialTransfer): boolean {
  const { inputs, outputs, fee, signature, context, rangeProof } = transfer;
  if (!isAmount(fee) || signature.length !== 64 || context.length !== CONTEXT_LENGTH) return false;
  const s = readScalar(signature, 32);
  const r = decodePoint(signature, 0);
  if (s === null || r === null || isZero(r) || inputs.length === 0) return false;
  if (rangeProof.length !== proofLength(AMOUNT_BITS, outputs.length)) return false;
  const inputSum = sumOf(inputs);
  const outputSum = sumOf(outputs);
  if (inputSum === null || outputSum === null) return false;
  const excess = subtract(subtract(inputSum, outputSum), mulBase(fee));
  if (isZero(excess)) return false;

  const transcript = begin(transfer);
  const e = challengeOf(transcript, signature.subarray(0, 32));
  const proven = add(r, mul(excess, e));
  if (!isZero(subtract(mulBlinding(s), proven))) return false;
  transcript.append('s', signature.subarray(32, 64));
  return verifyRangeProof(transcript, AMOUNT_BITS, outputs, rangeProof);
}

/**
 * A transfer of known amounts, or null when there is none: amounts out of range or not balanced, no inputs, another
 * number of outputs than 1, 2, 4 or 8, a context or seed not of 32 bytes, a commitment twice on one side, or an excess of zero. Not in constant time.
 * @param seed 32 secret bytes; random numbers are of it and of the whole statement, so that it may serve again
 */
export function proveConfidentialTransfer(
  inputs: readonly Opening[],
  outputs: readonly Opening[],
  fee: bigint,
  context: Uint8Array,
  seed: Uint8Array,
): ConfidentialTransfer | null {
  if (![1, 2, 4, 8].includes(outputs.length) || inputs.length === 0 || inputs.length > 255) return null;
  if (context.length !== CONTEXT_LENGTH || seed.length !== SEED_LENGTH) return null;
  if (!isAmount(fee) || ![...inputs, ...outputs].every(({ value }) => isAmount(value))) return null;
  const total = (openings: readonly Opening[], key: keyof Opening): bigint =>
    openings.reduce((sum, opening) => sum + opening[key], 0n);
  if (total(inputs, 'value') !== total(outputs, 'value') + fee) return null;
  const key = modOrder(total(inputs, 'blinding') - total(outputs, 'blinding'));
  if (key === 0n) return null;

  const encode = ({ value, blinding }: Opening): Uint8Array => encodePoint(commit(value, blinding));
  const statement = { inputs: inputs.map(encode), outputs: outputs.map(encode), fee, context };
  if (sumOf(statement.inputs) === null || sumOf(statement.outputs) === null) return null;
  const transcript = begin(statement);
  const nonce = transcript.nonces([
    ['seed', seed],
    ['key', encodeScalar(key)],
  ])();
  const r = encodePoint(mulBlinding(nonce));
  const e = challengeOf(transcript, r);
  const s = encodeScalar(nonce + e * key);
  transcript.append('s', s);
  const { proof } = proveRange(transcript, AMOUNT_BITS, outputs, seed);
  return { ...statement, signature: concatBytes(r, s), rangeProof: proof };
}

/** The input of CONFIDENTIAL_TX. */
export function encodeConfidentialTransfer(transfer: ConfidentialTransfer): Uint8Array {
  const header = new Uint8Array(10);
  header[0] = transfer.inputs.length;
  header[1] = transfer.outputs.length;
  new DataView(header.buffer).setBigUint64(2, transfer.fee, true);
  const { inputs, outputs, signature, context, rangeProof } = transfer;
  return concatBytes(header, ...inputs, ...outputs, signature, context, rangeProof);
}
