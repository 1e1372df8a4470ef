/**
 * What `erbium debug` debugs, made into a debugger: bytecode, a call of a contract of some state, a case of a state test,
 * a transaction of a node.
 */

import { createEvm, type EvmOptions } from '../executor/create-evm.ts';
import type { Debugger, DebugOptions, DebugRequest } from '../executor/debug/api.ts';
import type { AbiInput } from '../executor/revert.ts';
import type { Rules } from '../forks/rules.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { readBuildInfo, type SolcOutput } from '../primitives/solc-output.ts';
import { caseId, prepareCase, type StateTestCase } from '../statetest/index.ts';
import { blockEnv } from './block.ts';
import { Deadline } from './deadline.ts';
import { elide } from './debug-text.ts';
import { readFile } from './input.ts';
import { misused, type OpenState, openState } from './state.ts';
import {
  chosenCases,
  codeSubject,
  isStateTest,
  OF_CODE,
  openTransaction,
  refuse,
  type SubjectOptions,
} from './subject.ts';

export interface DebugTarget extends SubjectOptions {
  readonly source?: string;
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

const MAX_NAMED = 8;

/**
 * @param deadline of all that the debugger is opened for
 * @throws ErbiumError naming what cannot be used
 */
export async function openTarget(
  words: readonly string[],
  options: DebugTarget,
  deadline: Deadline = new Deadline(undefined),
): Promise<OpenDebugger> {
  const { source } = options;
  const text = source === undefined ? undefined : readFile(source);
  const sources = text === undefined ? undefined : readBuildInfo(text, source);
  const around = { sources, abi: text === undefined ? [] : abiOf(text), deadline };
  if (options.rpc !== undefined) return debugTransaction(words, options.rpc, options, around);
  if (isStateTest(words)) return openCase(words[0]!, options, around);
  return openCode(words, options, around);
}

async function debugTransaction(
  words: readonly string[],
  rpc: string,
  options: DebugTarget,
  around: Around,
): Promise<OpenDebugger> {
  refuse(options, [...OF_CODE, 'run'], 'the transaction has its own; it takes no --rpc');
  const { hash, replay } = await openTransaction(words, rpc, options.fork, around.deadline.signal);
  const made = await replay.debug(around.abi, opening(around));
  const title = `transaction ${elide(hash, 15)}`;
  return { ...around, debugger: made, title, rules: replay.rules, close: async () => {} };
}

type Around = Pick<OpenDebugger, 'sources' | 'abi'> & { readonly deadline: Deadline };

const opening = ({ sources, deadline }: Around): DebugOptions => ({
  ...(sources === undefined ? {} : { sources }),
  ...deadline.limits,
});

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

async function debugging(evmOptions: EvmOptions, request: DebugRequest, around: Around): Promise<Debugger> {
  return createEvm({ ...evmOptions, abi: around.abi }).debug(request, opening(around));
}

function chosenCase(path: string, options: DebugTarget): StateTestCase {
  const cases = chosenCases(path, options);
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
  const { rules, block, transaction, state } = prepareCase(testCase);
  const made = await debugging({ fork: rules, state: state(), block }, transaction, around);
  return { ...around, debugger: made, title: caseId(testCase), rules, close: async () => {} };
}

async function openCode(
  words: readonly string[],
  options: DebugTarget,
  around: Around,
): Promise<OpenDebugger> {
  const { code, data, message, to, rules, fields } = codeSubject(words, options);
  const request = (): DebugRequest => {
    if (code === undefined) return { call: { ...message, to, data } };
    if (options.create) return { create: { ...message, data: concatBytes(code, data) } };
    return { execute: code, options: { ...message, to, data } };
  };
  const { signal } = around.deadline;
  const state = options.state === undefined ? undefined : await openState(options.state, { signal });
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
