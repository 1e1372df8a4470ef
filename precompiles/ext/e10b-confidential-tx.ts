/**
 * CONFIDENTIAL_TX: whether a transfer between Pedersen commitments creates no money: the inputs' amounts are those of
 * the outputs and the fee together, and every output is below 2^64. lib/confidential.ts says how, and makes transfers.
 *
 * Input: nIn (1 byte: 1 to 255), nOut (1 byte: 1, 2, 4 or 8), fee (8 bytes, little-endian), nIn and nOut commitments
 * (32 bytes each), signature (R and s, 64), context (32, any), range proof of the outputs
 * (32 * (9 + 2 * log2(64 * nOut)) bytes), to its exact end.
 * Output: 32 bytes, 1 when the transfer is valid and 0 when anything is not.
 * Gas: 2000 for each commitment, and as RANGE_PROOF_VERIFY for 64 bits and nOut values.
 */

import { encodeTrue } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { isPartyCount, proofLength, slices, verifyGas } from './lib/bulletproofs-format.ts';
import { AMOUNT_BITS, CONTEXT_LENGTH, verifyConfidentialTransfer } from './lib/confidential.ts';

const COMMITMENT_GAS = 2_000;
const HEADER_LENGTH = 10;
const SIGNATURE_LENGTH = 64;

function isValid(input: Uint8Array): boolean {
  const [inputs = 0, outputs = 0] = input;
  if (inputs === 0 || !isPartyCount(outputs)) return false;
  const outputsAt = HEADER_LENGTH + 32 * inputs;
  const signatureAt = outputsAt + 32 * outputs;
  const contextAt = signatureAt + SIGNATURE_LENGTH;
  const proofAt = contextAt + CONTEXT_LENGTH;
  if (input.length !== proofAt + proofLength(AMOUNT_BITS, outputs)) return false;
  return verifyConfidentialTransfer({
    inputs: slices(input, HEADER_LENGTH, inputs),
    outputs: slices(input, outputsAt, outputs),
    fee: new DataView(input.buffer, input.byteOffset, input.length).getBigUint64(2, true),
    signature: input.subarray(signatureAt, contextAt),
    context: input.subarray(contextAt, proofAt),
    rangeProof: input.subarray(proofAt),
  });
}

export const confidentialTx: Precompile = {
  address: 0xe10bn,
  name: 'CONFIDENTIAL_TX',
  since: 'Frontier',
  opcode: 0xf0,
  forgeable: true,
  gas([inputs = 0, outputs = 0]) {
    const proven = isPartyCount(outputs) ? outputs : 1;
    return COMMITMENT_GAS * (Math.max(inputs, 1) + proven) + verifyGas(AMOUNT_BITS, proven);
  },
  run: (input) => (isValid(input) ? encodeTrue() : new Uint8Array(32)),
};
