/** Opcode bytes by name: they stand in the opcode table. */

import { OPCODES } from '../../opcodes/table.ts';

/** @param name of an instruction that there is */
export const byteOf = (name: string): number => OPCODES.find((row) => row.name === name)!.byte;
