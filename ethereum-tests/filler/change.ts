/** Shapes of tests of one change of a fork. */

import { call, code, type Item, store } from './assembler.ts';
import type { Definition, Fork } from './definition.ts';

/** A test whose outcome differs between two neighbours. */
export const change = (
  name: string,
  description: string,
  before: Fork,
  after: Fork,
  rest: Omit<Definition, 'path' | 'description' | 'forks'>,
): Definition => ({
  path: `forks/${name}`,
  description,
  forks: [before, after],
  differs: [[before, after]],
  ...rest,
});

/** An instruction that is invalid before its fork. */
export const instruction = (
  name: string,
  description: string,
  before: Fork,
  after: Fork,
  ...items: readonly Item[]
) => change(name, description, before, after, { code: code(store(0, items)), fails: [before] });

/** A precompile that is an account like any other before its fork; its output goes to slots from 1 on. */
export const precompile = (
  name: string,
  description: string,
  before: Fork,
  after: Fork,
  address: bigint,
  input: Uint8Array,
) =>
  change(name, description, before, after, {
    code: code(
      ['CALLDATASIZE', 0, 0, 'CALLDATACOPY'],
      store(0, call('CALL', address, { gas: 500_000, input: [0, 'CALLDATASIZE'], output: [0x1000, 64] })),
      store(1, 0x1000, 'MLOAD'),
      store(2, 0x1020, 'MLOAD'),
    ),
    tx: { data: [input] },
  });
