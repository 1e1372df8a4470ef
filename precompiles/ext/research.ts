/** Extensions for those who build proof systems and randomness: a hash for circuits, a verifiable random function. */

import type { Precompile } from '../row.ts';
import { poseidonHash } from './e111-poseidon.ts';
import { vrfVerify } from './e112-vrf-verify.ts';

export { proveVrf, vrfPublicKey } from './lib/ecvrf-prove.ts';

/** The rows of the set `research`: 0xE111 and 0xE112. */
export const research: readonly Precompile[] = [poseidonHash, vrfVerify];
