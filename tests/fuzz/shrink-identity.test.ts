/** Which differences are one and the same to the shrinker. */

import { describe, expect, it } from 'vitest';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import {
  type Contender,
  FIELDS,
  type Field,
  knownOf,
  plainContender,
  tracedContender,
} from '../../src/fuzz/compare.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { type Difference, isSameDifference, stillDiffers } from '../../src/fuzz/shrink-identity.ts';
import { diffTraces } from '../../src/fuzz/trace-diff.ts';
import { code, push } from '../helpers/assembler.ts';
import { account, CONTRACT, caseWith, SENDER } from './hand-cases.ts';

const differing = (...fields: readonly Field[]): Difference['verdict'] => ({
  kind: 'differ',
  differences: FIELDS.filter((field) => fields.includes(field)).map((field) => ({ field, a: '1', b: '2' })),
});

const untraced = (...fields: readonly Field[]): Difference => ({
  verdict: differing(...fields),
  traces: undefined,
});

interface Line {
  readonly pc: number;
  readonly op: number;
  readonly gas: number;
  readonly depth: number;
  readonly stack: readonly string[];
}

const line = (op: number, parts: Partial<Line> = {}): Line => ({
  pc: 0,
  op,
  gas: 9,
  depth: 1,
  stack: [],
  ...parts,
});

/** Traces that part behind the instruction. */
const traced = (fields: readonly Field[], op: number, a: Line[], b: Line[], depth = 1): Difference => ({
  verdict: differing(...fields),
  traces: diffTraces([line(op, { depth }), ...a], [line(op, { depth }), ...b]),
});

const [EXP, MLOAD, JUMP] = [0x0a, 0x51, 0x56];

describe('without traces', () => {
  it('what follows from the leading field comes and goes', () => {
    expect(isSameDifference(untraced('gas', 'output', 'root'), untraced('gas', 'root'))).toBe(true);
    expect(isSameDifference(untraced('gas', 'root'), untraced('gas', 'output', 'logs', 'root'))).toBe(true);
    expect(isSameDifference(untraced('output', 'root'), untraced('output'))).toBe(true);
  });

  it('the leading field stays', () => {
    expect(isSameDifference(untraced('gas', 'output', 'root'), untraced('output', 'root'))).toBe(false);
    expect(isSameDifference(untraced('output', 'root'), untraced('root'))).toBe(false);
    expect(isSameDifference(untraced('logs'), untraced('root'))).toBe(false);
  });

  it('validity is like nothing else', () => {
    expect(isSameDifference(untraced('validity', 'root'), untraced('validity'))).toBe(true);
    expect(isSameDifference(untraced('validity', 'root'), untraced('root'))).toBe(false);
    expect(isSameDifference(untraced('root'), untraced('validity', 'root'))).toBe(false);
  });
});

describe('with traces', () => {
  const gasAfter = (op: number, fields: readonly Field[], depth = 1): Difference =>
    traced(fields, op, [line(1, { pc: 1, depth })], [line(1, { pc: 1, depth, gas: 8 })], depth);

  it('the instruction and what is wrong after it count, and not the fields, nor the frame', () => {
    const first = gasAfter(EXP, ['output', 'gas', 'root']);
    expect(isSameDifference(first, gasAfter(EXP, ['gas', 'root']))).toBe(true);
    expect(isSameDifference(first, gasAfter(EXP, ['root'], 2))).toBe(true);
    expect(isSameDifference(first, gasAfter(MLOAD, ['output', 'gas', 'root']))).toBe(false);
    const stack = traced(['gas', 'root'], EXP, [line(1, { stack: ['0x1'] })], [line(1, { stack: ['0x2'] })]);
    expect(isSameDifference(first, stack)).toBe(false);
  });

  it('one that ends and one that goes on elsewhere are alike', () => {
    const ends = traced(['gas'], JUMP, [line(1, { pc: 7 })], []);
    const caller = traced(['gas'], JUMP, [line(1, { pc: 7, depth: 2 })], [line(1, { depth: 1 })], 2);
    expect(isSameDifference(ends, caller)).toBe(true);
  });

  it('after equal traces the leading field counts', () => {
    const equal = (...fields: readonly Field[]): Difference => traced(fields, EXP, [], []);
    expect(isSameDifference(equal('gas', 'root'), equal('gas', 'output', 'root'))).toBe(true);
    expect(isSameDifference(equal('gas', 'root'), equal('root'))).toBe(false);
    expect(isSameDifference(equal('gas', 'root'), gasAfter(EXP, ['gas', 'root']))).toBe(false);
  });
});

describe('the predicate', () => {
  const fuzzCase = caseWith({
    pre: new Map([
      [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
      [CONTRACT, account({ nonce: 1n, code: code(push(1), push(2), 'SSTORE') })],
    ]),
  });
  const runner = new CaseRunner();
  const own: Contender = { name: 'own', run: (candidate) => knownOf(runner.run(candidate)) };
  const first = untraced('gas', 'root');

  /** Wrong once it has run a case, as one that leaves something behind. */
  const leaky = (): Contender => {
    let runs = 0;
    return {
      name: 'leaky',
      run: (candidate: FuzzCase) => ({
        ...knownOf(runner.run(candidate)),
        ...(runs++ > 0 ? { gasUsed: 1n } : {}),
      }),
      fresh: leaky,
    };
  };

  it('does not hold of what fails only because of a case before it', async () => {
    const rival = leaky();
    expect(await stillDiffers(first, own, rival)(fuzzCase)).toBe(false);
    expect(await stillDiffers(first, own, rival)(fuzzCase)).toBe(false);
    expect(await stillDiffers(first, own, { name: rival.name, run: rival.run })(fuzzCase)).toBe(true);
  });

  it('does not hold of something thrown', async () => {
    const run = (): never => {
      throw new TypeError('of another bug');
    };
    expect(await stillDiffers(first, own, { name: 'broken', run })(fuzzCase)).toBe(false);
  });

  it('does not hold where all agree', async () => {
    expect(await stillDiffers(first, plainContender(), tracedContender())(fuzzCase)).toBe(false);
  });
});
