/** Extensions that hide amounts and recipients: commitments, range proofs, confidential transfers, stealth addresses. */

import type { Precompile } from '../row.ts';
import { commitments } from './commitments.ts';
import { stealthAddress } from './e10c-stealth-address.ts';
import { stealthScan } from './e10d-stealth-scan.ts';

export type { Opening } from './lib/bulletproofs-prove.ts';
export {
  type ConfidentialTransfer,
  encodeConfidentialTransfer,
  proveConfidentialTransfer,
} from './lib/confidential.ts';
export { generateStealthAddress, type StealthPayment, stealthPrivateKey } from './lib/stealth.ts';

/** The rows of the set `privacy`: 0xE104, 0xE109 to 0xE10E. */
export const privacy: readonly Precompile[] = [...commitments, stealthAddress, stealthScan];
