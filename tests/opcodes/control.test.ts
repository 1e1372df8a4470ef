/** Jumps, the program counter, gas, and the ends of a frame; stack instructions. */

import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { code, jump, jumpi, label, mstore, push, raw, repeat } from '../helpers/assembler.ts';
import { gasOf, haltOf, run, topOf } from '../helpers/run.ts';

describe('JUMP', () => {
  it('goes to a JUMPDEST', () => {
    const program = code(jump('end'), push(1), 'STOP', label('end'), push(2));
    expect(run(program).stack).toEqual([2n]);
  });

  it.each([
    ['into the constant of a PUSH1', code(push(3), 'JUMP', push(0x5b))],
    ['into the constant of a PUSH32', code(push(20), 'JUMP', push(0x5bn * 2n ** 128n + 0x5bn, 32))],
    ['into a constant that the end cuts off', code(push(4), 'JUMP', raw(0x7f, 0x5b))],
    ['to no JUMPDEST', code(push(0), 'JUMP')],
    ['to the end of the code', code(push(3), 'JUMP')],
    ['beyond the end of the code', code(push(1_000), 'JUMP')],
    ['by 2^64 too far', code(push(2n ** 64n + 10n), 'JUMP', 'JUMPDEST')],
    ['by 2^32 too far', code(push(2n ** 32n + 7n), 'JUMP', 'JUMPDEST')],
    ['by 2^255 too far', code(push(2n ** 255n), 'JUMP', 'JUMPDEST')],
  ])('%s fails', (_, program) => {
    const { halt, gasLeft } = run(program);
    expect([halt, gasLeft]).toEqual([14, 0n]);
  });

  it('finds JUMPDEST right behind a constant, and behind 0x5b in one', () => {
    expect(haltOf(code(push(5), 'JUMP', push(0x5b), 'JUMPDEST'))).toBe('Stop');
    expect(haltOf(code(push(36), 'JUMP', push(0x5b, 32), 'JUMPDEST'))).toBe('Stop');
  });

  it('counts PUSH0 as an instruction without a constant', () => {
    expect(haltOf(code(push(4), 'JUMP', 'PUSH0', 'JUMPDEST'))).toBe('Stop');
  });

  it.each(Array.from({ length: 32 }, (_, i) => i + 1))(
    'is barred from all %d bytes of a constant',
    (size) => {
      const constant = raw(0x5f + size, ...new Array<number>(size).fill(0x5b));
      for (let i = 1; i <= size + 1; i++) {
        const program = code(push(3 + i), 'JUMP', constant, 'JUMPDEST');
        expect([i, haltOf(program)]).toEqual([i, i <= size ? 'BadJump' : 'Stop']);
      }
    },
  );

  it('reaches the last byte of long code', () => {
    const program = code(push(24_575, 3), 'JUMP', repeat(24_570, 'STOP'), 'JUMPDEST');
    expect(program.length).toBe(24_576);
    expect(haltOf(program)).toBe('Stop');
    expect(haltOf(code(push(24_575, 3), 'JUMP', repeat(24_571, 'STOP')))).toBe('BadJump');
  });
});

describe('JUMPI', () => {
  it('jumps where the condition is any word but 0', () => {
    const program = (condition: bigint): Uint8Array =>
      code(push(condition), jumpi('there'), push(1), 'STOP', label('there'), push(2));
    expect(topOf(program(0n))).toBe(1n);
    expect(topOf(program(1n))).toBe(2n);
    expect(topOf(program(2n ** 255n))).toBe(2n);
    expect(topOf(program(2n ** 64n))).toBe(2n);
  });

  it('does not look at a target that it does not jump to', () => {
    expect(haltOf(code(push(0), push(9_999), 'JUMPI'))).toBe('Stop');
    expect(haltOf(code(push(1), push(9_999), 'JUMPI'))).toBe('BadJump');
  });
});

describe('PC and GAS', () => {
  it('PC is the place of its own instruction', () => {
    expect(
      run(code('PC', push(7), 'PC', push(2n ** 200n), 'PC')).stack.filter((_, i) => i % 2 === 0),
    ).toEqual([0n, 3n, 31n]);
  });

  it('GAS is what is left after it', () => {
    expect(topOf(code('GAS'), { gas: 100 })).toBe(98n);
    expect(run(code('GAS', 'GAS', push(1), 'GAS'), { gas: 100 }).stack).toEqual([98n, 96n, 1n, 91n]);
    expect(topOf(code('GAS'), { gas: 2 })).toBe(0n);
    expect(haltOf(code('GAS'), { gas: 1 })).toBe('OutOfGas');
  });
});

describe('the ends of a frame', () => {
  it('code that runs out stops', () => {
    expect(run(new Uint8Array(0)).gasUsed).toBe(0n);
    expect(haltOf(code(push(1)))).toBe('Stop');
    expect(haltOf(new Uint8Array(0))).toBe('Return');
  });

  it('a PUSH whose constant is cut off is filled with zeros on the right', () => {
    expect(topOf(raw(0x61, 0xab))).toBe(0xab00n);
    expect(topOf(raw(0x7f))).toBe(0n);
    expect(topOf(raw(0x7f, 0xff))).toBe(0xffn << 248n);
  });

  it('RETURN and REVERT give memory; only RETURN keeps effects; both keep the gas', () => {
    const ends = (name: string): Uint8Array => code(mstore(0, 0xabcdn), push(2), push(30), name);
    for (const name of ['RETURN', 'REVERT']) {
      const { output, gasUsed } = run(ends(name));
      expect([bytesToHex(output), gasUsed]).toEqual(['0xabcd', 18n]);
    }
    expect(haltOf(ends('REVERT'), { fork: 'SpuriousDragon' })).toBe('UndefinedOpcode');
  });

  it('INVALID burns all gas', () => {
    const { halt, gasLeft } = run(raw(0xfe));
    expect([halt, gasLeft]).toEqual([13, 0n]);
  });

  it('a failing instruction burns all gas', () => {
    for (const program of [code('ADD'), raw(0x0c), code(push(0), 'JUMP')]) {
      expect(run(program).gasLeft).toBe(0n);
    }
  });
});

describe('stack instructions', () => {
  it.each(Array.from({ length: 32 }, (_, i) => i + 1))('PUSH%d takes that many bytes', (size) => {
    const bytes = Array.from({ length: size }, (_, i) => i + 0x81);
    const value = BigInt(`0x${bytes.map((byte) => byte.toString(16)).join('')}`);
    expect(run(raw(0x5f + size, ...bytes, 0x58)).stack).toEqual([value, BigInt(1 + size)]);
  });

  it.each(Array.from({ length: 16 }, (_, i) => i + 1))('DUP%d and SWAP%d', (n) => {
    const words = Array.from({ length: 18 }, (_, i) => BigInt(i + 1));
    const filled = words.map((word) => push(word));
    expect(run(code(filled, `DUP${n}`)).stack).toEqual([...words, words.at(-n)]);
    const swapped = [...words];
    swapped[17] = words[17 - n]!;
    swapped[17 - n] = 18n;
    expect(run(code(filled, `SWAP${n}`)).stack).toEqual(swapped);
    expect(gasOf(code(filled, `SWAP${n}`))).toBe(18 * 3 + 3);
  });

  it('PUSH0 and POP', () => {
    expect(run(code('PUSH0', push(1), 'POP')).stack).toEqual([0n]);
    expect(gasOf(code('PUSH0', 'POP'))).toBe(4);
    expect(haltOf(code('PUSH0'), { fork: 'Paris' })).toBe('UndefinedOpcode');
  });
});
