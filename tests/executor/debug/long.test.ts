/** A long way back: over a hundred thousand instructions one by one, to the first, through states that are the same. */

import { describe, expect, it } from 'vitest';
import type { Debugger } from '../../../src/executor/debug/api.ts';
import { call, code, mstore, push } from '../../helpers/assembler.ts';
import { TO } from '../../helpers/transact.ts';
import { evmWith, HEX_TO, OTHERS, times } from './support.ts';

const CHILD = OTHERS[0]!;
const WORDS = 16;

/** Divides, multiplies and rotates words of memory, as a hash does, with a call and a slot now and then. */
const ROUND = [
  [push(0x20), 'MLOAD', push(7), 'SWAP1', 'DIV', push(0x40), 'MLOAD', push(0x0fff_ffffn), 'MUL', 'XOR'],
  ['DUP1', push(5), 'SHR', 'SWAP1', push(251), 'SHL', 'OR', 'DUP2', 'ADD'],
  // To a word by the counter, and the next.
  ['DUP1', 'DUP3', push(WORDS - 1), 'AND', push(5), 'SHL', 'MSTORE', push(0x20), 'MSTORE'],
];

const PROGRAM = code(
  mstore(0x40, 0xabcdef_0123n),
  times(
    58,
    ...Array.from({ length: 64 }, () => ROUND),
    'DUP1',
    push(3),
    'AND',
    'SLOAD',
    'DUP2',
    'ADD',
    'DUP2',
    push(3),
    'AND',
    'SSTORE',
    call(CHILD, { gas: 40_000, inSize: 64, outOffset: 0x60, outSize: 32 }),
    'POP',
  ),
  'STOP',
);

/** A number for what can be seen here, which a change of anything changes. */
function digest(debug: Debugger): number {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const { pc, gas, memorySize, stackSize, returnDataSize } of debug.frames()) {
    for (const value of [pc, Number(gas), memorySize, stackSize, returnDataSize]) add(value);
  }
  for (const word of debug.stack())
    for (let at = 0n; at < 256n; at += 64n) add(Number((word >> at) & 0xffff_ffffn));
  const memory = debug.memory();
  for (let i = 0; i < memory.length; i++) add(memory[i]!);
  for (const { key, value } of debug.slots(TO)) add(Number((key ^ value) & 0xffff_ffffn));
  add(Number(debug.refund));
  return hash;
}

describe('over 100,000 instructions', () => {
  it('lead back to the first one, within the room that there is', { timeout: 60_000 }, async () => {
    const room = 2 ** 20;
    const evm = evmWith([
      [TO, PROGRAM],
      [CHILD, code(push(0), 'CALLDATALOAD', push(0), 'MSTORE', push(32), push(0), 'RETURN')],
    ]);
    const options = { checkpointBytes: room };
    const debug = await evm.debug({ call: { to: HEX_TO, gas: 10n ** 9n } }, options);
    const digests: number[] = [];
    do digests.push(digest(debug));
    while (debug.step().kind === 'done');
    const { length } = debug;
    expect(length).toBeGreaterThan(100_000);
    expect(debug.result).toMatchObject({ status: 'success' });
    let [differ, most] = [0, 0];
    while (debug.position > 0) {
      debug.stepBack();
      if (digest(debug) !== digests[debug.position]) differ++;
      most = Math.max(most, debug.checkpoints.bytes);
    }
    expect(differ).toBe(0);
    expect(most).toBeLessThan(room * 1.1);
    // The digest tells states apart.
    expect(new Set(digests).size).toBeGreaterThan(length! * 0.99);
    expect(debug.instruction()?.pc).toBe(0);
    // And there again at once.
    debug.goTo(length!);
    expect(debug.result).toEqual(evm.call({ to: HEX_TO, gas: 10n ** 9n }));
  });
});
