/**
 * A contract with typed calls: the types of viem's `getContract`, with what a test wants to know as the answers. What is
 * encoded and decoded is so by viem.
 */

import type {
  Abi,
  AbiStateMutability,
  ContractEventArgsFromTopics,
  ContractEventName,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from 'viem';
import type { Hex } from '../../primitives/bytes.ts';
import type { CallResult, SendOptions, TestView } from '../options.ts';
import type { Addressable } from '../senders.ts';

/** An ABI: `as const` for types, or as it comes out of a file. */
export type AnyAbi = Abi | readonly unknown[];

/** Options of a function that only reads. */
export interface ReadOptions extends Omit<TestView, 'from' | 'to' | 'data'> {
  /** In place of the caller. */
  readonly account?: Addressable;
}

/** Options of a function that takes no ether. */
export interface WriteOptions extends Omit<SendOptions, 'from' | 'value'> {
  /** In place of the caller. */
  readonly account?: Addressable;
}

/** Options of a function that is payable. */
export interface PayOptions extends WriteOptions {
  /** Wei. */
  readonly value?: SendOptions['value'];
}

/** A call that went well, and what the function returned. */
export interface WriteResult<T> extends CallResult {
  readonly result: T;
}

/** An event of a contract. */
export interface ContractEvent<abi extends AnyAbi, name extends string> {
  readonly eventName: name;
  readonly args: ContractEventArgsFromTopics<
    abi,
    name extends ContractEventName<abi> ? name : ContractEventName<abi>
  >;
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

type Reading = 'pure' | 'view';
type Writing = 'nonpayable' | 'payable';

/** Names of items of an ABI; any name, where the types do not know it. */
type NameOf<abi extends AnyAbi, item> = abi extends Abi
  ? Abi extends abi
    ? string
    : Extract<abi[number], item>['name' & keyof item]
  : string;

type FunctionName<abi extends AnyAbi, mutability extends AbiStateMutability> = NameOf<
  abi,
  { readonly type: 'function'; readonly name: string; readonly stateMutability: mutability }
> &
  ContractFunctionName<abi, mutability>;

type EventName<abi extends AnyAbi> = NameOf<abi, { readonly type: 'event'; readonly name: string }> & string;

type Options<abi extends AnyAbi, name extends string> =
  name extends FunctionName<abi, 'payable'> ? PayOptions : WriteOptions;

/** `[args, options]`, without `args` where the function takes none. */
type CallParameters<allArgs, args, options> = readonly [] extends allArgs
  ? [options?: options] | [args: args, options?: options]
  : [args: args, options?: options];

type ReadFunction<abi extends AnyAbi, name extends FunctionName<abi, Reading>> = <
  const args extends ContractFunctionArgs<abi, Reading, name>,
>(
  ...parameters: CallParameters<ContractFunctionArgs<abi, Reading, name>, args, ReadOptions>
) => Promise<ContractFunctionReturnType<abi, Reading, name, args>>;

type WriteFunction<abi extends AnyAbi, name extends FunctionName<abi, Writing>> = <
  const args extends ContractFunctionArgs<abi, Writing, name>,
>(
  ...parameters: CallParameters<ContractFunctionArgs<abi, Writing, name>, args, Options<abi, name>>
) => Promise<WriteResult<ContractFunctionReturnType<abi, Writing, name, args>>>;

type EstimateFunction<abi extends AnyAbi, name extends FunctionName<abi, Writing>> = <
  const args extends ContractFunctionArgs<abi, Writing, name>,
>(
  ...parameters: CallParameters<ContractFunctionArgs<abi, Writing, name>, args, Options<abi, name>>
) => Promise<bigint>;

/** A contract with the functions of its ABI. */
export interface Contract<abi extends AnyAbi = Abi> {
  readonly abi: abi;
  /** With the capitals of its checksum (EIP-55). */
  readonly address: Hex;
  /** View and pure functions: what they return. */
  readonly read: { readonly [name in FunctionName<abi, Reading>]: ReadFunction<abi, name> };
  /** Functions that change the state, sent as transactions. */
  readonly write: { readonly [name in FunctionName<abi, Writing>]: WriteFunction<abi, name> };
  /** The same, and nothing of it stays. */
  readonly simulate: { readonly [name in FunctionName<abi, Writing>]: WriteFunction<abi, name> };
  /** The least gas limit with which the function succeeds, exact to the unit. */
  readonly estimateGas: { readonly [name in FunctionName<abi, Writing>]: EstimateFunction<abi, name> };
  /** Events of this contract in the last call or deployment, those with the arguments that are given. */
  readonly getEvents: {
    readonly [name in EventName<abi>]: (
      args?: Partial<ContractEvent<abi, name>['args']>,
    ) => readonly ContractEvent<abi, name>[];
  };
}
