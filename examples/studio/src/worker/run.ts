/** Runs a case: once on the engine that was chosen, and once more with tracers. Each has seconds, not minutes. */

import type { EvmResult, Rejected } from 'erbium';
import { StateTestRunner } from 'erbium/statetest';
import { type CallFrame, callTracer, combine, flameGraph, gasProfile } from 'erbium/tracers';
import type { Engine } from '../model/case.ts';
import type { Prepared } from './prepare.ts';
import type { Outcome, Traced, Verdict } from './protocol.ts';

/** Milliseconds of one run. */
export const RUN_MS = 3_000;
/** Bytes that the call tracer may keep: more calls than these nobody looks through. */
const CALLS_BYTES = 2 ** 22;
/** A profile is that large on paper only: it counts the names on the way to each call, and 1,024 calls deep these add up. */
const PROFILE_BYTES = 2 ** 26;
/** Calls that the page shows, and how deep; a tree may have 100,000 calls. */
const MOST_CALLS = 500;
const DEEPEST = 100;
/** Characters of the output that the page shows. */
const OUTPUT_DIGITS = 20_000;

export function runPlainly(prepared: Prepared, engine: Engine): Outcome {
  const evm = prepared.evm();
  const start = performance.now();
  const result = prepared.run(evm, RUN_MS);
  return { ...shown(result), engine, milliseconds: performance.now() - start };
}

function shown(result: EvmResult | Rejected): Omit<Outcome, 'engine' | 'milliseconds'> {
  const { status, reason, gasUsed, gasRefunded, created, logs, diff } = result;
  const output = result.output.slice(0, OUTPUT_DIGITS) as typeof result.output;
  return { status, reason, gasUsed, gasRefunded, output, created, logs: logs.slice(0, 1_000), diff };
}

export function runTraced(prepared: Prepared): Traced {
  const calls = callTracer({ maxBytes: CALLS_BYTES, withLog: true });
  const profile = gasProfile({ maxBytes: PROFILE_BYTES });
  const result = prepared.run(prepared.evm({ tracer: combine(calls, profile) }), RUN_MS);
  if (result.status === 'invalid') return { calls: null, flame: null, callsNote: null, gasNote: null };
  const room = { left: MOST_CALLS, isCut: false };
  const tree = cut(calls.result(), 0, room);
  const stopped =
    result.status === 'limit' &&
    `The traced run was stopped (${result.reason}): this is what had happened by then.`;
  const isCut = room.isCut && `Shown are ${MOST_CALLS} calls at most, down to a depth of ${DEEPEST}.`;
  return {
    calls: tree,
    flame:
      profile.root.children.size === 0
        ? null
        : flameGraph(profile, { title: 'Where the gas went', width: 960 }),
    callsNote: sentences(stopped, isCut, calls.limitMet),
    gasNote: sentences(stopped, profile.limitMet),
  };
}

/** Of what there is to say; null where there is nothing. */
function sentences(...parts: readonly (string | false | null)[]): string | null {
  const said = parts.filter((part) => typeof part === 'string');
  const whole = said.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1).replace(/\.$/, '')}.`);
  return whole.length === 0 ? null : whole.join(' ');
}

/** As much of the tree as the page shows; besides, no message can carry one of 1,024 calls in one another. */
function cut(call: CallFrame, depth: number, room: { left: number; isCut: boolean }): CallFrame {
  const { calls = [], ...rest } = call;
  const kept: CallFrame[] = [];
  for (const child of calls) {
    if (depth >= DEEPEST || room.left <= 0) {
      room.isCut = true;
      break;
    }
    room.left--;
    kept.push(cut(child, depth + 1, room));
  }
  return kept.length === 0 ? rest : { ...rest, calls: kept };
}

export function verdictOf({ testCase }: Prepared, engine: Engine): Verdict | null {
  if (testCase === null) return null;
  const { pass, mismatches, differences } = new StateTestRunner({ engine }).run(testCase);
  const problems = [
    ...mismatches.map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`),
    ...differences.map(
      ({ address, field, expected, got }) => `${address} ${field}: expected ${expected}, got ${got}`,
    ),
  ];
  return { pass, problems };
}
