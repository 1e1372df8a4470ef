/** Memory, its price, and what reads and moves it. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToBigInt, bytesToHex, hexToBytes } from '../../src/primitives/bytes.ts';
import { code, memoryOf, mstore, type Piece, push } from '../helpers/assembler.ts';
import { gasOf, haltOf, run, topOf } from '../helpers/run.ts';

/** Yellow Paper, equation 326, in exact numbers. */
const price = (words: bigint): bigint => 3n * words + (words * words) / 512n;

const HUGE = 2n ** 256n - 1n;

/** Memory from 0 on as bytes. */
const dump = (size: number): Piece => [push(size), push(0), 'RETURN'];

describe('the price of memory', () => {
  it.each([1n, 31n, 32n, 33n, 64n, 704n * 32n, 724n * 32n, 1_000_000n, 32n * 2n ** 20n])(
    'of %d bytes is linear and quadratic',
    (bytes) => {
      const words = (bytes + 31n) / 32n;
      const program = code(push(0), push(bytes - 1n), 'MSTORE8');
      const expected = 3 + 3 + 3 + Number(price(words));
      expect(gasOf(program, { gas: 10n ** 10n })).toBe(expected);
      expect(haltOf(program, { gas: expected - 1 })).toBe('OutOfGas');
      expect(gasOf(program, { gas: expected })).toBe(expected);
    },
  );

  it('counts growth only', () => {
    const once = gasOf(code(mstore(320, 1)));
    const twice = gasOf(code(mstore(320, 1), mstore(320, 1)));
    const lower = gasOf(code(mstore(320, 1), mstore(0, 1)));
    expect(once).toBe(9 + Number(price(11n)));
    expect(twice - once).toBe(9);
    expect(lower - once).toBe(9);
    expect(gasOf(code(mstore(0, 1), mstore(32_000, 1)))).toBe(18 + Number(price(1_001n)));
  });

  it.each(['MLOAD', 'MSTORE'])('%s reaches 32 bytes from its offset', (name) => {
    const size = (offset: number): bigint => topOf(code(push(1), push(offset), name, 'MSIZE'));
    expect(size(0)).toBe(32n);
    expect(size(1)).toBe(64n);
    expect(size(32)).toBe(64n);
    expect(size(33)).toBe(96n);
  });

  it('MSTORE8 reaches one byte, and takes the lowest of the word', () => {
    expect(topOf(code(push(1), push(31), 'MSTORE8', 'MSIZE'))).toBe(32n);
    expect(topOf(code(push(1), push(32), 'MSTORE8', 'MSIZE'))).toBe(64n);
    expect(topOf(code(push(0x1ff), push(0), 'MSTORE8', push(0), 'MLOAD'))).toBe(0xffn << 248n);
  });

  it.each([2n ** 30n - 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n - 32n, 2n ** 64n, 2n ** 64n + 32n, HUGE])(
    'runs out of gas with offset or size %d',
    (far) => {
      for (const [name, program] of [
        ['MLOAD', code(push(far), 'MLOAD')],
        ['MSTORE', code(push(1), push(far), 'MSTORE')],
        ['MSTORE8', code(push(1), push(far), 'MSTORE8')],
        ['KECCAK256 offset', code(push(1), push(far), 'KECCAK256')],
        ['KECCAK256 size', code(push(far), push(0), 'KECCAK256')],
        ['MCOPY to', code(push(1), push(0), push(far), 'MCOPY')],
        ['MCOPY from', code(push(1), push(far), push(0), 'MCOPY')],
        ['MCOPY size', code(push(far), push(0), push(0), 'MCOPY')],
        ['CALLDATACOPY to', code(push(1), push(0), push(far), 'CALLDATACOPY')],
        ['CALLDATACOPY size', code(push(far), push(0), push(0), 'CALLDATACOPY')],
        ['CODECOPY size', code(push(far), push(0), push(0), 'CODECOPY')],
        ['RETURNDATACOPY size', code(push(far), push(0), push(0), 'RETURNDATACOPY')],
        ['EXTCODECOPY size', code(push(far), push(0), push(0), push(0), 'EXTCODECOPY')],
        ['LOG0 offset', code(push(1), push(far), 'LOG0')],
        ['LOG0 size', code(push(far), push(0), 'LOG0')],
        ['RETURN offset', code(push(1), push(far), 'RETURN')],
        ['REVERT size', code(push(far), push(0), 'REVERT')],
        ['CREATE offset', code(push(1), push(far), push(0), 'CREATE')],
        ['CREATE size', code(push(far), push(0), push(0), 'CREATE')],
        ['CREATE2 size', code(push(0), push(far), push(0), push(0), 'CREATE2')],
        ...['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'].flatMap((name) => {
          const value = name.startsWith('CALL') ? [push(0)] : [];
          const with_ = (...ranges: (bigint | number)[]): Uint8Array =>
            code(...ranges.map((word) => push(word)), ...value, push(0), push(0), name);
          return [
            [`${name} output offset`, with_(1, far, 0, 0)],
            [`${name} output size`, with_(far, 0, 0, 0)],
            [`${name} input offset`, with_(0, 0, 1, far)],
            [`${name} input size`, with_(0, 0, far, 0)],
          ] as const;
        }),
      ] as const) {
        const { halt, gasLeft } = run(program, { gas: 3_000_000 });
        // 64-bit words tell three kinds of running out apart; each burns all gas.
        expect([name, [7, 8, 9, 18].includes(halt), gasLeft]).toEqual([name, true, 0n]);
      }
    },
  );

  it('of nothing is nothing, wherever it lies', () => {
    for (const far of [0n, 2n ** 64n, HUGE]) {
      const at = push(far, 32);
      for (const [program, gas] of [
        [code(push(0), at, 'KECCAK256'), 36],
        [code(push(0), at, at, 'MCOPY'), 12],
        [code(push(0), at, at, 'CALLDATACOPY'), 12],
        [code(push(0), at, at, 'CODECOPY'), 12],
        [code(push(0), push(0), at, 'RETURNDATACOPY'), 12],
        [code(push(0), at, at, push(4), 'EXTCODECOPY'), 112],
        [code(push(0), at, 'LOG0'), 381],
        [code(push(0), at, 'RETURN'), 6],
        [code(push(0), at, 'REVERT'), 6],
        [code(push(0), at, push(0), at, push(0), push(4), push(100), 'CALL'), 21 + 100 + 15],
      ] as const) {
        const { gasUsed, memorySize } = run(program);
        expect([gasUsed, memorySize]).toEqual([BigInt(gas), 0]);
      }
    }
  });
});

