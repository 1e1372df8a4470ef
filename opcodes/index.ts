/** Door: the opcode table and what is made from it. */

export { disassemble, type Instruction } from './disassemble.ts';
export { extensionNames } from './extension.ts';
export { type OpTable, opTableOf } from './optable.ts';
export { Flag, type GasColumns, type Handler, type OpRow, op } from './row.ts';
export { OPCODES } from './table.ts';
