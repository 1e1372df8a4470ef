/** The asynchronous edge: results equal a run with everything at hand, whatever is missing and whoever runs meanwhile. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressToHex, createEvm, type Evm, type EvmOptions, MemoryState } from '../../src/index.ts';
import { EMPTY_BYTES } from '../../src/primitives/bytes.ts';
import { ErbiumError } from '../../src/primitives/errors.ts';
import {
  type FetchedAccount,
  RemoteState,
  type StateAnswer,
  type StateRequest,
  type StateSource,
} from '../../src/state/readers/remote.ts';
import { call, code, jump, jumpi, label, push, raw, returnTop, sstore } from '../helpers/assembler.ts';
import { likelyProgram, Random } from '../helpers/random.ts';
import { ETHER, SENDER, TO } from '../helpers/transact.ts';

const FROM = addressToHex(SENDER);
const HEX_TO = addressToHex(TO);
const OTHERS = [0x71n, 0x72n, 0x73n];

/** A source over a state in memory, which counts what it is asked for. */
class Source implements StateSource {
  readonly requests: StateRequest[] = [];
  private readonly state: MemoryState;
  /** Called before each answer. */
  onFetch: () => Promise<void> | void = () => {};

  constructor(state: MemoryState) {
    this.state = state;
  }

  async fetch(request: StateRequest, signal?: AbortSignal): Promise<StateAnswer> {
    this.requests.push(request);
    await this.onFetch();
    if (signal?.aborted) throw new ErbiumError('ABORTED', 'gone');
    const { state } = this;
    const account = (address: bigint): FetchedAccount | undefined => {
      const info = state.account(address);
      return info && { nonce: info.nonce, balance: info.balance, code: state.code(info.codeHash) };
    };
    return {
      accounts: request.accounts.map(account),
      slots: request.slots.map(([address, key]) => state.storage(address, key)),
      storages: request.storages.map((address) => state.hasStorage(address)),
      blockHashes: request.blockHashes.map((number) => state.blockHash(number)),
    };
  }
}

function worldOf(random: Random): MemoryState {
  const state = new MemoryState((number) => number * 7n);
  const options = { targets: [TO, ...OTHERS], precompiles: [2n, 4n] };
  state.put(SENDER, { balance: ETHER, nonce: BigInt(random.below(3)) });
  for (const address of [TO, ...OTHERS]) {
    if (random.below(6) === 0) continue;
    const storage = Array.from({ length: random.below(6) }, (_, i) => [BigInt(i), random.word()] as const);
    const bytes = random.below(8) === 0 ? EMPTY_BYTES : likelyProgram(random, options);
    state.put(address, { balance: BigInt(random.below(100)), nonce: 1n, code: bytes, storage });
  }
  return state;
}

/** The same work on both, as outcomes that can be compared. */
async function outcomes(evm: Evm | Evm['async'], random: Random, withList: boolean): Promise<unknown[]> {
  const accessList = withList ? [{ address: TO, storageKeys: [0n, 1n, 5n] }] : [];
  const data = random.bytes(random.below(70));
  const request = { from: FROM, to: HEX_TO, data, gas: 300_000, accessList };
  return [
    await evm.call({ from: FROM, to: HEX_TO, data, gas: 300_000, accessList }),
    await evm.execute(likelyProgram(random, { targets: OTHERS, precompiles: [3n] }), { gas: 200_000 }),
    await evm.simulate([request, { ...request, to: addressToHex(0x71n) }, request]),
    await evm.estimateGas(request),
    await evm.accessList(request),
    await evm.transact(request),
    await evm.create({
      from: FROM,
      data: likelyProgram(random, { targets: OTHERS, precompiles: [4n] }),
      gas: 100_000,
    }),
    await evm.transact({ ...request, to: addressToHex(0x72n) }),
    await evm.systemCall(addressToHex(0x73n), { data }),
    await evm.account(HEX_TO),
    await evm.storage(HEX_TO, 1),
  ];
}

