/** The state that came out against the state that should have: the first differences, in words. */

import { type Address, addressToHex } from '../primitives/address.ts';
import { bytesToHex, equalBytes, type Hex, toQuantity } from '../primitives/bytes.ts';
import type { ListedState } from '../state/readers/json.ts';
import type { FixtureAccount, FixtureState } from './fixture.ts';

/** A field of an account that is not as the fixture has it. */
export interface Difference {
  readonly address: Hex;
  /** `account`, `nonce`, `balance`, `code`, or `slot 0x…`. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * @param limit how many differences are listed at most
 */
export function compareState(expected: FixtureState, got: ListedState, limit = 10): Difference[] {
  const differences: Difference[] = [];
  for (const [address, account] of expected) {
    if (differences.length >= limit) break;
    compareAccount(address, account, got, differences);
  }
  for (const address of got.addresses()) {
    if (expected.has(address)) continue;
    const { nonce, balance } = got.account(address)!;
    differences.push({
      address: addressToHex(address),
      field: 'account',
      expected: 'none',
      got: `nonce ${nonce}, balance ${balance}`,
    });
  }
  return differences.slice(0, limit);
}

function compareAccount(
  address: Address,
  expected: FixtureAccount,
  state: ListedState,
  differences: Difference[],
): void {
  const hex = addressToHex(address);
  const differ = (field: string, want: string, got: string): void => {
    if (want !== got) differences.push({ address: hex, field, expected: want, got });
  };
  const account = state.account(address);
  if (account === undefined) {
    differ('account', `nonce ${expected.nonce}, balance ${expected.balance}`, 'none');
    return;
  }
  differ('nonce', `${expected.nonce}`, `${account.nonce}`);
  differ('balance', `${expected.balance}`, `${account.balance}`);
  const code = state.code(account.codeHash);
  if (!equalBytes(expected.code, code)) differ('code', bytesToHex(expected.code), bytesToHex(code));
  const slots = new Map(state.slots(address));
  for (const key of new Set([...expected.storage.keys(), ...slots.keys()])) {
    const want = expected.storage.get(key) ?? 0n;
    differ(`slot ${toQuantity(key)}`, toQuantity(want), toQuantity(slots.get(key) ?? 0n));
  }
}
