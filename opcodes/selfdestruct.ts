/** 0xff: SELFDESTRUCT. */

import type { Frame } from '../src/machine/frame.ts';
import { charge } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import { toAddress } from '../src/primitives/address.ts';

export function selfdestruct(frame: Frame): Halt {
  const { host, rules, address } = frame;
  const beneficiary = toAddress(frame.stack[--frame.sp]!);
  let cost = 0;
  if (rules.accessLists && host.touchAccount(beneficiary)) cost += rules.coldAccountGas;
  const makesAccount = rules.newAccountNeedsValue
    ? host.isEmpty(beneficiary) && host.balance(address) !== 0n
    : !host.exists(beneficiary);
  if (makesAccount) cost += rules.selfdestructNewAccountGas;
  const halt = charge(frame, cost);
  if (halt !== Halt.Continue) return halt;
  if (host.selfDestruct(address, beneficiary)) host.refund(rules.selfdestructRefund);
  return Halt.SelfDestruct;
}
