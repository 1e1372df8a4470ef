/** `--ext`: which precompiles a command has beyond Ethereum's. */

import {
  aliasesOf,
  EXTENSION_SETS,
  type ExtensionSet,
  erbiumProfile,
  loadExtensions,
} from '../../precompiles/ext/index.ts';
import type { Precompile } from '../../precompiles/row.ts';
import type { Rules } from '../forks/rules.ts';
import { misused } from './state.ts';

const ALIASES = 'aliases';
const ALL = 'all';
const PROFILE = 'erbium';

const isSet = (name: string): name is ExtensionSet => (EXTENSION_SETS as readonly string[]).includes(name);

/**
 * @param list names of sets with commas between them; `aliases` are the numbers 0x0100 to 0x0104
 * @throws ErbiumError INVALID_ARGUMENT, naming what is wrong
 */
export async function extensionsOf(list: string | undefined, rules: Rules): Promise<readonly Precompile[]> {
  if (list === undefined) return [];
  const names = list.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === PROFILE) return (await erbiumProfile(rules)).precompiles;
  const sets = new Set<ExtensionSet>();
  for (const name of names) {
    if (name === ALL) for (const set of EXTENSION_SETS) sets.add(set);
    else if (isSet(name)) sets.add(name);
    else if (name !== ALIASES) {
      const known = [...EXTENSION_SETS, ALL, ALIASES].join(', ');
      throw misused(`--ext: unknown set ${JSON.stringify(name)}; known are ${known}, and ${PROFILE} alone`);
    }
  }
  if (sets.size === 0) throw misused(`--ext ${list}: aliases of what? Name a set beside it`);
  const precompiles = await loadExtensions([...sets]);
  return names.includes(ALIASES) ? [...precompiles, ...aliasesOf(precompiles, rules)] : precompiles;
}
