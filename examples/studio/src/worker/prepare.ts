/** A case of the page in the words of Erbium: the options of an EVM, and what to run and to debug on it. */

import {
  createEvm,
  type Evm,
  type EvmOptions,
  type EvmResult,
  hexToBytes,
  type Rejected,
  type Tracer,
} from 'erbium';
import { caseId, casesOf, parseFixture, prepareCase, type StateTestCase } from 'erbium/statetest';
import { assemble } from '../model/assembler.ts';
import { type CaseInput, kindOf, MOST_CODE, MOST_TEST } from '../model/case.ts';
import type { DebugRequest } from './debugger-types.ts';

export interface Prepared {
  /** An EVM for this case; each call makes a fresh one. */
  evm(own?: Pick<EvmOptions, 'tracer' | 'maxMemory'>): Evm;
  run(evm: Evm, timeout: number): EvmResult | Rejected;
  readonly request: DebugRequest;
  /** Of a state test. */
  readonly testCase: StateTestCase | null;
  /** Names of all cases of the file. */
  readonly cases: readonly string[];
}

/** Of memory in one run, bytes: four times what the gas of a whole block buys, and no trouble for a phone. */
export const MEMORY_LIMIT = 2 ** 28;

/** @throws Error that says what is wrong with the case */
export function prepare(input: CaseInput): Prepared {
  const kind = kindOf(input.source);
  if (kind === 'nothing')
    throw new Error('There is nothing to run: paste bytecode, assembly or a state test.');
  const most = kind === 'state test' ? MOST_TEST : MOST_CODE;
  if (input.source.length > most) {
    throw new Error(
      `This is too long for the page: at most ${most.toLocaleString('en')} characters of ${kind}.`,
    );
  }
  if (kind === 'state test') return ofStateTest(input);
  return ofCode(
    input,
    kind === 'bytecode' ? hexToBytes(input.source.replace(/\s+/g, ''), 'bytecode') : assemble(input.source),
  );
}

function ofCode(input: CaseInput, code: Uint8Array): Prepared {
  const word = (text: string, name: string): string => {
    const digits = text.trim().replaceAll(/[_,]/g, '');
    if (digits === '') throw new Error(`${name}: a number is missing`);
    return digits;
  };
  const options = {
    data: input.calldata.replace(/\s+/g, ''),
    value: word(input.value, 'Value'),
    gas: word(input.gas, 'Gas'),
  };
  const { fork, engine } = input;
  return {
    evm: (own: { tracer?: Tracer } = {}) =>
      createEvm({ fork, engine, checks: { balance: false }, maxMemory: MEMORY_LIMIT, ...own }),
    run: (evm, timeout) => evm.execute(code, { ...options, timeout }),
    request: { execute: code, options },
    testCase: null,
    cases: [],
  };
}

function ofStateTest(input: CaseInput): Prepared {
  const all = parseFixture(input.source, 'the state test').flatMap(casesOf);
  const testCase = all.find((one) => caseId(one) === input.testCase) ?? all[0];
  if (testCase === undefined) throw new Error('The state test has no cases.');
  const { rules, block, transaction, state } = prepareCase(testCase);
  const { engine } = input;
  return {
    evm: (own = {}) =>
      createEvm({ fork: rules, engine, state: state(), block, maxMemory: MEMORY_LIMIT, ...own }),
    run: (evm, timeout) => evm.simulate([transaction], { timeout })[0]!,
    request: transaction,
    testCase,
    cases: all.map(caseId),
  };
}
