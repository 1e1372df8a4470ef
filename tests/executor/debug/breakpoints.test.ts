/** Breakpoints: each kind stops where it says, forwards and backwards alike. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Breakpoint, Debugger } from '../../../src/executor/debug/api.ts';
import { addressToHex } from '../../../src/index.ts';
import { call, code, create, deploys, push, raw, repeat, sstore } from '../../helpers/assembler.ts';
import { Random } from '../../helpers/random.ts';
import { TO } from '../../helpers/transact.ts';
import { busyEvm, debugCode, evmWith, FROM, HEX_TO, OTHERS, requestOf, statesOf, times } from './support.ts';

const CHILD = OTHERS[0]!;
const HEX_CHILD = addressToHex(CHILD);

/** Where the breakpoint stops, on the way there and on the way back. */
function stopsOf(debug: Debugger, breakpoint: Breakpoint): { there: number[]; back: number[] } {
  const set = debug.addBreakpoint(breakpoint);
  const [there, back]: [number[], number[]] = [[], []];
  debug.goTo(0);
  for (let stop = debug.continue(); stop.kind === 'breakpoint'; stop = debug.continue()) {
    expect(stop.hits).toEqual([set]);
    there.push(debug.position);
  }
  expect(debug.isEnd).toBe(true);
  for (let stop = debug.continueBack(); stop.kind === 'breakpoint'; stop = debug.continueBack()) {
    expect(stop.hits).toEqual([set]);
    back.unshift(debug.position);
    // Only standing there tells; on the way there nothing stops before the first instruction.
    if (debug.position === 0) break;
  }
  if (back[0] === 0) back.shift();
  expect(debug.removeBreakpoint(set.id)).toBe(true);
  return { there, back };
}

const ANY: readonly ((random: Random) => Breakpoint)[] = [
  (random) => ({ kind: 'pc', pc: random.below(80) }),
  (random) => ({ kind: 'pc', pc: random.below(20), account: random.pick([TO, ...OTHERS]) }),
  (random) => ({ kind: 'opcode', opcode: random.pick(['SSTORE', 'ADD', 'CALL', 'JUMPI', 'RETURN', 0x5b]) }),
  (random) => ({ kind: 'address', address: random.pick([TO, ...OTHERS, 2n, 4n]) }),
  (random) => ({ kind: 'slot', key: random.below(3) }),
  () => ({ kind: 'slot', transient: true }),
  (random) => ({ kind: 'log', topic: random.below(4) }),
  () => ({ kind: 'revert' }),
  (random) => ({ kind: 'gas', below: random.pick([1_000, 20_000, 50_000, 250_000]) }),
];

