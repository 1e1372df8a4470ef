/** Calls: what they cost, what gas the child gets, what moves, and what comes back. */

import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { type CallOptions, call, code, mstore, push, raw, returnTop, sstore } from '../helpers/assembler.ts';
import { CALLER, CONTRACT, gasOf, haltOf, NOBODY, OTHER, run, slotOf, topOf } from '../helpers/run.ts';

const KINDS = ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const;
const RICH = { self: { balance: 1_000_000n } } as const;

/** Gas that the call took beyond the pushes before it; the child gets none. */
function priceOf(
  to: bigint,
  options: CallOptions,
  fork: ForkName,
  accounts = [] as [bigint, object][],
): number {
  const program = code(call(to, { gas: 0, ...options }));
  const words = options.kind === 'DELEGATECALL' || options.kind === 'STATICCALL' ? 6 : 7;
  return gasOf(program, { fork, ...RICH, accounts }) - 3 * words;
}

describe('the price of a call', () => {
  const there: [bigint, object][] = [[OTHER, { balance: 1n }]];

  it.each([
    ['Frontier', 40],
    ['Homestead', 40],
    ['TangerineWhistle', 700],
    ['SpuriousDragon', 700],
    ['Istanbul', 700],
    ['Berlin', 2_600],
    ['Osaka', 2_600],
  ] as const)('to an account that exists is in %s %d, 9,000 more with value', (fork, gas) => {
    expect(priceOf(OTHER, {}, fork, there)).toBe(gas);
    // The stipend comes back from an account without code.
    expect(priceOf(OTHER, { value: 1 }, fork, there)).toBe(gas + 9_000 - 2_300);
    expect(priceOf(OTHER, { kind: 'CALLCODE' }, fork, there)).toBe(gas);
    expect(priceOf(OTHER, { kind: 'CALLCODE', value: 1 }, fork, there)).toBe(gas + 9_000 - 2_300);
    if (fork !== 'Frontier') expect(priceOf(OTHER, { kind: 'DELEGATECALL' }, fork, there)).toBe(gas);
  });

  it.each([
    ['Frontier', 25_040, 34_040],
    ['TangerineWhistle', 25_700, 34_700],
    ['SpuriousDragon', 700, 34_700],
    ['Istanbul', 700, 34_700],
    ['Berlin', 2_600, 36_600],
    ['Osaka', 2_600, 36_600],
  ] as const)('to no account is in %s %d without value and %d with it', (fork, without, withValue) => {
    expect(priceOf(NOBODY, {}, fork)).toBe(without);
    expect(priceOf(NOBODY, { value: 1 }, fork)).toBe(withValue - 2_300);
    // Only CALL makes an account.
    const access = fork === 'Berlin' || fork === 'Osaka' ? 2_600 : fork === 'Frontier' ? 40 : 700;
    expect(priceOf(NOBODY, { kind: 'CALLCODE', value: 1 }, fork)).toBe(access + 9_000 - 2_300);
  });

  it('to an empty account that exists counts as new from EIP-161 on, when value moves', () => {
    const empty: [bigint, object][] = [[OTHER, {}]];
    expect(priceOf(OTHER, { value: 1 }, 'TangerineWhistle', empty)).toBe(9_700 - 2_300);
    expect(priceOf(OTHER, { value: 1 }, 'SpuriousDragon', empty)).toBe(34_700 - 2_300);
    expect(priceOf(OTHER, {}, 'SpuriousDragon', empty)).toBe(700);
  });

  it('STATICCALL, and 100 for a warm account', () => {
    expect(priceOf(OTHER, { kind: 'STATICCALL' }, 'Byzantium')).toBe(700);
    for (const kind of KINDS) {
      expect(priceOf(OTHER, { kind }, 'Osaka')).toBe(2_600);
      expect(priceOf(4n, { kind }, 'Osaka')).toBe(100 + 0);
      const twice = code(call(OTHER, { kind, gas: 0 }), call(OTHER, { kind, gas: 0 }));
      const once = code(call(OTHER, { kind, gas: 0 }));
      const words = kind === 'CALL' || kind === 'CALLCODE' ? 7 : 6;
      expect(gasOf(twice) - gasOf(once)).toBe(3 * words + 100);
    }
  });

  it('includes the larger of the two pieces of memory, once', () => {
    const price = (inSize: number, outSize: number): number =>
      gasOf(code(call(OTHER, { gas: 0, inSize, outSize }))) - gasOf(code(call(OTHER, { gas: 0 })));
    expect(price(320, 0)).toBe(30);
    expect(price(0, 640)).toBe(60);
    expect(price(320, 640)).toBe(60);
    expect(price(640, 320)).toBe(60);
  });

  it('is not paid with one gas less', () => {
    const program = code(call(NOBODY, { gas: 0, value: 1 }));
    const { gasUsed, halt } = run(program, { ...RICH, gas: 21 + 36_600 });
    expect([gasUsed, halt]).toEqual([21n + 34_300n, 3]);
    expect(haltOf(program, { ...RICH, gas: 21 + 36_599 })).toBe('OutOfGas');
  });
});

