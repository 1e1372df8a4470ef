import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEvm } from '../../src/executor/create-evm.ts';
import { attackerCode, CALLERS, forceCode } from '../../src/fuzz/search/attacker.ts';
import { Dictionary } from '../../src/fuzz/search/dictionary.ts';
import { type Goal, reachGoal } from '../../src/fuzz/search/goals.ts';
import { matches } from '../../src/fuzz/search/match.ts';
import { minimise } from '../../src/fuzz/search/minimise.ts';
import { probes, solutions } from '../../src/fuzz/search/probe.ts';
import { EMPTY_STEP } from '../../src/fuzz/search/runner.ts';
import type { Finding, FoundStep, Step } from '../../src/fuzz/search/step.ts';
import { Halt } from '../../src/machine/halt.ts';
import { bytesToBigInt, bytesToHex, concatBytes, hexToBytes, toBytes32 } from '../../src/primitives/bytes.ts';
import { code, push, pushAddress } from '../helpers/assembler.ts';

const SELECTOR = hexToBytes('0xaabbccdd');
const WHEN = { number: 1_000n, timestamp: 1_700_000_000n };

const calling = (...words: readonly bigint[]): Step => ({
  ...EMPTY_STEP,
  data: concatBytes(SELECTOR, ...words.map(toBytes32)),
});

const word = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n);

describe('input to state', () => {
  test('puts the other word where one of them stands, whatever stands around it', () => {
    const big = fc.bigInt(1n << 40n, (1n << 256n) - 1n);
    fc.assert(
      fc.property(
        fc.array(word(256), { maxLength: 3 }),
        big,
        word(256),
        fc.boolean(),
        (around, at, other, swap) => {
          fc.pre(at !== other && !around.includes(at));
          const [left, right] = swap ? [other, at] : [at, other];
          const found = matches(calling(...around, at), WHEN, { place: 0, left, right });
          const wanted = bytesToHex(calling(...around, other).data);
          expect(found.map(({ data }) => bytesToHex(data))).toContain(wanted);
        },
      ),
    );
  });

  test('finds four bytes and twenty at any offset', () => {
    const step = { ...EMPTY_STEP, data: hexToBytes('0x0011223344556677889900112233445566778899aabbccdd') };
    const four = matches(step, WHEN, { place: 0, left: 0x33445566n, right: 0x01020304n });
    expect(four.map(({ data }) => bytesToHex(data))).toContain(
      '0x0011220102030477889900112233445566778899aabbccdd',
    );
    const address = 0x1122334455667788990011223344556677889900n + 0xaan;
    const twenty = matches(
      { ...EMPTY_STEP, data: concatBytes(Uint8Array.of(7), toBytes32(address).subarray(12)) },
      WHEN,
      { place: 0, left: 5n, right: address },
    );
    expect(twenty.map(({ data }) => bytesToHex(data))).toContain(`0x07${'00'.repeat(19)}05`);
  });

  test('gives the words beside the other one, and none beyond 256 bits', () => {
    const max = (1n << 256n) - 1n;
    const found = matches(calling(1_000_000n), WHEN, { place: 0, left: 1_000_000n, right: max });
    const values = found.map(({ data }) => bytesToBigInt(data.subarray(4)));
    expect(values).toEqual(expect.arrayContaining([max, max - 1n]));
    expect(values.every((value) => value <= max)).toBe(true);
  });

  test('sends another value, from another caller, at another time, and more calldata', () => {
    const value = matches({ ...EMPTY_STEP, value: 77n }, WHEN, { place: 0, left: 500n, right: 77n });
    expect(value.map((step) => step.value)).toEqual(expect.arrayContaining([499n, 500n, 501n]));
    const caller = matches(EMPTY_STEP, WHEN, { place: 0, left: CALLERS[0]!, right: CALLERS[1]! });
    expect(caller.map((step) => step.caller)).toContain(CALLERS[1]);
    const later = matches(EMPTY_STEP, WHEN, { place: 0, left: WHEN.timestamp, right: WHEN.timestamp + 9n });
    expect(later.map(({ seconds }) => seconds)).toContain(EMPTY_STEP.seconds + 9n);
    const height = matches(EMPTY_STEP, WHEN, { place: 0, left: WHEN.number, right: WHEN.number + 9n });
    expect(height.map(({ blocks }) => blocks)).toContain(EMPTY_STEP.blocks + 9n);
    const long = matches(calling(1n), WHEN, { place: 0, left: 32n, right: 96n });
    expect(long.map(({ data }) => data.length)).toContain(100);
  });

  test('never goes back in time', () => {
    for (const right of [0n, WHEN.timestamp - 100n]) {
      const found = matches(EMPTY_STEP, WHEN, { place: 0, left: WHEN.timestamp, right });
      expect(found.every(({ seconds }) => seconds > 0n)).toBe(true);
    }
  });
});

