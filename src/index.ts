/** The public door. */

export type { EngineChoice } from './evm/engine-choice.ts';
export type { AbiValue } from './executor/abi.ts';
export type { AccountView, AsyncEvm, Evm, Operations } from './executor/api.ts';
export { createEvm, type EvmOptions } from './executor/create-evm.ts';
export type {
  Breakpoint,
  DebugEnd,
  DebugFrame,
  Debugger,
  DebugInstruction,
  DebugOptions,
  DebugRequest,
  DebugSlot,
  DebugSource,
  DebugState,
  DebugTransientSlot,
  MoveLimits,
  SetBreakpoint,
  StopReason,
} from './executor/debug/api.ts';
export { decodeTransaction } from './executor/decode.ts';
export type { AccessListResult, GasEstimate } from './executor/estimate.ts';
export type { DecodedEvent } from './executor/events.ts';
export type { Limits } from './executor/guard.ts';
export type { SystemCallOptions, TransactionInput } from './executor/operations.ts';
export type {
  AccountChange,
  AccountState,
  EventLog,
  EvmResult,
  Rejected,
  TransactResult,
} from './executor/outcome.ts';
export { type Invalid, type InvalidReason, isInvalid, REASONS } from './executor/reasons.ts';
export type {
  AccessListInput,
  AccountPatch,
  AccountsInput,
  AuthorizationInput,
  BlockInput,
  CallOptions,
  CreateOptions,
  ExecuteOptions,
  OperationOptions,
  StorageInput,
  TransactionRequest,
} from './executor/request.ts';
export type { AbiInput, DecodedError, JsonAbiEntry, JsonAbiParameter } from './executor/revert.ts';
export { recoverSender } from './executor/sender.ts';
export { type SignRequest, secretToAddress, signTransaction } from './executor/sign.ts';
export {
  type AccessListEntry,
  type Authorization,
  encodeTransaction,
  type Transaction,
  TxType,
  type UnsignedTransaction,
} from './executor/transaction.ts';
export type { Checks } from './executor/validate.ts';
export type { BlobParams } from './forks/blob-schedule.ts';
export { FORKS, type ForkName, findFork, LATEST_FORK, parseFork } from './forks/fork.ts';
export { customFork, type RuleChange, type Rules, rulesOf } from './forks/rules.ts';
export type { RequestContract } from './forks/system-contracts.ts';
export type { Code } from './machine/code.ts';
export type { Frame } from './machine/frame.ts';
export { HALT_WORDS, Halt } from './machine/halt.ts';
export type { BlockEnv, Host, Log, Slot, TxEnv } from './machine/host.ts';
export type { Memory } from './machine/memory.ts';
export { type Message, MessageKind } from './machine/message.ts';
export type { FrameEnd, RunEnd, RunStart, Tracer } from './machine/tracer.ts';
export { type Address, addressToHex } from './primitives/address.ts';
export { bytesToHex, type Hex, hexToBytes } from './primitives/bytes.ts';
export { ErbiumError, type ErrorCode } from './primitives/errors.ts';
export type { AddressInput, BytesInput, WordInput } from './primitives/input.ts';
export { keccak256 } from './primitives/keccak.ts';
export type { StateDiff } from './state/diff.ts';
export { OverlayState } from './state/overlay.ts';
export type { StateReader, StateStore } from './state/reader.ts';
export { type AccountInput, MemoryState } from './state/readers/memory.ts';
