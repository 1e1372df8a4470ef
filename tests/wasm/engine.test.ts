/** The fast engine as a whole: that it is there or says so, and that no run leaves a trace in the next. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { op } from '../../opcodes/index.ts';
import type { Precompile } from '../../precompiles/index.ts';
import { createEvm, type EvmOptions, Halt, type StateReader } from '../../src/index.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import {
  call,
  code,
  create,
  jumpi,
  label,
  mstore,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { CALLER, CONTRACT, OTHER } from '../helpers/run.ts';
import { onBoth, wordsOf } from './pair.ts';

const SUM = code(push(2), push(3), 'ADD', returnTop);

interface Api {
  readonly Module: unknown;
  readonly Memory: unknown;
  readonly Table: unknown;
  readonly Instance: unknown;
}

describe('where there is no WebAssembly', () => {
  const global = globalThis as { WebAssembly?: Api | undefined };
  const { WebAssembly: original } = global;
  const { Module, Memory, Table, Instance } = original!;
  const Refused = class {
    constructor() {
      throw new RangeError('refused');
    }
  };
  afterEach(() => {
    global.WebAssembly = original;
    vi.resetModules();
  });

  it.each<[string, Api | undefined]>([
    ['none at all', undefined],
    ['a policy that forbids to compile', { Module: Refused, Memory, Table, Instance }],
    ['no memory to be had', { Module, Memory: Refused, Table, Instance }],
    ['an instance that fails', { Module, Memory, Table, Instance: Refused }],
  ])('%s: auto makes do, wasm says so', async (_, api) => {
    global.WebAssembly = api;
    vi.resetModules();
    const { createEvm } = await import('../../src/index.ts');
    const { output, gasUsed } = createEvm().execute(SUM);
    expect([BigInt(output), gasUsed]).toEqual([5n, 3n * 3n + 2n * 3n + 2n * 3n + 3n]);
    expect(() => createEvm({ engine: 'wasm' })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(/^engine wasm: /) }),
    );
    expect(BigInt(createEvm({ engine: 'bigint' }).execute(SUM).output)).toBe(5n);
  });
});

describe('functions that come late', () => {
  const global = globalThis as { WebAssembly?: Api | undefined };
  const { WebAssembly: original } = global;
  afterEach(() => {
    global.WebAssembly = original;
    vi.resetModules();
  });

  /** Each in the middle of a block, as the first to need them, and with gas that ends at it or behind it. */
  const programs = [
    ...['DIV', 'SDIV', 'MOD', 'SMOD', 'EXP'].map((name) => [push(7), push(3), push(1_000), name, 'ADD']),
    ...['ADDMOD', 'MULMOD'].map((name) => [push(7), push(97), push(10n ** 30n), push(1_000), name, 'ADD']),
    [push(7), push(40), push(3), 'KECCAK256', 'ADD'],
    [push(7), push(64), push(3), 'KECCAK256', 'ADD'],
  ].map((program) => code(...program, push(3), push(100), 'DIV', 'ADD', returnTop));
  const gases = [20n, 25n, 40n, 60n, 100_000n];

  it('are there when an instruction needs them', () => {
    for (const program of programs) {
      for (const gas of gases) {
        onBoth((evm) => {
          const { status, gasUsed, output } = evm.execute(program, { gas });
          return [status, gasUsed, output];
        });
      }
    }
  });

  it.each(['Module', 'Instance'] as const)(
    'and where there is no room for them (%s), runs end all the same',
    async (name) => {
      let left = 1;
      const Of = original![name] as new (...all: unknown[]) => object;
      const Last = class {
        constructor(...args: unknown[]) {
          if (left-- <= 0) throw new RangeError('refused');
          // biome-ignore lint/correctness/noConstructorReturn: it stands for what it makes
          return new Of(...args);
        }
      };
      const run = (create: typeof createEvm, engine: 'wasm' | 'bigint') =>
        programs.map((program) =>
          gases.map((gas) => {
            left = name === 'Instance' ? 1 : left;
            const { status, gasUsed, output } = create({ engine }).execute(program, { gas });
            return [status, gasUsed, output];
          }),
        );
      const expected = run(createEvm, 'bigint');
      const { Module, Memory, Table, Instance } = original!;
      global.WebAssembly = { Module, Memory, Table, Instance, [name]: Last };
      vi.resetModules();
      const fresh = await import('../../src/index.ts');
      expect(run(fresh.createEvm, 'wasm')).toEqual(expected);
      expect(left).toBeLessThan(0);
    },
  );
});

