/** Where two traces part: geth's own, those of Erbium with a planted difference, and those of other habits. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceCase } from '../../src/fuzz/compare.ts';
import {
  diffTraceStreams,
  diffTraces,
  TRACE_FIELDS,
  type TraceDiffOptions,
} from '../../src/fuzz/trace-diff.ts';
import type { TraceLine } from '../../src/fuzz/trace-step.ts';
import { code, push } from '../helpers/assembler.ts';
import { traceFixture } from '../tracers/support.ts';
import { account, CONTRACT, caseWith, HAND_CASES, SENDER } from './hand-cases.ts';

const RECORDED =
  process.env.ERBIUM_GETH_TRACES ?? `${import.meta.dirname}/../../../shared/reference/geth-traces`;
const ENDING = '.trace.stderr';
const present = existsSync(RECORDED);

type Step = Record<string, unknown>;

const step = (parts: Step = {}): Step => ({
  pc: 0,
  op: 0x60,
  gas: '0x64',
  gasCost: '0x3',
  memSize: 0,
  stack: ['0x1', '0x2'],
  depth: 1,
  refund: 0,
  opName: 'PUSH1',
  ...parts,
});

/** Steps that differ from each other in their place. */
const steps = (count: number): Step[] => Array.from({ length: count }, (_, i) => step({ pc: 2 * i }));

const differenceOf = (a: readonly TraceLine[], b: readonly TraceLine[], options?: TraceDiffOptions) =>
  diffTraces(a, b, options).difference;

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

describe.skipIf(!present)(present ? 'recorded traces' : 'recorded traces (skipped: they are absent)', () => {
  const names = present
    ? readdirSync(RECORDED)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
    : [];
  const geth = (name: string) => linesOf(readFileSync(`${RECORDED}/${name}${ENDING}`, 'utf8'));
  const erbium = (name: string) =>
    linesOf(traceFixture(readFileSync(`${RECORDED}/${name}.json`, 'utf8')).text);

  it('are there', () => expect(names.length).toBeGreaterThanOrEqual(3));

  it.each(names)('%s equals that of Erbium in all fields', (name) => {
    const result = diffTraces(geth(name), erbium(name), { fields: TRACE_FIELDS, stackItems: 1024 });
    expect(result.difference).toBeNull();
    expect(result.equalSteps).toBeGreaterThan(4);
    expect(result.a.garbage + result.b.garbage).toBe(0);
  });

  it.each(names)('%s: a difference planted in any step is found there', (name) => {
    const lines = geth(name);
    const whole = diffTraces(lines, lines).equalSteps;
    let planted = 0;
    const places = lines.flatMap((line, i) =>
      line.includes('"pc"') && !line.includes('"op":0,') ? [i] : [],
    );
    for (const at of places) {
      const other = [...lines];
      const fields = JSON.parse(lines[at]!) as Step;
      other[at] = JSON.stringify({ ...fields, gas: '0x1' });
      const difference = differenceOf(lines, other);
      if (difference === null) continue;
      planted++;
      expect(difference).toMatchObject({
        kind: 'step',
        fields: ['gas'],
        a: { line: at + 1 },
        b: { gas: '1' },
      });
    }
    // The second line of an instruction that fails is not looked at.
    expect(planted).toBe(whole);
  });
});

describe('traces of Erbium', () => {
  const fuzzCase = HAND_CASES.get('legacy')!;
  const lines = traceCase(fuzzCase);

  it('equal themselves, line by line or parsed', () => {
    const parsed = lines.map((line) => JSON.parse(line) as object);
    expect(diffTraces(lines, parsed, { fields: TRACE_FIELDS }).difference).toBeNull();
    expect(diffTraces(lines, lines).equalSteps).toBeGreaterThan(10);
  });

  it('part in the instruction after the one that is wrong', () => {
    const of = (program: Uint8Array) =>
      traceCase(
        caseWith({
          pre: new Map([
            [SENDER, account({ nonce: 3n, balance: 10n ** 20n })],
            [CONTRACT, account({ nonce: 1n, code: program })],
          ]),
        }),
      );
    const right = of(code(push(7), push(5), 'ADD', 'POP'));
    const wrong = of(code(push(7), push(6), 'ADD', 'POP'));
    expect(differenceOf(right, wrong)).toMatchObject({
      kind: 'step',
      equalSteps: 2,
      fields: ['stack'],
      a: { pc: 4, opName: 'ADD', stack: ['7', '5'] },
      b: { stack: ['7', '6'] },
      context: [{ pc: 0 }, { pc: 2 }],
      culprit: { opName: 'PUSH1', frame: 'outermost', what: 'stack' },
    });
  });
});

