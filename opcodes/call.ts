/**
 * 0xf1, 0xf2, 0xf4, 0xfa: calls. A handler pays for the call, fills `frame.request` and suspends; the child is
 * run by `src/evm/run.ts`, which then puts its success flag on the stack.
 */

import type { Rules } from '../src/forks/rules.ts';
import type { Frame } from '../src/machine/frame.ts';
import { charge, gasLeft, growMemory, memoryCost, oweGas, takeGas } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { MessageKind } from '../src/machine/message.ts';
import { type Address, toAddress } from '../src/primitives/address.ts';

const VALUE_GAS = 9_000;
const NEW_ACCOUNT_GAS = 25_000;
/** Given to the callee on top, when value moves. */
const STIPEND = 2_300n;

/** Gas for reaching the code of `target`, beyond the base cost: cold access, and one more for a delegation. */
function accessGas(frame: Frame, target: Address): number {
  const { host, rules } = frame;
  if (!rules.accessLists) return 0;
  let cost = host.touchAccount(target) ? rules.coldAccountExtra : 0;
  if (rules.delegation) {
    const { delegate } = host.code(target);
    if (delegate !== null) cost += host.touchAccount(delegate) ? rules.coldAccountGas : rules.warmAccountGas;
  }
  return cost;
}

/** Whether a CALL with this value would make an account that was not there. */
function makesAccount(frame: Frame, target: Address, value: bigint, rules: Rules): boolean {
  return rules.newAccountNeedsValue ? value !== 0n && frame.host.isEmpty(target) : !frame.host.exists(target);
}

/**
 * Pays for the call, then takes the child's gas from what is left: all but one part in 64 at most (EIP-150),
 * or exactly what was asked for. Returns the child's gas, or -1 - halt.
 */
function payForChild(frame: Frame, cost: number, requested: bigint): bigint {
  const { callGasCapped } = frame.rules;
  const halt = charge(frame, cost);
  if (halt !== Halt.Continue) {
    if (!callGasCapped) oweGas(frame, requested);
    return -1n - BigInt(halt);
  }
  const available = gasLeft(frame);
  let gas = requested;
  if (callGasCapped) {
    const most = available - available / 64n;
    if (gas > most) gas = most;
  } else if (gas > available) {
    // The price of the call includes the child's gas, whatever was asked for.
    oweGas(frame, gas);
    return -1n - BigInt(Halt.OutOfGas);
  }
  takeGas(frame, gas);
  return gas;
}

/**
 * The part that all four share, once gas, target and value are taken from the stack.
 * @param sp where outputSize lies; outputOffset, inputSize and inputOffset lie above it
 */
function callWith(
  frame: Frame,
  kind: MessageKind,
  requested: bigint,
  target: Address,
  value: bigint,
  extraGas: number,
  sp: number,
): Halt {
  const { stack, memory } = frame;
  const inputOffset = stack[sp + 3]!;
  const inputSize = stack[sp + 2]!;
  const outputOffset = stack[sp + 1]!;
  const outputSize = stack[sp]!;

  const inputCost = memoryCost(frame, inputOffset, inputSize);
  const outputCost = memoryCost(frame, outputOffset, outputSize);
  if (inputCost < 0) return (-1 - inputCost) as Halt;
  if (outputCost < 0) return (-1 - outputCost) as Halt;
  const cost = Math.max(inputCost, outputCost) + extraGas + accessGas(frame, target);

  const gas = payForChild(frame, cost, requested);
  if (gas < 0n) return Number(-1n - gas) as Halt;
  growMemory(frame, inputOffset, inputSize);
  growMemory(frame, outputOffset, outputSize);

  const keepsContext = kind === MessageKind.DelegateCall;
  const runsHere = keepsContext || kind === MessageKind.CallCode;
  const size = Number(inputSize);
  frame.request = {
    kind,
    caller: keepsContext ? frame.caller : frame.address,
    address: runsHere ? frame.address : target,
    codeAddress: target,
    value: keepsContext ? frame.value : value,
    // A view will do: this frame's memory stands still until the child has ended.
    input: memory.viewOf(size === 0 ? 0 : Number(inputOffset), size),
    gas: !keepsContext && value !== 0n ? gas + STIPEND : gas,
    isStatic: frame.isStatic || kind === MessageKind.StaticCall,
    depth: frame.depth + 1,
    outputOffset: outputSize === 0n ? 0 : Number(outputOffset),
    outputSize: Number(outputSize),
  };
  return Halt.Call;
}

export function call(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 7);
  const target = toAddress(stack[sp + 5]!);
  const value = stack[sp + 4]!;
  // The only write that depends on an argument, so the loop's check cannot see it.
  if (frame.isStatic && value !== 0n) return Halt.StaticViolation;
  const extra =
    (value !== 0n ? VALUE_GAS : 0) + (makesAccount(frame, target, value, frame.rules) ? NEW_ACCOUNT_GAS : 0);
  return callWith(frame, MessageKind.Call, stack[sp + 6]!, target, value, extra, sp);
}

export function callcode(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 7);
  const value = stack[sp + 4]!;
  const extra = value !== 0n ? VALUE_GAS : 0;
  return callWith(frame, MessageKind.CallCode, stack[sp + 6]!, toAddress(stack[sp + 5]!), value, extra, sp);
}

export function delegatecall(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 6);
  return callWith(frame, MessageKind.DelegateCall, stack[sp + 5]!, toAddress(stack[sp + 4]!), 0n, 0, sp);
}

export function staticcall(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 6);
  return callWith(frame, MessageKind.StaticCall, stack[sp + 5]!, toAddress(stack[sp + 4]!), 0n, 0, sp);
}
