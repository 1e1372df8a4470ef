/** Signatures that withstand quantum computers: ML-DSA (FIPS 204), Falcon and SLH-DSA (FIPS 205). */

import type { Precompile } from '../row.ts';
import { falconVerify } from './e10f-falcon-verify.ts';
import { dilithiumVerify } from './e100-dilithium-verify.ts';
import { dilithiumSign } from './e101-dilithium-sign.ts';
import { dilithiumKeygen } from './e105-dilithium-keygen.ts';
import { slhDsaVerify } from './e110-slh-dsa-verify.ts';

/** The rows of the set `postQuantum`: 0xE100, 0xE101, 0xE105, 0xE10F and 0xE110. */
export const postQuantum: readonly Precompile[] = [
  dilithiumVerify,
  dilithiumSign,
  dilithiumKeygen,
  falconVerify,
  slhDsaVerify,
];
