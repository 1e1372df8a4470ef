/** Storage that the fast engine keeps by itself: what it charges and refunds, and what it forgets when it has to. */

import { describe, expect, it } from 'vitest';
import type { AccountPatch } from '../../src/executor/request.ts';
import type { EvmResult } from '../../src/index.ts';
import {
  call,
  code,
  jump,
  jumpi,
  label,
  type Piece,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { CONTRACT, OTHER } from '../helpers/run.ts';
import { bothOf, wordsOf } from './pair.ts';

const FORKS = ['Byzantium', 'Constantinople', 'Petersburg', 'Istanbul', 'Berlin', 'London', 'Osaka'];

interface World {
  readonly gas?: bigint;
  readonly fork?: string;
  readonly other?: Uint8Array;
  readonly storage?: AccountPatch['storage'];
}

const on = new Map(FORKS.map((fork) => [fork, bothOf({ fork })]));

const run = (
  bytes: Uint8Array,
  { gas = 10_000_000n, fork = 'Osaka', other, storage }: World = {},
): EvmResult =>
  on.get(fork)!((evm) => {
    evm.setAccount(CONTRACT, { code: bytes, ...(storage === undefined ? {} : { storage }) });
    if (other !== undefined)
      evm.setAccount(OTHER, { code: other, ...(storage === undefined ? {} : { storage }) });
    return evm.call({ to: CONTRACT, gas });
  });

const sload = (key: bigint | number): Piece => [push(key), 'SLOAD'];
const tstore = (key: number, value: number): Piece => [push(value), push(key), 'TSTORE'];
const tload = (key: number): Piece => [push(key), 'TLOAD'];
/** Returns the words on the stack, the top one first. */
const returnWords = (count: number): Piece => [
  Array.from({ length: count }, (_, i) => [push(32 * i), 'MSTORE']),
  [push(32 * count), push(0), 'RETURN'],
];

describe('slots', () => {
  it('twenty thousand of them, over and over', () => {
    const each = (key: Piece): Uint8Array =>
      code(
        [push(0), push(20_000), label('x'), 'DUP1', key, 'DUP1', 'SLOAD', 'DUP3', 'ADD', 'DUP2', 'SSTORE'],
        [
          'SLOAD',
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
        ],
      );
    const gas = 10n ** 10n;
    const sum = (20_000n * 20_001n) / 2n;
    expect(BigInt(run(each([]), { gas }).output)).toBe(sum);
    // More than there are places, each several times.
    const few = run(each([push(6_000), 'SWAP1', 'MOD']), { gas });
    expect(few.status).toBe('success');
  });

  it.each(FORKS)('at every change of value, twice in a row, in %s', (fork) => {
    const original: [number, number][] = [0, 1].map((value, key) => [key, value]);
    for (const [key] of original) {
      for (let changes = 0; changes < 27; changes++) {
        const values = [changes % 3, Math.floor(changes / 3) % 3, Math.floor(changes / 9)];
        const program = code(
          sload(key),
          values.map((value) => [sstore(key, value), sload(key)]),
          returnWords(4),
        );
        const { output } = run(program, { fork, storage: new Map([[1, 1]]) });
        expect(wordsOf(output).slice(0, 3)).toEqual(values.map(BigInt).reverse());
      }
    }
  });

  it.each(['Istanbul', 'Berlin', 'Osaka'])('at the stipend’s edge in %s', (fork) => {
    const used = code(sload(5), 'POP', [sstore(5, 7), sstore(5, 7)]);
    on.get(fork)!((evm) => {
      evm.setAccount(CONTRACT, { code: used });
      const { gasUsed } = evm.call({ to: CONTRACT });
      return Array.from({ length: 2_600 }, (_, i) => {
        const { status, halt, gasUsed: of } = evm.call({ to: CONTRACT, gas: gasUsed - 200n + BigInt(i) });
        return [status, halt, of];
      });
    });
  });

  it.each(FORKS)('of others, by every kind of call, with reverts between, in %s', (fork) => {
    // Counts up slot 1, and reverts where its calldata is odd.
    const other = code(
      [sload(1), push(1), 'ADD', push(1), 'SSTORE', sload(1), push(2), 'SSTORE', sload(2), push(0), 'MSTORE'],
      [push(0), 'CALLDATALOAD', push(1), 'AND', jumpi('bad'), push(32), push(0), 'RETURN'],
      [label('bad'), fork === 'Osaka' ? [push(32), push(0), 'REVERT'] : [raw(0xfe)]],
    );
    const kinds = ['CALL', 'DELEGATECALL', 'CALLCODE', 'STATICCALL', 'DELEGATECALL', 'CALL'] as const;
    const program = code(
      [sstore(1, 100), sload(1), sload(2)],
      kinds.flatMap((kind, i) =>
        [0, 1].map((odd) => [
          [
            push(odd),
            push(0),
            'MSTORE',
            call(OTHER, { kind, gas: 100_000, inSize: 32, outOffset: 0, outSize: 32 }),
            'POP',
          ],
          [sload(1), 'ADD', sload(2), push(i + 2), 'MUL', 'ADD', sstore(3, i), sload(3), 'ADD'],
        ]),
      ),
      returnWords(2),
    );
    expect(
      run(program, {
        fork,
        other,
        storage: new Map([
          [1, 5],
          [2, 6],
        ]),
      }).status,
    ).toBe('success');
  });

  it('refunds what reverted children were refunded only once', () => {
    const other = code(
      sstore(1, 0),
      sstore(2, 0),
      sload(1),
      'POP',
      sstore(1, 3),
      sstore(1, 0),
      push(0),
      'DUP1',
      'REVERT',
    );
    const program = code(
      sstore(1, 0),
      call(OTHER, { kind: 'DELEGATECALL', gas: 50_000 }),
      sstore(1, 5),
      call(OTHER, { kind: 'DELEGATECALL', gas: 50_000 }),
      sstore(1, 0),
      returnWords(2),
    );
    const { gasRefunded } = run(program, {
      other,
      storage: new Map([
        [1, 5],
        [2, 6],
      ]),
    });
    expect(gasRefunded).toBe(2_800n + 4_800n);
  });
});

describe('transient slots', () => {
  it('stay over calls, go with reverts, and belong to one account', () => {
    const other = code(
      [tload(1), push(1), 'ADD', push(1), 'TSTORE', tload(1), push(0), 'MSTORE'],
      [
        push(0),
        'CALLDATALOAD',
        jumpi('bad'),
        push(32),
        push(0),
        'RETURN',
        label('bad'),
        push(32),
        push(0),
        'REVERT',
      ],
    );
    const go = (kind: 'CALL' | 'DELEGATECALL' | 'STATICCALL', bad: number, at: number): Piece => [
      [push(bad), push(at), 'MSTORE'],
      [
        call(OTHER, { kind, gas: 50_000, inOffset: at, inSize: 32, outOffset: at, outSize: 32 }),
        'POP',
        tload(1),
      ],
    ];
    const program = code(
      [tstore(1, 10), tload(1), 'POP'],
      [go('CALL', 0, 64), go('CALL', 1, 96), go('CALL', 0, 128), go('DELEGATECALL', 0, 160)],
      [go('DELEGATECALL', 1, 192), go('STATICCALL', 0, 224), go('DELEGATECALL', 0, 256)],
      [Array.from({ length: 7 }, (_, i) => [push(512 + 32 * i), 'MSTORE']), push(800), push(0), 'RETURN'],
    );
    const words = wordsOf(run(program, { other }).output);
    expect(words.slice(2, 9)).toEqual([1n, 2n, 2n, 11n, 12n, 0n, 12n]);
    expect(words.slice(16, 23)).toEqual([12n, 11n, 11n, 11n, 10n, 10n, 10n]);
  });

  it('are no slots of storage, whatever their keys', () => {
    const program = code(
      [0, 1, 2, 255].map((key) => [sstore(key, key + 1), tstore(key, key + 9)]),
      [0, 1, 2, 255].map((key) => [sload(key), tload(key), 'SUB', push(8), 'EQ', sload(key), tload(key)]),
      returnWords(12),
    );
    expect(run(program).status).toBe('success');
  });
});

describe('a static call', () => {
  it.each(['SSTORE', 'TSTORE'])('fails at %s also where the slot is known', (name) => {
    const other = code([sload(1), 'POP', tload(1), 'POP', push(2), push(1), name, push(1), returnTop]);
    const program = code(
      call(OTHER, { kind: 'DELEGATECALL', outSize: 32 }),
      call(OTHER, { kind: 'STATICCALL', gas: 90_000, outSize: 32 }),
      call(CONTRACT, { kind: 'STATICCALL', gas: 90_000, outSize: 32 }),
      call(OTHER, { kind: 'CALL', gas: 90_000, outSize: 32 }),
      returnWords(4),
    );
    expect(wordsOf(run(program, { other }).output)).toEqual([1n, 0n, 0n, 1n]);
  });
});

it('any mix of slots, calls and reverts is the same on both', () => {
  const random = new Random(2024);
  const piece = (): Piece => {
    const key = random.below(5);
    const store = random.below(2) === 0 ? 'SSTORE' : 'TSTORE';
    const load = store === 'SSTORE' ? 'SLOAD' : 'TLOAD';
    const kind = random.pick(['CALL', 'DELEGATECALL', 'CALLCODE', 'STATICCALL'] as const);
    const to = random.pick([CONTRACT, OTHER]);
    return random.pick<Piece>([
      [push(random.below(3)), push(key), store],
      [push(key), load, push(0), 'MLOAD', 'ADD', push(0), 'MSTORE'],
      [push(key), load, push(key + 1), store],
      [
        call(to, { kind, gas: 20_000 + random.below(90_000), inSize: 32 }),
        push(32),
        'MLOAD',
        'ADD',
        push(32),
        'MSTORE',
      ],
    ]);
  };
  const program = (): Uint8Array =>
    code(
      Array.from({ length: 3 + random.below(14) }, piece),
      random.below(3) === 0 ? [push(64), push(0), 'REVERT'] : random.below(6) === 0 ? raw(0xfe) : [],
      random.below(8) === 0 ? jump('x') : [],
      [label('x'), push(64), push(0), 'RETURN'],
    );
  for (let i = 0; i < 150; i++) {
    const fork = random.pick(['Istanbul', 'Berlin', 'Osaka']);
    run(program(), {
      fork,
      other: program(),
      gas: 400_000n,
      storage: new Map([
        [0, 1],
        [2, 2],
      ]),
    });
  }
});
