/** How the words of a program become visible, in memory, storage, logs and output, and how it ends. */

import { OP } from './op.ts';
import { pushAddress, pushKey, smallOffset } from './operands.ts';
import type { Scope } from './scope.ts';

/** Where results are laid out, one behind the other: behind most of what a program uses memory for itself. */
export const RESULTS = 0x1a0;
/** Results after which the first ones are written over. */
const MOST_RESULTS = 256;

const OUTPUT_SIZES: readonly number[] = [0, 32, 64, 33, RESULTS + 32];
/** Make one word of two, with no loss of what either was. */
const JOINING: readonly number[] = [OP.ADD, OP.XOR, OP.SUB];

/** Takes one word off the stack to where no other result stands. */
function keep(scope: Scope): void {
  const { code } = scope;
  code.push(RESULTS + 32 * (scope.results++ % MOST_RESULTS));
  code.op(OP.MSTORE, 2, 0);
}

/** Makes a result visible and leaves it on the stack. What computes with it on may lose what was wrong with it. */
export function witness(scope: Scope): void {
  scope.code.op(OP.DUP1, 1, 2);
  scope.budget -= 3;
  keep(scope);
}

/** Takes one word off the stack, mostly to where it shows. */
export function putAway(scope: Scope): void {
  const { random, code } = scope;
  if (code.available < 1) {
    code.push(random.below(40));
    return;
  }
  scope.budget -= 2;
  const choice = random.below(16);
  if (choice < 3) {
    code.push(smallOffset(random));
    code.op(OP.MSTORE, 2, 0);
  } else if (choice === 3 && scope.loops === 0 && !scope.isPure) {
    pushKey(random, code);
    code.op(OP.SSTORE, 2, 0);
  } else if (choice < 7 && code.available > 1) {
    // Into the next word, which keeps what both have.
    code.op(random.pick(JOINING), 2, 1);
  } else if (choice === 7 && random.oneIn(4)) {
    code.pop();
  } else {
    keep(scope);
  }
}

/** Lays out every word that is left, and leaves nothing on the stack. */
function layOut(scope: Scope): void {
  while (scope.code.height > 0) keep(scope);
}

/** A slot with the hash of all memory. */
function storeHash(scope: Scope): void {
  const { code } = scope;
  code.op(OP.MSIZE, 0, 1);
  code.push(0);
  code.op(OP.KECCAK256, 2, 1);
  code.push(0x70);
  code.op(OP.SSTORE, 2, 0);
}

/** A log with all memory. */
function logMemory(scope: Scope): void {
  const { code } = scope;
  code.op(OP.MSIZE, 0, 1);
  code.push(0);
  code.op(OP.LOG0, 2, 0);
}

/** Ends with the first or all bytes of memory as the output. */
function giveMemory(scope: Scope, byte: number): void {
  const { random, code } = scope;
  if (scope.isMain || random.oneIn(4)) code.op(OP.MSIZE, 0, 1);
  else code.push(random.pick(OUTPUT_SIZES));
  code.push(0);
  code.op(byte, 2, 0);
}

/** The end of a program. */
export function endProgram(scope: Scope): void {
  const { random, code, isPure, isMain, isUndone, kit } = scope;
  layOut(scope);
  if (isUndone) {
    if (kit.hasRevert && random.oneIn(2)) giveMemory(scope, OP.REVERT);
    else code.byte(OP.INVALID);
    return;
  }
  if (!isPure) {
    // Callees pay for a slot now and then; the main program always shows its memory in the state.
    if (isMain || random.oneIn(3)) storeHash(scope);
    else if (random.oneIn(2)) logMemory(scope);
  }
  const choice = random.below(40);
  const share = isMain ? 2 : 8;
  if (choice < share && kit.hasRevert) giveMemory(scope, OP.REVERT);
  else if (choice < share + 2 && !isPure) {
    pushAddress(random, code, kit);
    code.op(OP.SELFDESTRUCT, 1, 0);
  } else if (choice < share + 4) code.byte(OP.STOP);
  else if (choice < share + 5 && !isMain) code.byte(OP.INVALID);
  else if (choice < share + 7) {
    // Runs off its end.
  } else giveMemory(scope, OP.RETURN);
}
