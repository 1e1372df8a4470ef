/** Notes of examples/solidity/ShieldedToken.sol, as their owners keep them. */

import type { Opening } from '../../precompiles/ext/lib/bulletproofs-prove.ts';
import type { ConfidentialTransfer } from '../../precompiles/ext/lib/confidential.ts';
import { commit, encodePoint, modOrder } from '../../precompiles/ext/lib/ristretto.ts';
import { bytesToHex, type Hex } from '../../src/index.ts';
import { bytesToBigInt } from '../../src/primitives/bytes.ts';
import { type Argument, seedOf } from './solidity-support.ts';

/** Wei. */
export const UNIT = 10n ** 9n;
export const NOBODY: Hex = `0x${'0'.repeat(40)}`;

/** A note as its owner keeps it. */
export interface Note extends Opening {
  readonly owner: Hex;
}

let drawn = 0;
export const noteOf = (owner: Hex, value: bigint): Note => ({
  owner,
  value,
  blinding: modOrder(bytesToBigInt(seedOf(`blinding ${drawn++}`))),
});
export const commitmentOf = ({ value, blinding }: Opening): Hex =>
  bytesToHex(encodePoint(commit(value, blinding)));

/** A transfer as the contract takes it. */
export const argumentOf = (made: ConfidentialTransfer, notes: readonly Note[]): Argument => [
  made.outputs,
  notes.map(({ owner }) => owner),
  made.signature,
  made.rangeProof,
];
