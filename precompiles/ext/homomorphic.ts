/** Set of the extensions for homomorphic encryption: ElGamal by itself, BFV with the optional package node-seal. */

import type { Precompile } from '../row.ts';
import { heEncrypt, heEncryptWith } from './e103-he-encrypt.ts';
import { heDecrypt, heDecryptWith } from './e107-he-decrypt.ts';
import { heCompute, heComputeWith } from './e108-he-compute.ts';
import { createBfv } from './lib/seal.ts';

export { type BfvKeys, bfvKeyName, generateBfvKeys } from './lib/seal.ts';
export type { BfvScheme } from './lib/seal-layout.ts';

/** HE_ENCRYPT, HE_DECRYPT and HE_COMPUTE with ElGamal alone; a scheme byte of BFV fails. */
export const homomorphic: readonly Precompile[] = [heEncrypt, heDecrypt, heCompute];

/** What a host gives to BFV. */
export interface HomomorphicOptions {
  /**
   * Keys that calls may name by keccak256 of their bytes: public keys to encrypt, relinearisation keys to multiply,
   * secret keys to decrypt. All machines of a network need the same public and relinearisation keys.
   */
  readonly keys: readonly Uint8Array[];
}

/**
 * HE_ENCRYPT, HE_DECRYPT and HE_COMPUTE with ElGamal and BFV. The first call in a process takes about a second.
 * @throws ErbiumError MISSING_PACKAGE without node-seal; INVALID_ARGUMENT naming a key that is none
 */
export async function homomorphicWith(options: HomomorphicOptions): Promise<readonly Precompile[]> {
  const bfv = await createBfv(options.keys);
  return [heEncryptWith(bfv), heDecryptWith(bfv), heComputeWith(bfv)];
}
