/** What a debugger shows of the machine and the state, and what it does at the edges of both. */

import { describe, expect, it } from 'vitest';
import type { Debugger, DebugRequest } from '../../../src/executor/debug/api.ts';
import {
  addressToHex,
  createEvm,
  type Evm,
  MemoryState,
  REASONS,
  signTransaction,
} from '../../../src/index.ts';
import { RemoteState } from '../../../src/state/readers/remote.ts';
import {
  call,
  code,
  create,
  deploys,
  jump,
  label,
  memoryOf,
  mstore,
  push,
  raw,
  returnTop,
  sstore,
} from '../../helpers/assembler.ts';
import { Random } from '../../helpers/random.ts';
import { ETHER, TO } from '../../helpers/transact.ts';
import { busyState, evmWith, FROM, HEX_TO, keyOf, OTHERS, requestOf, statesOf, times } from './support.ts';

const CHILD = OTHERS[0]!;
const HEX_CHILD = addressToHex(CHILD);

const errorOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
  throw new Error('nothing was thrown');
};

const runTo = (debug: Debugger, opcode: string): Debugger => {
  const { id } = debug.addBreakpoint({ kind: 'opcode', opcode });
  expect(debug.continue().kind).toBe('breakpoint');
  debug.removeBreakpoint(id);
  return debug;
};

describe('frames', () => {
  it('are shown with all that they are of', async () => {
    const evm = evmWith([
      [TO, code(mstore(0, 0xabcdn), call(CHILD, { value: 3, gas: 50_000, inOffset: 28, inSize: 4 }), 'STOP')],
      [CHILD, code(call(CHILD + 1n, { kind: 'DELEGATECALL', gas: 9_000 }))],
      [CHILD + 1n, code(push(5), push(7), 'CALLER', 'POP')],
    ]);
    evm.setAccount(TO, { balance: 10n });
    const debug = runTo(
      await evm.debug({ call: { from: FROM, to: HEX_TO, gas: 100_000, data: '0x0102' } }),
      'CALLER',
    );
    const frames = debug.frames();
    expect(frames.map(({ kind, depth, pc, stackSize }) => ({ kind, depth, pc, stackSize }))).toEqual([
      { kind: 'CALL', depth: 0, pc: expect.any(Number), stackSize: 0 },
      { kind: 'CALL', depth: 1, pc: expect.any(Number), stackSize: 0 },
      { kind: 'DELEGATECALL', depth: 2, pc: 4, stackSize: 2 },
    ]);
    expect(frames[1]).toMatchObject({
      address: HEX_CHILD,
      caller: HEX_TO,
      value: 3n,
      inputSize: 4,
      gasLimit: 52_300n,
    });
    expect(frames[2]).toMatchObject({
      address: HEX_CHILD,
      codeAddress: addressToHex(CHILD + 1n),
      caller: HEX_TO,
      value: 3n,
      gasLimit: 9_000n,
      gas: 9_000n - 6n,
      isStatic: false,
    });
    expect([debug.depth, debug.stack(), debug.stack(1)]).toEqual([3, [5n, 7n], []]);
    expect([...debug.input(0, 9, 1)]).toEqual([0, 0, 0xab, 0xcd]);
    expect([...debug.input(1, 1, 0)]).toEqual([2]);
    expect([...debug.memory(30, 100, 0)]).toEqual([0xab, 0xcd]);
    expect(debug.memory().length).toBe(0);
    expect(debug.code()).toEqual(code(push(5), push(7), 'CALLER', 'POP'));
    expect(debug.instruction(0)).toEqual({ pc: frames[0]!.pc, byte: 0, name: 'STOP', immediate: undefined });
    expect(debug.account(HEX_CHILD)).toMatchObject({ balance: 3n });
    // They are copies.
    debug.memory(0, 32, 0).fill(1);
    (debug.stack() as bigint[]).push(1n);
    expect([debug.stack(), debug.memory(0, 1, 0)]).toEqual([[5n, 7n], Uint8Array.of(0)]);
    debug.goTo(0);
    expect(debug.instruction()).toEqual({ pc: 0, byte: 0x61, name: 'PUSH2', immediate: '0xabcd' });
  });

  it('keep the call data that they were given, whatever their caller writes there later', async () => {
    const once = (value: number) => [mstore(0, value), call(CHILD, { inSize: 32 }), 'POP'];
    const debug = await evmWith([
      [TO, code(once(0x11), once(0x22), mstore(0, 0x33), mstore(5_000, 1), 'STOP')],
      [CHILD, code(times(40, 'GAS', 'POP'), push(0), 'CALLDATALOAD', 'STOP')],
    ]).debug({ call: { to: HEX_TO } });
    const inputs: unknown[] = [];
    while (!debug.isEnd) {
      inputs.push(debug.input().at(-1));
      debug.step();
    }
    expect(new Set(inputs)).toEqual(new Set([undefined, 0x11, 0x22]));
    const found: unknown[] = [];
    const last: unknown[] = [];
    while (debug.position > 0) {
      debug.stepBack();
      found.unshift(debug.input().at(-1));
      if (debug.depth === 2 && debug.instruction()?.name === 'STOP') last.push(debug.stack());
    }
    expect(found).toEqual(inputs);
    expect(last).toEqual([[0x22n], [0x11n]]);
  });

  it('of 1,024 calls are all there, and are gone back through one by one', async () => {
    const evm = evmWith([
      [TO, code(call(TO, { gas: ['GAS'] }), push(1), 'SLOAD', push(1), 'ADD', push(1), 'SSTORE')],
    ]);
    const debug = await evm.debug({ call: { to: HEX_TO, gas: 2n ** 62n } });
    for (let i = 0; i < 1_024; i++) debug.step(8);
    expect(debug.depth).toBe(1_025);
    expect(debug.frames()).toHaveLength(1_025);
    const there = keyOf(debug.snapshot());
    const { position } = debug;
    debug.continue();
    expect(debug.storage(TO, 1)).toBe(1_025n);
    debug.goTo(position);
    expect(keyOf(debug.snapshot())).toBe(there);
    for (let depth = 1_024; depth > 0; depth--) {
      expect(debug.stepBackOut().kind).toBe('done');
      expect([debug.depth, debug.instruction()?.name]).toEqual([depth, 'CALL']);
    }
    expect(debug.stepBackOut()).toEqual({ kind: 'start' });
  });
});

