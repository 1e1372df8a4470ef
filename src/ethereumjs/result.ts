/** Results in the shape of `@ethereumjs/evm`. */

import type { MessageResult } from '../evm/result.ts';
import { Halt, isSuccess } from '../machine/halt.ts';
import { bytesToHex, type Hex, toBytes20, toBytes32 } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import type { LogRecord, World } from '../state/world.ts';
import { EVMError, errorOf } from './errors.ts';
import type { CustomPrecompiles } from './precompiles.ts';
import { type Address, addressKey } from './values.ts';
import type { TopFrame, Watch } from './watch.ts';

/** A log as address, topics and data. */
export type Log = [address: Uint8Array, topics: Uint8Array[], data: Uint8Array];

/** The outermost frame when it ended. */
export interface RunState {
  readonly programCounter: number;
  readonly opCode: number;
  readonly stack: { readonly length: number; getStack(): bigint[] };
  readonly memory: { readonly _store: Uint8Array; read(offset: number, size: number): Uint8Array };
  readonly memoryWordCount: bigint;
  readonly gasLeft: bigint;
  readonly gasRefund: bigint;
  readonly returnBytes: Uint8Array;
  readonly code: Uint8Array;
}

/** How code ended. */
export interface ExecResult {
  readonly returnValue: Uint8Array;
  readonly executionGasUsed: bigint;
  /** Gas left. */
  readonly gas: bigint;
  readonly gasRefund: bigint;
  readonly exceptionError?: EVMError;
  readonly logs: Log[];
  /** Accounts that destroyed themselves, with the beneficiary. They are still there: a transaction removes them. */
  readonly selfdestruct: Map<Hex, Hex>;
  /** Accounts made. */
  readonly createdAddresses: Set<Hex>;
  /** Where code ran. */
  readonly runState?: RunState;
}

/** How a message ended. */
export interface EVMResult {
  /** The contract of a creation, also of one that failed. */
  readonly createdAddress?: Address;
  readonly execResult: ExecResult;
}

export const logOf = ({ address, topics, data }: LogRecord): Log => [
  toBytes20(address),
  topics.map(toBytes32),
  data,
];

const runStateOf = (top: TopFrame, gasRefund: bigint): RunState => ({
  programCounter: top.pc,
  opCode: top.opcode,
  stack: { length: top.stack.length, getStack: () => [...top.stack] },
  memory: {
    _store: top.memory,
    read(offset, size) {
      const bytes = new Uint8Array(size);
      bytes.set(top.memory.subarray(offset, offset + size));
      return bytes;
    },
  },
  memoryWordCount: BigInt(top.memory.length / 32),
  gasLeft: top.gasLeft,
  gasRefund,
  returnBytes: top.returnData,
  code: top.code,
});

/** What a result is made of. */
export interface Ended {
  readonly result: Pick<MessageResult, 'halt' | 'output'>;
  readonly gasUsed: bigint;
  readonly gasLeft: bigint;
  readonly world: World;
  readonly watch: Watch;
  readonly custom: CustomPrecompiles;
}

export function execResultOf(ended: Ended): ExecResult {
  const { result, gasUsed, gasLeft, world, watch, custom } = ended;
  const { halt } = result;
  const { top } = watch;
  const isCustomFailure = halt === Halt.PrecompileFailure && top === null;
  const special = halt === Halt.BadJump && top !== null ? jumpError(top) : undefined;
  const exceptionError = special ?? (isCustomFailure ? custom.failure : undefined) ?? errorOf(halt);
  const succeeded = isSuccess(halt);
  const gasRefund = succeeded ? BigInt(world.refund) : 0n;
  const hex = (address: bigint): Hex => addressKey(address);
  return {
    returnValue: result.output,
    executionGasUsed: gasUsed,
    gas: gasLeft,
    gasRefund,
    ...(exceptionError === undefined ? {} : { exceptionError }),
    logs: succeeded ? world.logs.map(logOf) : [],
    selfdestruct: new Map(succeeded ? watch.destroyed.map(([from, to]) => [hex(from), hex(to)]) : []),
    createdAddresses: new Set(succeeded ? watch.created.map(hex) : []),
    ...(top === null ? {} : { runState: runStateOf(top, gasRefund) }),
  };
}

/** Where the jump stands: hash of the code, address, place. */
function jumpError({ code, address, pc }: TopFrame): EVMError {
  const place = `${bytesToHex(keccak256(code))}/${addressKey(address)}:${pc - 1}` as const;
  return new EVMError(`${EVMError.errorMessages.INVALID_JUMP} at ${place}`);
}

/** A creation of the first fork whose code could not be paid for: it stands, without code. */
export const withoutCode = (execResult: ExecResult): ExecResult => ({
  ...execResult,
  exceptionError: new EVMError(EVMError.errorMessages.CODESTORE_OUT_OF_GAS),
});
