/** Erbium with an EIP-3155 trace to /dev/null: what tracing costs. */

import { openSync, writeSync } from 'node:fs';
import { createMachine } from '../src/evm/machine.ts';
import { rulesOf } from '../src/forks/rules.ts';
import { eip3155Tracer } from '../src/tracers/eip3155.ts';
import type { Contender, Runner } from './contender.ts';
import { erbium } from './erbium.ts';

export function traced(): Contender {
  const nowhere = openSync('/dev/null', 'w');
  const tracer = eip3155Tracer({ write: (chunk) => writeSync(nowhere, chunk) });
  const silent = erbium(createMachine({ rules: rulesOf('Cancun'), tracer }));
  return {
    name: 'traced',
    prepare: async (workload): Promise<Runner> => {
      const runner = await silent.prepare(workload);
      return {
        reset: () => runner.reset(),
        run() {
          runner.run();
          tracer.flush();
        },
        outcome: () => runner.outcome(),
      };
    },
  };
}
