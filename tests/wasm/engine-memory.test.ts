/** Memory of frames in one linear memory: it grows, is zero, has limits, and nobody's view of it goes stale. */

import { describe, expect, it } from 'vitest';
import { createEvm, type Evm, type EvmResult } from '../../src/index.ts';
import {
  call,
  code,
  create,
  jumpi,
  label,
  memoryOf,
  mstore,
  type Piece,
  push,
  returnTop,
} from '../helpers/assembler.ts';
import { CONTRACT, OTHER } from '../helpers/run.ts';
import { onBoth, wordsOf } from './pair.ts';

const IDENTITY = 4n;
const THIRD = 0x3333n;

function run(
  bytes: Uint8Array,
  { gas = 30_000_000n, other = code('STOP'), third = code('STOP') } = {},
): EvmResult {
  return onBoth((evm) => {
    evm.setAccount(OTHER, { code: other });
    evm.setAccount(THIRD, { code: third });
    evm.setAccount(CONTRACT, { code: bytes });
    return evm.call({ to: CONTRACT, gas });
  });
}

/** Makes memory reach so far, with a 1 in its last byte. */
const reach = (bytes: number): Piece => [push(1), push(bytes - 32), 'MSTORE'];
const hash = (size: number): Piece => [push(size), push(0), 'KECCAK256'];

describe('memory that grows', () => {
  it.each([30_000_000n, 1_000_000_000n])('until %d gas are gone', (gas) => {
    const doubling = code(push(64), label('x'), [
      'DUP1',
      push(1),
      'SHL',
      'DUP1',
      'MLOAD',
      'POP',
      push(1),
      jumpi('x'),
    ]);
    const paging = code(push(0), label('x'), [
      push(65_536),
      'ADD',
      'DUP1',
      'DUP1',
      'MSTORE',
      push(1),
      jumpi('x'),
    ]);
    expect([run(doubling, { gas }).status, run(paging, { gas }).status]).toEqual(['halt', 'halt']);
  });

  it('under parents that hold input, return data and code in theirs', () => {
    // Each child takes megabytes while its parents wait: theirs are looked at afterwards.
    const third = code(reach(6_000_000), [
      push(64),
      'CALLDATALOAD',
      push(0),
      'MSTORE',
      push(96),
      push(0),
      'RETURN',
    ]);
    const other = code(
      [push(96), push(0), push(0), 'CALLDATACOPY', call(THIRD, { inSize: 96, outSize: 96 }), 'POP'],
      ['RETURNDATASIZE', push(0), push(96), 'RETURNDATACOPY', push(64), 'CALLDATALOAD', push(192), 'MSTORE'],
      reach(3_000_000),
      [
        push(32),
        'CALLDATALOAD',
        push(224),
        'MSTORE',
        'CALLDATASIZE',
        push(256),
        'MSTORE',
        push(288),
        push(0),
        'RETURN',
      ],
    );
    const program = code(
      [mstore(0, 11), mstore(32, 22), mstore(64, 33)],
      [call(OTHER, { inSize: 96, outOffset: 96, outSize: 288 }), push(384), 'MSTORE'],
      [call(IDENTITY, { inSize: 96, outOffset: 416, outSize: 96 }), push(512), 'MSTORE', reach(2_000_000)],
      ['RETURNDATASIZE', push(0), push(544), 'RETURNDATACOPY', push(640), push(0), 'RETURN'],
    );
    const { status, output } = run(program, { gas: 200_000_000n, other, third });
    expect(status).toBe('success');
    expect(wordsOf(output).slice(0, 12)).toEqual([11n, 22n, 33n, 33n, 0n, 0n, 33n, 0n, 0n, 33n, 22n, 96n]);
  });

  it('as that of 1,024 frames, which are all there when the deepest ends', () => {
    const program = code(
      ['GAS', push(40_000), 'GT', jumpi('end'), 'GAS', push(0), 'MSTORE', push(7), push(2_000), 'MSTORE8'],
      [call(CONTRACT, { inSize: 2_016, outOffset: 64, outSize: 32 }), push(0), 'MLOAD', 'XOR'],
      [
        push(64),
        'MLOAD',
        push(3),
        'MUL',
        'ADD',
        'CALLDATASIZE',
        'ADD',
        push(0),
        'CALLDATALOAD',
        'ADD',
        returnTop,
      ],
      [label('end'), 'MSIZE', returnTop],
    );
    const { status } = run(program, { gas: 10n ** 15n });
    expect(status).toBe('success');
  });
});

