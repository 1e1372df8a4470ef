/**
 * Runs cases of state tests and checks everything that a fixture states: the root, the logs, the whole state
 * where it is given, and for a rejected transaction the reason.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { Machine } from '../evm/context.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { createMachine, cryptoFor } from '../evm/machine.ts';
import { executeFrom, type TransactionResult } from '../executor/execute.ts';
import { fixtureBlockHash, logsHash } from '../executor/fixture-hashes.ts';
import { type Invalid, isInvalid, REASONS } from '../executor/reasons.ts';
import type { Rules } from '../forks/rules.ts';
import { HALT_WORDS, isHostLimit } from '../machine/halt.ts';
import type { Tracer } from '../machine/tracer.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import type { StateStore } from '../state/reader.ts';
import type { ListedState } from '../state/readers/json.ts';
import type { MemoryState } from '../state/readers/memory.ts';
import { HashCache } from '../state/root.ts';
import { caseId, type StateTestCase } from './case.ts';
import { compareState, type Difference } from './compare.ts';
import { acceptedReasons } from './exceptions.ts';
import type { FixtureState } from './fixture.ts';
import { prepareCase } from './prepare.ts';
import { preState } from './surroundings.ts';
import { decoded } from './transaction.ts';

/** Something that a fixture states and that came out otherwise. */
export interface Mismatch {
  readonly what: 'state root' | 'logs' | 'state' | 'rejection' | 'limit';
  readonly expected: string;
  readonly got: string;
}

/** How one case went. */
export interface CaseResult {
  readonly id: string;
  readonly file: string;
  readonly fork: string;
  readonly pass: boolean;
  readonly mismatches: readonly Mismatch[];
  /** First differences from the `state` section; empty where the fixture has none. */
  readonly differences: readonly Difference[];
  readonly stateRoot: Hex;
  readonly gasUsed: bigint;
}

/** A store that holds the pre-state of one case, and then takes its changes. */
export interface CaseState extends StateStore, ListedState {
  /** @param cache may spare the hashing of keys that were seen before */
  root(cache?: HashCache): Uint8Array;
}

/**
 * A fresh state for each case. It may be asked for the same pre-state many times in a row, and what it gave out before
 * is not used any more.
 */
export type StateFactory = (pre: FixtureState, blockHash: (number: bigint) => bigint) => CaseState;

/** States in memory, copied from the one that was made for the last pre-state. */
function inMemory(): StateFactory {
  let current: { pre: FixtureState; state: MemoryState } | null = null;
  return (pre, blockHash) => {
    if (current?.pre !== pre) current = { pre, state: preState(pre, blockHash) };
    return current.state.clone();
  };
}

/** The options of a `StateTestRunner`. The results are the same with and without each, where nothing interrupts. */
export interface StateTestOptions {
  /** Sees every step of every case. */
  readonly tracer?: Tracer | undefined;
  /** What runs the code where there is no tracer; `auto` by default. */
  readonly engine?: EngineChoice | undefined;
  /** Noble's by default. */
  readonly crypto?: Crypto | undefined;
  /** Where the pre-states are kept, read from and changed; in memory by default. */
  readonly stateOf?: StateFactory | undefined;
  /** Asked now and then during a case; true stops it, with a mismatch in `limit`. */
  readonly interrupted?: (() => boolean) | undefined;
}

/** Keeps what many cases share: machines by fork, hashed keys, and the pre-state of the test at hand. */
export class StateTestRunner {
  private readonly machines = new Map<string, Machine>();
  private readonly hashes = new HashCache();
  private readonly tracer: Tracer | undefined;
  private readonly engine: EngineChoice | undefined;
  private readonly crypto: Crypto;
  private readonly stateOf: StateFactory;
  private readonly interrupted: (() => boolean) | undefined;

  constructor({ tracer, engine, crypto, stateOf = inMemory(), interrupted }: StateTestOptions = {}) {
    this.tracer = tracer;
    this.engine = engine;
    this.crypto = crypto ?? cryptoFor(engine);
    this.stateOf = stateOf;
    this.interrupted = interrupted;
  }

  /**
   * @throws ErbiumError UNKNOWN_FORK, or INVALID_FIXTURE where the fixture contradicts itself
   */
  run(testCase: StateTestCase): CaseResult {
    const { test, fork, post } = testCase;
    const { rules, block, transaction } = prepareCase(testCase, this.crypto);
    const machine = this.machineFor(rules);
    const state = this.stateOf(test.pre, fixtureBlockHash);
    const { interrupted } = this;
    const sent = decoded(transaction, testCase, rules, this.crypto);
    const outcome = isInvalid(sent)
      ? sent
      : executeFrom({ machine, state, block, interrupted }, sent.tx, sent.sender);

    if (!isInvalid(outcome)) state.apply(outcome.diff);
    const root = bytesToHex(state.root(this.hashes));
    const mismatches: Mismatch[] = [];
    const expect = (what: Mismatch['what'], expected: string, got: string): void => {
      if (expected !== got) mismatches.push({ what, expected, got });
    };
    checkRejection(post.expectException, outcome, mismatches);
    // A limit of ours says nothing of what the EVM would have done.
    if (!isInvalid(outcome) && isHostLimit(outcome.halt)) {
      mismatches.push({ what: 'limit', expected: 'none', got: HALT_WORDS[outcome.halt] });
    }
    expect('state root', bytesToHex(post.hash), root);
    expect('logs', bytesToHex(post.logs), bytesToHex(logsHash(isInvalid(outcome) ? [] : outcome.logs)));
    const differences = post.state === undefined ? [] : compareState(post.state, state);
    if (differences.length > 0) {
      mismatches.push({ what: 'state', expected: 'as in the fixture', got: 'different' });
    }
    return {
      id: caseId(testCase),
      file: test.file,
      fork,
      pass: mismatches.length === 0,
      mismatches,
      differences,
      stateRoot: root,
      gasUsed: isInvalid(outcome) ? 0n : outcome.gasUsed,
    };
  }

  private machineFor(rules: Rules): Machine {
    const key = `${rules.fork} ${JSON.stringify(rules.blobs)}`;
    let machine = this.machines.get(key);
    if (machine === undefined) {
      machine = createMachine({ rules, tracer: this.tracer, engine: this.engine, crypto: this.crypto });
      this.machines.set(key, machine);
    }
    return machine;
  }
}

function checkRejection(
  expectException: string | undefined,
  outcome: TransactionResult | Invalid,
  mismatches: Mismatch[],
): void {
  if (!isInvalid(outcome)) {
    if (expectException !== undefined) {
      mismatches.push({ what: 'rejection', expected: expectException, got: 'the transaction ran' });
    }
    return;
  }
  const reason = outcome.invalid;
  if (expectException !== undefined && acceptedReasons(expectException).includes(reason)) return;
  mismatches.push({
    what: 'rejection',
    expected: expectException ?? 'a valid transaction',
    got: `${reason}: ${REASONS[reason]} (${outcome.detail})`,
  });
}
