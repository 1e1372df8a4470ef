/** `runCall` and `runCode`, with both libraries. */

import { Hardfork } from '@ethereumjs/common';
import { describe, expect, it } from 'vitest';
import { toBytes20 } from '../../src/primitives/bytes.ts';
import {
  call,
  code,
  create,
  deploys,
  jump,
  jumpi,
  label,
  mstore,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { at, CALLER, CONTRACT, ETHER, type Evm, evmWith, OTHER, same, seen, stateOf } from './both.ts';

const word = (address: { readonly bytes: Uint8Array }): bigint =>
  BigInt(`0x${Buffer.from(address.bytes).toString('hex')}`);

const C = 'c0de';
const O = '07e5';

describe('runCall', () => {
  it('transfers value to an account that was not there', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const result = await evm.runCall({ caller: CALLER, to: at('beef'), value: 5n, gasLimit: 50_000n });
      return [seen(result), await stateOf(evm, [CALLER, at('beef')])];
    });
  });

  it('counts the nonce, and keeps that where the value cannot be paid', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: code(sstore(0, 1)) });
      const result = await evm.runCall({ caller: CALLER, to: CONTRACT, value: 2n * ETHER });
      return [seen(result), await stateOf(evm, [CALLER, CONTRACT])];
    });
  });

  it('gives the caller what it lacks where asked to', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const result = await evm.runCall({ caller: OTHER, to: CONTRACT, value: 2n * ETHER, skipBalance: true });
      return [seen(result), await stateOf(evm, [OTHER, CONTRACT])];
    });
  });

  const INIT = deploys(code(push(42), returnTop));
  it.each([
    ['deploys', INIT, {}],
    ['deploys with value', INIT, { value: 7n }],
    ['deploys nothing', code('STOP'), {}],
    ['has no init code', new Uint8Array(0), { value: 3n }],
    ['reverts', code(mstore(0, 5), push(32), push(0), 'REVERT'), {}],
    ['cannot pay for the code', INIT, { gasLimit: 1_500n }],
    ['deploys what starts with 0xef', code(push(0xef), push(0), 'MSTORE8', push(1), push(0), 'RETURN'), {}],
    ['deploys too much', code(push(24_577), push(0), 'RETURN'), { gasLimit: 6_000_000n }],
    ['has too much init code', new Uint8Array(49_153), {}],
    ['is a CREATE2', INIT, { salt: new Uint8Array(32).fill(7) }],
    ['halts', code('INVALID'), { value: 9n }],
  ])('makes a contract that %s', async (_name, data, options) => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const result = await evm.runCall({ caller: CALLER, data, ...options });
      const made = result.createdAddress === undefined ? [] : [at(result.createdAddress.toString().slice(2))];
      return [seen(result), await stateOf(evm, [CALLER, ...made])];
    });
  });

  it('does not run a creation where an account stands', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const first = await evm.runCall({ caller: CALLER, data: INIT, salt: new Uint8Array(32) });
      const second = await evm.runCall({ caller: CALLER, data: INIT, salt: new Uint8Array(32) });
      return [seen(first), seen(second), await stateOf(evm, [CALLER])];
    });
  });

  it.each([
    ['REVERT', code(mstore(0, 5), push(32), push(0), 'REVERT')],
    ['no gas', code(sstore(0, 1), label('again'), push(0), 'POP', jump('again')), 30_000n],
    ['an empty stack', code('ADD')],
    ['a full stack', code(...Array.from({ length: 1_025 }, () => push(0)))],
    ['a bad jump', code(push(3), 'JUMP')],
    ['INVALID', code('INVALID')],
    ['an undefined byte', raw(0x0c)],
    ['data out of bounds', code(push(1), push(0), push(0), 'RETURNDATACOPY')],
    ['little gas at SSTORE', code(sstore(0, 1)), 2_000n],
    ['huge memory', code(push(1), push(2n ** 255n), 'MSTORE')],
  ])('ends with the same error for %s', async (_name, program, gasLimit = 100_000n) => {
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: program });
      const result = await evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit, value: 1n });
      return [seen(result), await stateOf(evm, [CALLER, CONTRACT])];
    });
  });

  const LOGS = code(mstore(0, 0xabcd), push(1), push(2), push(32), push(0), 'LOG2', push(0), push(0), 'LOG0');
  it('returns logs, of children too, and none of what failed', async () => {
    const failing = code(LOGS, push(0), push(0), 'REVERT');
    const program = code(LOGS, call(word(OTHER)), 'POP', call(word(at('fa11'))), returnTop);
    const result = await same(async (library) => {
      const evm = await evmWith(library, { [C]: program, [O]: LOGS, fa11: failing });
      return seen(await evm.runCall({ caller: CALLER, to: CONTRACT }));
    });
    expect((result as { logs: unknown[] }).logs).toHaveLength(4);
  });

  it.each([
    ['SSTORE', code(sstore(0, 1))],
    ['LOG0', code(push(0), push(0), 'LOG0')],
    ['CREATE', code(create(new Uint8Array(0)))],
    ['CALL with value', code(call(word(OTHER), { value: 1, gas: 1_000 }))],
    ['SELFDESTRUCT', code(push(0), 'SELFDESTRUCT')],
    ['nothing', code(push(1), returnTop)],
  ])('in a static call does %s', async (_name, program) => {
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: program });
      return seen(await evm.runCall({ caller: CALLER, to: CONTRACT, isStatic: true, gasLimit: 100_000n }));
    });
  });

  it.each(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const)('nests a %s', async (kind) => {
    const child = code(
      'CALLER',
      push(0),
      'MSTORE',
      'CALLVALUE',
      push(32),
      'MSTORE',
      push(64),
      push(0),
      'RETURN',
    );
    const value = kind === 'CALL' || kind === 'CALLCODE' ? 3 : 0;
    const program = code(
      call(word(OTHER), { kind, value, outSize: 64 }),
      push(64),
      'MSTORE',
      push(96),
      push(0),
      'RETURN',
    );
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: program, [O]: child });
      const result = await evm.runCall({ caller: CALLER, to: CONTRACT, value: 1n });
      return [seen(result), await stateOf(evm, [CALLER, CONTRACT, OTHER])];
    });
  });

  it('makes contracts within contracts', async () => {
    const program = code(create(deploys(code('ADDRESS', returnTop)), { value: 2 }), returnTop);
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: program });
      const result = await evm.runCall({ caller: CALLER, to: CONTRACT });
      const { createdAddresses } = result.execResult;
      return [seen(result), createdAddresses, await stateOf(evm, [CONTRACT])];
    });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('calls precompile %i', async (number) => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const to = at(number.toString(16));
      const data = new Uint8Array(number === 9 ? 213 : 192).fill(0);
      data[31] = 1;
      const result = await evm.runCall({ caller: CALLER, to, data, gasLimit: 200_000n });
      const { error: _, ...rest } = seen(result) as { error?: string };
      return [rest, result.execResult.exceptionError !== undefined];
    });
  });

  it('runs code that is given', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: code('INVALID') });
      const program = code('ADDRESS', sstore(1, 5), 'CODESIZE', 'ADD', returnTop);
      const result = await evm.runCall({ caller: CALLER, to: CONTRACT, code: program, data: raw(1, 2) });
      return [seen(result), await stateOf(evm, [CONTRACT])];
    });
  });

  it('shows the block, the price and the blobs', async () => {
    const names = [
      'COINBASE',
      'TIMESTAMP',
      'NUMBER',
      'PREVRANDAO',
      'GASLIMIT',
      'CHAINID',
      'BASEFEE',
      'BLOBBASEFEE',
      'GASPRICE',
      'ORIGIN',
      'CALLER',
    ];
    const stores = names.map((name, i) => [name, push(32 * i), 'MSTORE']);
    const blob = [push(1), 'BLOBHASH', push(32 * names.length), 'MSTORE'];
    const program = code(...stores, blob, push(32 * (names.length + 1)), push(0), 'RETURN');
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: program });
      const header = {
        number: 12n,
        coinbase: OTHER,
        timestamp: 99n,
        difficulty: 0n,
        prevRandao: new Uint8Array(32).fill(3),
        gasLimit: 30_000_000n,
        baseFeePerGas: 8n,
        getBlobGasPrice: () => 4n,
      };
      const hashes = [`0x01${'22'.repeat(31)}`, `0x01${'33'.repeat(31)}`] as const;
      return seen(
        await evm.runCall({
          caller: CALLER,
          to: CONTRACT,
          block: { header },
          gasPrice: 11n,
          origin: OTHER,
          blobVersionedHashes: [...hashes],
        }),
      );
    });
  });

  it('asks the blockchain for hashes', async () => {
    const program = code(
      push(7),
      'BLOCKHASH',
      push(9),
      'BLOCKHASH',
      'ADD',
      push(10),
      'BLOCKHASH',
      'ADD',
      returnTop,
    );
    await same(async (library) => {
      const blockchain = {
        getBlock: async (number: number) => ({ hash: () => new Uint8Array(32).fill(number) }),
        putBlock: async () => {},
        shallowCopy: () => blockchain,
      };
      const evm = await evmWith(library, { [C]: program }, { blockchain });
      const block = {
        header: {
          number: 10n,
          coinbase: OTHER,
          timestamp: 1n,
          difficulty: 0n,
          gasLimit: 1n,
          prevRandao: new Uint8Array(32),
        },
      };
      const steps: string[] = [];
      evm.events.on('step', ({ opcode }) => steps.push(opcode.name));
      return [seen(await evm.runCall({ caller: CALLER, to: CONTRACT, block })), steps];
    });
  });

  it('leaves destroyed accounts to the caller', async () => {
    for (const hardfork of [Hardfork.Prague, Hardfork.London, Hardfork.Istanbul]) {
      await same(async (library) => {
        const evm = await evmWith(library, { [C]: code(toBytes20Push(OTHER), 'SELFDESTRUCT') }, { hardfork });
        const result = await evm.runCall({ caller: CALLER, to: CONTRACT, value: 1n });
        return [seen(result), await stateOf(evm, [CONTRACT, OTHER])];
      });
    }
  });

  it('follows a delegation', async () => {
    const designator = Uint8Array.from([0xef, 1, 0, ...toBytes20(word(OTHER))]);
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: designator, [O]: code('ADDRESS', returnTop) });
      return seen(await evm.runCall({ caller: CALLER, to: CONTRACT }));
    });
  });

  it('keeps an empty contract in the first fork where the code cannot be paid', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, {}, { hardfork: Hardfork.Chainstart });
      const init = deploys(code(push(42), returnTop));
      const result = await evm.runCall({ caller: CALLER, data: init, gasLimit: 1_500n });
      return [seen(result), await stateOf(evm, [at(result.createdAddress!.toString().slice(2))])];
    });
  });
});

