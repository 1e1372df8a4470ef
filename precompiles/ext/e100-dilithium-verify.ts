/**
 * DILITHIUM_VERIFY (FIPS 204, ML-DSA): check of a signature.
 *
 * Input: level (1 byte: 44, 65 or 87), public key (1312, 1952 or 2592), signature (2420, 3309 or 4627), message
 * (the rest), signed with pure ML-DSA under the empty context. Level + 32: the length of a context (2 bytes, at
 * most 255) and the context stand before the message. Level + 64: mu, the 64-byte representative, stands in its
 * place. Level + 128: M', the message as FIPS 204 formats it, also that of HashML-DSA.
 * Output: 1 or 0 (32 bytes), 0 also for malformed input.
 * Gas: 7000, 11000 or 17000, and 6 for each 32-byte word of the message; 7000 for an unknown level.
 */

import type { Precompile } from '../row.ts';
import {
  type MessageForm,
  ML_DSA_44,
  type MlDsa,
  mlDsaOfLevel,
  mlDsaVerify,
  mlDsaVerifyGas,
} from './lib/ml-dsa.ts';

/** What is added to the level; no two sums are the same. */
const FORMS: readonly (readonly [added: number, form: MessageForm])[] = [
  [0, 'pure'],
  [32, 'context'],
  [64, 'mu'],
  [128, 'formatted'],
];

/** What the first byte chooses, or null. */
function choiceOf(input: Uint8Array): { set: MlDsa; form: MessageForm } | null {
  const selector = input[0] ?? 0;
  for (const [added, form] of FORMS) {
    const set = mlDsaOfLevel(selector - added);
    if (set !== null) return { set, form };
  }
  return null;
}

export const dilithiumVerify: Precompile = {
  address: 0xe100n,
  name: 'DILITHIUM_VERIFY',
  since: 'Frontier',
  opcode: 0xe0,
  gas(input) {
    const choice = choiceOf(input);
    if (choice === null) return ML_DSA_44.verifyGas;
    return mlDsaVerifyGas(choice.set.verifyGas, choice.set, input.length, 1);
  },
  run(input) {
    const choice = choiceOf(input);
    return choice === null ? new Uint8Array(32) : mlDsaVerify(choice.set, choice.form, input, 1);
  },
};
