/** The start of a call: transfer, precompile, or a frame (Yellow Paper, section 8). */

import type { Precompile } from '../../precompiles/row.ts';
import { Halt } from '../machine/halt.ts';
import { type Message, MessageKind } from '../machine/message.ts';
import { EMPTY_BYTES } from '../primitives/bytes.ts';
import type { Context } from './context.ts';
import { outputOf, refusalOf } from './extensions.ts';
import { failed, type MessageResult, succeeded } from './result.ts';
import { type Running, start } from './running.ts';

/** Either a result at once, or a frame to run. */
export function beginCall(context: Context, message: Message): MessageResult | Running {
  const { host } = context;
  const { world } = host;
  const { kind, caller, address, codeAddress, value } = message;

  const spends = kind === MessageKind.Call || kind === MessageKind.CallCode;
  if (spends && value !== 0n && world.account(caller).balance < value) {
    return failed(Halt.InsufficientBalance, message.gas);
  }
  const checkpoint = world.checkpoint();
  if (kind === MessageKind.Call) {
    if (value !== 0n) world.subBalance(caller, value);
    world.addBalance(address, value);
  } else if (kind === MessageKind.StaticCall) {
    // A static call touches its target as a call without value does.
    world.addBalance(address, 0n);
  }

  const precompile = context.precompiles.get(codeAddress);
  if (precompile !== undefined) {
    const result = runPrecompile(context, precompile, message);
    if (result.halt !== Halt.Return) world.rollback(checkpoint);
    return result;
  }
  const own = host.code(codeAddress);
  const code = own.delegate === null || !context.rules.delegation ? own : host.code(own.delegate);
  if (code.bytes.length === 0) return succeeded(EMPTY_BYTES, message.gas);
  return start(context, message, code, message.input, checkpoint);
}

function runPrecompile(context: Context, precompile: Precompile, message: Message): MessageResult {
  const { rules, crypto, policy } = context;
  const { input, gas } = message;
  const refusal = refusalOf(precompile, policy);
  if (refusal !== Halt.Continue) return failed(refusal);
  const cost = precompile.gas(input, rules);
  // Comparing a bigint with a number is exact, Infinity included.
  if (cost > gas) return failed(Halt.OutOfGas);
  const output = outputOf(precompile, input, crypto, rules);
  if (output === null) return failed(Halt.PrecompileFailure);
  return succeeded(output, gas - BigInt(cost));
}
