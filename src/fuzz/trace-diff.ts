/**
 * Where two EIP-3155 traces part. Owns which fields of a step count; keeps a few steps of context and no more,
 * however long the traces are.
 */

import { ErbiumError } from '../primitives/errors.ts';
import {
  endsFrame,
  type LineCounts,
  nameOfByte,
  StepReader,
  type TraceLine,
  type TraceStep,
} from './trace-step.ts';

/** What can be compared of a step, in the order in which differences are told. */
export const TRACE_FIELDS = [
  'depth',
  'pc',
  'op',
  'stack',
  'gas',
  'gasCost',
  'memSize',
  'memory',
  'refund',
  'returnData',
] as const;

export type TraceField = (typeof TRACE_FIELDS)[number];

/** What EVMs agree on where they are right; the others differ from tool to tool. */
export const DEFAULT_FIELDS: readonly TraceField[] = ['depth', 'pc', 'op', 'stack', 'gas'];

export interface TraceDiffOptions {
  /** `DEFAULT_FIELDS` unless said otherwise. A field that a line does not have is not compared. */
  readonly fields?: readonly TraceField[];
  /** How many items from the top of the stack are compared; 6 unless said otherwise. */
  readonly stackItems?: number;
  /** How many steps before the first difference are kept; 5 unless said otherwise. */
  readonly context?: number;
}

/** The instruction that the difference comes from, told so that the same fault has the same name in every fork. */
export interface Culprit {
  /** What ran last in the frame where the traces part; `start` where nothing ran. */
  readonly opName: string;
  readonly frame: 'outermost' | 'inner';
  /** What is different after it: the first field of `TRACE_FIELDS` that differs, `end`, or `stateRoot`. */
  readonly what: TraceField | 'end' | 'stateRoot';
}

export interface TraceDifference {
  /** `step`: two steps differ; `end`: one trace is over; `root`: the same steps, and another state. */
  readonly kind: 'step' | 'end' | 'root';
  /** Steps that are equal. */
  readonly equalSteps: number;
  /** The last of these, oldest first, as the first trace has them. */
  readonly context: readonly TraceStep[];
  /** The step where the traces part; null where the trace is over. */
  readonly a: TraceStep | null;
  readonly b: TraceStep | null;
  /** The fields that differ, in the order of `TRACE_FIELDS`; empty unless two steps differ. */
  readonly fields: readonly TraceField[];
  /** The state roots, for `root`. */
  readonly roots: readonly [a: string, b: string] | null;
  readonly culprit: Culprit;
}

export interface TraceDiffResult {
  /** null where the traces are equal. */
  readonly difference: TraceDifference | null;
  /** Steps that are equal. */
  readonly equalSteps: number;
  /** What was read of either; after a difference, not all of it. */
  readonly a: Readonly<LineCounts>;
  readonly b: Readonly<LineCounts>;
}

/** A reader's source: the lines in groups, as they arrive. */
export type TraceSource = AsyncIterable<readonly TraceLine[]>;

const DEFAULT_CONTEXT = 5;
const DEFAULT_STACK_ITEMS = 6;

/** Compares two traces that are at hand. */
export function diffTraces(
  a: Iterable<TraceLine>,
  b: Iterable<TraceLine>,
  options: TraceDiffOptions = {},
): TraceDiffResult {
  const comparison = new Comparison(options);
  const readers = [new StepReader(), new StepReader()] as const;
  const lines = [a[Symbol.iterator](), b[Symbol.iterator]()] as const;
  const next = (side: 0 | 1): TraceStep | null => {
    for (;;) {
      const { done, value } = lines[side].next();
      if (done) return null;
      const step = readers[side].read(value);
      if (step !== null) return step;
    }
  };
  for (;;) {
    const [stepA, stepB] = [next(0), next(1)];
    const isOver = comparison.take(stepA, stepB, readers[0].takeRoot(), readers[1].takeRoot());
    if (isOver) return comparison.result(readers[0].counts, readers[1].counts);
  }
}

/** Compares two traces as they arrive; neither is read further than to the first difference. */
export async function diffTraceStreams(
  a: TraceSource,
  b: TraceSource,
  options: TraceDiffOptions = {},
): Promise<TraceDiffResult> {
  const comparison = new Comparison(options);
  const [sideA, sideB] = [new Side(a), new Side(b)];
  try {
    for (;;) {
      // Waiting costs more than a step, so it is only done where there is something to wait for.
      const stepA = sideA.ready() ?? (await sideA.next());
      const stepB = sideB.ready() ?? (await sideB.next());
      const isOver = comparison.take(stepA, stepB, sideA.reader.takeRoot(), sideB.reader.takeRoot());
      if (isOver) return comparison.result(sideA.reader.counts, sideB.reader.counts);
    }
  } finally {
    await Promise.allSettled([sideA.stop(), sideB.stop()]);
  }
}

/** One trace that arrives in groups of lines. */
class Side {
  readonly reader = new StepReader();
  private readonly groups: AsyncIterator<readonly TraceLine[]>;
  private group: readonly TraceLine[] = [];
  private at = 0;

  constructor(source: TraceSource) {
    this.groups = source[Symbol.asyncIterator]();
  }

