/** What embedders pass for a call, a transaction, a block and accounts, checked and in the machine's own terms. */

import { blobBaseFee } from '../forks/blob-schedule.ts';
import type { Rules } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import { type Address, MAX_ADDRESS } from '../primitives/address.ts';
import { ErbiumError } from '../primitives/errors.ts';
import {
  type AddressInput,
  type BytesInput,
  toAddressWord,
  toOwnBytes,
  toWord,
  type WordInput,
} from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { Limits } from './guard.ts';
import { type AccessListEntry, type Authorization, TxType, type UnsignedTransaction } from './transaction.ts';

/** EIP-2930. */
export interface AccessListInput {
  readonly address: AddressInput;
  readonly storageKeys: readonly WordInput[];
}

/** EIP-7702, signed. */
export interface AuthorizationInput {
  readonly chainId: WordInput;
  readonly address: AddressInput;
  readonly nonce: WordInput;
  readonly yParity: WordInput;
  readonly r: WordInput;
  readonly s: WordInput;
}

/** Fields of a block; those left out are the EVM's. */
export interface BlockInput {
  readonly number?: WordInput;
  /** Seconds. */
  readonly timestamp?: WordInput;
  readonly coinbase?: AddressInput;
  readonly gasLimit?: WordInput;
  /** Before Paris. */
  readonly difficulty?: WordInput;
  /** From Paris on. */
  readonly prevRandao?: WordInput;
  /** Wei per gas. */
  readonly baseFee?: WordInput;
  /** Wei per blob gas. */
  readonly blobBaseFee?: WordInput;
  /** What the blob base fee follows from (EIP-4844), in its place. */
  readonly excessBlobGas?: WordInput;
  readonly chainId?: WordInput;
}

/** Changes of one account; what is left out stays as it is. */
export interface AccountPatch {
  readonly nonce?: WordInput;
  /** Wei. */
  readonly balance?: WordInput;
  readonly code?: BytesInput;
  /** All of the storage: what is not named here is 0 afterwards. */
  readonly storage?: StorageInput;
  /** Single slots; the others stay. */
  readonly storageDiff?: StorageInput;
}

/** Slots by key: an object, a Map or pairs. */
export type StorageInput =
  | Readonly<Record<string, WordInput>>
  | Iterable<readonly [key: WordInput, value: WordInput]>;

/** Accounts by address: an object, a Map or pairs. */
export type AccountsInput =
  | Readonly<Record<string, AccountPatch>>
  | Iterable<readonly [address: AddressInput, patch: AccountPatch]>;

/** Overrides and limits of one operation. */
export interface OperationOptions extends Limits {
  readonly block?: BlockInput;
  /** Accounts that are different for this operation only; not for operations whose changes are kept. */
  readonly overrides?: AccountsInput;
}

/** A creation, and what a call has in common with it. */
export interface CreateOptions extends OperationOptions {
  /** The zero address by default. */
  readonly from?: AddressInput;
  /** Call data, or init code. */
  readonly data?: BytesInput;
  /** Wei, which `from` must have. */
  readonly value?: WordInput;
  /** Gas for the run itself, without the intrinsic cost of a transaction; 2^64 - 1 at most, 10^10 by default. */
  readonly gas?: WordInput;
  /** What ORIGIN gives; `from` by default. */
  readonly origin?: AddressInput;
  /** What GASPRICE gives, in wei; nothing is paid. */
  readonly gasPrice?: WordInput;
  /** What BLOBHASH gives. */
  readonly blobHashes?: readonly WordInput[];
  /** Accounts and slots that are warm from the start. */
  readonly accessList?: readonly AccessListInput[];
}

/** A message call. */
export interface CallOptions extends CreateOptions {
  readonly to: AddressInput;
  /** Forbids changes of state, as STATICCALL does. */
  readonly isStatic?: boolean;
}

