/** What the adapter does better than the library it stands for, and what it refuses. */

import { Common, Mainnet } from '@ethereumjs/common';
import { SimpleStateManager as TheirStateManager } from '@ethereumjs/statemanager';
import { describe, expect, it } from 'vitest';
import {
  createEVM,
  createVM,
  type EVM,
  EVMError,
  type EVMOpts,
  getActivePrecompiles,
  type InterpreterStep,
  type PrecompileFunc,
  runTx,
  SimpleStateManager,
} from '../../src/ethereumjs/index.ts';
import { Memory } from '../../src/machine/memory.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { call, code, jump, label, mstore, push, returnTop, sstore, storeTop } from '../helpers/assembler.ts';
import { at, CALLER, CONTRACT, evmWith, OTHER, OURS, same, seen, stateOf } from './both.ts';

const COUNT = code(push(1), 'SLOAD', push(1), 'ADD', 'DUP1', storeTop(1), returnTop);

const evmOf = (contracts: Record<string, Uint8Array> = {}, options: EVMOpts = {}): Promise<EVM> => {
  const { common: _, ...rest } = options;
  return evmWith(OURS, contracts, rest as never);
};

describe('hex', () => {
  it('is what its bytes are', async () => {
    const evm = await evmOf();
    const program = code(push(0), 'CALLDATALOAD', returnTop);
    const data = `0x${'00'.repeat(31)}2a`;
    const result = await evm.runCode({ code: bytesToHex(program), data, caller: CALLER.toString() });
    expect(result.runState!.code).toEqual(program);
    expect(bytesToHex(result.returnValue)).toBe(data);
    const { execResult } = await evm.runCall({
      caller: CALLER.toString(),
      to: CONTRACT.bytes,
      code: bytesToHex(program).slice(2),
      data,
      gasLimit: '0xffff',
      value: 1,
    });
    expect(bytesToHex(execResult.returnValue)).toBe(data);
  });

  it.each<[string, object]>([
    ['code', { code: '0x6' }],
    ['code', { code: 'hello' }],
    ['data', { data: [1, 2] }],
    ['caller', { caller: '0x1234' }],
    ['caller', { caller: 5n }],
    ['to', { to: {} }],
    ['gasLimit', { gasLimit: -1n }],
    ['gasLimit', { gasLimit: 2n ** 64n }],
    ['value', { value: 1.5 }],
    ['depth', { depth: 1_025 }],
    ['block.header.number', { block: { header: { number: 'x' } } }],
    ['salt', { salt: new Uint8Array(33) }],
    ['message', { message: {} }],
    ['isCompiled', { isCompiled: true }],
    ['createdAddresses', { createdAddresses: new Set() }],
  ])('and other input is checked: %s', async (field, options) => {
    const evm = await evmOf();
    await expect(evm.runCall({ data: '0x00', ...options } as never)).rejects.toMatchObject({
      name: 'ErbiumError',
      message: expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: `)),
    });
  });

  it('demands options, and a place in the code', async () => {
    const evm = await evmOf();
    await expect(evm.runCall(undefined as never)).rejects.toThrow('options: ');
    await expect(evm.runCode({ code: '0x00', pc: 1 })).rejects.toThrow('pc: ');
  });
});

describe('two calls in a row', () => {
  it('start cold each, and with the slots as they are', async () => {
    const evm = await evmOf({ c0de: COUNT });
    const used: bigint[] = [];
    for (let i = 0; i < 3; i++) {
      const { execResult } = await evm.runCall({ caller: CALLER, to: CONTRACT });
      used.push(execResult.executionGasUsed);
      expect(execResult.gasRefund).toBe(0n);
    }
    expect(used[2]).toBe(used[1]);
    expect(used[1]).toBeGreaterThan(2_100n);
  });

  it('forget transient storage and a depth that was given', async () => {
    const evm = await evmOf({ c0de: code(push(1), 'TLOAD', push(7), push(1), 'TSTORE', returnTop) });
    for (let i = 0; i < 2; i++) {
      const { returnValue } = (await evm.runCall({ caller: CALLER, to: CONTRACT, depth: 3 })).execResult;
      expect(BigInt(bytesToHex(returnValue))).toBe(0n);
    }
  });

  it('have the warm accounts that the journal was told of, until it is cleaned', async () => {
    const evm = await evmOf({ c0de: code(push(0xbeef), 'BALANCE', push(1), 'SLOAD') });
    const used = async (): Promise<bigint> =>
      (await evm.runCall({ caller: CALLER, to: CONTRACT })).execResult.executionGasUsed;
    const cold = await used();
    evm.journal.addAlwaysWarmAddress(at('beef').toString());
    expect(await used()).toBe(cold - 2_500n);
    evm.journal.addAlwaysWarmSlot(CONTRACT, '0x01');
    expect(await used()).toBe(cold - 4_500n);
    await evm.journal.cleanup();
    expect(await used()).toBe(cold);
  });
});

describe('two calls at once', () => {
  it('do not interfere', async () => {
    const evm = await evmOf({ c0de: COUNT, '07e5': code('CALLER', returnTop) });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? evm.runCall({ caller: CALLER, to: CONTRACT })
          : evm.runCall({ caller: at(i.toString(16)), to: OTHER, gasLimit: 1_000n }),
      ),
    );
    const words = results.map(({ execResult }) => BigInt(bytesToHex(execResult.returnValue)));
    expect(words).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(i % 2 === 0 ? i / 2 + 1 : i)));
  });

  it('do not interfere either where a listener makes one', async () => {
    const evm = await evmOf({ c0de: COUNT });
    const inner: Promise<unknown>[] = [];
    evm.events.on('step', ({ pc, depth }) => {
      if (pc === 0 && depth === 0 && inner.length < 3)
        inner.push(evm.runCall({ caller: CALLER, to: CONTRACT }));
    });
    await evm.runCall({ caller: CALLER, to: CONTRACT });
    await Promise.all(inner);
    expect(await stateOf(evm, [CONTRACT], 2)).toEqual([
      [CONTRACT.toString(), [1n, 1_000n], COUNT, ['0x', '0x04']],
    ]);
  });
});

describe('listeners', () => {
  it('may take two arguments, and call the second or not', async () => {
    const evm = await evmOf({ c0de: COUNT });
    let steps = 0;
    let later = 0;
    evm.events.on('step', (_step, _resolve) => void steps++);
    evm.events.on('step', async (_step, resolve) => {
      await null;
      later++;
      resolve!();
    });
    evm.events.on('afterMessage', (_end, _resolve) => {});
    await evm.runCall({ caller: CALLER, to: CONTRACT });
    expect(steps).toBe(12);
    expect(later).toBe(steps);
  });

  it('that throw reject the call, which then changed nothing', async () => {
    const evm = await evmOf({ c0de: COUNT });
    const before = await stateOf(evm, [CALLER, CONTRACT]);
    const failure = new Error('mine');
    const listener = ({ opcode }: InterpreterStep): void => {
      if (opcode.name === 'RETURN') throw failure;
    };
    evm.events.on('step', listener);
    await expect(evm.runCall({ caller: CALLER, to: CONTRACT })).rejects.toBe(failure);
    expect(await stateOf(evm, [CALLER, CONTRACT])).toEqual(before);
    evm.events.off('step', listener);
    const { execResult } = await evm.runCall({ caller: CALLER, to: CONTRACT });
    expect(execResult.exceptionError).toBeUndefined();
  });

  it('are called once where they ask for it', async () => {
    const evm = await evmOf({ c0de: COUNT });
    let count = 0;
    evm.events.once('step', () => void count++);
    await evm.runCall({ caller: CALLER, to: CONTRACT });
    expect(count).toBe(1);
    expect(evm.events.listeners('step')).toEqual([]);
  });

  it('see the state as the run has it, and cannot change it', async () => {
    const evm = await evmOf({ c0de: code(sstore(1, 5), 'STOP') });
    const key = new Uint8Array(32).fill(1, 31);
    const seenValues: Promise<unknown>[] = [];
    const writes: Promise<unknown>[] = [];
    evm.events.on('step', ({ stateManager, account }) => {
      seenValues.push(stateManager.getStorage(CONTRACT, key));
      writes.push(stateManager.putStorage(CONTRACT, key, '0x09').catch((error: unknown) => error));
      expect(account.balance).toBe(1_003n);
    });
    await evm.runCall({ caller: CALLER, to: CONTRACT, value: 3n });
    const values = (await Promise.all(seenValues)) as Uint8Array[];
    expect(values.map((value) => value.length)).toEqual([0, 0, 0, 1]);
    for (const error of await Promise.all(writes)) expect(error).toMatchObject({ code: 'INVALID_STATE' });
  });
});

describe('a step', () => {
  it('copies memory only where it is read', async () => {
    const evm = await evmOf({
      c0de: code(mstore(10_000, 1), ...Array.from({ length: 50 }, () => [push(1), 'POP'])),
    });
    const { slice } = Memory.prototype;
    let copies = 0;
    Memory.prototype.slice = function (offset, size) {
      copies++;
      return slice.call(this, offset, size);
    };
    try {
      const count = async (listener: (step: InterpreterStep) => void): Promise<number> => {
        copies = 0;
        evm.events.on('step', listener);
        await evm.runCall({ caller: CALLER, to: CONTRACT });
        evm.events.off('step', listener);
        return copies;
      };
      // The one copy is that of the result's run state.
      expect(await count(({ stack }) => void stack.length)).toBe(1);
      expect(await count(({ memory }) => void memory.length)).toBe(104);
    } finally {
      Memory.prototype.slice = slice;
    }
  });

  it('gives what it can give later, and an error for the rest', async () => {
    const evm = await evmOf({ c0de: code(mstore(0, 1), push(1), 'SLOAD') });
    const steps: InterpreterStep[] = [];
    evm.events.on('step', (step) => steps.push(step));
    await evm.runCall({ caller: CALLER, to: CONTRACT });
    expect(steps.map(({ stack }) => stack)).toEqual([[], [1n], [1n, 0n], [], [1n]]);
    expect(() => steps[3]!.memory).toThrow('read it before the listener returns');
    expect(() => steps[4]!.opcode.dynamicFee).toThrow('opcode.dynamicFee');
    expect(steps[0]!.opcode.dynamicFee).toBe(3n);
  });
});

describe('a run', () => {
  it('can be interrupted', async () => {
    let asked = 0;
    const evm = await evmOf(
      { c0de: code(sstore(1, 1), label('again'), jump('again')) },
      { interrupted: () => ++asked > 3 },
    );
    const before = await stateOf(evm, [CALLER, CONTRACT]);
    const run = evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit: 2n ** 60n });
    await expect(run).rejects.toMatchObject({ name: 'ErbiumError', code: 'ABORTED' });
    expect(await stateOf(evm, [CALLER, CONTRACT])).toEqual(before);
  });

  it.each(['auto', 'wasm', 'bigint'] as const)(
    'starts afresh after an interrupted one: %s',
    async (engine) => {
      let left = 0;
      const evm = await evmOf(
        { c0de: code(mstore(0, 7), label('again'), jump('again')) },
        { interrupted: () => left-- <= 0, engine },
      );
      for (let i = 0; i < 3; i++) {
        left = 3;
        const run = evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit: 2n ** 60n });
        await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
        left = 1_000;
        const { runState, returnValue } = await evm.runCode({ code: code(push(i), 'MSIZE', returnTop) });
        expect(returnValue).toEqual(new Uint8Array(32));
        expect(runState!.stack.getStack()).toEqual([BigInt(i)]);
      }
    },
  );

  it.each([
    ['returns', code(push(1), mstore(32, 9), push(64), push(0), 'RETURN', push(4))],
    ['destroys its account', code(push(1), push(8), push(9), 'SELFDESTRUCT', push(4))],
    ['fails', code(push(8), push(9), 'INVALID', push(4))],
    ['has too little gas', code(push(8), push(9), sstore(1, 1))],
    ['has too few words', code(push(8), 'ADD')],
    ['jumps to nowhere', code(push(8), push(0), push(9), 'JUMP')],
    ['calls', code(push(8), call(0x07e5n), 'POP')],
  ])('ends in the same state on each engine where it %s', async (_, program) => {
    const [wasm, bigint] = await Promise.all(
      (['wasm', 'bigint'] as const).map(async (engine) => {
        const evm = await evmOf({ '07e5': code(push(1), push(2), 'ADD') }, { engine });
        const { runState, ...result } = await evm.runCode({
          code: program,
          caller: CALLER,
          gasLimit: 9_000n,
        });
        const { stack, memory, ...rest } = runState!;
        return { ...result, ...rest, stack: stack.getStack(), memory: memory._store };
      }),
    );
    expect(wasm).toEqual(bigint);
    expect(wasm!.stack).toContain(wasm!.exceptionError ? 8n : wasm!.stack[0]);
  });

  it('that makes a contract without the means has that as its result', async () => {
    const evm = await evmOf();
    const { execResult } = await evm.runCall({ caller: OTHER, data: '0x00', value: 5n });
    expect(execResult.exceptionError?.error).toBe(EVMError.errorMessages.INSUFFICIENT_BALANCE);
    expect((await evm.stateManager.getAccount(OTHER))!.nonce).toBe(1n);
  });

  it('of code that fails leaves nothing', async () => {
    const evm = await evmOf({ c0de: COUNT });
    await evm.runCode({ code: code(sstore(1, 5), 'INVALID'), to: CONTRACT });
    expect(await evm.stateManager.getStorage(CONTRACT, '0x01')).toEqual(new Uint8Array(0));
  });
});

describe('precompiles', () => {
  it('need no library, whatever their input', async () => {
    const evm = await evmOf();
    for (const [digits, run] of evm.precompiles) {
      const { execResult } = await evm.runCall({ to: `0x${digits}`, data: new Uint8Array(192).fill(255) });
      expect(execResult.executionGasUsed).toBeGreaterThanOrEqual(0n);
      expect(run({ data: new Uint8Array(7), gasLimit: 10n ** 6n }).returnValue).toBeInstanceOf(Uint8Array);
    }
    expect(evm.precompiles.size).toBe(17);
    expect(evm.getPrecompile('0x0000000000000000000000000000000000000002')).toBeTypeOf('function');
    expect(evm.getPrecompile(OTHER)).toBeUndefined();
    expect(getActivePrecompiles(evm.common).size).toBe(17);
  });

  const DOUBLE: PrecompileFunc = ({ data, gasLimit }) =>
    gasLimit < 50n
      ? {
          executionGasUsed: gasLimit,
          returnValue: new Uint8Array(0),
          exceptionError: new EVMError('out of gas'),
        }
      : { executionGasUsed: 50n, returnValue: data.map((byte) => byte * 2) };

  it('can be one’s own, or none', async () => {
    await same(async (library) => {
      const double: PrecompileFunc = ({ data, gasLimit }) =>
        gasLimit < 50n
          ? {
              executionGasUsed: gasLimit,
              returnValue: new Uint8Array(0),
              exceptionError: new library.EVMError('out of gas'),
            }
          : { executionGasUsed: 50n, returnValue: data.map((byte) => byte * 2) };
      const address = at('ff01') as never;
      const customPrecompiles = [{ address, function: double }, { address: at('2') as never }];
      const program = code(
        mstore(0, 21),
        call(0xff01n, { inSize: 32, outOffset: 32, outSize: 32 }),
        call(0xff01n, { gas: 10 }),
        'POP',
        push(32),
        'MLOAD',
        returnTop,
      );
      const evm = await evmWith(library, { c0de: program }, { customPrecompiles });
      const results = [];
      for (const [to, gasLimit] of [
        [CONTRACT, 100_000n],
        [at('ff01'), 60n],
        [at('ff01'), 20n],
        [at('2'), 500n],
      ] as const) {
        results.push(seen(await evm.runCall({ caller: CALLER, to, gasLimit, data: Uint8Array.of(1, 2) })));
      }
      return results;
    });
  });

  it.each<[string, unknown]>([
    ['promise', async () => DOUBLE],
    ['expected a result', () => undefined],
    ['returnValue', () => ({ executionGasUsed: 1n })],
    ['executionGasUsed', () => ({ executionGasUsed: 1, returnValue: new Uint8Array(0) })],
    [
      'gas left',
      () => ({ executionGasUsed: 1n, returnValue: new Uint8Array(0), exceptionError: { error: 'revert' } }),
    ],
  ])('of one’s own are checked: %s', async (words, run) => {
    const evm = await evmOf({}, { customPrecompiles: [{ address: OTHER, function: run as PrecompileFunc }] });
    await expect(evm.runCall({ caller: CALLER, to: OTHER })).rejects.toThrow(words);
  });
});

describe('options', () => {
  const common = new Common({ chain: Mainnet });

  it.each<[string, object]>([
    ['customOpcodes', { customOpcodes: [] }],
    ['params', { params: {} }],
    ['bls', { bls: {} }],
    ['bn254', { bn254: {} }],
    ['profiler', { profiler: { enabled: true } }],
    ['stateManager', { stateManager: new TheirStateManager() }],
    ['blockchain', { blockchain: {} }],
    ['common', { common: {} }],
    ['common', { common, hardfork: 'prague' }],
    ['common', { common: new Common({ chain: Mainnet, hardfork: 'cancun', eips: [7702] }) }],
    ['customPrecompiles', { customPrecompiles: {} }],
    ['customPrecompiles\\[0\\]\\.address', { customPrecompiles: [{}] }],
    ['interrupted', { interrupted: 5 }],
    ['engine', { engine: 'quick' }],
    ['options', 7 as never],
  ])('that cannot be had are named: %s', async (name, options) => {
    await expect(createEVM(options as EVMOpts)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`^${name}: `)),
    });
  });

  it('name a hardfork as there', async () => {
    for (const hardfork of [
      'chainstart',
      'dao',
      'tangerineWhistle',
      'mergeNetsplitBlock',
      'paris',
      'osaka',
      'bpo2',
    ]) {
      const evm = await createEVM({ hardfork, chainId: 5 });
      const { returnValue } = await evm.runCode({ code: code(push(1), returnTop) });
      expect(returnValue[31]).toBe(1);
      expect(evm.common.chainId()).toBe(5n);
    }
    await expect(createEVM({ hardfork: 'amsterdam' })).rejects.toMatchObject({ code: 'UNKNOWN_FORK' });
  });

  it('lift the limits of code', async () => {
    const init = code(push(30_000), push(0), 'RETURN', new Uint8Array(50_000));
    const gasLimit = 20_000_000n;
    const evm = await createEVM({ allowUnlimitedContractSize: true, allowUnlimitedInitCodeSize: true });
    const { execResult } = await evm.runCall({ data: init, gasLimit });
    expect(execResult.returnValue).toHaveLength(30_000);
    const { execResult: limited } = await (await createEVM()).runCall({ data: init, gasLimit });
    expect(limited.exceptionError?.error).toBe('initcode exceeds max initcode size');
  });

  it('follow a Common whose hardfork changes', async () => {
    const changing = new Common({ chain: Mainnet, hardfork: 'london' });
    const evm = await createEVM({ common: changing });
    const isThere = async (): Promise<boolean> =>
      (await evm.runCode({ code: '0x5f' })).exceptionError === undefined;
    expect(await isThere()).toBe(false);
    changing.setHardfork('shanghai');
    expect(await isThere()).toBe(true);
  });

  it('of a VM and of runTx are checked as well', async () => {
    const evm = await createEVM();
    expect((await createVM({ evm })).evm).toBe(evm);
    await expect(createVM({ evm, evmOpts: {} })).rejects.toThrow('evm, evmOpts: ');
    await expect(createVM({ activatePrecompiles: true } as never)).rejects.toThrow('activatePrecompiles: ');
    await expect(runTx({ evm: {} } as never, { tx: '0x' })).rejects.toThrow('vm: ');
    await expect(runTx(evm, { tx: '0x', reportPreimages: true } as never)).rejects.toThrow(
      'reportPreimages: ',
    );
    await expect(runTx(evm, { tx: {} } as never)).rejects.toThrow('tx: ');
    await expect(runTx(evm, { tx: '0x' })).rejects.toMatchObject({ reason: 'RLP_INVALID' });
    const block = { header: {}, common: { hardfork: () => 'london' } };
    await expect(runTx(evm, { tx: '0x', block })).rejects.toThrow('block: ');
  });

  it('make a copy that goes its own way', async () => {
    const stateManager = new SimpleStateManager();
    await stateManager.putCode(CONTRACT, COUNT);
    const evm = await createEVM({ stateManager });
    const copy = evm.shallowCopy();
    await copy.runCall({ to: CONTRACT });
    expect(await stateManager.getStorage(CONTRACT, '0x01')).toHaveLength(0);
    expect(await copy.stateManager.getStorage(CONTRACT, '0x01')).toHaveLength(1);
  });
});
