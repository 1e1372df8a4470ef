/**
 * P256VERIFY (EIP-7951): check of an ECDSA signature over P-256.
 *
 * Input: hash (32 bytes), r (32), s (32), x (32) and y (32) of the public key; exactly 160 bytes.
 * Output: 1 (32 bytes) when the signature is valid; nothing, and no failure, when anything is not.
 * Gas: 6900.
 */

import { EMPTY_BYTES } from '../src/primitives/bytes.ts';
import { encodeTrue, wordAt } from './encoding.ts';
import type { Precompile } from './row.ts';

export const p256Verify: Precompile = {
  address: 0x100n,
  name: 'P256VERIFY',
  since: 'Osaka',
  forgeable: true,
  gas: () => 6_900,
  run(input, crypto) {
    if (input.length !== 160) return EMPTY_BYTES;
    const valid = crypto.p256Verify(
      input.subarray(0, 32),
      wordAt(input, 32),
      wordAt(input, 64),
      wordAt(input, 96),
      wordAt(input, 128),
    );
    return valid ? encodeTrue() : EMPTY_BYTES;
  },
};