describe('the gas of the child', () => {
  /** The child returns what GAS shows it first. */
  const child = code('GAS', returnTop);
  const seen = (options: CallOptions, gas: number, fork: ForkName = 'Osaka'): bigint =>
    topOf(code(call(OTHER, { ...options, outSize: 32 }), 'POP', push(0), 'MLOAD'), {
      fork,
      gas,
      ...RICH,
      accounts: [[OTHER, { code: child }]],
    }) + 2n;

  it.each(KINDS)('%s gives what is asked for, and all but a 64th at most (EIP-150)', (kind) => {
    expect(seen({ kind, gas: 1_000 }, 100_000)).toBe(1_000n);
    const words = kind === 'CALL' || kind === 'CALLCODE' ? 7 : 6;
    // The last push may be GAS, which costs 2.
    const left = 100_000 - 3 * words - 3 - 2_600;
    expect(seen({ kind, gas: 2n ** 256n - 1n }, 100_000)).toBe(BigInt(left - Math.floor(left / 64)));
    expect(seen({ kind, gas: 2n ** 64n }, 100_000)).toBe(BigInt(left - Math.floor(left / 64)));
    expect(seen({ kind, gas: left }, 100_000)).toBe(BigInt(left - Math.floor(left / 64)));
    const most = left - Math.floor(left / 64);
    expect(seen({ kind, gas: most }, 100_000)).toBe(BigInt(most));
    expect(seen({ kind, gas: most - 1 }, 100_000)).toBe(BigInt(most - 1));
  });

  it.each(['CALL', 'CALLCODE'] as const)('%s adds the stipend when value moves', (kind) => {
    expect(seen({ kind, gas: 0, value: 1 }, 100_000)).toBe(2_300n);
    expect(seen({ kind, gas: 1_000, value: 1 }, 100_000)).toBe(3_300n);
    const left = 100_000 - 24 - 2_600 - 9_000;
    expect(seen({ kind, gas: 99_999, value: 1 }, 100_000)).toBe(BigInt(left - Math.floor(left / 64) + 2_300));
  });

  it('asking for more than there is fails before EIP-150', () => {
    const program = (gas: number): Uint8Array => code(call(OTHER, { gas }));
    const options = { fork: 'Homestead', gas: 10_000, accounts: [[OTHER, { code: child }]] } as const;
    expect(haltOf(program(10_000 - 21 - 40), options)).toBe('Stop');
    expect(haltOf(program(10_000 - 21 - 40 + 1), options)).toBe('OutOfGas');
    expect(haltOf(code(call(OTHER, { gas: 2n ** 256n - 1n })), options)).toBe('OutOfGas');
    expect(haltOf(code(call(OTHER, { gas: 2n ** 64n })), options)).toBe('OutOfGas');
    expect(haltOf(code(call(OTHER, { gas: 10n ** 9n })), { ...options, fork: 'TangerineWhistle' })).toBe(
      'Stop',
    );
  });

  it('comes back where it is left, and not after an exceptional halt', () => {
    const spent = (bytecode: Uint8Array): number =>
      gasOf(code(call(OTHER, { gas: 50_000 })), { accounts: [[OTHER, { code: bytecode }]] }) - 21 - 2_600;
    expect(spent(code('STOP'))).toBe(0);
    expect(spent(code(push(1), push(2), 'ADD'))).toBe(9);
    expect(spent(code(push(0), push(0), 'REVERT'))).toBe(6);
    expect(spent(raw(0xfe))).toBe(50_000);
    expect(spent(code('POP'))).toBe(50_000);
    expect(spent(code(push(0), 'JUMP'))).toBe(50_000);
  });

  it('with the stipend comes back too, when the call cannot start', () => {
    const program = code(call(OTHER, { gas: 1_000, value: 10n ** 30n }));
    expect(run(program, RICH).stack).toEqual([0n]);
    expect(gasOf(program, { ...RICH, accounts: [[OTHER, { balance: 1n }]] })).toBe(
      3 * 7 + 2_600 + 9_000 - 2_300,
    );
  });
});

