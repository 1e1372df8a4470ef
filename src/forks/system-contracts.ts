/** Contracts that the protocol itself calls or listens to. Owns their addresses, not what is said to them. */

import type { Address } from '../primitives/address.ts';

/** Keeps the roots of beacon blocks by timestamp (EIP-4788). */
export const BEACON_ROOT_CONTRACT: Address = 0x000f_3df6_d732_807e_f131_9fb7_b8bb_8522_d0be_ac02n;

/** Keeps the hashes of the last 8,191 blocks (EIP-2935). */
export const HISTORY_CONTRACT: Address = 0x0000_f908_27f1_c53a_10cb_7a02_335b_1753_2000_2935n;

/** Takes deposits of validators, and logs them (EIP-6110). */
export const DEPOSIT_CONTRACT: Address = 0x0000_0000_219a_b540_356c_bb83_9cbe_0530_3d77_05fan;

/** A contract that hands over the requests of a block when the system calls it at the block's end. */
export interface RequestContract {
  readonly address: Address;
  /** First byte of its requests (EIP-7685). */
  readonly type: number;
}

/** Withdrawals that the execution layer asks for (EIP-7002). */
export const WITHDRAWAL_CONTRACT: RequestContract = Object.freeze({
  address: 0x0000_0961_ef48_0eb5_5e80_d19a_d835_79a6_4c00_7002n,
  type: 1,
});

/** Consolidations of validators (EIP-7251). */
export const CONSOLIDATION_CONTRACT: RequestContract = Object.freeze({
  address: 0x0000_bbdd_c7ce_4886_42fb_579f_8b00_f3a5_9000_7251n,
  type: 2,
});
