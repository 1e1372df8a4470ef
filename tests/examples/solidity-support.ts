/** Contracts of examples/solidity in an EVM: deployed, sent to, read from. */

import { type Argument, type Contract, compile, type Value } from '../../examples/solidity/support.mjs';
import type { Precompile } from '../../precompiles/row.ts';
import {
  type BlockInput,
  createEvm,
  type Evm,
  type Hex,
  hexToBytes,
  type Rejected,
  type TransactResult,
} from '../../src/index.ts';
import { keccak256 } from '../../src/primitives/keccak.ts';

export { type Argument, type Contract, compile, type Value };

export const ETHER = 10n ** 18n;

/** An account with ether, and a number that tells it from others. */
export const account = (number: number): Hex => `0x${number.toString(16).padStart(40, 'a')}`;
export const ALICE = account(1);
export const BOB = account(2);
export const CAROL = account(3);
export const MALLORY = account(4);

export interface ChainOptions {
  readonly precompiles?: readonly Precompile[];
  readonly block?: BlockInput;
  readonly extra?: readonly Hex[];
}

/** A chain on which the contract can be deployed, as others have it: without secrets. */
export function chain(contract: Contract, { precompiles = [], block = {} }: ChainOptions = {}): Evm {
  const evm = createEvm({ precompiles, abi: contract.abi, block: { timestamp: 1_000, ...block } });
  for (const holder of [ALICE, BOB, CAROL, MALLORY]) evm.setAccount(holder, { balance: 1_000n * ETHER });
  return evm;
}

export interface SendOptions {
  readonly from?: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
}

/** A contract that stands somewhere. */
export interface Deployed {
  readonly address: Hex;
  send(name: string, args: readonly Argument[], options?: SendOptions): TransactResult | Rejected;
  /** The same, and nothing of it stays. */
  try(name: string, args: readonly Argument[], options?: SendOptions): string;
  read(name: string, ...args: readonly Argument[]): Value;
}

/** How a transaction ended: `success`, the custom error with its arguments, or the reason. */
export function outcome({ status, error, reason }: TransactResult | Rejected): string {
  if (status === 'success') return status;
  if (error === null) return reason;
  return error.args.length === 0 ? error.name : `${error.name}(${error.args.join(', ')})`;
}

export function at(evm: Evm, contract: Contract, address: Hex): Deployed {
  const request = (name: string, args: readonly Argument[], options: SendOptions) => ({
    from: ALICE,
    ...options,
    to: address,
    data: contract.encode(name, ...args),
  });
  return {
    address,
    send: (name, args, options = {}) => evm.transact(request(name, args, options)),
    try: (name, args, options = {}) => outcome(evm.simulate([request(name, args, options)])[0]!),
    read(name, ...args) {
      const result = evm.call({ to: address, data: contract.encode(name, ...args) });
      if (result.status !== 'success') throw new Error(`${name}: ${result.reason}`);
      return contract.decode(name, result.output);
    },
  };
}

/** @throws Error where the constructor fails */
export function deploy(
  evm: Evm,
  contract: Contract,
  args: readonly Argument[],
  options: SendOptions = {},
): Deployed {
  const result = evm.transact({ from: ALICE, ...options, data: contract.deploy(...args) });
  if (result.status !== 'success' || result.created === null) throw new Error(outcome(result));
  return at(evm, contract, result.created);
}

/** How the constructor ends. */
export const tryDeploy = (evm: Evm, contract: Contract, args: readonly Argument[]): string =>
  outcome(evm.simulate([{ from: ALICE, data: contract.deploy(...args) }])[0]!);

/** A precompile as a wallet runs it: on its own machine, where secrets are allowed. */
export function locally(precompiles: readonly Precompile[], address: bigint, input: Uint8Array): Uint8Array {
  const evm = createEvm({ precompiles, allowSecrets: true });
  const result = evm.call({ to: address, data: input });
  if (result.status !== 'success') throw new Error(`${address.toString(16)}: ${result.reason}`);
  return hexToBytes(result.output);
}

/** 32 bytes that look random. */
export const seedOf = (label: string): Uint8Array => keccak256(new TextEncoder().encode(label));

/** The bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

/** The same chain, of which other precompiles are active. */
export const withPrecompiles = (evm: Evm, contract: Contract, precompiles: readonly Precompile[]): Evm =>
  createEvm({ precompiles, abi: contract.abi, block: evm.block, state: evm.state });

/** Something else at the address of a precompile, which answers with so many bytes. */
export const impostor = (row: Precompile, length: number): Precompile => ({
  ...row,
  gas: () => 0,
  run: () => new Uint8Array(length).fill(1),
});