/** A run of bytecode that is in no account. */
export interface ExecuteOptions extends CreateOptions {
  /** The account that the code runs as; 0xc0de by default. */
  readonly to?: AddressInput;
  readonly isStatic?: boolean;
}

/** A transaction without a signature: `from` is taken at its word. */
export interface TransactionRequest {
  /** 0 to 4 (EIP-2718); by default that which has all fields that are given. */
  readonly type?: WordInput;
  readonly from: AddressInput;
  /** Left out or null for a creation. */
  readonly to?: AddressInput | null;
  readonly data?: BytesInput;
  /** Wei. */
  readonly value?: WordInput;
  /** The gas limit; by default 2^24, or what the block allows or the sender can pay for, if that is less. */
  readonly gas?: WordInput;
  /** The sender's by default. */
  readonly nonce?: WordInput;
  /** Wei per gas, for the types that have one price; excludes the next two. */
  readonly gasPrice?: WordInput;
  /** Wei per gas; the base fee plus the priority fee by default. */
  readonly maxFeePerGas?: WordInput;
  readonly maxPriorityFeePerGas?: WordInput;
  readonly accessList?: readonly AccessListInput[];
  readonly maxFeePerBlobGas?: WordInput;
  readonly blobVersionedHashes?: readonly WordInput[];
  readonly authorizationList?: readonly AuthorizationInput[];
  readonly chainId?: WordInput;
}

export interface Prepared {
  readonly tx: UnsignedTransaction;
  readonly from: Address;
  /** The nonce is the sender's, whatever it is. */
  readonly anyNonce: boolean;
}

const LIMIT_FIELDS = ['timeout', 'signal'] as const;
const OPERATION_FIELDS = [...LIMIT_FIELDS, 'block', 'overrides'] as const;
const CREATE_FIELDS = [
  ...OPERATION_FIELDS,
  ...(['from', 'data', 'value', 'gas', 'origin', 'gasPrice', 'blobHashes', 'accessList'] as const),
] as const;
const REQUEST_FIELDS = [
  'type',
  ...(['from', 'to', 'data', 'value', 'gas', 'nonce', 'gasPrice', 'maxFeePerGas'] as const),
  ...(['maxPriorityFeePerGas', 'accessList', 'maxFeePerBlobGas', 'blobVersionedHashes'] as const),
  ...(['authorizationList', 'chainId'] as const),
] as const;

/** By operation, the options that it knows. */
export const FIELDS = {
  operation: OPERATION_FIELDS,
  create: CREATE_FIELDS,
  call: [...CREATE_FIELDS, 'to', 'isStatic'],
  execute: [...CREATE_FIELDS, 'to', 'isStatic'],
  request: REQUEST_FIELDS,
  block: [
    ...(['number', 'timestamp', 'coinbase', 'gasLimit', 'difficulty', 'prevRandao'] as const),
    ...(['baseFee', 'blobBaseFee', 'excessBlobGas', 'chainId'] as const),
  ],
  account: ['nonce', 'balance', 'code', 'storage', 'storageDiff'],
} as const satisfies Record<string, readonly string[]>;

export const isIterable = (value: object): value is Iterable<unknown> =>
  typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

export function demand(holds: boolean, field: string, what: string): void {
  if (!holds) throw new ErbiumError('INVALID_ARGUMENT', `${field}: expected ${what}`);
}

/** Options are an object, and none of them is unknown: a misspelt one would silently do nothing. */
export function checkFields(options: unknown, field: string, known: readonly string[]): void {
  demand(isObject(options), field, 'an object');
  for (const name of Object.keys(options as object)) {
    if (known.includes(name)) continue;
    const shown = JSON.stringify(name.slice(0, 60));
    throw new ErbiumError(
      'INVALID_ARGUMENT',
      `${field}: unknown field ${shown}; known are ${known.join(', ')}`,
    );
  }
}

export function checkLimits({ timeout, signal }: Limits): void {
  const isTime = typeof timeout === 'number' && timeout >= 0;
  demand(timeout === undefined || isTime, 'timeout', 'milliseconds, 0 or more');
  demand(signal === undefined || (isObject(signal) && 'aborted' in signal), 'signal', 'an AbortSignal');
}

