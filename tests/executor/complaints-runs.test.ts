/** What people complain about in other EVMs for JavaScript: runs that interfere, and runs that do not end. */

import { describe, expect, it } from 'vitest';
import { createEvm, type ErbiumError, type Evm, MemoryState, type Tracer } from '../../src/index.ts';
import { call, code, jumpi, label, push, returnTop } from '../helpers/assembler.ts';
import { SENDER, TO } from '../helpers/transact.ts';
import { BUSY, errorOf, FOREVER, LOOP, pause } from './complaints.ts';

describe('3. two calls at once interfere', () => {
  /** Writes and reads memory, storage and transient storage, and calls another, so that there is much to mix up. */
  const contract = code(
    [push(0), 'CALLDATALOAD', 'DUP1', push(0), 'MSTORE', 'DUP1', push(1), 'SSTORE', push(2), 'TSTORE'],
    call(0x77n, { inSize: 32, outOffset: 32, outSize: 32 }),
    ['POP', push(32), 'MLOAD', push(1), 'SLOAD', 'ADD', push(2), 'TLOAD', 'ADD', push(0), 'MLOAD', 'ADD'],
    returnTop,
  );
  const callee = code([push(0), 'CALLDATALOAD', push(10), 'MUL'], returnTop);
  const evmWith = (tracer: Tracer = {}): Evm => {
    const evm = createEvm({ tracer });
    evm.setAccount(TO, { code: contract });
    evm.setAccount(0x77n, { code: callee });
    return evm;
  };
  const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`;

  it('not a hundred asynchronous calls', async () => {
    const evm = evmWith();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const results = await Promise.all(numbers.map((n) => evm.async.call({ to: TO, data: word(n) })));
    for (const [n, { output }] of results.entries()) expect(output).toBe(word(13 * n));
    expect(evm.storage(TO, 1)).toBe(0n);
  });

  it('not a hundred asynchronous transactions, which keep their order', async () => {
    const evm = createEvm();
    // Digits appended: the order shows in the result.
    evm.setAccount(TO, {
      code: code([push(1), 'SLOAD', push(7), 'MUL', push(0), 'CALLDATALOAD', 'ADD', push(1), 'SSTORE']),
    });
    const expected = createEvm();
    expected.setAccount(TO, { code: evm.account(TO)!.code });
    const requests = Array.from({ length: 100 }, (_, i) => ({
      from: SENDER,
      to: TO,
      nonce: i,
      data: word(i),
    }));
    const results = await Promise.all(requests.map((request) => evm.async.transact(request)));
    for (const [i, result] of results.entries()) expect(result).toEqual(expected.transact(requests[i]!));
    expect(evm.storage(TO, 1)).toBe(expected.storage(TO, 1));
    expect(evm.account(SENDER)!.nonce).toBe(100n);
  });

  it('not long runs that take turns, with short ones between them', async () => {
    const evm = createEvm({ engine: 'bigint' });
    const gases = [15_000_000n, 15_000_001n, 25_000_000n, 35_000_003n];
    const order: bigint[] = [];
    const long = gases.map(async (gas) => {
      const result = await evm.async.execute(BUSY, { gas });
      order.push(gas);
      return result;
    });
    await pause(1);
    expect(evm.execute(code(push(7), returnTop)).output).toBe(word(7));
    const short = evm.async.execute(code(push(8), returnTop));
    expect((await short).output).toBe(word(8));
    expect(order).toEqual([]);
    for (const [i, result] of (await Promise.all(long)).entries()) {
      expect(result).toMatchObject({ status: 'halt', gasUsed: gases[i] });
    }
    expect(order[0]).toBeLessThan(25_000_000n);
  });

  it('not long runs and changes of the state meanwhile: each sees one state', async () => {
    const evm = createEvm({ engine: 'bigint' });
    evm.setAccount(TO, {
      code: code(
        [push(1), 'SLOAD', push(400_000), label('again')],
        [push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('again')],
        ['POP', push(1), 'SLOAD', 'EQ'],
        returnTop,
      ),
    });
    let done = false;
    const writer = (async () => {
      let writes = 0;
      for (; !done; writes++) {
        evm.setAccount(TO, { storageDiff: { 1: writes + 1 } });
        await pause(2);
      }
      return writes;
    })();
    const result = await evm.async.call({ to: TO, timeout: 10_000 });
    done = true;
    expect(result).toMatchObject({ status: 'success', output: word(1) });
    expect(await writer).toBeGreaterThan(3);
  });

  it('not a hook that calls back in', () => {
    let nested = 0;
    let isInside = false;
    const evm = evmWith({
      step() {
        if (isInside) return;
        isInside = true;
        expect(evm.call({ to: TO, data: word(++nested) }).output).toBe(word(13 * nested));
        expect(evm.execute('0xfe').status).toBe('halt');
        expect(evm.estimateGas({ from: SENDER, to: 0x77n, data: word(1) }).gas).toBeGreaterThan(21_000n);
        isInside = false;
      },
    });
    expect(evm.call({ to: TO, data: word(5) }).output).toBe(word(65));
    expect(nested).toBeGreaterThan(30);
  });

  it('not a hook that transacts: nothing of it is lost without a word', () => {
    let inner: { status: string } | null = null;
    let refused = '';
    const evm = evmWith({
      step() {
        if (inner !== null) return;
        inner = { status: '' };
        try {
          inner = evm.transact({ from: 0x99n, to: 0x77n });
        } catch (error) {
          refused = (error as ErbiumError).code;
        }
      },
    });
    const outer = (): unknown => evm.transact({ from: 0x99n, to: TO, data: word(1) });
    let isThrown = false;
    try {
      expect(outer()).toMatchObject({ status: 'success' });
    } catch (error) {
      isThrown = true;
      expect(error).toMatchObject({ name: 'ErbiumError' });
    }
    const kept = [refused === '', !isThrown].filter((isKept) => isKept).length;
    expect(evm.account(0x99n)?.nonce).toBe(BigInt(kept));
  });

  it('not two EVMs over one state', async () => {
    const state = new MemoryState();
    const [one, two] = [createEvm({ state }), createEvm({ state, fork: 'Cancun' })];
    for (const evm of [one, two]) evm.setAccount(TO, { code: contract });
    await Promise.all([
      one.async.transact({ from: SENDER, to: TO, data: word(1) }),
      two.async.transact({ from: SENDER, to: TO, data: word(2) }),
    ]);
    expect([one.storage(TO, 1), two.storage(TO, 1)]).toEqual([1n, 2n]);
  });
});

describe('8. a run cannot be ended', () => {
  const evm = createEvm();

  it('a time ends it', async () => {
    const start = performance.now();
    const limit = { gas: FOREVER, timeout: 50 };
    const stopped = { status: 'limit', reason: 'host limit: timeout of 50 ms' };
    expect(evm.execute(LOOP, limit)).toMatchObject(stopped);
    expect(await evm.async.execute(LOOP, limit)).toMatchObject(stopped);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('a number of steps ends it, always at the same place', async () => {
    const counted = createEvm({ maxSteps: 100_000 });
    const first = counted.execute(BUSY, { gas: FOREVER });
    expect(first).toMatchObject({ status: 'limit', reason: 'host limit: 100000 steps' });
    expect(counted.execute(BUSY, { gas: FOREVER })).toEqual(first);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => counted.async.execute(BUSY, { gas: FOREVER })),
    );
    for (const result of all) expect(result).toEqual(first);
  });

  it('a number of steps ends it even where a hook runs something else meanwhile', () => {
    let steps = 0;
    let isInside = false;
    const counted = createEvm({
      maxSteps: 1_000,
      tracer: {
        step() {
          if (isInside) return;
          if (++steps > 5_000) throw new Error('it goes on and on');
          isInside = true;
          counted.execute('0x00');
          isInside = false;
        },
      },
    });
    expect(counted.execute(LOOP, { gas: FOREVER }).status).toBe('limit');
  });

  it('the host ends it', () => {
    let asked = 0;
    const asking = createEvm({ interrupted: () => ++asked > 5 });
    expect(asking.execute(LOOP, { gas: FOREVER })).toMatchObject({ status: 'limit' });
  });

  it.each([
    ['call', (signal: AbortSignal) => evm.async.call({ to: TO, gas: FOREVER, signal })],
    ['execute', (signal: AbortSignal) => evm.async.execute(LOOP, { gas: FOREVER, signal })],
    ['create', (signal: AbortSignal) => evm.async.create({ data: LOOP, gas: FOREVER, signal })],
    [
      'transact',
      (signal: AbortSignal) => {
        const free = createEvm({ checks: { blockGasLimit: false }, fork: 'Cancun' });
        free.setAccount(TO, { code: LOOP });
        return free.async.transact({ from: SENDER, to: TO, gas: FOREVER }, { signal });
      },
    ],
  ])('a signal that a timer fires ends a running %s', async (_name, run) => {
    evm.setAccount(TO, { code: LOOP });
    const controller = new AbortController();
    const start = performance.now();
    setTimeout(() => controller.abort(), 50);
    const { code: errorCode } = await errorOf(() => run(controller.signal));
    expect(errorCode).toBe('ABORTED');
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(performance.now() - start).toBeGreaterThan(40);
  });

  it('a signal that is there already lets nothing begin', async () => {
    const signal = AbortSignal.abort();
    expect((await errorOf(() => evm.execute('0x00', { signal }))).code).toBe('ABORTED');
    expect((await errorOf(() => evm.async.execute('0x00', { signal }))).code).toBe('ABORTED');
  });

  it('one that ends does not hold up the others', async () => {
    const controller = new AbortController();
    const endless = evm.async.create({ data: LOOP, gas: FOREVER, signal: controller.signal });
    const waiting = evm.async.create({ data: '0x00' });
    setTimeout(() => controller.abort(), 20);
    expect((await errorOf(() => endless)).code).toBe('ABORTED');
    expect((await waiting).status).toBe('success');
  });
});
