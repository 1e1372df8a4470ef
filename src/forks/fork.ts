/**
 * The order of Ethereum's forks and the names that tools use for them. What a fork changes stands in
 * `rules.ts`, in the columns of the opcode table and in the `since` of the precompile table.
 */

import { ErbiumError } from '../primitives/errors.ts';

/** Mainnet forks that touch execution, oldest first, then the blob-parameter-only forks of the test suites. */
export const FORKS = [
  'Frontier',
  'Homestead',
  'TangerineWhistle',
  'SpuriousDragon',
  'Byzantium',
  'Constantinople',
  'Petersburg',
  'Istanbul',
  'MuirGlacier',
  'Berlin',
  'London',
  'ArrowGlacier',
  'GrayGlacier',
  'Paris',
  'Shanghai',
  'Cancun',
  'Prague',
  'Osaka',
  'BPO1',
  'BPO2',
  'BPO3',
  'BPO4',
] as const;

/** One of `FORKS`. */
export type ForkName = (typeof FORKS)[number];

const ALIASES: Readonly<Record<string, ForkName>> = {
  eip150: 'TangerineWhistle',
  eip158: 'SpuriousDragon',
  constantinoplefix: 'Petersburg',
  merge: 'Paris',
};

const BY_LOWER_CASE: ReadonlyMap<string, ForkName> = new Map([
  ...FORKS.map((fork): [string, ForkName] => [fork.toLowerCase(), fork]),
  ...Object.entries(ALIASES),
]);

/** The fork of a name or alias in any letter case, or undefined. */
export const findFork = (name: string): ForkName | undefined => BY_LOWER_CASE.get(name.toLowerCase());

/**
 * The fork of a name or alias in any letter case.
 * @throws ErbiumError UNKNOWN_FORK, listing the known names
 */
export function parseFork(name: string): ForkName {
  const fork = findFork(name);
  if (fork !== undefined) return fork;
  throw new ErbiumError(
    'UNKNOWN_FORK',
    `unknown fork ${JSON.stringify(name)}; known are ${FORKS.join(', ')}`,
  );
}

/** The fork and all before it, oldest first. */
export const lineageOf = (fork: ForkName): readonly ForkName[] => FORKS.slice(0, FORKS.indexOf(fork) + 1);

/** The fork whose rules apply unless an embedder asks for another: the newest on mainnet. */
export const LATEST_FORK: ForkName = 'BPO2';
