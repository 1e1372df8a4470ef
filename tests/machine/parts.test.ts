/** Code, memory and halt codes by themselves. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Code, EMPTY_CODE, isDelegation } from '../../src/machine/code.ts';
import { HALT_WORDS, Halt, isHostLimit, isSuccess } from '../../src/machine/halt.ts';
import { Memory } from '../../src/machine/memory.ts';
import { bytesToBigInt, hexToBytes } from '../../src/primitives/bytes.ts';

describe('Code', () => {
  it('finds jump destinations as a walk over the instructions does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, biased) => {
        const bytes = biased
          ? noise.map((byte) => (byte % 3 === 0 ? 0x5b : byte % 3 === 1 ? 0x60 + (byte % 32) : byte))
          : noise;
        const valid = new Set<number>();
        for (let pc = 0; pc < bytes.length; pc++) {
          const byte = bytes[pc]!;
          if (byte === 0x5b) valid.add(pc);
          if (byte >= 0x60 && byte <= 0x7f) pc += byte - 0x5f;
        }
        const code = new Code(bytes);
        for (let pc = 0; pc < bytes.length + 40; pc++)
          expect([pc, code.isJumpdest(pc)]).toEqual([pc, valid.has(pc)]);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('reads constants, with zeros beyond the end, the same every time', () => {
    const code = new Code(hexToBytes('0x61010263040506'));
    for (let i = 0; i < 2; i++) {
      expect(code.immediate(0, 2)).toBe(0x0102n);
      expect(code.immediate(3, 4)).toBe(0x04050600n);
    }
    expect(new Code(hexToBytes('0x7f')).immediate(0, 32)).toBe(0n);
  });

  it('does not share bytes with its source', () => {
    const source = hexToBytes('0x5b5b');
    const code = new Code(source);
    source.fill(0);
    expect(code.isJumpdest(1)).toBe(true);
    expect([...code.bytes]).toEqual([0x5b, 0x5b]);
  });

  it('knows a delegation designator', () => {
    const address = '11'.repeat(19).concat('22');
    expect(new Code(hexToBytes(`0xef0100${address}`)).delegate).toBe(BigInt(`0x${address}`));
    expect(new Code(hexToBytes(`0xef0100${address}00`)).delegate).toBeNull();
    expect(EMPTY_CODE.delegate).toBeNull();
    expect(isDelegation(hexToBytes(`0xef0200${address}`))).toBe(false);
  });
});

describe('Memory', () => {
  const operation = fc.oneof(
    fc.record({
      kind: fc.constant('store' as const),
      at: fc.nat(3_000),
      value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    }),
    fc.record({ kind: fc.constant('store8' as const), at: fc.nat(3_000), value: fc.nat(255) }),
    fc.record({
      kind: fc.constant('move' as const),
      to: fc.nat(2_000),
      from: fc.nat(2_000),
      size: fc.nat(900),
    }),
    fc.record({
      kind: fc.constant('copyIn' as const),
      at: fc.nat(2_000),
      source: fc.uint8Array({ maxLength: 80 }),
      from: fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
      size: fc.nat(120),
    }),
    fc.record({
      kind: fc.constant('write' as const),
      at: fc.nat(2_000),
      source: fc.uint8Array({ maxLength: 80 }),
      size: fc.nat(90),
    }),
    fc.record({ kind: fc.constant('reset' as const) }),
  );

  it('behaves as a plain array of bytes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const memory = new Memory();
        let model = new Uint8Array(0);
        const grow = (end: number): void => {
          const size = Math.ceil(end / 32) * 32;
          if (size <= model.length) return;
          const grown = new Uint8Array(size);
          grown.set(model);
          model = grown;
          memory.resize(size);
        };
        for (const each of operations) {
          if (each.kind === 'store') {
            grow(each.at + 32);
            memory.store(each.at, each.value);
            model.set(hexToBytes(each.value.toString(16).padStart(64, '0')), each.at);
            expect(memory.load(each.at)).toBe(each.value);
          } else if (each.kind === 'store8') {
            grow(each.at + 1);
            memory.store8(each.at, each.value);
            model[each.at] = each.value;
          } else if (each.kind === 'move') {
            grow(Math.max(each.to, each.from) + each.size);
            memory.move(each.to, each.from, each.size);
            model.set(model.slice(each.from, each.from + each.size), each.to);
          } else if (each.kind === 'copyIn') {
            grow(each.at + each.size);
            memory.copyIn(each.at, each.source, each.from, each.size);
            for (let i = 0; i < each.size; i++) {
              const from = each.from + BigInt(i);
              model[each.at + i] = from < BigInt(each.source.length) ? each.source[Number(from)]! : 0;
            }
          } else if (each.kind === 'write') {
            grow(each.at + each.size);
            memory.write(each.at, each.source, each.size);
            model.set(each.source.slice(0, each.size), each.at);
          } else {
            memory.reset();
            model = new Uint8Array(0);
          }
          expect(memory.size).toBe(model.length);
          expect(memory.slice(0, memory.size)).toEqual(model);
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('is zero again after a reset, small or large', () => {
    for (const size of [64, 2 ** 12, 2 ** 19]) {
      const memory = new Memory();
      memory.resize(size);
      for (let at = 0; at + 32 <= size; at += 32) memory.store(at, 2n ** 256n - 1n);
      memory.reset();
      expect(memory.size).toBe(0);
      memory.resize(size);
      expect(memory.slice(0, size).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('gives copies by slice and windows by viewOf', () => {
    const memory = new Memory();
    memory.resize(32);
    const slice = memory.slice(0, 32);
    const view = memory.viewOf(0, 32);
    memory.store(0, 1n);
    expect([bytesToBigInt(slice), bytesToBigInt(view)]).toEqual([0n, 1n]);
  });
});

describe('Halt', () => {
  it('has distinct codes, each with words', () => {
    const codes = Object.values(Halt);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(HALT_WORDS[code].length).toBeGreaterThan(3);
    expect(Object.keys(HALT_WORDS)).toHaveLength(codes.length);
  });

  it('falls into classes', () => {
    const named = (test: (halt: Halt) => boolean): string[] =>
      Object.entries(Halt)
        .filter(([, halt]) => test(halt))
        .map(([name]) => name);
    expect(named(isSuccess)).toEqual(['Stop', 'Return', 'SelfDestruct']);
    expect(named(isHostLimit)).toEqual(['HostMemoryLimit', 'HostInterrupt']);
  });
});
