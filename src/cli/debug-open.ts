/**
 * What `erbium debug` debugs, made into a debugger: bytecode, a call of a contract of some state, a case of a state test,
 * a transaction of a node.
 */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import { createEvm, type EvmOptions } from '../executor/create-evm.ts';
import type { Debugger, DebugRequest } from '../executor/debug/api.ts';
import { fixtureBlockHash } from '../executor/fixture-hashes.ts';
import type { AbiInput } from '../executor/revert.ts';
import { type Rules, rulesFrom } from '../forks/rules.ts';
import { concatBytes, type Hex, hexToBytes } from '../primitives/bytes.ts';
import { toAddressWord, toWord } from '../primitives/input.ts';
import { readBuildInfo, type SolcOutput } from '../primitives/solc-output.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { caseId, casesOf, parseFixture, type StateTestCase } from '../statetest/index.ts';
import { blockOf, rulesFor } from '../statetest/surroundings.ts';
import { bytesOf } from '../statetest/transaction.ts';
import { blockEnv, parseBlockFields } from './block.ts';
import { elide } from './debug-text.ts';
import { readCode, readFile } from './input.ts';
import { RECEIVER, SENDER } from './run.ts';
import { misused, type OpenState, openState, PATIENCE_MS, parseSpec } from './state.ts';

export interface DebugTarget {
  readonly rpc?: string;
  readonly fork?: string;
  readonly run?: string;
  readonly source?: string;
  readonly input?: string;
  readonly gas?: string;
  readonly value?: string;
  readonly from?: string;
  readonly to?: string;
  readonly create?: true;
  readonly state?: string;
  readonly block?: readonly string[];
}

/** A debugger, and what it is shown with. */
export interface OpenDebugger {
  readonly debugger: Debugger;
  readonly title: string;
  readonly rules: Rules;
  readonly sources: SolcOutput | undefined;
  /** Errors of the contracts, to decode reverts by. */
  readonly abi: AbiInput;
  close(): Promise<void>;
}

const DEFAULT_GAS = '10000000000';
const MAX_NAMED = 8;

/** Options of a run that says itself what it runs. */
const OF_CODE = ['input', 'gas', 'value', 'from', 'to', 'create', 'state', 'block'] as const;

/** @throws ErbiumError naming what cannot be used */
export async function openTarget(words: readonly string[], options: DebugTarget): Promise<OpenDebugger> {
  const { source } = options;
  const text = source === undefined ? undefined : readFile(source);
  const sources = text === undefined ? undefined : readBuildInfo(text, source);
  const around = { sources, abi: text === undefined ? [] : abiOf(text) };
  if (options.rpc !== undefined) return openTransaction(words, options.rpc, options, around);
  if (words.length === 1 && words[0]!.endsWith('.json') && !words[0]!.startsWith('@')) {
    return openCase(words[0]!, options, around);
  }
  return openCode(words, options, around);
}

const HASH = /^0x[0-9a-fA-F]{64}$/;

async function openTransaction(
  words: readonly string[],
  rpc: string,
  options: DebugTarget,
  around: Around,
): Promise<OpenDebugger> {
  refuse(options, [...OF_CODE, 'run'], 'the transaction has its own; it takes no --rpc');
  const [hash] = words;
  if (words.length !== 1 || !HASH.test(hash!))
    throw misused('--rpc: expected the hash of a transaction, 0x and 64 digits');
  const spec = parseSpec(`rpc:${rpc}`);
  if (spec.kind !== 'rpc' || spec.url !== rpc) throw misused('--rpc: expected a URL without a block');
  const { openReplay } = await import('./trace-replay.ts');
  let said = performance.now();
  const replay = await openReplay(rpc, hash!.toLowerCase() as Hex, options.fork, (progress) => {
    if (performance.now() - said < PATIENCE_MS) return;
    said = performance.now();
    process.stderr.write(`erbium: ${progress}\n`);
  });
  const { sources, abi } = around;
  const made = await replay.debug(abi, sources === undefined ? {} : { sources });
  const title = `transaction ${elide(hash!, 15)}`;
  return { ...around, debugger: made, title, rules: replay.rules, close: async () => {} };
}

function refuse(options: DebugTarget, names: readonly (keyof DebugTarget)[], why: string): void {
  for (const name of names) if (options[name] !== undefined) throw misused(`--${name}: ${why}`);
}

type Around = Pick<OpenDebugger, 'sources' | 'abi'>;

