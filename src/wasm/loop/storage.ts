/** 0x54, 0x55, 0x5c, 0x5d: slots that the frame's account has been asked for before; others are the handlers' affair. */

import { get, i32, when } from '../assembler/code.ts';
import { Record, Status } from '../layout.ts';
import type { Functions } from './functions.ts';
import { beginBlock, type EmissionRule, leaveAt, pop, spend } from './loop.ts';

const load = (name: 'sload' | 'tload'): EmissionRule => ({
  ends: true,
  emit: (loop) => [spend(loop, loop.functions[name], true), beginBlock(loop)],
});

const store = (name: keyof Pick<Functions, 'sstore' | 'tstore'>): EmissionRule => ({
  ends: true,
  emit: (loop) => [
    when(i32.load(get(loop.record), Record.IS_STATIC), leaveAt(loop, Status.HANDLER)),
    // A price may depend on all the gas that is left.
    when(i32.load(get(loop.record), Record.HAS_RESERVE), leaveAt(loop, Status.HANDLER)),
    spend(loop, loop.functions[name], true),
    pop(loop, 2),
    beginBlock(loop),
  ],
});

export const storageRules: Readonly<{ [name: string]: EmissionRule }> = {
  SLOAD: load('sload'),
  SSTORE: store('sstore'),
  TLOAD: load('tload'),
  TSTORE: store('tstore'),
};