describe('value', () => {
  it('moves from the caller to the callee by CALL only', () => {
    const moved = (kind: (typeof KINDS)[number]): bigint[] => {
      const { world } = run(code(call(OTHER, { kind, value: 7 })), {
        ...RICH,
        accounts: [[OTHER, { code: raw(0) }]],
      });
      return [world.account(CONTRACT).balance, world.account(OTHER).balance];
    };
    expect(moved('CALL')).toEqual([999_993n, 7n]);
    expect(moved('CALLCODE')).toEqual([1_000_000n, 0n]);
    expect(moved('DELEGATECALL')).toEqual([1_000_000n, 0n]);
    expect(moved('STATICCALL')).toEqual([1_000_000n, 0n]);
  });

  it('comes back when the callee fails', () => {
    for (const failing of [raw(0xfe), code(push(0), push(0), 'REVERT')]) {
      const { world, stack } = run(code(call(OTHER, { value: 7, gas: 9_000 })), {
        ...RICH,
        accounts: [[OTHER, { code: failing }]],
      });
      expect([stack, world.account(CONTRACT).balance, world.account(OTHER).balance]).toEqual([
        [0n],
        1_000_000n,
        0n,
      ]);
    }
  });

  it('sent to oneself changes nothing', () => {
    const program = code('CALLDATASIZE', push(0), 'EQ', raw(0x50), call(CONTRACT, { value: 7, gas: 0 }));
    expect(run(program, RICH).world.account(CONTRACT).balance).toBe(1_000_000n);
  });

  it('of exactly the balance moves, of one more does not', () => {
    expect(topOf(code(call(OTHER, { value: 1_000_000n })), RICH)).toBe(1n);
    expect(topOf(code(call(OTHER, { value: 1_000_001n })), RICH)).toBe(0n);
    expect(topOf(code(call(OTHER, { value: 2n ** 256n - 1n })), RICH)).toBe(0n);
    // CALLCODE moves nothing, yet needs the balance.
    expect(topOf(code(call(OTHER, { kind: 'CALLCODE', value: 1_000_001n })), RICH)).toBe(0n);
  });

  it('of the outermost message reaches the contract, and goes back on failure', () => {
    expect(run(raw(0), { value: 5n }).world.account(CONTRACT).balance).toBe(5n);
    expect(run(raw(0xfe), { value: 5n }).world.account(CONTRACT).balance).toBe(0n);
    expect(run(raw(0xfe), { value: 5n }).world.account(CALLER).balance).toBe(10n ** 18n);
  });
});

