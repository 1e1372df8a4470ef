/** Where a campaign cuts the gas of the cases that it keeps: just behind an instruction that reached something new. */

import { expect, it } from 'vitest';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { Halt } from '../../src/machine/halt.ts';
import { EMPTY_BYTES } from '../../src/primitives/bytes.ts';
import { code, push } from '../helpers/assembler.ts';
import { account, CONTRACT, caseWith, SENDER } from './hand-cases.ts';

const program = code(
  [push(7), push(3), 'MUL', push(2), 'SSTORE'],
  [push(64), push(0), 'KECCAK256', 'DUP1', push(32), 'MSTORE'],
  [push(1), push(2), push(0), 'LOG1', 'PC'],
);
const sent = caseWith({
  // Calldata has a price of its own, below which nothing runs.
  tx: { data: EMPTY_BYTES },
  pre: new Map([
    [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
    [CONTRACT, account({ code: program })],
  ]),
});
const withGas = (gasLimit: bigint): FuzzCase => ({ ...sent, tx: { ...sent.tx, gasLimit } });

const coverage = new Coverage();
const runner = new CaseRunner(coverage);
const run = (fuzzCase: FuzzCase): { halt: Halt | null; steps: number } => {
  coverage.begin();
  const halt = runner.halt(fuzzCase);
  return { halt, steps: coverage.steps };
};

it('an instruction runs with the gas of a cut, and not with one less', () => {
  run(sent);
  const cuts = coverage.gasLeft.map((left) => sent.tx.gasLimit - left);
  expect(cuts.length).toBeGreaterThan(10);
  for (const cut of cuts) {
    const [enough, less] = [run(withGas(cut)), run(withGas(cut - 1n))];
    expect(less.halt).toBeGreaterThan(Halt.SelfDestruct);
    expect(enough.steps).toBe(less.steps + 1);
  }
});

it('there are none where nothing is new', () => {
  run(sent);
  coverage.take();
  run(sent);
  expect(coverage.gasLeft).toEqual([]);
});
