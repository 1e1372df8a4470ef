/**
 * Two programs for each case, alike but for one instruction: a loop that prepares its operands, uses it and drops what it
 * gives, and the same loop that drops the operands. The difference of their times, divided by the uses, is the time of one
 * use less that of the POPs which it spares; and so of their gas.
 */

import { code, jumpi, label, type Piece, push } from '../../tests/helpers/assembler.ts';
import { type Case, LONG, MOST_ONCE } from './cases.ts';

/** How often an instruction is used: `unrolled` times in each pass of a loop. */
export interface Uses {
  readonly unrolled: number;
  readonly passes: number;
}

export const POP = 'POP';
/** Gas that the uses of one program are to cost together; so many of them, within these bounds. */
const GAS_OF_USES = 100_000;
const LEAST_USES = 20;
const MOST_USES = 4_000;
const MOST_UNROLLED = 100;
/** Words that may lie on the stack. */
const MOST_POPS = 1_000;

/** @param gas of one use */
export function usesOf({ opcode, once }: Case, gas: number): Uses {
  if (opcode === POP) return { unrolled: MOST_POPS, passes: 1 };
  const count = Math.min(MOST_USES, Math.max(LEAST_USES, Math.round(GAS_OF_USES / gas)));
  if (once) return { unrolled: Math.min(count, MOST_ONCE), passes: 1 };
  // Even: see SWAP in the cases.
  const unrolled = Math.min(count & -2, MOST_UNROLLED);
  return { unrolled, passes: Math.max(1, Math.round(count / unrolled)) };
}

/** The POPs that a use spares, beyond those of what it gives. */
export const popsSpared = ({ opcode, operands, gives }: Case): number =>
  opcode === POP ? 0 : operands(0).length - gives;

/** @param isUsed or else the operands are dropped */
export function programOf(of: Case, { unrolled, passes }: Uses, isUsed: boolean): Uint8Array {
  // POP alone is not measured by what it spares itself: words are put on the stack, and dropped or not.
  if (of.opcode === POP) return code(many(unrolled, 'PUSH0'), isUsed ? many(unrolled, 'POP') : []);
  const { prelude, operands, instruction, behind, gives, leavesWord } = of;
  const prepare = (i: number): Piece => [...operands(i)].reverse();
  const use = (i: number): Piece => [
    prepare(i),
    isUsed ? instruction : many(operands(i).length, 'POP'),
    behind(i),
    isUsed ? many(gives, 'POP') : [],
  ];
  return code(
    prelude,
    push(passes, 2),
    label('loop'),
    Array.from({ length: unrolled }, (_, i) => use(i)),
    [push(1), 'SWAP1', 'SUB', 'DUP1', jumpi('loop'), 'POP'],
    // Once more in both, so that the result tells of it.
    [prepare(unrolled), instruction, behind(unrolled)],
    leavesWord ? ['PUSH0', 'MSTORE'] : [],
    ['MSIZE', 'PUSH0', 'RETURN'],
    // For CODECOPY to copy.
    new Uint8Array(LONG),
  );
}

const many = (count: number, piece: Piece): Piece => new Array<Piece>(count).fill(piece);
