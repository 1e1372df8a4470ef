/** What a transaction changed. Applying it is up to the caller. */

import type { Address } from '../primitives/address.ts';
import type { AccountInfo } from './reader.ts';

/** What became of one account. */
export interface AccountDiff {
  /** The account afterwards, or null when it is gone, its storage with it. */
  readonly account: AccountInfo | null;
  /** All storage from before is gone; `storage` holds what there is now. */
  readonly storageCleared: boolean;
  /** Changed slots; 0 removes a slot. */
  readonly storage: ReadonlyMap<bigint, bigint>;
  /** Present where the code changed. */
  readonly code: Uint8Array | undefined;
}

/** What became of a state, by account. */
export type StateDiff = ReadonlyMap<Address, AccountDiff>;
