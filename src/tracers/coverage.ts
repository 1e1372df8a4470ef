/** Which instructions ran, and how often: by pc, for each code that ran. Lines of sources: `lcov.ts`. */

import type { Code } from '../machine/code.ts';
import type { Frame } from '../machine/frame.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { Budget, type LimitOption, type ResultTracer } from './result.ts';

/** What ran of one code. */
export interface CodeCoverage {
  readonly codeHash: Hex;
  readonly code: Uint8Array;
  /** How often the instruction at each pc has begun. */
  readonly hits: Float64Array;
}

/** A tracer that counts instructions. */
export interface CoverageTracer
  extends ResultTracer<Readonly<Record<Hex, Readonly<Record<string, number>>>>> {
  /** Code that ran, init code included, in the order of the first time. */
  codes(): readonly CodeCoverage[];
}

/** Adds up all runs that it sees. The result are counts by code hash and pc, without instructions that did not run. */
export const coverageTracer = (options: LimitOption = {}): CoverageTracer => new Coverage(options);

/** Takes counts and keeps none: writing beyond its end does nothing. */
const NONE = new Float64Array(0);

class Coverage implements CoverageTracer {
  private readonly budget: Budget;
  private readonly byHash = new Map<Hex, CodeCoverage>();
  /** The same by object, which spares the hash. */
  private readonly byCode = new WeakMap<Code, Float64Array>();
  private hits: Float64Array = NONE;

  constructor(options: LimitOption) {
    this.budget = new Budget(options);
  }

  get limitMet(): string | null {
    return this.budget.met;
  }

  resume({ code }: Frame): void {
    let hits = this.byCode.get(code);
    if (hits === undefined) {
      hits = this.hitsOf(code.bytes);
      this.byCode.set(code, hits);
    }
    this.hits = hits;
  }

  private hitsOf(code: Uint8Array): Float64Array {
    const codeHash = bytesToHex(keccak256(code));
    const known = this.byHash.get(codeHash);
    if (known !== undefined) return known.hits;
    if (!this.budget.take(9 * code.length + 200, 'codes')) return NONE;
    const hits = new Float64Array(code.length);
    this.byHash.set(codeHash, { codeHash, code, hits });
    return hits;
  }

  step({ pc }: Frame): void {
    this.hits[pc]!++;
  }

  codes(): readonly CodeCoverage[] {
    return [...this.byHash.values()];
  }

  result(): Readonly<Record<Hex, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      this.codes().map(({ codeHash, hits }) => [
        codeHash,
        Object.fromEntries([...hits].flatMap((count, pc) => (count === 0 ? [] : [[pc, count]]))),
      ]),
    );
  }
}
