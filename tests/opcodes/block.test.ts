/** The block, and what the transaction brings along. */

import { describe, expect, it } from 'vitest';
import { code, push } from '../helpers/assembler.ts';
import { BLOCK, gasOf, haltOf, run, topOf } from '../helpers/run.ts';

describe('the block', () => {
  it('stands on the stack field by field', () => {
    const program = code(
      'COINBASE',
      'TIMESTAMP',
      'NUMBER',
      'PREVRANDAO',
      'GASLIMIT',
      'CHAINID',
      'BASEFEE',
      'BLOBBASEFEE',
    );
    const block = {
      coinbase: 1n,
      timestamp: 2n,
      number: 3n,
      prevRandao: 4n,
      difficulty: 99n,
      gasLimit: 5n,
      chainId: 6n,
      baseFee: 7n,
      blobBaseFee: 8n,
    };
    expect(run(program, { block }).stack).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  });

  it('0x44 is the difficulty until the merge, then the randomness (EIP-4399)', () => {
    const program = Uint8Array.of(0x44);
    expect(topOf(program, { fork: 'GrayGlacier' })).toBe(BLOCK.difficulty);
    expect(topOf(program, { fork: 'Paris' })).toBe(BLOCK.prevRandao);
  });
});

describe('BLOCKHASH', () => {
  const blockHash = (number: bigint): bigint => 10_000n + number;
  const ask = (number: bigint, current: bigint): bigint =>
    topOf(code(push(number), 'BLOCKHASH'), { blockHash, block: { number: current } });

  it.each([
    [999n, true],
    [744n, true],
    [745n, true],
    [743n, false],
    [1_000n, false],
    [1_001n, false],
    [0n, false],
    [2n ** 64n, false],
    [2n ** 256n - 1n, false],
    [2n ** 256n - 256n, false],
  ])('of block %d in block 1,000: known is %s', (number, known) => {
    expect(ask(number, 1_000n)).toBe(known ? 10_000n + number : 0n);
  });

  it('reaches block 0 early on', () => {
    expect(ask(0n, 1n)).toBe(10_000n);
    expect(ask(0n, 256n)).toBe(10_000n);
    expect(ask(0n, 257n)).toBe(0n);
    expect(ask(0n, 0n)).toBe(0n);
  });

  it('costs 20', () => expect(gasOf(code(push(1), 'BLOCKHASH'))).toBe(23));
});

describe('BLOBHASH (EIP-4844)', () => {
  const tx = { blobHashes: [0x01aan, 0x01bbn] };

  it.each([
    [0n, 0x01aan],
    [1n, 0x01bbn],
    [2n, 0n],
    [2n ** 32n, 0n],
    [2n ** 64n, 0n],
    [2n ** 256n - 1n, 0n],
  ])('at %d is %#x', (index, expected) => {
    expect(topOf(code(push(index), 'BLOBHASH'), { tx })).toBe(expected);
  });

  it('is 0 in a transaction without blobs, and costs 3', () => {
    expect(topOf(code(push(0), 'BLOBHASH'))).toBe(0n);
    expect(gasOf(code(push(0), 'BLOBHASH'), { tx })).toBe(6);
    expect(haltOf(code(push(0), 'BLOBHASH'), { fork: 'Shanghai' })).toBe('UndefinedOpcode');
  });
});
