/**
 * One case of a state test as geth runs it: the sender is believed where the fixture names it, and the coinbase is touched
 * whatever comes of the transaction. Cryptography is loaded when a case first asks for it, which most bytecode never
 * does: loading it takes as long as all else at the start.
 */

import type { Crypto } from '../../../precompiles/crypto.ts';
import { assembleMachine, type Machine } from '../../evm/context.ts';
import { executeFrom } from '../../executor/execute.ts';
import { logsHash } from '../../executor/fixture-hashes.ts';
import { type Invalid, type InvalidReason, isInvalid } from '../../executor/reasons.ts';
import type { Transaction, UnsignedTransaction } from '../../executor/transaction.ts';
import type { Rules } from '../../forks/rules.ts';
import { type Halt, isHostLimit } from '../../machine/halt.ts';
import type { Address } from '../../primitives/address.ts';
import { bytesToHex, type Hex } from '../../primitives/bytes.ts';
import type { MemoryState } from '../../state/readers/memory.ts';
import { HashCache } from '../../state/root.ts';
import type { StateTestCase } from '../../statetest/case.ts';
import { blockOf, preState, rulesFor } from '../../statetest/surroundings.ts';
import { transactionOf, unsignedOf } from '../../statetest/transaction.ts';
import { withCrypto } from '../deferred-crypto.ts';
import type { TracerFactory, WritingTracer } from './trace-flags.ts';

/** What came of a case. */
export interface CaseOutcome {
  readonly invalid: Invalid | null;
  /** The limit of this program that stopped it; the rest says nothing then. */
  readonly limit: Halt | null;
  readonly stateRoot: Hex;
  /** keccak256 of the RLP of the logs, 32 bytes. */
  readonly logs: Uint8Array;
  readonly gasUsed: bigint;
  /** As the case left it. */
  readonly state: MemoryState;
}

/** Transactions that are told from others by their form. */
const FOREIGN: ReadonlySet<InvalidReason> = new Set<InvalidReason>([
  'TYPE_1_TX_PRE_FORK',
  'TYPE_2_TX_PRE_FORK',
  'TYPE_3_TX_PRE_FORK',
  'TYPE_4_TX_PRE_FORK',
  'INVALID_CHAINID',
]);

interface SentTransaction {
  readonly tx: Transaction | UnsignedTransaction;
  readonly sender: Address;
}

/** Runs cases one after the other, and keeps what they share. */
export class CaseRunner {
  private readonly hashes = new HashCache();
  private readonly machines = new Map<string, Machine>();
  private readonly tracing: Tracing | null;
  /** Whether a case has asked for cryptography, which the machines therefore have. */
  private isLoaded = false;

  /** @param write takes the traces */
  constructor(factory: TracerFactory | null, write: (chunk: Uint8Array) => void) {
    this.tracing = factory === null ? null : new Tracing(factory, write);
  }

  /** @throws ErbiumError UNKNOWN_FORK, or INVALID_FIXTURE where the fixture contradicts itself */
  async run(testCase: StateTestCase): Promise<CaseOutcome> {
    const rules = rulesFor(testCase.test, testCase.fork);
    this.tracing?.begin();
    let isFirst = true;
    const attempt = (crypto: Crypto, interrupted: (() => boolean) | undefined): CaseOutcome => {
      // Asked again: the first attempt was without cryptography.
      if (!isFirst) {
        this.isLoaded = true;
        this.tracing?.repeat();
      }
      isFirst = false;
      if (this.tracing !== null) this.tracing.isStopped = interrupted;
      return this.attempt(testCase, rules, crypto, interrupted);
    };
    const outcome = await withCrypto(attempt, 'auto', 'noble', !this.isLoaded, undefined);
    this.tracing?.tracer.flush();
    return outcome;
  }

  private attempt(
    testCase: StateTestCase,
    rules: Rules,
    crypto: Crypto,
    interrupted: (() => boolean) | undefined,
  ): CaseOutcome {
    const { test } = testCase;
    const state = preState(test.pre);
    const block = blockOf(test, rules);
    const sent = sentBy(testCase, rules, crypto);
    const outcome = isInvalid(sent)
      ? sent
      : executeFrom(
          { machine: this.machineFor(rules, crypto), state, block, interrupted },
          sent.tx,
          sent.sender,
        );
    if (!isInvalid(outcome)) state.apply(outcome.diff);
    // A reward of nothing, which makes an account where empty ones may be. What the rules take for no transaction at all
    // does not come so far.
    const isForeign = isInvalid(sent) || (isInvalid(outcome) && FOREIGN.has(outcome.invalid));
    if (!isForeign && !rules.clearEmptyAccounts && state.account(block.coinbase) === undefined) {
      state.put(block.coinbase, {});
    }
    return {
      invalid: isInvalid(outcome) ? outcome : null,
      limit: !isInvalid(outcome) && isHostLimit(outcome.halt) ? outcome.halt : null,
      stateRoot: bytesToHex(state.root(this.hashes)),
      logs: logsHash(isInvalid(outcome) ? [] : outcome.logs),
      gasUsed: isInvalid(outcome) ? 0n : outcome.gasUsed,
      state,
    };
  }

  private machineFor(rules: Rules, crypto: Crypto): Machine {
    // One that lacks cryptography serves one attempt only.
    if (!this.isLoaded) return assembleMachine({ rules, crypto, tracer: this.tracing?.tracer });
    const key = `${rules.fork} ${JSON.stringify(rules.blobs)}`;
    let machine = this.machines.get(key);
    if (machine === undefined) {
      machine = assembleMachine({ rules, crypto, tracer: this.tracing?.tracer });
      this.machines.set(key, machine);
    }
    return machine;
  }
}

function sentBy(testCase: StateTestCase, rules: Rules, crypto: Crypto): SentTransaction | Invalid {
  const { sender } = testCase.test.transaction;
  if (testCase.post.txbytes !== undefined || sender === undefined)
    return transactionOf(testCase, rules, crypto);
  return { tx: unsignedOf(testCase, rules), sender };
}

/**
 * A trace that may begin again: what an attempt without cryptography writes until it asks for some is the beginning of
 * the trace of the next attempt, and is written once.
 */
class Tracing {
  readonly tracer: WritingTracer;
  isStopped: (() => boolean) | undefined;
  private written = 0;
  private toSkip = 0;

  constructor(factory: TracerFactory, write: (chunk: Uint8Array) => void) {
    this.tracer = factory((chunk) => {
      if (this.isStopped?.() === true) return;
      const skipped = Math.min(this.toSkip, chunk.length);
      this.toSkip -= skipped;
      this.written += chunk.length;
      write(chunk.subarray(skipped));
    });
  }

  begin(): void {
    this.written = 0;
    this.toSkip = 0;
  }

  repeat(): void {
    // What the stopped attempt still holds back is thrown away.
    this.tracer.flush();
    this.toSkip = this.written;
    this.written = 0;
  }
}
