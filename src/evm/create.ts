/** The start and end of a creation (Yellow Paper, section 7). */

import { Code } from '../machine/code.ts';
import { Halt } from '../machine/halt.ts';
import type { Message } from '../machine/message.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { Context } from './context.ts';
import { failed, type MessageResult } from './result.ts';
import { type Running, start } from './running.ts';

const DEPOSIT_BYTE_GAS = 200;
const REJECTED_FIRST_BYTE = 0xef;

/** Either a result at once, or a frame that runs the init code. */
export function beginCreate(context: Context, message: Message): MessageResult | Running {
  const { host, rules } = context;
  const { world } = host;
  const { caller, address, value } = message;

  const creator = world.account(caller);
  if (creator.balance < value) return failed(Halt.InsufficientBalance, message.gas);
  if (creator.nonce >= MAX_U64) return failed(Halt.NonceOverflow, message.gas);
  // The nonce and the warm address outlive a failure of the creation.
  world.setNonce(caller, creator.nonce + 1n);
  if (rules.accessLists) world.warmAccount(address, true);
  if (host.isTaken(address)) return failed(Halt.AddressCollision);

  const checkpoint = world.checkpoint();
  world.markCreated(address);
  if (rules.contractNonce !== 0n) world.setNonce(address, rules.contractNonce);
  if (value !== 0n) {
    world.subBalance(caller, value);
    world.addBalance(address, value);
  }
  return start(context, message, new Code(message.input), EMPTY_BYTES, checkpoint);
}

/**
 * Stores the code that init code returned. Called when the init code has ended well.
 * @returns the result; where it is a failure, the caller rolls back
 */
export function depositCode(
  context: Context,
  message: Message,
  code: Uint8Array,
  gasLeft: bigint,
): MessageResult {
  const { rules, host } = context;
  const { address } = message;
  if (code.length > rules.maxCodeSize) return failed(Halt.CodeTooLarge);
  if (rules.rejectEfCode && code[0] === REJECTED_FIRST_BYTE) return failed(Halt.CodeRejected);
  const cost = BigInt(DEPOSIT_BYTE_GAS * code.length);
  if (cost > gasLeft) {
    if (rules.createNeedsDepositGas) return failed(Halt.CodeDepositOutOfGas);
    return { halt: Halt.Return, output: EMPTY_BYTES, gasLeft, created: address };
  }
  if (code.length > 0) host.world.setCode(address, code);
  return { halt: Halt.Return, output: code, gasLeft: gasLeft - cost, created: address };
}
