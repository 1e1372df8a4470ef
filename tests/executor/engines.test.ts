/** `createEvm({ engine })`: what the choice means to those who embed an EVM. What the engines do is tested with them. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEvm, type EngineChoice, type ErbiumError, type EvmOptions } from '../../src/index.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';
import { code, jumpi, label, push, returnTop, sstore } from '../helpers/assembler.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const CHOICES: readonly EngineChoice[] = ['auto', 'wasm', 'bigint'];

/** Counts down from the call's input, and keeps and returns what is left. */
const COUNTDOWN = code(
  [push(0), 'CALLDATALOAD', label('again'), push(1), 'SWAP1', 'SUB', 'DUP1'],
  jumpi('again'),
  sstore(1, 5),
  returnTop,
);
const TEN = `0x${'0'.repeat(63)}a`;

const countdown = (create: typeof createEvm, options: EvmOptions) => {
  const evm = create(options);
  const { status, output, gasUsed, diff } = evm.execute(COUNTDOWN, { data: TEN });
  return { status, output, gasUsed, diff };
};

const unsupported = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ErbiumError', code: 'UNSUPPORTED' });
    return (error as ErbiumError).message;
  }
  throw new Error('nothing was thrown');
};

/** Erbium as a program has it that loads it now. */
const fresh = async (): Promise<typeof createEvm> => {
  vi.resetModules();
  return (await import('../../src/index.ts')).createEvm;
};

describe('the engine of createEvm', () => {
  it('is one of three', () => {
    for (const engine of ['quick', 'WASM', '', null, 1, {}]) {
      expect(() => createEvm({ engine: engine as EngineChoice })).toThrow(
        'engine: expected auto, wasm, bigint',
      );
    }
  });

  it('auto changes over in the middle of a frame, at whatever instruction it is', () => {
    // Each turn of the loop has as many instructions as the list is long, more or less: it stops at another each time.
    for (let extra = 0; extra < 12; extra++) {
      const program = code(
        [
          push(5_000),
          push(64),
          'MLOAD',
          label('again'),
          push(3),
          'ADD',
          'SWAP1',
          push(1),
          'SWAP1',
          'SUB',
          'SWAP1',
        ],
        ...Array.from({ length: extra }, () => 'JUMPDEST'),
        ['DUP1', push(32), 'MSTORE', 'DUP2', jumpi('again')],
        returnTop,
      );
      const [auto, bigint] = (['auto', 'bigint'] as const).map((engine) =>
        createEvm({ engine }).execute(program, { gas: 10_000_000 }),
      );
      expect(auto).toEqual(bigint);
      expect(BigInt(auto!.output)).toBe(15_000n);
    }
  });

  it('changes nothing that can be seen', () => {
    const [first, ...others] = CHOICES.map((engine) => countdown(createEvm, { engine }));
    expect(first!.status).toBe('success');
    for (const other of others) expect(other).toEqual(first);
    expect(countdown(createEvm, {})).toEqual(first);
  });

  it('leaves tracing, and counting of steps, as they are', () => {
    const seen = CHOICES.map((engine) => {
      const steps: number[] = [];
      countdown(createEvm, { engine, tracer: { step: (_, opcode) => void steps.push(opcode) } });
      const evm = createEvm({ engine, maxSteps: 20 });
      return [steps, evm.execute(COUNTDOWN, { data: TEN }).status];
    });
    expect(seen[0]![0]!.length).toBeGreaterThan(60);
    expect(seen[0]![1]).toBe('limit');
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });
});

const here = countdown(createEvm, { engine: 'bigint' });

describe('where WebAssembly cannot be had', () => {
  it.each([
    ['there is none', undefined],
    [
      'a page forbids it',
      {
        Memory: webAssembly()!.Memory,
        Table: webAssembly()!.Table,
        Instance: webAssembly()!.Instance,
        Module: class {
          constructor() {
            throw new EvalError('Refused to compile, by its Content Security Policy');
          }
        },
      },
    ],
  ])('%s: auto runs all the same, wasm is refused', async (_, api) => {
    vi.stubGlobal('WebAssembly', api);
    const create = await fresh();
    expect(countdown(create, {})).toEqual(here);
    expect(countdown(create, { engine: 'auto' })).toEqual(here);
    expect(countdown(create, { engine: 'bigint' })).toEqual(here);
    expect(unsupported(() => create({ engine: 'wasm' }))).toMatch(/^engine wasm: not here, /);
  });

  it('nothing is emitted for bigint, and for auto only what is worth it', async () => {
    const made: string[] = [];
    const counted = (name: string) =>
      class {
        constructor(...args: unknown[]) {
          made.push(name);
          const Of: new (...all: never[]) => object = Reflect.get(real, name);
          // biome-ignore lint/correctness/noConstructorReturn: it stands for what it makes
          return new Of(...(args as never[]));
        }
      };
    const real = webAssembly()!;
    const names = ['Memory', 'Table', 'Module', 'Instance'];
    vi.stubGlobal('WebAssembly', Object.fromEntries(names.map((name) => [name, counted(name)])));
    const create = await fresh();
    // SHA-256 of nothing, too.
    const program = code([push(32), push(0), push(0), push(0), push(0), push(2), push(9_999), 'CALL']);
    expect(create({ engine: 'bigint' }).execute(program).status).toBe('success');
    const idle = create();
    expect(made).toEqual([]);
    expect(idle.execute(program).status).toBe('success');
    const modules = () => made.filter((name) => name === 'Module').length;
    // A few instructions are not worth an engine: the one is that of SHA-256.
    expect(modules()).toBe(1);
    for (let i = 0; i < 2; i++) create({ engine: 'wasm' }).execute(program);
    expect(modules()).toBe(2);
    // What divides and hashes comes when it is needed.
    for (let i = 0; i < 2; i++) create({ engine: 'wasm' }).execute(code([push(2), push(9), 'DIV']));
    expect(modules()).toBe(3);
  });
});
