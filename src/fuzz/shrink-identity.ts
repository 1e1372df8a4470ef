/**
 * Which differences are one and the same, as the shrinker has to know: a smaller case shows less of what follows from a
 * bug, and may show it in another frame or fork, but no other bug may take its place.
 */

import type { FuzzCase } from './case.ts';
import { type Contender, compare, compareTraces, type Field, type Verdict } from './compare.ts';
import type { Culprit, TraceDiffResult } from './trace-diff.ts';

/** How two contenders differ about a case. */
export interface Difference {
  readonly verdict: Extract<Verdict, { kind: 'differ' }>;
  /** Where their traces part; undefined where one of them makes none. */
  readonly traces: TraceDiffResult | undefined;
}

/** What says most of a cause, first: another way through the code costs other gas, and all else may follow from it. */
const LEADING: readonly Field[] = ['validity', 'gas', 'output', 'logs', 'root'];

/** Another frame or another last instruction makes one of the others of these. */
const FLOW: ReadonlySet<Culprit['what']> = new Set(['depth', 'pc', 'op', 'end'] as const);

const fieldsOf = ({ verdict }: Difference): readonly Field[] => verdict.differences.map(({ field }) => field);

/** The instruction at which traces part, and what is wrong after it; null where they are equal or not known. */
function stepOf({ traces }: Difference): string | null {
  const difference = traces?.difference ?? null;
  if (difference === null || difference.kind === 'root') return null;
  const { opName, what } = difference.culprit;
  return `${FLOW.has(what) ? 'flow' : what} after ${opName}`;
}

/**
 * Whether another case shows what a first one did. Where traces part at a step, that is the instruction and what is wrong
 * after it. Else it is the field that says most of what the first differed in: the others come and go with it.
 */
export function isSameDifference(first: Difference, other: Difference): boolean {
  const [fields, otherFields] = [fieldsOf(first), fieldsOf(other)];
  // Of a refused transaction nothing else is known, and its trace is empty.
  if (fields.includes('validity') || otherFields.includes('validity')) return fields[0] === otherFields[0];
  const step = stepOf(first);
  if (step !== stepOf(other)) return false;
  return step !== null || otherFields.includes(LEADING.find((field) => fields.includes(field))!);
}

/** A contender as it is before it has run a case, where it can be had so. */
export const freshOf = (contender: Contender): Contender => contender.fresh?.() ?? contender;

/** The predicate of a shrink: whether two contenders show of a case what they showed first. What is thrown is no such thing. */
export const stillDiffers =
  (first: Difference, a: Contender, b: Contender) =>
  async (candidate: FuzzCase): Promise<boolean> => {
    try {
      // Those at hand answer sooner than new ones, and most cases do not fail at all.
      if (compare(await a.run(candidate), await b.run(candidate)).kind !== 'differ') return false;
      // That it fails only because of what ran before it would be of no use.
      const [freshA, freshB] = [freshOf(a), freshOf(b)];
      const verdict = compare(await freshA.run(candidate), await freshB.run(candidate));
      if (verdict.kind !== 'differ') return false;
      const traces = first.traces === undefined ? undefined : await compareTraces(candidate, a, b);
      return isSameDifference(first, { verdict, traces });
    } catch {
      return false;
    }
  };
