/**
 * How a track is led: to a position, forwards until something holds, and backwards to where something held last. Backwards
 * means from checkpoint to checkpoint, running forwards from each and remembering the last place that it held at.
 */

import type { Frame } from '../../machine/frame.ts';
import { Guard } from '../guard.ts';
import type { MoveLimits, SetBreakpoint, StopReason } from './api.ts';
import type { Breakpoints } from './breakpoints.ts';
import type { History } from './history.ts';
import type { Track } from './track.ts';

/** Least instructions between checkpoints: on the way ahead, and on the way to a place that is about to be looked at. */
const SPACING = 1_024;
const NEAR_SPACING = 64;
/** Instructions between two looks at the clock. */
const SLICE = 65_536;
const MAX_STEPS = 10_000_000;

export type Goal = (frame: Frame) => boolean;

const never: Goal = () => false;

/** What a move may still use up. */
class Meter {
  left: number;
  private readonly most: number;
  private readonly guard: Guard;

  constructor({ maxSteps = MAX_STEPS, timeout }: MoveLimits, interrupted: (() => boolean) | undefined) {
    this.left = maxSteps;
    this.most = maxSteps;
    const limits = timeout === undefined ? {} : { timeout };
    this.guard = new Guard(limits, { interrupted, steps: undefined, maxSteps: undefined, isAsync: false });
  }

  /** Why it ends here; null where it need not. */
  get reason(): string | null {
    if (this.left <= 0) return `${this.most} steps in one move`;
    return this.guard.stops() ? this.guard.words.replace('host limit: ', '') : null;
  }
}

export interface LeadOptions {
  readonly track: Track;
  readonly history: History;
  readonly breakpoints: Breakpoints;
  /** No position beyond it. */
  readonly ceiling: number;
  readonly interrupted: (() => boolean) | undefined;
}

export class Lead {
  private readonly track: Track;
  private readonly history: History;
  private readonly breakpoints: Breakpoints;
  private readonly ceiling: number;
  private readonly interrupted: (() => boolean) | undefined;
  /** Where a move forwards has ended at a limit: what the instruction there comes to has not been told. */
  private untold = -1;

  constructor({ track, history, breakpoints, ceiling, interrupted }: LeadOptions) {
    this.track = track;
    this.history = history;
    this.breakpoints = breakpoints;
    this.ceiling = ceiling;
    this.interrupted = interrupted;
  }

  goTo(position: number, limits: MoveLimits): StopReason {
    const meter = new Meter(limits, this.interrupted);
    const reason = this.seek(Math.min(position, this.ceiling), meter);
    if (reason !== null) return { kind: 'limit', reason };
    if (this.track.result !== null) return { kind: 'end' };
    if (this.track.position < position) return this.atCeiling();
    return this.track.position === 0 ? { kind: 'start' } : { kind: 'done' };
  }

  /** Runs on, one instruction at least, to where the goal or a breakpoint is. */
  forward(goal: Goal | null, limits: MoveLimits): StopReason {
    const { track, breakpoints } = this;
    const first = track.position + (track.position === this.untold ? 0 : 1);
    this.untold = -1;
    let isThere = false;
    let hits: readonly SetBreakpoint[] = [];
    /** Of an instruction that has turned out to be one to stop before. */
    let passed: { readonly position: number; hits: readonly SetBreakpoint[] } | null = null;
    const meter = new Meter(limits, this.interrupted);
    track.visitor = {
      arrive: (frame) => {
        hits = breakpoints.at(frame, track);
        isThere = goal?.(frame) ?? false;
        if (isThere || hits.length > 0) track.stop();
      },
      leave: (end, leaf) => {
        const position = track.position - 1;
        const found = position >= first ? breakpoints.atEnd(end, leaf) : [];
        if (found.length === 0) return;
        passed = { position, hits: passed === null ? found : [...new Set([...passed.hits, ...found])] };
        track.stop();
      },
    };
    const isDone = (): boolean => isThere || hits.length > 0 || passed !== null;
    let reason: string | null;
    try {
      reason = this.runTo(this.ceiling, meter, () => Math.max(SPACING, this.toll), isDone);
    } finally {
      track.visitor = null;
    }
    // Written by the visitor, which the compiler does not see.
    const before = passed as { readonly position: number; readonly hits: readonly SetBreakpoint[] } | null;
    if (before !== null) {
      this.seek(before.position, null);
      return { kind: 'breakpoint', hits: before.hits };
    }
    if (hits.length > 0) return { kind: 'breakpoint', hits };
    if (isThere) return { kind: 'done' };
    if (track.result !== null) return { kind: 'end' };
    if (reason === null) return this.atCeiling();
    this.untold = track.position;
    return { kind: 'limit', reason };
  }