describe('probes', () => {
  test('solve what is linear in a word', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 1n << 60n),
        word(60),
        word(60),
        word(60),
        (factor, summand, start, solution) => {
          fc.pre(start !== solution);
          const compared = (step: Step) => [
            {
              place: 3,
              left: factor * bytesToBigInt(step.data.subarray(4)) + summand,
              right: factor * solution + summand,
            },
          ];
          const first = calling(start);
          const solved = probes(first, compared(first)).flatMap(({ step, probe }) =>
            // Below 0 a word wraps, and the factor with it.
            start === 0n && probe.by < 0n ? [] : solutions(probe, step, compared(step)),
          );
          expect(solved.map(({ data }) => bytesToBigInt(data.subarray(4)))).toContain(solution);
        },
      ),
    );
  });

  test('leave alone what does not depend on the word', () => {
    const comparisons = [{ place: 1, left: 5n, right: 9n }];
    const all = probes(calling(1n), comparisons);
    expect(all).toHaveLength(2);
    for (const { step, probe } of all) expect(solutions(probe, step, comparisons)).toEqual([]);
  });
});

describe('the dictionary', () => {
  test('knows selectors by their comparison, and each once', () => {
    const dispatch = (selector: string): Uint8Array =>
      code(Uint8Array.of(0x63, ...hexToBytes(selector)), 'EQ');
    const short = code('DUP1', push(0x112233), 'EQ');
    const swapped = code(push(0x99887766), 'DUP2', 'EQ');
    const constant = code(push(0xfefefefen), 'AND');
    const dictionary = new Dictionary();
    const bytes = concatBytes(dispatch('0x01020304'), short, swapped, constant, dispatch('0x01020304'));
    const selectors = ['0x01020304', '0x00112233', '0x99887766'];
    expect(dictionary.addCode(bytes).map(bytesToHex)).toEqual(selectors);
    expect(dictionary.addCode(bytes)).toEqual([]);
    expect(dictionary.selectors.map(bytesToHex)).toEqual(selectors);
  });
});

