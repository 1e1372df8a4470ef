/** Bytecode to text. */

import type { Rules } from '../src/forks/rules.ts';
import { bytesToHex, type Hex } from '../src/primitives/bytes.ts';
import { opTableOf } from './optable.ts';

/** An instruction of a bytecode. */
export interface Instruction {
  readonly pc: number;
  readonly byte: number;
  /** undefined where the byte is no instruction of the fork. */
  readonly name: string | undefined;
  /** The constant behind a PUSH, as far as the code reaches. */
  readonly immediate: Hex | undefined;
  /** The code ends before the constant does; the missing bytes count as zeros. */
  readonly truncated: boolean;
}

/** Reads code from its first byte to its last, as jump-destination analysis does. */
export function disassemble(code: Uint8Array, rules: Rules): Instruction[] {
  const { rows } = opTableOf(rules);
  const instructions: Instruction[] = [];
  for (let pc = 0; pc < code.length; ) {
    const byte = code[pc]!;
    const size = rows[byte]?.immediate ?? 0;
    const constant = code.subarray(pc + 1, pc + 1 + size);
    instructions.push({
      pc,
      byte,
      name: rows[byte]?.name,
      immediate: size > 0 ? bytesToHex(constant) : undefined,
      truncated: constant.length < size,
    });
    pc += 1 + size;
  }
  return instructions;
}
