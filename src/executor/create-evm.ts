/** `createEvm`: an EVM in one call, for those who embed it. */

import type { OpRow } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { ENGINE_CHOICES, type EngineChoice } from '../evm/engine-choice.ts';
import { createMachine } from '../evm/machine.ts';
import { type Rules, rulesFrom } from '../forks/rules.ts';
import type { Tracer } from '../machine/tracer.ts';
import { MAX_ADDRESS } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { toWord, type WordInput } from '../primitives/input.ts';
import type { StateReader } from '../state/reader.ts';
import { MemoryState } from '../state/readers/memory.ts';
import type { Evm } from './api.ts';
import { DEFAULT_BLOCK } from './default-block.ts';
import { compileEvents } from './events.ts';
import { evmOf } from './evm.ts';
import { type BlockInput, blockOf, checkFields, demand, isObject, listOf } from './request.ts';
import { type AbiInput, compileErrors } from './revert.ts';
import { ALL_CHECKS, type Checks } from './validate.ts';

/** The options of `createEvm`, all optional. */
export interface EvmOptions {
  /** A fork's name or alias in any letter case, or rules of one's own; the newest on mainnet by default. */
  readonly fork?: string | Rules;
  /** What the EVM starts from; empty by default. It is only read, until `commit`. */
  readonly state?: StateReader;
  /** Fields of the block; zeros, chain 1 and a gas limit of 2^64 - 1 by default. */
  readonly block?: BlockInput;
  /** The same as `block.chainId`. */
  readonly chainId?: WordInput;
  /** Errors and events to decode by: signatures such as `error Poor(uint256 balance)`, or a JSON ABI. */
  readonly abi?: AbiInput;
  /** Over a state that has to be fetched it also sees the runs that find out what is missing. */
  readonly tracer?: Tracer;
  /** Opcode rows of one's own; they win over those of the fork. */
  readonly opcodes?: readonly OpRow[];
  /** Names or bytes that are no instruction here, whatever the fork says. */
  readonly disabledOpcodes?: readonly (string | number)[];
  /** Precompiles of one's own; they win over those of the fork. */
  readonly precompiles?: readonly Precompile[];
  /** Operations whose input holds a secret may run, for local simulation; false by default. */
  readonly allowSecrets?: boolean;
  /**
   * Calls of precompiles whose verdict a quantum computer can forge fail: ECRECOVER, P256VERIFY, KZG_POINT_EVALUATION,
   * and of the extensions ZK_VERIFY, RANGE_PROOF_VERIFY, CONFIDENTIAL_TX and VRF_VERIFY. False by default. How a
   * transaction itself is signed is no matter of this, nor what a contract makes of curves by itself.
   */
  readonly pqOnly?: boolean;
  /** Noble's by default. */
  readonly crypto?: Crypto;
  /** Rules that do not apply: `{ balance: false }`. All apply by default. */
  readonly checks?: Partial<Checks> & {
    /** The limits of code and init code (EIP-170, EIP-3860). */
    readonly codeSize?: boolean;
  };
  /** What runs the code: `auto` by default, which is the fast one where WebAssembly is allowed. */
  readonly engine?: EngineChoice;
  /** Instructions that one operation may run. Counting them takes the slower traced loop. */
  readonly maxSteps?: number;
  /** Bytes of memory that all frames of one operation may have together; 2^30 at most and by default. */
  readonly maxMemory?: number;
  /** Asked now and then during a run; true stops it, with the status `limit`. */
  readonly interrupted?: () => boolean;
}

const OPTIONS: readonly string[] = [
  ...(['fork', 'state', 'block', 'chainId', 'abi', 'tracer', 'opcodes', 'disabledOpcodes'] as const),
  ...([
    'precompiles',
    'allowSecrets',
    'pqOnly',
    'crypto',
    'checks',
    'engine',
    'maxSteps',
    'maxMemory',
    'interrupted',
  ] as const),
] satisfies (keyof EvmOptions)[];

const MAX_MEMORY = 2 ** 30;

/**
 * An EVM over a state.
 * @throws ErbiumError UNKNOWN_FORK, or INVALID_ARGUMENT, INVALID_NUMBER or INVALID_HEX naming the option
 */
export function createEvm(options: EvmOptions = {}): Evm {
  checkOptions(options);
  const { tracer, opcodes, precompiles, crypto, maxSteps, maxMemory, interrupted } = options;
  const { allowSecrets = false, pqOnly = false } = options;
  const { codeSize = true, ...checks } = options.checks ?? {};
  const rules = rulesFrom(options.fork);
  const block = blockOf(options.block, DEFAULT_BLOCK, rules);
  const chainId = options.chainId === undefined ? block.chainId : toWord(options.chainId, 'chainId');
  const steps = maxSteps === undefined ? undefined : { left: maxSteps };
  const own = {
    rules: codeSize ? rules : withoutCodeLimits(rules),
    tracer,
    opcodes,
    disabledOpcodes: listOf(options.disabledOpcodes, 'disabledOpcodes', opcodeByte),
    precompiles,
    policy: { allowSecrets, pqOnly },
    engine: options.engine,
    steps,
  };
  return evmOf({
    machine: createMachine(crypto === undefined ? own : { ...own, crypto }),
    machineOptions: own,
    state: options.state ?? new MemoryState(),
    block: Object.freeze({ ...block, chainId }),
    checks: { ...ALL_CHECKS, ...checks },
    errors: compileErrors(options.abi),
    events: compileEvents(options.abi),
    interrupted,
    memoryLimit: maxMemory,
    maxSteps,
    steps,
  });
}

