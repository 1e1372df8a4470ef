/** Hashes and roots of nothing, as words. */

import { bytesToBigInt } from '../../primitives/bytes.ts';
import { keccakWord } from '../../primitives/keccak.ts';
import { EMPTY_ROOT } from '../../state/trie.ts';

/** Of no uncles: keccak256 of the RLP of an empty list. */
export const EMPTY_UNCLES_HASH: bigint = keccakWord(Uint8Array.of(0xc0));

/** Of a trie without entries. */
export const EMPTY_TRIE_ROOT: bigint = bytesToBigInt(EMPTY_ROOT);
