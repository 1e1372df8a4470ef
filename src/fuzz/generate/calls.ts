/** Calls of contracts and precompiles, and creations: how their memory, gas and value come about. */

import type { OpRow } from '../../../opcodes/row.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import { RESULTS } from './endings.ts';
import { initCode } from './init-code.ts';
import { OP } from './op.ts';
import { pushAddress, pushAny, sharedKey, smallOffset } from './operands.ts';
import { addressPushes } from './places.ts';
import { sharedInput } from './precompile-inputs.ts';
import type { Scope } from './scope.ts';

/** Gas for the frame of a generated contract. */
const FRAME_GAS: readonly number[] = [2_300, 5_000, 20_000, 20_000, 50_000, 50_000, 100_000];
/** Forks where asking for more gas than there is fails leave less to ask for. */
const UNCAPPED_FRAME_GAS: readonly number[] = [0, 700, 5_000, 10_000, 25_000];
/** Most gas asked for a precompile; a price beyond it is not met. */
const MOST_PRECOMPILE_GAS = 400_000;
const VALUES: readonly number[] = [0, 0, 0, 0, 0, 1, 2, 1_000];
const OUTPUT_SIZES: readonly number[] = [0, 0, 32, 32, 64, 33, 1];
const INPUT_SIZES: readonly number[] = [0, 0, 4, 32, 32, 64, 64, 96, 100, 160];
const INPUT_OFFSETS: readonly number[] = [0, 0, 0, 4, 32, 36, 1];
/** From the beginning of an input to that of an output over it. */
const SHIFTS: readonly number[] = [0, 0, 1, 31, 32, 33];
/** Gas for a frame that writes a few slots. */
const WRITING_GAS = 80_000;
/** Once in so many creations with a salt, there is another one like it. */
const TWICE_ONE_IN = 4;
/** Words from the gas down: CALL and CALLCODE also take a value. */
const TAKES_WITH_VALUE = 7;

function pushGas(scope: Scope): void {
  const { random, code, kit } = scope;
  if (!kit.rules.callGasCapped) {
    if (random.oneIn(60)) code.op(OP.GAS, 0, 1);
    else code.push(random.pick(UNCAPPED_FRAME_GAS));
    return;
  }
  const choice = random.below(16);
  if (choice === 0) pushAny(random, code, kit);
  else if (choice === 1) code.op(OP.GAS, 0, 1);
  else if (choice < 4) code.push(random.below(3_000));
  else code.push(random.pick(FRAME_GAS));
}

/** The price, one less, or more than enough. */
function pushPrecompileGas(scope: Scope, precompile: Precompile, input: Uint8Array): void {
  const { random, code, kit } = scope;
  const price = precompile.gas(input, kit.rules);
  if (price > MOST_PRECOMPILE_GAS) {
    code.push(20_000);
    return;
  }
  const choice = random.below(10);
  if (choice === 0) code.push(Math.max(0, price - 1));
  else if (choice < 4) code.push(price);
  else code.push(price + random.below(2_000));
}

/** Puts the return data, or a part of it, into memory. */
function copyReturnData(scope: Scope): void {
  const { random, code, kit } = scope;
  if (!kit.hasReturnData) return;
  const size = OP.RETURNDATASIZE;
  if (random.oneIn(4)) code.op(size, 0, 1);
  if (random.oneIn(2)) return;
  if (random.oneIn(50)) {
    // Beyond the end, by one byte.
    code.push(1);
    code.op(size, 0, 1);
  } else if (random.oneIn(4)) {
    code.push(0);
    code.op(size, 0, 1);
  } else {
    code.op(size, 0, 1);
    code.push(0);
  }
  code.push(smallOffset(random));
  code.op(OP.RETURNDATACOPY, 3, 0);
}

/** Bytes to memory: from data behind the code, or word by word where they are few. */
export function placeInMemory(scope: Scope, offset: number, content: Uint8Array): void {
  const { random, code } = scope;
  if (content.length > 64 || random.oneIn(2)) {
    code.push(content.length);
    code.pushData(content);
    code.push(offset);
    code.op(OP.CODECOPY, 3, 0);
    scope.budget -= 4;
    return;
  }
  for (let at = 0; at < content.length; at += 32) {
    code.push32(content, at);
    code.push(offset + at);
    code.op(OP.MSTORE, 2, 0);
    scope.budget -= 3;
  }
}

const finishCall = (scope: Scope, row: OpRow): void => {
  scope.code.row(row);
  scope.budget -= row.takes + 1;
  copyReturnData(scope);
};

/** Where an input of a contract lies: a word that is put there, what the program computed, or any memory. */
function inputOffset(scope: Scope): number {
  const { random, code, results } = scope;
  const choice = random.below(8);
  if (choice < 3) {
    const offset = smallOffset(random);
    pushAny(random, code, scope.kit);
    code.push(offset);
    code.op(OP.MSTORE, 2, 0);
    scope.budget -= 3;
    return offset;
  }
  if (results === 0 || choice === 3) return smallOffset(random);
  return RESULTS + 32 * random.below(Math.min(results, 8)) - (random.oneIn(4) ? 4 : 0);
}

