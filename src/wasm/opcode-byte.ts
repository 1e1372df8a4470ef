/** Opcode bytes by name: they stand in the opcode table. */

import { OPCODES } from '../../opcodes/table.ts';

/** Where a name has several rows, they have the same byte. */
const BYTES: ReadonlyMap<string, number> = new Map(OPCODES.map(({ name, byte }) => [name, byte]));

/** @param name of an instruction that there is */
export const byteOf = (name: string): number => BYTES.get(name)!;
