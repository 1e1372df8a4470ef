/** Runs a case in Erbium, and says all that another EVM could be compared by. */

import type { Crypto } from '../../precompiles/crypto.ts';
import { nobleCrypto } from '../../precompiles/crypto.ts';
import { assembleMachine, type Machine } from '../evm/context.ts';
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
import { MemoryState } from '../state/readers/memory.ts';
import { HashCache } from '../state/root.ts';
import { CHAIN_ID, type FuzzCase } from './case.ts';

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
  private readonly hashes = new HashCache();
  private readonly tracer: Tracer | undefined;
  private readonly crypto: Crypto;

  /** @param tracer sees every step; the outcome is the same with and without */
  constructor(tracer?: Tracer, crypto: Crypto = nobleCrypto) {
    this.tracer = tracer;
    this.crypto = crypto;
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
    const result = this.execute(fuzzCase, this.stateOf(fuzzCase), interrupted);
    return isInvalid(result) ? null : result.halt;
  }

  private stateOf({ pre }: FuzzCase): MemoryState {
    const state = new MemoryState(fixtureBlockHash);
    for (const [address, account] of pre) state.put(address, account);
    return state;
  }

  private execute(fuzzCase: FuzzCase, state: MemoryState, interrupted?: () => boolean) {
    const machine = this.machineOf(fuzzCase.fork);
    const around = { machine, state, block: blockOf(fuzzCase, machine.rules), interrupted };
    return executeFrom(around, fuzzCase.tx, fuzzCase.sender);
  }

  private machineOf(fork: ForkName): Machine {
    let machine = this.machines.get(fork);
    if (machine === undefined) {
      machine = assembleMachine({ rules: rulesOf(fork), crypto: this.crypto, tracer: this.tracer });
      this.machines.set(fork, machine);
    }
    return machine;
  }
}
