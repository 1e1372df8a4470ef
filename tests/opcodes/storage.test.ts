/** Storage, its price in every regime, and storage that lasts for one transaction. */

import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { call, code, jumpi, label, push, raw, returnTop, sstore, storeTop } from '../helpers/assembler.ts';
import { CONTRACT, gasOf, haltOf, OTHER, run, slotOf, topOf } from '../helpers/run.ts';

/** Writes the values to slot 0 one after another. */
const writes = (values: readonly number[]): Uint8Array => code(...values.map((value) => sstore(0, value)));

function outcome(original: number, values: readonly number[], fork: ForkName): [gas: number, refund: number] {
  const result = run(writes(values), { fork, self: { storage: [[0n, BigInt(original)]] } });
  expect(slotOf(result, CONTRACT, 0)).toBe(BigInt(values.at(-1)!));
  return [Number(result.gasUsed), result.refund];
}

type Row = readonly [original: number, values: readonly number[], gas: number, refund: number];

// The tables of the EIPs: value before, values written, gas used (pushes included), refund.

const EIP_1283: readonly Row[] = [
  [0, [0, 0], 412, 0],
  [0, [0, 1], 20_212, 0],
  [0, [1, 0], 20_212, 19_800],
  [0, [1, 2], 20_212, 0],
  [0, [1, 1], 20_212, 0],
  [1, [0, 0], 5_212, 15_000],
  [1, [0, 1], 5_212, 4_800],
  [1, [0, 2], 5_212, 0],
  [1, [2, 0], 5_212, 15_000],
  [1, [2, 3], 5_212, 0],
  [1, [2, 1], 5_212, 4_800],
  [1, [2, 2], 5_212, 0],
  [1, [1, 0], 5_212, 15_000],
  [1, [1, 2], 5_212, 0],
  [1, [1, 1], 412, 0],
  [0, [1, 0, 1], 40_218, 19_800],
  [1, [0, 1, 0], 10_218, 19_800],
];

const EIP_2200: readonly Row[] = [
  [0, [0, 0], 1_612, 0],
  [0, [0, 1], 20_812, 0],
  [0, [1, 0], 20_812, 19_200],
  [0, [1, 2], 20_812, 0],
  [0, [1, 1], 20_812, 0],
  [1, [0, 0], 5_812, 15_000],
  [1, [0, 1], 5_812, 4_200],
  [1, [0, 2], 5_812, 0],
  [1, [2, 0], 5_812, 15_000],
  [1, [2, 3], 5_812, 0],
  [1, [2, 1], 5_812, 4_200],
  [1, [2, 2], 5_812, 0],
  [1, [1, 0], 5_812, 15_000],
  [1, [1, 2], 5_812, 0],
  [1, [1, 1], 1_612, 0],
  [0, [1, 0, 1], 40_818, 19_200],
  [1, [0, 1, 0], 10_818, 19_200],
];

// The table of EIP-3529 takes the slot for warm; here it is cold at first, which EIP-2929 prices at 2,100.
const COLD = 2_100;
const EIP_3529: readonly Row[] = [
  [0, [0, 0], 212 + COLD, 0],
  [0, [0, 1], 20_112 + COLD, 0],
  [0, [1, 0], 20_112 + COLD, 19_900],
  [0, [1, 2], 20_112 + COLD, 0],
  [0, [1, 1], 20_112 + COLD, 0],
  [1, [0, 0], 3_012 + COLD, 4_800],
  [1, [0, 1], 3_012 + COLD, 2_800],
  [1, [0, 2], 3_012 + COLD, 0],
  [1, [2, 0], 3_012 + COLD, 4_800],
  [1, [2, 3], 3_012 + COLD, 0],
  [1, [2, 1], 3_012 + COLD, 2_800],
  [1, [2, 2], 3_012 + COLD, 0],
  [1, [1, 0], 3_012 + COLD, 4_800],
  [1, [1, 2], 3_012 + COLD, 0],
  [1, [1, 1], 212 + COLD, 0],
  [0, [1, 0, 1], 40_118 + COLD, 19_900],
  [1, [0, 1, 0], 5_918 + COLD, 7_600],
];

// Berlin: the prices of EIP-2929 with the refunds of EIP-2200.
const BERLIN: readonly Row[] = EIP_3529.map(([original, values, gas], i) => {
  const cleared = EIP_2200[i]![3];
  // What EIP-2200 gives back for a slot that is as before: 19,200 or 4,200; EIP-2929 makes it 19,900 or 2,800.
  const refunds: Readonly<Record<number, number>> = { 0: 0, 15000: 15_000, 4200: 2_800, 19200: 19_900 };
  return [original, values, gas, i === 16 ? 17_800 : refunds[cleared]!];
});

