/** Valid inputs of POSEIDON and VRF_VERIFY. */

import { poseidonHash } from '../../../../precompiles/ext/e111-poseidon.ts';
import { vrfVerify } from '../../../../precompiles/ext/e112-vrf-verify.ts';
import { proveVrf, vrfPublicKey } from '../../../../precompiles/ext/lib/ecvrf-prove.ts';
import { BN254_ORDER } from '../../../../precompiles/ext/lib/poseidon-constants.ts';
import { concatBytes, toBytes32 } from '../../../../src/primitives/bytes.ts';
import { keccakWord } from '../../../../src/primitives/keccak.ts';
import type { Sample } from './sample.ts';

const encoder = new TextEncoder();

/** A secret key for which the messages below take the tries that they say. */
const VRF_KEY = toBytes32(12_345n);

/** Messages by label: of each length, and one that takes many tries to reach the curve. */
const MESSAGES: readonly [label: string, alpha: Uint8Array][] = [
  ['alpha=0', new Uint8Array(0)],
  ['alpha=32', new Uint8Array(32).fill(5)],
  ['alpha=1024', new Uint8Array(1_024).fill(5)],
  ['alpha=65536', new Uint8Array(65_536).fill(5)],
  ['tries=11', encoder.encode('alpha251')],
];

/** An input of POSEIDON with so many numbers. */
export const poseidonInput = (count: number, seed = 'poseidon'): Uint8Array =>
  concatBytes(
    ...Array.from({ length: count }, (_, i) =>
      toBytes32(keccakWord(encoder.encode(`${seed} ${count} ${i}`)) % BN254_ORDER),
    ),
  );

/** An input of VRF_VERIFY that is valid. */
export const vrfInput = (secretKey: Uint8Array, alpha: Uint8Array): Uint8Array =>
  concatBytes(vrfPublicKey(secretKey)!, proveVrf(secretKey, alpha)!, alpha);

export function samples(): Sample[] {
  return [
    ...Array.from({ length: 16 }, (_, i) => ({
      row: poseidonHash,
      label: `inputs=${i + 1}`,
      input: poseidonInput(i + 1),
    })),
    ...MESSAGES.map(([label, alpha]) => ({ row: vrfVerify, label, input: vrfInput(VRF_KEY, alpha) })),
  ];
}