  /** Goes back, one instruction at least, to where the goal or a breakpoint is, or to position 0. */
  backward(goal: Goal | null, limits: MoveLimits): StopReason {
    const { track, history } = this;
    const meter = new Meter(limits, this.interrupted);
    let end = track.position;
    // A checkpoint is come to in the run before the one that starts from it.
    let last = end - 1;
    while (end > 0) {
      const from = history.before(end - 1)!;
      track.restore(from);
      const search = new Search(track, this.breakpoints, goal ?? never, last);
      track.visitor = search;
      let reason: string | null;
      try {
        reason = this.runTo(end, meter, this.approach(end));
      } finally {
        track.visitor = null;
      }
      if (reason !== null) {
        this.seek(end, null);
        return { kind: 'limit', reason };
      }
      if (search.position >= 0) {
        this.seek(search.position, null);
        const { hits } = search;
        return hits.length > 0 ? { kind: 'breakpoint', hits } : { kind: 'done' };
      }
      end = from.position;
      last = end;
      // Nobody comes to the first.
      if (end === 0) track.restore(from);
    }
    if (track.frame === null) return { kind: 'start' };
    const hits = this.breakpoints.at(track.frame, track);
    return hits.length > 0 ? { kind: 'breakpoint', hits } : { kind: 'start' };
  }

  /** Puts a track that has failed on its way back to where it stood. */
  recover(position: number): void {
    this.track.discard();
    this.track.restore(this.history.before(position)!);
    this.runTo(position, null, this.approach(position));
  }

  /** To a position by the shortest way. */
  private seek(position: number, meter: Meter | null): string | null {
    const { track, history } = this;
    if (position === track.position || (position > track.position && track.result !== null)) return null;
    const near = history.before(position);
    if (near !== undefined && (position < track.position || near.position > track.position))
      track.restore(near);
    return this.runTo(position, meter, this.approach(position));
  }

  /** Checkpoints are the closer to one another the closer they are to where the way ends. */
  private approach(position: number): () => number {
    const { track } = this;
    return () => {
      const rest = Math.floor((position - track.position) / 4);
      return Math.max(NEAR_SPACING, this.toll, Math.min(rest, SLICE));
    };
  }

  /** Saving takes no more time than running. */
  private get toll(): number {
    return this.history.before(this.track.position)?.toll ?? 0;
  }

  /** @returns why it ends before the position, though neither the operation nor a visitor does */
  private runTo(
    position: number,
    meter: Meter | null,
    spacing: () => number,
    isDone: () => boolean = () => false,
  ): string | null {
    const { track, history } = this;
    const isThere = (): boolean => track.position >= position || track.result !== null || isDone();
    while (!isThere()) {
      const due = (history.before(track.position)?.position ?? -1) + Math.ceil(spacing());
      if (due <= track.position || history.size === 0) history.add(track.save());
      // Steps may be used up by an earlier part of the move; time is asked for once something has run.
      if (meter !== null && meter.left <= 0) return meter.reason;
      const from = track.position;
      const next = due <= from ? from + spacing() : due;
      track.run(Math.min(position, next, from + SLICE, from + (meter?.left ?? SLICE)));
      if (meter === null) continue;
      meter.left -= track.position - from;
      const reason = isThere() ? null : meter.reason;
      if (reason !== null) return reason;
    }
    return null;
  }

  private atCeiling(): StopReason {
    return { kind: 'limit', reason: `${this.ceiling} steps, the most that this EVM runs` };
  }
}

/** Remembers the last position, up to `last`, at which something holds. */
class Search {
  position = -1;
  hits: readonly SetBreakpoint[] = [];
  private readonly track: Track;
  private readonly breakpoints: Breakpoints;
  private readonly goal: Goal;
  private readonly last: number;

  constructor(track: Track, breakpoints: Breakpoints, goal: Goal, last: number) {
    this.track = track;
    this.breakpoints = breakpoints;
    this.goal = goal;
    this.last = last;
  }

  arrive(frame: Frame): void {
    const { track } = this;
    if (track.position > this.last) return;
    const hits = this.breakpoints.at(frame, track);
    if (hits.length === 0 && !this.goal(frame)) return;
    this.position = track.position;
    this.hits = hits;
  }

  leave(...[end, leaf]: Parameters<Breakpoints['atEnd']>): void {
    const found = this.breakpoints.atEnd(end, leaf);
    if (found.length === 0) return;
    const position = this.track.position - 1;
    this.hits = position === this.position ? [...new Set([...this.hits, ...found])] : found;
    this.position = position;
  }
}
