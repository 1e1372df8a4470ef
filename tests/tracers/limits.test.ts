/** What tracers keep is bounded, whatever the code does, and each says what it left out. */

import { describe, expect, it } from 'vitest';
import { createEvm, type Hex, type Tracer } from '../../src/index.ts';
import {
  accessTracer,
  type CallFrame,
  callTracer,
  combine,
  coverageTracer,
  flameGraph,
  flatCallTracer,
  fourByteTracer,
  gasProfile,
  prestateTracer,
  type ResultTracer,
  structLogTracer,
} from '../../src/tracers/index.ts';
import { code, jump, label, type Piece, push, raw } from '../helpers/assembler.ts';

const MB = 2 ** 20;

function run(tracer: Tracer, bytes: Uint8Array, gas: bigint, input: string = '0x'): void {
  createEvm({ tracer }).execute(bytes, { gas, data: input });
}

const endless = (...body: readonly Piece[]): Uint8Array => code(label('again'), body, jump('again'));

/** Calls itself with all the gas that it may pass on. */
const itself = code(push(0), 'DUP1', 'DUP1', 'DUP1', 'DUP1', 'ADDRESS', 'GAS', 'CALL');

/** Calls with `input` bytes, and of the identity gets as many back. */
const calls = (input: number, to: bigint): Piece => [
  [push(0), push(0), push(input), push(0), push(0), push(to)],
  ['GAS', 'CALL'],
];