/** The operands below the address: value, input and output, which lies over the input now and then. */
function pushWindow(scope: Scope, row: OpRow, input: number, inputSize: number): void {
  const { random, code } = scope;
  code.push(random.pick(OUTPUT_SIZES));
  code.push(random.oneIn(4) ? input + random.pick(SHIFTS) : smallOffset(random));
  code.push(inputSize);
  code.push(input);
  if (row.takes !== TAKES_WITH_VALUE) return;
  const isPlain = scope.isPure || random.oneIn(2);
  if (!isPlain && random.oneIn(30)) pushAny(random, code, scope.kit);
  else code.push(isPlain ? 0 : random.pick(VALUES));
}

/** Takes up what the caller gave, so that what the frame leaves behind depends on it. */
export function readInput(scope: Scope): void {
  const { random, code } = scope;
  scope.budget -= 4;
  if (random.oneIn(2)) {
    if (random.oneIn(2)) code.op(OP.CALLDATASIZE, 0, 1);
    else code.push(random.pick(INPUT_SIZES));
    code.push(random.pick(INPUT_OFFSETS));
    code.push(32 * random.below(3));
    code.op(OP.CALLDATACOPY, 3, 0);
    return;
  }
  code.push(random.pick(INPUT_OFFSETS));
  code.op(OP.CALLDATALOAD, 1, 1);
  if (random.oneIn(2)) return;
  code.push(32 * random.below(2));
  code.op(OP.MSTORE, 2, 0);
}

/** Calls an account of any sort. */
export function callAccount(scope: Scope): void {
  const { random, code, kit } = scope;
  const row = random.pick(kit.calls);
  pushWindow(scope, row, inputOffset(scope), random.pick(INPUT_SIZES));
  pushAddress(random, code, kit);
  pushGas(scope);
  finishCall(scope, row);
}

/**
 * Runs the contract that may well fail after it has written, mostly on the caller's own slots, and reads them behind
 * it: what a failed frame wrote must be gone, and what it made warm cold.
 */
export function callAndLook(scope: Scope): void {
  const { random, code, kit } = scope;
  const row = random.pick(kit.calls);
  pushWindow(scope, row, inputOffset(scope), random.pick(INPUT_SIZES));
  code.pushed(addressPushes().undoing);
  if (kit.rules.callGasCapped) code.push(WRITING_GAS);
  else pushGas(scope);
  finishCall(scope, row);
  for (let times = random.between(1, 3); times > 0; times--) {
    const isTransient = kit.groups.transient.length > 0 && random.oneIn(2);
    code.pushed(sharedKey(random));
    code.op(isTransient ? OP.TLOAD : OP.SLOAD, 1, 1);
    scope.budget -= 2;
  }
}

/** Calls a precompile with an input made for it. */
export function callPrecompile(scope: Scope): void {
  const { random, code, kit } = scope;
  const precompile = random.pick(kit.precompiles);
  const input = sharedInput(random, precompile);
  const row = random.pick(kit.calls);
  const offset = 32 * random.below(4);
  placeInMemory(scope, offset, input);
  pushWindow(scope, row, offset, input.length);
  code.pushWord(precompile.address);
  pushPrecompileGas(scope, precompile, input);
  finishCall(scope, row);
}

/** Creates a contract, with CREATE2 often twice at the same address, and looks at what came of it. */
export function createAccount(scope: Scope): void {
  const { random, code, kit } = scope;
  const row = random.pick(kit.creates);
  const content = initCode(random, kit);
  const offset = 32 * random.below(4);
  placeInMemory(scope, offset, content);
  const salt = random.below(3);
  const value = random.pick(VALUES);
  const hasSalt = row.takes > 3;
  for (let times = hasSalt && random.oneIn(TWICE_ONE_IN) ? 2 : 1; times > 0; times--) {
    if (hasSalt) code.push(salt);
    code.push(content.length);
    code.push(offset);
    code.push(value);
    code.row(row);
    scope.budget -= row.takes + 1;
  }
  lookAtCreated(scope);
}

/** What creation left on the stack is the address, or 0. */
function lookAtCreated(scope: Scope): void {
  const { random, code, kit } = scope;
  const dup = OP.DUP1;
  if (random.oneIn(2)) {
    const look = random.pick(kit.groups.accounts);
    code.op(dup, 1, 2);
    code.row(look.row);
  }
  if (random.oneIn(2) || code.available < 1) {
    copyReturnData(scope);
    return;
  }
  // Under the address that is called lie the four words of the memory used.
  const row = random.pick(kit.calls);
  const isLooked = code.available > 1;
  pushWindow(scope, row, 0, 0);
  const depth = row.takes - 2 + (isLooked && random.oneIn(2) ? 1 : 0);
  code.op(dup + depth, depth + 1, depth + 2);
  pushGas(scope);
  finishCall(scope, row);
}
