/** Events, with both libraries: steps word by word, and what surrounds them. */

import { Hardfork } from '@ethereumjs/common';
import { describe, expect, it } from 'vitest';
import type { InterpreterStep } from '../../src/ethereumjs/index.ts';
import {
  call,
  code,
  create,
  deploys,
  jump,
  label,
  mstore,
  push,
  raw,
  returnTop,
  sstore,
} from '../helpers/assembler.ts';
import { at, CALLER, CONTRACT, type Evm, evmWith, OTHER, same, seen } from './both.ts';

const O = 0x07e5n;

const seenStep = (step: InterpreterStep): unknown => ({
  pc: step.pc,
  depth: step.depth,
  name: step.opcode.name,
  code: step.opcode.code,
  price: step.opcode.dynamicFee,
  gasLeft: step.gasLeft,
  gasRefund: step.gasRefund,
  stack: step.stack,
  memory: step.memory,
  words: step.memoryWordCount,
  address: step.address.toString(),
  // That library leaves it out while a contract is made.
  codeAddress: (step.codeAddress ?? step.address).toString(),
  balance: step.account.balance,
  error: step.error,
});

/** All steps of a call. */
async function stepsOf(evm: Evm, run: () => Promise<unknown>): Promise<unknown[]> {
  const steps: unknown[] = [];
  evm.events.on('step', (step) => steps.push(seenStep(step)));
  await run();
  return steps;
}

const CHILD = code(mstore(0, 77), sstore(3, 1), push(32), push(0), 'RETURN');

const PROGRAMS: readonly (readonly [string, Uint8Array])[] = [
  [
    'arithmetic',
    code(push(3), push(4), 'ADD', push(2), 'EXP', 'DUP1', 'SWAP1', 'SDIV', push(0), 'NOT', 'BYTE'),
  ],
  [
    'memory',
    code(
      mstore(5, 1),
      push(9),
      push(70),
      'MSTORE8',
      'MSIZE',
      push(3),
      push(1),
      push(60),
      'MCOPY',
      push(200),
      'MLOAD',
    ),
  ],
  ['hashes', code(push(40), push(3), 'KECCAK256', push(0), push(0), 'KECCAK256')],
  [
    'copies',
    code(
      push(40),
      push(1),
      push(2),
      'CALLDATACOPY',
      push(4),
      push(1),
      push(99),
      'CODECOPY',
      push(3),
      push(0),
      push(0),
      'ADDRESS',
      'EXTCODECOPY',
    ),
  ],
  [
    'storage',
    code(
      sstore(1, 5),
      sstore(1, 0),
      sstore(1, 6),
      sstore(2, 0),
      push(1),
      'SLOAD',
      push(9),
      'SLOAD',
      sstore(9, 1),
      sstore(9, 0),
    ),
  ],
  ['transient storage', code(push(5), push(1), 'TSTORE', push(1), 'TLOAD')],
  [
    'accounts',
    code(
      push(0xbeef),
      'BALANCE',
      push(0xbeef),
      'BALANCE',
      push(0xbeee),
      'EXTCODESIZE',
      push(O),
      'EXTCODEHASH',
      'SELFBALANCE',
    ),
  ],
  [
    'jumps',
    code(
      push(3),
      label('top'),
      push(1),
      'SWAP1',
      'SUB',
      'DUP1',
      push(2),
      'JUMPI',
      jump('end'),
      label('end'),
      'PC',
    ),
  ],
  ['logs', code(push(1), push(2), push(33), push(1), 'LOG2', push(0), push(0), 'LOG0')],
  [
    'a call',
    code(
      call(O, { outOffset: 32, outSize: 32 }),
      'RETURNDATASIZE',
      push(0),
      push(0),
      'RETURNDATACOPY',
      push(32),
      'MLOAD',
    ),
  ],
  ['a call with value', code(call(O, { value: 1, gas: 5_000 }), call(0xbeefn, { value: 2 }))],
  ['a delegate call', code(call(O, { kind: 'DELEGATECALL' }), push(3), 'SLOAD')],
  ['a callcode', code(call(O, { kind: 'CALLCODE', value: 1 }))],
  ['a static call', code(call(O, { kind: 'STATICCALL' }))],
  ['a call of a precompile', code(mstore(0, 1), call(4n, { inSize: 32, outOffset: 64, outSize: 32 }))],
  ['a call that cannot be paid', code(call(O, { value: 10n ** 20n }))],
  [
    'creations',
    code(
      create(deploys(code(push(1), returnTop)), { value: 1 }),
      'EXTCODESIZE',
      create(deploys(raw(0)), { salt: 4 }),
    ),
  ],
  ['a creation that fails', code(create(code(push(0), push(0), 'REVERT')), create(raw(0xfe)))],
  ['an end', code(push(1), 'STOP', push(2))],
  ['a return', code(mstore(0, 1), push(33), push(0), 'RETURN')],
  ['a revert', code(mstore(0, 1), push(32), push(0), 'REVERT')],
  ['a revert of nothing', code(push(0), push(0), 'REVERT')],
  ['a destruction', code(push(0xbeef), 'SELFDESTRUCT')],
  ['an undefined byte', raw(0x60, 1, 0x0c)],
  ['INVALID', code(push(1), 'INVALID')],
  ['an empty stack', code(push(1), 'ADD')],
  ['a short push', raw(0x60, 1, 0x61, 5)],
];

