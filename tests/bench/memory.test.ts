import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { heldPerContract, heldPerFrame, storeOf, WrongResult } from '../../bench/memory/held.ts';

// What an earlier EVM held would otherwise be given back at any time.
setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc');

test('the code store takes ten bytes for each byte of code, and padding', () => {
  for (const length of [1_000, 24_576]) {
    const { bytes, codes } = storeOf(length)!;
    expect(bytes).toBeGreaterThanOrEqual(10 * length);
    expect(bytes).toBeLessThan(10 * length + 1_024);
    expect(codes).toBe(Math.floor(2 ** 24 / bytes));
  }
});

test('a frame of the fast engine lies outside the heap, with its stack', () => {
  const { outside } = heldPerFrame('wasm', 4_096);
  expect(outside).toBeGreaterThan(1_024 * 32 + 4_096);
});

test('a frame of the reference engine holds its memory', () => {
  const { heap, outside } = heldPerFrame('bigint', 4_096);
  expect(heap + outside).toBeGreaterThan(4_096);
});

test('a contract that fails is refused', () => {
  expect(() => heldPerContract('bigint', Uint8Array.of(0xfe), new Uint8Array())).toThrow(WrongResult);
});
