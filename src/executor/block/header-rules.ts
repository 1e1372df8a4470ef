/** The validity rules of a header against its parent (Yellow Paper, section 4.4.4), one function per group. */

import { DAO_EXTRA_BLOCKS, DAO_EXTRA_DATA } from '../../forks/dao.ts';
import type { Rules } from '../../forks/rules.ts';
import { bytesToHex, equalBytes, toHex32 } from '../../primitives/bytes.ts';
import { EMPTY_UNCLES_HASH } from './empty.ts';
import { ELASTICITY, nextBaseFee, nextDifficulty, nextExcessBlobGas } from './fees.ts';
import { type Header, hashHeader, wrongField } from './header.ts';
import { type InvalidBlock, invalidBlock } from './reasons.ts';

type Verdict = InvalidBlock | null;

const MIN_GAS_LIMIT = 5_000n;
const GAS_LIMIT_QUOTIENT = 1_024n;
const MAX_EXTRA_DATA = 32;

function checkFormat(header: Header, rules: Rules): Verdict {
  const name = wrongField(header, rules);
  if (name === undefined) return null;
  const problem = header[name] === null ? 'is missing' : 'does not exist yet';
  return invalidBlock('INCORRECT_BLOCK_FORMAT', `${name} ${problem}`);
}

/** Number, parent and time. */
function checkPlace(header: Header, parent: Header): Verdict {
  const parentHash = hashHeader(parent);
  if (header.parentHash !== parentHash) {
    return invalidBlock('UNKNOWN_PARENT', `${toHex32(header.parentHash)}, not ${toHex32(parentHash)}`);
  }
  if (header.number !== parent.number + 1n) {
    return invalidBlock('INVALID_BLOCK_NUMBER', `${header.number} after ${parent.number}`);
  }
  if (header.timestamp <= parent.timestamp) {
    const detail = `${header.timestamp} after ${parent.timestamp}`;
    return invalidBlock('INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT', detail);
  }
  return null;
}

/** The gas limit that counts as the parent's: the first block with a base fee may hold twice as much (EIP-1559). */
export const parentGasLimit = (parent: Header, rules: Rules): bigint =>
  rules.baseFee && parent.baseFee === null ? parent.gasLimit * ELASTICITY : parent.gasLimit;

function checkGas(header: Header, parent: Header, rules: Rules): Verdict {
  const before = parentGasLimit(parent, rules);
  const bound = before / GAS_LIMIT_QUOTIENT;
  const { gasLimit, gasUsed } = header;
  if (gasLimit < MIN_GAS_LIMIT) return invalidBlock('INVALID_GASLIMIT', `${gasLimit} below ${MIN_GAS_LIMIT}`);
  if (gasLimit >= before + bound || gasLimit <= before - bound) {
    return invalidBlock('INVALID_GASLIMIT', `${gasLimit} after ${before}, by ${bound} or more`);
  }
  if (gasUsed > gasLimit) return invalidBlock('INVALID_GAS_USED_ABOVE_LIMIT', `${gasUsed} above ${gasLimit}`);
  if (!rules.baseFee) return null;
  const baseFee = nextBaseFee(parent);
  if (header.baseFee === baseFee) return null;
  return invalidBlock('INVALID_BASEFEE_PER_GAS', `${header.baseFee}, not ${baseFee}`);
}

/** EIP-4844, EIP-7918. How much the transactions may use is checked with them. */
function checkBlobGas({ excessBlobGas }: Header, parent: Header, rules: Rules): Verdict {
  if (rules.blobs === null) return null;
  const excess = nextExcessBlobGas(parent, rules, rules.blobs);
  if (excessBlobGas === excess) return null;
  return invalidBlock('INCORRECT_EXCESS_BLOB_GAS', `${excessBlobGas}, not ${excess}`);
}

/** Difficulty, and its absence (EIP-3675). The proof of work itself is not looked at. */
function checkWork(header: Header, parent: Header, rules: Rules): Verdict {
  const { difficulty, nonce, number, timestamp } = header;
  if (rules.proofOfWork) {
    const wanted = nextDifficulty(parent, number, timestamp, rules);
    return difficulty === wanted ? null : invalidBlock('INVALID_DIFFICULTY', `${difficulty}, not ${wanted}`);
  }
  if (difficulty !== 0n || nonce !== 0n) {
    const detail = `difficulty ${difficulty}, nonce ${nonce}`;
    return invalidBlock('IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS', detail);
  }
  if (header.unclesHash !== EMPTY_UNCLES_HASH) {
    return invalidBlock('IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS', toHex32(header.unclesHash));
  }
  return null;
}

function checkExtraData({ extraData, number }: Header, daoBlock: bigint | null): Verdict {
  if (extraData.length > MAX_EXTRA_DATA) {
    return invalidBlock('EXTRA_DATA_TOO_BIG', `${extraData.length} bytes`);
  }
  const isMarked = daoBlock !== null && number >= daoBlock && number < daoBlock + DAO_EXTRA_BLOCKS;
  if (!isMarked || equalBytes(extraData, DAO_EXTRA_DATA)) return null;
  return invalidBlock('EXTRA_DATA_INVALID_DAO', bytesToHex(extraData));
}

/**
 * The first rule that a header breaks, or null.
 * @param daoBlock number of the block of the DAO's change of state, if the chain made it
 */
export const validateHeader = (
  header: Header,
  parent: Header,
  rules: Rules,
  daoBlock: bigint | null,
): Verdict =>
  checkFormat(header, rules) ??
  checkPlace(header, parent) ??
  checkExtraData(header, daoBlock) ??
  checkGas(header, parent, rules) ??
  checkBlobGas(header, parent, rules) ??
  checkWork(header, parent, rules);
