/**
 * Door: `TestVm`, an EVM for tests of contracts in Vitest or any other runner, with calls as bytes. `erbium/testing/viem`
 * has it with calls typed by their ABI.
 */

export { type CallDescription, CallError } from './call-error.ts';
export { ExpectationError, type ExpectedError, type ExpectedRevert } from './expect-revert.ts';
export type {
  CallResult,
  Deployed,
  DeployOptions,
  SendOptions,
  TestAccount,
  TestCall,
  TestView,
  TestVmOptions,
} from './options.ts';
export type { Addressable } from './senders.ts';
export { TestVm } from './test-vm.ts';
