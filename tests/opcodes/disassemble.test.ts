/** Bytecode to text, by the instructions of a fork. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disassemble, type Instruction } from '../../opcodes/index.ts';
import { FORKS } from '../../src/forks/fork.ts';
import { rulesOf } from '../../src/forks/rules.ts';
import { concatBytes, hexToBytes } from '../../src/primitives/bytes.ts';

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

  /** The bytes of an instruction, as far as they stand in the code. */
  const bytesOf = ({ byte, immediate }: Instruction): Uint8Array =>
    concatBytes(Uint8Array.of(byte), hexToBytes(immediate ?? ''));

  const anyCode = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Mostly PUSH, so that constants swallow what follows and the end cuts them off.
    fc.array(fc.integer({ min: 0x5f, max: 0x7f }), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
  );

  it('loses no byte and invents none', () => {
    let cut = 0;
    fc.assert(
      fc.property(anyCode, fc.constantFrom(...FORKS), (code, fork) => {
        const instructions = disassemble(code, rulesOf(fork));
        expect(concatBytes(...instructions.map(bytesOf))).toEqual(code);
        let pc = 0;
        for (const instruction of instructions) {
          expect(instruction.pc).toBe(pc);
          pc += bytesOf(instruction).length;
        }
        const early = instructions.slice(0, -1).filter(({ truncated }) => truncated);
        expect(early).toEqual([]);
        if (instructions.at(-1)?.truncated) cut++;
      }),
      { numRuns: 500 },
    );
    expect(cut).toBeGreaterThan(50);
  });

  it('gives each PUSH a constant of its size, and nothing else one', () => {
    const code = Uint8Array.from({ length: 33 }, (_, i) => (i === 0 ? 0 : 0x11));
    for (let byte = 0; byte < 256; byte++) {
      code[0] = byte;
      const [first] = disassemble(code, rulesOf('Osaka'));
      const size = byte >= 0x60 && byte <= 0x7f ? byte - 0x5f : 0;
      expect(first).toMatchObject({
        pc: 0,
        byte,
        immediate: size === 0 ? undefined : `0x${'11'.repeat(size)}`,
        truncated: false,
      });
    }
  });
});
