/** Calls of contracts and precompiles, and creations: how their memory, gas and value come about. */

import type { OpRow } from '../../../opcodes/row.ts';
import type { Precompile } from '../../../precompiles/row.ts';
import { initCode } from './init-code.ts';
import { pushAddress, pushAny, sharedKey, smallOffset } from './operands.ts';
import { UNDOING } from './places.ts';
import { precompileInput } from './precompile-inputs.ts';
import { byteOf, type Scope } from './scope.ts';

/** Gas for the frame of a generated contract. */
const FRAME_GAS: readonly number[] = [2_300, 5_000, 20_000, 20_000, 50_000, 50_000, 100_000];
/** Forks where asking for more gas than there is fails leave less to ask for. */
const UNCAPPED_FRAME_GAS: readonly number[] = [0, 700, 5_000, 10_000, 25_000];
/** Most gas asked for a precompile; a price beyond it is not met. */
const MOST_PRECOMPILE_GAS = 400_000;
const VALUES: readonly number[] = [0, 0, 0, 0, 0, 1, 2, 1_000];
const OUTPUT_SIZES: readonly number[] = [0, 0, 32, 32, 64, 33, 1];
/** Gas for a frame that writes a few slots. */
const WRITING_GAS = 80_000;
/** Once in so many creations with a salt, there is another one like it. */
const TWICE_ONE_IN = 4;
/** Words from the gas down: CALL and CALLCODE also take a value. */
const TAKES_WITH_VALUE = 7;

function pushGas(scope: Scope): void {
  const { random, code, kit } = scope;
  if (!kit.rules.callGasCapped) {
    if (random.oneIn(60)) code.op(byteOf(scope, 'GAS'), 0, 1);
    else code.push(random.pick(UNCAPPED_FRAME_GAS));
    return;
  }
  const choice = random.below(16);
  if (choice === 0) pushAny(random, code, kit);
  else if (choice === 1) code.op(byteOf(scope, 'GAS'), 0, 1);
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
  const copy = kit.bytes.get('RETURNDATACOPY');
  if (copy === undefined) return;
  const size = byteOf(scope, 'RETURNDATASIZE');
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
  code.op(copy, 3, 0);
}

/** Bytes to memory: from data behind the code, or word by word where they are few. */
export function placeInMemory(scope: Scope, offset: number, content: Uint8Array): void {
  const { random, code } = scope;
  if (content.length > 64 || random.oneIn(2)) {
    code.push(content.length);
    code.pushData(content);
    code.push(offset);
    code.op(byteOf(scope, 'CODECOPY'), 3, 0);
    scope.budget -= 4;
    return;
  }
  for (let at = 0; at < content.length; at += 32) {
    const word = new Uint8Array(33);
    word[0] = byteOf(scope, 'PUSH32');
    word.set(content.subarray(at, at + 32), 1);
    code.pushed(word);
    code.push(offset + at);
    code.op(byteOf(scope, 'MSTORE'), 2, 0);
    scope.budget -= 3;
  }
}

const finishCall = (scope: Scope, row: OpRow): void => {
  scope.code.row(row);
  scope.budget -= row.takes + 1;
  copyReturnData(scope);
};

/** The operands below the address: value, input and output. */
function pushWindow(scope: Scope, row: OpRow, input: number, inputSize: number): void {
  const { random, code } = scope;
  code.push(random.pick(OUTPUT_SIZES));
  code.push(smallOffset(random));
  code.push(inputSize);
  code.push(input);
  if (row.takes !== TAKES_WITH_VALUE) return;
  const isPlain = scope.isPure || random.oneIn(2);
  if (!isPlain && random.oneIn(30)) pushAny(random, code, scope.kit);
  else code.push(isPlain ? 0 : random.pick(VALUES));
}

/** Calls an account of any sort. */
export function callAccount(scope: Scope): void {
  const { random, code, kit } = scope;
  const row = random.pick(kit.calls);
  pushWindow(scope, row, smallOffset(random), random.pick([0, 0, 4, 32, 64, 100]));
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
  pushWindow(scope, row, 0, 0);
  code.pushWord(UNDOING);
  if (kit.rules.callGasCapped) code.push(WRITING_GAS);
  else pushGas(scope);
  finishCall(scope, row);
  for (let times = random.between(1, 3); times > 0; times--) {
    const isTransient = kit.groups.transient.length > 0 && random.oneIn(2);
    code.pushWord(sharedKey(random));
    code.op(byteOf(scope, isTransient ? 'TLOAD' : 'SLOAD'), 1, 1);
    scope.budget -= 2;
  }
}

/** Calls a precompile with an input made for it. */
export function callPrecompile(scope: Scope): void {
  const { random, code, kit } = scope;
  const precompile = random.pick(kit.precompiles);
  const input = precompileInput(random, precompile);
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
  const dup = byteOf(scope, 'DUP1');
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