describe('--reach', () => {
  test.each<[string, Goal]>([
    ['pc:0x1f', { kind: 'pc', pc: 31 }],
    ['12', { kind: 'pc', pc: 12 }],
    ['op:selfdestruct', { kind: 'opcode', byte: 0xff, name: 'SELFDESTRUCT' }],
    ['DELEGATECALL', { kind: 'opcode', byte: 0xf4, name: 'DELEGATECALL' }],
    ['halt:invalid', { kind: 'halt', halt: Halt.Invalid }],
    ['OutOfGas', { kind: 'halt', halt: Halt.OutOfGas }],
    ['panic', { kind: 'panic', code: null }],
    ['panic:0x11', { kind: 'panic', code: 17n }],
    ['gas:100000', { kind: 'gas', gas: 100_000n }],
    ['delegate', { kind: 'delegate' }],
  ])('%s', (text, goal) => {
    expect(reachGoal(text)).toEqual(goal);
  });

  test.each([
    '',
    'pc:',
    'pc:x',
    'pc:-1',
    'op:NOTHING',
    'op',
    'halt:HostInterrupt',
    'halt:Continue',
    'panic:',
    'gas',
    'nowhere',
    'pc:0xffffffffffffffff',
  ])('%j is none', (text) => {
    expect(() => reachGoal(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('the attacker', () => {
  const ATTACKER = 0xa77acn;
  const TARGET = 0x7a49e7n;
  const FROM = 0xf40n;
  // Counts its calls in slot 0, keeps the first word of calldata and the value of each, and calls back.
  const target = code(
    [push(1), push(0), 'SLOAD', 'ADD', push(0), 'SSTORE'],
    [push(0), 'CALLDATALOAD', push(0), 'SLOAD', 'SSTORE'],
    ['CALLVALUE', push(100), push(0), 'SLOAD', 'ADD', 'SSTORE'],
    [push(32), push(0), push(0), push(0), push(0), 'CALLER', 'GAS', 'CALL', 'POP'],
    [push(0), 'MLOAD', push(200), 'SSTORE', 'STOP'],
  );

  const world = (runtime: Uint8Array) => {
    const evm = createEvm();
    evm.setAccount(TARGET, { code: runtime });
    evm.setAccount(FROM, { balance: 1_000n });
    return evm;
  };

  test('passes calls on with their value, and calls again so often as it is told', () => {
    for (const times of [0, 1, 3]) {
      const evm = world(target);
      evm.setAccount(ATTACKER, { code: attackerCode(TARGET, times, toBytes32(7n)) });
      const sent = {
        from: FROM,
        to: ATTACKER,
        data: toBytes32(5n),
        value: 9n,
        gas: 5_000_000n,
        gasPrice: 0n,
      };
      expect(evm.transact(sent).status).toBe('success');
      expect(evm.storage(TARGET, 0n)).toBe(1n + BigInt(times));
      expect(evm.storage(TARGET, 1n)).toBe(5n);
      expect(evm.storage(TARGET, 101n)).toBe(9n);
      for (let call = 2n; call <= 1 + times; call++) {
        expect(evm.storage(TARGET, call)).toBe(7n);
        expect(evm.storage(TARGET, 100n + call)).toBe(0n);
      }
      // What it answers.
      expect(evm.storage(TARGET, 200n)).toBe(1n);
    }
  });

  test('reverts where its call fails', () => {
    const evm = world(code('INVALID'));
    evm.setAccount(ATTACKER, { code: attackerCode(TARGET, 0, new Uint8Array(0)) });
    expect(evm.transact({ from: FROM, to: ATTACKER, gas: 1_000_000n, gasPrice: 0n }).status).toBe('revert');
  });

  test('takes ether with the stipend of a transfer, whatever it is told to do', () => {
    const paying = code(
      push(0),
      push(0),
      push(0),
      push(0),
      push(5),
      pushAddress(ATTACKER),
      push(0),
      'CALL',
      push(0),
      'SSTORE',
    );
    const evm = world(paying);
    evm.setAccount(TARGET, { balance: 50n });
    evm.setAccount(ATTACKER, { code: attackerCode(TARGET, 3, toBytes32(7n)) });
    evm.setAccount(ATTACKER, { storage: [[0n, 3n]] });
    evm.transact({ from: FROM, to: TARGET, gas: 1_000_000n, gasPrice: 0n });
    expect(evm.storage(TARGET, 0n)).toBe(1n);
    expect(evm.account(ATTACKER)?.balance).toBe(5n);
  });

  test('forces ether on code that takes none', () => {
    const evm = world(code('INVALID'));
    const sent = evm.transact({
      from: FROM,
      data: forceCode(TARGET),
      value: 4n,
      gas: 1_000_000n,
      gasPrice: 0n,
    });
    expect(sent.status).toBe('success');
    expect(evm.account(TARGET)?.balance).toBe(4n);
  });
});

describe('minimising', () => {
  const asFound = (steps: readonly Step[]): Finding => ({
    goal: 0,
    cause: '0',
    what: 'it',
    steps: steps.map((step) => ({ ...step, to: null }) as FoundStep),
  });

  test('drops what does not matter, and keeps what does', () => {
    const noise: Step = {
      ...calling(5n, 6n),
      way: 'contract',
      reenterTimes: 3,
      reenterData: SELECTOR,
      value: 9n,
    };
    const key: Step = { ...calling(1n, 0x1234n, 8n), caller: CALLERS[1]!, value: 40n, seconds: 999n };
    const isIt = (steps: readonly Step[]): boolean =>
      steps.some(({ data, seconds }) => bytesToBigInt(data.subarray(36, 68)) === 0x1234n && seconds > 500n);
    const replay = (steps: readonly Step[]): Finding | null => (isIt(steps) ? asFound(steps) : null);
    const { steps } = minimise(asFound([noise, key, noise]), replay);
    expect(steps).toHaveLength(1);
    const [step] = steps;
    expect(step).toMatchObject({
      way: 'direct',
      value: 0n,
      caller: CALLERS[0]!,
      seconds: 999n,
      reenterTimes: 0,
    });
    expect(bytesToHex(step!.data)).toBe(bytesToHex(calling(0n, 0x1234n).data));
  });

  test('keeps reentrancy that is needed, once', () => {
    const step: Step = {
      ...calling(5n),
      way: 'contract',
      reenterTimes: 3,
      reenterData: concatBytes(SELECTOR, toBytes32(3n)),
    };
    const replay = (steps: readonly Step[]): Finding | null =>
      steps.some(
        ({ way, reenterTimes, reenterData }) =>
          way === 'contract' && reenterTimes > 0 && reenterData[0] === 0xaa,
      )
        ? asFound(steps)
        : null;
    const found = minimise(asFound([step, step]), replay);
    expect(found.steps).toHaveLength(1);
    expect(found.steps[0]).toMatchObject({ way: 'contract', reenterTimes: 1 });
    expect(bytesToHex(found.steps[0]!.reenterData)).toBe('0xaa');
    expect(found.steps[0]!.data).toHaveLength(0);
  });
});
