/**
 * FALCON_VERIFY (Falcon, submission to round 3, specification 1.2): check of a signature.
 *
 * Input: log2 of the degree (1 byte: 9 = Falcon-512, 10 = Falcon-1024), public key (897 or 1793 bytes), length of
 * the signature (2), signature, message (the rest). The signature is detached: header 0x39 or 0x3a, salt (40),
 * s2 compressed; either as short as it gets, at most 752 or 1462 bytes, or padded with zeros to 666 or 1280.
 * Output: 1 or 0 (32 bytes), 0 also for malformed input.
 * Gas: 5000 or 7500, and 6 for each 32-byte word of the message; 5000 for an unknown degree.
 */

import { encodeTrue, gasByWords } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { falcon512, falcon512padded, falcon1024, falcon1024padded } from './lib/noble-post-quantum.ts';

interface Falcon {
  readonly publicKeyLength: number;
  readonly maxLength: number;
  readonly paddedLength: number;
  readonly gas: number;
  readonly scheme: typeof falcon512;
  readonly padded: typeof falcon512;
}

const FALCON_512: Falcon = {
  publicKeyLength: 897,
  maxLength: 752,
  paddedLength: 666,
  gas: 5_000,
  scheme: falcon512,
  padded: falcon512padded,
};

const FALCON_1024: Falcon = {
  publicKeyLength: 1_793,
  maxLength: 1_462,
  paddedLength: 1_280,
  gas: 7_500,
  scheme: falcon1024,
  padded: falcon1024padded,
};

const MESSAGE_WORD_GAS = 6;

function falconOf(logDegree: number | undefined): Falcon | null {
  if (logDegree === 9) return FALCON_512;
  return logDegree === 10 ? FALCON_1024 : null;
}

/** Where the message begins, by the length field, which reads 0 where the input ends before it. */
function messageStart(set: Falcon, input: Uint8Array): number {
  const at = 1 + set.publicKeyLength;
  return at + 2 + (input[at] ?? 0) * 256 + (input[at + 1] ?? 0);
}

function isSigned(set: Falcon, input: Uint8Array): boolean {
  const keyEnd = 1 + set.publicKeyLength;
  const messageAt = messageStart(set, input);
  const signatureLength = messageAt - keyEnd - 2;
  if (input.length < messageAt || signatureLength > set.maxLength) return false;
  const scheme = signatureLength === set.paddedLength ? set.padded : set.scheme;
  return scheme.verify(
    input.subarray(keyEnd + 2, messageAt),
    input.subarray(messageAt),
    input.subarray(1, keyEnd),
  );
}

export const falconVerify: Precompile = {
  address: 0xe10fn,
  name: 'FALCON_VERIFY',
  since: 'Frontier',
  gas(input) {
    const set = falconOf(input[0]);
    if (set === null) return FALCON_512.gas;
    return gasByWords(set.gas, MESSAGE_WORD_GAS, Math.max(0, input.length - messageStart(set, input)));
  },
  run(input) {
    const set = falconOf(input[0]);
    return set !== null && isSigned(set, input) ? encodeTrue() : new Uint8Array(32);
  },
};
