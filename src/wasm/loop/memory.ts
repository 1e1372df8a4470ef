/** 0x20, 0x51-0x53, 0x59, 0x5e: memory, and the hash of a part of it. */

import { type Code, get, i32, i64, set, when } from '../assembler/code.ts';
import { Status, WORD } from '../layout.ts';
import { needLate } from './late.ts';
import { type EmissionRule, type Loop, leaveAt, pop, push, reach, refreshMemory, spend } from './loop.ts';
import { isFar } from './spending.ts';
import { loadReversed, storeNumber, storeReversed } from './words.ts';

/** Takes the offset at the top, makes memory reach `size` bytes beyond it, and gives the address, to a local. */
function address(loop: Loop, size: number): { readonly make: Code; readonly at: number } {
  const { sp, memory, temp } = loop;
  const [at, end] = temp.i32;
  const make: Code = [
    when(isFar(sp, 0), leaveAt(loop, Status.INSTRUCTION)),
    set(end, i32.add(i32.load(get(sp)), i32.const(size))),
    reach(loop, end),
    set(at, i32.add(get(memory), i32.load(get(sp)))),
  ];
  return { make, at };
}

const mload: EmissionRule = {
  emit: (loop) => {
    const { make, at } = address(loop, WORD);
    return [make, loadReversed(loop.sp, get(at), loop.temp.v128, loop.temp.i32[1])];
  },
};

const mstore: EmissionRule = {
  emit: (loop) => {
    const { make, at } = address(loop, WORD);
    return [make, storeReversed(at, loop.sp, WORD, loop.temp.v128), pop(loop, 2)];
  },
};

const mstore8: EmissionRule = {
  emit: (loop) => {
    const { make, at } = address(loop, 1);
    return [make, i32.store8(get(at), i32.load8u(get(loop.sp), WORD)), pop(loop, 2)];
  },
};

export const memoryRules: Readonly<Record<string, EmissionRule>> = {
  KECCAK256: {
    emit: (loop) => [
      needLate(loop),
      spend(loop, loop.functions.keccak256),
      refreshMemory(loop),
      pop(loop, 1),
    ],
  },
  MLOAD: mload,
  MSTORE: mstore,
  MSTORE8: mstore8,
  MSIZE: {
    emit: (loop) => [push(loop), storeNumber(loop.sp, i64.extendI32U(get(loop.memorySize)))],
  },
  MCOPY: { emit: (loop) => [spend(loop, loop.functions.mcopy), refreshMemory(loop), pop(loop, 3)] },
};
