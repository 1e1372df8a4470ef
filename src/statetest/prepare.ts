/** A case of a state test in the terms of an EVM: what `createEvm` takes, and the transaction that it is to run. */

import { type Crypto, nobleCrypto } from '../../precompiles/crypto.ts';
import type { Rules } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { MemoryState } from '../state/readers/memory.ts';
import type { StateTestCase } from './case.ts';
import { blockOf, preState, rulesFor } from './surroundings.ts';
import { bytesOf } from './transaction.ts';

/** A case, ready to run: `createEvm({ fork: rules, block, state: state() }).transact(transaction)`. */
export interface PreparedCase {
  /** Of the fork, with the fixture's own blob parameters where it has some. */
  readonly rules: Rules;
  readonly block: BlockEnv;
  /** Signed and as it travels. It may be no valid one: a case may be about that. */
  readonly transaction: Uint8Array;
  /** The accounts and block hashes before the transaction, in memory; fresh at each call. */
  state(): MemoryState;
}

/**
 * What a case runs under and on. What must come out stays with `testCase.post`, which `StateTestRunner` checks.
 * @param crypto signs where the fixture has no `txbytes`; noble's by default
 * @throws ErbiumError UNKNOWN_FORK, or INVALID_FIXTURE where the fixture contradicts itself or has no key to sign with
 */
export function prepareCase(testCase: StateTestCase, crypto: Crypto = nobleCrypto): PreparedCase {
  const { test, fork } = testCase;
  const rules = rulesFor(test, fork);
  return {
    rules,
    block: blockOf(test, rules),
    transaction: bytesOf(testCase, rules, crypto),
    state: () => preState(test.pre),
  };
}
