/** What a smoke test is before it is filled: readable, without hashes. */

import { nobleCrypto } from '../../precompiles/crypto.ts';
import type { Transaction, UnsignedTransaction } from '../../src/executor/transaction.ts';
import type { Address } from '../../src/primitives/address.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';

/** The forks of the smoke tests, by the names that state tests use for them, oldest first. */
export const FORKS = [
  'Frontier',
  'Homestead',
  'EIP150',
  'EIP158',
  'Byzantium',
  'Constantinople',
  'ConstantinopleFix',
  'Istanbul',
  'Berlin',
  'London',
  'Paris',
  'Shanghai',
  'Cancun',
  'Prague',
  'Osaka',
  'BPO1',
  'BPO2',
] as const;

export type Fork = (typeof FORKS)[number] | 'MuirGlacier' | 'ArrowGlacier' | 'GrayGlacier';

/** All forks from `first` to `last`, both included. */
export const forks = (first: (typeof FORKS)[number], last: (typeof FORKS)[number] = 'Osaka'): Fork[] =>
  FORKS.slice(FORKS.indexOf(first), FORKS.indexOf(last) + 1);

export interface AccountDefinition {
  readonly nonce?: bigint | number;
  readonly balance?: bigint | number;
  readonly code?: Uint8Array;
  readonly storage?: Readonly<Record<number, bigint | number>>;
}

export interface EnvDefinition {
  readonly coinbase?: Address;
  readonly gasLimit?: bigint | number;
  readonly number?: bigint | number;
  readonly baseFee?: bigint | number;
  readonly excessBlobGas?: bigint | number;
}

export interface AccessDefinition {
  readonly address: Address;
  readonly keys: readonly bigint[];
}

export interface AuthorizationDefinition {
  readonly secretKey: Uint8Array;
  readonly address: Address;
  readonly chainId?: bigint;
  readonly nonce?: bigint;
  /** Set to spoil the signature. */
  readonly s?: bigint;
}

export interface TransactionDefinition {
  /** null creates a contract; without it the contract of the test is called. */
  readonly to?: Address | null;
  readonly nonce?: bigint | number;
  readonly gasPrice?: bigint | number;
  readonly maxFeePerGas?: bigint | number;
  readonly maxPriorityFeePerGas?: bigint | number;
  readonly maxFeePerBlobGas?: bigint | number;
  readonly blobHashes?: readonly bigint[];
  readonly authorizations?: readonly AuthorizationDefinition[];
  /** One case per element of each list. */
  readonly data?: readonly Uint8Array[];
  readonly gasLimit?: readonly (bigint | number)[];
  readonly value?: readonly (bigint | number)[];
  /** One per data; null where the transaction has none. */
  readonly accessLists?: readonly (readonly AccessDefinition[] | null)[];
  readonly secretKey?: Uint8Array;
  /** Changes what is signed, beyond what the fields of the format can say. */
  readonly alter?: (tx: UnsignedTransaction) => UnsignedTransaction;
  /** Changes the signed transaction. */
  readonly spoil?: (tx: Transaction) => Transaction;
}

/** An exception of execution-spec-tests, without its prefix. */
export type Exception = string;

export interface Definition {
  /** Folder and name: `opcodes/exp`. */
  readonly path: string;
  readonly description: string;
  readonly forks: readonly Fork[];
  /** Code of the contract that the transaction calls. */
  readonly code?: Uint8Array;
  /** Its storage before. */
  readonly storage?: Readonly<Record<number, bigint | number>>;
  /** Accounts by address, besides the sender and the contract; they may replace them. */
  readonly accounts?: readonly (readonly [Address, AccountDefinition])[];
  readonly env?: EnvDefinition;
  readonly tx?: TransactionDefinition;
  /** Slots of the contract afterwards, for every case of every fork that does not say otherwise. */
  readonly expect?: Readonly<Record<number, bigint | number>>;
  /** The same where a fork differs. */
  readonly expectIn?: Partial<Record<Fork, Readonly<Record<number, bigint | number>>>>;
  /** Why the transaction is invalid, everywhere or by fork. */
  readonly rejected?: Exception | Partial<Record<Fork, Exception>>;
  /** Forks in which the run of the transaction fails, or `true` for all of them; otherwise it must end well. */
  readonly fails?: true | readonly Fork[];
  /** Leave the blob schedule out of the test, so that whoever runs it must know that of the fork. */
  readonly withoutBlobSchedule?: boolean;
  /** Neighbours between which the outcome must change. */
  readonly differs?: readonly (readonly [before: Fork, after: Fork])[];
}

const ascii = new TextEncoder();

/** A secret key made of a name. */
export const secretOf = (name: string): Uint8Array => keccak256(ascii.encode(`erbium smoke test: ${name}`));

export const SENDER_SECRET = secretOf('sender');
export const SENDER = nobleCrypto.secretToAddress(SENDER_SECRET);
export const CONTRACT: Address = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0001n;
export const HELPER: Address = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0002n;
export const SECOND_HELPER: Address = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0003n;
/** Nobody's. */
export const STRANGER: Address = 0xdead_0000_0000_0000_0000_0000_0000_0000_0000_0001n;
export const COINBASE: Address = 0xc011_0000_0000_0000_0000_0000_0000_0000_0000_0001n;

export const MAX = 2n ** 256n - 1n;
/** The smallest signed word, -2^255. */
export const MIN_SIGNED = 2n ** 255n;
export const ETHER = 10n ** 18n;
/** A negative number as a word. */
export const minus = (value: bigint | number): bigint => 2n ** 256n - BigInt(value);
