/** The running contract, its caller, the data around it, and other accounts. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import type { ForkName } from '../../src/forks/fork.ts';
import { bytesToBigInt, bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { call, code, mstore, type Piece, push, pushAddress, raw } from '../helpers/assembler.ts';
import { CALLER, CONTRACT, gasOf, haltOf, NOBODY, OTHER, run, topOf } from '../helpers/run.ts';

const HUGE = 2n ** 256n - 1n;
const DATA = Uint8Array.from({ length: 40 }, (_, i) => i + 1);

describe('who and where', () => {
  it('ADDRESS, CALLER, ORIGIN, CALLVALUE, GASPRICE, SELFBALANCE', () => {
    const program = code('ADDRESS', 'CALLER', 'ORIGIN', 'CALLVALUE', 'GASPRICE', 'SELFBALANCE');
    const { stack } = run(program, {
      value: 55n,
      self: { balance: 1_000n },
      tx: { origin: 0x77n, gasPrice: 13n },
    });
    expect(stack).toEqual([CONTRACT, CALLER, 0x77n, 55n, 13n, 1_055n]);
  });

  it('sees itself through a DELEGATECALL as its caller does, through a CALL as itself', () => {
    const answer = code(
      'ADDRESS',
      push(0),
      'MSTORE',
      'CALLER',
      push(32),
      'MSTORE',
      'CALLVALUE',
      push(64),
      'MSTORE',
      ['ORIGIN', push(96), 'MSTORE', push(128), push(0), 'RETURN'],
    );
    const asked = (kind: 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL', value = 0): bigint[] => {
      const program = code(call(OTHER, { kind, value, outSize: 128 }), 'POP', push(128), push(0), 'RETURN');
      const { output } = run(program, {
        value: 9n,
        self: { balance: 100n },
        accounts: [[OTHER, { code: answer }]],
      });
      return [0, 32, 64, 96].map((at) => bytesToBigInt(output.subarray(at, at + 32)));
    };
    expect(asked('CALL', 5)).toEqual([OTHER, CONTRACT, 5n, CALLER]);
    expect(asked('CALLCODE', 5)).toEqual([CONTRACT, CONTRACT, 5n, CALLER]);
    expect(asked('DELEGATECALL')).toEqual([CONTRACT, CALLER, 9n, CALLER]);
    expect(asked('STATICCALL')).toEqual([OTHER, CONTRACT, 0n, CALLER]);
  });
});

describe('call data', () => {
  it('CALLDATASIZE', () => {
    expect(topOf(code('CALLDATASIZE'), { data: DATA })).toBe(40n);
    expect(topOf(code('CALLDATASIZE'))).toBe(0n);
  });

  it.each([
    [0n, bytesToBigInt(DATA.subarray(0, 32))],
    [8n, bytesToBigInt(DATA.subarray(8, 40))],
    [9n, bytesToBigInt(DATA.subarray(9)) << 8n],
    [39n, 40n << 248n],
    [40n, 0n],
    [41n, 0n],
    [2n ** 53n, 0n],
    [2n ** 64n, 0n],
    [HUGE, 0n],
    [HUGE - 31n, 0n],
  ])('CALLDATALOAD at %d', (offset, expected) => {
    expect(topOf(code(push(offset), 'CALLDATALOAD'), { data: DATA })).toBe(expected);
  });

  it('is what the call gives, at any offset of its memory', () => {
    const child = code('CALLDATASIZE', push(0), push(0), 'CALLDATACOPY', 'CALLDATASIZE', push(0), 'RETURN');
    const program = code(mstore(0, 0x1122334455667788n), call(OTHER, { inOffset: 25, inSize: 3 }), [
      'RETURNDATASIZE',
      push(0),
      push(0),
      'RETURNDATACOPY',
      'RETURNDATASIZE',
      push(0),
      'RETURN',
    ]);
    expect(bytesToHex(run(program, { accounts: [[OTHER, { code: child }]] }).output)).toBe('0x223344');
  });
});

describe('copying', () => {
  /** Fills memory with ff, copies, and returns 64 bytes. */
  const copied = (name: string, to: number, from: bigint, size: number, before: Piece = []): string => {
    const program = code(before, mstore(0, HUGE), mstore(32, HUGE), [
      push(size),
      push(from),
      push(to),
      name,
      push(64),
      push(0),
      'RETURN',
    ]);
    return bytesToHex(run(program, { data: DATA }).output);
  };

  it.each([0n, 1n, 30n, 39n, 40n, 41n, 2n ** 32n, 2n ** 53n, 2n ** 64n, HUGE])(
    'CALLDATACOPY from %d fills with zeros beyond the end',
    (from) => {
      for (const [to, size] of [
        [0, 0],
        [0, 1],
        [5, 20],
        [0, 64],
        [31, 33],
      ] as const) {
        const model = new Uint8Array(64).fill(0xff);
        for (let i = 0; i < size; i++) model[to + i] = from + BigInt(i) < 40n ? DATA[Number(from) + i]! : 0;
        expect([to, size, copied('CALLDATACOPY', to, from, size)]).toEqual([to, size, bytesToHex(model)]);
      }
    },
  );

  it('CODECOPY gives the code, then zeros', () => {
    const program = code(push(40), push(0), push(0), 'CODECOPY', push(40), push(0), 'RETURN');
    const model = new Uint8Array(40);
    model.set(program);
    expect(bytesToHex(run(program).output)).toBe(bytesToHex(model));
    expect(copied('CODECOPY', 0, HUGE, 64)).toBe(`0x${'00'.repeat(64)}`);
    expect(copied('CODECOPY', 0, 2n ** 64n, 64)).toBe(`0x${'00'.repeat(64)}`);
  });

  it.each([0, 1, 32, 33, 64, 1_000])('%d bytes cost 3 a word', (size) => {
    const grown = gasOf(code(push(2_000), 'MLOAD'));
    for (const name of ['CALLDATACOPY', 'CODECOPY', 'MCOPY']) {
      const program = code(push(2_000), 'MLOAD', push(size), push(0), push(0), name);
      expect(gasOf(program) - grown).toBe(9 + 3 + 3 * Math.ceil(size / 32));
    }
  });

  it('EXTCODECOPY of a contract, of a plain account and of none', () => {
    const other = hexToBytes('0x6001600201');
    const fetch = (address: bigint): string =>
      bytesToHex(
        run(
          code(
            mstore(0, HUGE),
            [push(8), push(1), push(2), pushAddress(address), 'EXTCODECOPY'],
            [push(32), push(0), 'RETURN'],
          ),
          {
            accounts: [
              [OTHER, { code: other }],
              [4_242n, { balance: 1n }],
            ],
          },
        ).output,
      );
    expect(fetch(OTHER)).toBe(`0xffff01600201${'00'.repeat(4)}${'ff'.repeat(22)}`);
    expect(fetch(4_242n)).toBe(`0xffff${'00'.repeat(8)}${'ff'.repeat(22)}`);
    expect(fetch(NOBODY)).toBe(`0xffff${'00'.repeat(8)}${'ff'.repeat(22)}`);
  });
});

