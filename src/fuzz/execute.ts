/** Runs a case in Erbium, and says all that another EVM could be compared by. */

import { opTableOf } from '../../opcodes/optable.ts';
import type { Crypto } from '../../precompiles/crypto.ts';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { CodeCache } from '../evm/code-cache.ts';
import { assembleMachine, FramePool, type Machine } from '../evm/context.ts';
import type { EngineChoice } from '../evm/engine.ts';
import { executeFrom } from '../executor/execute.ts';
import { fixtureBlockHash, logsHash } from '../executor/fixture-hashes.ts';
import { type InvalidReason, isInvalid } from '../executor/reasons.ts';
import { blobBaseFee } from '../forks/blob-schedule.ts';
import type { ForkName } from '../forks/fork.ts';
import { type Rules, rulesOf } from '../forks/rules.ts';
import type { Halt } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Tracer } from '../machine/tracer.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import type { StateReader } from '../state/reader.ts';
import { MemoryState } from '../state/readers/memory.ts';
import { HashCache } from '../state/root.ts';
import { CHAIN_ID, type FuzzCase } from './case.ts';
import { CaseState } from './case-state.ts';
import { Coverage } from './coverage.ts';

/** Analysed codes that a runner keeps. */
const MOST_CODES = 32;

/** How a case came out. */
export interface Outcome {
  /** Why the transaction was not run; null where it was. */
  readonly invalid: InvalidReason | null;
  readonly stateRoot: Hex;
  /** keccak256 of the RLP of the logs. */
  readonly logsHash: Hex;
  readonly gasUsed: bigint;
  readonly output: Hex;
  /** null where the transaction was not run. */
  readonly halt: Halt | null;
}

/** The block of a case as opcodes see it. */
export const blockOf = ({ block }: FuzzCase, rules: Rules): BlockEnv => ({
  number: block.number,
  timestamp: block.timestamp,
  coinbase: block.coinbase,
  gasLimit: block.gasLimit,
  difficulty: block.difficulty,
  prevRandao: block.prevRandao,
  baseFee: rules.baseFee ? block.baseFee : 0n,
  blobBaseFee: rules.blobs === null ? 0n : blobBaseFee(block.excessBlobGas, rules.blobs),
  chainId: CHAIN_ID,
});

/** Runs cases, one after the other, on machines that it keeps. */
export class CaseRunner {
  private readonly machines = new Map<ForkName, Machine>();
  // Of all machines together: a case runs few codes, and the next one mostly others.
  private readonly codes = new CodeCache(MOST_CODES);
  private readonly frames = new FramePool();
  private readonly hashes = new HashCache();
  private readonly watch: Tracer | Coverage | undefined;
  private readonly crypto: Crypto;
  private readonly engine: EngineChoice;

  /**
   * @param watch sees every step; the outcome is the same with and without
   * @param engine counts where nobody watches
   */
  constructor(watch?: Tracer | Coverage, crypto: Crypto = nobleCrypto, engine: EngineChoice = 'auto') {
    this.watch = watch;
    this.crypto = crypto;
    this.engine = engine;
  }

  /** Runs a case and computes its root. */
  run(fuzzCase: FuzzCase): Outcome {
    const state = this.stateOf(fuzzCase);
    const result = this.execute(fuzzCase, state);
    const isRejected = isInvalid(result);
    if (!isRejected) state.apply(result.diff);
    const stateRoot = bytesToHex(state.root(this.hashes));
    if (isRejected) {
      return {
        invalid: result.invalid,
        stateRoot,
        logsHash: bytesToHex(logsHash([])),
        gasUsed: 0n,
        output: '0x',
        halt: null,
      };
    }
    const { gasUsed, halt } = result;
    const output = bytesToHex(result.output);
    return { invalid: null, stateRoot, logsHash: bytesToHex(logsHash(result.logs)), gasUsed, output, halt };
  }

  /** Runs a case for what its tracer sees; the halt, or null where the transaction is invalid. */
  halt(fuzzCase: FuzzCase, interrupted?: () => boolean): Halt | null {
    const result = this.execute(fuzzCase, new CaseState(fuzzCase), interrupted);
    return isInvalid(result) ? null : result.halt;
  }

  private stateOf({ pre }: FuzzCase): MemoryState {
    const state = new MemoryState(fixtureBlockHash);
    for (const [address, account] of pre) state.put(address, account);
    return state;
  }

  private execute(fuzzCase: FuzzCase, state: StateReader, interrupted?: () => boolean) {
    const machine = this.machineOf(fuzzCase.fork);
    const around = { machine, state, block: blockOf(fuzzCase, machine.rules), interrupted };
    return executeFrom(around, fuzzCase.tx, fuzzCase.sender);
  }

  private machineOf(fork: ForkName): Machine {
    let machine = this.machines.get(fork);
    if (machine === undefined) {
      const { codes, frames, crypto, watch, engine } = this;
      const rules = rulesOf(fork);
      const covers = watch instanceof Coverage;
      const tracer = covers ? undefined : watch;
      machine = { ...assembleMachine({ rules, crypto, tracer, engine }), codes, frames };
      if (covers) machine = { ...machine, engine: watch.engine(opTableOf(rules), rules) };
      this.machines.set(fork, machine);
    }
    return machine;
  }
}
