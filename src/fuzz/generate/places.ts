/** The fixed accounts that cases are made of. What stands in them differs from case to case, see world.ts. */

import { nobleCrypto } from '../../../precompiles/crypto.ts';
import type { Address } from '../../primitives/address.ts';
import { createAddress } from '../../primitives/address.ts';
import { pushOf } from './assembly.ts';

/** The contract that most transactions call. */
export const MAIN: Address = 0x00000000000000000000000000000000000c0de0n;
/** Contracts that others call. */
export const CALLEES: readonly Address[] = [
  0x1000000000000000000000000000000000000c01n,
  0xc0ffee0000000000000000000000000000000002n,
  0xffffffffffffffffffffffffffffffffffffff03n,
  0x0000000000000000000000000000000000001004n,
];
/** The one of them that may well fail after it has written. */
export const UNDOING: Address = CALLEES[1]!;
/** Has storage and a balance, and no code. */
export const HOLDER: Address = 0x5700000000000000000000000000000000000005n;
/** Nonce, balance and code are nothing. */
export const EMPTY: Address = 0xe000000000000000000000000000000000000006n;
/** In no state. */
export const ABSENT: readonly Address[] = [0xab5e000000000000000000000000000000000007n, 0x0n, 0xffffn];
export const COINBASE: Address = 0xc01ba5e000000000000000000000000000000008n;
/** Nonce of the main contract before the transaction, where contracts start with one. */
export const MAIN_NONCE = 1n;

/** A key and its account. */
export interface Owner {
  readonly secretKey: Uint8Array;
  readonly address: Address;
}

const owners = new Map<number, Owner>();

/** An account with a key; the same for the same index, made on first use. */
export function ownerOf(index: number): Owner {
  let owner = owners.get(index);
  if (owner === undefined) {
    const secretKey = new Uint8Array(32).fill(0x41 + index);
    owners.set(index, (owner = { secretKey, address: nobleCrypto.secretToAddress(secretKey) }));
  }
  return owner;
}

/** Owners that send transactions. */
export const SENDERS: readonly number[] = [0, 1];
/** Owner whose account delegates to a contract from the start, where accounts can. */
export const DELEGATING = 2;
/** Owner whose account is plain. */
export const PLAIN = 3;

/** PUSH instructions of addresses that programs mention. */
interface AddressPushes {
  readonly contracts: readonly Uint8Array[];
  readonly others: readonly Uint8Array[];
  readonly undoing: Uint8Array;
}

let pushes: AddressPushes | undefined;

export function addressPushes(): AddressPushes {
  if (pushes === undefined) {
    const people = [...SENDERS, DELEGATING, PLAIN].map((index) => ownerOf(index).address);
    const created = [
      createAddress(MAIN, MAIN_NONCE),
      createAddress(MAIN, 0n),
      createAddress(CALLEES[0]!, 1n),
    ];
    const dirty = MAIN | (0xdeadn << 160n);
    pushes = {
      contracts: [MAIN, ...CALLEES, ...CALLEES].map(pushOf),
      others: [...people, HOLDER, EMPTY, ...ABSENT, COINBASE, ...created, dirty, 1n, 4n, 9n].map(pushOf),
      undoing: pushOf(UNDOING),
    };
  }
  return pushes;
}

let known: readonly Address[] | undefined;

/** The words that occur as addresses. */
export function wellKnownAddresses(): readonly Address[] {
  if (known === undefined) {
    const people = [...SENDERS, DELEGATING, PLAIN].map((index) => ownerOf(index).address);
    known = [MAIN, ...CALLEES, HOLDER, EMPTY, ...ABSENT, COINBASE, ...people];
  }
  return known;
}
