/** Makes a finding small: fewer transactions, less calldata, zeros, no reentrancy, no ether, where it stays a finding. */

import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import { EMPTY_STEP } from './runner.ts';
import type { Finding, Step } from './step.ts';

/** Sequences that are tried at most. */
const MAX_TRIES = 3_000;
const SELECTOR = 4;
const WORD = 32;
/** Rounds over everything end when nothing gets smaller, which is after two or three. */
const MAX_ROUNDS = 6;

/**
 * @param replay what a sequence reaches of the goal, or null
 * @param interrupted ends it where it is
 */
export function minimise(
  finding: Finding,
  replay: (steps: readonly Step[]) => Finding | null,
  interrupted: () => boolean = () => false,
): Finding {
  let best = finding;
  let tries = 0;
  const accept = (steps: readonly Step[]): boolean => {
    if (tries++ >= MAX_TRIES || interrupted()) return false;
    const found = replay(steps);
    if (found === null) return false;
    best = found;
    return true;
  };
  for (let round = 0, changed = true; changed && round < MAX_ROUNDS; round++) {
    changed = false;
    for (let i = best.steps.length - 1; i >= 0; i--) {
      if (best.steps.length > 1 && accept(best.steps.filter((_, k) => k !== i))) changed = true;
    }
    for (let i = 0; i < best.steps.length; i++) {
      for (const smaller of simplifications) {
        // A generator looks at the step anew after each success.
        for (const step of smaller(() => best.steps[i] ?? null)) {
          if (accept(best.steps.map((former, k) => (k === i ? step : former)))) changed = true;
        }
      }
    }
  }
  return best;
}

/** The steps to try instead of the current one. */
type Simplification = (current: () => Step | null) => Iterable<Step>;

const simplifications: readonly Simplification[] = [
  function* single(current) {
    const changes: readonly Partial<Step>[] = [
      { way: 'direct', reenterTimes: 0, reenterData: EMPTY_BYTES },
      { reenterTimes: 0, reenterData: EMPTY_BYTES },
      { reenterTimes: 1 },
      { value: 0n },
      { value: 1n },
      { caller: EMPTY_STEP.caller },
      { blocks: EMPTY_STEP.blocks },
      { seconds: EMPTY_STEP.seconds },
    ];
    for (const change of changes) {
      const step = current();
      if (step === null) return;
      const differs = Object.entries(change).some(([name, value]) => !same(step[name as keyof Step], value));
      const isLess = change.reenterTimes === undefined || step.reenterTimes > change.reenterTimes;
      const isSmaller = change.value === undefined || step.value > change.value;
      if (differs && (isLess || change.way !== undefined) && isSmaller) yield { ...step, ...change };
    }
  },
  (current) => shorter(current, 'data'),
  (current) => shorter(current, 'reenterData'),
  (current) => zeroed(current, 'data'),
  (current) => zeroed(current, 'reenterData'),
];

const same = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.length === 0);

type Field = 'data' | 'reenterData';

function* shorter(current: () => Step | null, field: Field): Iterable<Step> {
  for (let cut = current()?.[field].length ?? 0; cut > 0; cut = Math.floor(cut / 2)) {
    for (;;) {
      const step = current();
      if (step === null || step[field].length < cut) break;
      const { length } = step[field];
      yield { ...step, [field]: step[field].slice(0, length - cut) };
      if (current()?.[field].length === length) break;
    }
  }
}

function* zeroed(current: () => Step | null, field: Field): Iterable<Step> {
  for (const size of [WORD, 1]) {
    const start = current();
    if (start === null) return;
    for (let at = SELECTOR; at < start[field].length; at += size) {
      const step = current();
      if (step === null) return;
      const end = Math.min(at + size, step[field].length);
      if (step[field].subarray(at, end).every((byte) => byte === 0)) continue;
      const copy = step[field].slice();
      copy.fill(0, at, end);
      yield { ...step, [field]: copy };
    }
  }
}