describe('the state', () => {
  it('is that of the position: storage, transient storage, logs, refund, accounts', async () => {
    const contract = code(
      sstore(1, 0),
      push(9),
      push(2),
      'TSTORE',
      push(7),
      push(0),
      push(0),
      'LOG1',
      create(deploys(code('STOP')), { value: 4 }),
      'POP',
      'GAS',
      create(code(push(0xbeef), 'SELFDESTRUCT'), { value: 5 }),
      'STOP',
    );
    const evm = createEvm({ abi: ['event Seven()'] });
    evm.setAccount(TO, { code: contract, balance: 100n, storage: { 1: 5n, 8: 6n } });
    const debug = await evm.debug({ call: { to: HEX_TO } });
    const seen = () => [debug.storage(TO, 1), debug.transient(TO), debug.logs().length, debug.refund];
    expect(seen()).toEqual([5n, [], 0, 0n]);
    expect(debug.storage(TO, 8)).toBe(6n);
    expect(debug.slots(TO)).toEqual([]);
    runTo(debug, 'GAS');
    expect(seen()).toEqual([0n, [{ key: 2n, value: 9n }], 1, 4_800n]);
    expect(debug.logs()[0]).toMatchObject({
      address: HEX_TO,
      topics: [expect.stringMatching(/07$/)],
      data: '0x',
    });
    expect(debug.slots(TO)).toEqual([{ key: 1n, value: 0n, original: 5n, warm: true }]);
    const made = debug.accounts().find((address) => debug.account(address)?.code === '0x00');
    expect(debug.account(made!)).toEqual({ nonce: 1n, balance: 4n, code: '0x00' });
    debug.continue();
    expect(debug.account(0xbeefn)?.balance).toBe(5n);
    const state = debug.snapshot();
    expect(
      Object.values(state.accounts).filter(({ destroyed, created }) => destroyed && created),
    ).toHaveLength(1);
    expect(state.result?.status).toBe('success');
    debug.stepBackOut();
    expect(debug.account(made!)).toBeNull();
    expect(debug.account(0xbeefn)).toBeNull();
    expect(seen()).toEqual([5n, [], 0, 0n]);
    // A snapshot stays what it was, and is plain data.
    expect(structuredClone(state)).toEqual(state);
  });

  it('of the EVM is not changed, and its changes are not seen', async () => {
    const evm = evmWith([[TO, code(push(1), 'SLOAD', push(1), 'ADD', push(1), 'SSTORE', 'NUMBER')]]);
    evm.setBlock({ number: 7 });
    const debug = await evm.debug({ from: FROM, to: HEX_TO });
    evm.transact({ from: FROM, to: HEX_TO });
    evm.setBlock({ number: 8 });
    evm.setAccount(TO, { code: '0x' });
    expect(debug.continue()).toEqual({ kind: 'end' });
    expect([debug.storage(TO, 1), debug.result?.status]).toEqual([1n, 'success']);
    debug.stepBack();
    expect(debug.stack()).toEqual([7n]);
    expect(evm.storage(TO, 1)).toBe(1n);
    evm.commit();
    expect(await errorOf(() => debug.step())).toMatch(/^INVALID_STATE the state below was committed to/);
  });

  it('may be another for the debugger alone', async () => {
    const evm = evmWith([]);
    const options = { overrides: { [HEX_TO]: { code: code('NUMBER', 'STOP') } }, block: { number: 99 } };
    const debug = await evm.debug({ from: FROM, to: HEX_TO }, options);
    debug.step();
    expect(debug.stack()).toEqual([99n]);
    expect(evm.account(HEX_TO)).toBeNull();
  });
});

