/**
 * Functions of (record, sp, gas) that give back the gas that is left. They check all that they read, and the gas, before
 * anything changes: where one fails, the reference engine does the instruction from its start.
 */

import { type Code, get, i32, i64, leave, set, tee, ValueType, when } from '../assembler/code.ts';
import { type Body, call, type Func, type Locals, type ModuleBuilder } from '../assembler/module.ts';
import { anyBit, LIMB_BYTES, limbsAt } from '../words/limbs.ts';

const { I32, I64 } = ValueType;

/** What such a function gives where it cannot do its part, and has changed nothing. */
export const FAILED: Code = i64.const(-1);
/** What it gives where it does not know the slot. */
export const UNKNOWN: Code = i64.const(-2);

/** Such a function while its body is made: numbers of locals. */
export interface Spending {
  readonly locals: Body;
  readonly record: number;
  readonly sp: number;
  readonly gas: number;
}

export function beginSpending(module: ModuleBuilder): Spending {
  const locals = module.begin([I32, I32, I64], [I64]);
  const [record, sp, gas] = locals.params;
  return { locals, record, sp, gas };
}

export const endSpending = ({ locals, gas }: Spending, code: Code): Func => locals.end([code, get(gas)]);

/** Takes gas, and what memory costs up to `end`; `expand` is that of `Functions`. */
export const spend = ({ record, gas }: Spending, expand: Func, end: Code, extra: Code): Code =>
  when(i64.ltS(tee(gas, call(expand, get(record), end, get(gas), extra)), i64.const(0)), leave(FAILED));

export function local32(locals: Locals, count: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(locals.local(I32));
  return numbers;
}

/** Whether the word there is 2^31 or more. */
export const isFar = (address: number, offset: number): Code =>
  i64.ne(
    i64.or(
      anyBit(limbsAt(address, offset + LIMB_BYTES, 3)),
      i64.shrU(i64.load(get(address), offset), i64.const(31)),
    ),
    i64.const(0),
  );

export const low = (address: number, offset: number): Code => i32.load(get(address), offset);

/** Reads a size and, where it is not 0, an offset: to locals. */
export const range = (
  { sp }: Spending,
  offsetAt: number,
  sizeAt: number,
  offset: number,
  size: number,
): Code => [
  when(isFar(sp, sizeAt), leave(FAILED)),
  when(tee(size, low(sp, sizeAt)), [
    when(isFar(sp, offsetAt), leave(FAILED)),
    set(offset, low(sp, offsetAt)),
  ]),
];
