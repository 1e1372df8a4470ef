/** Accounts as embedders give them, as a change of state. */

import { type Address, addressToHex } from '../primitives/address.ts';
import { type AddressInput, toAddressWord, toOwnBytes, toWord, type WordInput } from '../primitives/input.ts';
import { EMPTY_CODE_HASH, keccakWord } from '../primitives/keccak.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { AccountDiff, StateDiff } from '../state/diff.ts';
import type { StateReader } from '../state/reader.ts';
import {
  type AccountPatch,
  type AccountsInput,
  checkFields,
  demand,
  FIELDS,
  isIterable,
  isObject,
  type StorageInput,
} from './request.ts';

/** Pairs of an object, a Map or a list of pairs. */
function pairsOf<K, V>(
  input: Readonly<Record<string, V>> | Iterable<readonly [K, V]>,
  field: string,
): (readonly [string | K, V])[] {
  demand(isObject(input), field, 'an object, a Map or pairs');
  if (!isIterable(input)) return Object.entries(input);
  const pairs = [...(input as Iterable<readonly [K, V]>)];
  for (const [i, pair] of pairs.entries())
    demand(Array.isArray(pair) && pair.length === 2, `${field}[${i}]`, 'a pair');
  return pairs;
}

function slotsOf(input: StorageInput, field: string): Map<bigint, bigint> {
  const slots = new Map<bigint, bigint>();
  for (const [key, value] of pairsOf<WordInput, WordInput>(input, field)) {
    const word = toWord(key, `${field}: key`);
    slots.set(word, toWord(value, `${field}[${String(key)}]`));
  }
  return slots;
}

/** What a patch makes of the account that `state` has. */
export function patchOf(
  state: StateReader,
  address: Address,
  patch: AccountPatch,
  field: string,
): AccountDiff {
  checkFields(patch, field, FIELDS.account);
  const { nonce, balance, code, storage, storageDiff } = patch;
  demand(
    storage === undefined || storageDiff === undefined,
    `${field}.storage`,
    'either storage or storageDiff',
  );
  const before = state.account(address);
  const bytes = code === undefined ? undefined : toOwnBytes(code, `${field}.code`);
  const codeHash =
    bytes === undefined
      ? (before?.codeHash ?? EMPTY_CODE_HASH)
      : bytes.length === 0
        ? EMPTY_CODE_HASH
        : keccakWord(bytes);
  return {
    account: {
      nonce: nonce === undefined ? (before?.nonce ?? 0n) : toWord(nonce, `${field}.nonce`, MAX_U64),
      balance: balance === undefined ? (before?.balance ?? 0n) : toWord(balance, `${field}.balance`),
      codeHash,
    },
    storageCleared: storage !== undefined,
    storage:
      storage !== undefined
        ? slotsOf(storage, `${field}.storage`)
        : slotsOf(storageDiff ?? [], `${field}.storageDiff`),
    code: codeHash === before?.codeHash ? undefined : bytes,
  };
}

export function overridesOf(state: StateReader, accounts: AccountsInput): StateDiff {
  const diff = new Map<Address, AccountDiff>();
  for (const [key, patch] of pairsOf<AddressInput, AccountPatch>(accounts, 'overrides')) {
    const address = toAddressWord(key, 'overrides: key');
    demand(!diff.has(address), `overrides[${addressToHex(address)}]`, 'each address once');
    diff.set(
      address,
      patchOf(state, address, patch, `overrides[${typeof key === 'string' ? key : address}]`),
    );
  }
  return diff;
}
