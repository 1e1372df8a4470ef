/** What a `TestVm` is asked for, and what it answers. */

import type { EvmOptions } from '../executor/create-evm.ts';
import type { TransactResult } from '../executor/outcome.ts';
import type { CallOptions, TransactionRequest } from '../executor/request.ts';
import type { AbiInput } from '../executor/revert.ts';
import type { Hex } from '../primitives/bytes.ts';
import type { BytesInput } from '../primitives/input.ts';
import type { Addressable } from './senders.ts';

/**
 * Those of `createEvm`. The block has number 1, timestamp 1 and a gas limit of 30 million, the chain the id 31337, as
 * with Foundry, Hardhat and anvil; gas costs nothing unless `block.baseFee` or a call says so.
 */
export type TestVmOptions = EvmOptions;

/** An account that can send and sign. */
export interface TestAccount {
  /** 20 bytes. */
  readonly address: Hex;
  /** keccak256 of the label, as with forge's `makeAddrAndKey`, 32 bytes. For tests only. */
  readonly privateKey: Hex;
  readonly label: string;
}

/** What a call has in common with a deployment. */
export interface SendOptions extends Omit<TransactionRequest, 'from' | 'to' | 'data'> {
  /** In place of the caller. */
  readonly from?: Addressable;
  /** What the call is called in errors; of a deployment the contract's name from then on. */
  readonly label?: string;
}

/** A call: a transaction without a signature. */
export interface TestCall extends SendOptions {
  readonly to: Addressable;
  readonly data?: BytesInput;
}

/** A call that changes nothing, and so takes no ether. */
export interface TestView extends Omit<CallOptions, 'from' | 'to' | 'value' | 'isStatic'> {
  readonly to: Addressable;
  /** In place of the caller. */
  readonly from?: Addressable;
  /** What the call is called in errors. */
  readonly label?: string;
}

/** A deployment. */
export interface DeployOptions extends SendOptions {
  /** Init code, with encoded arguments of the constructor behind it where it has some. */
  readonly bytecode: BytesInput;
  /** Whose errors and events are told by name from then on. */
  readonly abi?: AbiInput;
}

/** A call that went well. */
export interface CallResult extends TransactResult {
  readonly status: 'success';
}

/** A contract that was deployed. */
export interface Deployed {
  /** 20 bytes. */
  readonly address: Hex;
  /** How the deployment went. */
  readonly deployment: CallResult;
}
