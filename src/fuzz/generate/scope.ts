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

/** Writes what an action is. */
export type Step = (scope: Scope) => void;

/** A program in the making. */
export interface Scope {
  readonly random: Random;
  readonly code: Assembly;
  readonly kit: Kit;
  readonly profile: Profile;
  /** To draw from, each as often as it is likely. */
  readonly steps: readonly Step[];
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

/** Takes the operands from the stack where that suits, pushes them where it does not, and runs the instruction. */
export function emit(scope: Scope, { row, operands, words, isRange }: Shaped): void {
  const { random, code, kit } = scope;
  const count = operands.length;
  scope.budget--;
  if (count > 0) {
    // Operands of a meaning of their own are pushed; words lie on the stack, and the lowest come first.
    let ready = Math.min(words, code.available);
    if (ready > 0 && random.oneIn(code.available <= 2 ? 2 : 5)) ready = random.below(ready);
    const isFar = isRange && random.oneIn(40);
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
