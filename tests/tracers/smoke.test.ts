/** Properties of tracers that hold for every transaction, over the last case of each smoke state test. */

import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fixtureBlockHash } from '../../src/executor/fixture-hashes.ts';
import { rulesFrom } from '../../src/forks/rules.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';
import { MemoryState } from '../../src/state/readers/memory.ts';
import {
  caseId,
  casesOf,
  parseFixture,
  type StateTestCase,
  StateTestRunner,
} from '../../src/statetest/index.ts';
import {
  accessTracer,
  callTracer,
  combine,
  eip3155Tracer,
  flatCallTracer,
  type GasProfile,
  gasProfile,
  opcodeCountTracer,
  type Prestate,
  prestateTracer,
  structLogTracer,
} from '../../src/tracers/index.ts';

const FOLDER = `${import.meta.dirname}/../../ethereum-tests/smoke`;

const cases: StateTestCase[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort()
  .flatMap((name) =>
    parseFixture(readFileSync(`${FOLDER}/${name}`, 'utf8'), name)
      .flatMap(casesOf)
      .slice(-1),
  );

const foldedSum = (profile: GasProfile): number =>
  [...profile.folded()].reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

/** A state that has what a prestate says, and nothing else. */
function stateOf(prestate: Prestate): MemoryState {
  const state = new MemoryState(fixtureBlockHash);
  for (const [address, { balance = '0x0', nonce = 0, code = '0x', storage = {} }] of Object.entries(
    prestate,
  )) {
    const slots = Object.entries(storage).map(([key, value]) => [BigInt(key), BigInt(value)] as const);
    const account = { balance: BigInt(balance), nonce: BigInt(nonce), code: hexToBytes(code) };
    state.put(BigInt(address), { ...account, storage: new Map(slots) });
  }
  return state;
}

describe('over the smoke tests', () => {
  it('has cases', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it('finds where all gas went', () => {
    let refunded = 0;
    for (const one of cases) {
      const profile = gasProfile();
      const { gasUsed } = new StateTestRunner({ tracer: profile }).run(one);
      expect(foldedSum(profile) - profile.refunded, caseId(one)).toBe(Number(gasUsed));
      refunded += profile.refunded;
    }
    expect(refunded).toBeGreaterThan(0);
  });

  it('shows in prestate all that a transaction needs', () => {
    for (const one of cases) {
      // Before accounts that are empty were cleared, it made a difference whether they are there.
      if (!rulesFrom(one.fork).clearEmptyAccounts) continue;
      // That an account has storage forbids a creation there (EIP-7610), but reads none of its slots.
      if (caseId(one).startsWith('creation-at-an-address-with-storage')) continue;
      const [before, calls, access] = [prestateTracer(), callTracer({ withLog: true }), accessTracer()];
      const { gasUsed } = new StateTestRunner({ tracer: combine(before, calls, access) }).run(one);
      if (gasUsed === 0n) continue;
      const again = [callTracer({ withLog: true }), accessTracer()] as const;
      const tracer = combine(...again);
      const second = new StateTestRunner({ tracer, stateOf: () => stateOf(before.result()) }).run(one);
      expect(second.gasUsed, caseId(one)).toBe(gasUsed);
      expect(again[0].result(), caseId(one)).toEqual(calls.result());
      expect(again[1].result(), caseId(one)).toEqual(access.result());
    }
  });

  it('shows the same steps as an EIP-3155 trace', () => {
    for (const one of cases) {
      const decoder = new TextDecoder();
      let lines = '';
      const trace = eip3155Tracer({ write: (chunk) => void (lines += decoder.decode(chunk)) });
      const steps = structLogTracer();
      const counts = opcodeCountTracer();
      const { gasUsed } = new StateTestRunner({ tracer: combine(trace, steps, counts) }).run(one);
      trace.flush();
      // Steps by the hundred thousand are all alike.
      if (gasUsed === 0n || gasUsed > 1_000_000n) continue;
      expect(steps.limitMet).toBeNull();
      const wanted = lines
        .split('\n')
        .filter((line) => line.includes('"opName"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const { structLogs } = steps.result();
      let at = 0;
      for (const log of structLogs) {
        const { pc, op, gas, gasCost, depth, stack, refund = 0, error } = log;
        const line = wanted[at++]!;
        const quantities = { gas: `0x${gas.toString(16)}`, gasCost: `0x${gasCost.toString(16)}` };
        const shown = pick({ pc, opName: op, ...quantities, depth, stack, refund, error });
        const isSame = gas >= 2 ** 53 || isDeepStrictEqual(shown, pick(line));
        if (!isSame) expect(shown, caseId(one)).toEqual(pick(line));
        // An error that an instruction runs into is a second line there, and is not shown here.
        if (
          error === undefined &&
          wanted[at]?.error !== undefined &&
          wanted[at]!.pc === pc &&
          wanted[at]!.depth === depth &&
          wanted[at]!.gas === line.gas
        )
          at++;
      }
      expect(at, caseId(one)).toBe(wanted.length);
      const total = Object.values(counts.result()).reduce((sum, count) => sum + count, 0);
      expect(total).toBeGreaterThanOrEqual(structLogs.length);
    }
  });

  it('shows the same calls as a tree and as a list', () => {
    for (const one of cases) {
      const [tree, list] = [callTracer(), flatCallTracer({ includePrecompiles: true })];
      const { gasUsed } = new StateTestRunner({ tracer: combine(tree, list) }).run(one);
      if (gasUsed === 0n) continue;
      const top = tree.result();
      for (const { traceAddress, subtraces, action, error } of list.result()) {
        let call = top;
        for (const index of traceAddress) call = call.calls![index]!;
        const isSame =
          (call.calls?.length ?? 0) === subtraces &&
          call.error === error &&
          call.from === (action.from ?? action.address);
        if (!isSame) expect.fail(`${caseId(one)}: the call at ${traceAddress.join('.')} differs`);
      }
    }
  });
});

const pick = ({ pc, opName, gas, gasCost, depth, stack, refund, error }: Record<string, unknown>) => ({
  ...{ pc, opName, gas, gasCost, depth, stack, refund, error },
});