export function listOf<T, U>(
  list: readonly T[] | undefined,
  field: string,
  each: (item: T, field: string) => U,
): U[] {
  if (list === undefined) return [];
  demand(Array.isArray(list), field, 'a list');
  // Also over the gaps of a list that has some.
  return Array.from(list, (item, i) => each(item, `${field}[${i}]`));
}

const wordList = (list: readonly WordInput[] | undefined, field: string): bigint[] =>
  listOf(list, field, (item, at) => toWord(item, at));

export const accessListOf = (list: readonly AccessListInput[] | undefined): AccessListEntry[] =>
  listOf(list, 'accessList', (entry, field) => {
    checkFields(entry, field, ['address', 'storageKeys']);
    return {
      address: toAddressWord(entry.address, `${field}.address`),
      storageKeys: wordList(entry.storageKeys, `${field}.storageKeys`),
    };
  });

const authorizationOf = (input: AuthorizationInput, field: string): Authorization => {
  checkFields(input, field, ['chainId', 'address', 'nonce', 'yParity', 'r', 's']);
  const word = (name: 'chainId' | 'r' | 's'): bigint => toWord(input[name], `${field}.${name}`);
  return {
    chainId: word('chainId'),
    address: toAddressWord(input.address, `${field}.address`),
    nonce: toWord(input.nonce, `${field}.nonce`, MAX_U64),
    yParity: toWord(input.yParity, `${field}.yParity`, 255n),
    r: word('r'),
    s: word('s'),
  };
};

/** Fields of a block that are given, over those there are. */
export function blockOf(input: BlockInput | undefined, block: BlockEnv, rules: Rules): BlockEnv {
  if (input === undefined) return block;
  checkFields(input, 'block', FIELDS.block);
  const { excessBlobGas, ...words } = input;
  const given = Object.entries(words).filter(([, value]) => value !== undefined);
  const changes = given.map(([name, value]) => {
    const field = `block.${name}`;
    if (name !== 'coinbase') return [name, toWord(value as WordInput, field)];
    // A number as well, since it is one like the others here.
    const isNumber = typeof value === 'bigint' || typeof value === 'number';
    return [name, isNumber ? toWord(value, field, MAX_ADDRESS) : toAddressWord(value as AddressInput, field)];
  });
  if (excessBlobGas !== undefined) {
    demand(input.blobBaseFee === undefined, 'block.blobBaseFee', 'either this or excessBlobGas');
    const excess = toWord(excessBlobGas, 'block.excessBlobGas', MAX_U64);
    changes.push(['blobBaseFee', rules.blobs === null ? 0n : blobBaseFee(excess, rules.blobs)]);
  }
  return Object.freeze({ ...block, ...Object.fromEntries(changes) });
}

export interface MessageInput {
  readonly from: Address;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly gas: bigint;
  readonly origin: Address;
  readonly gasPrice: bigint;
  readonly blobHashes: readonly bigint[];
  readonly accessList: readonly AccessListEntry[];
}

const DEFAULT_GAS = 10_000_000_000n;

export function messageOf(options: CreateOptions): MessageInput {
  const from = toAddressWord(options.from ?? 0n, 'from');
  return {
    from,
    data: toOwnBytes(options.data ?? '', 'data'),
    value: toWord(options.value ?? 0n, 'value'),
    gas: toWord(options.gas ?? DEFAULT_GAS, 'gas', MAX_U64),
    origin: options.origin === undefined ? from : toAddressWord(options.origin, 'origin'),
    gasPrice: toWord(options.gasPrice ?? 0n, 'gasPrice'),
    blobHashes: wordList(options.blobHashes, 'blobHashes'),
    accessList: accessListOf(options.accessList),
  };
}

/** The gas limit of a transaction that gives none, where the block allows it: the largest that every fork has. */
const DEFAULT_TX_GAS = 16_777_216n;

