/** Trace lines with and without the emitted function that writes most of them: the same bytes. */

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OpRow } from '../../opcodes/row.ts';
import { OPCODES } from '../../opcodes/table.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { Halt } from '../../src/machine/halt.ts';
import { eip3155Tracer } from '../../src/tracers/index.ts';
import { TextBuffer } from '../../src/tracers/text-buffer.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';
import { code, push, raw, repeat } from '../helpers/assembler.ts';
import { type RunOptions, runOn } from '../helpers/run.ts';
import { linesOf, type TraceOptions } from './support.ts';

afterEach(() => vi.unstubAllGlobals());

const absent = (): void => void vi.stubGlobal('WebAssembly', undefined);
const forbidden = (): void => {
  const Module = class {
    constructor() {
      throw new Error('Refused to compile: no unsafe-eval');
    }
  };
  const { Memory, Instance } = webAssembly()!;
  vi.stubGlobal('WebAssembly', { Memory, Instance, Module });
};

const MAX = 2n ** 256n - 1n;
const ascii = new TextDecoder();
let runs = 0;

function traced(bytes: Uint8Array, run: RunOptions = {}, options: TraceOptions = {}): string {
  let text = '';
  const tracer = eip3155Tracer({ ...options, write: (chunk) => void (text += ascii.decode(chunk)) });
  const opcodes = options.opcodes ?? [];
  runOn({ name: `line ${++runs}`, create: (rules) => createMachine({ rules, tracer, opcodes }) }, bytes, run);
  tracer.flush();
  return text;
}

/** The trace, which is the same without WebAssembly. */
function both(...args: Parameters<typeof traced>): string {
  const emitted = traced(...args);
  absent();
  const plain = traced(...args);
  vi.unstubAllGlobals();
  expect(emitted).toBe(plain);
  return emitted;
}

const stackOf = (line: string): string[] => (JSON.parse(line) as { stack: string[] }).stack;

describe('lines of steps', () => {
  it.each<[string, boolean, () => void]>([
    ['emitted', true, () => {}],
    ['without WebAssembly', false, absent],
    ['where it is forbidden', false, forbidden],
  ])('%s', (_, hasSteps, prepare) => {
    prepare();
    expect(new TextBuffer(() => {}).hasSteps).toBe(hasSteps);
    expect(traced(code(push(5), push(2n ** 200n), 'DUP2')).split('\n')[2]).toBe(
      `{"pc":29,"op":129,"gas":"0x98967a","gasCost":"0x3","memSize":0,"stack":["0x5","0x1${'0'.repeat(50)}"],"depth":1,"refund":0,"opName":"DUP2"}`,
    );
  });

  it('have words of every length', () => {
    const words = Array.from({ length: 257 }, (_, bits) => (1n << BigInt(bits)) - 1n);
    const edges = words.flatMap((word) => [word, (word + 1n) % (MAX + 1n)]);
    // As constants, and as results.
    const constants = linesOf(both(code(...edges.map((word) => push(word)))));
    expect(stackOf(constants.at(-2)!)).toEqual(edges.map((word) => `0x${word.toString(16)}`));
    const results = linesOf(both(code(...edges.slice(0, 500).flatMap((word) => [push(MAX ^ word), 'NOT']))));
    expect(stackOf(results.at(-2)!)).toEqual(edges.slice(0, 500).map((word) => `0x${word.toString(16)}`));
  });

  it('have counters of every length', () => {
    const far = linesOf(both(code(repeat(12_000, ['PC', 'POP'])), { gas: 100_000 }));
    expect(far.slice(0, -1).map((line) => (JSON.parse(line) as { pc: number }).pc)).toEqual(
      Array.from({ length: 24_001 }, (_, i) => i),
    );
    for (let bits = 4; bits < 52; bits++) {
      const gas = 2 ** bits + 1;
      const line = linesOf(both(code('PC', 'POP', 'PC'), { gas }))[0]!;
      expect(JSON.parse(line).gas).toBe(`0x${gas.toString(16)}`);
    }
  });

  it('show a price beyond 32 bits', () => {
    const words = 2 ** 21 + 1;
    const price = 3 + 3 * words + Math.floor(words ** 2 / 512);
    const line = linesOf(both(code(push(1), push(2 ** 26), 'MSTORE'), { gas: 2 ** 40 })).find((text) =>
      text.includes('"MSTORE"'),
    )!;
    expect(Number(JSON.parse(line).gasCost)).toBe(price);
  });

  it('have a full stack, exchanged at every depth', () => {
    const mixed = Array.from({ length: 1_024 }, (_, i) => push(7n ** BigInt(i % 90)));
    const swaps = Array.from({ length: 16 }, (_, i) => `SWAP${i + 1}`);
    const lines = linesOf(both(code(...mixed, ...swaps), { gas: 100_000 }));
    expect(stackOf(lines.at(-2)!)).toHaveLength(1_024);
  });

  it('take opcodes of one’s own: long names, and several words at once', () => {
    const triple: OpRow = {
      ...OPCODES.find(({ name }) => name === 'DUP1')!,
      byte: 0x0c,
      name: `TRIPLE${'_OF_THE_WORD_ON_TOP'.repeat(5)}`,
      takes: 1,
      gives: 3,
      handler(frame) {
        frame.stack[frame.sp] = frame.stack[frame.sp + 1] = frame.stack[frame.sp - 1]!;
        frame.sp += 2;
        return Halt.Continue;
      },
    };
    const single: OpRow = { ...triple, byte: 0x0d, takes: 1, gives: 1, handler: () => Halt.Continue };
    const bytes = code(push(2n ** 70n), raw(0x0d, 0x0c), 'SWAP2', push(1), 'SWAP1');
    const lines = linesOf(both(bytes, {}, { opcodes: [triple, single] }));
    expect(lines[1]).toContain(`"opName":"${single.name}"}`);
    expect(stackOf(lines[3]!)).toEqual(new Array(3).fill(`0x${(2n ** 70n).toString(16)}`));
  });

  const word = fc.oneof(fc.bigInt({ min: 0n, max: MAX }), fc.bigInt({ min: 0n, max: 300n }));
  const item = fc.oneof(
    word.map((value) => push(value)),
    fc.constantFrom(...OPCODES.map(({ name }) => name)),
    fc.integer({ min: 1, max: 16 }).map((n) => `DUP${n}`),
    fc.integer({ min: 1, max: 16 }).map((n) => `SWAP${n}`),
  );
  const program = fc
    .array(item, { maxLength: 80 })
    .map((pieces) => code(repeat(9, [push(3), push(2n ** 70n)]), ...pieces));

  it.each<[string, TraceOptions]>([
    ['with the stack', {}],
    ['without it', { stack: false }],
    ['with memory and return data', { memory: true, returnData: true }],
  ])('are the same for any code, %s', (_, options) => {
    fc.assert(
      fc.property(program, (bytes) => {
        both(bytes, { gas: 200_000 }, options);
      }),
      { numRuns: 100 },
    );
  });
});
