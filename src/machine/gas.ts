/**
 * Gas of a frame. Limits go up to 2^64 - 1, beyond what a number holds exactly, yet every charge should be one
 * subtraction of plain numbers. So a frame spends from `gas`, a number of at most one chunk, and what exceeds
 * the chunk waits in `reserve`, a bigint that is zero in ordinary runs. A refill before an instruction is also the
 * place where a run with a host limit is asked to stop: chunks are then small, and every loop passes here.
 */

import { toNumber } from '../primitives/bytes.ts';
import type { Frame } from './frame.ts';
import { Halt } from './halt.ts';

// Sums of two chunks stay below 2^53.
const CHUNK = 2n ** 52n;
// At least one look at the host's clock per this much gas: some milliseconds.
const INTERRUPTIBLE_CHUNK = 2n ** 19n;

/**
 * More memory than this, in all frames of a run together, is a host limit. One frame reaches it at a gas cost of
 * 2.2 * 10^12 (Yellow Paper, appendix H.1).
 */
export const HOST_MEMORY_LIMIT: number = 2 ** 30;

/** Largest memory whose price fits 64 bits with the customary margin. */
const MAX_PRICED_MEMORY = 0x1f_ffff_ffe0n;
/** Largest memory whose size, rounded up to words, fits 64 bits. */
const MAX_SIZED_MEMORY = 0xffff_ffff_ffff_ffe0n;

export const wordsOf = (bytes: number): number => Math.ceil(bytes / 32);

/** Gas left in a frame. */
export const gasLeft = (frame: Frame): bigint => BigInt(frame.gas) + frame.reserve;

/** Gives a frame its gas. */
export function setGas(frame: Frame, total: bigint): void {
  const chunk = frame.host.interrupted === undefined ? CHUNK : INTERRUPTIBLE_CHUNK;
  const first = total < chunk ? total : chunk;
  frame.gas = Number(first);
  frame.reserve = total - first;
}

/** Takes gas; a failed charge leaves `frame.gas` negative, by which a tracer knows the full cost. */
export function charge(frame: Frame, cost: number): Halt {
  return (frame.gas -= cost) >= 0 ? Halt.Continue : refill(frame);
}

/** Called with `frame.gas` below zero, in the middle of an instruction: makes up for it from the reserve. */
export function refill(frame: Frame): Halt {
  const { reserve } = frame;
  if (reserve === 0n) return Halt.OutOfGas;
  const owed = BigInt(-frame.gas);
  if (owed > reserve) return Halt.OutOfGas;
  if (frame.host.interrupted === undefined) {
    setGas(frame, reserve - owed);
  } else {
    // The host is asked before the next instruction, where a run can be taken up again.
    frame.gas = 0;
    frame.reserve = reserve - owed;
  }
  return Halt.Continue;
}

/**
 * Whether the host interrupts the frame before an instruction whose base gas exceeds `frame.gas`. Where it does not,
 * the frame has a fresh chunk.
 */
export function pauses(frame: Frame): boolean {
  const { interrupted } = frame.host;
  if (interrupted === undefined || frame.reserve === 0n) return false;
  if (interrupted()) return true;
  setGas(frame, gasLeft(frame));
  return false;
}

/**
 * Called with `frame.gas` below zero after the base gas of an instruction that has not begun. Where the host
 * interrupts, the charge is taken back and `frame.pc` is at the instruction again: the frame can run on later.
 */
export function refillBefore(frame: Frame, cost: number): Halt {
  frame.gas += cost;
  if (!pauses(frame)) return charge(frame, cost);
  frame.pc--;
  return Halt.HostInterrupt;
}

/** Gas that comes back from a child. It joins the reserve, so that only a refill ever raises `frame.gas`. */
export function returnGas(frame: Frame, amount: bigint): void {
  if (frame.host.interrupted === undefined && frame.reserve === 0n && amount < CHUNK) {
    frame.gas += Number(amount);
    if (frame.gas > Number(CHUNK)) setGas(frame, BigInt(frame.gas));
  } else {
    frame.reserve += amount;
  }
}

/** Takes the gas of a child, which the frame must have. */
export function takeGas(frame: Frame, amount: bigint): void {
  if (amount <= frame.reserve) frame.reserve -= amount;
  else {
    frame.gas -= Number(amount - frame.reserve);
    frame.reserve = 0n;
  }
}

/**
 * Takes gas that a frame does not have, as a charge that fails does. By its size a number could not hold what is then
 * missing: the rest is in the reserve, so that `gasLeft` is exact.
 */
export function oweGas(frame: Frame, amount: bigint): void {
  const left = gasLeft(frame) - amount;
  frame.gas = Number(left);
  frame.reserve = left - BigInt(frame.gas);
}

/** Price of a memory of that many words (Yellow Paper, equation 326). Exact below 2^26 words. */
const memoryPrice = (words: number): number => 3 * words + Math.floor((words * words) / 512);

/**
 * Cost of making memory reach over [offset, offset + size), or -1 - halt where it cannot be. Both are words
 * from the stack. Memory does not change yet: the caller charges this together with its other costs, then calls
 * `growMemory`.
 */
export function memoryCost(frame: Frame, offset: bigint, size: bigint): number {
  if (size === 0n) return 0;
  const { memory } = frame;
  // Inexact only far beyond the limits that it is compared with.
  const end = toNumber(offset) + toNumber(size);
  if (end <= memory.size) return 0;
  if (end <= HOST_MEMORY_LIMIT - frame.heldBelow) {
    return memoryPrice(wordsOf(end)) - memoryPrice(memory.size / 32);
  }
  return -1 - unpayable(frame, offset + size);
}

/** Why memory beyond the host's limit cannot be had. */
function unpayable(frame: Frame, end: bigint): Halt {
  if (end > MAX_SIZED_MEMORY) return Halt.GasOverflow;
  if (end > MAX_PRICED_MEMORY) return Halt.MemoryOverflow;
  const words = (end + 31n) / 32n;
  const price = 3n * words + (words * words) / 512n - BigInt(memoryPrice(frame.memory.size / 32));
  if (price <= gasLeft(frame)) return Halt.HostMemoryLimit;
  // As a failed charge does, this shows a tracer the cost.
  frame.gas -= Number(price);
  return Halt.OutOfGas;
}

/** Lets memory reach over [offset, offset + size), which must be paid for. */
export function growMemory(frame: Frame, offset: bigint, size: bigint): void {
  if (size === 0n) return;
  const end = toNumber(offset) + toNumber(size);
  if (end > frame.memory.size) frame.memory.resize(wordsOf(end) * 32);
}

/** `memoryCost`, `extra` and `growMemory` in one: for instructions with one range. */
export function chargeMemory(frame: Frame, offset: bigint, size: bigint, extra = 0): Halt {
  const cost = memoryCost(frame, offset, size);
  if (cost < 0) return (-1 - cost) as Halt;
  const halt = charge(frame, cost + extra);
  if (halt === Halt.Continue) growMemory(frame, offset, size);
  return halt;
}
