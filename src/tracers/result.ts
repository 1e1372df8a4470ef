/** What all tracers with a result have in common, and the limit of what they keep: hostile code must not fill the memory. */

import type { Tracer } from '../machine/tracer.ts';

/** A tracer that hands over what it has seen. */
export interface ResultTracer<T> extends Tracer {
  /** Plain data for JSON, of the run that ended last unless the tracer says otherwise. */
  result(): T;
  /** In words, why a part is missing from the result; null while all is there. */
  readonly limitMet: string | null;
}

/** How much a tracer keeps. */
export interface LimitOption {
  /**
   * Bytes of the result as JSON, about, and of call trees bytes of memory; 2^27 by default. What does not fit is left out, and
   * `limitMet` says so.
   */
  readonly maxBytes?: number;
}

const DEFAULT_BYTES = 2 ** 27;

/** Counts what is kept. */
export class Budget {
  met: string | null = null;
  private readonly bytes: number;
  private left: number;

  constructor({ maxBytes = DEFAULT_BYTES }: LimitOption = {}) {
    this.bytes = maxBytes;
    this.left = maxBytes;
  }

  /** Starts again, for another run. */
  reset(): void {
    this.met = null;
    this.left = this.bytes;
  }

  /**
   * Whether `bytes` more may be kept.
   * @param what would be missing, for the message
   */
  take(bytes: number, what: string): boolean {
    if (bytes <= this.left) {
      this.left -= bytes;
      return true;
    }
    this.met ??= `the limit of ${this.bytes} bytes was met: ${what} from there on are left out`;
    return false;
  }
}