/** Errors and events of all contracts; a build-info need not have them. Its shape was checked before. */
function abiOf(text: string): AbiInput {
  const { output } = JSON.parse(text) as { output: { contracts: Record<string, Record<string, unknown>> } };
  const entries = Object.values(output.contracts)
    .flatMap((contracts) => Object.values(contracts) as { abi?: AbiInput }[])
    .flatMap(({ abi = [] }) => abi)
    .filter((entry) => typeof entry === 'object' && (entry.type === 'error' || entry.type === 'event'));
  // An error that several contracts have is one.
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

async function debugging(
  evmOptions: EvmOptions,
  request: DebugRequest,
  { sources, abi }: Around,
): Promise<Debugger> {
  const evm = createEvm({ ...evmOptions, abi });
  return evm.debug(request, sources === undefined ? {} : { sources });
}

function chosenCase(path: string, { fork, run }: DebugTarget): StateTestCase {
  const rules = fork === undefined ? undefined : rulesFrom(fork).fork;
  const pattern = run === undefined ? undefined : patternOf(run);
  const cases = parseFixture(readFile(path), path)
    .flatMap(casesOf)
    .filter((one) => pattern === undefined || pattern.test(caseId(one)))
    .filter((one) => rules === undefined || rulesFrom(one.fork).fork === rules);
  const [first] = cases;
  if (first === undefined) throw misused(`${path}: there is no such case`);
  if (cases.length === 1) return first;
  const names = cases.slice(0, MAX_NAMED).map((one) => `\n  ${caseId(one)}`);
  const more = cases.length > MAX_NAMED ? `\n  and ${cases.length - MAX_NAMED} more` : '';
  throw misused(
    `${path}: ${cases.length} cases, of which --run REGEX or --fork NAME choose one:${names.join('')}${more}`,
  );
}

async function openCase(path: string, options: DebugTarget, around: Around): Promise<OpenDebugger> {
  refuse(options, OF_CODE, 'the state test has its own');
  const testCase = chosenCase(path, options);
  const { test, fork } = testCase;
  const rules = rulesFor(test, fork);
  const state = new MemoryState(fixtureBlockHash);
  for (const [address, account] of test.pre) state.put(address, account);
  const request = bytesOf(testCase, rules, nobleCrypto);
  const made = await debugging({ fork: rules, state, block: blockOf(test, rules) }, request, around);
  return { ...around, debugger: made, title: caseId(testCase), rules, close: async () => {} };
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw misused(`--run: ${(error as Error).message}`);
  }
}

async function openCode(
  words: readonly string[],
  options: DebugTarget,
  around: Around,
): Promise<OpenDebugger> {
  const { create, to } = options;
  if (options.run !== undefined) throw misused('--run: only a state test has cases');
  if (words.length === 0 && (to === undefined || create)) {
    throw misused('expected code, a state test (.json), --to with --state, or a transaction with --rpc');
  }
  if (words.length > 0 && to !== undefined) throw misused('--to: runs the code there, so none can be given');
  if (words[0] === '-' && options.state === '-') throw misused('--state: standard input is the code already');
  const code = words.length === 0 ? undefined : readCode(words);
  const data = hexToBytes(options.input ?? '', '--input');
  const common = {
    value: toWord(options.value ?? 0n, '--value'),
    gas: toWord(options.gas ?? DEFAULT_GAS, '--gas', MAX_U64),
    from: options.from === undefined ? SENDER : toAddressWord(options.from, '--from'),
  };
  const receiver = to === undefined ? RECEIVER : toAddressWord(to, '--to');
  const rules = rulesFrom(options.fork);
  const fields = parseBlockFields(options.block ?? []);
  const request = (): DebugRequest => {
    if (code === undefined) return { call: { ...common, to: receiver, data } };
    if (create) return { create: { ...common, data: concatBytes(code, data) } };
    return { execute: code, options: { ...common, to: receiver, data } };
  };
  const state = options.state === undefined ? undefined : await openState(options.state);
  const close = async (): Promise<void> => state?.close();
  try {
    const made = await debugging(
      {
        fork: rules,
        block: blockEnv({ ...state?.block, ...fields }, rules),
        checks: { balance: false },
        ...(state === undefined ? {} : { state: state.reader }),
      },
      request(),
      around,
    );
    return { ...around, debugger: made, title: titleOf(code, options, state), rules, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function titleOf(
  code: Uint8Array | undefined,
  { to, create }: DebugTarget,
  state: OpenState | undefined,
): string {
  if (code === undefined)
    return `call of ${elide(String(to), 15)}${state === undefined ? '' : ` in ${state.name}`}`;
  return `${create ? 'creation by ' : ''}code of ${code.length} bytes`;
}
