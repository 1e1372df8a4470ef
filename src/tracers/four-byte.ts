/** geth's `4byteTracer`: which functions were called, by selector and size of their arguments. */

import { type PrecompileSet, precompilesOf } from '../../precompiles/registry.ts';
import { isCreation, type Message } from '../machine/message.ts';
import type { RunStart } from '../machine/tracer.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { Budget, type LimitOption, type ResultTracer } from './result.ts';

const SELECTOR = 4;
/** What a count takes as JSON. */
const COUNT_BYTES = 40;

/** Counts by `0x` selector, `-`, and bytes of calldata behind it; calls of precompiles do not count. */
export const fourByteTracer = (options: LimitOption = {}): ResultTracer<Readonly<Record<string, number>>> =>
  new FourByteTracer(options);

class FourByteTracer implements ResultTracer<Readonly<Record<string, number>>> {
  private readonly budget: Budget;
  private readonly counts = new Map<string, number>();
  private precompiles: PrecompileSet = new Map();

  constructor(options: LimitOption) {
    this.budget = new Budget(options);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  begin({ rules }: RunStart): void {
    this.budget.reset();
    this.counts.clear();
    this.precompiles = precompilesOf(rules, []);
  }

  enter(message: Message): void {
    const { input, codeAddress } = message;
    if (input.length < SELECTOR || isCreation(message) || this.precompiles.has(codeAddress)) return;
    const key = `${bytesToHex(input.subarray(0, SELECTOR))}-${input.length - SELECTOR}`;
    const count = this.counts.get(key);
    if (count === undefined && !this.budget.take(COUNT_BYTES, 'selectors')) return;
    this.counts.set(key, (count ?? 0) + 1);
  }

  result(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}
