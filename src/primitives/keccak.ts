/** Keccak-256 as Ethereum uses it (the padding of the original submission, not of FIPS 202). */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToBigInt, EMPTY_BYTES } from './bytes.ts';

/** 32 bytes. */
export const keccak256 = (data: Uint8Array): Uint8Array => keccak_256(data);

/** The hash as a word. */
export const keccakWord = (data: Uint8Array): bigint => bytesToBigInt(keccak256(data));

/** Hash of no bytes: the code hash of an account without code. */
export const EMPTY_CODE_HASH: bigint = keccakWord(EMPTY_BYTES);
