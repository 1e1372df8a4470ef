/**
 * STEALTH_SCAN: whether a stealth payment is to the owner of a viewing key (ERC-5564, scheme 1).
 *
 * Input: viewing secret key (32 bytes), spending public key (33), then what was announced: ephemeral public key (33),
 * view tag (1), address (20); exactly 119 bytes.
 * Output: 1 or 0 (32 bytes), 0 also for an invalid announcement; failure on an invalid key of the owner and on another
 * length.
 * Gas: 7000. The viewing key is secret: local use only.
 */

import { encodeTrue } from '../encoding.ts';
import type { Precompile } from '../row.ts';
import { isStealthPaymentTo } from './lib/stealth.ts';

export const stealthScan: Precompile = {
  address: 0xe10dn,
  name: 'STEALTH_SCAN',
  since: 'Frontier',
  opcode: 0xf4,
  secret: true,
  gas: () => 7_000,
  run(input) {
    if (input.length !== 119) return null;
    const mine = isStealthPaymentTo(input.subarray(0, 32), input.subarray(32, 65), {
      ephemeralPublicKey: input.subarray(65, 98),
      viewTag: input[98]!,
      address: input.subarray(99, 119),
    });
    if (mine === null) return null;
    return mine ? encodeTrue() : new Uint8Array(32);
  },
};
