/** What a case of a state test runs under and on: the rules of its fork, the block and the accounts of its fixture. */

import { fixtureBlockHash } from '../executor/fixture-hashes.ts';
import { blobBaseFee } from '../forks/blob-schedule.ts';
import { parseFork } from '../forks/fork.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import type { BlockEnv } from '../machine/host.ts';
import { ErbiumError } from '../primitives/errors.ts';
import { MemoryState } from '../state/readers/memory.ts';
import type { FixtureState, StateTest } from './fixture.ts';

/** Base fee of London and later where a fixture gives none, as geth has it. */
const DEFAULT_BASE_FEE = 10n;

/**
 * The fork's rules, with the fixture's own blob parameters where it has some.
 * @throws ErbiumError UNKNOWN_FORK, naming the file and the test
 */
export function rulesFor(test: StateTest, name: string): Rules {
  let rules: Rules;
  try {
    rules = rulesOf(parseFork(name));
  } catch (error) {
    if (!(error instanceof ErbiumError)) throw error;
    throw new ErbiumError(error.code, `${test.file}: ${test.name}: ${error.message}`);
  }
  const blobs = test.blobSchedule.get(name);
  return blobs === undefined ? rules : { ...rules, blobs };
}

/** The block as the transaction of a test sees it. */
export function blockOf(test: StateTest, rules: Rules): BlockEnv {
  const { env, chainId } = test;
  return {
    number: env.number,
    timestamp: env.timestamp,
    coinbase: env.coinbase,
    gasLimit: env.gasLimit,
    difficulty: env.difficulty,
    prevRandao: env.random ?? 0n,
    baseFee: rules.baseFee ? (env.baseFee ?? DEFAULT_BASE_FEE) : 0n,
    blobBaseFee: rules.blobs === null ? 0n : blobBaseFee(env.excessBlobGas ?? 0n, rules.blobs),
    chainId,
  };
}

/** The accounts of a fixture in memory, and the block hashes that the format defines. */
export function preState(pre: FixtureState, blockHash = fixtureBlockHash): MemoryState {
  const state = new MemoryState(blockHash);
  for (const [address, account] of pre) state.put(address, account);
  return state;
}
