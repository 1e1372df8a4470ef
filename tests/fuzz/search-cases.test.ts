/** Sequences of a search as state tests and as JSON. */

import { describe, expect, test } from 'vitest';
import { FORKS } from '../../src/forks/fork.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { fixtureText } from '../../src/fuzz/fixture.ts';
import { ATTACKER_CONTRACT, CALLERS } from '../../src/fuzz/search/attacker.ts';
import { casesOf } from '../../src/fuzz/search/cases.ts';
import { reachGoal } from '../../src/fuzz/search/goals.ts';
import { EMPTY_STEP } from '../../src/fuzz/search/runner.ts';
import { stepsFromJson, stepToJson } from '../../src/fuzz/search/sequence.ts';
import type { Step } from '../../src/fuzz/search/step.ts';
import { HALT_WORDS } from '../../src/machine/halt.ts';
import { bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { code } from '../helpers/assembler.ts';
import { compile, SETTING, searched } from './search-contracts.ts';

describe('the cases of a sequence', { timeout: 120_000 }, () => {
  test('come out as the sequence did, one after the other', () => {
    for (const [name, goal] of [
      ['Bank', { kind: 'drain' }],
      ['Wallet', reachGoal('SELFDESTRUCT')],
      ['Game', reachGoal('panic:1')],
    ] as const) {
      const setting = { ...SETTING, balance: name === 'Game' ? 0n : SETTING.balance };
      const init = compile(`${name}.sol`)[name]!;
      const { steps } = searched({ ...setting, code: init, goals: [goal] }, 10_000).finding!;
      const cases = casesOf({ ...setting, code: init }, steps);
      expect(cases).toHaveLength(steps.length);
      for (const [i, { fuzzCase, post }] of cases.entries()) {
        const { invalid, gasUsed, output, halt } = new CaseRunner().run(fuzzCase);
        expect({ invalid, gasUsed, output, status: HALT_WORDS[halt!] }).toEqual({
          invalid: null,
          gasUsed: steps[i]!.gasUsed,
          output: bytesToHex(steps[i]!.output),
          status: steps[i]!.status,
        });
        const next = cases[i + 1]?.fuzzCase.pre ?? post;
        // The attacker's contract is made what the next transaction needs.
        const others = [...post].filter(([address]) => address !== ATTACKER_CONTRACT);
        expect([...next].filter(([address]) => address !== ATTACKER_CONTRACT)).toEqual(others);
        // Signed with the sender's key, or this throws.
        expect(fixtureText(fuzzCase, new CaseRunner().run(fuzzCase), name)).toContain('"secretKey"');
      }
    }
  });

  test('are such on every fork', () => {
    for (const fork of FORKS) {
      const setting = { ...SETTING, create: false, code: code('CALLER', 'SELFDESTRUCT'), fork };
      const step = { ...EMPTY_STEP, value: 5n };
      for (const way of ['direct', 'contract', 'force'] as const) {
        for (const { fuzzCase } of casesOf(setting, [
          { ...step, way },
          { ...step, way },
        ])) {
          const outcome = new CaseRunner().run(fuzzCase);
          expect(outcome.invalid, fork).toBeNull();
          expect(fixtureText(fuzzCase, outcome, 'x')).toContain('"txbytes"');
        }
      }
    }
  });
});

describe('sequences as JSON', () => {
  const steps: Step[] = [
    { ...EMPTY_STEP, value: 7n, data: hexToBytes('aabb'), blocks: 3n, seconds: 9n },
    { ...EMPTY_STEP, way: 'contract', caller: CALLERS[1]!, reenterTimes: 2, reenterData: hexToBytes('cc') },
  ];
  const json = () => JSON.parse(JSON.stringify(steps.map(stepToJson)));

  test('come back as they were', () => {
    expect(stepsFromJson(json(), 'file')).toEqual(steps);
  });

  test.each<[string, unknown, string]>([
    ['way', 'other', 'file[1].way: expected one of direct, contract, force'],
    ['from', '0x01', 'file[1].from'],
    ['from', `0x${'11'.repeat(20)}`, `file[1].from: 0x${'11'.repeat(20)} is no account of the attacker`],
    ['value', '-1', 'file[1].value'],
    ['value', null, 'file[1].value: expected a number, got null'],
    ['data', '0x1', 'file[1].data'],
    ['again', 256, 'file[1].again'],
    ['seconds', {}, 'file[1].seconds: expected a number, got an object'],
  ])('with a wrong %s are refused', (field, value, problem) => {
    const list = json();
    list[1][field] = value;
    expect(() => stepsFromJson(list, 'file')).toThrow(problem);
    expect(() => stepsFromJson(list, 'file')).toThrow(expect.objectContaining({ code: 'INVALID_FIXTURE' }));
  });
});
