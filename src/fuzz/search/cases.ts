/**
 * The transactions of a sequence as cases, one each: a state test holds one transaction, so that the state in which the
 * others left everything is part of the next one. Before each transaction through the attacker's contract that gets the
 * code which the transaction needs; nothing else changes between them.
 */

import type { Address } from '../../primitives/address.ts';
import { EMPTY_CODE_HASH } from '../../primitives/keccak.ts';
import type { MemoryState } from '../../state/readers/memory.ts';
import type { CaseAccount, FuzzCase } from '../case.ts';
import { callerKey } from './attacker.ts';
import { Runner, type Setting } from './runner.ts';
import type { Step } from './step.ts';

/** A transaction of a sequence, with the world before and after it. */
export interface SequenceCase {
  readonly fuzzCase: FuzzCase;
  readonly post: ReadonlyMap<Address, CaseAccount>;
}

/** The cases of a sequence from its first transaction to its last. */
export function casesOf(setting: Setting, steps: readonly Step[]): SequenceCase[] {
  const runner = new Runner(setting, {});
  const state = runner.start.state.clone();
  let point: Runner['start'] = { ...runner.start, state };
  return steps.map((step) => {
    const number = point.number + step.blocks;
    const timestamp = point.timestamp + step.seconds;
    const tx = runner.prepare(state, step);
    const fuzzCase: FuzzCase = {
      fork: setting.fork,
      block: runner.caseBlock({ number, timestamp }),
      pre: accountsOf(state),
      tx,
      secretKey: callerKey(step.caller),
      sender: step.caller,
    };
    state.apply(runner.run(point, step).result.diff);
    point = { state, number, timestamp };
    return { fuzzCase, post: accountsOf(state) };
  });
}

const accountsOf = (state: MemoryState): Map<Address, CaseAccount> =>
  new Map(
    [...state.addresses()].map((address) => {
      const { nonce, balance, codeHash } = state.account(address)!;
      const code = codeHash === EMPTY_CODE_HASH ? new Uint8Array(0) : state.code(codeHash);
      return [address, { nonce, balance, code, storage: new Map(state.slots(address)) }];
    }),
  );
