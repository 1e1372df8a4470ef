/**
 * What the emission rule of an instruction works with: the loop's registers, and its ways to go on. A rule is one function
 * for one opcode; it finds the stack checked and the base gas paid.
 */

import { branch, type Code, get, i32, i64, type Label, set, when } from '../assembler/code.ts';
import { call, type Func } from '../assembler/module.ts';
import { Record, Status, WORD } from '../layout.ts';
import type { Temps } from '../words/index.ts';
import type { Functions } from './functions.ts';

/** Registers and labels of the loop; numbers are those of locals. */
export interface Loop {
  readonly record: number;
  /** Address behind the instruction's byte. */
  readonly pc: number;
  /** Address of the top word. */
  readonly sp: number;
  /** i64 */
  readonly gas: number;
  /** Address of the frame's memory. */
  readonly memory: number;
  readonly memorySize: number;
  /** What is known of the block that begins; i64. */
  readonly block: number;
  readonly status: number;
  readonly temp: LoopTemps;
  readonly functions: Functions;
  /** To the next instruction. */
  readonly next: Label;
  /** To the block that `block` tells of and pc is at. */
  readonly begin: Label;
  readonly out: Label;
  /** What `codeOf` has made. */
  readonly made: Map<EmissionRule, Code>;
}

/** Locals that each rule may clobber. */
export interface LoopTemps extends Temps {
  readonly i32: readonly [number, number];
  readonly v128: number;
}

export interface EmissionRule {
  /** What the instruction does; behind it the next one follows. */
  readonly emit: (loop: Loop) => Code;
  /** The instruction may leave its block, which therefore ends with it. */
  readonly ends?: true;
}

/** The rule's code, made once: many a rule is part of sequences, too. */
export function codeOf(loop: Loop, rule: EmissionRule): Code {
  let code = loop.made.get(rule);
  if (code === undefined) {
    code = rule.emit(loop);
    loop.made.set(rule, code);
  }
  return code;
}

/** Drops words. */
export const pop = ({ sp }: Loop, count: number): Code => set(sp, i32.add(get(sp), i32.const(count * WORD)));

/** Makes room for a word. */
export const push = ({ sp }: Loop): Code => set(sp, i32.sub(get(sp), i32.const(WORD)));

/** Leaves the loop; pc stays behind the instruction. */
export const leave = ({ status, out }: Loop, why: Status): Code => [set(status, i32.const(why)), branch(out)];

/** Leaves the loop, with pc at the instruction. */
export const leaveAt = (loop: Loop, why: Status): Code => [
  set(loop.pc, i32.sub(get(loop.pc), i32.const(1))),
  leave(loop, why),
];

/** Begins the block at pc. */
export const beginBlock = ({ block, pc, record, begin }: Loop): Code => [
  set(block, i64.load(i32.add(i32.load(get(record), Record.BLOCKS_BIAS), i32.shl(get(pc), i32.const(3))))),
  branch(begin),
];

/** Takes the gas that a function gives back; where it failed, the reference engine says why. */
export function takeGas(loop: Loop, result: Code, mayMiss = false): Code {
  const { gas, temp } = loop;
  const left = temp.i64[0]!;
  const miss = mayMiss ? when(i64.eq(get(left), i64.const(-2)), leaveAt(loop, Status.HANDLER)) : [];
  return [
    set(left, result),
    when(i64.ltS(get(left), i64.const(0)), [miss, leaveAt(loop, Status.INSTRUCTION)]),
    set(gas, get(left)),
  ];
}

/** Calls a function of (record, sp, gas). */
export const spend = (loop: Loop, func: Func, mayMiss = false): Code =>
  takeGas(loop, call(func, get(loop.record), get(loop.sp), get(loop.gas)), mayMiss);

/** The frame's memory may have grown. */
export const refreshMemory = ({ memorySize, record }: Loop): Code =>
  set(memorySize, i32.load(get(record), Record.MEMORY_SIZE));

/** Makes memory reach to `end`, a local, below 2^32. */
export const reach = (loop: Loop, end: number): Code =>
  when(i32.gtU(get(end), get(loop.memorySize)), [
    takeGas(loop, call(loop.functions.expand, get(loop.record), get(end), get(loop.gas), i64.const(0))),
    refreshMemory(loop),
  ]);