describe('memory that was another frame’s', () => {
  it('is zero wherever frames stood before', () => {
    const fills = code(
      [
        push(0),
        label('x'),
        [push(0), 'NOT', 'DUP2', 'MSTORE', push(32), 'ADD', 'DUP1', push(40_000), 'GT', jumpi('x')],
      ],
      [push(40_000), push(0), 'RETURN'],
    );
    const looks = code(
      hash(90_000),
      push(0),
      'MSTORE',
      [push(31), 'MLOAD', push(7_777), 'MLOAD', 'OR', push(32), 'MSTORE'],
      [push(64), push(0), 'RETURN'],
    );
    const program = code(
      [0, 1, 2].map((i) => [
        [call(OTHER), 'POP', call(THIRD, { outOffset: 64 * i, outSize: 64 }), 'POP'],
        reach(1_000 + 3_000 * i),
      ]),
      [push(192), push(0), 'RETURN'],
    );
    const words = wordsOf(run(program, { other: fills, third: looks }).output);
    expect([words[1]! & 0xffn, words[2], words[3]]).toEqual([0n, words[0], words[1]]);
  });

  it('is zero for the next run, however far the one before went', () => {
    onBoth((evm) => {
      evm.setAccount(OTHER, {
        code: code(
          [push(0), 'NOT', push(5_000_000), 'MSTORE', push(0), 'NOT', push(40), 'MSTORE'],
          reach(5_100_000),
        ),
      });
      evm.setAccount(CONTRACT, {
        code: code([push(5_000_000), 'MLOAD', push(50), 'MLOAD', 'OR', returnTop]),
      });
      return [1, 2, 3].map(() => {
        evm.call({ to: OTHER, gas: 10n ** 9n });
        const { output, status } = evm.call({ to: CONTRACT, gas: 10n ** 9n });
        expect([status, BigInt(output)]).toEqual(['success', 0n]);
        return output;
      });
    });
  });
});

