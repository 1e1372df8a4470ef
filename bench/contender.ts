/** An EVM under measurement. */

import type { Outcome } from './outcome.ts';
import type { Workload } from './workload.ts';

export interface Contender {
  readonly name: string;
  prepare(workload: Workload): Promise<Runner>;
}

/** One workload on one EVM. */
export interface Runner {
  /** Brings the state back to that before the call. Not timed. */
  reset(): void | Promise<void>;
  /** The call, and nothing but the call. Timed. */
  run(): unknown;
  /** What the last run left behind. Not timed. */
  outcome(): Outcome;
}
