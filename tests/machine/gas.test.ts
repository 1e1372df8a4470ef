/** Gas is exact up to 2^64 - 1, although a frame spends plain numbers from chunks of 2^52. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../src/forks/rules.ts';
import { Frame } from '../../src/machine/frame.ts';
import { charge, gasLeft, refill, refillBefore, returnGas, setGas, takeGas } from '../../src/machine/gas.ts';
import { Halt } from '../../src/machine/halt.ts';
import type { Host } from '../../src/machine/host.ts';
import { call, code, jumpi, label, push, raw, returnTop } from '../helpers/assembler.ts';
import { ENGINES, haltOf, OTHER, run, runOn, topOf } from '../helpers/run.ts';

const CHUNK = 2n ** 52n;
const LIMITS: readonly bigint[] = [
  1_000_000n,
  2n ** 52n - 1n,
  2n ** 52n,
  2n ** 52n + 1n,
  2n ** 52n + 2n,
  2n ** 52n + 3n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 53n + 3n,
  2n ** 60n + 1n,
  2n ** 63n - 1n,
  2n ** 63n + 12_345n,
  2n ** 64n - 1n,
];

const hostWith = (interrupted?: () => boolean): Host => ({ interrupted }) as unknown as Host;
const frameWith = (gas: bigint, interrupted?: () => boolean): Frame => {
  const frame = new Frame(hostWith(interrupted), rulesOf('Osaka'));
  setGas(frame, gas);
  return frame;
};

describe('GAS', () => {
  it.each(LIMITS)('is exact with a limit of %d', (gas) => {
    const { stack, gasLeft, gasUsed } = run(code('GAS', push(1), 'GAS', 'POP', 'GAS'), { gas });
    expect(stack).toEqual([gas - 2n, 1n, gas - 2n - 3n - 2n - 2n - 2n]);
    expect([gasLeft, gasUsed]).toEqual([gas - 11n, 11n]);
  });

  it.each(LIMITS)('is exact in a child, and after it, with a limit of %d', (gas) => {
    const child = code('GAS', returnTop);
    const program = code(call(OTHER, { outSize: 32 }), 'GAS', push(0), 'MLOAD');
    const { stack, gasUsed } = run(program, { gas, accounts: [[OTHER, { code: child }]] });
    // Six pushes and GAS, then the cold account, with 32 bytes of memory.
    const left = gas - 20n - 2_603n;
    const given = left - left / 64n;
    const childSpends = 2n + 3n + 3n + 3n + 3n + 3n;
    expect(stack).toEqual([1n, left - childSpends - 2n, given - 2n]);
    expect(gasUsed).toBe(20n + 2_603n + childSpends + 2n + 6n);
  });

  it.each(LIMITS)('of a failing child is a 64th of the rest with a limit of %d', (gas) => {
    const { stack } = run(code(call(OTHER), 'GAS'), { gas, accounts: [[OTHER, { code: raw(0xfe) }]] });
    const left = gas - 20n - 2_600n;
    expect(stack).toEqual([0n, left / 64n - 2n]);
  });

  it('is exact through many nested children of 2^64 - 1', () => {
    // Each level calls the next until the calldata runs out; here, itself 50 deep by a counter in storage.
    const program = code(
      [push(0), 'SLOAD', 'DUP1', push(1), 'ADD', push(0), 'SSTORE', push(50), 'EQ', jumpi('end')],
      [call(0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_00c0n), 'POP'],
      label('end'),
    );
    const low = run(program, { gas: 10n ** 9n });
    const high = run(program, { gas: 2n ** 64n - 1n });
    expect(high.gasUsed).toBe(low.gasUsed);
    expect(high.halt).toBe(Halt.Stop);
  });
});

describe('spending across chunks', () => {
  /** A loop that spends a lot each round: memory far out costs some 2^41 gas, in a fresh child each time. */
  const spender = code(push(0), push(2n ** 26n), 'MSTORE8');

  it('adds up, refill by refill', () => {
    const gas = 2n ** 52n + 10n ** 12n;
    const rounds = 40;
    const program = code(
      push(rounds),
      [label('loop'), call(OTHER), 'POP', push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('loop')],
      'GAS',
    );
    const words = 2n ** 21n + 1n;
    const price = 3n * words + (words * words) / 512n;
    const child = 3n + 3n + 3n + price;
    const round = 1n + 3n * 6n + 2n + 2n + 3n + 3n + 3n + 3n + 3n + 10n;
    const expected = 3n + 40n * (round + child) - 0n + 2_600n + 39n * 100n + 2n;
    for (const engine of ENGINES) {
      const { gasUsed, halt, stack } = runOn(engine, program, {
        gas,
        accounts: [[OTHER, { code: spender }]],
      });
      expect(halt).toBe(Halt.Stop);
      expect(gasUsed).toBe(expected);
      expect(stack.at(-1)).toBe(gas - expected);
    }
  });

  it('one charge crosses the boundary exactly', () => {
    const price = (bytes: bigint): bigint => 3n * (bytes / 32n) + (bytes / 32n) ** 2n / 512n;
    const size = 2n ** 25n;
    const cost = 3n + 3n + 3n + price(size);
    const program = code(push(0), push(size - 1n), 'MSTORE8', 'GAS');
    for (const extra of [0n, 1n, cost - 1n, cost, cost + 1n, cost + 2n, cost + 3n]) {
      const gas = CHUNK + extra;
      expect(topOf(program, { gas })).toBe(gas - cost - 2n);
    }
  });
});

