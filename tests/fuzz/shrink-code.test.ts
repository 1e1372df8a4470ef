import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../src/forks/rules.ts';
import { Assembly, isSimpler, RELOCATIONS, Relocation } from '../../src/fuzz/shrink-code.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';
import { code, jump, label, push } from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { noise, repeatPiece } from './shrink-cases.ts';

describe('Assembly', () => {
  const assembly = new Assembly(rulesOf('Prague'));

  it('reads what it writes, constants that the code cuts off included', () => {
    for (const bytes of [
      code(noise(new Random(1), 30, 'n')),
      Uint8Array.of(0x60, 1, 0x7f, 2),
      Uint8Array.of(0x0c, 0xfe),
    ]) {
      for (const relocation of RELOCATIONS) {
        expect(assembly.write(assembly.read(bytes), relocation)).toEqual(bytes);
      }
    }
  });

  it('moves jump targets with their JUMPDEST', () => {
    const pieces = assembly.read(code(push(9), 'POP', jump('end'), 'ADD', 'ADD', label('end'), push(9)));
    const [, , ...without] = pieces;
    const bytes = (relocation: (typeof RELOCATIONS)[number]) =>
      bytesToHex(assembly.write(without, relocation));
    // At 9 stood the JUMPDEST, so that the last constant is taken for a target or not.
    expect(bytes(Relocation.All)).toBe('0x61000656' + '0101' + '5b' + '6006');
    expect(bytes(Relocation.BeforeJumps)).toBe('0x61000656' + '0101' + '5b' + '6009');
    expect(bytes(Relocation.None)).toBe('0x61000956' + '0101' + '5b' + '6009');
  });

  it('writes a longer PUSH where a target moves beyond what the constant holds', () => {
    const pieces = assembly.read(code(push(4), 'JUMP', 'STOP', 'JUMPDEST'));
    const longer = [pieces[0]!, pieces[1]!, ...repeatPiece(pieces[2]!, 300), pieces[3]!];
    const written = assembly.write(longer, Relocation.All);
    expect(bytesToHex(written.subarray(0, 4))).toBe('0x61013056');
    expect(written[0x130]).toBe(0x5b);
  });
});

describe('isSimpler', () => {
  const assembly = new Assembly(rulesOf('Prague'));

  it('orders codes, so that no two are simpler than each other', () => {
    const codes = [
      code('STOP'),
      code('POP'),
      code('ADD'),
      code('CALLER'),
      code(push(1)),
      code(push(2)),
      code('ADD', 'ADD'),
    ];
    for (const [i, a] of codes.entries()) {
      for (const [j, b] of codes.entries()) expect(isSimpler(assembly, a, b)).toBe(i < j);
    }
  });
});
