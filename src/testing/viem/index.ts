/**
 * Door: `TestVm` with contracts whose calls are typed by their ABI. Needs the package `viem`. It has all that
 * `erbium/testing` has, with a `TestVm` of its own.
 */

export { type CallDescription, CallError } from '../call-error.ts';
export { ExpectationError, type ExpectedError, type ExpectedRevert } from '../expect-revert.ts';
export type {
  CallResult,
  Deployed,
  DeployOptions,
  SendOptions,
  TestAccount,
  TestCall,
  TestView,
  TestVmOptions,
} from '../options.ts';
export type { Addressable } from '../senders.ts';
export type {
  AnyAbi,
  Contract,
  ContractEvent,
  PayOptions,
  ReadOptions,
  WriteOptions,
  WriteResult,
} from './contract.ts';
export { type ContractAt, TestVm, type TypedDeployOptions } from './test-vm.ts';
