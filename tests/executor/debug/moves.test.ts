/** The debugger's moves: every way to a position leads to the same state, and the end is what the operation gives. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../helpers/random.ts';
import { busyEvm, keyOf, requestOf, statesOf } from './support.ts';

/** For as many checkpoints as there are, for a few, and for no more than one can do with. */
const ROOM = [2 ** 26, 20_000, 0];

describe('positions', () => {
  it('are the same on every way, and end as the operation does', { timeout: 60_000 }, async () => {
    let steps = 0;
    const ways = fc.asyncProperty(
      fc.nat(),
      fc.boolean(),
      fc.constantFrom(...ROOM),
      async (seed, isCall, room) => {
        const random = new Random(seed);
        const evm = busyEvm(random);
        const asked = requestOf(random);
        const debug = await evm.debug(isCall ? { call: asked } : asked, { checkpointBytes: room });
        const states = statesOf(debug).map(keyOf);
        steps += states.length;
        expect(debug.length).toBe(states.length - 1);
        expect(debug.result).toEqual(isCall ? evm.call(asked) : evm.simulate([asked])[0]);
        for (let n = states.length - 2; n >= 0; n -= 1 + random.below(3)) {
          expect(debug.goTo(n).kind).toBe(n === 0 ? 'start' : 'done');
          expect(keyOf(debug.snapshot())).toBe(states[n]);
        }
        for (let i = 0; i < 12; i++) {
          const n = random.below(states.length);
          debug.goTo(n);
          expect(debug.position).toBe(n);
          expect(keyOf(debug.snapshot())).toBe(states[n]);
          const back = Math.min(n, random.below(4));
          debug.stepBack(back);
          expect(keyOf(debug.snapshot())).toBe(states[n - back]);
        }
        expect(debug.continue()).toEqual({ kind: 'end' });
        expect(keyOf(debug.snapshot())).toBe(states.at(-1));
      },
    );
    await fc.assert(ways, { numRuns: 24, seed: 7 });
    expect(steps).toBeGreaterThan(4_000);
  });

  it('that moves over calls and out of them reach are those that single steps reach', async () => {
    let [over, out] = [0, 0];
    const moves = fc.asyncProperty(fc.nat(), async (seed) => {
      const random = new Random(seed);
      const debug = await busyEvm(random).debug(requestOf(random));
      const depths = statesOf(debug).map(({ frames }) => frames.length);
      const last = depths.length - 1;
      for (let i = 0; i < 30; i++) {
        const calls = [...depths.keys()].filter((n) => depths[n + 1]! > depths[n]!);
        const isCall = calls.length > 0 && random.below(2) === 0;
        const from = isCall ? random.pick(calls) + random.below(2) : random.below(depths.length);
        const depth = depths[from]!;
        const next = (most: number): number => {
          const found = depths.findIndex((there, n) => n > from && there <= most);
          return found < 0 ? last : found;
        };
        const earlier = (most: number): number =>
          Math.max(
            0,
            depths.slice(0, from).findLastIndex((there) => there <= most),
          );
        debug.goTo(from);
        debug.stepOver();
        expect(debug.position).toBe(next(depth));
        if (debug.position > from + 1) over++;
        debug.goTo(from);
        debug.stepOut();
        expect(debug.position).toBe(next(depth - 1));
        if (debug.position < last) out++;
        debug.goTo(from);
        debug.stepBackOver();
        expect(debug.position).toBe(earlier(Math.max(1, depth)));
        debug.goTo(from);
        debug.stepBackOut();
        expect(debug.position).toBe(earlier(depth - 1));
      }
    });
    await fc.assert(moves, { numRuns: 25, seed: 3 });
    expect(over).toBeGreaterThan(20);
    expect(out).toBeGreaterThan(20);
  });
});
