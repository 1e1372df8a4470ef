/** Which precompiles exist under given rules. */

import type { Rules } from '../src/forks/rules.ts';
import type { Address } from '../src/primitives/address.ts';
import type { Precompile } from './row.ts';
import { PRECOMPILES } from './table.ts';

/** Precompiles by address. */
export type PrecompileSet = ReadonlyMap<Address, Precompile>;

/**
 * The rows of the table whose fork is in the lineage of the rules, then `extra` in full, whatever its forks.
 * A later row supersedes an earlier one of the same address.
 */
export function precompilesOf(rules: Rules, extra: readonly Precompile[] = []): PrecompileSet {
  const set = new Map<Address, Precompile>();
  for (const row of PRECOMPILES) if (rules.lineage.includes(row.since)) set.set(row.address, row);
  for (const row of extra) set.set(row.address, row);
  return set;
}
