/** 0x54, 0x55, 0x5c, 0x5d: storage, and storage that lasts for one transaction. */

import type { Rules } from '../src/forks/rules.ts';
import type { Frame } from '../src/machine/frame.ts';
import { charge, gasLeft } from '../src/machine/gas.ts';
import { Halt } from '../src/machine/halt.ts';
import type { Slot } from '../src/machine/host.ts';

export function sload(frame: Frame): Halt {
  const { stack, host, rules } = frame;
  const top = frame.sp - 1;
  const slot = host.slot(frame.address, stack[top]!);
  if (rules.accessLists) {
    const halt = charge(frame, slot.warm ? rules.warmSlotGas : rules.coldSlotGas);
    if (halt !== Halt.Continue) return halt;
    if (!slot.warm) host.warmSlot(slot);
  }
  stack[top] = slot.value;
  return Halt.Continue;
}

export function sstore(frame: Frame): Halt {
  const { stack, host, rules } = frame;
  if (rules.sstoreSentry > 0 && frame.gas <= rules.sstoreSentry && gasLeft(frame) <= rules.sstoreSentry) {
    return Halt.SstoreSentry;
  }
  const sp = (frame.sp -= 2);
  const slot = host.slot(frame.address, stack[sp + 1]!);
  const value = stack[sp]!;
  let cost = sstoreGas(slot, value, rules);
  if (rules.accessLists && !slot.warm) cost += rules.coldSlotGas;
  // Before the charge, so that a trace of one that fails has it as well; the failure takes it back.
  const refund = sstoreRefund(slot, value, rules);
  if (refund !== 0) host.refund(refund);
  const halt = charge(frame, cost);
  if (halt !== Halt.Continue) return halt;
  if (rules.accessLists && !slot.warm) host.warmSlot(slot);
  if (slot.value !== value) host.setSlot(slot, value);
  return Halt.Continue;
}

/** EIP-2200 (net) or Yellow Paper, appendix G. */
function sstoreGas(slot: Slot, value: bigint, rules: Rules): number {
  if (!rules.sstoreNet) return slot.value === 0n && value !== 0n ? rules.sstoreSetGas : rules.sstoreResetGas;
  if (slot.value === value || slot.value !== slot.original) return rules.sstoreNoopGas;
  return slot.original === 0n ? rules.sstoreSetGas : rules.sstoreResetGas;
}

/** What the refund counter gains; negative where an earlier refund is taken back. */
function sstoreRefund(slot: Slot, value: bigint, rules: Rules): number {
  const { original } = slot;
  const current = slot.value;
  if (!rules.sstoreNet) return current !== 0n && value === 0n ? rules.sstoreClearRefund : 0;
  if (current === value) return 0;
  if (current === original) return value === 0n ? rules.sstoreClearRefund : 0;
  let refund = 0;
  if (original !== 0n) {
    if (current === 0n) refund -= rules.sstoreClearRefund;
    else if (value === 0n) refund += rules.sstoreClearRefund;
  }
  if (value === original) {
    // What the first change cost beyond an access comes back.
    if (original === 0n) refund += rules.sstoreSetGas - rules.sstoreNoopGas;
    else refund += rules.sstoreResetGas - rules.sstoreNoopGas;
  }
  return refund;
}

/** EIP-1153. */
export function tload(frame: Frame): Halt {
  const { stack } = frame;
  const top = frame.sp - 1;
  stack[top] = frame.host.transientLoad(frame.address, stack[top]!);
  return Halt.Continue;
}

/** EIP-1153. */
export function tstore(frame: Frame): Halt {
  const { stack } = frame;
  const sp = (frame.sp -= 2);
  frame.host.transientStore(frame.address, stack[sp + 1]!, stack[sp]!);
  return Halt.Continue;
}
