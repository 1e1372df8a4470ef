/**
 * Runs that can be recorded and run again: a call or creation as `erbium run` makes it, or a signed transaction. Owns how
 * such a run goes over any state, and what of its outcome is compared.
 */

import type { Crypto } from '../../precompiles/crypto.ts';
import type { Precompile } from '../../precompiles/row.ts';
import { assembleMachine, type Surroundings } from '../evm/context.ts';
import type { EngineChoice } from '../evm/engine-choice.ts';
import { NO_POLICY, type Policy } from '../evm/extensions.ts';
import type { Paused } from '../evm/pause.ts';
import { decodeTransaction } from '../executor/decode.ts';
import { executing } from '../executor/execute.ts';
import { logsHash } from '../executor/fixture-hashes.ts';
import { type Invalid, isInvalid } from '../executor/reasons.ts';
import { recoverSender } from '../executor/sender.ts';
import { ALL_CHECKS } from '../executor/validate.ts';
import type { Rules } from '../forks/rules.ts';
import type { StepBudget } from '../interpreter/traced.ts';
import { Halt } from '../machine/halt.ts';
import type { BlockEnv } from '../machine/host.ts';
import type { Tracer } from '../machine/tracer.ts';
import { addressToHex } from '../primitives/address.ts';
import { bytesToHex, EMPTY_BYTES, toBytes20, toBytes32, toQuantity } from '../primitives/bytes.ts';
import { keccak256 } from '../primitives/keccak.ts';
import { encodeRlp, type RlpInput } from '../primitives/rlp.ts';
import type { AccountDiff, StateDiff } from '../state/diff.ts';
import type { StateReader } from '../state/reader.ts';
import { type MessageRun, messageRun } from './run-message.ts';
import type { RunResult } from './run-result.ts';

/** A message of no transaction. */
interface Message extends MessageRun {
  readonly kind: 'message';
}

/** A signed transaction as it travels. */
interface TransactionRun {
  readonly kind: 'transaction';
  readonly bytes: Uint8Array;
}

export type Run = Message | TransactionRun;

/** What is run, and by which rules. The state is apart. */
export interface Subject {
  readonly rules: Rules;
  /** As `--ext` takes it. */
  readonly extensions: string | null;
  readonly policy: Policy;
  readonly block: BlockEnv;
  readonly run: Run;
}

/** A subject by Ethereum's own rules. */
export const plainSubject = (rules: Rules, block: BlockEnv, run: Run): Subject => ({
  rules,
  extensions: null,
  policy: NO_POLICY,
  block,
  run,
});

/** What a run ended in. */
export type Ended = Pick<RunResult, 'halt' | 'output' | 'gasUsed' | 'created' | 'logs' | 'diff'>;

/** What is compared of a run beside its trace; as text, since it is read and shown as that. */
export type Outcome =
  | { readonly invalid: string }
  | {
      /** A name of `Halt`. */
      readonly halt: string;
      readonly gasUsed: string;
      readonly output: string;
      readonly created: string | null;
      readonly logsHash: string;
      readonly diffHash: string;
    };

/** How a subject is run. */
export interface Running {
  readonly state: StateReader;
  readonly crypto: Crypto;
  /** Of the subject's extensions. */
  readonly precompiles: readonly Precompile[];
  readonly engine?: EngineChoice;
  readonly tracer?: Tracer;
  /** Instructions until the run pauses, each time its owner fills it up; that takes the reference engine. */
  readonly steps?: StepBudget;
  /** Asked now and then; true ends the run. */
  readonly interrupted?: (() => boolean) | undefined;
}

/** The run of a subject as work that pauses where its steps are used up. */
export function runSubject(subject: Subject, how: Running): Paused<Ended | Invalid> {
  const { rules, policy, block, run } = subject;
  const { state, crypto, precompiles, engine, tracer, steps, interrupted } = how;
  const machine = assembleMachine({ rules, precompiles, policy, crypto, tracer, engine, steps });
  const around: Surroundings = { machine, state, block, interrupted };
  return run.kind === 'message' ? messageRun(around, run) : transactionRun(around, run.bytes);
}

function* transactionRun(around: Surroundings, bytes: Uint8Array): Paused<Ended | Invalid> {
  const { rules, crypto } = around.machine;
  const tx = decodeTransaction(bytes);
  if (isInvalid(tx)) return tx;
  const recovered = recoverSender(tx, rules, crypto);
  return isInvalid(recovered) ? recovered : yield* executing(around, tx, recovered.sender, ALL_CHECKS);
}

const HALT_NAMES: ReadonlyMap<Halt, string> = new Map(
  Object.entries(Halt).map(([name, halt]) => [halt, name]),
);

export function outcomeOf(ended: Ended | Invalid): Outcome {
  if (isInvalid(ended)) return { invalid: ended.invalid };
  const { halt, gasUsed, output, created, logs, diff } = ended;
  return {
    halt: HALT_NAMES.get(halt)!,
    gasUsed: toQuantity(gasUsed),
    output: bytesToHex(output),
    created: created === null ? null : addressToHex(created),
    logsHash: bytesToHex(logsHash(logs)),
    diffHash: bytesToHex(diffHash(diff)),
  };
}

/**
 * keccak256 of the RLP of all changes, ascending: per account its address; nonce, balance and code hash, nothing where
 * it is gone; 1 where its former storage is; the slots that changed, each with its value; and code that is new.
 */
const diffHash = (diff: StateDiff): Uint8Array =>
  keccak256(
    encodeRlp([...diff].sort(byKey).map(([address, change]) => [toBytes20(address), ...rlpOf(change)])),
  );

function rlpOf({ account, storageCleared, storage, code }: AccountDiff): RlpInput[] {
  const info = account === null ? [] : [account.nonce, account.balance, toBytes32(account.codeHash)];
  const slots = [...storage].sort(byKey).map(([key, value]) => [toBytes32(key), value]);
  return [info, storageCleared ? 1n : 0n, slots, code ?? EMPTY_BYTES];
}

const byKey = ([a]: readonly [bigint, unknown], [b]: readonly [bigint, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
