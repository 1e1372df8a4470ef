/** What counts as a difference, and the names of causes. */

import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type Contender,
  causeOf,
  compare,
  compareTraces,
  type KnownOutcome,
  knownOf,
  plainContender,
  referenceContender,
  traceCase,
  tracedContender,
} from '../../src/fuzz/compare.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { HALT_WORDS } from '../../src/machine/halt.ts';
import { code, push } from '../helpers/assembler.ts';
import { account, CONTRACT, caseWith, HAND_CASES, SENDER } from './hand-cases.ts';

const hash = (digit: string) => `0x${digit.repeat(64)}` as const;

const WHOLE: KnownOutcome = {
  valid: true,
  stateRoot: hash('a'),
  logsHash: hash('b'),
  gasUsed: 21_000n,
  output: '0xaa',
};

const fieldsOf = (a: Answer, b: Answer): string[] => {
  const verdict = compare(a, b);
  return verdict.kind === 'differ' ? verdict.differences.map(({ field }) => field) : [];
};

describe('compare', () => {
  it('agrees on all fields', () => {
    const compared = ['validity', 'output', 'logs', 'gas', 'root'];
    expect(compare(WHOLE, { ...WHOLE })).toEqual({ kind: 'agree', compared });
  });

  it.each([
    ['root', { stateRoot: hash('c') }],
    ['logs', { logsHash: hash('c') }],
    ['gas', { gasUsed: 21_001n }],
    ['output', { output: '0xab' }],
    ['output', { output: '0x' }],
  ] as const)('tells a difference in %s, with both values', (field, change) => {
    const verdict = compare(WHOLE, { ...WHOLE, ...change });
    const [value] = Object.values(change);
    expect(verdict).toEqual({
      kind: 'differ',
      differences: [{ field, a: expect.any(String), b: String(value) }],
    });
  });

  it('does not compare what one of them does not know', () => {
    const root = { stateRoot: hash('a') };
    expect(compare(WHOLE, root)).toEqual({ kind: 'agree', compared: ['root'] });
    expect(compare(root, { ...WHOLE, output: '0xff' })).toEqual({ kind: 'agree', compared: ['root'] });
    expect(fieldsOf(WHOLE, { stateRoot: hash('c') })).toEqual(['root']);
    expect(compare({ gasUsed: 1n }, root)).toMatchObject({ kind: 'not compared' });
    expect(compare({}, {})).toMatchObject({ kind: 'not compared' });
  });

  it('does not compare what a refused transaction used', () => {
    const refused: KnownOutcome = { ...WHOLE, valid: false, gasUsed: 0n, output: '0x' };
    expect(compare(refused, { ...refused, gasUsed: 9n, output: '0x01' })).toEqual({
      kind: 'agree',
      compared: ['validity', 'logs', 'root'],
    });
    expect(fieldsOf({ ...refused, words: 'poor' }, WHOLE)).toEqual(['validity']);
    expect(compare({ ...refused, words: 'poor' }, WHOLE)).toMatchObject({
      differences: [{ a: 'refused (poor)', b: 'valid' }],
    });
  });

  it('takes digits of both cases', () => {
    expect(fieldsOf(WHOLE, { ...WHOLE, stateRoot: hash('A'), output: '0xAA' })).toEqual([]);
  });

  it('never takes a case that was not run for an equal one', () => {
    expect(compare(WHOLE, { notCompared: 'no such fork' })).toEqual({
      kind: 'not compared',
      why: 'no such fork',
    });
    const failure = { failure: 'crash', detail: 'core dumped' } as const;
    expect(compare(WHOLE, failure)).toEqual({ kind: 'failed', side: 'b', failure });
    expect(compare(failure, WHOLE)).toEqual({ kind: 'failed', side: 'a', failure });
    expect(compare({ notCompared: '' }, failure)).toMatchObject({ kind: 'failed', side: 'b' });
  });
});