describe('a call without value', () => {
  it('brings the callee into being before EIP-161 and leaves no trace after', () => {
    const program = code(call(NOBODY));
    expect(run(program, { fork: 'TangerineWhistle' }).diff.get(NOBODY)?.account).toMatchObject({
      balance: 0n,
    });
    expect(run(program, { fork: 'SpuriousDragon' }).diff.has(NOBODY)).toBe(false);
  });

  it('removes an empty account that it touches, from EIP-161 on', () => {
    const accounts = [[OTHER, {}]] as const;
    expect(run(code(call(OTHER)), { accounts, fork: 'TangerineWhistle' }).diff.has(OTHER)).toBe(false);
    expect(run(code(call(OTHER)), { accounts, fork: 'SpuriousDragon' }).diff.get(OTHER)?.account).toBeNull();
    expect(run(code(call(OTHER, { kind: 'STATICCALL' })), { accounts }).diff.get(OTHER)?.account).toBeNull();
    for (const kind of ['CALLCODE', 'DELEGATECALL'] as const) {
      expect(run(code(call(OTHER, { kind })), { accounts }).diff.has(OTHER)).toBe(false);
    }
    const reverted = code(call(OTHER), push(0), push(0), 'REVERT');
    expect(run(reverted, { accounts }).diff.has(OTHER)).toBe(false);
  });

  it('touches the RIPEMD-160 precompile for good, even where it fails (EIP-161)', () => {
    const accounts = [
      [3n, {}],
      [2n, {}],
    ] as const;
    const program = code(call(3n, { gas: 1 }), call(2n, { gas: 1 }), raw(0xfe));
    const { diff } = run(program, { accounts, fork: 'SpuriousDragon' });
    expect(diff.get(3n)?.account).toBeNull();
    expect(diff.has(2n)).toBe(false);
  });
});

describe('precompiles', () => {
  it('burn the gas of the call when it does not suffice', () => {
    const spent = (gas: number): number => gasOf(code(call(4n, { gas, inSize: 64 }))) - 21 - 100 - 6;
    expect(spent(100)).toBe(15 + 6);
    expect(spent(21)).toBe(21);
    expect(spent(20)).toBe(20);
    expect(topOf(code(call(4n, { gas: 21, inSize: 64 })))).toBe(1n);
    expect(topOf(code(call(4n, { gas: 20, inSize: 64 })))).toBe(0n);
  });

  it('take value, and give it back when they fail', () => {
    const sent = (gas: number): bigint =>
      run(code(call(2n, { gas, value: 3 })), RICH).world.account(2n).balance;
    expect(sent(1_000)).toBe(3n);
    // The stipend alone pays for SHA-256 of nothing, but not for a pairing.
    expect(sent(0)).toBe(3n);
    const pairing = run(code(call(8n, { gas: 0, value: 3 })), RICH);
    expect([pairing.world.account(8n).balance, pairing.stack]).toEqual([0n, [0n]]);
  });

  it.each(KINDS)('answer a %s', (kind) => {
    const program = code(mstore(0, 0xfeedn), call(4n, { kind, inSize: 32, outOffset: 32, outSize: 32 }), [
      push(32),
      'MLOAD',
    ]);
    expect(topOf(program)).toBe(0xfeedn);
  });

  it('are plain accounts before their fork', () => {
    const { halt, gasUsed } = run(code(call(5n, { gas: 1_000 })), { fork: 'SpuriousDragon' });
    expect([halt, gasUsed]).toEqual([3, 721n]);
  });

  it('run although an account with code is there', () => {
    const accounts = [[4n, { code: code(push(1), push(0), 'SSTORE') }]] as const;
    const result = run(code(mstore(0, 5), call(4n, { inSize: 32, outSize: 32 })), { accounts });
    expect(slotOf(result, 4n, 0)).toBe(0n);
  });
});

