/** ML-DSA (FIPS 204): what its precompiles share. Lengths in bytes. */

import { encodeTrue, gasByWords } from '../../encoding.ts';
import { mlDsa44, mlDsa65, mlDsa87 } from './noble-post-quantum.ts';

/** Gas for each 32-byte word of a message (EIP-8355). */
export const MESSAGE_WORD_GAS = 6;

/** Length of the seed, FIPS 204's xi, that stands for a key pair. */
export const SEED_LENGTH = 32;

/** A parameter set of FIPS 204, table 1 and 2. */
export interface MlDsa {
  readonly publicKeyLength: number;
  readonly signatureLength: number;
  readonly verifyGas: number;
  readonly signGas: number;
  readonly keygenGas: number;
  readonly scheme: typeof mlDsa44;
}

export const ML_DSA_44: MlDsa = {
  publicKeyLength: 1_312,
  signatureLength: 2_420,
  verifyGas: 7_000,
  signGas: 200_000,
  keygenGas: 10_000,
  scheme: mlDsa44,
};

export const ML_DSA_65: MlDsa = {
  publicKeyLength: 1_952,
  signatureLength: 3_309,
  verifyGas: 11_000,
  signGas: 270_000,
  keygenGas: 15_000,
  scheme: mlDsa65,
};

export const ML_DSA_87: MlDsa = {
  publicKeyLength: 2_592,
  signatureLength: 4_627,
  verifyGas: 17_000,
  signGas: 300_000,
  keygenGas: 20_000,
  scheme: mlDsa87,
};

/** The parameter set with this number in its name, or null. */
export function mlDsaOfLevel(level: number | undefined): MlDsa | null {
  if (level === 44) return ML_DSA_44;
  if (level === 65) return ML_DSA_65;
  return level === 87 ? ML_DSA_87 : null;
}

/**
 * What follows the signature: `pure` the message, under the empty context (FIPS 204, algorithm 3); `context` the
 * length of a context (2 bytes, at most 255), the context, the message; `formatted` M', a message with its context
 * or hash, as the caller formatted it (algorithm 8); `mu` the 64-byte representative of M'.
 */
export type MessageForm = 'pure' | 'context' | 'formatted' | 'mu';

const MAX_CONTEXT_LENGTH = 255;
const MU_LENGTH = 64;

/** Price of checking what has `offset` bytes in front of the key, for input of any length, where a check costs `base`. */
export const mlDsaVerifyGas = (base: number, set: MlDsa, inputLength: number, offset: number): number =>
  gasByWords(
    base,
    MESSAGE_WORD_GAS,
    Math.max(0, inputLength - offset - set.publicKeyLength - set.signatureLength),
  );

/** Checks public key, signature and message, which follow one another from `offset` on: 1 or 0 in 32 bytes. */
export function mlDsaVerify(set: MlDsa, form: MessageForm, input: Uint8Array, offset: number): Uint8Array {
  const signatureAt = offset + set.publicKeyLength;
  const messageAt = signatureAt + set.signatureLength;
  const valid =
    input.length >= messageAt &&
    isSigned(
      set,
      form,
      input.subarray(offset, signatureAt),
      input.subarray(signatureAt, messageAt),
      input.subarray(messageAt),
    );
  return valid ? encodeTrue() : new Uint8Array(32);
}

function isSigned(
  { scheme }: MlDsa,
  form: MessageForm,
  publicKey: Uint8Array,
  signature: Uint8Array,
  tail: Uint8Array,
): boolean {
  if (form === 'pure') return scheme.verify(signature, tail, publicKey);
  if (form === 'formatted') return scheme.internal.verify(signature, tail, publicKey);
  if (form === 'mu') {
    return (
      tail.length === MU_LENGTH && scheme.internal.verify(signature, tail, publicKey, { externalMu: true })
    );
  }
  if (tail.length < 2) return false;
  const length = tail[0]! * 256 + tail[1]!;
  if (length > MAX_CONTEXT_LENGTH || tail.length < 2 + length) return false;
  const context = tail.subarray(2, 2 + length);
  return scheme.verify(signature, tail.subarray(2 + length), publicKey, { context });
}
