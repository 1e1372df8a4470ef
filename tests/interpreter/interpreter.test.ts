/** What the loop carries out itself is what the table says, row by row. */

import { describe, expect, it } from 'vitest';
import { OPCODES, type OpRow, op } from '../../opcodes/index.ts';
import { createEvm } from '../../src/index.ts';
import { Halt } from '../../src/machine/halt.ts';
import { code, push, raw } from '../helpers/assembler.ts';

const UNUSED = 0x0c;

function run(opcodes: readonly OpRow[], program: Uint8Array): bigint | string {
  const returned = code(raw(...program), push(0), 'MSTORE', push(32), push(0), 'RETURN');
  const evm = createEvm({ engine: 'bigint', opcodes });
  const result = evm.execute(returned);
  return result.status === 'success' ? BigInt(result.output) : result.status;
}

const rowOf = (name: string): OpRow => OPCODES.find((row) => row.name === name)!;

describe('an instruction that the loop carries out itself', () => {
  it("gives way to a row of one's own", () => {
    for (const name of ['ADD', 'DUP2', 'MLOAD']) {
      const row = rowOf(name);
      const seven: OpRow = {
        ...row,
        handler: (frame) => {
          frame.sp += row.gives - row.takes;
          frame.stack[frame.sp - 1] = 7n;
          return Halt.Continue;
        },
      };
      const program = code(push(1), push(2), name);
      expect(run([], program)).not.toBe(7n);
      expect(run([seven], program)).toBe(7n);
    }
  });

  it('may stand under another byte', () => {
    const row = rowOf('DUP3');
    const again = op(UNUSED, 'AGAIN', row.takes, row.gives, 1, 'Frontier', row.handler);
    expect(run([again], code(push(5), push(6), push(8), raw(UNUSED)))).toBe(5n);
  });
});