describe('step', () => {
  it.each(PROGRAMS)('sees %s as there', async (_name, program) => {
    const steps = await same(async (library) => {
      const evm = await evmWith(library, { c0de: program, '07e5': CHILD });
      // There, running code makes its own account warm at times; here it is or is not.
      evm.journal.addAlwaysWarmAddress(CONTRACT.toString());
      return stepsOf(evm, () =>
        evm.runCall({
          caller: CALLER,
          to: CONTRACT,
          value: 3n,
          data: new Uint8Array(50).fill(9),
          gasLimit: 400_000n,
        }),
      );
    });
    expect(steps.length).toBeGreaterThan(0);
  });

  it.each([Hardfork.Chainstart, Hardfork.TangerineWhistle, Hardfork.Istanbul, Hardfork.London])(
    'sees the same in %s',
    async (hardfork) => {
      const program = code(
        sstore(1, 5),
        sstore(1, 0),
        mstore(40, 2),
        call(O, { value: 1, gas: 40_000 }),
        push(2),
        push(3),
        'EXP',
      );
      await same(async (library) => {
        const evm = await evmWith(library, { c0de: program, '07e5': CHILD }, { hardfork });
        evm.journal.addAlwaysWarmAddress(CONTRACT.toString());
        return stepsOf(evm, () => evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit: 400_000n }));
      });
    },
  );

  it('sees steps until the gas is out', async () => {
    for (const gasLimit of [2n, 5n, 20n, 2_300n, 22_105n, 22_200n]) {
      await same(async (library) => {
        const evm = await evmWith(library, {
          c0de: code(push(1), push(2), 'ADD', mstore(100, 1), sstore(1, 1)),
        });
        const steps: unknown[] = [];
        evm.events.on(
          'step',
          ({ pc, gasLeft, stack, opcode }) => void steps.push([pc, gasLeft, stack, opcode.name]),
        );
        return [seen(await evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit })), steps];
      });
    }
  });

  it('sees code that is run alone', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const heard: string[] = [];
      evm.events.on('beforeMessage', () => heard.push('before'));
      evm.events.on('afterMessage', () => heard.push('after'));
      const steps = await stepsOf(evm, () =>
        evm.runCode({ code: code(push(1), push(2), 'ADD'), to: CONTRACT }),
      );
      return [steps, heard];
    });
  });

  it('does not change the run', async () => {
    for (const [, program] of PROGRAMS) {
      const results: unknown[] = [];
      for (const listens of [true, false]) {
        const { createEVM, SimpleStateManager } = await import('../../src/ethereumjs/index.ts');
        const evm = await evmWith({ createEVM, SimpleStateManager } as never, {
          c0de: program,
          '07e5': CHILD,
        });
        if (listens)
          evm.events.on('step', (step) => void [step.opcode.dynamicFee, step.memory, step.account]);
        results.push(seen(await evm.runCall({ caller: CALLER, to: CONTRACT, gasLimit: 400_000n })));
      }
      expect(results[0]).toEqual(results[1]);
    }
  });
});

describe('messages', () => {
  const program = code(
    call(O, { inSize: 3 }),
    call(4n, { gas: 0 }),
    call(0xbeefn),
    call(O, { kind: 'DELEGATECALL' }),
    create(deploys(code(push(1), returnTop))),
    create(code('INVALID')),
    call(O, { value: 10n ** 20n }),
  );

  it.each([CONTRACT, undefined])('are heard of as there', async (to) => {
    const heard = await same(async (library) => {
      const evm = await evmWith(library, { c0de: program, '07e5': CHILD });
      const heard: unknown[] = [];
      evm.events.on('beforeMessage', (message) => {
        const { caller, value, data, gasLimit, depth, isStatic, delegatecall } = message;
        heard.push([
          'before',
          message.to?.toString(),
          caller.toString(),
          value,
          data.slice(),
          gasLimit,
          depth,
          isStatic,
          delegatecall,
        ]);
      });
      evm.events.on('newContract', ({ address, code: init }) =>
        heard.push(['new', address.toString(), init.slice()]),
      );
      evm.events.on('afterMessage', ({ createdAddress, execResult }) => {
        const { returnValue, executionGasUsed, exceptionError } = execResult;
        heard.push([
          'after',
          createdAddress?.toString(),
          returnValue,
          executionGasUsed,
          exceptionError?.error,
        ]);
      });
      evm.events.on('step', ({ pc, depth }) => heard.push([pc, depth]));
      await evm.runCall({ caller: CALLER, to, ...(to === undefined ? { data: program } : {}) } as never);
      return heard;
    });
    expect(heard.length).toBeGreaterThan(20);
  });

  it('are heard of for a mere transfer', async () => {
    await same(async (library) => {
      const evm = await evmWith(library);
      const heard: unknown[] = [];
      evm.events.on('beforeMessage', ({ value }) => heard.push(value));
      evm.events.on('afterMessage', ({ execResult }) => heard.push(execResult.executionGasUsed));
      await evm.runCall({ caller: CALLER, to: at('beef'), value: 1n });
      return heard;
    });
  });
});

describe('listeners', () => {
  it('come and go', async () => {
    await same(async (library) => {
      const evm = await evmWith(library, { '07e5': CHILD });
      let count = 0;
      const listener = (): void => void count++;
      const counts: number[] = [];
      const run = async (): Promise<void> => {
        await evm.runCall({ caller: CALLER, to: OTHER });
        counts.push(count, evm.events.listenerCount('step'));
      };
      evm.events.on('step', listener);
      await run();
      evm.events.off('step', listener);
      await run();
      evm.events.on('step', listener).removeAllListeners('step');
      await run();
      return counts;
    });
  });
});