// Yellow Paper, appendix G: 20,000 for a zero that becomes something, else 5,000; 15,000 back for clearing.
const PLAIN: readonly Row[] = EIP_1283.map(([original, values]) => {
  let current = original;
  let gas = 0;
  let refund = 0;
  for (const value of values) {
    gas += 6 + (current === 0 && value !== 0 ? 20_000 : 5_000);
    if (current !== 0 && value === 0) refund += 15_000;
    current = value;
  }
  return [original, values, gas, refund];
});

describe.each([
  ['Frontier', PLAIN],
  ['Byzantium', PLAIN],
  ['Constantinople', EIP_1283],
  ['Petersburg', PLAIN],
  ['Istanbul', EIP_2200],
  ['MuirGlacier', EIP_2200],
  ['Berlin', BERLIN],
  ['London', EIP_3529],
  ['Osaka', EIP_3529],
] as const)('SSTORE in %s', (fork, rows) => {
  it.each(rows)('from %d to %j costs %d, refund %d', (original, values, gas, refund) => {
    expect(outcome(original, values, fork)).toEqual([gas, refund]);
  });
});

describe('the refund counter', () => {
  it('follows a slot that changes in a child, and forgets a child that fails', () => {
    const clears = (end: string): Uint8Array => code(sstore(0, 0), push(0), push(0), end);
    const refundAfter = (end: string): number =>
      run(code(call(OTHER)), { accounts: [[OTHER, { code: clears(end), storage: [[0n, 5n]] }]] }).refund;
    expect(refundAfter('RETURN')).toBe(4_800);
    expect(refundAfter('REVERT')).toBe(0);
    expect(refundAfter('ADD')).toBe(4_800);
    expect(refundAfter('INVALID')).toBe(0);
  });

  it('may fall below zero in a child for what its caller got back', () => {
    const child = code(sstore(0, 1));
    const parent = code(sstore(0, 0), call(OTHER, { kind: 'DELEGATECALL' }), 'POP');
    const result = run(parent, { self: { storage: [[0n, 1n]] }, accounts: [[OTHER, { code: child }]] });
    expect(result.refund).toBe(2_800);
  });
});

describe('the sentry of EIP-2200', () => {
  // Two pushes before: 6 gas.
  it.each([
    ['Istanbul', 2_306, 'SstoreSentry'],
    ['Istanbul', 2_307, 'Stop'],
    ['Berlin', 2_306, 'SstoreSentry'],
    ['Osaka', 2_306, 'SstoreSentry'],
    ['Osaka', 2_307, 'Stop'],
    ['Constantinople', 206, 'Stop'],
    ['Constantinople', 205, 'OutOfGas'],
  ] as const)('in %s with %d gas: %s', (fork, gas, halt) => {
    const self = { storage: [[0n, 1n]] as const };
    expect(haltOf(writes([1]), { fork, gas, self })).toBe(halt);
  });

  it('keeps a stipend from writing, but not in Constantinople', () => {
    const child = writes([1]);
    const accounts = [[OTHER, { code: child, storage: [[0n, 1n]] as const }]] as const;
    const success = (fork: ForkName): bigint =>
      topOf(code(call(OTHER, { gas: 0, value: 1 })), { fork, accounts, self: { balance: 10n } });
    expect(success('Constantinople')).toBe(1n);
    expect(success('Istanbul')).toBe(0n);
    expect(success('Osaka')).toBe(0n);
  });
});

describe('SLOAD', () => {
  const program = code(push(5), 'SLOAD');
  const self = { storage: [[5n, 99n]] as const };

  it.each([
    ['Frontier', 50],
    ['TangerineWhistle', 200],
    ['Constantinople', 200],
    ['Istanbul', 800],
  ] as const)('costs in %s %d every time', (fork, gas) => {
    expect(topOf(program, { fork, self })).toBe(99n);
    expect(gasOf(code(program, program), { fork, self })).toBe(2 * (3 + gas));
  });

  it.each(['Berlin', 'Osaka'] as const)('costs in %s 2,100 cold and 100 warm', (fork) => {
    expect(gasOf(program, { fork, self })).toBe(2_103);
    expect(gasOf(code(program, program), { fork, self })).toBe(2_103 + 103);
    expect(gasOf(code(sstore(5, 99), program), { fork, self })).toBe(6 + 2_100 + 100 + 103);
    expect(gasOf(code(program, sstore(5, 98)), { fork, self })).toBe(2_103 + 6 + 2_900);
    expect(haltOf(program, { fork, self, gas: 2_102 })).toBe('OutOfGas');
  });

  it('is warm by account, and cold again when its frame reverts', () => {
    const reader = code(push(5), 'SLOAD', returnTop);
    const reverting = code(push(5), 'SLOAD', push(0), push(0), 'REVERT');
    const cost = (child: Uint8Array, kind: 'CALL' | 'DELEGATECALL'): number => {
      const accounts = [[OTHER, { code: child }]] as const;
      const before = code(call(OTHER, { kind }), 'POP');
      return gasOf(code(before, program), { accounts }) - gasOf(before, { accounts });
    };
    expect(cost(reader, 'CALL')).toBe(2_103);
    expect(cost(reader, 'DELEGATECALL')).toBe(103);
    expect(cost(reverting, 'DELEGATECALL')).toBe(2_103);
  });
});

