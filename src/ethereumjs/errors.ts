/**
 * How failures look there: the strings of `EVMError`, mapped from `Halt` in one table, and what the adapter throws.
 */

import type { InvalidReason } from '../executor/reasons.ts';
import { Halt, isHostLimit } from '../machine/halt.ts';
import { ErbiumError } from '../primitives/errors.ts';

const MESSAGES = {
  OUT_OF_GAS: 'out of gas',
  CODESTORE_OUT_OF_GAS: 'code store out of gas',
  CODESIZE_EXCEEDS_MAXIMUM: 'code size to deposit exceeds maximum code size',
  STACK_UNDERFLOW: 'stack underflow',
  STACK_OVERFLOW: 'stack overflow',
  INVALID_JUMP: 'invalid JUMP',
  INVALID_OPCODE: 'invalid opcode',
  OUT_OF_RANGE: 'value out of range',
  REVERT: 'revert',
  STATIC_STATE_CHANGE: 'static state change',
  INTERNAL_ERROR: 'internal error',
  CREATE_COLLISION: 'create collision',
  STOP: 'stop',
  VALUE_OVERFLOW: 'value overflow',
  INSUFFICIENT_BALANCE: 'insufficient balance',
  INVALID_BYTECODE_RESULT: 'invalid bytecode deployed',
  INITCODE_SIZE_VIOLATION: 'initcode exceeds max initcode size',
} as const;

/** A jump that fails names its place as well. */
export type EVMErrorType = (typeof MESSAGES)[keyof typeof MESSAGES] | `invalid JUMP at ${string}`;

/** How a message failed. A value in a result, never thrown. */
export class EVMError {
  static readonly errorMessages = MESSAGES;
  readonly error: EVMErrorType;
  readonly errorType = 'EVMError';

  constructor(error: EVMErrorType) {
    this.error = error;
  }
}

/** What ends well, or is no end, has no entry. */
const BY_HALT: Readonly<Partial<Record<Halt, EVMErrorType>>> = {
  [Halt.Revert]: MESSAGES.REVERT,
  [Halt.OutOfGas]: MESSAGES.OUT_OF_GAS,
  [Halt.GasOverflow]: MESSAGES.OUT_OF_GAS,
  [Halt.MemoryOverflow]: MESSAGES.OUT_OF_GAS,
  [Halt.StackUnderflow]: MESSAGES.STACK_UNDERFLOW,
  [Halt.StackOverflow]: MESSAGES.STACK_OVERFLOW,
  [Halt.UndefinedOpcode]: MESSAGES.INVALID_OPCODE,
  [Halt.Invalid]: MESSAGES.INVALID_OPCODE,
  [Halt.BadJump]: MESSAGES.INVALID_JUMP,
  [Halt.StaticViolation]: MESSAGES.STATIC_STATE_CHANGE,
  [Halt.ReturnDataOutOfBounds]: MESSAGES.OUT_OF_GAS,
  [Halt.SstoreSentry]: MESSAGES.OUT_OF_GAS,
  [Halt.InitCodeTooLarge]: MESSAGES.INITCODE_SIZE_VIOLATION,
  [Halt.PrecompileFailure]: MESSAGES.OUT_OF_RANGE,
  [Halt.PrivacyViolation]: MESSAGES.INTERNAL_ERROR,
  [Halt.QuantumSecurityViolation]: MESSAGES.INTERNAL_ERROR,
  [Halt.CodeTooLarge]: MESSAGES.CODESIZE_EXCEEDS_MAXIMUM,
  [Halt.CodeRejected]: MESSAGES.INVALID_BYTECODE_RESULT,
  [Halt.CodeDepositOutOfGas]: MESSAGES.OUT_OF_GAS,
  [Halt.AddressCollision]: MESSAGES.CREATE_COLLISION,
  [Halt.DepthExceeded]: MESSAGES.INTERNAL_ERROR,
  [Halt.InsufficientBalance]: MESSAGES.INSUFFICIENT_BALANCE,
  [Halt.NonceOverflow]: MESSAGES.VALUE_OVERFLOW,
};

/** Undefined for a message that ended well. */
export function errorOf(halt: Halt): EVMError | undefined {
  const error = BY_HALT[halt];
  return error === undefined ? undefined : new EVMError(error);
}

/** @throws ErbiumError ABORTED where the host stopped the run: no statement about the EVM follows from it */
export function checkLimits(halt: Halt): void {
  if (!isHostLimit(halt)) return;
  const why = halt === Halt.HostInterrupt ? 'interrupted' : 'memory beyond the limit of the host';
  throw new ErbiumError('ABORTED', `the run was stopped: ${why}`);
}

/** A transaction that did not run; its `runTx` rejects with this and the state is as before. */
export class InvalidTransactionError extends Error {
  readonly code = 'INVALID_TRANSACTION';
  /** Stable; the message begins with it. */
  readonly reason: InvalidReason;

  constructor(reason: InvalidReason, words: string) {
    super(`${reason}: ${words}`);
    this.name = 'InvalidTransactionError';
    this.reason = reason;
  }
}

/** Refuses what the adapter does not do, by name, with what to use instead. */
export function refuse(options: object, instead: Readonly<Record<string, string>>): void {
  for (const [name, words] of Object.entries(instead)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined || value === null || value === false) continue;
    throw new ErbiumError('INVALID_ARGUMENT', `${name}: not supported; ${words}`);
  }
}

/** For callers without types. */
export function demandObject(value: unknown, field: string): void {
  if (typeof value === 'object' && value !== null) return;
  throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected an object`);
}
