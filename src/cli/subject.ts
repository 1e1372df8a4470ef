/**
 * What `erbium trace` and `erbium debug` look into, as their lines name it: a transaction of a node, cases of a state test,
 * bytecode, or a call of a contract of some state.
 */

import { type Rules, rulesFrom } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Address } from '../primitives/address.ts';
import { type Hex, hexToBytes } from '../primitives/bytes.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { caseId, casesOf, parseFixture, type StateTestCase } from '../statetest/index.ts';
import { parseBlockFields } from './block.ts';
import { readCode, readFile } from './input.ts';
import { RECEIVER, SENDER } from './run.ts';
import { misused, PATIENCE_MS, parseSpec } from './state.ts';
import type { Replay } from './trace-replay.ts';

/** The options that name it. */
export interface SubjectOptions {
  readonly rpc?: string;
  readonly fork?: string;
  readonly run?: string;
  readonly input?: string;
  readonly gas?: string;
  readonly value?: string;
  readonly from?: string;
  readonly to?: string;
  readonly create?: true;
  readonly state?: string;
  readonly block?: readonly string[];
}

/** Those that a transaction and a state test have no use for. */
export const OF_CODE = ['input', 'gas', 'value', 'from', 'to', 'create', 'state', 'block'] as const;

const DEFAULT_GAS = '10000000000';
const HASH = /^0x[0-9a-fA-F]{64}$/;

/** @throws ErbiumError INVALID_ARGUMENT naming an option that is given and has no place */
export function refuse<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
  why: string,
): void {
  for (const name of names) if (options[name] !== undefined) throw misused(`--${name}: ${why}`);
}

/** Whether the words name a state test; `@FILE` is code. */
export const isStateTest = ([word = '', ...more]: readonly string[]): boolean =>
  more.length === 0 && word.endsWith('.json') && !word.startsWith('@');

export const isHash = ([word = '', ...more]: readonly string[]): boolean =>
  more.length === 0 && HASH.test(word);

/** The cases of a state test that the options choose. */
export function chosenCases(path: string, { fork, run }: SubjectOptions): StateTestCase[] {
  const rules = fork === undefined ? undefined : rulesFrom(fork).fork;
  const pattern = run === undefined ? undefined : patternOf(run);
  return parseFixture(readFile(path), path)
    .flatMap(casesOf)
    .filter((one) => pattern === undefined || pattern.test(caseId(one)))
    .filter((one) => rules === undefined || rulesFrom(one.fork).fork === rules);
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw misused(`--run: ${(error as Error).message}`);
  }
}

/**
 * A transaction of a node, with what it was run on.
 * @param signal ends what is asked of the node
 */
export async function openTransaction(
  words: readonly string[],
  rpc: string,
  fork: string | undefined,
  signal?: AbortSignal,
): Promise<{ readonly hash: Hex; readonly replay: Replay }> {
  if (!isHash(words)) throw misused('--rpc: expected the hash of a transaction, 0x and 64 digits');
  const spec = parseSpec(`rpc:${rpc}`);
  if (spec.kind !== 'rpc' || spec.url !== rpc) throw misused('--rpc: expected a URL without a block');
  const { openReplay } = await import('./trace-replay.ts');
  const hash = words[0] as Hex;
  let said = performance.now();
  const say = (progress: string): void => {
    if (performance.now() - said < PATIENCE_MS) return;
    said = performance.now();
    process.stderr.write(`erbium: ${progress}\n`);
  };
  return { hash, replay: await openReplay(rpc, hash.toLowerCase() as Hex, fork, say, signal) };
}

/** Bytecode to run, or a call. */
export interface CodeSubject {
  /** undefined for a call of an account. */
  readonly code: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly message: { readonly value: bigint; readonly gas: bigint; readonly from: Address };
  readonly to: Address;
  readonly rules: Rules;
  readonly fields: Partial<BlockEnv>;
}

/** @throws ErbiumError naming the word or option that cannot be used */
export function codeSubject(words: readonly string[], options: SubjectOptions): CodeSubject {
  refuse(options, ['run'], 'only a state test has cases');
  const { create, to, state, input = '', value = 0n, gas = DEFAULT_GAS, from, block = [] } = options;
  if (words.length === 0 && (to === undefined || create)) {
    throw misused('expected code, a state test (.json), --to with --state, or a transaction with --rpc');
  }
  if (words.length > 0 && to !== undefined) throw misused('--to: runs the code there, so none can be given');
  if (words[0] === '-' && state === '-') throw misused('--state: standard input is the code already');
  return {
    code: words.length === 0 ? undefined : readCode(words),
    data: hexToBytes(input, '--input'),
    message: {
      value: toWord(value, '--value'),
      gas: toWord(gas, '--gas', MAX_U64),
      from: from === undefined ? SENDER : toAddressWord(from, '--from'),
    },
    to: to === undefined ? RECEIVER : toAddressWord(to, '--to'),
    rules: rulesFrom(options.fork),
    fields: parseBlockFields(block),
  };
}