describe('static calls (EIP-214)', () => {
  const writing: readonly (readonly [string, Uint8Array])[] = [
    ['SSTORE', code(sstore(0, 1))],
    ['SSTORE that changes nothing', code(sstore(0, 0))],
    ['TSTORE', code(push(1), push(0), 'TSTORE')],
    ['LOG0', code(push(0), push(0), 'LOG0')],
    ['LOG1', code(push(0), push(0), push(0), 'LOG1')],
    ['LOG2', code(push(0), push(0), push(0), push(0), 'LOG2')],
    ['LOG3', code(push(0), push(0), push(0), push(0), push(0), 'LOG3')],
    ['LOG4', code(push(0), push(0), push(0), push(0), push(0), push(0), 'LOG4')],
    ['CREATE', code(push(0), push(0), push(0), 'CREATE')],
    ['CREATE2', code(push(0), push(0), push(0), push(0), 'CREATE2')],
    ['SELFDESTRUCT', code(push(0), 'SELFDESTRUCT')],
    ['CALL with value', code(call(OTHER, { value: 1 }))],
  ];

  it.each(writing)('%s fails in a static frame, and is fine elsewhere', (_, program) => {
    const { halt, gasLeft } = run(program, { isStatic: true, ...RICH });
    expect([halt, gasLeft]).toEqual([15, 0n]);
    expect(haltOf(program, RICH)).not.toBe('StaticViolation');
  });

  it.each(writing)('%s fails in every call from a static frame', (_, program) => {
    for (const kind of KINDS) {
      const child = code(call(OTHER, { kind, gas: 100_000 }), returnTop);
      const list = [
        [0xccn, { code: child }],
        [OTHER, { code: program, balance: 5n }],
      ] as const;
      const outer = code(call(0xccn, { kind: 'STATICCALL', outSize: 32 }), 'POP', push(0), 'MLOAD');
      expect([kind, topOf(outer, { accounts: list, ...RICH })]).toEqual([kind, 0n]);
      const free = code(call(0xccn, { outSize: 32 }), 'POP', push(0), 'MLOAD');
      // Made through no static call, it works, but for the callee's own static call.
      const works = kind !== 'STATICCALL';
      expect([kind, topOf(free, { accounts: list, ...RICH })]).toEqual([kind, works ? 1n : 0n]);
    }
  });

  it.each([
    ['CALL without value', code(call(OTHER))],
    ['CALLCODE with value', code(call(OTHER, { kind: 'CALLCODE', value: 1 }))],
    ['DELEGATECALL', code(call(OTHER, { kind: 'DELEGATECALL' }))],
    ['SLOAD', code(push(0), 'SLOAD')],
    ['TLOAD', code(push(0), 'TLOAD')],
  ])('%s is allowed', (_, program) => {
    expect(haltOf(program, { isStatic: true, ...RICH })).toBe('Stop');
  });

  it('sees stack underflow before the violation, and keeps its caller writable', () => {
    expect(haltOf(code('SSTORE'), { isStatic: true })).toBe('StackUnderflow');
    const result = run(code(call(OTHER, { kind: 'STATICCALL' }), sstore(1, 1)), {
      accounts: [[OTHER, { code: raw(0) }]],
    });
    expect(slotOf(result, CONTRACT, 1)).toBe(1n);
  });
});

describe('the output of a call', () => {
  it.each(KINDS)('of a failing %s is the revert data', (kind) => {
    const failing = code(mstore(0, 0xdeadn), push(2), push(30), 'REVERT');
    const program = code(
      call(OTHER, { kind, outOffset: 1, outSize: 2 }),
      push(0),
      'MSTORE8',
      push(3),
      push(0),
      'RETURN',
    );
    const { output } = run(program, { accounts: [[OTHER, { code: failing }]] });
    expect(bytesToHex(output)).toBe('0x00dead');
  });

  it('runs DELEGATECALL and CALLCODE on the storage of the caller', () => {
    const writer = code(sstore(1, 9));
    for (const kind of KINDS.slice(0, 3)) {
      const result = run(code(call(OTHER, { kind })), { accounts: [[OTHER, { code: writer }]] });
      const [own, others] = [slotOf(result, CONTRACT, 1), slotOf(result, OTHER, 1)];
      expect([own, others]).toEqual(kind === 'CALL' ? [0n, 9n] : [9n, 0n]);
    }
  });
});