describe('running out', () => {
  it('is noticed at the last unit', () => {
    const program = code(push(1), push(2), 'ADD');
    for (const [gas, halt] of [
      [9, 'Stop'],
      [8, 'OutOfGas'],
      [6, 'OutOfGas'],
      [0, 'OutOfGas'],
    ] as const) {
      expect(haltOf(program, { gas })).toBe(halt);
    }
  });
});

describe('the gas of a frame', () => {
  const amounts = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  it('is a sum that charges, children and returns keep exact', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('charge' as const), amount: fc.maxSafeNat().map((n) => n % 2 ** 44) }),
      fc.record({ kind: fc.constant('child' as const), share: fc.nat(64), back: fc.nat(64) }),
      fc.record({ kind: fc.constant('take' as const), amount: amounts }),
    );
    fc.assert(
      fc.property(amounts, fc.boolean(), fc.array(step, { maxLength: 60 }), (total, limited, steps) => {
        const frame = frameWith(total, limited ? () => false : undefined);
        let model = total;
        for (const each of steps) {
          if (each.kind === 'charge') {
            const halt = charge(frame, each.amount);
            if (BigInt(each.amount) > model) {
              expect(halt).toBe(Halt.OutOfGas);
              return;
            }
            expect(halt).toBe(Halt.Continue);
            model -= BigInt(each.amount);
          } else if (each.kind === 'take') {
            const amount = each.amount % (model + 1n);
            takeGas(frame, amount);
            model -= amount;
          } else {
            const given = (model * BigInt(each.share)) / 64n;
            takeGas(frame, given);
            const back = (given * BigInt(each.back)) / 64n;
            returnGas(frame, back);
            model += back - given;
          }
          expect(gasLeft(frame)).toBe(model);
          expect(frame.gas).toBeLessThanOrEqual(2 ** 53);
          expect(Number.isInteger(frame.gas)).toBe(true);
        }
      }),
      { numRuns: 2_000, seed: 64 },
    );
  });

  it('may be spent to the last unit of the reserve, and not beyond', () => {
    const frame = frameWith(CHUNK + 5n);
    expect(charge(frame, 2 ** 52)).toBe(Halt.Continue);
    expect(charge(frame, 5)).toBe(Halt.Continue);
    expect(gasLeft(frame)).toBe(0n);
    expect(charge(frame, 1)).toBe(Halt.OutOfGas);
    const short = frameWith(CHUNK + 5n);
    expect(charge(short, 2 ** 52)).toBe(Halt.Continue);
    expect(charge(short, 6)).toBe(Halt.OutOfGas);
  });

  it('never holds more than a chunk as a number', () => {
    const frame = frameWith(CHUNK);
    for (let i = 0; i < 3; i++) {
      returnGas(frame, CHUNK - 1n);
      expect(frame.gas).toBeLessThanOrEqual(2 ** 52);
    }
    expect(gasLeft(frame)).toBe(4n * CHUNK - 3n);
  });

  it('without a reserve runs out for good', () => {
    const frame = frameWith(10n);
    expect(charge(frame, 11)).toBe(Halt.OutOfGas);
    expect(frame.gas).toBe(-1);
    expect(refill(frame)).toBe(Halt.OutOfGas);
  });

  it('with an interrupt is handed out in pieces, and asks at each', () => {
    let asked = 0;
    const frame = frameWith(2n ** 22n, () => ++asked >= 3);
    let halt: Halt = Halt.Continue;
    while (halt === Halt.Continue) halt = (frame.gas -= 1_000) < 0 ? refillBefore(frame, 1_000) : halt;
    expect(halt).toBe(Halt.HostInterrupt);
    expect(asked).toBe(3);
    expect(gasLeft(frame)).toBeGreaterThan(2n ** 20n);
  });
});
