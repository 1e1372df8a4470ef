import { bytesToHex, rulesOf } from 'erbium';
import { disassemble } from 'erbium/opcodes';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/model/assembler.ts';
import { kindOf } from '../src/model/case.ts';
import { EXAMPLES } from '../src/model/examples.ts';

const hex = (source: string): string => bytesToHex(assemble(source));

describe('the assembler', () => {
  it.each([
    ['ADD', '0x01'],
    ['push1 5 // comment\nPUSH 256 ; more\nPUSH0 # and more', '0x60056101005f'],
    ['PUSH 0x0005', '0x610005'],
    ['PUSH4 1', '0x6300000001'],
    ['a: PUSH @a JUMP', '0x5b61000056'],
    ['PUSH2 @end JUMP 0xfefe end:', '0x61000656fefe5b'],
  ])('%j', (source, code) => {
    expect(hex(source)).toBe(code);
  });

  it.each([
    ['ADD\nBAD', 'line 2: "BAD" is no instruction'],
    ['PUSH', 'line 1: PUSH needs a number behind it'],
    ['PUSH ADD', 'line 1: ADD is no number'],
    ['PUSH33 1', 'line 1: there is no PUSH33'],
    ['PUSH1 256', 'line 1: 256 does not fit a byte'],
    ['PUSH1 @a a:', 'line 1: a label takes 2 bytes'],
    ['a:\na:', 'line 2: the label a is there twice'],
    ['PUSH @b', 'line 1: there is no label b'],
    [`PUSH 0x${'11'.repeat(33)}`, 'line 1: a word has 32 bytes at most'],
  ])('%j is told', (source, words) => {
    expect(() => assemble(source)).toThrow(words);
  });

  it('takes what the disassembler writes', () => {
    for (const { input } of EXAMPLES) {
      if (kindOf(input.source) !== 'assembly') continue;
      const code = assemble(input.source);
      const lines = disassemble(code, rulesOf('Osaka')).map(
        ({ name, immediate }) => `${name} ${immediate ?? ''}`,
      );
      expect(hex(lines.join('\n'))).toBe(bytesToHex(code));
    }
  });
});

describe('what a text is', () => {
  it.each([
    ['', 'nothing'],
    ['0x6001', 'bytecode'],
    ['60 01', 'bytecode'],
    ['ADD', 'assembly'],
    ['PUSH 1', 'assembly'],
    [' {"a": 1}', 'state test'],
  ])('%j: %s', (source, kind) => {
    expect(kindOf(source)).toBe(kind);
  });
});
