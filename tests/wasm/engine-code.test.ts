/** Codes of every shape as the fast engine prepares them: long ones, odd ones, many, and such as change. */

import { describe, expect, it } from 'vitest';
import { openContext } from '../../src/evm/context.ts';
import { createMachine } from '../../src/evm/machine.ts';
import { runMessage } from '../../src/evm/run.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { MessageKind } from '../../src/machine/message.ts';
import { concatBytes, EMPTY_BYTES } from '../../src/primitives/bytes.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import { MAX_PARTS } from '../../src/wasm/layout.ts';
import {
  call,
  code,
  create,
  deploys,
  jump,
  jumpi,
  label,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { BLOCK, CALLER, CONTRACT, OTHER } from '../helpers/run.ts';
import { bothOf, wordsOf } from './pair.ts';

const both = bothOf({ checks: { codeSize: false } });
const run = (bytes: Uint8Array, gas = 10_000_000n) => both((evm) => evm.execute(bytes, { gas }));
const many = (count: number, ...bytes: number[]): Uint8Array =>
  concatBytes(...Array.from({ length: count }, () => Uint8Array.from(bytes)));

describe('code', () => {
  it.each([24_576, 49_152, 2 ** 20 - 4, 2 ** 20 - 3, 2 ** 20, 2 ** 20 + 40])(
    'of %d bytes and one kind',
    (size) => {
      const [jumpdests, pushes] = [new Uint8Array(size).fill(0x5b), new Uint8Array(size).fill(0x7f)];
      for (const bytes of [jumpdests, pushes]) {
        run(bytes);
        // Into the middle, and to the last byte.
        for (const to of [size - 1, size, size + 1, 2 * Math.floor(size / 4)]) {
          const head = code(push(to, 4), 'JUMP');
          run(concatBytes(head, bytes.subarray(head.length)));
        }
      }
    },
  );

  it('that ends inside a constant, or is entered there', () => {
    for (let size = 1; size <= 32; size++) {
      for (let there = 0; there <= size; there++) {
        const constant = new Uint8Array(there).fill(0x5b);
        const head = code(push(1), push(2), 'GAS', push(0), 'MSTORE');
        run(concatBytes(head, raw(0x5f + size), constant));
        run(concatBytes(code(push(4), 'JUMP', raw(0x5f + size)), constant));
        run(concatBytes(code(push(6), push(1), 'JUMPI', raw(0x5f + size)), constant, code('JUMPDEST')));
      }
    }
  });

  it('with jumps anywhere, by constants of every size', () => {
    const random = new Random(5);
    for (let i = 0; i < 300; i++) {
      const bytes = Uint8Array.from({ length: 80 }, () =>
        random.pick([
          0x5b, 0x5b, 0x60, 0x61, 0x62, 0x56, 0x57, 0x58, 0x5a, 0x01, 0x80, 0x15, 0x0c, 0x0d, 0x0e, 0x0f,
        ]),
      );
      const to = random.pick([random.below(90), random.below(90), 2 ** 16 - 1, 2 ** 31, 2 ** 32 + 20]);
      const conditional = random.below(2) === 0;
      const size = random.pick([2, 2, 5, 32]);
      const head = code(
        conditional ? push(random.below(2)) : [],
        push(BigInt(to) % 2n ** BigInt(8 * size), size),
        conditional ? 'JUMPI' : 'JUMP',
      );
      run(concatBytes(head, bytes), 5_000n);
    }
  });

  it('of blocks with every number of entries, at every gas limit', () => {
    for (const count of [1, 2, MAX_PARTS - 1, MAX_PARTS, MAX_PARTS + 1, 2 * MAX_PARTS, 2 * MAX_PARTS + 1]) {
      const chain = many(count, 0x33, 0x50, 0x5b);
      for (const program of [
        chain,
        concatBytes(code('JUMPDEST'), chain, code('ADD')),
        concatBytes(chain, many(200, 0x5b, 0x33)),
      ]) {
        both((evm) =>
          Array.from({ length: 40 }, (_, i) =>
            evm.execute(program, { gas: BigInt(i * Math.ceil(count / 6)) }),
          ),
        );
        // Entered at each of its targets, with too little on the stack or not.
        for (let at = 0; at < program.length; at += 5)
          run(concatBytes(code(push(at + 3), 'JUMP'), program), 2_000n);
      }
    }
  });

  it('of JUMPDESTs in a row, entered at each, at every gas limit', () => {
    for (const count of [1, 2, 7, 8, 9, 10, 16, 17, 18, MAX_PARTS, MAX_PARTS + 9]) {
      const row = concatBytes(many(count, 0x5b), code('MSIZE', 'POP'));
      both((evm) =>
        Array.from({ length: count + 12 }, (_, gas) =>
          Array.from({ length: count }, (_, to) =>
            evm.execute(concatBytes(code(push(to + 3), 'JUMP'), row), { gas: BigInt(gas + 10) }),
          ),
        ),
      );
    }
  });

  it('of the most words that a stack takes, and one more', () => {
    for (const words of [1_022, 1_023, 1_024, 1_025]) {
      run(concatBytes(many(words, 0x33), code('GAS', 'POP')));
      run(concatBytes(many(words, 0x33, 0x5b), code('DUP1', 'SLOAD')));
      run(concatBytes(many(words - 2, 0x33), code(label('x'), 'CALLER', jump('x'))), 100_000n);
    }
  });
});

describe('many codes', () => {
  it('more than are kept, while frames run and after them', () => {
    const size = 20_000;
    const codeOf = (n: number): Uint8Array =>
      concatBytes(
        code(push(n), push(0), 'CALLDATALOAD', 'ADD', returnTop),
        new Uint8Array(size).fill(n & 0xff),
      );
    const targets = Array.from({ length: 150 }, (_, i) => 0x5000n + BigInt(i));
    const program = code(
      push(0),
      targets.map((target) => [
        push(0),
        'MSTORE',
        call(target, { inSize: 32, outSize: 32 }),
        'POP',
        push(0),
        'MLOAD',
      ]),
      returnTop,
    );
    const outputs = both((evm) => {
      for (const [i, target] of targets.entries()) evm.setAccount(target, { code: codeOf(i) });
      evm.setAccount(CONTRACT, { code: program });
      return [1, 2].map(() => evm.call({ to: CONTRACT, gas: 100_000_000n }).output);
    });
    expect(outputs.map(BigInt)).toEqual([11_175n, 11_175n]);
  });

  it('made one after the other by CREATE', () => {
    const init = deploys(code(push(1), returnTop));
    const program = code(
      push(0),
      push(300),
      label('x'),
      create(init),
      'EXTCODESIZE',
      'SWAP1',
      'SWAP2',
      'ADD',
      'SWAP1',
      push(1),
      'SWAP1',
      'SUB',
      'DUP1',
      jumpi('x'),
      'POP',
      returnTop,
    );
    expect(BigInt(run(program, 100_000_000n).output)).toBe(300n * 10n);
  });
});

describe('code that changes', () => {
  it('under one address, from one transaction to the next', () => {
    both((evm) => {
      evm.setAccount(CONTRACT, {
        code: code(call(OTHER, { outSize: 32 }), 'POP', push(32), push(0), 'RETURN'),
      });
      return [1, 2, 3, 1].map((n) => {
        evm.setAccount(OTHER, {
          code: code(n === 2 ? raw(0x5b, 0x5b) : [], push(n), sstore(n, n), returnTop),
        });
        const { output } = evm.call({ to: CONTRACT });
        expect(BigInt(output)).toBe(BigInt(n));
        return output;
      });
    });
  });

  it('by a delegation', () => {
    const other = code(
      'ADDRESS',
      push(0),
      'MSTORE',
      push(1),
      'SLOAD',
      push(32),
      'MSTORE',
      push(64),
      push(0),
      'RETURN',
    );
    const words = both((evm) => {
      evm.setAccount(OTHER, { code: other, storage: { '0x1': 5 } });
      evm.setAccount(CONTRACT, {
        code: concatBytes(
          raw(0xef, 0x01, 0x00),
          Uint8Array.from({ length: 20 }, (_, i) => Number((OTHER >> BigInt(8 * (19 - i))) & 0xffn)),
        ),
        storage: { '0x1': 6 },
      });
      return [evm.call({ to: CONTRACT }), evm.call({ to: OTHER })].flatMap(({ output }) => wordsOf(output));
    });
    expect(words).toEqual([CONTRACT, 6n, OTHER, 5n]);
  });

  it('runs on two machines by turns, analysed once', () => {
    const first = createMachine({ rules: rulesOf('London'), engine: 'wasm' });
    const second = {
      ...createMachine({ rules: rulesOf('Osaka'), engine: 'wasm' }),
      codes: first.codes,
      frames: first.frames,
    };
    const state = new MemoryState();
    // PUSH0 and TLOAD are instructions of one of them only.
    state.put(CONTRACT, {
      nonce: 1n,
      code: code(label('x'), push(3), push(4), 'MUL', 'PUSH0', 'TLOAD', 'ADD', returnTop),
    });
    const halts = [first, second, first, second].map((machine) => {
      const context = openContext(
        { machine, state, block: BLOCK },
        { origin: CALLER, gasPrice: 0n, blobHashes: [] },
      );
      const { halt, output } = runMessage(context, {
        ...{ kind: MessageKind.Call, caller: CALLER, address: CONTRACT, codeAddress: CONTRACT, value: 0n },
        ...{ input: EMPTY_BYTES, gas: 100_000n, isStatic: false, depth: 0, outputOffset: 0, outputSize: 0 },
      });
      return [halt, output.at(-1)];
    });
    expect(halts).toEqual([
      [12, undefined],
      [4, 12],
      [12, undefined],
      [4, 12],
    ]);
  });
});
