/** Door: an adapter for people who come from `@ethereumjs/evm` 10. */

export type { AccessListItem } from './access-list.ts';
export { type BlockchainLike, type BlockLike, EVMMockBlockchain, type HeaderLike } from './block.ts';
export type { Bloom } from './bloom.ts';
export type { EVMRunCallOpts, EVMRunCodeOpts } from './call.ts';
export { EVMError, type EVMErrorType, InvalidTransactionError } from './errors.ts';
export type { Events } from './events.ts';
export { createEVM, EVM, type EVMOpts, getActivePrecompiles } from './evm.ts';
export { type CommonLike, SimpleCommon } from './hardfork.ts';
export type { Journal } from './journal.ts';
export type {
  AddPrecompile,
  CustomPrecompile,
  DeletePrecompile,
  PrecompileFunc,
  PrecompileInput,
  PrecompileResult,
} from './precompiles.ts';
export type { EVMResult, ExecResult, Log, RunState } from './result.ts';
export { type RunTxOpts, type RunTxResult, runTx, type TxReceipt } from './run-tx.ts';
export { SimpleStateManager, type SimpleStateManagerOpts } from './state-manager.ts';
export type { EVMEvents, InterpreterStep, Message, MessageEnd, NewContract } from './step.ts';
export type { TxLike } from './tx.ts';
export { Account, type AccountFields, Address, type AddressLike } from './values.ts';
export { createVM, type VM, type VMOpts } from './vm.ts';