describe('breakpoints', () => {
  it('stop at the same places on the way back', async () => {
    const stops = ANY.map(() => 0);
    const both = fc.asyncProperty(fc.nat(), async (seed) => {
      const random = new Random(seed);
      const debug = await busyEvm(random).debug(requestOf(random), {
        checkpointBytes: random.pick([0, 2 ** 26]),
      });
      for (const [i, make] of ANY.entries()) {
        const { there, back } = stopsOf(debug, make(random));
        expect(back).toEqual(there);
        stops[i]! += there.length;
      }
    });
    await fc.assert(both, { numRuns: 30, seed: 5 });
    for (const [i, count] of stops.entries()) expect(count, `kind ${i}`).toBeGreaterThan(5);
  });

  it('stop before an instruction, at a pc or by name', async () => {
    const debug = await debugCode(times(5, 'GAS', 'POP'), 'STOP');
    const states = statesOf(debug);
    const positions = (name: string): number[] =>
      states.filter(({ instruction }) => instruction?.name === name).map(({ position }) => position);
    expect(stopsOf(debug, { kind: 'opcode', opcode: 'gas' }).there).toEqual(positions('GAS'));
    expect(stopsOf(debug, { kind: 'opcode', opcode: 0x5a }).there).toEqual(positions('GAS'));
    const { pc } = states[positions('GAS')[0]!]!.instruction!;
    expect(stopsOf(debug, { kind: 'pc', pc }).there).toEqual(positions('GAS'));
    expect(stopsOf(debug, { kind: 'pc', pc, account: HEX_CHILD }).there).toEqual([]);
  });

  it('stop at the entry of an account: own code, borrowed code, precompile, no code', async () => {
    const debug = await evmWith([
      [TO, code(call(CHILD), call(CHILD, { kind: 'DELEGATECALL' }), call(2n), call(0x99n), 'STOP')],
      [CHILD, code('CALLER', 'POP')],
    ]).debug({ call: { to: HEX_TO } });
    const namesAt = (breakpoint: Breakpoint) =>
      stopsOf(debug, breakpoint).there.map((position) => {
        debug.goTo(position);
        return [debug.depth, debug.instruction()?.name];
      });
    expect(namesAt({ kind: 'address', address: HEX_CHILD })).toEqual([
      [2, 'CALLER'],
      [2, 'CALLER'],
    ]);
    expect(namesAt({ kind: 'address', address: 2n })).toEqual([[1, 'CALL']]);
    expect(namesAt({ kind: 'address', address: 0x99n })).toEqual([[1, 'CALL']]);
    // The delegated frame runs as its caller.
    debug.goTo(0);
    expect(namesAt({ kind: 'pc', pc: 0, account: CHILD })).toHaveLength(2);
  });

  it('stop before a slot is written, by key, by account, in transient storage', async () => {
    const debug = await evmWith([
      [TO, code(sstore(1, 2), sstore(3, 4), call(CHILD), push(7), push(1), 'TSTORE', 'STOP')],
      [CHILD, code(sstore(1, 9))],
    ]).debug({ call: { to: HEX_TO } });
    const seen = (breakpoint: Breakpoint) =>
      stopsOf(debug, breakpoint).there.map((position) => {
        debug.goTo(position);
        return [debug.depth, ...debug.stack().slice(-2).map(Number)];
      });
    expect(seen({ kind: 'slot' })).toEqual([
      [1, 2, 1],
      [1, 4, 3],
      [2, 9, 1],
    ]);
    expect(seen({ kind: 'slot', key: 1 })).toHaveLength(2);
    expect(seen({ kind: 'slot', key: '0x1', account: HEX_CHILD })).toEqual([[2, 9, 1]]);
    expect(seen({ kind: 'slot', transient: true })).toEqual([[1, 7, 1]]);
  });

  it('stop before a log with a topic', async () => {
    const log = (...topics: number[]) => [
      topics.map((topic) => push(topic)).reverse(),
      push(0),
      push(0),
      `LOG${topics.length}`,
    ];
    const debug = await debugCode(log(), log(5), log(6, 5), log(5, 5, 7, 8), 'STOP');
    const names = (breakpoint: Breakpoint) =>
      stopsOf(debug, breakpoint).there.map((position) => {
        debug.goTo(position);
        return debug.instruction()?.name;
      });
    expect(names({ kind: 'log' })).toEqual(['LOG0', 'LOG1', 'LOG2', 'LOG4']);
    expect(names({ kind: 'log', topic: 5 })).toEqual(['LOG1', 'LOG2', 'LOG4']);
    expect(names({ kind: 'log', topic: 8n })).toEqual(['LOG4']);
    expect(names({ kind: 'log', topic: 5, account: HEX_CHILD })).toEqual([]);
  });

  it('stop before whatever makes a call or creation fail', async () => {
    const failures: [string, Uint8Array][] = [
      ['REVERT', code(push(0), push(0), 'REVERT')],
      ['INVALID', code('INVALID')],
      ['ADD', code('ADD')],
      ['JUMP', code(push(1), 'JUMP')],
      ['GAS', code(repeat(200, 'GAS'))],
      ['SSTORE', code(sstore(1, 1))],
    ];
    for (const [name, bytes] of failures) {
      const debug = await evmWith([
        [TO, code(call(CHILD, { gas: 300 }), 'STOP')],
        [CHILD, bytes],
      ]).debug({ call: { to: HEX_TO } });
      debug.addBreakpoint({ kind: 'revert' });
      expect(debug.continue().kind).toBe('breakpoint');
      expect([debug.instruction()?.name, debug.depth]).toEqual([name, 2]);
      // What has failed is not there yet; one instruction on it is.
      expect(debug.ended).toBeNull();
      debug.step();
      expect([debug.depth, debug.stack().at(-1), debug.ended?.depth]).toEqual([1, 0n, 1]);
      expect(debug.continue()).toEqual({ kind: 'end' });
    }
  });

  it('stop before a call that never begins, a precompile that fails, and code that is too dear', async () => {
    const debug = await evmWith([
      [
        TO,
        code(
          call(CHILD, { value: 10n ** 30n }),
          call(9n),
          create(deploys(raw(0xef, 0))),
          create(raw()),
          push(0),
          push(0),
          'REVERT',
        ),
      ],
    ]).debug({ call: { to: HEX_TO } });
    const { there } = stopsOf(debug, { kind: 'revert' });
    const names = there.map((position) => {
      debug.goTo(position);
      return debug.instruction()?.name;
    });
    expect(names).toEqual(['CALL', 'CALL', 'RETURN', 'REVERT']);
  });

  it('stop where gas has come below an amount, once each time', async () => {
    const debug = await evmWith([[TO, code(repeat(100, 'GAS'))]]).debug({ call: { to: HEX_TO, gas: 1_000 } });
    expect(stopsOf(debug, { kind: 'gas', below: 900 }).there).toEqual([51]);
    debug.goTo(51);
    expect(debug.frames()[0]!.gas).toBe(898n);
    expect(stopsOf(debug, { kind: 'gas', below: 10_000 }).there).toEqual([]);
  });

  it('of which several hold are all told, and can be taken away', async () => {
    const debug = await debugCode('GAS', 'POP', 'GAS', 'STOP');
    const sets = [
      debug.addBreakpoint({ kind: 'opcode', opcode: 'GAS' }),
      debug.addBreakpoint({ kind: 'pc', pc: 2 }),
    ];
    expect(debug.breakpoints).toEqual(sets);
    expect(debug.continue()).toEqual({ kind: 'breakpoint', hits: sets });
    expect(debug.continueBack()).toEqual({ kind: 'breakpoint', hits: [sets[0]] });
    expect(debug.position).toBe(0);
    expect([debug.removeBreakpoint(sets[0]!.id), debug.removeBreakpoint(99)]).toEqual([true, false]);
    expect(debug.continueBack()).toEqual({ kind: 'start' });
    debug.removeBreakpoint(sets[1]!.id);
    expect(debug.continue()).toEqual({ kind: 'end' });
  });

  it('stop moves over calls as well', async () => {
    const debug = await evmWith([
      [TO, code(call(CHILD), 'STOP')],
      [CHILD, code('CALLER', 'POP')],
    ]).debug({ call: { to: HEX_TO, from: FROM } });
    debug.addBreakpoint({ kind: 'opcode', opcode: 'CALLER' });
    debug.goTo(7);
    expect(debug.instruction()?.name).toBe('CALL');
    expect(debug.stepOver().kind).toBe('breakpoint');
    expect(debug.depth).toBe(2);
    expect(debug.stepOut()).toEqual({ kind: 'done' });
    expect(debug.instruction()?.name).toBe('STOP');
    expect(debug.stepBackOver().kind).toBe('breakpoint');
    expect(debug.depth).toBe(2);
  });

  it('that make no sense are refused with the field', async () => {
    const debug = await debugCode('STOP');
    const wrong: [unknown, string][] = [
      [null, 'breakpoint: expected an object'],
      [{ kind: 'fish' }, 'breakpoint.kind: expected one of pc, opcode'],
      [{ kind: 'pc', pc: -1 }, 'pc: expected a whole number'],
      [{ kind: 'pc', pc: 1, acount: 3n }, 'breakpoint pc: unknown field "acount"'],
      [{ kind: 'opcode', opcode: 'FISH' }, 'opcode: no instruction "FISH"'],
      [{ kind: 'opcode', opcode: 256 }, 'opcode: expected'],
      [{ kind: 'address', address: '0x12' }, 'address'],
      [{ kind: 'gas', below: 'many' }, 'below'],
      [{ kind: 'line', file: 'a.sol', line: 1 }, 'breakpoint line: there are no sources'],
    ];
    for (const [breakpoint, message] of wrong) {
      expect(() => debug.addBreakpoint(breakpoint as Breakpoint)).toThrow(message);
    }
    expect(debug.breakpoints).toEqual([]);
  });

  it('are met by a move that is made again after a limit, whatever instruction the limit is before', async () => {
    const debug = await debugCode(code(push(1), push(2), 'ADD', 'POP', 'INVALID'));
    debug.addBreakpoint({ kind: 'revert' });
    for (let maxSteps = 1; maxSteps <= 5; maxSteps++) {
      debug.goTo(0);
      let stop = debug.continue({ maxSteps });
      while (stop.kind === 'limit') stop = debug.continue({ maxSteps });
      expect([maxSteps, stop.kind, debug.position]).toEqual([maxSteps, 'breakpoint', 4]);
      expect(debug.continue().kind).toBe('end');
    }
  });
});