describe('SSTORE', () => {
  it('keeps whole words under whole words', () => {
    const key = 2n ** 256n - 1n;
    const result = run(code(sstore(key, key - 1n), push(key), 'SLOAD'));
    expect(result.stack).toEqual([key - 1n]);
    expect([...result.diff.get(CONTRACT)!.storage]).toEqual([[key, key - 1n]]);
  });

  it('is undone with its frame', () => {
    const child = code(sstore(1, 7), push(0), push(0), 'REVERT');
    const result = run(code(sstore(1, 5), call(OTHER, { kind: 'DELEGATECALL' }), push(1), 'SLOAD'), {
      accounts: [[OTHER, { code: child }]],
    });
    expect(result.stack).toEqual([0n, 5n]);
  });
});

describe('transient storage (EIP-1153)', () => {
  const tstore = (key: number, value: number): Uint8Array => code(push(value), push(key), 'TSTORE');
  const tload = (key: number): Uint8Array => code(push(key), 'TLOAD');

  it('keeps words by key, and is 0 elsewhere; each access costs 100', () => {
    expect(run(code(tstore(1, 11), tstore(2, 22), tload(1), tload(2), tload(3))).stack).toEqual([
      11n,
      22n,
      0n,
    ]);
    expect(gasOf(code(tstore(1, 11)))).toBe(106);
    expect(gasOf(code(tstore(1, 11), tload(1), tload(9)))).toBe(106 + 103 + 103);
  });

  it('is no storage, and is gone with the transaction', () => {
    const result = run(code(tstore(1, 11), push(1), 'SLOAD'));
    expect(result.stack).toEqual([0n]);
    expect(result.diff.size).toBe(0);
  });

  it('belongs to the account that runs, in each kind of call', () => {
    const reads = code(tload(1), returnTop);
    const seen = (kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL'): bigint =>
      topOf(code(tstore(1, 11), call(OTHER, { kind, outSize: 32 }), push(0), 'MLOAD'), {
        accounts: [[OTHER, { code: reads }]],
      });
    expect([seen('CALL'), seen('CALLCODE'), seen('DELEGATECALL'), seen('STATICCALL')]).toEqual([
      0n,
      11n,
      11n,
      0n,
    ]);
  });

  it('lasts from one call to the next, and is undone by a revert', () => {
    const counts = code(tload(1), push(1), 'ADD', 'DUP1', push(1), 'TSTORE', returnTop);
    const failing = code(tstore(1, 50), push(0), push(0), 'REVERT');
    const once = [call(OTHER, { outSize: 32 }), 'POP'];
    const accounts = [[OTHER, { code: counts }]] as const;
    expect(topOf(code(once, once, once, push(0), 'MLOAD'), { accounts })).toBe(3n);
    const program = code(tstore(1, 5), call(OTHER, { kind: 'DELEGATECALL' }), tload(1));
    expect(run(program, { accounts: [[OTHER, { code: failing }]] }).stack).toEqual([0n, 5n]);
    const burning = code(tstore(1, 50), raw(0xfe));
    const limited = code(tstore(1, 5), call(OTHER, { kind: 'DELEGATECALL', gas: 9_000 }), tload(1));
    expect(run(limited, { accounts: [[OTHER, { code: burning }]] }).stack).toEqual([0n, 5n]);
  });

  it('has no sentry, and no instruction before its fork', () => {
    expect(haltOf(tstore(1, 1), { gas: 106 })).toBe('Stop');
    expect(haltOf(tstore(1, 1), { gas: 105 })).toBe('OutOfGas');
    expect(haltOf(tstore(1, 1), { fork: 'Shanghai' })).toBe('UndefinedOpcode');
  });

  it('is seen again by reentering code', () => {
    // Called from outside it stores 77 and calls OTHER, which calls back; it then keeps what it sees in slot 3.
    const back = code(call(CONTRACT, { gas: 80_000 }));
    const reentrant = code(
      [tload(1), 'DUP1', jumpi('again')],
      [tstore(1, 77), call(OTHER, { gas: 100_000 }), 'STOP'],
      [label('again'), storeTop(3)],
    );
    const result = run(reentrant, { accounts: [[OTHER, { code: back }]] });
    expect(slotOf(result, CONTRACT, 3)).toBe(77n);
  });
});