describe('offsets and sizes', () => {
  const EDGES = [
    0n,
    1n,
    31n,
    32n,
    2n ** 20n,
    2n ** 30n - 32n,
    2n ** 30n - 31n,
    2n ** 30n,
    2n ** 31n - 32n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 32n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n,
    2n ** 255n,
    2n ** 256n - 1n,
  ];
  const ones = (name: string): Piece[] => EDGES.map((at) => [push(7), push(at), name]);
  const twos = (name: string): Piece[] =>
    EDGES.flatMap((at) =>
      [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 64n].map((size) => [push(size), push(at), name]),
    );
  const threes = (name: string): Piece[] =>
    EDGES.flatMap((to) =>
      EDGES.filter((_, i) => i % 2 === 0).flatMap((from) =>
        [0n, 33n, 2n ** 32n].map((size) => [push(size), push(from), push(to), name]),
      ),
    );

  it.each([
    ['MLOAD', EDGES.map((at) => [push(at), 'MLOAD'])],
    ['MSTORE', ones('MSTORE')],
    ['MSTORE8', ones('MSTORE8')],
    ['KECCAK256', twos('KECCAK256')],
    ['RETURN', twos('RETURN')],
    ['REVERT', twos('REVERT')],
    ['LOG0', twos('LOG0')],
    ['MCOPY', threes('MCOPY')],
    ['CALLDATACOPY', threes('CALLDATACOPY')],
    ['CODECOPY', threes('CODECOPY')],
    ['RETURNDATACOPY', threes('RETURNDATACOPY')],
    ['CALLDATALOAD', EDGES.map((at) => [push(at), 'CALLDATALOAD'])],
  ] as const)('of %s, at every edge', (name, pieces) => {
    const data = Uint8Array.from({ length: 100 }, (_, i) => i + 1);
    onBoth((evm) =>
      (pieces as readonly Piece[]).flatMap((piece) =>
        [100_000n, 40_000_000n].map((gas) => {
          const program = code(
            piece,
            name === 'MLOAD' || name === 'CALLDATALOAD' || name === 'KECCAK256'
              ? returnTop
              : ['MSIZE', push(64), 'MSTORE', push(96), push(0), 'RETURN'],
          );
          const { status, halt, gasUsed, output, logs } = evm.execute(program, { gas, data });
          return [status, halt, gasUsed, output.slice(0, 200), output.length, logs.length];
        }),
      ),
    );
  });

  it.each([0, 31, 1_000, 65_536, 2 ** 20])('where a run may have %d bytes', (maxMemory) => {
    const nested = code(reach(512), [
      call(CONTRACT, { outOffset: 32, outSize: 32 }),
      push(32),
      'MLOAD',
      'ADD',
      returnTop,
    ]);
    for (const program of [
      nested,
      code(reach(32)),
      code(reach(1_024)),
      code(reach(65_536), hash(70_000), returnTop),
      code(reach(2 ** 20), reach(2 ** 20 + 32)),
    ]) {
      onBoth(
        (evm) => {
          evm.setAccount(CONTRACT, { code: program });
          return evm.call({ to: CONTRACT, gas: 100_000_000n });
        },
        { maxMemory },
      );
    }
  });
});

describe('code from memory', () => {
  it('is made from far up, while the child takes more', () => {
    const runtime = code(push(42), returnTop);
    const init = code(reach(3_000_000), memoryOf(runtime), [push(runtime.length), push(0), 'RETURN']);
    const far = 700_000;
    const program = code(
      memoryOf(init),
      [
        push(init.length),
        push(0),
        push(far),
        'MCOPY',
        push(init.length),
        push(far),
        push(0),
        'CREATE',
        'DUP1',
        push(0),
        'MSTORE',
      ],
      ['DUP1', 'EXTCODESIZE', push(32), 'MSTORE'],
      [
        push(32),
        push(64),
        push(0),
        push(0),
        push(0),
        'DUP6',
        'GAS',
        'CALL',
        'POP',
        push(far),
        'MLOAD',
        push(96),
        'MSTORE',
      ],
      [push(128), push(0), 'RETURN'],
    );
    const words = wordsOf(run(program, { gas: 300_000_000n }).output);
    expect(words[2]).toBe(42n);
    expect(run(code(create(init), 'EXTCODEHASH', returnTop), { gas: 300_000_000n }).status).toBe('success');
  });
});

it('stays bounded over many runs of all kinds', () => {
  const evm: Evm = createEvm({ engine: 'wasm' });
  evm.setAccount(OTHER, { code: code(reach(200_000), hash(200_000), returnTop) });
  evm.setAccount(CONTRACT, {
    code: code(
      Array.from({ length: 4 }, (_, i) => [call(OTHER, { outOffset: 32 * i, outSize: 32 }), 'POP']),
      reach(300_000),
      [hash(300_000), 'GAS', 'SSTORE', push(300_000), push(0), 'RETURN'],
    ),
  });
  const use = (times: number): number => {
    for (let i = 0; i < times; i++) evm.call({ to: CONTRACT, gas: 30_000_000n });
    const { arrayBuffers, external } = process.memoryUsage();
    return arrayBuffers + external;
  };
  const before = use(20);
  expect(use(40) - before).toBeLessThan(64 * 2 ** 20);
});
