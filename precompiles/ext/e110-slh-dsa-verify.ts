/**
 * SLH_DSA_VERIFY (FIPS 205): check of a signature.
 *
 * Input: parameter set (1 byte: the last number of NIST's object identifier 2.16.840.1.101.3.4.3.n, 20 to 31, see
 * SETS), public key (32, 48 or 64 bytes), signature (7856 to 49856), message (the rest), signed with pure SLH-DSA
 * under the empty context.
 * Output: 1 or 0 (32 bytes), 0 also for malformed input.
 * Gas: by parameter set, and 6 for each 32-byte word of the message; 15000 for an unknown set.
 */

import { encodeTrue, gasByWords } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import * as noble from './lib/noble-post-quantum.ts';

interface SlhDsa {
  readonly publicKeyLength: number;
  readonly signatureLength: number;
  readonly gas: number;
  readonly scheme: typeof noble.slhDsaSha2128s;
}

const set = (
  publicKeyLength: number,
  signatureLength: number,
  gas: number,
  scheme: typeof noble.slhDsaSha2128s,
): SlhDsa => ({ publicKeyLength, signatureLength, gas, scheme });

const FIRST_SET = 20;

/** Number 20 first. */
const SETS: readonly SlhDsa[] = [
  set(32, 7_856, 15_000, noble.slhDsaSha2128s),
  set(32, 17_088, 35_000, noble.slhDsaSha2128f),
  set(48, 16_224, 22_000, noble.slhDsaSha2192s),
  set(48, 35_664, 55_000, noble.slhDsaSha2192f),
  set(64, 29_792, 32_000, noble.slhDsaSha2256s),
  set(64, 49_856, 60_000, noble.slhDsaSha2256f),
  set(32, 7_856, 75_000, noble.slhDsaShake128s),
  set(32, 17_088, 220_000, noble.slhDsaShake128f),
  set(48, 16_224, 105_000, noble.slhDsaShake192s),
  set(48, 35_664, 300_000, noble.slhDsaShake192f),
  set(64, 29_792, 165_000, noble.slhDsaShake256s),
  set(64, 49_856, 330_000, noble.slhDsaShake256f),
];

const LEAST_GAS = 15_000;
const MESSAGE_WORD_GAS = 6;

const setOf = (input: Uint8Array): SlhDsa | undefined => SETS[(input[0] ?? 0) - FIRST_SET];

const messageStart = ({ publicKeyLength, signatureLength }: SlhDsa): number =>
  1 + publicKeyLength + signatureLength;

export const slhDsaVerify: Precompile = {
  address: 0xe110n,
  name: 'SLH_DSA_VERIFY',
  since: 'Frontier',
  gas(input) {
    const chosen = setOf(input);
    if (chosen === undefined) return LEAST_GAS;
    return gasByWords(chosen.gas, MESSAGE_WORD_GAS, Math.max(0, input.length - messageStart(chosen)));
  },
  run(input) {
    const chosen = setOf(input);
    if (chosen === undefined || input.length < messageStart(chosen)) return new Uint8Array(32);
    const keyEnd = 1 + chosen.publicKeyLength;
    const messageAt = messageStart(chosen);
    const valid = chosen.scheme.verify(
      input.subarray(keyEnd, messageAt),
      input.subarray(messageAt),
      input.subarray(1, keyEnd),
    );
    return valid ? encodeTrue() : new Uint8Array(32);
  },
};