describe('return data (EIP-211)', () => {
  const child = code(mstore(0, 0xaabbccddn), push(5), push(27), 'RETURN');
  const accounts = [[OTHER, { code: child }]] as const;
  const after = (...pieces: Piece[]): Uint8Array => code(call(OTHER), 'POP', ...pieces);

  it('is empty before the first call', () => {
    expect(topOf(code('RETURNDATASIZE'))).toBe(0n);
    expect(haltOf(code(push(1), push(0), push(0), 'RETURNDATACOPY'))).toBe('ReturnDataOutOfBounds');
    expect(haltOf(code(push(0), push(1), push(0), 'RETURNDATACOPY'))).toBe('ReturnDataOutOfBounds');
  });

  it.each([
    [0n, 5n, true],
    [5n, 0n, true],
    [4n, 1n, true],
    [5n, 1n, false],
    [6n, 0n, false],
    [0n, 6n, false],
    [HUGE, 0n, false],
    [HUGE, 1n, false],
    [HUGE, 2n, false],
    [2n ** 64n, 5n, false],
  ])('may be read from %d, %d bytes: %s', (from, size, allowed) => {
    const program = after(push(size), push(from), push(0), 'RETURNDATACOPY');
    expect(haltOf(program, { accounts })).toBe(allowed ? 'Stop' : 'ReturnDataOutOfBounds');
  });

  it('is what the child returned, whatever the caller made room for', () => {
    const program = code(
      mstore(0, HUGE),
      [call(OTHER, { outOffset: 1, outSize: 2 }), 'POP'],
      ['RETURNDATASIZE', push(0), push(32), 'RETURNDATACOPY', push(64), push(0), 'RETURN'],
    );
    const { output } = run(program, { accounts });
    expect(bytesToHex(output)).toBe(`0xff00aa${'ff'.repeat(29)}00aabbccdd${'00'.repeat(27)}`);
  });

  it('leaves memory beyond a short answer alone', () => {
    const program = code(mstore(0, HUGE), call(OTHER, { outSize: 32 }), 'POP', push(32), push(0), 'RETURN');
    expect(bytesToHex(run(program, { accounts }).output)).toBe(`0x00aabbccdd${'ff'.repeat(27)}`);
  });

  it('is that of a revert as well, and empty after an exceptional halt', () => {
    const size = (bytecode: Uint8Array): bigint =>
      topOf(code(call(OTHER, { gas: 50_000 }), 'POP', 'RETURNDATASIZE'), {
        accounts: [[OTHER, { code: bytecode }]],
      });
    expect(size(code(push(7), push(0), 'REVERT'))).toBe(7n);
    expect(size(code(push(7), push(0), 'RETURN'))).toBe(7n);
    expect(size(raw(0xfe))).toBe(0n);
    expect(size(code('ADD'))).toBe(0n);
    expect(size(code('STOP'))).toBe(0n);
  });

  it('is dropped by the next call, also by one that cannot start', () => {
    const two = (...second: Piece[]): Uint8Array => code(call(OTHER), 'POP', ...second, 'RETURNDATASIZE');
    expect(topOf(two(), { accounts })).toBe(5n);
    expect(topOf(two(call(NOBODY)), { accounts })).toBe(0n);
    expect(topOf(two(call(OTHER, { value: 10n ** 30n })), { accounts })).toBe(0n);
    expect(topOf(two(push(0), push(0), push(0), 'CREATE'), { accounts })).toBe(0n);
    expect(topOf(two(push(0), push(0), push(10n ** 30n), 'CREATE'), { accounts })).toBe(0n);
  });

  it('of the identity precompile does not change with the memory it came from', () => {
    const program = code(
      mstore(0, 0x1234n),
      [call(4n, { inSize: 32, outSize: 32, outOffset: 64 }), 'POP'],
      mstore(0, HUGE),
      mstore(64, HUGE),
      ['RETURNDATASIZE', push(0), push(0), 'RETURNDATACOPY', push(0), 'MLOAD'],
    );
    expect(topOf(program)).toBe(0x1234n);
  });
});

