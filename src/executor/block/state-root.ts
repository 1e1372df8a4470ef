/** Root of a state with changes that are not made yet. */

import type { Address } from '../../primitives/address.ts';
import { bytesToBigInt } from '../../primitives/bytes.ts';
import type { StateDiff } from '../../state/diff.ts';
import type { ListedState } from '../../state/readers/json.ts';
import { type HashCache, type RootAccount, stateRoot } from '../../state/root.ts';

/** A state that blocks run on. It is listed to find its root, unless it can tell that itself (see `TrieState`). */
export interface BlockState extends ListedState {
  /** The root that there will be once a diff has been applied, 32 bytes. */
  rootAfter?(diff: StateDiff): Uint8Array;
}

/** As a word. */
export const rootAfter = (state: BlockState, diff: StateDiff, cache: HashCache): bigint =>
  bytesToBigInt(state.rootAfter?.(diff) ?? stateRoot(accountsAfter(state, diff), cache));

function* accountsAfter(state: ListedState, diff: StateDiff): Iterable<readonly [Address, RootAccount]> {
  for (const address of state.addresses()) {
    if (!diff.has(address)) yield [address, { ...state.account(address)!, storage: state.slots(address) }];
  }
  for (const [address, { account, storageCleared, storage }] of diff) {
    if (account === null) continue;
    const slots = new Map(storageCleared ? [] : state.slots(address));
    for (const [key, value] of storage) slots.set(key, value);
    yield [address, { ...account, storage: slots }];
  }
}
