/** Which uncles a block may have (Yellow Paper, section 11.1). */

import type { RulesAt } from '../../forks/schedule.ts';
import { toHex32 } from '../../primitives/bytes.ts';
import type { Block } from './block.ts';
import { hashHeader } from './header.ts';
import { validateHeader } from './header-rules.ts';
import { type InvalidBlock, invalidBlock } from './reasons.ts';

const MOST_UNCLES = 2;
/** An uncle's parent is at most this many blocks before the block's parent. */
const MOST_GENERATIONS = 6;

/**
 * The first rule that the uncles of a block break, or null.
 * @param ancestors the parent first; seven are looked at
 */
export function validateUncles(
  block: Block,
  ancestors: readonly Block[],
  rulesAt: RulesAt,
  daoBlock: bigint | null,
): InvalidBlock | null {
  const { uncles } = block;
  if (uncles.length === 0) return null;
  if (uncles.length > MOST_UNCLES) return invalidBlock('TOO_MANY_UNCLES', `${uncles.length}`);
  const recent = ancestors.slice(0, MOST_GENERATIONS + 1);
  const byHash = new Map(recent.map(({ header }) => [hashHeader(header), header]));
  const used = new Set(
    recent.slice(0, MOST_GENERATIONS).flatMap((ancestor) => ancestor.uncles.map(hashHeader)),
  );
  for (const uncle of uncles) {
    const hash = hashHeader(uncle);
    if (byHash.has(hash)) return invalidBlock('UNCLE_IS_ANCESTOR', toHex32(hash));
    if (used.has(hash)) return invalidBlock('UNCLE_IN_CHAIN', toHex32(hash));
    used.add(hash);
    if (uncle.parentHash === block.header.parentHash) return invalidBlock('UNCLE_IS_BROTHER', toHex32(hash));
    const parent = byHash.get(uncle.parentHash);
    if (parent === undefined) return invalidBlock('UNCLE_UNKNOWN_PARENT', toHex32(uncle.parentHash));
    const verdict = validateHeader(uncle, parent, rulesAt(uncle.number, uncle.timestamp), daoBlock);
    if (verdict !== null) return { ...verdict, detail: `uncle ${toHex32(hash)}: ${verdict.detail}` };
  }
  return null;
}