const toBytes20Push = (address: { readonly bytes: Uint8Array }): Uint8Array =>
  Uint8Array.from([0x73, ...address.bytes]);

describe('runCode', () => {
  const shown = (result: Awaited<ReturnType<Evm['runCode']>>): unknown => ({
    returnValue: result.returnValue,
    executionGasUsed: result.executionGasUsed,
    gas: result.gas,
    error: result.exceptionError?.error,
    stack: result.runState?.stack.getStack(),
    pc: result.runState?.programCounter,
    words: result.runState?.memoryWordCount,
    memory: result.runState?.memory._store.slice(0, Number(result.runState.memoryWordCount) * 32),
    logs: result.logs,
  });

  it.each([
    ['adds', code(push(3), push(4), 'ADD')],
    ['stops', code(push(3), 'STOP', push(4))],
    ['returns', code(mstore(32, 9), push(64), push(0), 'RETURN')],
    ['reverts', code(mstore(0, 9), push(32), push(0), 'REVERT')],
    [
      'reads its surroundings',
      code('ADDRESS', 'CALLER', 'CALLVALUE', 'CALLDATASIZE', push(0), 'CALLDATALOAD', 'ORIGIN'),
    ],
    ['logs', code(push(1), push(0), push(0), 'LOG1')],
    [
      'loops and stops',
      code(push(3), label('again'), push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('again'), 'STOP'),
    ],
  ])('%s', async (_name, program) => {
    await same(async (library) => {
      const evm = await evmWith(library);
      return shown(
        await evm.runCode({
          code: program,
          caller: CALLER,
          to: CONTRACT,
          value: 5n,
          data: raw(1, 2, 3),
          gasLimit: 90_000n,
        }),
      );
    });
  });

  it('moves no value and counts no nonce', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, { [C]: raw() });
      await evm.runCode({ code: code(sstore(1, 2)), caller: CALLER, to: CONTRACT, value: 5n });
      return stateOf(evm, [CALLER, CONTRACT]);
    });
  });

  it('starts at a place in the code', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      return shown(await evm.runCode({ code: code('INVALID', push(7), push(8)), pc: 1 }));
    });
  });
});
