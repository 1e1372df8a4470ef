/** A state to serve, and what a test asks of a reader over it. */

import { expect } from 'vitest';
import { ErbiumError } from '../../../src/primitives/errors.ts';
import type { StateItems, StateReader } from '../../../src/state/reader.ts';
import { MemoryState } from '../../../src/state/readers/memory.ts';
import type { RpcOptions, RpcState } from '../../../src/state/readers/rpc/index.ts';

export const CONTRACT = 0xc0de_0000_0000_0000_0000_0000_0000_0000_0000_0001n;
export const PERSON = 0xca11_0000_0000_0000_0000_0000_0000_0000_0000_0002n;
export const NOBODY = 0xdead_0000_0000_0000_0000_0000_0000_0000_0000_0003n;

export function exampleState(): MemoryState {
  const state = new MemoryState();
  state.put(CONTRACT, {
    nonce: 1n,
    balance: 5n,
    code: Uint8Array.of(0x60, 0x01, 0x60, 0x02, 0x55),
    storage: [
      [0n, 7n],
      [1n, 2n ** 256n - 1n],
    ],
  });
  state.put(PERSON, { nonce: 2n ** 64n - 2n, balance: 2n ** 256n - 1n });
  return state;
}

export const EXAMPLE: StateItems = {
  accounts: [CONTRACT, PERSON, NOBODY],
  slots: [
    [CONTRACT, 0n],
    [CONTRACT, 1n],
    [CONTRACT, 2n],
    [NOBODY, 0n],
  ],
};

/** All that a reader says about items, in a form that compares and prints. */
export function view(reader: StateReader, items: StateItems): unknown {
  return {
    accounts: [...items.accounts].map((address) => {
      const info = reader.account(address);
      if (info === undefined) return 'none';
      const { nonce, balance, codeHash } = info;
      return `${nonce} ${balance} ${Buffer.from(reader.code(codeHash)).toString('hex')}`;
    }),
    slots: [...items.slots].map(([address, key]) => reader.storage(address, key)),
  };
}

/** Never waits, and remembers for how long it should have. */
export class Waits {
  readonly milliseconds: number[] = [];
  readonly sleep = async (milliseconds: number): Promise<void> => void this.milliseconds.push(milliseconds);
}

export const quick = (options: RpcOptions = {}): RpcOptions => ({ sleep: new Waits().sleep, ...options });

export async function errorOf(work: Promise<unknown>): Promise<ErbiumError> {
  const error = await work.then(
    () => expect.fail('it went well'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ErbiumError);
  return error as ErbiumError;
}

/** Loads the example and holds it against the state that is served. */
export async function expectExample(state: RpcState, served: StateReader): Promise<void> {
  await state.load(EXAMPLE);
  expect(view(state, EXAMPLE)).toEqual(view(served, EXAMPLE));
  expect(state.missing).toBe(null);
}
