/** A call or creation without a transaction around it, as `erbium run` makes it. */

import { openContext, type Surroundings } from '../evm/context.ts';
import { type LoneMessage, runningAlone } from '../evm/message.ts';
import type { Paused } from '../evm/pause.ts';
import type { Address } from '../primitives/address.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import { OverlayState } from '../state/overlay.ts';
import type { AccountInfo, StateReader } from '../state/reader.ts';
import { isSuccessful, type RunResult } from './run-result.ts';

/** A call, or a creation where `to` is null. */
export type MessageRun = Pick<LoneMessage, 'from' | 'to' | 'value' | 'gas' | 'input'>;

/** A message as work that pauses where the host interrupts. */
export function* messageRun(around: Surroundings, message: MessageRun): Paused<RunResult> {
  const context = openContext(around, { origin: message.from, gasPrice: 0n, blobHashes: [] });
  const { world } = context.host;
  const result = yield* runningAlone(context, message);
  return {
    ...result,
    gasUsed: message.gas - result.gasLeft,
    logs: isSuccessful(result) ? world.logs : [],
    diff: isSuccessful(result) ? world.diff(context.rules.clearEmptyAccounts) : new Map(),
  };
}

/** What is put into a state before a message runs on it. */
export interface Arranged extends Pick<MessageRun, 'from' | 'to' | 'value'> {
  /** Put at `to`; undefined where the code of the state is called. */
  readonly code: Uint8Array | undefined;
  /** Whether the sender is given what it sends. */
  readonly funded: boolean;
}

/** The state with the code in place, and with a sender that can pay. */
export function arranged(reader: StateReader, { from, to, value, code, funded }: Arranged): StateReader {
  const state = new OverlayState(reader);
  const put = (address: Address, change: Partial<AccountInfo>, code?: Uint8Array): void => {
    const { nonce = 0n, balance = 0n, codeHash = EMPTY_CODE_HASH } = state.account(address) ?? {};
    const account = { nonce, balance, codeHash, ...change };
    state.apply(new Map([[address, { account, storageCleared: false, storage: new Map(), code }]]));
  };
  if (funded && (state.account(from)?.balance ?? 0n) < value) put(from, { balance: value });
  if (to !== null && code !== undefined) {
    put(to, { codeHash: code.length === 0 ? EMPTY_CODE_HASH : keccakWord(code) }, code);
  }
  return state;
}
