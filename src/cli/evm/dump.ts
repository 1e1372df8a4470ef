/** States as geth writes them: the dump of `--dump`, and the alloc of a genesis file. */

import { addressToHex } from '../../primitives/address.ts';
import {
  bytesToHex,
  bytesToHexDigits,
  type Hex,
  toBytes20,
  toBytes32,
  toHex32,
  toQuantity,
} from '../../primitives/bytes.ts';
import { keccak256 } from '../../primitives/keccak.ts';
import type { ListedState } from '../../state/readers/json.ts';
import { stateRoot, storageRoot } from '../../state/root.ts';

interface DumpAccount {
  /** Wei, in decimal digits. */
  readonly balance: string;
  readonly nonce: number | string;
  readonly root: Hex;
  readonly codeHash: Hex;
  readonly code?: Hex;
  readonly storage?: Readonly<Record<Hex, string>>;
  readonly address: Hex;
  /** keccak256 of the address. */
  readonly key: Hex;
}

export interface StateDump {
  /** In hex digits without 0x. */
  readonly root: string;
  readonly accounts: Readonly<Record<Hex, DumpAccount>>;
}

const addressesOf = (state: ListedState): bigint[] => [...state.addresses()].sort((a, b) => (a < b ? -1 : 1));

const slotsOf = (state: ListedState, address: bigint): (readonly [bigint, bigint])[] =>
  [...state.slots(address)].sort(([a], [b]) => (a < b ? -1 : 1));

const numberOf = (nonce: bigint): number | string =>
  nonce <= Number.MAX_SAFE_INTEGER ? Number(nonce) : nonce.toString();

/** The state of `--dump`. */
export function dumpOf(state: ListedState): StateDump {
  const accounts = addressesOf(state).map((address) => {
    const { nonce, balance, codeHash } = state.account(address)!;
    const code = state.code(codeHash);
    const slots = slotsOf(state, address);
    const account: DumpAccount = {
      balance: balance.toString(),
      nonce: numberOf(nonce),
      root: bytesToHex(storageRoot(slots)),
      codeHash: toHex32(codeHash),
      ...(code.length === 0 ? {} : { code: bytesToHex(code) }),
      ...(slots.length === 0
        ? {}
        : { storage: Object.fromEntries(slots.map(([key, value]) => [toHex32(key), trimmed(value)])) }),
      address: addressToHex(address),
      key: bytesToHex(keccak256(toBytes20(address))),
    };
    return [address, account, { nonce, balance, codeHash, storage: slots }] as const;
  });
  return {
    root: bytesToHexDigits(stateRoot(accounts.map(([address, , entry]) => [address, entry]))),
    accounts: Object.fromEntries(accounts.map(([address, account]) => [addressToHex(address), account])),
  };
}

/** A slot without the zero bytes in front. */
const trimmed = (value: bigint): string => bytesToHexDigits(toBytes32(value)).replace(/^(00)+/, '');

interface AllocAccount {
  readonly code?: Hex;
  readonly storage?: Readonly<Record<Hex, Hex>>;
  readonly balance: Hex;
  readonly nonce?: Hex;
}

/** The accounts as in a genesis file; what is empty is left out. */
export const allocOf = (state: ListedState): Readonly<Record<Hex, AllocAccount>> =>
  Object.fromEntries(
    addressesOf(state).map((address): [Hex, AllocAccount] => {
      const { nonce, balance, codeHash } = state.account(address)!;
      const code = state.code(codeHash);
      const slots = slotsOf(state, address);
      return [
        addressToHex(address),
        {
          ...(code.length === 0 ? {} : { code: bytesToHex(code) }),
          ...(slots.length === 0
            ? {}
            : { storage: Object.fromEntries(slots.map(([key, value]) => [toHex32(key), toHex32(value)])) }),
          balance: toQuantity(balance),
          ...(nonce === 0n ? {} : { nonce: toQuantity(nonce) }),
        },
      ];
    }),
  );
