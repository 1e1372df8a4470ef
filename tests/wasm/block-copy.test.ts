/** The copy by blocks, emitted and built in: the same bytes either way. */

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLOCK, type BlockMemory, blockMemory } from '../../src/wasm/block-copy.ts';
import { webAssembly } from '../../src/wasm/webassembly.ts';

afterEach(() => vi.unstubAllGlobals());

const without = (): BlockMemory => {
  vi.stubGlobal('WebAssembly', undefined);
  return blockMemory(4_096);
};
const forbidden = (): BlockMemory => {
  const Module = class {
    constructor() {
      throw new Error('Refused to compile: no unsafe-eval');
    }
  };
  const { Memory, Instance } = webAssembly()!;
  vi.stubGlobal('WebAssembly', { Memory, Instance, Module });
  return blockMemory(4_096);
};

describe.each([
  ['emitted', () => blockMemory(4_096)],
  ['without WebAssembly', without],
  ['where it is forbidden', forbidden],
])('block copy, %s', (name, make) => {
  it('is the kind it says', () => {
    const builtIn = make().copy.toString().includes('copyWithin');
    expect(builtIn).toBe(name !== 'emitted');
  });

  it('moves what is asked for and at most a block more', () => {
    const memory = make();
    const { bytes, copy } = memory;
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(900), fc.integer({ min: 1, max: 900 }), (to, gap, length) => {
        for (let i = 0; i < 4_096; i++) bytes[i] = i * 7 + (i >> 8);
        const before = bytes.slice();
        copy(to + gap, to, length);
        const end = to + length + BLOCK - 1;
        expect([
          Buffer.compare(bytes.subarray(0, to), before.subarray(0, to)),
          Buffer.compare(bytes.subarray(to, to + length), before.subarray(to + gap, to + gap + length)),
          Buffer.compare(bytes.subarray(end), before.subarray(end)),
        ]).toEqual([0, 0, 0]);
      }),
    );
  });

  it('copies upwards to a place that does not overlap', () => {
    const { bytes, copy } = make();
    for (let i = 0; i < 100; i++) bytes[i] = i + 1;
    copy(0, 200, 100);
    expect(bytes.subarray(200, 300)).toEqual(bytes.slice(0, 100));
  });

  it('has at least the size asked for', () => {
    expect(make().bytes.length).toBeGreaterThanOrEqual(4_096);
  });
});