describe('a remote state', () => {
  it('gives what the state in memory gives, whatever is at hand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.boolean(), async (seed, withList) => {
        const random = new Random(seed);
        const state = worldOf(random);
        const source = new Source(state);
        const remote = new RemoteState(source);
        // A part of it is there from the start.
        const known = [TO, SENDER, ...OTHERS].filter(() => random.below(2) === 0);
        const slots = known.flatMap((address) =>
          random.below(2) === 0 ? [[address, BigInt(random.below(6))] as const] : [],
        );
        await remote.load({ accounts: known, slots });
        const [local, far] = [
          createEvm({ state, block: { number: 300 } }),
          createEvm({ state: remote, block: { number: 300 } }),
        ];
        const work = random.below(1_000_000);
        const expected = await outcomes(local, new Random(work), withList);
        expect(await outcomes(far.async, new Random(work), withList)).toEqual(expected);
        // Now everything is at hand, and the synchronous operations do.
        const again = createEvm({ state: remote, block: { number: 300 } });
        expect(await outcomes(again, new Random(work), withList)).toEqual(expected);
        const local2 = state.clone();
        local2.apply(local.state.diff());
        const far2 = state.clone();
        far2.apply(far.state.diff());
        expect(far2.root()).toEqual(local2.root());
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  it('is told to synchronous callers as missing, by name', () => {
    const evm = createEvm({ state: new RemoteState(new Source(new MemoryState())) });
    const error = (() => {
      try {
        evm.call({ to: HEX_TO });
      } catch (thrown) {
        return thrown as ErbiumError;
      }
      throw new Error('nothing was thrown');
    })();
    expect([error.code, error.message]).toEqual([
      'MISSING_STATE',
      'account 0x0000000000000000000000000000000000000000 has not been fetched: use evm.async, or load it before',
    ]);
    expect(() => evm.setAccount(HEX_TO, { balance: 1n })).toThrow('has not been fetched');
    expect(evm.state.diff().size).toBe(0);
  });

  it('is fetched in few batches: what options name comes first, and a run finds the rest on its own', async () => {
    const state = new MemoryState();
    const reads = Array.from({ length: 40 }, (_, i) => [push(i), 'SLOAD', 'POP']);
    state.put(TO, { code: code(...reads, call(0x71n), returnTop), storage: [[3n, 3n]] });
    state.put(0x71n, { code: code([push(1), 'SLOAD'], sstore(2, 2)) });
    const source = new Source(state);
    const evm = createEvm({ state: new RemoteState(source) });
    expect((await evm.async.call({ from: FROM, to: HEX_TO })).status).toBe('success');
    expect(source.requests.length).toBeLessThanOrEqual(4);
    expect(source.requests[0]!.accounts).toContain(TO);
    const before = source.requests.length;
    await evm.async.call({ from: FROM, to: HEX_TO });
    expect(source.requests.length).toBe(before);
    const listed = new Source(state);
    const keys = Array.from({ length: 40 }, (_, i) => BigInt(i));
    const accessList = [
      { address: TO, storageKeys: keys },
      { address: 0x71n, storageKeys: [1, 2] },
    ];
    const fast = createEvm({ state: new RemoteState(listed) });
    await fast.async.call({ from: FROM, to: HEX_TO, accessList });
    expect(listed.requests[0]!.slots).toHaveLength(42);
    expect(listed.requests.length).toBeLessThanOrEqual(2);
  });

  it('is remote below the changes of another EVM, too', async () => {
    const state = new MemoryState();
    state.put(SENDER, { balance: ETHER });
    const parent = createEvm({ state: new RemoteState(new Source(state)) });
    const child = createEvm({ state: parent.state });
    expect(() => child.account(FROM)).toThrow('has not been fetched');
    expect((await child.async.transact({ from: FROM, to: HEX_TO, value: 1n })).status).toBe('success');
    expect((await child.async.account(HEX_TO))?.balance).toBe(1n);
    expect(await parent.async.account(HEX_TO)).toBeNull();
  });

  it('lets a run be made again with what can be read once, and with errors of hooks that say nothing', async () => {
    const state = new MemoryState();
    // Fails on the empty slot of the first run only.
    state.put(TO, {
      code: code(['PUSH0', 'SLOAD', jumpi('end')], raw(0xfe), label('end')),
      storage: [[0n, 1n]],
    });
    const tracer = {
      stepEnd(_frame: unknown, opcode: number) {
        if (opcode === 0xfe) throw new Error('a hook that minds');
      },
    };
    const evm = createEvm({ state: new RemoteState(new Source(state)), tracer });
    expect((await evm.async.call({ to: HEX_TO })).status).toBe('success');
    function* once() {
      yield [HEX_TO, { code: code(['PUSH0', 'SLOAD', push(41), 'ADD'], returnTop) }] as const;
    }
    const fresh = createEvm({ state: new RemoteState(new Source(state)) });
    expect(BigInt((await fresh.async.call({ to: HEX_TO, overrides: once() })).output)).toBe(42n);
  });

  it('takes any time limit', async () => {
    for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32, 1e15]) {
      const evm = createEvm({ state: new RemoteState(new Source(new MemoryState())) });
      expect((await evm.async.call({ to: HEX_TO, timeout })).status).toBe('success');
    }
  });

  it('is asked first for what a transaction names', async () => {
    const state = new MemoryState();
    state.put(SENDER, { balance: ETHER });
    state.put(TO, { code: code(sstore(1, 1)) });
    const source = new Source(state);
    const evm = createEvm({ state: new RemoteState(source) });
    const accessList = [{ address: HEX_TO, storageKeys: [1] }];
    await evm.async.transact({ from: FROM, to: HEX_TO, accessList });
    expect(source.requests[0]).toMatchObject({ accounts: [SENDER, TO], slots: [[TO, 1n]] });
    expect(source.requests.length).toBeLessThanOrEqual(2);
    for (const wrong of [5, [5], [{ address: 1, storageKeys: [] }], [{ address: HEX_TO, storageKeys: 5 }]]) {
      const call = evm.async.call({ to: HEX_TO, accessList: wrong as never });
      await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it('stops a run that is astray on what it does not have', async () => {
    const state = new MemoryState();
    // Ends at once with the right slot, and never with an empty one.
    state.put(TO, {
      code: code(
        label('again'),
        ['PUSH0', 'SLOAD', jumpi('end')],
        jump('again'),
        label('end'),
        push(9),
        returnTop,
      ),
      storage: [[0n, 1n]],
    });
    const evm = createEvm({ state: new RemoteState(new Source(state)) });
    const result = await evm.async.call({ to: HEX_TO, gas: 2n ** 64n - 1n });
    expect(BigInt(result.output)).toBe(9n);
  });

  it('that fails or is aborted rejects, and leaves nothing half-done', async () => {
    const state = new MemoryState();
    state.put(SENDER, { balance: ETHER });
    const source = new Source(state);
    const evm = createEvm({ state: new RemoteState(source) });
    source.onFetch = () => {
      throw new ErbiumError('REMOTE_STATE', 'the node is gone');
    };
    await expect(evm.async.transact({ from: FROM, to: HEX_TO })).rejects.toMatchObject({
      code: 'REMOTE_STATE',
    });
    expect(evm.state.diff().size).toBe(0);
    const controller = new AbortController();
    source.onFetch = () => controller.abort();
    const { signal } = controller;
    await expect(evm.async.call({ to: HEX_TO, signal })).rejects.toMatchObject({ code: 'ABORTED' });
    source.onFetch = () => {};
    expect((await evm.async.transact({ from: FROM, to: HEX_TO })).status).toBe('success');
  });
});

const counter = code([push(0), 'SLOAD', push(1), 'ADD', 'DUP1', push(0), 'SSTORE'], returnTop);
/** Some 100 ms of work: several slices. */
const slow = (rest: Uint8Array): Uint8Array =>
  code(push(600_000), label('again'), [push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('again'), 'POP'], rest);

function rich(options: EvmOptions = {}): Evm {
  // What is tried here takes its time.
  const evm = createEvm({ engine: 'bigint', ...options });
  evm.setAccount(FROM, { balance: ETHER });
  evm.setAccount(HEX_TO, { code: counter });
  return evm;
}

describe('long runs', () => {
  it('give way, so that timers and signals arrive', async () => {
    const evm = rich();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const endless = code(label('again'), jump('again'));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { signal } = controller;
    await expect(evm.async.execute(endless, { gas: 2n ** 64n - 1n, signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    const result = await evm.async.execute(endless, { gas: 2n ** 64n - 1n, timeout: 20 });
    expect(result.reason).toBe('host limit: timeout of 20 ms');
  });

  it('end as they would without giving way', async () => {
    const evm = rich();
    const program = slow(code(['GAS', push(7), 'SSTORE', 'GAS'], returnTop));
    const expected = evm.execute(program);
    expect(await Promise.all([1, 2, 3].map(() => evm.async.execute(program)))).toEqual([
      expected,
      expected,
      expected,
    ]);
    expect(await rich({ maxSteps: 10_000_000 }).async.execute(program)).toEqual(expected);
  });

  it('see one state, however it changes meanwhile; those that change it themselves begin again', async () => {
    const evm = rich();
    evm.setAccount(HEX_TO, { code: slow(counter) });
    const running = evm.async.call({ to: HEX_TO });
    const changing = evm.async.transact({ from: FROM, to: HEX_TO });
    await new Promise((resolve) => setTimeout(resolve, 5));
    evm.setAccount(HEX_TO, { storageDiff: { 0: 100n } });
    expect(BigInt((await running).output)).toBe(1n);
    expect(BigInt(((await changing) as { output: string }).output)).toBe(101n);
    expect(evm.storage(HEX_TO, 0)).toBe(101n);
  });

  it('begin again where the state below them changed', async () => {
    const evm = rich({ state: new MemoryState() });
    evm.setAccount(HEX_TO, { code: slow(counter) });
    const running = evm.async.call({ to: HEX_TO });
    await new Promise((resolve) => setTimeout(resolve, 5));
    evm.setAccount(HEX_TO, { storageDiff: { 0: 7n } });
    evm.commit();
    expect(BigInt((await running).output)).toBe(8n);
  });

  it('come to an end though the state changes all the time', async () => {
    const evm = rich();
    evm.setAccount(HEX_TO, { code: slow(counter) });
    let done = false;
    const timer = setInterval(() => {
      if (!done) evm.setAccount(addressToHex(0x99n), { balance: 1n });
      evm.commit();
    }, 1);
    const result = await evm.async.transact({ from: FROM, to: HEX_TO });
    const called = await evm.async.call({ to: HEX_TO });
    done = true;
    clearInterval(timer);
    expect([result.status, called.status]).toEqual(['success', 'success']);
  });

  it('keep their order where they change the state', async () => {
    const evm = rich();
    evm.setAccount(HEX_TO, { code: slow(counter) });
    const request = { from: FROM, to: HEX_TO };
    const results = await Promise.all([
      evm.async.transact({ ...request, nonce: 0 }),
      evm.async.transact({ ...request, nonce: 1, to: addressToHex(0x99n) }),
      evm.async.systemCall(HEX_TO),
      evm.async.transact({ ...request, nonce: 2 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);
    expect(
      [results[0], results[2], results[3]].map((result) => BigInt((result as { output: string }).output)),
    ).toEqual([1n, 2n, 3n]);
    expect(evm.storage(HEX_TO, 0)).toBe(3n);
  });

  it('reject for a wrong argument instead of throwing', async () => {
    const evm = rich();
    const wrong = evm.async.call({ to: 5 as never });
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(evm.async.transact({ from: FROM, to: HEX_TO, gasLimit: 1 } as never)).rejects.toThrow(
      'unknown field "gasLimit"',
    );
    expect((await evm.async.transact({ from: FROM, to: HEX_TO })).status).toBe('success');
  });
});
