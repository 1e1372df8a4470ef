/** The time that `--timeout` gives a command, from the moment that it is made. Owns how that is kept and told. */

import type { Limits } from '../executor/guard.ts';
import { ErbiumError } from '../primitives/errors.ts';

export class Deadline {
  /** Ends what is asked of a node; undefined where there is time for anything. */
  readonly signal: AbortSignal | undefined;
  private readonly timeout: number | undefined;
  private readonly end: number;

  /** @param timeout milliseconds; undefined for all the time there is */
  constructor(timeout: number | undefined) {
    this.timeout = timeout;
    this.end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
    this.signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  }

  get isLate(): boolean {
    return performance.now() > this.end;
  }

  /** To be asked during a run; undefined where nothing ends it, which spares the question. */
  get interrupted(): (() => boolean) | undefined {
    return this.timeout === undefined ? undefined : () => this.isLate;
  }

  /** What is left whenever it is asked for, for operations of an EVM. */
  get limits(): Pick<Limits, 'timeout'> {
    if (this.timeout === undefined) return {};
    const { end } = this;
    return {
      get timeout() {
        // Rounded up: what this has ended is late.
        return Math.max(0, Math.ceil(end - performance.now()));
      },
    };
  }

  /** What ended a run, as the line has it. */
  get name(): string {
    return `--timeout ${this.timeout}`;
  }

  /**
   * Work that may wait for a node.
   * @throws ErbiumError ABORTED where it is that which took the time
   */
  async answered<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ErbiumError) || error.code !== 'ABORTED') throw error;
      throw new ErbiumError('ABORTED', `${this.name}: the node has not answered by then`);
    }
  }
}