describe('requests', () => {
  const evm = (): Evm => evmWith([[TO, code('CALLVALUE', returnTop)]]);

  it('are those of the operations, with their results', async () => {
    const signed = signTransaction(
      { type: 0, chainId: 1, to: HEX_TO, gas: 60_000, gasPrice: 7, nonce: 0, value: 3 },
      '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8',
    );
    const one = evm();
    one.setAccount('0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b', { balance: ETHER });
    const { call: asCall, simulate } = one;
    const value = { from: FROM, value: 3 };
    const cases: [DebugRequest, unknown][] = [
      [{ from: FROM, to: HEX_TO, value: 5 }, simulate([{ from: FROM, to: HEX_TO, value: 5 }])[0]],
      [signed, simulate([signed])[0]],
      [{ call: { ...value, to: HEX_TO } }, asCall({ ...value, to: HEX_TO })],
      [
        { create: { ...value, data: deploys(code('GAS')) } },
        evm().create({ ...value, data: deploys(code('GAS')) }),
      ],
      [
        { execute: code('CALLVALUE', returnTop), options: value },
        evm().execute(code('CALLVALUE', returnTop), value),
      ],
    ];
    for (const [request, result] of cases) {
      const debug = await one.debug(request);
      expect(debug.isEnd).toBe(false);
      expect(debug.continue()).toEqual({ kind: 'end' });
      expect(debug.result).toEqual(result);
      expect(debug.result?.status).toBe('success');
    }
  });

  it('that run no code are at their end from the start, with the reason where they are invalid', async () => {
    const refused = await evm().debug({ from: FROM, to: HEX_TO, nonce: 7 });
    expect([refused.isEnd, refused.position, refused.length]).toEqual([true, 0, 0]);
    expect(refused.result).toMatchObject({ status: 'invalid', invalid: expect.stringMatching(/nonce/i) });
    expect(Object.keys(REASONS)).toContain((refused.result as { invalid: string }).invalid);
    expect([refused.step(), refused.stepBack(), refused.continueBack()].map(({ kind }) => kind)).toEqual([
      'end',
      'end',
      'start',
    ]);
    expect([refused.frames(), refused.stack(), refused.instruction(), refused.ended]).toEqual([
      [],
      [],
      null,
      null,
    ]);
    const undecodable = await evm().debug('0x02c0');
    expect(undecodable.result?.status).toBe('invalid');
    const transfer = await evm().debug({
      from: FROM,
      to: '0x00000000000000000000000000000000000000ff',
      value: 5,
    });
    expect([transfer.isEnd, transfer.result?.status]).toEqual([true, 'success']);
    expect(transfer.account(0xffn)?.balance).toBe(5n);
    const precompile = await evm().debug({ call: { to: 2n } });
    expect([precompile.isEnd, precompile.result?.output.length]).toEqual([true, 66]);
  });

  it('that make no sense are refused', async () => {
    const one = evm();
    const wrong: [unknown, unknown, string][] = [
      [{ call: { to: HEX_TO, gass: 1 } }, {}, 'INVALID_ARGUMENT request: unknown field "gass"'],
      [{ call: { to: HEX_TO }, fish: 1 }, {}, 'INVALID_ARGUMENT request: unknown field "fish"'],
      [{ from: FROM, to: HEX_TO, fish: 1 }, {}, 'INVALID_ARGUMENT transaction: unknown field "fish"'],
      [{ call: { to: '0x1' } }, {}, 'INVALID_HEX to'],
      [undefined, {}, 'INVALID'],
      [{ from: FROM }, { fish: 1 }, 'INVALID_ARGUMENT options: unknown field "fish"'],
      [{ from: FROM }, { checkpointBytes: -1 }, 'INVALID_ARGUMENT checkpointBytes: expected'],
      [{ from: FROM }, { sources: {} }, 'INVALID_ARGUMENT sources: expected'],
    ];
    for (const [request, options, message] of wrong) {
      const error = await errorOf(() => one.debug(request as DebugRequest, options as object));
      expect(error.slice(0, message.length)).toBe(message);
    }
    const debug = await one.debug({ call: { to: HEX_TO } });
    const moves: [() => unknown, string][] = [
      [() => debug.goTo(-1), 'INVALID_ARGUMENT position: expected a whole number, 0 or more'],
      [() => debug.step(0.5), 'INVALID_ARGUMENT count: expected'],
      [() => debug.continue({ maxStep: 1 } as object), 'INVALID_ARGUMENT limits: unknown field "maxStep"'],
      [() => debug.continue({ maxSteps: 0 }), 'INVALID_ARGUMENT maxSteps: expected a whole number above 0'],
      [() => debug.memory(-1), 'INVALID_ARGUMENT offset: expected'],
      [() => debug.stack(3), 'INVALID_ARGUMENT depth: no frame 3, there are 0 to 0'],
      [
        () => debug.continue() && debug.memory(),
        'INVALID_ARGUMENT depth: no frame -1, there are none at the end',
      ],
    ];
    for (const [move, message] of moves) expect((await errorOf(move)).slice(0, message.length)).toBe(message);
  });
});