describe('a run that is given up', () => {
  it('leaves nothing to the next one, which has no stack and little gas', () => {
    // Memory costs more than there is in a chunk of gas, in the middle of a block.
    const dear = code(push(1), push(2), push(3), push(600_000), 'MSTORE', 'POP', push(0), 'POP', 'STOP');
    const next = [code('ADD', returnTop), code('CALLER', 'POP', push(1), 'SLOAD'), code('POP')];
    let left = 0;
    const interrupted = (): boolean => --left < 0;
    onBoth(
      (evm) =>
        next.map((program) =>
          [0n, 1n, 4n, 100n, 100_000n].map((gas) => {
            left = 1;
            expect(evm.execute(dear, { gas: 2n ** 21n }).status).toBe('limit');
            left = 100;
            expect(evm.execute(dear, { gas: 2n ** 21n }).status).toBe('success');
            left = 1;
            evm.execute(dear, { gas: 2n ** 60n });
            left = 100;
            return evm.execute(program, { gas });
          }),
        ),
      { interrupted },
    );
  });

  it('through what a handler throws leaves nothing behind, in frames however deep', () => {
    const boom = new Error('boom');
    onBoth((_, engine) => {
      let armed = true;
      const explode = (): Halt => {
        if (armed) throw boom;
        return Halt.Continue;
      };
      const state = new MemoryState();
      const deep = code(
        [push(1), push(0), 'SSTORE', push(2), push(0), 'SSTORE', push(9), push(0), 'TSTORE'],
        [push(40_000), 'MLOAD', 'POP', mstore(0, 77)],
        ['GAS', push(900_000), 'LT', jumpi('down'), raw(0x0c), 'STOP'],
        [label('down'), call(CONTRACT, { inSize: 64 }), push(0), 'SLOAD', 'ADD', returnTop],
      );
      state.put(CONTRACT, { nonce: 1n, code: deep });
      const evm = createEvm({ engine, state, opcodes: [op(0x0c, 'BOOM', 0, 0, 0, 'Frontier', explode)] });
      const run = () => evm.call({ to: CONTRACT, gas: 3_000_000n });
      for (let i = 0; i < 3; i++) expect(run).toThrow(boom);
      armed = false;
      const first = run();
      armed = true;
      expect(run).toThrow(boom);
      armed = false;
      expect(run()).toEqual(first);
      return first;
    });
  });

  it('through what a reader throws leaves nothing behind', () => {
    onBoth((_, engine) => {
      let broken = true;
      const state = new MemoryState();
      state.put(CONTRACT, {
        nonce: 1n,
        code: code(
          sstore(5, 6),
          push(5),
          'SLOAD',
          push(5),
          'SSTORE',
          sstore(5, 9),
          push(7),
          'SLOAD',
          returnTop,
        ),
      });
      state.put(OTHER, {
        code: code(
          call(CONTRACT, { outSize: 32 }),
          'POP',
          push(5),
          'SLOAD',
          'POP',
          push(32),
          push(0),
          'RETURN',
        ),
      });
      const reader: StateReader = {
        account: (address) => state.account(address),
        hasStorage: (address) => state.hasStorage(address),
        code: (hash) => state.code(hash),
        blockHash: (number) => state.blockHash(number),
        storage: (_address, key) => {
          if (key === 7n && broken) throw new TypeError('no such slot');
          return key;
        },
      };
      const evm = createEvm({ engine, state: reader });
      expect(() => evm.call({ to: OTHER })).toThrow(TypeError);
      broken = false;
      return evm.call({ to: OTHER });
    });
  });
});

describe('SELFBALANCE', () => {
  const NOTES = 64;
  /** Notes it in memory, twice. */
  const note = (at: number) => [0, 32].map((more) => ['SELFBALANCE', push(NOTES + at + more), 'MSTORE']);

  it('is what it is after ether has come or gone', () => {
    const giver = code('CALLER', 'SELFDESTRUCT');
    // Comes back with what it was given, and one more.
    const back = code(call(CONTRACT, { value: 12, inSize: 1 }), 'POP');
    const program = code(
      ['CALLDATASIZE', jumpi('inner')],
      note(0),
      [call(OTHER, { value: 5 }), 'POP', note(64)],
      [call(CALLER, { value: 11 }), 'POP', note(128)],
      [create(giver, { value: 7 }), 'POP', note(192)],
      [call(0xbacn, { value: 11 }), 'POP', note(256)],
      [push(320), push(NOTES), 'RETURN'],
      label('inner'),
      note(0),
    );
    const { output } = onBoth((evm) => {
      evm.setAccount(CONTRACT, { balance: 1_000n, code: program });
      evm.setAccount(OTHER, { balance: 300n, code: giver });
      evm.setAccount(0xbacn, { balance: 1n, code: back });
      return evm.call({ to: CONTRACT, gas: 1_000_000n });
    });
    const twice = [1_000n, 1_300n, 1_289n, 1_289n, 1_290n].flatMap((balance) => [balance, balance]);
    expect(wordsOf(output)).toEqual(twice);
  });
});

