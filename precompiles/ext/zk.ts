/** Zero-knowledge proofs (extension): Groth16 over BN254 and BLS12-381. */

import { demandBytes } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import type { Precompile } from '../row.ts';
import { zkVerify } from './e102-zk-verify.ts';
import { zkProve, zkProveWith } from './e106-zk-prove.ts';
import { parseZkey } from './lib/zkey.ts';

export type { Groth16Curve } from './lib/groth16-curves.ts';
export {
  type CurveName,
  encodeProof,
  encodePublicInputs,
  encodeVerifyInput,
  encodeVerifyingKey,
  type ProofJson,
  proofToJson,
} from './lib/groth16-encoding.ts';
export { proveGroth16, publicInputsOf } from './lib/groth16-prove.ts';
export { weaknessOf } from './lib/groth16-verify.ts';
export { parseWtns, type Witness } from './lib/wtns.ts';
export { type Coefficients, type ProvingKey, parseZkey } from './lib/zkey.ts';

/** What the host adds to the zero-knowledge extension. */
export interface ZkOptions {
  /** Proving keys of ZK_PROVE, .zkey files of snarkjs; a call names one by its keccak256. */
  readonly provingKeys?: readonly Uint8Array[];
}

/** ZK_VERIFY, and ZK_PROVE without proving keys. */
export const zk: readonly Precompile[] = [zkVerify, zkProve];

/**
 * ZK_VERIFY, and ZK_PROVE with the proving keys of the host.
 * @throws ErbiumError INVALID_ARGUMENT naming the key and the section that is wrong
 */
export function zkWith({ provingKeys = [] }: ZkOptions): readonly Precompile[] {
  const keys = provingKeys.map((file, i) => {
    demandBytes(file, `provingKeys[${i}]`);
    try {
      return parseZkey(file);
    } catch (cause) {
      if (!(cause instanceof ErbiumError)) throw cause;
      throw new ErbiumError(cause.code, `provingKeys[${i}]: ${cause.message}`, { cause });
    }
  });
  return [zkVerify, zkProveWith(keys)];
}