describe('what is compared', () => {
  it.each([
    ['depth', { depth: 2 }],
    ['pc', { pc: 5 }],
    ['op', { op: 0x61 }],
    ['gas', { gas: '0x65' }],
    ['stack', { stack: ['0x1', '0x3'] }],
    ['stack', { stack: ['0x2'] }],
  ])('%s, unless it is ignored', (field, change) => {
    const [a, b] = [
      [...steps(3), step({ pc: 9 })],
      [...steps(3), step({ pc: 9, ...change })],
    ];
    expect(differenceOf(a, b)).toMatchObject({ kind: 'step', equalSteps: 3, fields: [field] });
    const fields = TRACE_FIELDS.filter((name) => name !== field);
    expect(differenceOf(a, b, { fields })).toBeNull();
  });

  it.each([
    ['gasCost', { gasCost: '0x4' }],
    ['memSize', { memSize: 32 }],
    ['refund', { refund: 1 }],
  ])('%s, if it is asked for', (field, change) => {
    const [a, b] = [[step()], [step(change)]];
    expect(differenceOf(a, b)).toBeNull();
    expect(differenceOf(a, b, { fields: TRACE_FIELDS })).toMatchObject({ fields: [field] });
  });

  it('memory and return data, where both lines have them', () => {
    for (const field of ['memory', 'returnData']) {
      const fields = TRACE_FIELDS;
      expect(
        differenceOf([step({ [field]: '0x00' })], [step({ [field]: '0x0000' })], { fields }),
      ).toMatchObject({
        fields: [field],
      });
      expect(differenceOf([step({ [field]: '0x00' })], [step()], { fields })).toBeNull();
    }
  });

  it('so many items of the stack as are wanted', () => {
    const [a, b] = [step({ stack: ['9', '2', '1'] }), step({ stack: ['8', '2', '1'] })];
    expect(differenceOf([a], [b], { stackItems: 2 })).toBeNull();
    expect(differenceOf([a], [b], { stackItems: 3 })).not.toBeNull();
    const deep = (bottom: string) => step({ stack: [bottom, ...Array(6).fill('0x1')] });
    expect(differenceOf([deep('0x5')], [deep('0x6')])).toBeNull();
    expect(differenceOf([step({ stack: null })], [b])).toBeNull();
  });

  it.each([
    [
      'numbers as hex',
      { pc: '0x2a', depth: '0x1', op: '0x60', memSize: '0x20', refund: '0x0' },
      { pc: 42, memSize: 32 },
    ],
    ['gas as a number', { gas: 100 }, {}],
    ['gas as decimal text', { gas: '100' }, {}],
    ['padded words', { stack: [`0x${'1'.padStart(64, '0')}`, '0X02'] }, {}],
    ['words without a prefix', { stack: ['01', '2'] }, {}],
    ['other names', { op: 0x44, opName: 'DIFFICULTY' }, { op: 0x44, opName: 'PREVRANDAO' }],
    ['fields that only one has', { section: 1, stateGas: '0x0', opName: undefined }, {}],
  ])('%s are the same', (_, a, b) => {
    expect(differenceOf([step(a)], [step(b)], { fields: TRACE_FIELDS })).toBeNull();
  });

  it('numbers too large for a place are no step', () => {
    for (const line of [
      '{"pc":1e999,"op":1,"depth":1}',
      '{"pc":0,"op":256,"depth":1}',
      '{"pc":-1,"op":1,"depth":1}',
      '{"pc":1.5,"op":1,"depth":1}',
    ]) {
      expect(diffTraces([line], []).a).toMatchObject({ steps: 0, garbage: 1, firstGarbage: 1 });
    }
  });
});

describe('lines that are no steps', () => {
  it.each([
    ['a summary', '{"output":"","gasUsed":"0x5"}'],
    ['a comment', '# INFO something'],
    ['nothing', ''],
    ['a root that only one has', '{"stateRoot": "0x12"}'],
    ['a STOP', JSON.stringify(step({ op: 0, opName: 'STOP' }))],
    ['depth 0', JSON.stringify(step({ depth: 0 }))],
    ['no depth', JSON.stringify({ ...step(), depth: undefined })],
  ])('%s counts for nothing', (_, line) => {
    for (let at = 0; at <= 3; at++) {
      const other: TraceLine[] = steps(3);
      other.splice(at, 0, line);
      const result = diffTraces(steps(3), other);
      expect(result.difference).toBeNull();
      expect(result.equalSteps).toBe(3);
      expect(result.b.garbage).toBe(0);
    }
  });

  it('garbage is counted, and its place kept', () => {
    const result = diffTraces(steps(2), [
      steps(1)[0]!,
      '{"pc":',
      '[1]',
      '\u0000\u0001',
      ...steps(2).slice(1),
    ]);
    expect(result.difference).toBeNull();
    expect(result.b).toEqual({ lines: 5, steps: 2, other: 0, garbage: 3, firstGarbage: 2 });
  });

  it('the second line of an instruction that fails belongs to the first', () => {
    const fault = step({ pc: 6, op: 0xfd, error: 'execution reverted' });
    const [a, b] = [
      [...steps(3), fault, { ...fault, stack: [] }],
      [...steps(3), fault],
    ];
    expect(differenceOf(a, b)).toBeNull();
    expect(differenceOf(b, a)).toBeNull();
    // But not where a frame or a transaction has ended between them.
    expect(differenceOf([fault, { output: '' }, fault], [fault])).toMatchObject({ kind: 'end' });
  });
});

