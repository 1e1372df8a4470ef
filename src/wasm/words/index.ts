/**
 * The arithmetic of words in WebAssembly: short operations as code to stand in a loop, the others as functions. Its
 * semantics are those of `primitives/u256`.
 */

import type { Func, ModuleBuilder } from '../assembler/module.ts';
import { emitDivision } from './divide.ts';
import { emitExp } from './exponent.ts';
import { emitAddmod, emitMulmod } from './modular.ts';
import { emitMul } from './multiply.ts';
import { emitByte, emitClz, emitSignextend } from './shift.ts';
import { emitDiv, emitMod, emitSdiv, emitSmod } from './signed.ts';

export * from './inline.ts';
export { sar, shl, shr } from './shift.ts';

/**
 * Functions (sp): they take their operands from the stack, of which `sp` (i32) is the address of the top, and write the
 * result over the last one. Other words stay as they are.
 */
export interface Words {
  readonly mul: Func;
  readonly signextend: Func;
  readonly byte: Func;
  readonly clz: Func;
}

/** Those that are long, or need long ones. */
export interface LongWords {
  readonly div: Func;
  readonly sdiv: Func;
  readonly mod: Func;
  readonly smod: Func;
  readonly addmod: Func;
  readonly mulmod: Func;
  readonly exp: Func;
}

/** What the long functions need of the memory for themselves, in bytes. */
export const SCRATCH_BYTES = 288;

export const emitWords = (module: ModuleBuilder): Words => ({
  mul: emitMul(module),
  signextend: emitSignextend(module),
  byte: emitByte(module),
  clz: emitClz(module),
});

/** @param scratch address of `SCRATCH_BYTES` bytes, whatever is in them, to which nobody else writes from then on */
export function emitLongWords(module: ModuleBuilder, scratch: number): LongWords {
  const division = emitDivision(module, scratch);
  const operands = scratch + 128;
  return {
    div: emitDiv(module, division),
    sdiv: emitSdiv(module, division, operands),
    mod: emitMod(module, division),
    smod: emitSmod(module, division, operands),
    addmod: emitAddmod(module, division, operands),
    mulmod: emitMulmod(module, division, operands, operands + 64),
    exp: emitExp(module),
  };
}