  /** The next step of the group at hand, or null where it has none left. */
  ready(): TraceStep | null {
    while (this.at < this.group.length) {
      const step = this.reader.read(this.group[this.at++]!);
      if (step !== null) return step;
    }
    return null;
  }

  /** The next step of the groups to come, or null at the end. */
  async next(): Promise<TraceStep | null> {
    for (;;) {
      const { done, value } = await this.groups.next();
      if (done) return null;
      this.group = value;
      this.at = 0;
      const step = this.ready();
      if (step !== null) return step;
    }
  }

  async stop(): Promise<void> {
    await this.groups.return?.();
  }
}

class Comparison {
  private readonly fields: readonly TraceField[];
  private readonly stackItems: number;
  /** A ring of the last equal steps. */
  private readonly ring: TraceStep[] = [];
  private readonly context: number;
  private equalSteps = 0;
  private last: TraceStep | null = null;
  /** By depth: the byte that ran last. Its length is that of the deepest frame, 1024 at most in an EVM. */
  private readonly lastOps: number[] = [];
  private difference: TraceDifference | null = null;

  constructor({ fields, stackItems, context }: TraceDiffOptions) {
    const wanted = new Set(fields ?? DEFAULT_FIELDS);
    this.fields = TRACE_FIELDS.filter((field) => wanted.has(field));
    this.stackItems = demand(stackItems ?? DEFAULT_STACK_ITEMS, 'stackItems');
    this.context = demand(context ?? DEFAULT_CONTEXT, 'context');
  }

  /** Takes the next step of both, null for an end, and the roots before it; true when the comparison is over. */
  take(a: TraceStep | null, b: TraceStep | null, rootA: string | null, rootB: string | null): boolean {
    if (rootA !== null && rootB !== null && rootA !== rootB) {
      this.differ('root', null, null, [], [rootA, rootB]);
      return true;
    }
    if (a === null || b === null) {
      if (a !== b) this.differ('end', a, b, [], null);
      return true;
    }
    const differing = this.fields.filter((field) => !this.isEqual(field, a, b));
    if (differing.length > 0) {
      this.differ('step', a, b, differing, null);
      return true;
    }
    if (this.context > 0) this.ring[this.equalSteps % this.context] = a;
    this.equalSteps++;
    this.last = a;
    if (a.depth <= MAX_DEPTH) this.lastOps[a.depth] = a.op;
    return false;
  }

  result(a: LineCounts, b: LineCounts): TraceDiffResult {
    return { difference: this.difference, equalSteps: this.equalSteps, a, b };
  }

  private isEqual(field: TraceField, a: TraceStep, b: TraceStep): boolean {
    if (field === 'stack') return this.differingItem(a.stack, b.stack) < 0;
    if (a[field] === null || b[field] === null) return true;
    return a[field] === b[field];
  }

  private differingItem(a: TraceStep['stack'], b: TraceStep['stack']): number {
    return a === null || b === null ? -1 : differingItem(a, b, this.stackItems);
  }

  private differ(
    kind: TraceDifference['kind'],
    a: TraceStep | null,
    b: TraceStep | null,
    fields: readonly TraceField[],
    roots: readonly [string, string] | null,
  ): void {
    const { equalSteps, ring, context } = this;
    const start = context === 0 || equalSteps < context ? 0 : equalSteps % context;
    const inOrder = [...ring.slice(start), ...ring.slice(0, start)];
    const culprit = this.culpritOf(kind, a, b, fields);
    this.difference = { kind, equalSteps, context: inOrder, a, b, fields, roots, culprit };
  }

  private culpritOf(
    kind: TraceDifference['kind'],
    a: TraceStep | null,
    b: TraceStep | null,
    fields: readonly TraceField[],
  ): Culprit {
    const { last } = this;
    if (last === null) return { opName: 'start', frame: 'outermost', what: whatOf(kind, fields) };
    const what = whatOf(kind, fields);
    // Values are those before a step, so what ran before it made them. Where both went back to the caller that was
    // the call, unless the child ended with a STOP, which traces do not show, and its gas is wrong since before.
    const depth = Math.min(Math.max(a?.depth ?? 0, b?.depth ?? 0, 1), last.depth);
    const isCall = depth < last.depth && !(what === 'gas' && !endsFrame(last.op));
    return {
      opName: nameOfByte((isCall ? this.lastOps[depth] : undefined) ?? last.op),
      frame: (isCall ? depth : last.depth) > 1 ? 'inner' : 'outermost',
      what,
    };
  }
}

/** Frames beyond are no EVM's, and only memory would remember them. */
const MAX_DEPTH = 1_025;

function demand(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ErbiumError('INVALID_ARGUMENT', `${name}: expected a whole number, got ${value}`);
}

const whatOf = (kind: TraceDifference['kind'], fields: readonly TraceField[]): Culprit['what'] => {
  if (kind === 'root') return 'stateRoot';
  return kind === 'end' ? 'end' : fields[0]!;
};

/** The place from the top, 0 first, of the first item that differs among the `count` topmost, or -1. */
export function differingItem(a: readonly string[], b: readonly string[], count: number): number {
  for (let i = 0; i < count; i++) {
    const [itemA, itemB] = [a[a.length - 1 - i], b[b.length - 1 - i]];
    if (itemA !== itemB) return i;
    if (itemA === undefined) break;
  }
  return -1;
}
