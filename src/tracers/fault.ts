/** How geth shows an instruction that ends its frame: its error, its price, and whether the error is known beforehand. */

import type { OpTable } from '../../opcodes/optable.ts';
import { Flag } from '../../opcodes/row.ts';
import type { Rules } from '../forks/rules.ts';
import type { Frame } from '../machine/frame.ts';
import { gasLeft } from '../machine/gas.ts';
import { Halt } from '../machine/halt.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import { CALLS, faultWords, OUT_OF_GAS_IN_PARTS, PRICED_WRITES, TRACE_WORDS } from './words.ts';

/** The last instruction of a frame. */
export interface Fault {
  /** Empty where the frame ends well. */
  readonly words: string;
  /** The price that is shown; null for what the machine took. */
  readonly cost: number | null;
  /** The error is found out while the instruction runs, and not as it is priced. */
  readonly isLate: boolean;
}

const SELFDESTRUCT = 0xff;

/** What is found out while an instruction runs. */
const RUNS_INTO: ReadonlySet<Halt> = new Set([
  Halt.Revert,
  Halt.UndefinedOpcode,
  Halt.Invalid,
  Halt.BadJump,
  Halt.ReturnDataOutOfBounds,
]);

/** Failures that leave no more charged than the base. */
const UNPRICED: ReadonlySet<Halt> = new Set([
  Halt.StackUnderflow,
  Halt.StackOverflow,
  Halt.GasOverflow,
  Halt.MemoryOverflow,
  Halt.SstoreSentry,
  Halt.InitCodeTooLarge,
  Halt.StaticViolation,
]);

/**
 * @param sp the stack before the instruction
 * @param gas the gas before it
 */
export function faultOf(
  frame: Frame,
  opcode: number,
  name: string,
  sp: number,
  gas: number,
  halt: Halt,
  table: OpTable,
): Fault {
  const base = table.gas[opcode]!;
  // From delegations on, the price of a call is taken in parts, and the first that fails ends it.
  const inParts = halt === Halt.OutOfGas && frame.rules.delegation && CALLS.has(opcode) && gas >= base;
  if (halt === Halt.OutOfGas && CALLS.has(opcode) && gas >= base && !frame.rules.callGasCapped) {
    // What is asked for a child is part of the price, which geth counts in 64 bits beside the base.
    const priced = BigInt(gas) - gasLeft(frame) - BigInt(base);
    if (priced > MAX_U64) return { words: TRACE_WORDS[Halt.MemoryOverflow], cost: base, isLate: false };
  }
  const words = inParts ? OUT_OF_GAS_IN_PARTS : faultWords(halt, frame, opcode, name, sp, table);
  const forbidden = halt === Halt.StaticViolation && !PRICED_WRITES.has(opcode);
  let cost: number | null = null;
  if (inParts || UNPRICED.has(halt)) cost = forbidden ? base : constantGas(opcode, frame.rules, table);
  return { words, cost, isLate: forbidden || RUNS_INTO.has(halt) };
}

/** The part of the price that is charged first and depends on nothing; 0 where geth charges all in one. */
function constantGas(opcode: number, rules: Rules, table: OpTable): number {
  if ((table.rows[opcode]?.flags ?? 0) & Flag.ONE_PRICE) return 0;
  if (opcode === SELFDESTRUCT && !rules.accessLists) return 0;
  return table.gas[opcode]!;
}
