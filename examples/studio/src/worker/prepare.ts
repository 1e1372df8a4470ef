/** A case of the page in the words of Erbium: the options of an EVM, and what to run and to debug on it. */

import {
  createEvm,
  type Evm,
  type EvmOptions,
  type EvmResult,
  findFork,
  hexToBytes,
  keccak256,
  MemoryState,
  type Rejected,
  rulesOf,
  secretToAddress,
  type Tracer,
  type TransactionInput,
} from 'erbium';
import { caseId, casesOf, parseFixture, type StateTestCase } from 'erbium/statetest';
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
  const { test, fork } = testCase;
  const found = findFork(fork);
  if (found === undefined) throw new Error(`The state test names a fork that is not known: ${fork}`);
  const blobs = test.blobSchedule.get(fork);
  const rules = blobs === undefined ? rulesOf(found) : { ...rulesOf(found), blobs };
  const { env, chainId } = test;
  const block = {
    number: env.number,
    timestamp: env.timestamp,
    coinbase: env.coinbase,
    gasLimit: env.gasLimit,
    difficulty: env.difficulty,
    prevRandao: env.random ?? 0n,
    // As the runner of state tests has it where a fixture gives none.
    baseFee: rules.baseFee ? (env.baseFee ?? 10n) : 0n,
    excessBlobGas: env.excessBlobGas ?? 0n,
    chainId,
  };
  const transaction = transactionOf(testCase);
  const { engine } = input;
  return {
    evm: (own = {}) => {
      const state = new MemoryState(blockHash);
      for (const [address, account] of test.pre) state.put(address, account);
      return createEvm({ fork: rules, engine, state, block, maxMemory: MEMORY_LIMIT, ...own });
    },
    run: (evm, timeout) => evm.simulate([transaction], { timeout })[0]!,
    request: transaction,
    testCase,
    cases: all.map(caseId),
  };
}

/** The hashes of the blocks before that of a state test: each that of its number's digits. */
const blockHash = (number: bigint): bigint => {
  const hash = keccak256(new TextEncoder().encode(number.toString()));
  return hash.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
};

function transactionOf({ test, post }: StateTestCase): TransactionInput {
  if (post.txbytes !== undefined) return post.txbytes;
  const { transaction: tx } = test;
  const from = tx.sender ?? (tx.secretKey === undefined ? undefined : secretToAddress(tx.secretKey));
  if (from === undefined)
    throw new Error('The state test has neither txbytes nor a sender nor a secret key.');
  const data = tx.data[post.data];
  const gas = tx.gasLimit[post.gas];
  const value = tx.value[post.value];
  if (data === undefined || gas === undefined || value === undefined) {
    throw new Error('The state test names data, gas or a value that it does not have.');
  }
  const accessList = tx.accessLists?.[post.data];
  return {
    from,
    to: tx.to,
    nonce: tx.nonce,
    data,
    gas,
    value,
    ...(tx.maxFeePerGas === undefined ? { gasPrice: tx.gasPrice ?? 0n } : { maxFeePerGas: tx.maxFeePerGas }),
    ...(tx.maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas: tx.maxPriorityFeePerGas }),
    ...(accessList === undefined ? {} : { accessList }),
    ...(tx.maxFeePerBlobGas === undefined ? {} : { maxFeePerBlobGas: tx.maxFeePerBlobGas }),
    ...(tx.blobHashes === undefined ? {} : { blobVersionedHashes: tx.blobHashes }),
    ...(tx.authorizations === undefined ? {} : { authorizationList: tx.authorizations }),
  };
}