describe('other accounts', () => {
  const EMPTY_HASH = bytesToBigInt(keccak_256(new Uint8Array(0)));
  const bytecode = hexToBytes('0x600160020160005500');
  const DELEGATED = 0xde1en;
  const EMPTY = 0xe397n;
  const designator = hexToBytes('0xef0100'.concat(OTHER.toString(16).padStart(40, '0')));
  const accounts = [
    [OTHER, { code: bytecode, balance: 77n }],
    [4_242n, { balance: 1n }],
    [4_243n, { nonce: 1n }],
    [DELEGATED, { code: designator }],
    [EMPTY, {}],
  ] as const;
  const ask = (name: string, address: bigint, fork: ForkName = 'Osaka'): bigint =>
    topOf(code(push(address, 32), name), { accounts, fork });

  it('EXTCODEHASH tells contract, plain, empty and missing accounts apart (EIP-1052)', () => {
    expect(ask('EXTCODEHASH', OTHER)).toBe(bytesToBigInt(keccak_256(bytecode)));
    expect(ask('EXTCODEHASH', 4_242n)).toBe(EMPTY_HASH);
    expect(ask('EXTCODEHASH', 4_243n)).toBe(EMPTY_HASH);
    expect(ask('EXTCODEHASH', NOBODY)).toBe(0n);
    expect(ask('EXTCODEHASH', EMPTY)).toBe(0n);
    expect(ask('EXTCODEHASH', 2n)).toBe(0n);
    expect(ask('EXTCODEHASH', EMPTY, 'Constantinople')).toBe(0n);
  });

  it('EXTCODEHASH of an account that got ether in the same transaction', () => {
    const program = code(call(NOBODY, { value: 1 }), 'POP', pushAddress(NOBODY), 'EXTCODEHASH');
    expect(topOf(program, { self: { balance: 5n } })).toBe(EMPTY_HASH);
  });

  it('sees a delegation designator and not the code behind it (EIP-7702)', () => {
    expect(ask('EXTCODESIZE', DELEGATED)).toBe(23n);
    expect(ask('EXTCODEHASH', DELEGATED)).toBe(bytesToBigInt(keccak_256(designator)));
    const program = code(push(32), push(0), push(0), pushAddress(DELEGATED), 'EXTCODECOPY', push(0), 'MLOAD');
    expect(topOf(program, { accounts })).toBe(bytesToBigInt(designator) << 72n);
  });

  it('BALANCE and EXTCODESIZE', () => {
    expect(ask('BALANCE', OTHER)).toBe(77n);
    expect(ask('BALANCE', NOBODY)).toBe(0n);
    expect(ask('EXTCODESIZE', OTHER)).toBe(9n);
    expect(ask('EXTCODESIZE', 4_242n)).toBe(0n);
    expect(ask('EXTCODESIZE', NOBODY)).toBe(0n);
  });

  it('take the low 160 bits of the word for the address', () => {
    const dirty = (2n ** 96n - 1n) * 2n ** 160n;
    expect(ask('BALANCE', OTHER + dirty)).toBe(77n);
    expect(ask('EXTCODESIZE', OTHER + dirty)).toBe(9n);
    expect(ask('EXTCODEHASH', OTHER + dirty)).toBe(bytesToBigInt(keccak_256(bytecode)));
  });

  it.each([
    ['BALANCE', 'Frontier', 20],
    ['BALANCE', 'TangerineWhistle', 400],
    ['BALANCE', 'Istanbul', 700],
    ['EXTCODESIZE', 'Frontier', 20],
    ['EXTCODESIZE', 'TangerineWhistle', 700],
    ['EXTCODESIZE', 'Istanbul', 700],
    ['EXTCODEHASH', 'Constantinople', 400],
    ['EXTCODEHASH', 'Istanbul', 700],
  ] as const)('%s costs in %s %d, the first time and the second', (name, fork, gas) => {
    const once = code(pushAddress(OTHER), name);
    expect(gasOf(once, { accounts, fork })).toBe(3 + gas);
    expect(gasOf(code(once, once), { accounts, fork })).toBe(2 * (3 + gas));
  });

  it.each(['BALANCE', 'EXTCODESIZE', 'EXTCODEHASH'])(
    '%s costs 2,600 cold and 100 warm (EIP-2929)',
    (name) => {
      const once = code(pushAddress(OTHER), name);
      for (const fork of ['Berlin', 'Osaka'] as const) {
        expect(gasOf(once, { accounts, fork })).toBe(3 + 2_600);
        expect(gasOf(code(once, once), { accounts, fork })).toBe(3 + 2_600 + 3 + 100);
        expect(gasOf(once, { accounts, fork, warm: [OTHER] })).toBe(3 + 100);
        expect(haltOf(once, { accounts, fork, gas: 2_602 })).toBe('OutOfGas');
      }
      expect(gasOf(code(pushAddress(4n), name), { accounts })).toBe(3 + 100);
      expect(gasOf(code('ADDRESS', name), { accounts })).toBe(2 + 100);
      expect(gasOf(code(pushAddress(NOBODY), name), { accounts })).toBe(3 + 2_600);
    },
  );

  it('EXTCODECOPY costs access, words and memory', () => {
    const program = code(push(33), push(0), push(0), pushAddress(OTHER), 'EXTCODECOPY');
    expect(gasOf(program, { accounts, fork: 'Frontier' })).toBe(12 + 20 + 6 + 6);
    expect(gasOf(program, { accounts, fork: 'TangerineWhistle' })).toBe(12 + 700 + 6 + 6);
    expect(gasOf(program, { accounts, fork: 'Berlin' })).toBe(12 + 2_600 + 6 + 6);
    expect(gasOf(code(program, program), { accounts, fork: 'Berlin' })).toBe(
      12 + 2_600 + 6 + 6 + 12 + 100 + 6,
    );
  });

  it('warmth is undone with the frame that brought it', () => {
    const child = code(pushAddress(4_242n), 'BALANCE', push(0), push(0), 'REVERT');
    const keeping = code(pushAddress(4_242n), 'BALANCE');
    const cost = (childCode: Uint8Array): number => {
      const list = [[0xc1n, { code: childCode }], ...accounts] as const;
      const before = code(call(0xc1n), 'POP');
      return (
        gasOf(code(before, pushAddress(4_242n), 'BALANCE'), { accounts: list }) -
        gasOf(before, { accounts: list })
      );
    };
    expect(cost(child)).toBe(3 + 2_600);
    expect(cost(keeping)).toBe(3 + 100);
  });
});