describe('own contenders', () => {
  it.each([...HAND_CASES])('agree: %s', async (_, fuzzCase) => {
    const plain = plainContender();
    for (const other of [referenceContender(), tracedContender()]) {
      expect(compare(await plain.run(fuzzCase), await other.run(fuzzCase))).toMatchObject({ kind: 'agree' });
    }
  });

  it('say what the runner says', async () => {
    const legacy = HAND_CASES.get('legacy')!;
    const outcome = new CaseRunner().run(legacy);
    expect(HALT_WORDS[outcome.halt!]).toBe('stopped');
    expect(await plainContender().run(legacy)).toEqual(knownOf(outcome));
    expect(knownOf(outcome)).toMatchObject({ valid: true, gasUsed: outcome.gasUsed });
    expect(await plainContender().run(caseWith({ tx: { nonce: 9n } }))).toMatchObject({
      valid: false,
      words: 'NONCE_MISMATCH_TOO_HIGH',
    });
  });

  it('trace every step, and the root', () => {
    const lines = traceCase(HAND_CASES.get('legacy')!);
    expect(JSON.parse(lines[0]!)).toMatchObject({ pc: 0, depth: 1 });
    expect(JSON.parse(lines.at(-1)!)).toEqual({
      stateRoot: new CaseRunner().run(HAND_CASES.get('legacy')!).stateRoot,
    });
  });
});

describe('causeOf', () => {
  const running = (program: Uint8Array, fork: 'Berlin' | 'Prague' = 'Prague') =>
    caseWith({
      fork,
      pre: new Map([
        [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
        [CONTRACT, account({ nonce: 1n, code: program })],
      ]),
    });
  /** A contender that runs other code than it is given: as an engine that is wrong does. */
  const wrong = (change: (program: Uint8Array) => Uint8Array): Contender => {
    const inner = plainContender();
    const spoil = (fuzzCase: ReturnType<typeof running>) =>
      running(change(fuzzCase.pre.get(CONTRACT)!.code), fuzzCase.fork as 'Prague');
    return { name: 'wrong', run: (c) => inner.run(spoil(c)), trace: (c) => inner.trace!(spoil(c)) };
  };
  const causeIn = async (program: Uint8Array, change: (p: Uint8Array) => Uint8Array, fork?: 'Berlin') => {
    const [a, b] = [plainContender(), wrong(change)];
    const fuzzCase = running(program, fork);
    const verdict = compare(await a.run(fuzzCase), await b.run(fuzzCase));
    return causeOf(verdict, await compareTraces(fuzzCase, a, b));
  };
  const program = code(push(7), push(5), 'ADD', push(1), 'SSTORE');
  const subtract = (bytes: Uint8Array) => bytes.map((byte) => (byte === 0x01 ? 0x03 : byte));

  it('names fields where no more is known', () => {
    const verdict = compare(WHOLE, { ...WHOLE, gasUsed: 1n, stateRoot: hash('c') });
    expect(causeOf(verdict)).toBe('gas+root');
    expect(causeOf(compare(WHOLE, { ...WHOLE, valid: false, stateRoot: hash('c') }))).toBe('validity');
    expect(causeOf(compare(WHOLE, WHOLE))).toBeNull();
    expect(causeOf(compare(WHOLE, { notCompared: 'x' }))).toBeNull();
    expect(causeOf(compare(WHOLE, { failure: 'timeout', detail: 'x' }))).toBe('timeout');
  });

  it('names the instruction, and nothing of values or forks', async () => {
    const other = code(push(700), push(512), 'ADD', push(9), 'SSTORE');
    const change = (bytes: Uint8Array) =>
      bytes.map((byte, i) => (i > 0 && bytes[i - 1] === 0x60 ? byte ^ 2 : byte));
    const cause = await causeIn(program, change);
    expect(cause).toBe('stack after PUSH1 in the outermost frame');
    expect(await causeIn(program, change, 'Berlin')).toBe(cause);
    expect(await causeIn(program, subtract)).toBe('op after PUSH1 in the outermost frame');
    expect(await causeIn(other, (bytes) => bytes.slice(0, -3))).toBe('end after ADD in the outermost frame');
  });

  it('says where the traces do not show it', async () => {
    const a = plainContender();
    const b: Contender = { ...a, run: () => ({ ...WHOLE }) };
    const fuzzCase = running(program);
    const verdict = compare(await a.run(fuzzCase), await b.run(fuzzCase));
    const traces = await compareTraces(fuzzCase, a, b);
    expect(causeOf(verdict, traces)).toBe('output+logs+gas+root after equal traces');
    const { trace: _, ...silent } = b;
    expect(await compareTraces(fuzzCase, a, silent)).toBeUndefined();
  });
});