describe('limits', () => {
  it('end a struct log of very many steps', () => {
    const tracer = structLogTracer({ maxBytes: MB });
    run(tracer, endless(push(1), 'POP'), 3_000_000n);
    const { structLogs, gas } = tracer.result();
    expect(tracer.limitMet).toBe('the limit of 1048576 bytes was met: steps from there on are left out');
    expect(structLogs.length).toBeGreaterThan(5_000);
    expect([...tracer.text()].join('').length).toBeLessThan(1.2 * MB);
    // The end is told all the same.
    expect(gas).toBe(3_000_000);
  });

  it('end a struct log that shows 100 MB of memory', () => {
    const tracer = structLogTracer({ enableMemory: true });
    const far = code(push(1), push(100 * MB), 'MSTORE8', push(1), 'POP');
    run(tracer, far, 2n ** 50n);
    expect(tracer.limitMet).toMatch(/steps from there on are left out/);
    expect(tracer.result().structLogs.map(({ op }) => op)).toEqual(['PUSH1', 'PUSH4', 'MSTORE8']);
  });

  it('end call trees, with all that is below what is left out', () => {
    const limited = { maxBytes: 50_000 };
    const [calls, flat] = [callTracer(limited), flatCallTracer(limited)];
    run(combine(calls, flat), endless(itself, 'POP'), 10_000_000n);
    expect(JSON.stringify(calls.result()).length).toBeLessThan(60_000);
    expect(JSON.stringify(flat.result()).length).toBeLessThan(60_000);
    expect(calls.limitMet).toBe('the limit of 50000 bytes was met: calls from there on are left out');
    expect(flat.limitMet).toMatch(/calls from there on/);
  });

  /** Calls below the top, whatever their depth. */
  const callsIn = ({ calls = [] }: CallFrame): number =>
    calls.reduce((sum, call) => sum + 1 + callsIn(call), 0);

  it.each<[string, Uint8Array, number]>([
    ['calls', endless(itself, 'POP'), 1_600],
    ['calls with input', endless(calls(32, 0n), 'POP'), 1_600 + 200 + 5 * 32],
    ['calls with output', endless(calls(32, 4n), 'POP'), 1_600 + 2 * (200 + 5 * 32)],
  ])('count what %s take in memory', (_, bytes, each) => {
    // The top call takes its part, too, and has neither input nor output.
    const tracer = callTracer({ maxBytes: 1_600 + 100 * each + each - 1 });
    run(tracer, bytes, 3_000_000n);
    expect(tracer.limitMet).toMatch(/from there on are left out$/);
    const most = callsIn(tracer.result());
    // Where an output does not fit, a call without one may.
    expect([most, most - 1]).toContain(100);
  });

  it('count logs with their topics', () => {
    const each = 900 + 2 * 350 + 200 + 5 * 32;
    const tracer = callTracer({ withLog: true, maxBytes: 1_600 + 100 * each });
    const logs = code(push(200), label('again'), [push(7), push(8), push(32), push(0), 'LOG2']);
    const down = code(push(1), 'SWAP1', 'SUB', 'DUP1');
    const loop = Uint8Array.of(...logs, ...down, ...code(push(2), 'JUMPI'));
    run(tracer, loop, 3_000_000n);
    expect(tracer.limitMet).toMatch(/logs from there on are left out$/);
    expect(tracer.result().logs).toHaveLength(100);
  });

  it('leave flat calls as many as the tree has, however deep', () => {
    const limited = { maxBytes: 1_600 + 100 * (1_600 + 16 * 60) };
    const tracer = flatCallTracer(limited);
    run(tracer, endless(itself, 'POP'), 10_000_000n);
    expect(tracer.result().length).toBeGreaterThan(100);
  });

  it('end outputs, but not the calls that gave them', () => {
    const tracer = callTracer({ maxBytes: MB });
    const answer = code(push(MB), push(0), 'RETURN');
    run(tracer, answer, 2n ** 40n);
    expect(tracer.limitMet).toMatch(/outputs from there on are left out/);
    expect(tracer.result()).toMatchObject({ type: 'CALL', gasUsed: expect.stringMatching(/^0x/) });
    expect(tracer.result()).not.toHaveProperty('output');
  });

  it('end lists of slots', () => {
    const limited = { maxBytes: 20_000 };
    const [access, state] = [accessTracer(limited), prestateTracer(limited)];
    const many = code(push(0), label('again'), push(1), 'ADD', 'DUP1', 'SLOAD', 'POP', jump('again'));
    run(combine(access, state), many, 2_000_000n);
    for (const tracer of [access, state] satisfies ResultTracer<unknown>[]) {
      expect(tracer.limitMet).toMatch(/slots from there on are left out/);
      expect(JSON.stringify(tracer.result()).length).toBeLessThan(30_000);
    }
  });

  it('end selectors and covered codes', () => {
    // Each call has another selector: the gas that is left.
    const calls = endless(
      'GAS',
      push(224),
      'SHL',
      push(0),
      'MSTORE',
      push(0),
      push(0),
      push(4),
      push(0),
      push(0),
      push(0xaa),
      'GAS',
      'CALL',
      'POP',
    );
    const selectors = fourByteTracer({ maxBytes: 400 });
    run(selectors, calls, 1_000_000n);
    expect(Object.keys(selectors.result())).toHaveLength(10);
    expect(selectors.limitMet).toMatch(/selectors/);
    const coverage = coverageTracer({ maxBytes: 100 });
    run(coverage, calls, 100_000n);
    expect(coverage.codes()).toEqual([]);
    expect(coverage.limitMet).toMatch(/codes/);
  });

  it('leave the sums of a gas profile right', () => {
    const tracer = gasProfile({ maxBytes: 3_000 });
    run(tracer, endless(itself, 'POP'), 1_000_000n);
    const lines = [...tracer.folded()];
    const sum = lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    expect(sum).toBe(1_000_000);
    expect(lines.some((line) => line.includes(';(more)'))).toBe(true);
    expect(tracer.limitMet).toMatch(/calls with names of their own/);
    expect(flameGraph(tracer)).toContain('the limit of 3000 bytes was met');
  });
});

describe('a call tree of 1,024 frames', () => {
  const calls = callTracer();
  const flat = flatCallTracer();
  const profile = gasProfile();
  run(combine(calls, flat, profile), itself, 2n ** 62n);

  it('is whole', () => {
    let depth = 0;
    let deepest = calls.result();
    for (let node = deepest; node.calls !== undefined; node = node.calls[0]!) {
      depth++;
      deepest = node.calls[0]!;
    }
    expect(depth).toBe(1_025);
    expect(deepest.error).toBe('max call depth exceeded');
    expect(JSON.parse(JSON.stringify(calls.result()))).toEqual(calls.result());
    expect(flat.result()).toHaveLength(1_026);
    expect(flat.result().at(-1)!.traceAddress).toEqual(Array(1_025).fill(0));
    expect(calls.limitMet).toBeNull();
  });

  it('can be drawn', () => {
    expect(flameGraph(profile).length).toBeGreaterThan(100_000);
  });
});

it('starts afresh with each run', () => {
  const tracer = structLogTracer({ maxBytes: 200 });
  const evm = createEvm({ tracer });
  const steps: Hex = '0x6001600160016001';
  evm.execute(steps);
  expect(tracer.limitMet).not.toBeNull();
  evm.execute(raw(0x00));
  expect(tracer.limitMet).toBeNull();
  expect(tracer.result().structLogs).toHaveLength(1);
});
