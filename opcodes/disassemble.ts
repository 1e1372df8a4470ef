/** Bytecode to text. */

import type { Rules } from '../src/forks/rules.ts';
import { bytesToHex, type Hex } from '../src/primitives/bytes.ts';
import { opTableOf } from './optable.ts';
import type { OpRow } from './row.ts';

/** An instruction of a bytecode. */
export interface Instruction {
  readonly pc: number;
  readonly byte: number;
  /** undefined where the byte is no instruction of the fork. */
  readonly name: string | undefined;
  /** The constant behind a PUSH, or the byte behind a prefix, as far as the code reaches. */
  readonly immediate: Hex | undefined;
  /** The code ends before the constant does; the missing bytes count as zeros. */
  readonly truncated: boolean;
}

/**
 * Reads code from its first byte to its last, as jump-destination analysis does.
 * @param opcodes rows of one's own; they win over the table's
 */
export function disassemble(code: Uint8Array, rules: Rules, opcodes: readonly OpRow[] = []): Instruction[] {
  const { rows } = opTableOf(rules, opcodes);
  const instructions: Instruction[] = [];
  for (let pc = 0; pc < code.length; ) {
    const byte = code[pc]!;
    const row = rows[byte];
    // A prefix is an instruction only together with the byte behind it.
    const name = row?.behind === undefined ? row?.name : row.behind.get(code[pc + 1] ?? 0);
    const size = name === undefined ? 0 : row!.immediate;
    const constant = code.subarray(pc + 1, pc + 1 + size);
    instructions.push({
      pc,
      byte,
      name,
      immediate: size > 0 ? bytesToHex(constant) : undefined,
      truncated: constant.length < size,
    });
    pc += 1 + size;
  }
  return instructions;
}
