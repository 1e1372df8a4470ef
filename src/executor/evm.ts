/**
 * The EVM as embedders see it, over a machine. It stands here and not in `src/evm`, because `transact` needs the
 * executor, which lies above that room.
 */

import type { OpRow } from '../../opcodes/row.ts';
import type { Crypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { type Machine, openContext, type Surroundings } from '../evm/context.ts';
import type { MessageResult } from '../evm/result.ts';
import { runMessage } from '../evm/run.ts';
import { warmUp } from '../evm/warm.ts';
import type { Rules } from '../forks/rules.ts';
import { HALT_WORDS, Halt, isHostLimit, isSuccess } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import { MessageKind } from '../machine/message.ts';
import type { Tracer } from '../machine/tracer.ts';
import { type Address, addressToHex, createAddress } from '../primitives/address.ts';
import { bytesToHex, type Hex } from '../primitives/bytes.ts';
import { ErbiumError } from '../primitives/errors.ts';
import {
  type AddressInput,
  type BytesInput,
  toAddressWord,
  toBytes,
  toWord,
  type WordInput,
} from '../primitives/input.ts';
import { MAX_U64 } from '../primitives/u256.ts';
import type { StateDiff } from '../state/diff.ts';
import { MemoryState } from '../state/readers/memory.ts';
import type { LogRecord, World } from '../state/world.ts';
import { decodeTransaction } from './decode.ts';
import { executeTransaction } from './execute.ts';
import { type InvalidReason, isInvalid, REASONS } from './reasons.ts';

export interface EvmOptions {
  /** A fork's name or alias in any letter case, or rules of one's own; the newest on mainnet by default. */
  readonly fork?: string | Rules;
  /** What calls start from; empty by default. `create` and `transact` change it. */
  readonly state?: MemoryState;
  /** Fields of the block; zeros, chain 1 and a gas limit of 2^64 - 1 by default. */
  readonly block?: Partial<BlockEnv>;
  readonly tracer?: Tracer;
  /** Opcode rows of one's own; they win over those of the fork. */
  readonly opcodes?: readonly OpRow[];
  /** Precompiles of one's own; they win over those of the fork. */
  readonly precompiles?: readonly Precompile[];
  /** Noble's by default. */
  readonly crypto?: Crypto;
  /** Asked now and then during a run; true stops it, with the status `limit`. */
  readonly interrupted?: () => boolean;
}

export interface CallOptions {
  /** The zero address by default. */
  readonly from?: AddressInput;
  readonly to: AddressInput;
  readonly data?: BytesInput;
  /** Wei, which `from` must have. */
  readonly value?: WordInput;
  /** Gas for the run itself, without the intrinsic cost of a transaction; 2^64 - 1 at most, 10^10 by default. */
  readonly gas?: WordInput;
}

/** As `CallOptions`; `data` is the init code. */
export type CreateOptions = Omit<CallOptions, 'to'>;

export interface EvmResult {
  /**
   * `success`; `revert` with output; `halt`: an exceptional halt; `limit`: the host stopped the run, which says
   * nothing about the EVM.
   */
  readonly status: 'success' | 'revert' | 'halt' | 'limit';
  readonly halt: Halt;
  /** The halt in words. */
  readonly reason: string;
  readonly output: Hex;
  readonly gasUsed: bigint;
  readonly logs: readonly LogRecord[];
  /** The contract that a creation made. */
  readonly created: Hex | null;
  /** What changed; empty unless the status is `success`. */
  readonly diff: StateDiff;
}

export interface TransactResult extends EvmResult {
  readonly from: Hex;
  readonly gasRefunded: bigint;
}

/** A transaction that did not run, and why. */
export interface Rejected {
  readonly status: 'invalid';
  readonly invalid: InvalidReason;
  /** The reason in words. */
  readonly reason: string;
}

export interface Evm {
  readonly rules: Rules;
  readonly state: MemoryState;
  /** Runs a message call. Pure: the state stays as it was. */
  call(options: CallOptions): EvmResult;
  /** Runs init code and, on success, keeps the contract in the state. */
  create(options: CreateOptions): EvmResult;
  /** Validates and runs a signed transaction in its wire encoding, and keeps its changes. */
  transact(transaction: BytesInput): TransactResult | Rejected;
}

const DEFAULT_GAS = 10_000_000_000n;

const DEFAULT_BLOCK: BlockEnv = {
  number: 0n,
  timestamp: 0n,
  coinbase: 0n,
  gasLimit: MAX_U64,
  difficulty: 0n,
  prevRandao: 0n,
  baseFee: 0n,
  blobBaseFee: 1n,
  chainId: 1n,
};

const statusOf = (halt: Halt): EvmResult['status'] => {
  if (isSuccess(halt)) return 'success';
  if (halt === Halt.Revert) return 'revert';
  return isHostLimit(halt) ? 'limit' : 'halt';
};

/** An EVM over a state in memory and a machine, which it shares with no run that goes on meanwhile. */
export function evmOn(machine: Machine, options: Pick<EvmOptions, 'state' | 'block' | 'interrupted'>): Evm {
  const { state = new MemoryState(), interrupted } = options;
  const { rules } = machine;
  const around: Surroundings = { machine, state, block: { ...DEFAULT_BLOCK, ...options.block }, interrupted };

  function run(options: CreateOptions, to: Address | null): EvmResult {
    // For callers without types.
    if (typeof options !== 'object' || options === null) {
      throw new ErbiumError('INVALID_ARGUMENT', 'options: expected an object');
    }
    const from = toAddressWord(options.from ?? 0n, 'from');
    const value = toWord(options.value ?? 0n, 'value');
    const gas = toWord(options.gas ?? DEFAULT_GAS, 'gas', MAX_U64);
    const context = openContext(around, { origin: from, gasPrice: 0n, blobHashes: [] });
    const { world } = context.host;
    warmUp(context, from, to, []);
    const address = to ?? createAddress(from, world.account(from).nonce);
    const result = runMessage(context, {
      kind: to === null ? MessageKind.Create : MessageKind.Call,
      caller: from,
      address,
      codeAddress: address,
      value,
      input: toBytes(options.data ?? '', 'data'),
      gas,
      isStatic: false,
      depth: 0,
      outputOffset: 0,
      outputSize: 0,
    });
    return resultOf(result, gas, world, rules);
  }

  return {
    rules,
    state,
    call: (options) => run(options, toAddressWord(options?.to, 'to')),
    create(options) {
      const result = run(options, null);
      if (result.status === 'success') state.apply(result.diff);
      return result;
    },
    transact(transaction) {
      const tx = decodeTransaction(toBytes(transaction, 'transaction'));
      const outcome = isInvalid(tx) ? tx : executeTransaction(around, tx);
      if (isInvalid(outcome)) {
        const { invalid, detail } = outcome;
        return { status: 'invalid', invalid, reason: `${REASONS[invalid]} (${detail})` };
      }
      state.apply(outcome.diff);
      return {
        ...described(outcome),
        from: addressToHex(outcome.sender),
        gasUsed: outcome.gasUsed,
        gasRefunded: outcome.gasRefunded,
        logs: outcome.logs,
        diff: outcome.diff,
      };
    },
  };
}

const described = ({ halt, output, created }: Pick<MessageResult, 'halt' | 'output' | 'created'>) => ({
  status: statusOf(halt),
  halt,
  reason: HALT_WORDS[halt],
  output: bytesToHex(output),
  created: created === null ? null : addressToHex(created),
});

function resultOf(result: MessageResult, gas: bigint, world: World, rules: Rules): EvmResult {
  const succeeded = isSuccess(result.halt);
  return {
    ...described(result),
    gasUsed: gas - result.gasLeft,
    logs: succeeded ? world.logs : [],
    diff: succeeded ? world.diff(rules.clearEmptyAccounts) : new Map(),
  };
}
