/** All precompiles of Ethereum, in the order of their addresses. */

import { pointEvaluation } from './0a-point-evaluation.ts';
import { bls12G1Add } from './0b-bls12-g1add.ts';
import { bls12G1Msm } from './0c-bls12-g1msm.ts';
import { bls12G2Add } from './0d-bls12-g2add.ts';
import { bls12G2Msm } from './0e-bls12-g2msm.ts';
import { bls12PairingCheck } from './0f-bls12-pairing-check.ts';
import { ecrecover } from './01-ecrecover.ts';
import { sha256 } from './02-sha256.ts';
import { ripemd160 } from './03-ripemd160.ts';
import { identity } from './04-identity.ts';
import { modexp } from './05-modexp.ts';
import { bn254Add } from './06-bn254-add.ts';
import { bn254Mul } from './07-bn254-mul.ts';
import { bn254Pairing } from './08-bn254-pairing.ts';
import { blake2f } from './09-blake2f.ts';
import { bls12MapFpToG1 } from './10-bls12-map-fp-to-g1.ts';
import { bls12MapFp2ToG2 } from './11-bls12-map-fp2-to-g2.ts';
import { p256Verify } from './100-p256verify.ts';
import type { Precompile } from './row.ts';

/** All precompiles of Ethereum, by address. */
export const PRECOMPILES: readonly Precompile[] = [
  ecrecover,
  sha256,
  ripemd160,
  identity,
  modexp,
  bn254Add,
  bn254Mul,
  bn254Pairing,
  blake2f,
  pointEvaluation,
  bls12G1Add,
  bls12G1Msm,
  bls12G2Add,
  bls12G2Msm,
  bls12PairingCheck,
  bls12MapFpToG1,
  bls12MapFp2ToG2,
  p256Verify,
];
