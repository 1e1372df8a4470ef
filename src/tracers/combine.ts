/** Several tracers in one run. */

import type { Tracer } from '../machine/tracer.ts';

const HOOKS = [
  'begin',
  'enter',
  'resume',
  'step',
  'stepEnd',
  'exit',
  'end',
] as const satisfies readonly (keyof Tracer)[];

/** A tracer that calls each of these, in their order; a hook that none of them has is left out. */
export function combine(...tracers: readonly Tracer[]): Tracer {
  const combined: Record<string, (...args: unknown[]) => void> = {};
  for (const hook of HOOKS) {
    const calls = tracers.flatMap((tracer) => {
      const call = tracer[hook] as ((...args: unknown[]) => void) | undefined;
      return call === undefined ? [] : [call.bind(tracer)];
    });
    if (calls.length === 1) combined[hook] = calls[0]!;
    else if (calls.length > 1) {
      combined[hook] = (...args) => {
        for (const call of calls) call(...args);
      };
    }
  }
  return combined as Tracer;
}
