/** What the parts of one program share while it is written, and how an instruction comes with its operands. */

import type { Random } from '../random.ts';
import type { Assembly } from './assembly.ts';
import type { Group, Kit, Shaped } from './kit.ts';
import { pushFar, pushOperand } from './operands.ts';

/** Kinds of programs, by what they try most. */
export const PROFILES = [
  'arithmetic',
  'memory',
  'storage',
  'calls',
  'precompiles',
  'transactions',
  'mixed',
] as const;

/** One of `PROFILES`. */
export type Profile = (typeof PROFILES)[number];

/** What a program does next: an instruction of a group, or more than one. */
export type Action =
  | Group
  | 'push'
  | 'putAway'
  | 'skip'
  | 'loop'
  | 'jumpAhead'
  | 'call'
  | 'callAndLook'
  | 'precompile'
  | 'create'
  | 'slotHistory';

/** A program in the making. */
export interface Scope {
  readonly random: Random;
  readonly code: Assembly;
  readonly kit: Kit;
  readonly profile: Profile;
  /** To draw from, each as often as it is likely. */
  readonly actions: readonly Action[];
  /** The program of the account that the transaction calls. */
  readonly isMain: boolean;
  /** Writes nothing, so that it runs well in a static frame. */
  readonly isPure: boolean;
  /** Ends in failing. */
  readonly isUndone: boolean;
  /** Instructions still to be run, about. */
  budget: number;
  /** Branches and loops around. */
  nesting: number;
  /** Results kept in memory so far. */
  results: number;
  /** Loops around: calls and creations are kept out of them. */
  loops: number;
}

/** Words above which results are put away instead of piled up. */
export const HIGH = 20;

/** The byte of an instruction that every fork has, or that the caller knows to be in force. */
export const byteOf = ({ kit }: Scope, name: string): number => kit.bytes.get(name)!;

/** Takes the operands from the stack where that suits, pushes them where it does not, and runs the instruction. */
export function emit(scope: Scope, { row, operands }: Shaped): void {
  const { random, code, kit } = scope;
  const count = operands.length;
  scope.budget--;
  if (count > 0) {
    let ready = 0;
    // Operands of a meaning of their own are pushed; words lie on the stack, and the lowest come first.
    while (ready < count && operands[count - 1 - ready] === 'word') ready++;
    ready = Math.min(ready, code.available);
    if (ready > 0 && (code.available <= 2 ? random.oneIn(2) : random.oneIn(5))) ready = random.below(ready);
    const isFar = operands[0] === 'offset' && operands[count - 1] === 'size' && random.oneIn(40);
    for (let at = count - 1 - ready; at >= 0; at--) {
      const operand = operands[at]!;
      if (isFar && operand === 'size') code.push(0);
      else if (isFar) pushFar(random, code);
      else pushOperand(random, code, kit, operand);
      scope.budget--;
    }
  }
  code.row(row);
}
