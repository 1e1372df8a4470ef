import { describe, expect, test } from 'vitest';
import { FORKS } from '../../src/forks/fork.ts';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { generateCase, type Profile } from '../../src/fuzz/generate/index.ts';
import { Random } from '../../src/fuzz/random.ts';

const seen = (coverage: Coverage) => ({
  fresh: coverage.take(),
  features: coverage.features,
  steps: coverage.steps,
  compared: coverage.operands.length,
  gasLeft: [...coverage.gasLeft].sort(),
});

describe('what a case reaches', () => {
  test.each<Profile>(['mixed', 'calls', 'storage', 'memory'])(
    'is the same in the fast loop and the reference: %s',
    (profile) => {
      const random = new Random(5n, 0);
      const [fast, slow] = [new Coverage('wasm'), new Coverage('bigint')];
      const [fastRunner, slowRunner] = [new CaseRunner(fast), new CaseRunner(slow)];
      for (let i = 0; i < 400; i++) {
        const fuzzCase = generateCase(random, { profile, forks: FORKS, opcodes: 150 });
        fast.begin();
        slow.begin();
        fastRunner.halt(fuzzCase);
        slowRunner.halt(fuzzCase);
        expect(seen(fast), `case ${i}, ${fuzzCase.fork}`).toEqual(seen(slow));
      }
      expect(slow.features).toBeGreaterThan(1_000);
    },
  );
});
