/** What the page runs: bytecode, assembly or a state test, and how. Plain data, as it is kept in links. */

import { findFork, LATEST_FORK } from 'erbium';

export const ENGINES = ['wasm', 'bigint'] as const;
export type Engine = (typeof ENGINES)[number];

export interface CaseInput {
  readonly source: string;
  readonly engine: Engine;
  /** For code; a state test names its own. */
  readonly fork: string;
  readonly calldata: string;
  /** Wei. */
  readonly value: string;
  readonly gas: string;
  /** Of a state test, the name of the case; empty for the first. */
  readonly testCase: string;
}

export const EMPTY_CASE: CaseInput = {
  source: '',
  engine: 'wasm',
  fork: LATEST_FORK,
  calldata: '',
  value: '0',
  gas: '10000000',
  testCase: '',
};

export type SourceKind = 'nothing' | 'bytecode' | 'assembly' | 'state test';

const HEX = /^(?:0x)?[0-9a-f\s]*$/i;
/** Mnemonics that could be read as hex are read as mnemonics. */
const MNEMONIC = /^\s*(?:ADD)\b/i;

export function kindOf(source: string): SourceKind {
  const text = source.trim();
  if (text === '') return 'nothing';
  if (text.startsWith('{') || text.startsWith('[')) return 'state test';
  return HEX.test(text) && !MNEMONIC.test(text) ? 'bytecode' : 'assembly';
}

/** Characters that the page takes: beyond, it would be slow and no case that anybody reads. */
export const MOST_CODE = 1_000_000;
export const MOST_TEST = 8_000_000;

/** What is wrong with plain data from outside, in words; null where it is a case. */
export function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'it holds no case';
  for (const name of Object.keys(EMPTY_CASE) as (keyof CaseInput)[]) {
    if (typeof (value as Record<string, unknown>)[name] !== 'string') return `its "${name}" is missing`;
  }
  const { engine, fork } = value as CaseInput;
  if (!ENGINES.includes(engine)) return `it names an engine that is not known: ${engine.slice(0, 40)}`;
  if (findFork(fork) === undefined) return `it names a fork that is not known: ${fork.slice(0, 40)}`;
  return null;
}
