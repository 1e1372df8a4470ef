/** Call depth: 1,024 frames below the first, on the JavaScript stack that Node has by default. */

import { describe, expect, it } from 'vitest';
import { call, code, create, jumpi, label, push, raw, storeTop } from '../helpers/assembler.ts';
import { CONTRACT, ENGINES, haltOf, OTHER, run, runOn, slotOf } from '../helpers/run.ts';

// Slot 0 counts the calls that began, slot 1 those that could not: each level adds 1 before it calls itself.
const counting = (kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL'): Uint8Array =>
  code(
    [push(0), 'SLOAD', push(1), 'ADD', storeTop(0)],
    [call(CONTRACT, { kind }), 'ISZERO', push(1), 'SLOAD', 'ADD', storeTop(1)],
  );

describe('depth', () => {
  it.each(['CALL', 'CALLCODE', 'DELEGATECALL'] as const)('of %s ends behind 1,024', (kind) => {
    // So much that the 64th kept at each level ends nothing.
    const gas = 2n ** 62n;
    const program = code(counting(kind));
    const result = run(program, { gas });
    expect(result.halt).toBe(3);
    expect(slotOf(result, CONTRACT, 0)).toBe(1_025n);
    expect(slotOf(result, CONTRACT, 1)).toBe(1n);
  });

  it('of STATICCALL ends there, too', () => {
    // Each level returns 1 more than the level below it; the one that could not call returns 1.
    const program = code(
      [call(CONTRACT, { kind: 'STATICCALL', outSize: 32 }), 'POP', push(0), 'MLOAD', push(1), 'ADD'],
      [push(0), 'MSTORE', push(32), push(0), 'RETURN'],
    );
    const { output } = run(program, { gas: 2n ** 62n });
    expect(output.slice(28)).toEqual(raw(0, 0, 1_025 >> 8, 1_025 & 0xff));
  });

  it('of CREATE ends there, too, and does not take a nonce', () => {
    // Init code that copies itself into memory and creates again.
    const initCode = code(
      'CODESIZE',
      push(0),
      push(0),
      'CODECOPY',
      'CODESIZE',
      push(0),
      push(0),
      'CREATE',
      push(0),
      ['SSTORE'],
    );
    const { world, diff } = run(code(create(initCode)), { gas: 2n ** 62n, self: { nonce: 1n } });
    expect(diff.size).toBe(1_025);
    const nonces = [...diff.values()].map((change) => change.account!.nonce);
    expect(nonces.filter((nonce) => nonce === 1n)).toHaveLength(1);
    expect(world.account(CONTRACT).nonce).toBe(2n);
  });

  it('holds for a mixed chain of contracts', () => {
    const bounce = code([push(0), 'SLOAD', push(1), 'ADD', storeTop(0)], call(CONTRACT));
    const result = run(code([push(0), 'SLOAD', push(1), 'ADD', storeTop(0)], call(OTHER)), {
      gas: 2n ** 62n,
      accounts: [[OTHER, { code: bounce }]],
    });
    expect(slotOf(result, CONTRACT, 0)).toBe(513n);
    expect(slotOf(result, OTHER, 0)).toBe(512n);
  });

  it('lets an exceptional halt at the bottom pass up to the first frame', () => {
    // Each frame fails whose call failed.
    const program = code(
      [push(0), 'SLOAD', push(1), 'ADD', storeTop(0)],
      [call(CONTRACT), jumpi('fine'), raw(0xfe), label('fine')],
    );
    const result = run(program, { gas: 2n ** 62n });
    expect(result.halt).toBe(13);
    expect(result.diff.size).toBe(0);
  });

  it('deep revert chains give the gas back', () => {
    const program = code(call(CONTRACT), push(0), push(0), 'REVERT');
    const { halt, gasUsed } = run(program, { gas: 2n ** 62n });
    expect(halt).toBe(6);
    expect(gasUsed).toBeLessThan(1_100n * 200n);
  });

  it('does not depend on the JavaScript stack that is left', () => {
    // Plain recursion first, which uses up a part of the default stack.
    const under = (levels: number): string =>
      levels === 0 ? haltOf(counting('CALL'), { gas: 2n ** 62n }) : `${under(levels - 1)}`;
    expect(under(3_000)).toBe('Stop');
    for (const engine of ENGINES) expect(runOn(engine, counting('CALL'), { gas: 2n ** 62n }).halt).toBe(3);
  });
});