describe('ends and roots', () => {
  it('tells which trace is over', () => {
    expect(differenceOf(steps(7), steps(9))).toMatchObject({
      kind: 'end',
      equalSteps: 7,
      a: null,
      b: { pc: 14 },
    });
    expect(differenceOf(steps(9), steps(7))).toMatchObject({ kind: 'end', a: { pc: 14 }, b: null });
    expect(differenceOf([], steps(1))).toMatchObject({
      kind: 'end',
      equalSteps: 0,
      culprit: { opName: 'start' },
    });
  });

  it('compares the roots of equal steps', () => {
    const rooted = (root: string) => [...steps(2), { stateRoot: root }];
    expect(differenceOf(rooted('0xAA'), rooted('0xaa'))).toBeNull();
    expect(differenceOf(rooted('0xaa'), rooted('0xab'))).toMatchObject({ kind: 'root', roots: ['aa', 'ab'] });
    const next = step({ pc: 77 });
    expect(differenceOf([...rooted('0xaa'), next], [...rooted('0xab'), next])).toMatchObject({
      kind: 'root',
    });
  });

  it('blames the call for what a child leaves behind, and the child for its gas', () => {
    const call = step({ pc: 0, op: 0xf1 });
    const inner = (op: number) => step({ pc: 0, op, depth: 2 });
    const back = (parts: Step) => step({ pc: 1, op: 0x50, ...parts });
    const culpritOf = (op: number, change: Step) =>
      differenceOf([call, inner(op), back({})], [call, inner(op), back(change)])?.culprit;
    expect(culpritOf(0xf3, { stack: [] })).toEqual({ opName: 'CALL', frame: 'outermost', what: 'stack' });
    expect(culpritOf(0xf3, { gas: '0x1' })).toEqual({ opName: 'CALL', frame: 'outermost', what: 'gas' });
    expect(culpritOf(0x54, { gas: '0x1' })).toEqual({ opName: 'SLOAD', frame: 'inner', what: 'gas' });
    // Where only one of them goes back, the last instruction of the child did it.
    const goesOn = [call, inner(0x54), step({ depth: 2, pc: 4 })];
    expect(differenceOf([call, inner(0x54), back({})], goesOn)?.culprit).toEqual({
      opName: 'SLOAD',
      frame: 'inner',
      what: 'depth',
    });
  });
});

describe('context', () => {
  it('is the last steps before, oldest first', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(12), (equal, context) => {
        const [a, b] = [steps(equal + 1), [...steps(equal), step({ pc: 999 })]];
        const difference = differenceOf(a, b, { context })!;
        const first = Math.max(0, equal - context);
        expect(difference.context.map(({ pc }) => pc)).toEqual(
          Array.from({ length: equal - first }, (_, i) => 2 * (first + i)),
        );
        expect(difference.equalSteps).toBe(equal);
      }),
    );
  });

  it('refuses what is no number of steps', () => {
    expect(() => diffTraces([], [], { context: -1 })).toThrow(/context: expected a whole number/);
    expect(() => diffTraces([], [], { stackItems: 0.5 })).toThrow(/stackItems/);
  });
});

describe('streams', () => {
  async function* groups(lines: readonly TraceLine[], size: number): AsyncGenerator<readonly TraceLine[]> {
    for (let at = 0; at < lines.length; at += size) {
      yield lines.slice(at, at + size);
      yield [];
    }
  }

  it('give what lists give, however they are cut', async () => {
    const [a, b] = [steps(50), steps(50)];
    b[33] = step({ pc: 1 });
    for (const [sizeA, sizeB] of [
      [1, 7],
      [50, 1],
      [3, 50],
    ] as const) {
      expect((await diffTraceStreams(groups(a, sizeA), groups(b, sizeB))).difference).toEqual(
        differenceOf(a, b),
      );
      expect((await diffTraceStreams(groups(a, sizeA), groups(a, sizeB))).equalSteps).toBe(50);
    }
  });

  it('read no further than to the difference, and close both', async () => {
    let [read, closed] = [0, 0];
    async function* endless(at: number): AsyncGenerator<readonly TraceLine[]> {
      try {
        for (let i = 0; ; i++, read++) yield [step({ pc: 3 * i + (i === at ? 1 : 0) })];
      } finally {
        closed++;
      }
    }
    const { difference } = await diffTraceStreams(endless(500), endless(-1));
    expect(difference).toMatchObject({ equalSteps: 500, fields: ['pc'] });
    expect(read).toBeLessThan(1_010);
    expect(closed).toBe(2);
  });

  it('pass on what a source throws', async () => {
    async function* broken(): AsyncGenerator<readonly TraceLine[]> {
      yield steps(1);
      throw new Error('the disk is gone');
    }
    await expect(diffTraceStreams(broken(), groups(steps(3), 1))).rejects.toThrow('the disk is gone');
  });
});
