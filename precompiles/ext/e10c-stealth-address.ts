/**
 * STEALTH_ADDRESS: an address that only the recipient can find and spend from (ERC-5564, scheme 1).
 *
 * Input: spending public key (33 bytes), viewing public key (33), ephemeral secret key (32); exactly 98 bytes.
 * Output: address (20 bytes), ephemeral public key (33), view tag (1); failure on an invalid key, another length, and
 * where the sum of the keys is infinity.
 * Gas: 9000. The ephemeral key is secret: local use only.
 */

import type { Precompile } from '../row.ts';
import { generateStealthAddress } from './lib/stealth.ts';

export const stealthAddress: Precompile = {
  address: 0xe10cn,
  name: 'STEALTH_ADDRESS',
  since: 'Frontier',
  opcode: 0xf3,
  secret: true,
  gas: () => 9_000,
  run(input) {
    if (input.length !== 98) return null;
    const payment = generateStealthAddress(
      input.subarray(0, 33),
      input.subarray(33, 66),
      input.subarray(66, 98),
    );
    if (payment === null) return null;
    const output = new Uint8Array(54);
    output.set(payment.address, 0);
    output.set(payment.ephemeralPublicKey, 20);
    output[53] = payment.viewTag;
    return output;
  },
};