describe('runs inside a run', () => {
  const AGAIN = 0xe1f3n;
  const word = (value: number): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? value : 0));
  /** Adds its calldata word to slot 0, takes memory, and returns what the slot was. */
  const COUNTER = code(
    [push(0), 'SLOAD', 'DUP1', push(0), 'CALLDATALOAD', 'ADD', push(0), 'SSTORE'],
    [
      push(1),
      push(0),
      'CALLDATALOAD',
      push(400_000),
      'MUL',
      'MSTORE',
      push(0),
      'TLOAD',
      push(5),
      push(0),
      'TSTORE',
      'ADD',
      returnTop,
    ],
  );

  it.each(['precompile', 'extension', 'instruction'])('leave the one around them as it is: %s', (kind) => {
    const inner = {
      precompile: [call(AGAIN, { inSize: 32, outOffset: 64, outSize: 64 }), 'POP'],
      extension: [push(0), push(32), push(64), push(64), 'SWAP3', 'SWAP1', 'SWAP2', raw(0xae, 0xe0), 'POP'],
      instruction: [raw(0x0c)],
    }[kind]!;
    const count = [mstore(0, 3), call(OTHER, { inSize: 32, outOffset: 128, outSize: 32 }), 'POP'];
    const own = [0, 1].map((key) => [push(key), 'SLOAD', push(1), 'ADD', push(key), 'SSTORE']);
    const program = code(
      [own, count, mstore(0, 2n ** 200n), inner, own, count, push(0), 'SLOAD', push(160), 'MSTORE'],
      [push(1), 'SLOAD', push(192), 'MSTORE', 'MSIZE', push(224), 'MSTORE', push(256), push(0), 'RETURN'],
    );
    const output = onBoth((_, engine) => {
      let busy = false;
      const run = (input: Uint8Array): Uint8Array => {
        if (busy) return input.slice();
        busy = true;
        // The same contracts, in a world of their own, and more memory than there was.
        const first = evm.call({ to: OTHER, data: word(9), gas: 60_000_000n });
        const second = evm.call({ to: CONTRACT, gas: 60_000_000n });
        busy = false;
        return Uint8Array.of(Number(wordsOf(first.output)[0]), Number(wordsOf(second.output)[4]), ...input);
      };
      const again: Precompile = {
        address: AGAIN,
        name: 'AGAIN',
        since: 'Frontier',
        ...(kind === 'extension' ? { opcode: 0xe0 } : {}),
        gas: () => 10,
        run,
      };
      const byHand = op(0x0c, 'AGAIN', 0, 0, 10, 'Frontier', (frame) => {
        frame.memory.write(64, run(frame.memory.viewOf(0, 32)), 64);
        return Halt.Continue;
      });
      const evm = createEvm({
        engine,
        precompiles: [again],
        opcodes: kind === 'instruction' ? [byHand] : [],
      });
      evm.setAccount(OTHER, { code: COUNTER, storageDiff: { '0x0': 40 } });
      evm.setAccount(CONTRACT, { code: program, storageDiff: { '0x0': 60, '0x1': 70 } });
      const first = evm.call({ to: CONTRACT, gas: 99_000_000n });
      expect(evm.call({ to: CONTRACT, gas: 99_000_000n })).toEqual(first);
      expect(first.status).toBe('success');
      return first;
    }).output;
    expect(wordsOf(output).slice(4, 7)).toEqual([43n + 5n, 62n, 72n]);
  });

  it('take turns, each with memory and storage of its own', async () => {
    const program = code(
      [
        push(0),
        'CALLDATALOAD',
        push(6_000),
        label('again'),
        'DUP2',
        'DUP2',
        'MUL',
        'DUP2',
        push(5),
        'SHL',
        'MSTORE',
      ],
      ['DUP1', push(1), 'AND', jumpi('odd'), 'DUP2', 'DUP2', 'SSTORE', label('odd')],
      [push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('again'), push(200_000), push(0), 'KECCAK256', returnTop],
    );
    const options: EvmOptions = { engine: 'wasm' };
    const evm = createEvm(options);
    evm.setAccount(CONTRACT, { code: program });
    const gas = 200_000_000n;
    const alone = [1, 2, 3].map((n) =>
      createEvm({ engine: 'bigint', state: evm.state }).call({ to: CONTRACT, data: word(n), gas }),
    );
    const together = await Promise.all(
      [1, 2, 3].map((n) => evm.async.call({ to: CONTRACT, data: word(n), gas, from: CALLER })),
    );
    expect(together.map(({ output, gasUsed }) => [output, gasUsed])).toEqual(
      alone.map(({ output, gasUsed }) => [output, gasUsed]),
    );
  });
});
