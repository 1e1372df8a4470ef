/** The contracts of `contracts/`, compiled, and searches of them. */

import { readFileSync } from 'node:fs';
import solc from 'solc';
import { LATEST_FORK } from '../../src/forks/fork.ts';
import { Random } from '../../src/fuzz/random.ts';
import { Search, type SearchOptions } from '../../src/fuzz/search/search.ts';
import type { Finding } from '../../src/fuzz/search/step.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';

interface Compiled {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly evm: { readonly bytecode: { readonly object: string } } }>>
    >
  >;
}

const compiled = new Map<string, Record<string, Uint8Array>>();

/** Init code of each contract in a file of `contracts/`. */
export function compile(file: string): Record<string, Uint8Array> {
  const codes = compiled.get(file) ?? compileAnew(file);
  compiled.set(file, codes);
  return codes;
}

function compileAnew(file: string): Record<string, Uint8Array> {
  const content = readFileSync(new URL(`./contracts/${file}`, import.meta.url), 'utf8');
  const input = {
    language: 'Solidity',
    sources: { [file]: { content } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'shanghai',
      outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
    },
  };
  const { errors = [], contracts }: Compiled = JSON.parse(solc.compile(JSON.stringify(input)));
  const fatal = errors.find(({ severity }) => severity === 'error');
  if (fatal !== undefined) throw new Error(fatal.formattedMessage);
  return Object.fromEntries(
    Object.entries(contracts[file]!).map(([name, { evm }]) => [name, hexToBytes(evm.bytecode.object)]),
  );
}

export const SETTING = {
  fork: LATEST_FORK,
  create: true,
  balance: 10n * 10n ** 18n,
  storage: new Map<bigint, bigint>(),
  accounts: new Map(),
  gas: 1_000_000n,
  equivalent: null,
  depth: 4,
} satisfies Partial<SearchOptions>;

export interface Searched {
  readonly finding: Finding | null;
  readonly executions: number;
}

/** Searches for at most so many executions. */
export function searched(
  options: Partial<SearchOptions> & Pick<SearchOptions, 'code' | 'goals'>,
  executions: number,
  seed = 1n,
): Searched {
  const search = new Search({ ...SETTING, ...options }, new Random(seed));
  const finding = search.advance(executions);
  return { finding, executions: search.progress.executions };
}
