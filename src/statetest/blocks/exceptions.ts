/** What a fixture says of the reason for which a block is rejected, against our typed reason. */

import { BLOCK_REASONS, type BlockReason } from '../../executor/block/index.ts';
import { type InvalidReason, REASONS } from '../../executor/reasons.ts';
import { acceptedReasons } from '../exceptions.ts';

/** Codes of ours that one code of execution-spec-tests covers, where it is not the same word. */
const COVERED: Readonly<Record<string, readonly (BlockReason | InvalidReason)[]>> = {
  GASLIMIT_TOO_BIG: ['INVALID_GASLIMIT'],
  GAS_USED_OVERFLOW: ['INVALID_GAS_USED', 'INVALID_GAS_USED_ABOVE_LIMIT'],
  BLOB_GAS_USED_ABOVE_LIMIT: ['INCORRECT_BLOB_GAS_USED', 'TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED'],
  UNKNOWN_PARENT_ZERO: ['UNKNOWN_PARENT'],
  UNCLE_PARENT_INCORRECT: ['UNCLE_UNKNOWN_PARENT'],
};

const PREFIX = 'BlockException.';

/**
 * The reasons of ours, for a block or one of its transactions, that satisfy an `expectException`. A code counts only as
 * what the fixture says that it is, a block's or a transaction's.
 */
export function acceptedBlockReasons(expectException: string): readonly string[] {
  return expectException.split('|').flatMap((part): readonly string[] => {
    const text = part.trim();
    if (!text.startsWith(PREFIX)) return acceptedReasons(text).filter((code) => Object.hasOwn(REASONS, code));
    const code = text.slice(PREFIX.length);
    if (Object.hasOwn(COVERED, code)) return COVERED[code]!;
    return Object.hasOwn(BLOCK_REASONS, code) ? [code] : [];
  });
}