describe('long runs', () => {
  const LOOP = code(label('again'), jump('again'));

  it('that never end are led as far as limits let them', async () => {
    const evm = createEvm();
    const debug = await evm.debug({ execute: LOOP, options: { gas: 2n ** 63n } });
    expect(debug.continue({ maxSteps: 5_000 })).toEqual({ kind: 'limit', reason: '5000 steps in one move' });
    expect(debug.continue({ maxSteps: 5_000 }).kind).toBe('limit');
    expect(debug.position).toBe(10_000);
    expect(debug.continue({ timeout: 0 })).toEqual({ kind: 'limit', reason: 'timeout of 0 ms' });
    expect(debug.stepOut({ maxSteps: 10 }).kind).toBe('limit');
    const { position } = debug;
    debug.addBreakpoint({ kind: 'opcode', opcode: 'STOP' });
    // Also on the way back, where it goes on with the next try.
    let tries = 1;
    while (debug.continueBack({ maxSteps: 1_000 }).kind === 'limit') tries++;
    expect([debug.position, tries > 5]).toEqual([0, true]);
    debug.goTo(position);
    expect([debug.position, debug.length]).toEqual([position, null]);
  });

  it('end where the EVM says', async () => {
    const counted = await createEvm({ maxSteps: 1_000 }).debug({ execute: LOOP });
    expect(counted.continue()).toEqual({ kind: 'limit', reason: '1000 steps, the most that this EVM runs' });
    expect([counted.position, counted.continue().kind, counted.position]).toEqual([1_000, 'limit', 1_000]);
    let asked = 0;
    const stopped = await createEvm({ interrupted: () => ++asked > 3 }).debug({ execute: LOOP });
    expect(stopped.continue()).toEqual({ kind: 'limit', reason: 'interrupted' });
    const memory = await createEvm({ maxMemory: 1_000 }).debug({ execute: code(mstore(1_000, 1)) });
    expect(memory.continue()).toEqual({ kind: 'end' });
    expect(memory.result).toEqual(createEvm({ maxMemory: 1_000 }).execute(code(mstore(1_000, 1))));
  });

  it('run out of gas at the last instruction that they begin', async () => {
    const debug = await createEvm().debug({ execute: LOOP, options: { gas: 1_000 } });
    debug.continue();
    expect(debug.result).toMatchObject({ status: 'halt', reason: 'out of gas' });
    debug.stepBack();
    expect(debug.frames()[0]!.gas).toBeLessThan(10n);
  });

  it('with 100 MB of memory do not take as much for each checkpoint', async () => {
    const size = 100 * 2 ** 20;
    const program = code(
      mstore(size - 32, 7),
      label('again'),
      'GAS',
      push(size / 2),
      'MSTORE',
      jump('again'),
    );
    const debug = await createEvm().debug({ execute: program, options: { gas: 10n ** 12n } });
    expect(debug.continue({ maxSteps: 900_000 }).kind).toBe('limit');
    const { position } = debug;
    expect(debug.frames()[0]!.memorySize).toBe(size);
    expect(debug.checkpoints.bytes).toBeLessThan(2 ** 26);
    const stack = debug.stack();
    const word = debug.memory(size / 2, 32);
    debug.goTo(3);
    expect(debug.frames()[0]!.memorySize).toBe(size);
    debug.goTo(2);
    expect(debug.frames()[0]!.memorySize).toBe(0);
    debug.goTo(position);
    expect([debug.stack(), debug.memory(size / 2, 32)]).toEqual([stack, word]);
    expect(debug.memory(size - 1, 1)).toEqual(Uint8Array.of(7));
  });
});

