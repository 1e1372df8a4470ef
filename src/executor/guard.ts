/**
 * The limits of one operation that the host sets: time, steps, memory, an `AbortSignal`, a question of one's own, and
 * state that is not at hand. None of them is an outcome of the EVM. It alone reads a clock, and only for a limit.
 */

import type { StepBudget } from '../interpreter/traced.ts';
import { ErbiumError } from '../primitives/errors.ts';
import type { RemoteReader } from '../state/reader.ts';

/** Limits of one operation; each is absent by default. */
export interface Limits {
  /**
   * Milliseconds of running; time spent fetching state counts as well. A call of a precompile is not interrupted: its
   * gas is its bound.
   */
  readonly timeout?: number;
  /**
   * Ends the operation with an ErbiumError ABORTED. A synchronous operation lets no timer and no event through, so that
   * only a hook can abort it; `timeout` ends it as well.
   */
  readonly signal?: AbortSignal;
}

export interface GuardOptions {
  readonly interrupted: (() => boolean) | undefined;
  readonly steps: StepBudget | undefined;
  readonly maxSteps: number | undefined;
  /** Whether the operation gives way to others now and then. */
  readonly isAsync: boolean;
}

/** An asynchronous run gives way after this long, so that a page stays alive and signals arrive. */
const SLICE_MS = 12;
/** Beyond, timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A run that has lost so often to changes of the state no longer gives way. */
const PATIENCE = 8;

export class Guard {
  private readonly limits: Limits;
  private readonly options: GuardOptions;
  private readonly deadline: number;
  private sliceEnd = 0;
  private stepsLeft: number;
  private inSlice = false;
  private lost = 0;
  private reason: string | null = null;
  /** Where the state of this run comes from, if it is a remote one. */
  remote: RemoteReader | null = null;

  constructor(limits: Limits, options: GuardOptions) {
    this.limits = limits;
    this.options = options;
    this.deadline = limits.timeout === undefined ? Number.POSITIVE_INFINITY : now() + limits.timeout;
    this.stepsLeft = options.maxSteps ?? 0;
  }

  /** For the machine; undefined where nothing could interrupt it, which spares it the question. */
  get interrupted(): (() => boolean) | undefined {
    const { limits, options } = this;
    const isLimited =
      limits.timeout !== undefined ||
      limits.signal !== undefined ||
      options.interrupted !== undefined ||
      options.steps !== undefined ||
      options.isAsync ||
      this.remote !== null;
    return isLimited ? () => this.stops() || now() > this.sliceEnd : undefined;
  }

  /** Runs a slice. Steps are counted for it alone, also where a hook runs something else inside. */
  during<T>(work: () => T): T {
    const { steps, isAsync } = this.options;
    this.sliceEnd = isAsync && this.lost < PATIENCE ? now() + SLICE_MS : Number.POSITIVE_INFINITY;
    if (steps === undefined) return work();
    const outer = steps.left;
    steps.left = this.stepsLeft;
    this.inSlice = true;
    try {
      return work();
    } finally {
      this.inSlice = false;
      this.stepsLeft = steps.left;
      steps.left = outer;
    }
  }

  /** The state changed under the run, which counts for nothing. */
  lose(): void {
    this.lost++;
  }

  /** A run from the start: its steps count anew, its time does not. */
  restart(): void {
    this.stepsLeft = this.options.maxSteps ?? 0;
    this.reason = null;
  }

  /** Whether the run ends where it is. */
  stops(): boolean {
    const { limits, options } = this;
    if (this.reason !== null) return true;
    if (this.remote !== null && this.remote.missing !== null) this.reason = MISSING;
    else if (limits.signal?.aborted) this.reason = 'aborted';
    else if (options.steps !== undefined && this.isOutOfSteps()) this.reason = `${options.maxSteps} steps`;
    else if (now() > this.deadline) this.reason = `timeout of ${limits.timeout} ms`;
    else if (options.interrupted?.() === true) this.reason = 'interrupted';
    return this.reason !== null;
  }

  /** Stopped because of what is to be fetched, or not at all: with it, the run may be made again. */
  get mayRepeat(): boolean {
    return this.reason === null || this.reason === MISSING;
  }

  /** Inside a slice the engine counts, between two slices it is this. */
  private isOutOfSteps(): boolean {
    return (this.inSlice ? this.options.steps!.left : this.stepsLeft) < 0;
  }

  /** Why the run was stopped, in words. */
  get words(): string {
    this.stops();
    return `host limit: ${this.reason ?? 'interrupted'}`;
  }

  /** @throws ErbiumError ABORTED */
  throwIfAborted(): void {
    const { signal } = this.limits;
    if (!signal?.aborted) return;
    throw new ErbiumError('ABORTED', 'the operation was aborted by its signal', { cause: signal.reason });
  }

  /** Ends a fetch when the operation has to end. */
  fetchSignal(): AbortSignal | undefined {
    const { signal } = this.limits;
    const rest = Math.max(0, Math.ceil(this.deadline - now()));
    if (rest > MAX_TIMER_MS) return signal;
    const late = AbortSignal.timeout(rest);
    return signal === undefined ? late : AbortSignal.any([signal, late]);
  }
}

const MISSING = 'missing state';

const now = (): number => performance.now();
