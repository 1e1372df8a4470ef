/** Calls to accounts that delegate to the code of another (EIP-7702). */

import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import { call, code, push, returnTop, sstore } from '../helpers/assembler.ts';
import { CONTRACT, gasOf, OTHER, type RunOptions, run, slotOf, topOf } from '../helpers/run.ts';

const DELEGATING = 0xde1e_6a7en;
const designator = (to: bigint): Uint8Array => hexToBytes(`0xef0100${to.toString(16).padStart(40, '0')}`);

const around = (target: Uint8Array, delegate = OTHER): RunOptions => ({
  accounts: [
    [DELEGATING, { code: designator(delegate) }],
    [OTHER, { code: target }],
  ],
});

const KINDS = ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const;

describe('a call to a delegating account', () => {
  it('runs the code behind it on the account itself', () => {
    const result = run(code(call(DELEGATING)), around(code('ADDRESS', push(1), 'SSTORE')));
    expect(slotOf(result, DELEGATING, 1)).toBe(DELEGATING);
    expect(slotOf(result, OTHER, 1)).toBe(0n);
  });

  it.each(KINDS)('by %s finds the code of the delegate in CODESIZE and CODECOPY', (kind) => {
    const target = code('CODESIZE', returnTop);
    const program = code(call(DELEGATING, { kind, outSize: 32 }), 'POP', push(0), 'MLOAD');
    expect(topOf(program, around(target))).toBe(BigInt(target.length));
  });

  it.each(KINDS)('by %s pays for both accounts', (kind) => {
    const words = kind === 'CALL' || kind === 'CALLCODE' ? 7 : 6;
    const cost = (options: RunOptions): number =>
      gasOf(code(call(DELEGATING, { kind, gas: 0 })), { ...around(new Uint8Array(0)), ...options }) -
      3 * words;
    expect(cost({})).toBe(2_600 + 2_600);
    expect(cost({ warm: [OTHER] })).toBe(2_600 + 100);
    expect(cost({ warm: [DELEGATING] })).toBe(100 + 2_600);
    expect(cost({ warm: [DELEGATING, OTHER] })).toBe(200);
    expect(cost({ fork: 'Cancun' })).toBe(2_600);
  });

  it('pays the warm price twice for an account that delegates to itself, which fails', () => {
    const accounts = [[DELEGATING, { code: designator(DELEGATING) }]] as const;
    const program = code(call(DELEGATING, { gas: 1_000 }));
    expect(topOf(program, { accounts })).toBe(0n);
    expect(gasOf(program, { accounts })).toBe(21 + 2_600 + 100 + 1_000);
  });

  it('follows one step only: a designator as code is no code', () => {
    const chained = {
      accounts: [
        [DELEGATING, { code: designator(0xd2n) }],
        [0xd2n, { code: designator(OTHER) }],
        [OTHER, { code: code(sstore(1, 1)) }],
      ],
    } as const;
    expect(run(code(call(DELEGATING, { gas: 50_000 })), chained).stack).toEqual([0n]);
  });

  it('to a precompile runs nothing', () => {
    const program = code(
      push(7),
      push(0),
      'MSTORE',
      call(DELEGATING, { inSize: 32, gas: 10_000 }),
      'RETURNDATASIZE',
    );
    expect(run(program, around(new Uint8Array(0), 4n)).stack).toEqual([1n, 0n]);
  });

  it('to an account without code succeeds', () => {
    expect(topOf(code(call(DELEGATING)), around(new Uint8Array(0)))).toBe(1n);
  });

  it('is a call to 0xEF, which fails, before its fork', () => {
    expect(topOf(code(call(DELEGATING, { gas: 1_000 })), { ...around(code('STOP')), fork: 'Cancun' })).toBe(
      0n,
    );
    expect(topOf(code(call(DELEGATING, { gas: 1_000 })), { ...around(code('STOP')), fork: 'Prague' })).toBe(
      1n,
    );
  });

  it('needs exactly 23 bytes', () => {
    for (const text of [
      '0xef0100',
      `0xef0100${'11'.repeat(19)}`,
      `0xef0100${'11'.repeat(21)}`,
      `0xef0101${'11'.repeat(20)}`,
    ]) {
      const accounts = [[DELEGATING, { code: hexToBytes(text) }]] as const;
      expect([text, topOf(code(call(DELEGATING, { gas: 1_000 })), { accounts })]).toEqual([text, 0n]);
    }
  });

  it('is seen by EXTCODESIZE as 23 bytes, whose access warms nothing else', () => {
    const program = code(push(DELEGATING), 'EXTCODESIZE');
    expect(topOf(program, around(code('STOP')))).toBe(23n);
    expect(gasOf(program, around(code('STOP')))).toBe(2_603);
    const then = gasOf(code(program, push(OTHER), 'BALANCE'), around(code('STOP')));
    expect(then).toBe(2_603 + 2_603);
  });

  it('carries value to the delegating account', () => {
    const { world } = run(code(call(DELEGATING, { value: 3 })), {
      ...around(code('STOP')),
      self: { balance: 5n },
    });
    expect([world.account(DELEGATING).balance, world.account(OTHER).balance]).toEqual([3n, 0n]);
    expect(world.account(CONTRACT).balance).toBe(2n);
  });
});
