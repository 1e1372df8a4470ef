/** Who calls system contracts, and with how much gas (EIP-4788, EIP-2935, EIP-7002, EIP-7251). */

import type { Address } from '../primitives/address.ts';

export const SYSTEM_ADDRESS: Address = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_fffen;

/** Paid by nobody, and no part of the block's gas. */
export const SYSTEM_GAS = 30_000_000n;