const withoutCodeLimits = (rules: Rules): Rules => ({
  ...rules,
  maxCodeSize: Number.POSITIVE_INFINITY,
  maxInitCodeSize: Number.POSITIVE_INFINITY,
});

function opcodeByte(opcode: string | number, field: string): number {
  if (typeof opcode === 'number' && Number.isInteger(opcode) && opcode >= 0 && opcode < 256) return opcode;
  const row = OPCODES.find(({ name }) => name === String(opcode).toUpperCase());
  if (row !== undefined) return row.byte;
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected the name of an opcode or a byte`);
}

const isCount = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;

const READER_METHODS = ['account', 'storage', 'hasStorage', 'code', 'blockHash'] as const;

/** For callers without types: a mistake here would only show in the middle of a run. */
function checkOptions(options: EvmOptions): void {
  checkFields(options, 'options', OPTIONS);
  const { fork, state, tracer, opcodes, precompiles, crypto, checks, maxSteps, maxMemory, interrupted } =
    options;
  const isFork = typeof fork === 'string' || (isObject(fork) && Array.isArray(fork.lineage));
  demand(fork === undefined || isFork, 'fork', 'the name of a fork, or rules');
  const isReader = isObject(state) && READER_METHODS.every((name) => typeof state[name] === 'function');
  demand(state === undefined || isReader, 'state', 'a state reader');
  demand(tracer === undefined || isObject(tracer), 'tracer', 'an object');
  demand(opcodes === undefined || Array.isArray(opcodes), 'opcodes', 'a list of rows');
  demand(precompiles === undefined || Array.isArray(precompiles), 'precompiles', 'a list of precompiles');
  for (const [i, row] of (opcodes ?? []).entries()) checkOpcode(row, `opcodes[${i}]`);
  for (const [i, row] of (precompiles ?? []).entries()) checkPrecompile(row, `precompiles[${i}]`);
  for (const name of ['allowSecrets', 'pqOnly'] as const) {
    demand(options[name] === undefined || typeof options[name] === 'boolean', name, 'true or false');
  }
  const { engine } = options;
  demand(engine === undefined || ENGINE_CHOICES.includes(engine), 'engine', ENGINE_CHOICES.join(', '));
  demand(crypto === undefined || isObject(crypto), 'crypto', 'an object');
  // Missing, it would only be noticed when a contract asks for it.
  for (const name of Object.keys(nobleCrypto) as (keyof Crypto)[]) {
    demand(crypto === undefined || typeof crypto[name] === 'function', `crypto.${name}`, 'a function');
  }
  demand(interrupted === undefined || typeof interrupted === 'function', 'interrupted', 'a function');
  const steps = maxSteps === undefined || isCount(maxSteps, 0, Number.MAX_SAFE_INTEGER);
  demand(steps, 'maxSteps', 'a whole number, 0 or more');
  demand(maxMemory === undefined || isCount(maxMemory, 0, MAX_MEMORY), 'maxMemory', 'bytes, 2^30 at most');
  if (checks !== undefined) {
    checkFields(checks, 'checks', [...Object.keys(ALL_CHECKS), 'codeSize']);
    for (const [name, value] of Object.entries(checks)) {
      demand(typeof value === 'boolean', `checks.${name}`, 'true or false');
    }
  }
  for (const hook of ['begin', 'enter', 'resume', 'step', 'stepEnd', 'exit', 'end'] as const) {
    const isHook = tracer?.[hook] === undefined || typeof tracer[hook] === 'function';
    demand(isHook, `tracer.${hook}`, 'a function');
  }
}

function checkOpcode(row: OpRow, field: string): void {
  demand(isObject(row), field, 'a row, as `op` makes it');
  demand(isCount(row.byte, 0, 255), `${field}.byte`, 'a byte');
  demand(typeof row.name === 'string', `${field}.name`, 'a string');
  demand(isCount(row.takes, 0, 1_024), `${field}.takes`, 'a number of words');
  demand(isCount(row.gives, 0, 1_024), `${field}.gives`, 'a number of words');
  demand(isCount(row.gas, 0, 2 ** 31 - 1) || isObject(row.gas), `${field}.gas`, 'gas, or gas by fork');
  demand(typeof row.since === 'string', `${field}.since`, 'the name of a fork');
  demand(typeof row.handler === 'function', `${field}.handler`, 'a function');
}

const isJumpdestOrPush = (byte: number): boolean => byte === 0x5b || (byte >= 0x60 && byte <= 0x7f);

function checkPrecompile(row: Precompile, field: string): void {
  demand(isObject(row), field, 'a precompile');
  const isAddress = typeof row.address === 'bigint' && row.address >= 0n && row.address <= MAX_ADDRESS;
  demand(isAddress, `${field}.address`, 'an address, as a bigint');
  demand(typeof row.since === 'string', `${field}.since`, 'the name of a fork');
  demand(typeof row.gas === 'function', `${field}.gas`, 'a function');
  demand(typeof row.run === 'function', `${field}.run`, 'a function');
  // Jump-destination analysis does not know of the prefix: it would take these for instructions of their own.
  const isFree = isCount(row.opcode, 0, 255) && !isJumpdestOrPush(row.opcode!);
  demand(row.opcode === undefined || isFree, `${field}.opcode`, 'a byte that is no JUMPDEST and no PUSH');
}