describe('a remote state', () => {
  function remoteOf(state: MemoryState): RemoteState {
    return new RemoteState({
      async fetch({ accounts, slots, storages, blockHashes }) {
        return {
          accounts: accounts.map((address) => {
            const info = state.account(address);
            return info && { nonce: info.nonce, balance: info.balance, code: state.code(info.codeHash) };
          }),
          slots: slots.map(([address, key]) => state.storage(address, key)),
          storages: storages.map((address) => state.hasStorage(address)),
          blockHashes: blockHashes.map((number) => state.blockHash(number)),
        };
      },
    });
  }

  it('is fetched before the first move, as far as the run goes', async () => {
    for (let seed = 0; seed < 6; seed++) {
      const random = new Random(seed);
      const state = busyState(random);
      const asked = requestOf(random);
      const here = await createEvm({ state }).debug(asked);
      const there = await createEvm({ state: remoteOf(state) }).debug(asked);
      expect([there.position, there.length !== null]).toEqual([0, true]);
      expect(statesOf(there).map(keyOf)).toEqual(statesOf(here).map(keyOf));
    }
  });

  it('says what it has not got, and gets it', async () => {
    const state = new MemoryState();
    state.put(0x55n, { balance: 5n, storage: [[1n, 6n]] });
    const debug = await createEvm({ state: remoteOf(state) }).debug({ execute: code('GAS', 'STOP') });
    debug.step();
    const error = await errorOf(() => debug.account(0x55n));
    expect(error).toMatch(/^MISSING_STATE .*55 has not been fetched: `await load\(\)`, then ask again$/);
    expect(debug.position).toBe(1);
    await debug.load();
    expect(debug.account(0x55n)?.balance).toBe(5n);
    expect(await errorOf(() => debug.storage(0x55n, 1))).toMatch(/^MISSING_STATE/);
    await debug.load();
    expect(debug.storage(0x55n, 1)).toBe(6n);
  });

  it('that was not fetched in time is fetched on the way', async () => {
    const state = new MemoryState();
    state.put(0x55n, { balance: 5n });
    state.put(TO, { code: code(mstore(0, 1), push(0x55), 'BALANCE', 'STOP') });
    const debug = await createEvm({ state: remoteOf(state) }).debug({ call: { to: HEX_TO } }, { timeout: 0 });
    expect([debug.position, debug.length]).toEqual([0, null]);
    debug.step(2);
    const before = keyOf(debug.snapshot());
    expect(await errorOf(() => debug.continue())).toMatch(/^MISSING_STATE/);
    expect(keyOf(debug.snapshot())).toBe(before);
    await debug.load();
    expect(debug.continue()).toEqual({ kind: 'end' });
    debug.stepBack();
    expect(debug.stack()).toEqual([5n]);
  });

  it('can be given up', async () => {
    const controller = new AbortController();
    controller.abort();
    const evm = createEvm({ state: remoteOf(new MemoryState()) });
    const error = await errorOf(() => evm.debug({ call: { to: TO } }, { signal: controller.signal }));
    expect(error).toMatch(/^ABORTED/);
  });
});

describe('handlers of one\u2019s own', () => {
  it('that throw leave the machine where it was', async () => {
    let isBroken = true;
    const evm = createEvm({
      precompiles: [
        {
          address: 0x777n,
          name: 'BROKEN',
          since: 'Frontier',
          gas: () => 1n,
          run: () => {
            if (isBroken) throw new Error('broken');
            return raw(1);
          },
        } as never,
      ],
    });
    const debug = await evm.debug({ execute: code(memoryOf(raw(1, 2)), call(0x777n), 'STOP') });
    debug.step(4);
    const before = keyOf(debug.snapshot());
    expect(() => debug.continue()).toThrow('broken');
    expect(keyOf(debug.snapshot())).toBe(before);
    isBroken = false;
    expect(debug.continue()).toEqual({ kind: 'end' });
    debug.stepBack();
    expect([debug.stack(), debug.ended?.output]).toEqual([[1n], '0x01']);
  });
});
