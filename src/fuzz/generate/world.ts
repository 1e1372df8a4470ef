/** The accounts and the block of a case. */

import { delegationTo } from '../../machine/code.ts';
import type { Address } from '../../primitives/address.ts';
import { createAddress } from '../../primitives/address.ts';
import { EMPTY_BYTES } from '../../primitives/bytes.ts';
import type { CaseAccount, CaseBlock } from '../case.ts';
import type { Random } from '../random.ts';
import type { Kit } from './kit.ts';
import { KEYS, STORED } from './operands.ts';
import {
  ABSENT,
  CALLEES,
  COINBASE,
  DELEGATING,
  EMPTY,
  HOLDER,
  MAIN,
  MAIN_NONCE,
  type Owner,
  ownerOf,
  PLAIN,
  UNDOING,
} from './places.ts';
import { program } from './program.ts';
import type { Profile } from './scope.ts';

/** Wei of a sender: more than any gas limit costs at the prices that cases have. */
const RICH = 10n ** 24n;
/** Instructions of a callee, as a part of those of the main program. */
const CALLEE_SHARE = 4;
const MOST_CALLEE_OPCODES = 60;

/** All storages that there are, each made on first use: to fill a map takes longer than to look one up. */
const storages: (ReadonlyMap<bigint, bigint> | undefined)[] = new Array(STORED.length ** KEYS.length).fill(
  undefined,
);
const NO_STORAGE: ReadonlyMap<bigint, bigint> = new Map();
const HELD: ReadonlyMap<bigint, bigint> = new Map([[1n, 1n]]);

/** @param index of the values of the keys, as digits */
function storageAt(index: number): ReadonlyMap<bigint, bigint> {
  const storage = new Map<bigint, bigint>();
  let rest = index;
  for (const key of KEYS) {
    const value = STORED[rest % STORED.length]!;
    if (value !== 0n) storage.set(key, value);
    rest = Math.floor(rest / STORED.length);
  }
  return storage;
}

function storageOf(random: Random): ReadonlyMap<bigint, bigint> {
  const index = random.below(storages.length);
  return (storages[index] ??= storageAt(index));
}

const account = (nonce: bigint, balance: bigint, code = EMPTY_BYTES, storage = NO_STORAGE): CaseAccount => ({
  nonce,
  balance,
  code,
  storage,
});

const BALANCES: readonly bigint[] = [0n, 1n, 1_000_000n];
const FEW: readonly bigint[] = [0n, 1n, 2n];
/** What keeps a contract from being created where they stand. */
const TAKING: readonly CaseAccount[] = [account(1n, 0n), account(0n, 5n), account(1n, 0n, Uint8Array.of(0))];

/** What the programs of a case are made by. */
export interface WorldOptions {
  readonly kit: Kit;
  readonly profile: Profile;
  readonly opcodes: number;
  readonly sender: Owner;
  readonly senderNonce: bigint;
}

/** The accounts: the sender, contracts of several sorts, and accounts without code. */
export function worldOf(random: Random, options: WorldOptions): Map<Address, CaseAccount> {
  const { kit, profile, opcodes, sender, senderNonce } = options;
  const pre = new Map<Address, CaseAccount>();
  pre.set(sender.address, account(senderNonce, RICH));
  const main = program(random, { kit, profile, opcodes, isMain: true, isPure: false });
  pre.set(MAIN, account(MAIN_NONCE, random.pick(BALANCES), main, storageOf(random)));
  const small = Math.min(MOST_CALLEE_OPCODES, Math.max(4, Math.floor(opcodes / CALLEE_SHARE)));
  const count = random.between(2, CALLEES.length);
  for (let i = 0; i < count; i++) {
    // The first writes nothing, so that static calls have someone to call.
    const isPure = i === 0 || random.oneIn(4);
    const isUndone = !isPure && CALLEES[i] === UNDOING && random.oneIn(2);
    const own = { isMain: false, isPure, isUndone, opcodes: random.between(2, isUndone ? 4 : small) };
    const code = program(random, { kit, profile, ...own });
    pre.set(CALLEES[i]!, account(1n, random.pick(FEW), code, storageOf(random)));
  }
  pre.set(HOLDER, account(0n, 7n, EMPTY_BYTES, HELD));
  pre.set(EMPTY, account(0n, 0n));
  if (random.oneIn(16)) {
    // What creation will find taken.
    const taken = random.oneIn(2)
      ? createAddress(MAIN, MAIN_NONCE)
      : createAddress(sender.address, senderNonce);
    pre.set(taken, random.pick(TAKING));
  }
  if (kit.rules.delegation) addOwners(random, pre);
  return pre;
}

let delegations: readonly Uint8Array[] | undefined;

/** An account that delegates, perhaps to one that delegates, and one that may come to. */
function addOwners(random: Random, pre: Map<Address, CaseAccount>): void {
  const { address } = ownerOf(DELEGATING);
  delegations ??= [CALLEES[0]!, CALLEES[1]!, CALLEES[1]!, MAIN, ABSENT[0]!, address, 4n].map(delegationTo);
  pre.set(address, account(1n, 9n, random.pick(delegations), storageOf(random)));
  if (random.oneIn(2)) pre.set(ownerOf(PLAIN).address, account(0n, 1n));
}

const BASE_FEES: readonly bigint[] = [7n, 10n, 10n, 1_000n, 1_000_000_000n];

/** A block: prices are low, so that any sender can pay. */
export function blockFor(random: Random, sender: Address): CaseBlock {
  const isHigh = random.oneIn(10);
  return {
    number: isHigh ? random.bits(32) : BigInt(random.below(1_000)),
    timestamp: isHigh ? random.bits(40) : BigInt(random.between(1, 2_000_000_000)),
    coinbase: random.oneIn(10) ? random.pick([sender, MAIN, CALLEES[0]!, EMPTY]) : COINBASE,
    gasLimit: random.oneIn(10) ? random.bits(40) + 30_000_000n : 30_000_000n,
    difficulty: BigInt(random.between(131_072, 1_000_000)),
    prevRandao: random.bits(256),
    baseFee: random.pick(BASE_FEES),
    excessBlobGas: random.oneIn(3) ? BigInt(random.below(30_000_000)) : 0n,
  };
}
