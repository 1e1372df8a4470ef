/**
 * Functions that come late: in a second module with the same memory, which is emitted when a program first needs one of
 * them. They are two fifths of all that is emitted, and what a program does that is done in microseconds needs none.
 *
 * The loop calls them by a table, which the second module fills. An instruction that needs one before it is there leaves
 * the loop and is taken up again.
 */

import { type Code, i32, ValueType, when } from '../assembler/code.ts';
import { type Func, ModuleBuilder, type Slot } from '../assembler/module.ts';
import { emitKeccak } from '../hash/keccak.ts';
import { HASH_SCRATCH, LATE_ARE_HERE, SCRATCH, Status } from '../layout.ts';
import { emitLongWords, type LongWords } from '../words/index.ts';
import { type Loop, leaveAt } from './loop.ts';

const { I32 } = ValueType;

/** In the order of the table. */
const WORDS = [
  'div',
  'sdiv',
  'mod',
  'smod',
  'addmod',
  'mulmod',
  'exp',
] as const satisfies readonly (keyof LongWords)[];

/** How many there are. */
export const LATE_COUNT: number = WORDS.length + 1;

/** They as the first module calls them. */
export interface Late {
  readonly words: { readonly [Name in keyof LongWords]: Slot };
  /** (data, length, out), see `EmittedHash`. */
  readonly keccak: Slot;
}

export function importLate(module: ModuleBuilder): Late {
  module.importTable(LATE_COUNT);
  const words = Object.fromEntries(WORDS.map((name, i) => [name, module.slot(i, [I32], [])]));
  return { words: words as Late['words'], keccak: module.slot(WORDS.length, [I32, I32, I32], []) };
}

/** Before an instruction that calls one of them. */
export const needLate = (loop: Loop): Code =>
  when(i32.eqz(i32.load(i32.const(LATE_ARE_HERE))), leaveAt(loop, Status.LATE));

/** The second module's bytes. */
export function emitLate(pages: number, maximum: number): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(pages, maximum);
  module.importTable(LATE_COUNT);
  const words = emitLongWords(module, SCRATCH);
  const functions: Func[] = WORDS.map((name) => words[name]);
  module.fillTable([...functions, emitKeccak(module, HASH_SCRATCH).hash]);
  module.data(LATE_ARE_HERE, Uint8Array.of(1));
  return module.encode();
}
