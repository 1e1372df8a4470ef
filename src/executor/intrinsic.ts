/** What a transaction costs before its first instruction (Yellow Paper, section 6.2; EIP-2930, 3860, 7623, 7702). */

import { GAS_PER_BLOB } from '../forks/blob-schedule.ts';
import type { Rules } from '../forks/rules.ts';
import { wordsOf } from '../machine/gas.ts';
import type { UnsignedTransaction } from './transaction.ts';

const TOKENS_PER_NONZERO_BYTE = 4;

export interface IntrinsicGas {
  /** Taken from the gas limit before the run. */
  readonly gas: bigint;
  /** The least that the transaction pays in the end; 0 where there is no floor. */
  readonly floor: bigint;
}

/** Gas of the blobs, which has a price of its own (EIP-4844). */
export const blobGas = (tx: UnsignedTransaction): bigint => BigInt(tx.blobHashes.length * GAS_PER_BLOB);

export function intrinsicGas(tx: UnsignedTransaction, rules: Rules): IntrinsicGas {
  let nonZero = 0;
  for (const byte of tx.data) if (byte !== 0) nonZero++;
  const zero = tx.data.length - nonZero;
  let gas = rules.txGas + zero * rules.txDataZeroGas + nonZero * rules.txDataNonZeroGas;
  if (tx.to === null) gas += rules.txCreateGas + rules.initCodeWordGas * wordsOf(tx.data.length);
  for (const { storageKeys } of tx.accessList) {
    gas += rules.accessListAddressGas + storageKeys.length * rules.accessListSlotGas;
  }
  gas += tx.authorizations.length * rules.authorizationGas;
  const tokens = zero + TOKENS_PER_NONZERO_BYTE * nonZero;
  const floor = rules.txFloorTokenGas === 0 ? 0 : rules.txGas + tokens * rules.txFloorTokenGas;
  return { gas: BigInt(gas), floor: BigInt(floor) };
}
