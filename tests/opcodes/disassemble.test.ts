/** Bytecode to text, by the instructions of a fork. */

import { describe, expect, it } from 'vitest';
import { disassemble } from '../../opcodes/index.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { hexToBytes } from '../../src/primitives/bytes.ts';

const lines = (text: string, fork: 'Frontier' | 'Osaka' = 'Osaka'): string[] =>
  disassemble(hexToBytes(text), rulesOf(fork)).map(
    ({ pc, name, immediate, truncated }) => `${pc} ${name} ${immediate ?? '-'}${truncated ? ' cut' : ''}`,
  );

describe('disassemble', () => {
  it('reads names, constants and places', () => {
    expect(lines('0x6001600201')).toEqual(['0 PUSH1 0x01', '2 PUSH1 0x02', '4 ADD -']);
    expect(lines('0x5f7fff')).toEqual(['0 PUSH0 -', '1 PUSH32 0xff cut']);
    expect(lines('0x60')).toEqual(['0 PUSH1 0x cut']);
    expect(lines('0x')).toEqual([]);
  });

  it('knows what each fork has', () => {
    expect(lines('0x445f0c', 'Frontier')).toEqual(['0 DIFFICULTY -', '1 undefined -', '2 undefined -']);
    expect(lines('0x445f0c')).toEqual(['0 PREVRANDAO -', '1 PUSH0 -', '2 undefined -']);
  });
});
