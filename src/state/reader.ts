/** Where the state before a transaction comes from. Readers answer; they are never written to by the machine. */

import type { Address } from '../primitives/address.ts';

export interface AccountInfo {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** keccak256 of the code, as a word. */
  readonly codeHash: bigint;
}

export interface StateReader {
  /** undefined where there is no account. */
  account(address: Address): AccountInfo | undefined;
  /** 0 where nothing is stored. */
  storage(address: Address, key: bigint): bigint;
  /** Whether the account has any non-zero slot (EIP-7610). */
  hasStorage(address: Address): boolean;
  /** The code of a hash that an account of this reader has. */
  code(codeHash: bigint): Uint8Array;
  /** Hash of a block before the current one, as a word; 0 where unknown. */
  blockHash(number: bigint): bigint;
}