export function prepare(request: TransactionRequest, rules: Rules, block: BlockEnv): Prepared {
  checkFields(request, 'transaction', FIELDS.request);
  const word = (name: 'value' | 'maxFeePerBlobGas'): bigint => toWord(request[name] ?? 0n, name);
  const gas = block.gasLimit < DEFAULT_TX_GAS ? block.gasLimit : DEFAULT_TX_GAS;
  const tx: UnsignedTransaction = {
    type: typeOf(request, rules),
    chainId: request.chainId === undefined ? block.chainId : toWord(request.chainId, 'chainId'),
    nonce: toWord(request.nonce ?? 0n, 'nonce', MAX_U64),
    gasLimit: request.gas === undefined ? gas : toWord(request.gas, 'gas', MAX_U64),
    ...feesOf(request, block),
    to: request.to === undefined || request.to === null ? null : toAddressWord(request.to, 'to'),
    value: word('value'),
    data: toOwnBytes(request.data ?? '', 'data'),
    accessList: accessListOf(request.accessList),
    maxFeePerBlobGas: request.maxFeePerBlobGas === undefined ? block.blobBaseFee : word('maxFeePerBlobGas'),
    blobHashes: wordList(request.blobVersionedHashes, 'blobVersionedHashes'),
    authorizations: listOf(request.authorizationList, 'authorizationList', authorizationOf),
  };
  return { tx, from: toAddressWord(request.from, 'from'), anyNonce: (request.nonce ?? null) === null };
}

/** The type that has all fields which are given, and the newest of the plain ones otherwise. */
function typeOf(request: TransactionRequest, rules: Rules): TxType {
  const type =
    request.type === undefined
      ? impliedType(request, rules)
      : (Number(toWord(request.type, 'type', 4n)) as TxType);
  for (const [name, types] of Object.entries(FIELD_TYPES)) {
    const isGiven = request[name as keyof TransactionRequest] !== undefined;
    demand(!isGiven || types.includes(type), name, `none, in a transaction of type ${type}`);
  }
  return type;
}

/** Fields that not every type has. */
const FIELD_TYPES: Partial<Record<keyof TransactionRequest, readonly number[]>> = {
  gasPrice: [0, 1],
  maxFeePerGas: [2, 3, 4],
  maxPriorityFeePerGas: [2, 3, 4],
  accessList: [1, 2, 3, 4],
  blobVersionedHashes: [3],
  maxFeePerBlobGas: [3],
  authorizationList: [4],
};

function impliedType(request: TransactionRequest, rules: Rules): TxType {
  if (request.authorizationList !== undefined) return TxType.SetCode;
  if (request.blobVersionedHashes !== undefined || request.maxFeePerBlobGas !== undefined) return TxType.Blob;
  const isPriced = request.gasPrice !== undefined;
  const hasFees = request.maxFeePerGas !== undefined || request.maxPriorityFeePerGas !== undefined;
  if (hasFees || (!isPriced && rules.txTypes.includes(TxType.FeeMarket))) return TxType.FeeMarket;
  return request.accessList === undefined ? TxType.Legacy : TxType.AccessList;
}

function feesOf(
  { gasPrice, maxFeePerGas, maxPriorityFeePerGas }: TransactionRequest,
  block: BlockEnv,
): Pick<UnsignedTransaction, 'maxFeePerGas' | 'maxPriorityFeePerGas'> {
  if (gasPrice !== undefined) {
    const price = toWord(gasPrice, 'gasPrice');
    return { maxFeePerGas: price, maxPriorityFeePerGas: price };
  }
  const priority = toWord(maxPriorityFeePerGas ?? 0n, 'maxPriorityFeePerGas');
  const most = maxFeePerGas === undefined ? block.baseFee + priority : toWord(maxFeePerGas, 'maxFeePerGas');
  return { maxFeePerGas: most, maxPriorityFeePerGas: priority };
}
