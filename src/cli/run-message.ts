/** A call or creation without a transaction around it, as `erbium run` makes it. */

import { openContext, type Surroundings } from '../evm/context.ts';
import { type Paused, running } from '../evm/pause.ts';
import { warmUp } from '../evm/warm.ts';
import { MessageKind } from '../machine/message.ts';
import { type Address, createAddress } from '../primitives/address.ts';
import { isSuccessful, type RunResult } from './run-result.ts';

/** A call, or a creation where `to` is null. */
export interface MessageRun {
  readonly from: Address;
  readonly to: Address | null;
  /** Wei. */
  readonly value: bigint;
  readonly gas: bigint;
  /** Call data, or init code. */
  readonly input: Uint8Array;
}

/** A message as work that pauses where the host interrupts. */
export function* messageRun(
  around: Surroundings,
  { from, to, input, value, gas }: MessageRun,
): Paused<RunResult> {
  const context = openContext(around, { origin: from, gasPrice: 0n, blobHashes: [] });
  const { world } = context.host;
  warmUp(context, from, to, []);
  const address = to ?? createAddress(from, world.account(from).nonce);
  const result = yield* running(context, {
    kind: to === null ? MessageKind.Create : MessageKind.Call,
    caller: from,
    address,
    codeAddress: address,
    value,
    input,
    gas,
    isStatic: false,
    depth: 0,
    outputOffset: 0,
    outputSize: 0,
  });
  return {
    ...result,
    gasUsed: gas - result.gasLeft,
    logs: isSuccessful(result) ? world.logs : [],
    diff: isSuccessful(result) ? world.diff(context.rules.clearEmptyAccounts) : new Map(),
  };
}
