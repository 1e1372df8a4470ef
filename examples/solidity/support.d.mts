/** Compiles the contracts of this folder, and encodes what they take and give. */

import type { AbiInput, Hex } from '../../src/index.ts';

/** What goes to a contract: numbers, hex or bytes, text, lists, and tuples as lists. */
export type Argument = bigint | number | boolean | string | Uint8Array | readonly Argument[];
/** What comes from a contract: integers are bigints; addresses and bytes are hex; arrays and tuples are lists. */
export type Value = bigint | boolean | string | readonly Value[];

export interface Contract {
  readonly abi: AbiInput;
  /** Init code with the arguments of the constructor. */
  deploy(...args: readonly Argument[]): Hex;
  /** Calldata. */
  encode(name: string, ...args: readonly Argument[]): Hex;
  /** The value that a function gives, or the list of them. */
  decode(name: string, output: Hex): Value;
}

/** The contracts by name; `extra` are more sources by path. */
export function compile(extra?: Readonly<Record<string, string>>): Readonly<Record<string, Contract>>;
