/**
 * Programs written for `@ethereumjs/evm` 10, run with that library and with the adapter. A program is a function of
 * the library, and what it returns has to be the same.
 */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import * as theirEvm from '@ethereumjs/evm';
import * as theirState from '@ethereumjs/statemanager';
import { Account, type Address, createAddressFromString } from '@ethereumjs/util';
import * as theirVm from '@ethereumjs/vm';
import { expect } from 'vitest';
import * as erbium from '../../src/ethereumjs/index.ts';
import { bytesToHex } from '../../src/primitives/bytes.ts';

/** What the programs import. Typed as the adapter is; that library takes the same. */
export type Library = Pick<
  typeof erbium,
  'createEVM' | 'createVM' | 'runTx' | 'SimpleStateManager' | 'EVMError' | 'getActivePrecompiles'
>;

export const THEIRS = { ...theirState, ...theirVm, ...theirEvm } as unknown as Library;
export const OURS: Library = erbium;

export type Evm = erbium.EVM;

/** Runs a program with both, and returns what the adapter gave. */
export async function same<T>(program: (library: Library) => Promise<T>): Promise<T> {
  const ours = await program(OURS);
  const theirs = await program(THEIRS);
  expect(plain(ours)).toEqual(plain(theirs));
  return ours;
}

/** Bytes and addresses as hex, maps and sets as sorted lists. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(plain).sort();
  if (value instanceof Set) return [...value].map(plain).sort();
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value) return plain(value.bytes);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

export const common = (hardfork: string = Hardfork.Prague): Common =>
  new Common({ chain: Mainnet, hardfork });

export const at = (digits: string): Address => createAddressFromString(`0x${digits.padStart(40, '0')}`);

export const CALLER = at('ca11e0');
export const CONTRACT = at('c0de');
export const OTHER = at('07e5');

export const ETHER = 10n ** 18n;

/** An EVM over a state with a rich caller and the given contracts. */
export async function evmWith(
  library: Library,
  contracts: Readonly<Record<string, Uint8Array>> = {},
  options: { readonly hardfork?: string } & erbium.EVMOpts = {},
): Promise<Evm> {
  const { hardfork, ...rest } = options;
  const stateManager = new library.SimpleStateManager();
  await stateManager.putAccount(CALLER, new Account(0n, ETHER));
  for (const [digits, code] of Object.entries(contracts)) {
    await stateManager.putAccount(at(digits), new Account(1n, 1_000n));
    await stateManager.putCode(at(digits), code);
  }
  return library.createEVM({ common: common(hardfork), stateManager, ...rest });
}

/** What programs look at in a result. */
export function seen({ createdAddress, execResult }: erbium.EVMResult): unknown {
  const { returnValue, executionGasUsed, gasRefund, exceptionError, logs, selfdestruct } = execResult;
  return {
    createdAddress: createdAddress?.toString(),
    returnValue,
    executionGasUsed,
    // That library leaves these out for some results.
    gasRefund: gasRefund ?? 0n,
    error: exceptionError?.error,
    errorType: exceptionError?.errorType,
    logs: logs ?? [],
    selfdestruct: selfdestruct ?? new Map(),
  };
}

/** Accounts, code and some slots. */
export async function stateOf(evm: Evm, addresses: readonly Address[], slots = 4): Promise<unknown> {
  const { stateManager } = evm;
  const list: unknown[] = [];
  for (const address of addresses) {
    const account = await stateManager.getAccount(address);
    const storage: string[] = [];
    for (let key = 0; key < slots; key++) {
      const bytes = new Uint8Array(32);
      bytes[31] = key;
      storage.push(bytesToHex(await stateManager.getStorage(address, bytes)));
    }
    list.push([
      address.toString(),
      account && [account.nonce, account.balance],
      await stateManager.getCode(address),
      storage,
    ]);
  }
  return list;
}
