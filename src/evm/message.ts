/**
 * A message that no frame has sent: the one call or creation of a run without a transaction around it. Nobody pays for
 * gas, and nothing is warm but what it names. `src/executor/execute.ts` makes that of a transaction.
 */

import { MessageKind } from '../machine/message.ts';
import { type Address, createAddress } from '../primitives/address.ts';
import type { Context } from './context.ts';
import { type Paused, running } from './pause.ts';
import type { MessageResult } from './result.ts';
import { warmUp } from './warm.ts';

/** A call, or a creation where `to` is null. */
export interface LoneMessage {
  readonly from: Address;
  readonly to: Address | null;
  /** Wei. */
  readonly value: bigint;
  readonly gas: bigint;
  /** Call data, or init code. */
  readonly input: Uint8Array;
  readonly isStatic?: boolean;
  readonly accessList?: Parameters<typeof warmUp>[3];
}

/** Runs it as work that pauses where the host interrupts. */
export function runningAlone(context: Context, message: LoneMessage): Paused<MessageResult> {
  const { from, to, value, gas, input, isStatic = false, accessList = [] } = message;
  warmUp(context, from, to, accessList);
  const address = to ?? createAddress(from, context.host.world.account(from).nonce);
  return running(context, {
    kind: to === null ? MessageKind.Create : isStatic ? MessageKind.StaticCall : MessageKind.Call,
    caller: from,
    address,
    codeAddress: address,
    value,
    input,
    gas,
    isStatic,
    depth: 0,
    outputOffset: 0,
    outputSize: 0,
  });
}
