import { describe, expect, test } from 'vitest';
import type { Contender } from '../../bench/contender.ts';
import { ownWorkloads } from '../../bench/contracts.ts';
import { erbium } from '../../bench/erbium.ts';
import { ethereumjs } from '../../bench/ethereumjs.ts';
import { difference, type Outcome } from '../../bench/outcome.ts';
import { parseWorkload, type Workload } from '../../bench/workload.ts';
import { FILE } from './support.ts';

async function outcomesOf(contender: Contender, workload: Workload, times: number): Promise<Outcome[]> {
  const runner = await contender.prepare(workload);
  const outcomes: Outcome[] = [];
  for (let i = 0; i < times; i++) {
    await runner.reset();
    await runner.run();
    outcomes.push(runner.outcome());
  }
  return outcomes;
}

describe.each([erbium(), ethereumjs])('$name', (contender) => {
  test('leaves behind what is expected, each time anew', async () => {
    const workload = parseWorkload(JSON.stringify(FILE), 'a.json');
    for (const outcome of await outcomesOf(contender, workload, 3)) {
      expect(difference(outcome, workload.expect)).toBeNull();
    }
  });

  test('a revert and a failure are told apart', async () => {
    const workload = parseWorkload(JSON.stringify(FILE), 'a.json');
    const statusOf = async (...runtime: number[]) =>
      (await outcomesOf(contender, { ...workload, runtime: Uint8Array.from(runtime) }, 1))[0]!.status;
    expect(await statusOf(0x5f, 0x5f, 0xfd)).toBe('revert');
    expect(await statusOf(0xfe)).toBe('failure');
  });
});

test.each(ownWorkloads())('both agree on $name', async (workload) => {
  const [ours] = await outcomesOf(erbium(), workload, 1);
  const [theirs] = await outcomesOf(ethereumjs, workload, 1);
  expect(ours!.status).toBe('success');
  expect(ours).toEqual(theirs);
});

test('a difference names the field and both values', async () => {
  const workload = parseWorkload(JSON.stringify(FILE), 'a.json');
  const [outcome] = await outcomesOf(erbium(), workload, 1);
  expect(difference(outcome!, { ...workload.expect, gasUsed: 1n })).toBe('gasUsed is 22122, not 1');
  expect(difference(outcome!, {})).toBeNull();
});
