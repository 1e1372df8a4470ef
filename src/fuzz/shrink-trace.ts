/**
 * What a run of a case shows of its code, as hints for the shrinker: which instructions run, and what is on the stack
 * before them. A hint that is wrong costs a try and nothing else.
 */

import type { Code } from '../machine/code.ts';
import type { Frame } from '../machine/frame.ts';
import type { Tracer } from '../machine/tracer.ts';
import { equalBytes } from '../primitives/bytes.ts';
import type { FuzzCase } from './case.ts';
import { CaseRunner } from './execute.ts';

/** Words that are kept of a stack: as many as SWAP16 reaches, and those of a call below it. */
const MOST_WORDS = 24;
/** Instructions after which a run is not looked at any longer. */
const MOST_STEPS = 200_000;

/** The first time that an instruction ran. */
export interface Visit {
  readonly pc: number;
  /** The upper words of the stack before it, the uppermost last. */
  readonly stack: readonly bigint[];
}

class Watch implements Tracer {
  readonly visits = new Map<Code, Map<number, Visit>>();
  steps = 0;

  step({ code, pc, stack, sp }: Frame): void {
    this.steps++;
    let known = this.visits.get(code);
    if (known === undefined) {
      known = new Map();
      this.visits.set(code, known);
    }
    if (this.steps > MOST_STEPS || known.has(pc)) return;
    known.set(pc, { pc, stack: stack.slice(Math.max(0, sp - MOST_WORDS), sp) });
  }
}

/** The visits of each code of a case, by its bytes, in the order in which they happened. */
export function observe(fuzzCase: FuzzCase): (code: Uint8Array) => readonly Visit[] {
  const watch = new Watch();
  try {
    new CaseRunner(watch).halt(fuzzCase, () => watch.steps > MOST_STEPS);
  } catch {
    // That the machine breaks may be the very failure that is shrunk. What was seen until then is good enough.
  }
  return (code) => {
    for (const [ran, visits] of watch.visits) if (equalBytes(ran.bytes, code)) return [...visits.values()];
    return [];
  };
}
