/** Commitments to amounts, proofs of their range, and transfers between them. */

import type { Precompile } from '../row.ts';
import { pedersenAdd } from './e10a-pedersen-add.ts';
import { confidentialTx } from './e10b-confidential-tx.ts';
import { rangeProof } from './e10e-range-proof.ts';
import { rangeProofVerify } from './e104-range-proof-verify.ts';
import { pedersenCommit } from './e109-pedersen-commit.ts';

export const commitments: readonly Precompile[] = [
  rangeProofVerify,
  pedersenCommit,
  pedersenAdd,
  confidentialTx,
  rangeProof,
];
