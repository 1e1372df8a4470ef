/**
 * Door of the extensions: sets of precompiles that are no part of Ethereum and never on by themselves. Loading this
 * module loads none of them.
 */

import { type Rules, rulesFrom } from '../../src/forks/rules.ts';
import { type Address, addressToHex, MAX_ADDRESS } from '../../src/primitives/address.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import { precompilesOf } from '../registry.ts';
import type { Precompile } from '../row.ts';

/** The name of a set of extensions. */
export type ExtensionSet = 'postQuantum' | 'zk' | 'homomorphic' | 'privacy' | 'research' | 'eip8355';

/** Sets of extensions by name, each loaded when it is asked for. */
const SETS: Readonly<Record<ExtensionSet, () => Promise<readonly Precompile[]>>> = {
  postQuantum: async () => (await import('./post-quantum.ts')).postQuantum,
  zk: async () => (await import('./zk.ts')).zk,
  homomorphic: async () => (await import('./homomorphic.ts')).homomorphic,
  privacy: async () => (await import('./privacy.ts')).privacy,
  research: async () => (await import('./research.ts')).research,
  eip8355: async () => (await import('./eip8355.ts')).eip8355,
};

/** The names of all sets. */
export const EXTENSION_SETS: readonly ExtensionSet[] = Object.keys(SETS) as ExtensionSet[];

/**
 * The precompiles of the named sets, for the option `precompiles` of `createEvm`.
 * @throws ErbiumError INVALID_ARGUMENT for an unknown name; MISSING_PACKAGE, naming the package
 */
export async function loadExtensions(names: readonly ExtensionSet[]): Promise<Precompile[]> {
  for (const name of names) {
    if (Object.hasOwn(SETS, name)) continue;
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `unknown extension set ${JSON.stringify(name)}; known are ${EXTENSION_SETS.join(', ')}`,
    );
  }
  const sets = await Promise.all(names.map((name) => SETS[name]()));
  return sets.flat();
}

/** The block of addresses that the extensions have: 0xE100 to 0xE1FF. */
export const EXTENSION_BASE: Address = 0xe100n;
const BLOCK_SIZE = 0x100n;

const isInBlock = ({ address }: Precompile): boolean =>
  address >= EXTENSION_BASE && address < EXTENSION_BASE + BLOCK_SIZE;

/** Below it stand Ethereum's own precompiles and those of roll-ups (EIP-7587). */
const RESERVED: Address = 0x200n;

/**
 * The same precompiles at `base + n` instead of `EXTENSION_BASE + n`; those elsewhere stay where they are.
 * @throws ErbiumError INVALID_ARGUMENT for a base below 0x200, or so high that the block does not fit
 */
export function movedTo(base: Address, precompiles: readonly Precompile[]): Precompile[] {
  if (typeof base !== 'bigint' || base < RESERVED || base > MAX_ADDRESS - BLOCK_SIZE) {
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      'base: expected an address as a bigint from 0x200 on, behind the precompiles of Ethereum and of roll-ups',
    );
  }
  return precompiles.map((row) =>
    isInBlock(row) ? { ...row, address: row.address - EXTENSION_BASE + base } : row,
  );
}

/** The numbers that Erbium's first design gave to five of them, from 0x0100 on, and what they are. */
const FIRST_NUMBERS: ReadonlyMap<Address, string> = new Map([
  [0x100n, 'DILITHIUM_VERIFY'],
  [0x101n, 'DILITHIUM_SIGN'],
  [0x102n, 'ZK_VERIFY'],
  [0x103n, 'HE_ENCRYPT'],
  [0x104n, 'RANGE_PROOF_VERIFY'],
]);

/**
 * Those of the precompiles that once had a number from 0x0100 to 0x0104, at that number, for these rules only.
 * @throws ErbiumError INVALID_ARGUMENT where Ethereum itself has one of the numbers
 */
export function aliasesOf(precompiles: readonly Precompile[], rules: Rules): Precompile[] {
  const taken = precompilesOf(rules);
  const aliases: Precompile[] = [];
  for (const [address, name] of FIRST_NUMBERS) {
    const own = taken.get(address);
    if (own !== undefined) {
      throw new ErbiumError(
        'INVALID_ARGUMENT',
        `${addressToHex(address)} cannot be ${name} in ${rules.fork}: it is ${own.name} there, and 0x0100 to 0x01ff ` +
          'belong to roll-ups (EIP-7587); the extensions stand at 0xe100 and what follows',
      );
    }
    const row = precompiles.findLast((other) => other.name === name);
    if (row === undefined) continue;
    // The instruction is that of the other address.
    const { opcode, ...rest } = row;
    aliases.push({ ...rest, address });
  }
  return aliases;
}

/** Options of `createEvm` for a chain of its own kind. */
export interface ChainProfile {
  readonly fork: Rules;
  readonly precompiles: readonly Precompile[];
}

/** Sets that the chain profile has: those of no draft. */
const PROFILE_SETS: readonly ExtensionSet[] = EXTENSION_SETS.filter((name) => name !== 'eip8355');

/**
 * The chain profile `erbium`: every extension, and where Ethereum leaves the numbers 0x0100 to 0x0104 free, these as
 * aliases. For `createEvm(await erbiumProfile('Prague'))`; another fork beside it would leave the aliases as they are.
 * @param own precompiles that win over those of the sets, such as `homomorphicWith` makes
 * @throws ErbiumError UNKNOWN_FORK; MISSING_PACKAGE, naming the package
 */
export async function erbiumProfile(
  fork?: string | Rules,
  own: readonly Precompile[] = [],
): Promise<ChainProfile> {
  const rules = rulesFrom(fork);
  const precompiles = [...(await loadExtensions(PROFILE_SETS)), ...own];
  const taken = precompilesOf(rules);
  const isFree = [...FIRST_NUMBERS.keys()].every((address) => !taken.has(address));
  return {
    fork: rules,
    precompiles: isFree ? [...precompiles, ...aliasesOf(precompiles, rules)] : precompiles,
  };
}