describe('MSIZE', () => {
  it('is 0 at first and never shrinks', () => {
    expect(topOf(code('MSIZE'))).toBe(0n);
    expect(topOf(code(push(500), 'MLOAD', push(0), 'MLOAD', 'MSIZE'))).toBe(544n);
  });

  it('grows by reading, by calls and by KECCAK256', () => {
    expect(topOf(code(push(1), push(64), 'KECCAK256', 'MSIZE'))).toBe(96n);
    const ranges = (outSize: number, outAt: number, inSize: number, inAt: number): bigint =>
      topOf(
        code(
          push(outSize),
          push(outAt),
          push(inSize),
          push(inAt),
          push(0),
          push(9),
          push(0),
          'CALL',
          'MSIZE',
        ),
      );
    expect(ranges(32, 64, 32, 0)).toBe(96n);
    expect(ranges(32, 0, 1, 320)).toBe(352n);
    expect(ranges(0, 1_000, 0, 1_000)).toBe(0n);
  });
});

describe('KECCAK256', () => {
  it.each([0, 1, 31, 32, 33, 135, 136, 137, 272, 1_000])('of %d bytes', (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + 1) & 0xff);
    const program = code(memoryOf(bytes), push(size), push(0), 'KECCAK256');
    expect(topOf(program)).toBe(bytesToBigInt(keccak_256(bytes)));
    const before = gasOf(code(memoryOf(bytes), push(size), push(0)));
    expect(gasOf(program) - before).toBe(30 + 6 * Math.ceil(size / 32));
  });

  it('reads from an odd offset', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
    expect(topOf(code(memoryOf(bytes), push(21), push(3), 'KECCAK256'))).toBe(
      bytesToBigInt(keccak_256(bytes.subarray(3, 24))),
    );
  });
});

const ZEROS = '00'.repeat(32);
const COUNT = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

describe('MCOPY (EIP-5656)', () => {
  const bytes = Uint8Array.from({ length: 96 }, (_, i) => i + 1);

  it('copies as if through another buffer, overlaps included', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(120), fc.nat(100), (to, from, size) => {
        const model = new Uint8Array(256);
        model.set(bytes);
        model.set(model.slice(from, from + size), to);
        const { output } = run(code(memoryOf(bytes), push(size), push(from), push(to), 'MCOPY', dump(256)));
        expect(bytesToHex(output)).toBe(bytesToHex(model));
      }),
      { numRuns: 200, seed: 5656 },
    );
  });

  it.each([
    // Test cases of the EIP: destination, source, length, before, after, gas of MCOPY alone.
    [0, 32, 32, ZEROS + COUNT, COUNT + COUNT, 6],
    [0, 0, 32, '01'.repeat(32), '01'.repeat(32), 6],
    [0, 1, 8, `000102030405060708${'00'.repeat(23)}`, `010203040506070808${'00'.repeat(23)}`, 6],
    [1, 0, 8, `000102030405060708${'00'.repeat(23)}`, `000001020304050607${'00'.repeat(23)}`, 6],
  ])('to %d from %d, %d bytes', (to, from, size, before, after, gas) => {
    const start = hexToBytes(before);
    const setup = memoryOf(start);
    const copy = [push(size), push(from), push(to), 'MCOPY'];
    expect(bytesToHex(run(code(setup, copy, dump(start.length))).output)).toBe(`0x${after}`);
    expect(gasOf(code(setup, copy)) - gasOf(code(setup))).toBe(9 + gas);
  });

  it('pays for growth of either end', () => {
    expect(gasOf(code(push(32), push(0), push(64), 'MCOPY'))).toBe(9 + 6 + 9);
    expect(gasOf(code(push(32), push(64), push(0), 'MCOPY'))).toBe(9 + 6 + 9);
    expect(gasOf(code(push(33), push(0), push(0), 'MCOPY'))).toBe(9 + 9 + 6);
  });
});
