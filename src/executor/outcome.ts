/** How operations end, as plain data for embedders. */

import type { MessageResult } from '../evm/result.ts';
import { HALT_WORDS, Halt, isHostLimit, isSuccess } from '../machine/halt.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, type Hex, toHex32 } from '../primitives/bytes.ts';
import type { StateDiff } from '../state/diff.ts';
import type { AccountInfo, StateReader } from '../state/reader.ts';
import type { LogRecord } from '../state/world.ts';
import { type DecodedEvent, decodeLog, type EventTable } from './events.ts';
import type { TransactionResult } from './execute.ts';
import type { Guard } from './guard.ts';
import { type Invalid, type InvalidReason, REASONS } from './reasons.ts';
import { type DecodedError, decodeRevert, type ErrorTable } from './revert.ts';

/** A log, and the event that it is. */
export interface EventLog {
  /** 20 bytes. */
  readonly address: Hex;
  /** 32 bytes each. */
  readonly topics: readonly Hex[];
  readonly data: Hex;
  /** The event, where `abi` has it. */
  readonly event: DecodedEvent | null;
}

/** How an operation ended. Plain data: it can be cloned and sent elsewhere. */
export interface EvmResult {
  /**
   * `success`; `revert` with output; `halt`: an exceptional halt; `limit`: the host stopped the run, which says
   * nothing about the EVM.
   */
  readonly status: 'success' | 'revert' | 'halt' | 'limit';
  readonly halt: Halt;
  /** In words: the halt, the message of a revert, or the limit. */
  readonly reason: string;
  /** Return data, revert data, or the code of the contract made. */
  readonly output: Hex;
  /** What a revert says, where it is `Error(string)`, `Panic(uint256)`, or an error that `abi` has. */
  readonly error: DecodedError | null;
  /** Gas of the run; for a transaction all that the sender pays for, after refunds. */
  readonly gasUsed: bigint;
  /** For a transaction what was refunded; otherwise the refund counter. */
  readonly gasRefunded: bigint;
  /** Empty unless the status is `success`. */
  readonly logs: readonly EventLog[];
  /** The contract that a creation made, 20 bytes. */
  readonly created: Hex | null;
  /** What changed, by address of 20 bytes; empty where nothing did. */
  readonly diff: Readonly<Record<Hex, AccountChange>>;
}

/** An account before or after an operation. */
export interface AccountState {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
}

/** What an operation changed in one account. */
export interface AccountChange {
  /** null where there was no account. */
  readonly before: AccountState | null;
  /** null where there is none any more; its storage is gone with it. */
  readonly after: AccountState | null;
  /** The code, where it changed. */
  readonly code: Hex | null;
  /** Changed slots by key of 32 bytes. */
  readonly storage: Readonly<Record<Hex, { readonly before: bigint; readonly after: bigint }>>;
}

/** How a transaction ended that was valid. */
export interface TransactResult extends EvmResult {
  /** The sender, 20 bytes. */
  readonly from: Hex;
  /** Wei that the sender paid per gas. */
  readonly gasPrice: bigint;
}

/** A transaction that did not run, and why. It has the fields of a result, so that these can be read unasked. */
export interface Rejected extends Omit<EvmResult, 'status' | 'halt'> {
  readonly status: 'invalid';
  readonly invalid: InvalidReason;
  readonly halt: null;
}

/** What outputs, logs and changes are told with: what was there before, how to decode, what stopped a run. */
export interface Reader {
  readonly state: StateReader;
  readonly errors: ErrorTable;
  readonly events: EventTable;
  readonly guard: Guard;
}

const statusOf = (halt: Halt): EvmResult['status'] => {
  if (isSuccess(halt)) return 'success';
  if (halt === Halt.Revert) return 'revert';
  return isHostLimit(halt) ? 'limit' : 'halt';
};

const described = (
  { halt, output, created }: Pick<MessageResult, 'halt' | 'output' | 'created'>,
  logs: readonly LogRecord[],
  { errors, events, guard }: Reader,
) => {
  const error = halt === Halt.Revert ? decodeRevert(output, errors) : null;
  const words = halt === Halt.HostInterrupt ? guard.words : HALT_WORDS[halt];
  return {
    status: statusOf(halt),
    halt,
    reason: error === null ? words : `${words}: ${error.message}`,
    output: bytesToHex(output),
    error,
    created: created === null ? null : addressToHex(created),
    logs: logs.map(({ address, topics, data }) => ({
      address: addressToHex(address),
      topics: topics.map(toHex32),
      data: bytesToHex(data),
      event: decodeLog(topics, data, events),
    })),
  };
};

const stateOf = (account: AccountInfo | null | undefined): AccountState | null =>
  account ? { nonce: account.nonce, balance: account.balance } : null;

function changesOf(diff: StateDiff, state: StateReader): Record<Hex, AccountChange> {
  const changes: Record<Hex, AccountChange> = {};
  for (const [address, { account, storageCleared, storage, code }] of diff) {
    const before = state.account(address);
    // What was stored at an account that did not exist, or was made anew, does not count, and may be unknown.
    const isFresh = storageCleared || before === undefined;
    const slots = [...storage].map(([key, after]) => {
      return [toHex32(key), { before: isFresh ? 0n : state.storage(address, key), after }] as const;
    });
    changes[addressToHex(address)] = {
      before: stateOf(before),
      after: stateOf(account),
      code: code === undefined ? null : bytesToHex(code),
      storage: Object.fromEntries(slots),
    };
  }
  return changes;
}

/** Of a message. */
export const messageResult = (
  result: MessageResult,
  gasUsed: bigint,
  gasRefunded: bigint,
  logs: readonly LogRecord[],
  diff: StateDiff,
  reader: Reader,
): EvmResult => ({
  ...described(result, logs, reader),
  gasUsed,
  gasRefunded,
  diff: changesOf(diff, reader.state),
});

export const transactionResult = (result: TransactionResult, reader: Reader): TransactResult => ({
  ...described(result, result.logs, reader),
  from: addressToHex(result.sender),
  gasPrice: result.gasPrice,
  gasUsed: result.gasUsed,
  gasRefunded: result.gasRefunded,
  diff: changesOf(result.diff, reader.state),
});

export const rejected = ({ invalid, detail }: Invalid): Rejected => ({
  status: 'invalid',
  invalid,
  halt: null,
  reason: `${REASONS[invalid]} (${detail})`,
  output: '0x',
  error: null,
  gasUsed: 0n,
  gasRefunded: 0n,
  logs: [],
  created: null,
  diff: {},
});
