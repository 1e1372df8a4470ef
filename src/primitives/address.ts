/** Addresses: 160-bit numbers, as bigints like every other word. */

import { bytesToBigInt, type Hex, toBytes20, toBytes32 } from './bytes.ts';
import { ErbiumError } from './errors.ts';
import { keccakWord } from './keccak.ts';
import { encodeRlp } from './rlp.ts';

/** An account address: a bigint in [0, 2^160). */
export type Address = bigint;

export const MAX_ADDRESS: Address = (1n << 160n) - 1n;

/** The address in the low 160 bits of a word. */
export const toAddress = (word: bigint): Address => (word > MAX_ADDRESS ? word & MAX_ADDRESS : word);

/** `0x` and 40 lower-case digits. */
export function addressToHex(address: Address): Hex {
  if (typeof address !== 'bigint') {
    throw new ErbiumError('INVALID_ARGUMENT', `address: expected a bigint, got ${typeof address}`);
  }
  return `0x${address.toString(16).padStart(40, '0')}`;
}

export const addressFromBytes = (bytes: Uint8Array): Address => bytesToBigInt(bytes);

/** Address of a contract made by CREATE or a creation transaction (Yellow Paper, section 7). */
export const createAddress = (sender: Address, nonce: bigint): Address =>
  toAddress(keccakWord(encodeRlp([toBytes20(sender), nonce])));

/** Address of a contract made by CREATE2 (EIP-1014). */
export function create2Address(sender: Address, salt: bigint, initCodeHash: Uint8Array): Address {
  const preimage = new Uint8Array(85);
  preimage[0] = 0xff;
  preimage.set(toBytes20(sender), 1);
  preimage.set(toBytes32(salt), 21);
  preimage.set(initCodeHash, 53);
  return toAddress(keccakWord(preimage));
}
